//! One page of memory for secrets: never swapped, on no page with anything else, wiped when dropped.

use std::io;
use std::ops::{Deref, DerefMut};
use zeroize::Zeroize;

/// Bytes in a [`LockedPage`].
pub(crate) const PAGE: usize = 4096;

// Unlocking works on whole pages: two locked buffers on one page would unlock each other. Hence the alignment.
#[repr(C, align(4096))]
struct Page([u8; PAGE]);

/// A page of zeros, locked into memory. Boxed, so that moving the value copies no secret.
pub(crate) struct LockedPage {
    // Declared first, so dropped first: the page is unlocked while it still exists.
    _lock: region::LockGuard,
    page: Box<Page>,
}

impl LockedPage {
    /// A fresh page.
    ///
    /// # Errors
    /// When the limit of locked memory (`RLIMIT_MEMLOCK`) is used up; no secret may be read then.
    pub(crate) fn new() -> io::Result<Self> {
        let page = Box::new(Page([0; PAGE]));
        let lock = region::lock(page.0.as_ptr(), PAGE).map_err(io::Error::other)?;
        Ok(Self { _lock: lock, page })
    }
}

impl Deref for LockedPage {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.page.0
    }
}

impl DerefMut for LockedPage {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.page.0
    }
}

impl Drop for LockedPage {
    fn drop(&mut self) {
        self.page.0.zeroize();
    }
}
