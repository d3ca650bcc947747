//! One record of a `SOCK_SEQPACKET` socket, with the user who sent it.
//!
//! By `libc`: rustix holds the sender's process id as a number that can't be 0, which it is for every sender outside
//! this process's pid namespace.

use std::io;
use std::mem;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;

/// What came, but for the bytes themselves.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// Bytes written to the buffer; 0 also at the end of the stream.
    pub(crate) length: usize,
    /// User id of the sender, as the kernel saw it; `None` without `SO_PASSCRED`.
    pub(crate) sender: Option<u32>,
    /// How much of it is here.
    pub(crate) extent: Extent,
}

/// Whether a record is what it should be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All of it, and nothing else.
    Whole,
    /// It was longer than the buffer, or had descriptors with it, which are closed.
    CutOrLoaded,
}

/// Room for the credentials and a few descriptors, aligned for `cmsghdr`. What doesn't fit isn't installed.
type Control = [u64; 32];

/// Receives one record without waiting, straight into `buffer`.
pub(crate) fn receive(socket: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<Record> {
    let mut control: Control = [0; 32];
    let mut part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    // SAFETY: all zero is a valid msghdr: null pointers and zero lengths.
    let mut header: libc::msghdr = unsafe { mem::zeroed() };
    header.msg_iov = ptr::from_mut(&mut part);
    header.msg_iovlen = 1;
    header.msg_control = control.as_mut_ptr().cast();
    header.msg_controllen = size_of::<Control>();
    let flags = libc::MSG_DONTWAIT | libc::MSG_CMSG_CLOEXEC;
    // SAFETY: the header points to one part and one control buffer, both alive, writable and as long as it says.
    let length = unsafe { libc::recvmsg(socket.as_raw_fd(), ptr::from_mut(&mut header), flags) };
    let length = usize::try_from(length).map_err(|_| io::Error::last_os_error())?;

    let cut = header.msg_flags & (libc::MSG_TRUNC | libc::MSG_CTRUNC) != 0;
    let (sender, descriptors) = read_control(&header);
    let extent = if cut || !descriptors.is_empty() { Extent::CutOrLoaded } else { Extent::Whole };
    Ok(Record { length, sender, extent })
}

/// The sender and the descriptors in a header that `recvmsg` has filled.
fn read_control(header: &libc::msghdr) -> (Option<u32>, Vec<OwnedFd>) {
    let mut sender = None;
    let mut descriptors = Vec::new();
    // SAFETY: the kernel has written msg_control and msg_controllen.
    let mut next = unsafe { libc::CMSG_FIRSTHDR(header) };
    while !next.is_null() {
        // SAFETY: CMSG_FIRSTHDR and CMSG_NXTHDR give headers that lie whole within the control buffer.
        let message = unsafe { *next };
        // SAFETY: as above; the data follows the header.
        let data = unsafe { libc::CMSG_DATA(next) };
        // SAFETY: pure arithmetic.
        let length = message.cmsg_len - unsafe { libc::CMSG_LEN(0) } as usize;
        match (message.cmsg_level, message.cmsg_type) {
            (libc::SOL_SOCKET, libc::SCM_CREDENTIALS) if length >= size_of::<libc::ucred>() => {
                // SAFETY: the data is a ucred by its type and length; it need not be aligned.
                sender = Some(unsafe { data.cast::<libc::ucred>().read_unaligned() }.uid);
            }
            (libc::SOL_SOCKET, libc::SCM_RIGHTS) => {
                for index in 0..length / size_of::<RawFd>() {
                    // SAFETY: the data is an array of so many descriptors, which the kernel has just made for us.
                    descriptors.push(unsafe { OwnedFd::from_raw_fd(data.cast::<RawFd>().add(index).read_unaligned()) });
                }
            }
            _ => {}
        }
        // SAFETY: `next` is a header of this buffer.
        next = unsafe { libc::CMSG_NXTHDR(header, next) };
    }
    (sender, descriptors)
}
