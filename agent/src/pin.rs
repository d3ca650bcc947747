//! A PIN on its way from the dialog to the socket.

use crate::locked::LockedPage;
use std::io;

/// Longest PIN, in bytes.
pub(crate) const PIN_MAX: usize = 255;

/// A PIN that is longer than [`PIN_MAX`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// A PIN, possibly still empty. It lives in one locked page that is wiped on drop; it can't be printed or copied.
pub(crate) struct Pin {
    page: LockedPage,
    length: usize,
}

impl Pin {
    /// An empty PIN.
    ///
    /// # Errors
    /// When no memory can be locked.
    pub(crate) fn empty() -> io::Result<Self> {
        Ok(Self { page: LockedPage::new()?, length: 0 })
    }

    /// Adds the next part.
    ///
    /// # Errors
    /// [`TooLong`] when it doesn't fit; the PIN is then of no use.
    pub(crate) fn append(&mut self, part: &[u8]) -> Result<(), TooLong> {
        let end = self.length.checked_add(part.len()).filter(|end| *end <= PIN_MAX).ok_or(TooLong)?;
        self.page[self.length..end].copy_from_slice(part);
        self.length = end;
        Ok(())
    }

    /// Whether it is `other`, in a time that depends on neither.
    pub(crate) fn equals(&self, other: &[u8]) -> bool {
        // Bytes after the end are zero, and lengths are compared too.
        let difference = (0..PIN_MAX).fold(0, |difference, index| {
            difference | (self.page[index] ^ other.get(index).copied().unwrap_or_default())
        });
        difference == 0 && self.length == other.len()
    }

    /// The bytes typed so far: 0 to [`PIN_MAX`], UTF-8 as pinentry gives them.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.page[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_equal_when_every_byte_and_the_length_are() {
        let mut pin = Pin::empty().unwrap();
        assert!(pin.equals(b""));
        pin.append(b"12345").unwrap();
        assert!(pin.equals(b"12345"));
        for other in [&b"12346"[..], b"1234", b"123456", b"12345\0", b"", &[0; 300]] {
            assert!(!pin.equals(other), "{other:?}");
        }
    }

    #[test]
    fn parts_are_joined_up_to_the_limit() {
        let mut pin = Pin::empty().unwrap();
        pin.append(&[b'a'; 200]).unwrap();
        pin.append(&[b'b'; 55]).unwrap();
        assert_eq!(pin.as_bytes().len(), PIN_MAX);
        assert_eq!(pin.append(b"c"), Err(TooLong));
        assert_eq!(pin.as_bytes()[199..201], *b"ab");
    }
}
