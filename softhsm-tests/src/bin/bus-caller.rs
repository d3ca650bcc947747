//! A program of some person on the bus: connects to the socket that is named, whenever a byte comes on standard input, which
//! is a socket, and hands the connection over there. Lives as long as its standard input, as the process behind them all.
#![forbid(unsafe_code)]

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use std::io::{self, IoSlice, Read};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

fn main() -> io::Result<()> {
    let socket = std::env::args_os().nth(1).ok_or(io::ErrorKind::InvalidInput)?;
    let mut channel = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    while channel.read(&mut [0])? == 1 {
        let connection = UnixStream::connect(&socket)?;
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut message = SendAncillaryBuffer::new(&mut space);
        let descriptors = [connection.as_fd()];
        if !message.push(SendAncillaryMessage::ScmRights(&descriptors)) {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        sendmsg(&channel, &[IoSlice::new(&[0])], &mut message, SendFlags::NOSIGNAL)?;
    }
    Ok(())
}
