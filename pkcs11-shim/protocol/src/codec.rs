//! Frames: four bytes of length (little endian), then that many bytes of `postcard`.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Largest payload of a frame, in bytes.
pub const FRAME_MAX: usize = 1 << 20;
const HEADER: usize = 4;

/// Why bytes are no frame. Each means that the other side is broken: end the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// A length above [`FRAME_MAX`].
    #[error("frame of {0} bytes; at most {FRAME_MAX} are allowed")]
    TooLarge(usize),
    /// A payload that is no message, or has bytes after it.
    #[error("frame with a malformed payload")]
    Malformed,
}

/// Writes a message as one frame.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, CodecError> {
    let mut frame = postcard::to_extend(message, vec![0; HEADER]).map_err(|_| CodecError::Malformed)?;
    let length = frame.len() - HEADER;
    if length > FRAME_MAX {
        return Err(CodecError::TooLarge(length));
    }
    let header = u32::try_from(length).map_err(|_| CodecError::TooLarge(length))?;
    frame[..HEADER].copy_from_slice(&header.to_le_bytes());
    Ok(frame)
}

/// Collects bytes from a stream and gives whole messages. Never holds more than one frame and what came with its end.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    start: usize,
}

impl Decoder {
    /// Adds bytes as they came.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// Whether every byte so far belonged to a message that has been given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start == self.buffer.len()
    }

    /// The next whole message, or `None` when more bytes are needed.
    pub fn next_message<T: DeserializeOwned>(&mut self) -> Result<Option<T>, CodecError> {
        let pending = &self.buffer[self.start..];
        let Some((header, rest)) = pending.split_first_chunk::<HEADER>() else {
            return Ok(None);
        };
        let length = u32::from_le_bytes(*header) as usize;
        if length > FRAME_MAX {
            return Err(CodecError::TooLarge(length));
        }
        let Some(payload) = rest.get(..length) else {
            return Ok(None);
        };
        match postcard::take_from_bytes(payload) {
            Ok((message, [])) => {
                self.start += HEADER + length;
                Ok(Some(message))
            }
            _ => Err(CodecError::Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Call, CertificateObject, FromShim, KeyRef, LIST_MAX, Reply, Request, TokenRef};
    use proptest::prelude::*;
    use serde_bytes::ByteBuf;

    #[test]
    fn the_largest_answer_fits_into_a_frame() {
        let object = CertificateObject {
            key: KeyRef(ByteBuf::from(vec![1; 64])),
            label: "标".repeat(64),
            der: ByteBuf::from(vec![2; crate::CERTIFICATE_MAX]),
        };
        let reply = FromShim::Reply { id: u64::MAX, result: Ok(Reply::Objects(vec![object; LIST_MAX])) };
        assert!(encode(&reply).is_ok());
    }

    #[test]
    fn an_oversized_or_trailing_frame_is_refused() {
        let mut decoder = Decoder::default();
        decoder.push(&u32::MAX.to_le_bytes());
        assert_eq!(decoder.next_message::<Call>(), Err(CodecError::TooLarge(u32::MAX as usize)));

        let mut frame = encode(&FromShim::SlotsChanged).unwrap();
        frame.push(0);
        frame[0] += 1;
        let mut decoder = Decoder::default();
        decoder.push(&frame);
        assert_eq!(decoder.next_message::<FromShim>(), Err(CodecError::Malformed));
    }

    proptest! {
        #[test]
        fn frames_survive_any_cutting(ids in proptest::collection::vec(any::<u64>(), 1..8), cut in 1usize..40) {
            let calls: Vec<_> = ids
                .iter()
                .map(|id| Call { id: *id, deadline_ms: 5, request: Request::Objects { token: TokenRef(*id as u32) } })
                .collect();
            let bytes: Vec<u8> = calls.iter().flat_map(|call| encode(call).unwrap()).collect();
            let mut decoder = Decoder::default();
            let mut seen = Vec::new();
            for chunk in bytes.chunks(cut) {
                decoder.push(chunk);
                while let Some(call) = decoder.next_message::<Call>().unwrap() {
                    seen.push(call);
                }
            }
            prop_assert_eq!(seen, calls);
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut decoder = Decoder::default();
            decoder.push(&bytes);
            while let Ok(Some(_)) = decoder.next_message::<FromShim>() {}
        }
    }
}
