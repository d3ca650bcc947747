//! What the menu's entries and the notices' buttons do.

use super::clipboard::Clipboard;
use super::expiry::{Words, calendar};
use super::keys::{Certificate, Key, Snapshot};
use super::notifications::{Action as Button, Notice, Notifier, Urgency, Weight};
use super::state::State;
use super::texts::{Texts, now};
use super::windows::Windows;
use super::{advice, details, form};
use crate::binding::Binding;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use ukey_alarm::unix_now;
use ukey_dbus::{ErrorKind, TokenProxy, options};
use ukey_guidance::Service;
use ukey_guidance::form::deliver;
use zbus::proxy::CacheProperties;
use zbus::{Connection, OwnedObjectPath, Variant};

/// A log-out needs no person.
const ANSWER_TIME: Duration = Duration::from_secs(15);
/// A person changes a PIN in this time, or not at all: ukeyd ends each dialog after two minutes.
const CHANGE_TIME_MS: u32 = 600_000;

/// Something that a person can ask for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    /// End this user's login to a Key.
    LogOut(OwnedObjectPath),
    /// Change the user PIN of a Key.
    ChangePin(OwnedObjectPath),
    /// Copy what platforms ask for of the certificate with this fingerprint.
    CopyBinding(String),
    /// Say what to do about a Key, or about what there is without one.
    Advice(Option<OwnedObjectPath>),
    /// Make the CA's form for the certificate with this fingerprint.
    Form(String, Service),
    /// Say what to do about the end of the certificate with this fingerprint.
    Renewal(String),
    /// Show a Key's details, or why there is no Key.
    Details(Option<OwnedObjectPath>),
}

/// Does what is asked for.
#[derive(Clone)]
pub(crate) struct Actions(Arc<Hands>);

struct Hands {
    connection: Connection,
    shown: watch::Receiver<Arc<Snapshot>>,
    notifier: Notifier,
    windows: Arc<Windows>,
    clipboard: Clipboard,
    texts: Arc<Texts>,
    words: Arc<Words>,
}

impl Actions {
    /// On ukeyd's bus over `connection`, about what is `shown`.
    pub(crate) fn new(
        connection: Connection,
        shown: watch::Receiver<Arc<Snapshot>>,
        notifier: Notifier,
        windows: Arc<Windows>,
        (texts, words): (Arc<Texts>, Arc<Words>),
    ) -> Self {
        let clipboard = Clipboard::default();
        Self(Arc::new(Hands { connection, shown, notifier, windows, clipboard, texts, words }))
    }

    /// Does it, beside the caller.
    pub(crate) fn run(&self, action: Action) {
        let actions = self.clone();
        tracing::info!(?action, "asked for");
        tokio::spawn(async move {
            match action {
                Action::LogOut(key) => actions.log_out(&key).await,
                Action::ChangePin(key) => actions.change_pin(&key).await,
                Action::CopyBinding(fingerprint) => actions.copy(&fingerprint).await,
                Action::Advice(key) => actions.advise(key.as_ref()),
                Action::Form(fingerprint, service) => actions.make_form(&fingerprint, service).await,
                Action::Renewal(fingerprint) => actions.renew(&fingerprint),
                Action::Details(key) => actions.show_details(key.as_ref()),
            }
        });
    }

    /// A button that does this.
    pub(crate) fn button(&self, text: &str, action: Action) -> Button {
        let actions = self.clone();
        Button::new(self.0.texts.text(text), move || actions.run(action.clone()))
    }

    async fn log_out(&self, path: &OwnedObjectPath) {
        let asked = async { self.token(path).await?.logout().await };
        let result = match timeout(ANSWER_TIME, asked).await {
            Ok(answer) => answer.map_err(|error| ukey_dbus::Error::from(error).kind()),
            Err(_) => Err(ErrorKind::Timeout),
        };
        match result {
            // Nobody is logged in: that is what was wanted.
            Ok(()) | Err(ErrorKind::LoginRequired) => {}
            Err(kind) => self.failed("notice-log-out-failed-title", path, kind, Action::LogOut(path.clone())),
        }
    }

    /// Has ukeyd ask for the PINs: by this very agent, whose calls these are.
    async fn change_pin(&self, path: &OwnedObjectPath) {
        let options = HashMap::from([(options::TIMEOUT_MS, Variant::from(CHANGE_TIME_MS))]);
        let asked = async { self.token(path).await?.change_pin(options).await };
        match asked.await.map_err(|error| ukey_dbus::Error::from(error).kind()) {
            // That it is done, ukeyd says; that it was given up, the person knows.
            Ok(()) | Err(ErrorKind::Cancelled | ErrorKind::Timeout) => {}
            Err(kind) => self.failed("notice-change-failed-title", path, kind, Action::ChangePin(path.clone())),
        }
    }

    async fn copy(&self, fingerprint: &str) {
        let texts = &self.0.texts;
        let snapshot = self.snapshot();
        let Some((_, certificate)) = snapshot.certificate(fingerprint) else { return };
        let lines = binding_of(certificate).lines(&Binding::catalogue(texts.language()));
        let (outcome, urgency, weight) = match self.0.clipboard.copy(lines.clone()).await {
            Ok(()) => ("copied", Urgency::Normal, Weight::Ordinary),
            Err(error) => {
                tracing::warn!(error, "the clipboard");
                ("not-copied", Urgency::Critical, Weight::Important)
            }
        };
        self.0.notifier.show(Notice {
            tag: "copied".to_owned(),
            title: texts.text(&format!("notice-{outcome}-title")),
            text: format!("{}\n{lines}", texts.text(&format!("notice-{outcome}-text"))),
            picture: State::Ready,
            urgency,
            weight,
            actions: Vec::new(),
            without_buttons: String::new(),
        });
    }

