//! What is told to the person without a question.

use super::facts::{fitting, key, step};
use super::{Scene, Screen, own_words};
use crate::factory::FactoryPins;
use crate::pinentry::DialogTexts;
use crate::texts::Catalogue;
use ukey_dbus::NoticeKind;

/// A message: the notice, and the PINs that turned out to be factory PINs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) kind: NoticeKind,
    pub(crate) factory: FactoryPins,
}

/// The words of a message.
pub(crate) fn message(texts: &Catalogue, screen: Screen, scene: Scene<'_>, message: Message) -> DialogTexts {
    let family = family(message.kind, scene);
    // A right login is no news: what there is to say is the warning below.
    let heading = (message.kind != NoticeKind::LoginSucceeded).then(|| texts.text(&format!("{family}-heading")));
    DialogTexts {
        title: texts.text(&format!("{family}-title")),
        description: fitting(screen, |bounds| {
            let mut lines: Vec<String> = step(texts, scene).into_iter().collect();
            lines.extend(heading.clone());
            if message.factory.user {
                lines.push(texts.text("factory-user"));
            }
            if message.factory.so {
                lines.push(texts.text("factory-so"));
            }
            lines.push(String::new());
            lines.extend(key(texts, scene, bounds));
            lines
        }),
        prompt: String::new(),
        warning: None,
        ok: texts.text("button-read"),
        cancel: texts.text("button-cancel"),
        own_words: own_words(texts, ""),
    }
}

/// A window with a title and a text. Its first line must be ours: see [`DialogTexts::description`].
#[cfg(feature = "desktop")]
pub(crate) fn plain(texts: &Catalogue, title: &str, text: &str) -> DialogTexts {
    DialogTexts {
        title: title.to_owned(),
        description: text.to_owned(),
        prompt: String::new(),
        warning: None,
        ok: texts.text("button-read"),
        cancel: texts.text("button-cancel"),
        own_words: own_words(texts, ""),
    }
}

/// Start of the names of a message's texts.
fn family(kind: NoticeKind, scene: Scene<'_>) -> &'static str {
    match kind {
        NoticeKind::LoginSucceeded => NoticeKind::FactoryPin.as_str(),
        NoticeKind::PinChanged if scene.context.is_about_so_pin => "so-pin-changed",
        // "pinpad" is the question before it.
        NoticeKind::Pinpad => "pinpad-notice",
        kind => kind.as_str(),
    }
}
