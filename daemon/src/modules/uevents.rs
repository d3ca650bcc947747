//! USB devices that come and go, as the kernel tells everyone. Only a hint to look at the slots: without it, or in a
//! container that does not hear it, the polling finds the same a little later.

use rustix::net::netlink::{KOBJECT_UEVENT, SocketAddrNetlink};
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, bind, recv, socket_with};
use std::os::fd::OwnedFd;
use tokio::sync::mpsc;

/// Multicast group of the kernel's own events.
const KERNEL: u32 = 1;
/// Largest event (`UEVENT_BUFFER_SIZE` of the kernel is 2 KiB).
const EVENT_MAX: usize = 4096;

/// Starts a thread that waits for events; each that tells of USB arrives as `()`. `None` where they can't be had.
pub(crate) fn usb_events() -> Option<mpsc::Receiver<()>> {
    let socket = match listen() {
        Ok(socket) => socket,
        Err(error) => {
            tracing::info!(%error, "no USB events; slots are polled");
            return None;
        }
    };
    // A full channel is hint enough.
    let (sender, events) = mpsc::channel(1);
    let waiting = std::thread::Builder::new().name("usb".to_owned()).spawn(move || forward(&socket, &sender));
    waiting.ok().map(|_| events)
}

fn listen() -> rustix::io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::NETLINK, SocketType::DGRAM, flags, Some(KOBJECT_UEVENT))?;
    bind(&socket, &SocketAddrNetlink::new(0, KERNEL))?;
    Ok(socket)
}

fn forward(socket: &OwnedFd, sender: &mpsc::Sender<()>) {
    let mut event = [0; EVENT_MAX];
    while !sender.is_closed() {
        match recv(socket, &mut event, RecvFlags::empty()) {
            Ok((length, _)) if tells_of_usb(&event[..length.min(EVENT_MAX)]) => {
                let _ = sender.try_send(());
            }
            // ENOBUFS: events were lost, one may have been of USB.
            Err(rustix::io::Errno::NOBUFS) => {
                let _ = sender.try_send(());
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => {
                tracing::warn!(%error, "no more USB events; slots are polled");
                return;
            }
        }
    }
}

/// `ACTION@DEVPATH`, then `KEY=VALUE` texts, each ended by a zero byte.
fn tells_of_usb(event: &[u8]) -> bool {
    event.split(|byte| *byte == 0).any(|part| part == b"SUBSYSTEM=usb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_usb_counts() {
        assert!(tells_of_usb(b"add@/devices/pci0/usb1/1-1\0ACTION=add\0SUBSYSTEM=usb\0SEQNUM=5\0"));
        assert!(!tells_of_usb(b"change@/devices/virtual/net/lo\0ACTION=change\0SUBSYSTEM=net\0"));
        assert!(!tells_of_usb(b""));
    }
}
