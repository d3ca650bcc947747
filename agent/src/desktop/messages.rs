//! ukeyd's own messages (`Agent.Notify`) as notices.

use super::notifications::{Notice, Notifier, Urgency, Weight};
use super::state::State;
use crate::asker::Asker;
use crate::dialogs::Cancel;
use crate::layout::unwrap_lines;
use crate::notices::{Announcer, Manner};
use crate::prompt::{Message, Scene};
use futures_util::future::{BoxFuture, FutureExt};
use std::sync::Arc;
use ukey_dbus::NoticeKind;

/// Shows them as notices, where there is a server.
pub(super) struct Messages {
    pub(super) asker: Arc<Asker>,
    pub(super) notifier: Notifier,
}

impl Announcer for Messages {
    fn announce<'a>(
        &'a self,
        message: Message,
        scene: Scene<'a>,
        manner: Manner,
        cancel: &'a mut Cancel,
    ) -> BoxFuture<'a, bool> {
        async move {
            if !self.notifier.has_server().await {
                return false;
            }
            let notice = self.notice(message, scene, manner);
            let tag = notice.tag.clone();
            self.notifier.show(notice);
            if manner == Manner::UntilCancelled {
                cancel.cancelled().await;
                self.notifier.close(&tag);
            }
            true
        }
        .boxed()
    }
}

impl Messages {
    fn notice(&self, message: Message, scene: Scene<'_>, manner: Manner) -> Notice {
        let words = self.asker.words(message, scene);
        let context = scene.context;
        let tag = match manner {
            // One for each request: two Keys may wait for their buttons.
            Manner::UntilCancelled => format!("{}/{}", message.kind, context.request),
            Manner::UntilRead => format!("{}/{}/{}", message.kind, context.label, context.serial_number),
        };
        let factory = message.factory.user || message.factory.so || message.kind == NoticeKind::FactoryPin;
        let picture = match message.kind {
            NoticeKind::Press | NoticeKind::Pinpad => State::LoggedIn,
            NoticeKind::TokenRemoved => State::NoKey,
            _ if factory => State::PinLow,
            _ => State::Ready,
        };
        let urgency = match manner {
            Manner::UntilCancelled => Urgency::Standing,
            Manner::UntilRead if factory || message.kind == NoticeKind::TokenRemoved => Urgency::Critical,
            Manner::UntilRead => Urgency::Normal,
        };
        Notice {
            tag,
            title: words.title,
            text: unwrap_lines(&words.description),
            picture,
            urgency,
            // A server that was there a moment ago may have left.
            weight: Weight::Important,
            actions: Vec::new(),
            without_buttons: String::new(),
        }
    }
}
