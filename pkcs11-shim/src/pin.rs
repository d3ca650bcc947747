//! The PIN: from the agent's socket to the module in one locked page that is wiped after use.

use std::os::fd::{AsFd, OwnedFd};

use region::LockGuard;
use rustix::mm::{Advice, madvise};
use rustix::net::{AddressFamily, SocketType};
use ukey_shim_protocol::PIN_MAX;
use zeroize::Zeroize;

use crate::record::{self, Extent};

const PAGE: usize = 4096;
/// Modules leave copies of the PIN on the stack; kryoptic's lie within this many bytes.
const SCRUBBED: usize = 128 << 10;

#[repr(C, align(4096))]
struct Page([u8; PAGE]);

/// A PIN that somebody has just typed. Deliberately without `Debug`, `Display`, `Clone`, `Copy` and comparison; moving
/// it moves a pointer, never the bytes.
pub(crate) struct Pin {
    // Dropped before the page: unlocking needs it to exist.
    _lock: LockGuard,
    page: Box<Page>,
    length: usize,
}

impl Pin {
    /// Takes the one record that waits in `socket`, if it is 1 to 255 bytes from user `sender`, alone, and with nothing
    /// attached. Doesn't wait: the daemon passes the socket on when the agent says that it has written.
    ///
    /// `None` also when the page can't be locked: a PIN must not reach the swap.
    pub(crate) fn receive(socket: &OwnedFd, sender: u32) -> Option<Self> {
        let kind = (rustix::net::sockopt::socket_domain(socket), rustix::net::sockopt::socket_type(socket));
        if kind != (Ok(AddressFamily::UNIX), Ok(SocketType::SEQPACKET)) {
            return None;
        }
        let page = Box::new(Page([0; PAGE]));
        let lock = region::lock(page.0.as_ptr(), PAGE).ok()?;
        // From here on whatever is in the page is wiped by `Drop`, also when it is refused.
        let mut pin = Self { _lock: lock, page, length: 0 };

        let (first, rest) = pin.page.0.split_at_mut(PIN_MAX);
        let record = record::receive(socket.as_fd(), first).ok()?;
        if record.length == 0 || record.extent != Extent::Whole || record.sender != Some(sender) {
            return None;
        }
        // A second record means that the agent isn't the one that we know: nobody can tell which of them is the PIN.
        if record::receive(socket.as_fd(), rest).is_ok_and(|second| second.length > 0 || second.extent != Extent::Whole)
        {
            return None;
        }
        pin.length = record.length;
        Some(pin)
    }

    /// The bytes, for the module's own function only.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.page.0[..self.length]
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        self.page.0.zeroize();
    }
}

/// Overwrites the stack below the caller, where a function that has returned may have left copies of the PIN, and gives
/// it back: nothing else goes so deep.
#[inline(never)]
pub(crate) fn scrub_stack() {
    let mut area = [0_u8; SCRUBBED];
    // Volatile writes: they stay, although nobody reads the area.
    area.zeroize();
    let (start, end) = (area.as_mut_ptr(), area.as_mut_ptr_range().end.addr());
    let whole = start.align_offset(PAGE);
    let length = (end - start.addr() - whole) / PAGE * PAGE;
    // SAFETY: whole pages of `area`, which is this function's own, and zero before as after.
    // Where the kernel refuses they stay, and are zero too.
    let _ = unsafe { madvise(area.as_mut_ptr().add(whole).cast(), length, Advice::LinuxDontNeed) };
    std::hint::black_box(&mut area);
}
