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

    /// The bytes typed so far: 0 to [`PIN_MAX`], UTF-8 as pinentry gives them.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.page[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
