//! Peer-to-peer connections to the daemon.

use crate::bus::{as_thread_of, connection_over};
use crate::person::Person;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use ukey_dbus::ManagerProxy;
use zbus::Connection;

/// A socketpair that this person has made, as the kernel tells it.
pub fn socket_pair(person: Person) -> (UnixStream, UnixStream) {
    as_thread_of(person, || UnixStream::pair().unwrap())
}

/// Has the daemon take one end of a pair for the caller of this connection, and gives the other end.
pub async fn open_socket(asker: &Connection, pair: (UnixStream, UnixStream)) -> zbus::Result<UnixStream> {
    let (ours, theirs) = pair;
    ManagerProxy::new(asker).await?.open_connection(theirs.as_fd().into()).await?;
    Ok(ours)
}

/// A peer-to-peer connection of this person's, opened through this connection.
pub async fn open_line(asker: &Connection, person: Person) -> zbus::Result<Connection> {
    connection_over(open_socket(asker, socket_pair(person)).await?, person).p2p().build().await
}
