//! A stream of frames, as a hostile other side would send it.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use ukey_shim_protocol::{CodecError, Decoder, encode};

/// Bytes of the stream that are looked at; the cap on a frame is tested by its length field alone.
const STREAM_MAX: usize = 64 << 10;

/// An input of the frame targets: the first byte says how it is sent, the rest is what is sent.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Lowest bit: the rest is the payload of one frame, else a raw stream. Upper bits: the size of the pieces in
    /// which the stream arrives, less one.
    how: u8,
    what: &'a [u8],
}

impl<'a> Input<'a> {
    /// Reads an input; an empty one says nothing.
    pub fn new(data: &'a [u8]) -> Option<Self> {
        let (how, what) = data.split_first()?;
        Some(Self { how: *how, what: &what[..what.len().min(STREAM_MAX)] })
    }

    /// Raw bytes of an input that sends this stream in pieces of seven bytes.
    pub fn of_stream(stream: &[u8]) -> Vec<u8> {
        [&[6 << 1], stream].concat()
    }

    /// Raw bytes of an input that sends the payload of this frame, in one frame and pieces of seven bytes.
    pub fn of_payload(frame: &[u8]) -> Vec<u8> {
        [&[6 << 1 | 1], &frame[4.min(frame.len())..]].concat()
    }

    fn stream(self) -> Vec<u8> {
        match self.how & 1 {
            1 => [&(self.what.len() as u32).to_le_bytes(), self.what].concat(),
            _ => self.what.to_vec(),
        }
    }

    fn piece(self) -> usize {
        usize::from(self.how >> 1) + 1
    }
}

/// Decodes the stream at once and in pieces: both give the same, and every message survives being sent back.
pub fn frames<T: Serialize + DeserializeOwned + PartialEq + Debug>(input: Input<'_>) {
    let stream = input.stream();
    let (at_once, end) = decode::<T>(std::iter::once(&stream[..]));
    let (in_pieces, end_in_pieces) = decode::<T>(stream.chunks(input.piece()));
    assert_eq!(at_once, in_pieces);
    assert_eq!(end, end_in_pieces);
    for message in at_once {
        // What came in one frame fits into one: the shortest form of a number is what `encode` writes.
        let frame = encode(&message).expect("a message that was decoded");
        assert!(frame.len() <= stream.len());
        assert_eq!(decode::<T>(std::iter::once(&frame[..])), (vec![message], Ok(())));
    }
}

fn decode<'a, T: DeserializeOwned>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<T>, Result<(), CodecError>) {
    let mut decoder = Decoder::default();
    let mut messages = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        loop {
            match decoder.next_message() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => return (messages, Err(error)),
            }
        }
    }
    (messages, Ok(()))
}
