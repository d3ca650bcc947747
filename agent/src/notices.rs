//! Notices: messages that nobody waits for.

use crate::asker::Asker;
use crate::context::Context;
use crate::dialogs::{Cancel, Ticket};
use crate::factory::FactoryPins;
use crate::prompt::{Message, Scene};
use crate::requester::{Program, Requester};
use futures_util::future::BoxFuture;
use std::sync::{Arc, OnceLock};
use ukey_dbus::NoticeKind;

/// How a message leaves the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// When its request is cancelled, or when it was read.
    UntilCancelled,
    /// When it was read, or when a dialog needs the screen.
    UntilRead,
}

/// A place for messages other than a window of their own.
pub(crate) trait Announcer: Send + Sync {
    /// Shows a message there, and returns when it is listed, or, where it stays, when it was withdrawn. `false`: it can
    /// be shown in a window only.
    fn announce<'a>(
        &'a self,
        message: Message,
        scene: Scene<'a>,
        manner: Manner,
        cancel: &'a mut Cancel,
    ) -> BoxFuture<'a, bool>;
}

/// Where messages go: set once there is such a place.
pub(crate) type Place = Arc<OnceLock<Arc<dyn Announcer>>>;

/// What a notice shows; nothing when there is nothing to say.
pub(crate) fn message_of(kind: NoticeKind, factory: FactoryPins) -> Option<(Message, Manner)> {
    let shown = |factory, manner| Some((Message { kind, factory }, manner));
    match kind {
        NoticeKind::Press | NoticeKind::Pinpad => shown(FactoryPins::default(), Manner::UntilCancelled),
        NoticeKind::TokenRemoved | NoticeKind::FactoryPin => shown(FactoryPins::default(), Manner::UntilRead),
        NoticeKind::PinChanged | NoticeKind::Unblocked => shown(factory, Manner::UntilRead),
        // A login uses the user PIN only.
        NoticeKind::LoginSucceeded if factory.user => shown(FactoryPins { so: false, ..factory }, Manner::UntilRead),
        NoticeKind::LoginSucceeded => None,
    }
}

/// Shows a message until it is over.
pub(crate) async fn show(
    (asker, place): (Arc<Asker>, Place),
    mut ticket: Ticket,
    context: Context,
    (message, manner): (Message, Manner),
) {
    // A message names no program: it is ukeyd's own.
    let requester = Requester { program: Program::Unknown, user: String::new() };
    let scene = Scene { context: &context, requester: &requester };
    if let Some(place) = place.get()
        && place.announce(message, scene, manner, &mut ticket.cancel).await
    {
        return;
    }
    let Ok(_screen) = ticket.screen().await else { return };
    if let Err(error) = asker.message(message, scene, &mut ticket.cancel).await {
        tracing::debug!(kind = %message.kind, %error, "a message was not read");
    }
}
