//! `Manager.OpenConnection`.

use super::serve::serve;
use super::socket;
use super::stream::{Stream, Takings};
use crate::bus::authorize::Action;
use crate::bus::service::Service;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use ukey_dbus::{Error, ErrorKind};
use zbus::message::Header;

/// Takes the socket for a line of the caller's. Answers before the handshake, which the caller begins.
pub(in crate::bus) async fn open_connection(
    service: &Arc<Service>,
    header: &Header<'_>,
    socket: OwnedFd,
) -> Result<(), Error> {
    if service.calls.is_closed() {
        return Err(Error::new(ErrorKind::Cancelled, "the service is stopping"));
    }
    let caller = service.callers.of(header).await?;
    let _room = service.quota.take(&caller.user, 0)?;
    service.authorizer.check(&caller, header, Action::Sign).await?;
    let uid = caller.user.uid;
    socket::check(&socket, uid)?;
    let place = service.lines.take(&caller.user)?;
    let (takings, listening) = (Takings::default(), CancellationToken::new());
    let room = service.lines.room(uid);
    let stream = Stream::new(socket, uid, room, Arc::clone(&takings), listening.clone())
        .map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
    tracing::info!(caller = caller.user.name, uid, "a line is opened");
    tokio::spawn(serve(Arc::clone(service), caller, (stream, takings, listening), place));
    Ok(())
}