    async fn make_form(&self, fingerprint: &str, service: Service) {
        let (texts, snapshot) = (&self.0.texts, self.snapshot());
        let Some((_, certificate)) = snapshot.certificate(fingerprint) else { return };
        let filled = form::filled(certificate);
        // Fonts are read, and a file is written.
        let Ok(made) = spawn_blocking(move || deliver(service, &filled)).await else { return };
        if let Err(error) = &made {
            tracing::warn!(%error, "no form");
        }
        let (title, urgency, weight) = match &made {
            Ok(_) => ("notice-form-title", Urgency::Normal, Weight::Important),
            Err(_) => ("notice-no-form-title", Urgency::Critical, Weight::Important),
        };
        self.0.notifier.show(Notice {
            tag: "form".to_owned(),
            title: texts.with(title, &[("service", service.name(texts.language()))]),
            text: form::outcome(texts, &made),
            picture: State::Ready,
            urgency,
            weight,
            actions: Vec::new(),
            without_buttons: String::new(),
        });
    }

    fn advise(&self, path: Option<&OwnedObjectPath>) {
        let (texts, snapshot) = (&self.0.texts, self.snapshot());
        let key = path.and_then(|path| snapshot.key(path));
        let state = key.map_or_else(|| State::of(&snapshot), State::of_key);
        let mut lines: Vec<String> = Vec::new();
        if let Some(key) = key {
            lines.extend([
                texts.key(key),
                texts.with("details-state", &[("state", texts.key_state(key))]),
                String::new(),
            ]);
        }
        let sources = advice::Sources { texts, words: &self.0.words, calendar: &calendar(), now: unix_now() };
        lines.extend(sources.about(state, key));
        self.0.windows.show(&tag("advice", path), &texts.text("advice-title"), &lines);
    }

    fn renew(&self, fingerprint: &str) {
        let (words, snapshot) = (&self.0.words, self.snapshot());
        // The Key may have left with its notice still on the screen.
        let Some((key, certificate)) = snapshot.certificate(fingerprint) else { return self.advise(None) };
        let lines = words.advice(key, certificate, &calendar(), unix_now());
        self.0.windows.show(&format!("renewal{fingerprint}"), &words.text("advice-title"), &lines);
    }

    fn show_details(&self, path: Option<&OwnedObjectPath>) {
        let (texts, snapshot) = (&self.0.texts, self.snapshot());
        let lines = match path.and_then(|path| snapshot.key(path)) {
            Some(key) => details::of_key(texts, key, now()),
            None => details::of_none(texts, &snapshot),
        };
        self.0.windows.show(&tag("details", path), &texts.text("details-title"), &lines);
    }

    fn failed(&self, title: &str, path: &OwnedObjectPath, kind: ErrorKind, again: Action) {
        let (texts, snapshot) = (&self.0.texts, self.snapshot());
        let key = snapshot.key(path).map(|key: &Key| texts.key(key)).unwrap_or_default();
        tracing::info!(?kind, "it was not done");
        self.0.notifier.show(Notice {
            tag: tag("failed", Some(path)),
            title: texts.with(title, &[("key", key)]),
            text: failure(texts, kind),
            picture: State::PinLow,
            urgency: Urgency::Normal,
            weight: Weight::Important,
            actions: vec![
                self.button("button-retry", again),
                self.button("button-advice", Action::Advice(Some(path.clone()))),
            ],
            without_buttons: texts.text("notice-without-buttons"),
        });
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.0.shown.borrow())
    }

    async fn token(&self, path: &OwnedObjectPath) -> zbus::Result<TokenProxy<'static>> {
        let token = TokenProxy::builder(&self.0.connection).path(path.clone());
        token.cache_properties(CacheProperties::No).build().await
    }
}

/// What platforms ask for of a certificate.
fn binding_of(certificate: &Certificate) -> Binding {
    Binding {
        serial_number: certificate.serial_number.clone(),
        holder_id: certificate.holder_id.clone(),
        unit_name: certificate.unit().to_owned(),
    }
}

fn tag(what: &str, path: Option<&OwnedObjectPath>) -> String {
    format!("{what}{}", path.map_or("", |path| path.as_str()))
}

/// What to say about an error, for a person who knows nothing of it.
fn failure(texts: &Texts, kind: ErrorKind) -> String {
    let key = format!("failure-{}", kind.short_name());
    let text = texts.text(&key);
    if text == key { texts.text("failure-other") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Language;

    #[test]
    fn every_error_has_words_for_a_clerk() {
        for language in [Language::Chinese, Language::English] {
            let texts = Texts::new(language);
            for kind in ErrorKind::ALL {
                assert!(!failure(&texts, *kind).starts_with("failure-"), "{kind:?}");
            }
            assert_ne!(failure(&texts, ErrorKind::PinIncorrect), failure(&texts, ErrorKind::Internal));
        }
    }
}
