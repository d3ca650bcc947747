//! The `.Agent` interface.

use crate::asker::Asker;
use crate::context::{self, Context};
use crate::delivery::PinSocket;
use crate::dialogs::{Dialogs, Name, Ticket};
use crate::factory::{FactoryNotes, FactoryPins, Whose, is_factory};
use crate::identity;
use crate::notices::{self, Manner, Place};
use crate::prompt::{Entry, Scene};
use crate::registration::AgentKind;
use crate::requester::{self, Requester};
use crate::service_owner::{ServiceOwner, TrustedUsers};
use std::collections::HashMap;
use std::sync::Arc;
use ukey_dbus::{DialogKind, Error, ErrorKind, NoticeKind, Result};
use zbus::message::Header;
use zbus::names::OwnedUniqueName;
use zbus::{Connection, ObjectPath, OwnedFd, OwnedVariant, Variant};

/// The context dictionary of a call.
type Dictionary = HashMap<String, OwnedVariant>;

/// The agent as an object on the bus.
pub(crate) struct Service {
    pub(crate) asker: Arc<Asker>,
    pub(crate) dialogs: Arc<Dialogs>,
    pub(crate) trusted: TrustedUsers,
    pub(crate) factory: FactoryNotes,
    pub(crate) kind: AgentKind,
    /// Where messages go instead of into windows.
    pub(crate) place: Place,
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
        let kind = dialog(kind, DialogKind::asks_for_a_pin)?;
        let (mut ticket, context) = self.enter(&header, &context)?;
        let owner = self.caller(&header, connection).await?;
        let socket = PinSocket::check(pin.into(), owner.uid)?;
        let requester = who_asks(connection, &context).await?;
        let scene = Scene { context: &context, requester: &requester };
        let _screen = ticket.screen().await?;
        let pin = match kind {
            DialogKind::NewPin | DialogKind::NewSoPin => self.asker.new_pin(kind, scene, &mut ticket.cancel).await?,
            _ => self.asker.pin(kind, scene, Entry::First(None), &mut ticket.cancel).await?,
        };
        // Withdrawn in the very moment that the person pressed OK: nothing may be written any more.
        ticket.check()?;
        socket.deliver(&pin)?;
        if let Some(whose) = Whose::after(kind) {
            self.factory.set(&owner.name, &context.request, whose, is_factory(&pin));
        }
        Ok(())
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
        let kind = dialog(kind, |kind| !kind.asks_for_a_pin())?;
        let (mut ticket, context) = self.enter(&header, &context)?;
        self.caller(&header, connection).await?;
        let requester = who_asks(connection, &context).await?;
        let scene = Scene { context: &context, requester: &requester };
        let _screen = ticket.screen().await?;
        let answer = self.asker.confirm(kind, scene, &mut ticket.cancel).await?;
        ticket.check()?;
        Ok(answer)
    }

    /// Tells the person something. Answers when the message is listed, not when it was read.
    async fn notify(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
        token: ObjectPath<'_>,
        kind: &str,
        context: Dictionary,
    ) -> Result<()> {
        let kind: NoticeKind = kind.parse().map_err(|_| unknown_kind())?;
        let owner = self.caller(&header, connection).await?;
        tracing::info!(%kind, %token, "notice");
        let context = match Context::read(&context) {
            // A Key can leave while nobody asks anything.
            Err(_) if kind == NoticeKind::TokenRemoved => return Ok(()),
            context => context?,
        };
        own_user(context.caller_uid)?;
        // The program on the terminal says so itself, and must not wait for somebody to read it twice.
        if kind == NoticeKind::TokenRemoved && self.kind == AgentKind::Terminal {
            return Ok(());
        }
        let pins = match kind {
            NoticeKind::LoginSucceeded | NoticeKind::PinChanged | NoticeKind::Unblocked => {
                self.factory.take(&owner.name, &context.request)
            }
            _ => FactoryPins::default(),
        };
        let Some((message, manner)) = notices::message_of(kind, pins) else { return Ok(()) };
        let ticket = match manner {
            Manner::UntilCancelled => self.dialogs.enter(owner.name, Name::Standing(context.request.clone()))?,
            Manner::UntilRead => self.dialogs.enter_passing(owner.name)?,
        };
        let screen = (Arc::clone(&self.asker), Arc::clone(&self.place));
        tokio::spawn(notices::show(screen, ticket, context, (message, manner)));
        Ok(())
    }

    /// Says which program a connection of this user is.
    #[zbus(out_args("program"))]
    async fn identify(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
        context: Dictionary,
    ) -> Result<HashMap<&'static str, Variant<'static>>> {
        self.caller(&header, connection).await?;
        let (caller, uid) = context::caller(&context)?;
        own_user(uid)?;
        let identity = identity::find(connection, &caller, uid).await.map_err(|_| foreign())?;
        Ok(identity.answer())
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
    fn enter(&self, header: &Header<'_>, context: &Dictionary) -> Result<(Ticket, Context)> {
        let context = Context::read(context)?;
        let ticket = self.dialogs.enter(sender(header)?, Name::Question(context.request.clone()))?;
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
    own_user(context.caller_uid)?;
    requester::find(connection, &context.caller, context.caller_uid).await.map_err(|_| foreign())
}

/// An agent serves its own user only.
fn own_user(uid: u32) -> Result<()> {
    if uid == rustix::process::getuid().as_raw() { Ok(()) } else { Err(foreign()) }
}

fn foreign() -> Error {
    Error::new(ErrorKind::NotAuthorized, "the caller belongs to another user than this agent")
}

/// The dialog called so, when it is one that fits the method.
fn dialog(kind: &str, fits: impl Fn(DialogKind) -> bool) -> Result<DialogKind> {
    kind.parse().ok().filter(|kind| fits(*kind)).ok_or_else(unknown_kind)
}

fn sender(header: &Header<'_>) -> Result<OwnedUniqueName> {
    let sender = header.sender().ok_or_else(|| Error::new(ErrorKind::NotAuthorized, "the call has no sender"))?;
    Ok(sender.to_owned().into())
}

fn unknown_kind() -> Error {
    Error::new(ErrorKind::InvalidArgument, "unknown kind")
}
