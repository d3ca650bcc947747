//! `org.ukeyd.UKey1.Request`: a call that its caller can watch and cancel.

use super::line::Line;
use super::options::invalid;
use crate::prompt::Caller;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use ukey_dbus::{Error, ErrorKind, names};
use zbus::message::Header;
use zbus::names::BusName;
use zbus::object_server::SignalEmitter;
use zbus::{Connection, ObjectPath};

/// The object of one running call.
pub(super) struct RequestObject {
    owner: String,
    cancelled: CancellationToken,
}

#[zbus::interface(name = "org.ukeyd.UKey1.Request")]
impl RequestObject {
    #[expect(clippy::needless_pass_by_value, reason = "the macro hands it over by value")]
    fn cancel(&self, #[zbus(header)] header: Header<'_>) -> Result<(), Error> {
        if header.sender().is_none_or(|sender| sender.as_str() != self.owner) {
            return Err(Error::new(ErrorKind::NotAuthorized, "only the program that made the request can cancel it"));
        }
        self.cancelled.cancel();
        Ok(())
    }

    #[zbus(signal)]
    async fn progress(emitter: &SignalEmitter<'_>, done: u64, total: u64) -> zbus::Result<()>;
}

/// Where a request is shown: where its call came from.
#[derive(Clone)]
pub(super) enum Place {
    Bus(Connection),
    Line(Arc<Line>),
}

/// A request that is shown. Close it when the call is over.
pub(super) struct OpenRequest {
    place: Place,
    path: ObjectPath<'static>,
    owner: String,
}

fn internal(error: impl Into<zbus::Error>) -> Error {
    Error::new(ErrorKind::Internal, error.into().to_string())
}

impl OpenRequest {
    /// Shows it. `InvalidArgument` when the caller has one with this token already.
    pub(super) async fn open(
        place: Place,
        caller: &Caller,
        token: &str,
        cancelled: &CancellationToken,
    ) -> Result<Self, Error> {
        let owner = caller.user.name.clone();
        let path = ObjectPath::try_from(names::request_path(&owner, token)).map_err(internal)?;
        let is_new = match &place {
            Place::Bus(connection) => {
                let object = RequestObject { owner: owner.clone(), cancelled: cancelled.clone() };
                connection.object_server().at(path.clone(), object).await.map_err(internal)?.is_none()
            }
            Place::Line(line) => line.show_request(path.as_str(), cancelled),
        };
        if is_new { Ok(Self { place, path, owner }) } else { Err(invalid("a request with this token is running")) }
    }

    /// Tells the caller how far its request is, in bytes or items.
    pub(super) async fn progress(&self, done: u64, total: u64) {
        let connection = match &self.place {
            Place::Bus(connection) => connection,
            Place::Line(line) => &line.connection,
        };
        let send = async {
            let owner = BusName::try_from(self.owner.clone())?;
            let emitter = SignalEmitter::new(connection, self.path.clone())?.set_destination(owner);
            RequestObject::progress(&emitter, done, total).await
        };
        if let Err(error) = send.await {
            tracing::debug!(%error, "progress");
        }
    }

    /// Takes it away.
    pub(super) async fn close(&self) {
        match &self.place {
            Place::Bus(connection) => {
                let removed = connection.object_server().remove::<RequestObject, _>(self.path.clone()).await;
                if let Err(error) = removed {
                    tracing::debug!(%error, "request object");
                }
            }
            Place::Line(line) => line.withdraw_request(self.path.as_str()),
        }
    }
}
