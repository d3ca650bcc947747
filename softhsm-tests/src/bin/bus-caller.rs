//! A program of some person on the bus: connects to the socket that is named, whenever a byte comes on standard input, which
//! is a socket, and hands the connection over there. Lives as long as its standard input, as the process behind them all.

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use std::io::{IoSlice, Read};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

fn main() {
    let socket = std::env::args_os().nth(1).unwrap();
    let mut channel = UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned().unwrap());
    while channel.read_exact(&mut [0]).is_ok() {
        let connection = UnixStream::connect(&socket).unwrap();
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut message = SendAncillaryBuffer::new(&mut space);
        let descriptors = [connection.as_fd()];
        assert!(message.push(SendAncillaryMessage::ScmRights(&descriptors)));
        sendmsg(&channel, &[IoSlice::new(&[0])], &mut message, SendFlags::NOSIGNAL).unwrap();
    }
}
