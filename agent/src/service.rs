//! The `.Agent` interface.

use crate::asker::Asker;
use crate::context::Context;
use crate::delivery::PinSocket;
use crate::dialogs::{Dialogs, Ticket};
use crate::requester::{self, Requester};
use crate::service_owner::{ServiceOwner, TrustedUsers};
use std::collections::HashMap;
use std::sync::Arc;
use ukey_dbus::{DialogKind, Error, ErrorKind, NoticeKind, Result};
use zbus::message::Header;
use zbus::names::OwnedUniqueName;
use zbus::{Connection, ObjectPath, OwnedFd, OwnedVariant};

/// The context dictionary of a call.
type Dictionary = HashMap<String, OwnedVariant>;

/// The agent as an object on the bus.
pub(crate) struct Service {
    pub(crate) asker: Asker,
    pub(crate) dialogs: Arc<Dialogs>,
    pub(crate) trusted: TrustedUsers,
}

#[zbus::interface(name = "org.ukeyd.UKey1.Agent")]
impl Service {
    /// Asks for a PIN and writes it into `pin` as one record.
    async fn request_pin(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
        _token: ObjectPath<'_>,
        kind: &str,
        context: Dictionary,
        pin: OwnedFd,
    ) -> Result<()> {
        let (mut ticket, context) = self.enter(&header, kind, DialogKind::UserPin, &context)?;
        let owner = self.caller(&header, connection).await?;
        let socket = PinSocket::check(pin.into(), owner.uid)?;
        let requester = who_asks(connection, &context).await?;
        let _screen = ticket.screen().await?;
        let pin = self.asker.pin(&context, &requester, &mut ticket.cancel).await?;
        // Withdrawn in the very moment that the person pressed OK: nothing may be written any more.
        ticket.check()?;
        socket.deliver(&pin)
    }

    /// Asks whether to go on.
    async fn confirm(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
        _token: ObjectPath<'_>,
        kind: &str,
        context: Dictionary,
    ) -> Result<bool> {
        let (mut ticket, context) = self.enter(&header, kind, DialogKind::FinalTry, &context)?;
        self.caller(&header, connection).await?;
        let requester = who_asks(connection, &context).await?;
        let _screen = ticket.screen().await?;
        let answer = self.asker.final_try(&context, &requester, &mut ticket.cancel).await?;
        ticket.check()?;
        Ok(answer)
    }

    /// Tells the person something; the desktop's notices come with the tray, so for now it is logged.
    async fn notify(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
        token: ObjectPath<'_>,
        kind: &str,
        _context: Dictionary,
    ) -> Result<()> {
        self.caller(&header, connection).await?;
        let kind: NoticeKind = kind.parse().map_err(|_| unknown_kind())?;
        tracing::info!(%kind, %token, "notice");
        Ok(())
    }

    /// Ends the dialog of a request, whether it is open or waits.
    async fn cancel(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
        request: &str,
    ) -> Result<()> {
        self.caller(&header, connection).await?;
        self.dialogs.cancel(&sender(&header)?, request);
        Ok(())
    }
}

impl Service {
    /// Reads the call and lists its dialog. Nothing is awaited before this, so that a `Cancel` sent right after the
    /// call finds the dialog.
    fn enter(
        &self,
        header: &Header<'_>,
        kind: &str,
        wanted: DialogKind,
        context: &Dictionary,
    ) -> Result<(Ticket, Context)> {
        if kind.parse() != Ok(wanted) {
            return Err(unknown_kind());
        }
        let context = Context::read(context)?;
        let ticket = self.dialogs.enter(sender(header)?, context.request.clone())?;
        Ok((ticket, context))
    }

    /// The daemon, when the call is from it.
    async fn caller(&self, header: &Header<'_>, connection: &Connection) -> Result<ServiceOwner> {
        let refused = |why: &str| Error::new(ErrorKind::NotAuthorized, why);
        let owner = self.trusted.owner(connection).await.map_err(|error| refused(&error.to_string()))?;
        let sender = sender(header)?;
        owner.filter(|owner| owner.name == sender).ok_or_else(|| refused("only ukeyd may call an agent"))
    }
}

/// Who asks, as far as the agent can find out.
async fn who_asks(connection: &Connection, context: &Context) -> Result<Requester> {
    let foreign = || Error::new(ErrorKind::NotAuthorized, "the caller belongs to another user than this agent");
    if context.caller_uid != rustix::process::getuid().as_raw() {
        return Err(foreign());
    }
    requester::find(connection, &context.caller, context.caller_uid).await.map_err(|_| foreign())
}

fn sender(header: &Header<'_>) -> Result<OwnedUniqueName> {
    let sender = header.sender().ok_or_else(|| Error::new(ErrorKind::NotAuthorized, "the call has no sender"))?;
    Ok(sender.to_owned().into())
}

fn unknown_kind() -> Error {
    Error::new(ErrorKind::InvalidArgument, "unknown kind")
}
