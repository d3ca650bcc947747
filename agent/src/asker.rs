//! Shows a dialog with the words and the program that fit, and falls back when the locale can't show them.

use crate::answers::PinentryError;
use crate::dialogs::Cancel;
use crate::flavour::{self, Surroundings};
use crate::leash::Leash;
use crate::pin::Pin;
use crate::pinentry::{self, DialogTexts, Launch, Question};
use crate::prompt::{self, Entry, Message, Scene, Screen};
use crate::texts::{Catalogue, Language, first_set, message_locale};
use crate::{Error, Settings};
use std::path::PathBuf;
use ukey_dbus::{DialogKind, ErrorKind};

/// What is fixed about the dialogs of one agent.
pub(crate) struct Asker {
    program: PathBuf,
    leash: Leash,
    surroundings: Surroundings,
    settings: Settings,
    texts: Catalogue,
}

/// Builds the words of a dialog in a language and for a screen.
type Words<'a> = dyn Fn(&Catalogue, Screen) -> DialogTexts + Sync + 'a;

impl Asker {
    /// Chooses the pinentry program.
    ///
    /// # Errors
    /// [`Error::NoPinentry`], [`Error::NotAProgram`].
    pub(crate) fn new(settings: Settings) -> Result<Self, Error> {
        let surroundings = Surroundings::of_this_process();
        let program = flavour::choose(settings.pinentry.as_deref(), &surroundings)?;
        tracing::debug!(program = %program.display(), "pinentry");
        let texts = prompt::catalogue(settings.language);
        Ok(Self { program, leash: Leash::of_this_system(), surroundings, settings, texts })
    }

    /// Asks for a PIN that is in force: one entry, which may come back empty.
    pub(crate) async fn pin(
        &self,
        kind: DialogKind,
        scene: Scene<'_>,
        entry: Entry,
        cancel: &mut Cancel,
    ) -> Result<Pin, PinentryError> {
        let mut pin = Pin::empty().map_err(PinentryError::Memory)?;
        let words = |texts: &Catalogue, screen| prompt::pin(texts, screen, scene, kind, entry);
        self.show(&words, Question::Pin(&mut pin), cancel).await?;
        Ok(pin)
    }

    /// Asks yes or no. Closing the dialog says no.
    pub(crate) async fn confirm(
        &self,
        kind: DialogKind,
        scene: Scene<'_>,
        cancel: &mut Cancel,
    ) -> Result<bool, PinentryError> {
        let words = |texts: &Catalogue, screen| prompt::question(texts, screen, scene, kind);
        self.yes_or_no(&words, cancel).await
    }

    /// Asks whether a new PIN that everybody knows is meant. Closing the dialog says no.
    pub(crate) async fn factory_choice(&self, scene: Scene<'_>, cancel: &mut Cancel) -> Result<bool, PinentryError> {
        let words = |texts: &Catalogue, screen| prompt::factory_choice(texts, screen, scene);
        self.yes_or_no(&words, cancel).await
    }

    /// Tells the person something; returns when it was read, put away or withdrawn.
    pub(crate) async fn message(
        &self,
        message: Message,
        scene: Scene<'_>,
        cancel: &mut Cancel,
    ) -> Result<(), PinentryError> {
        let words = |texts: &Catalogue, screen| prompt::message(texts, screen, scene, message);
        self.show(&words, Question::Message, cancel).await
    }

    /// The language of the dialogs.
    #[cfg(feature = "desktop")]
    pub(crate) fn language(&self) -> Language {
        self.settings.language
    }

    /// The words of a message, as a window would have them.
    #[cfg(feature = "desktop")]
    pub(crate) fn words(&self, message: Message, scene: Scene<'_>) -> DialogTexts {
        prompt::message(&self.texts, Screen::Window, scene, message)
    }

    /// Shows a text to read; returns when it was put away or withdrawn.
    #[cfg(feature = "desktop")]
    pub(crate) async fn tell(&self, title: &str, text: &str, cancel: &mut Cancel) -> Result<(), PinentryError> {
        let words = |texts: &Catalogue, _| prompt::plain(texts, title, text);
        self.show(&words, Question::Reading, cancel).await
    }

    /// Shows a text that goes on; returns whether the person wants to read on.
    #[cfg(feature = "desktop")]
    pub(crate) async fn tell_more(
        &self,
        title: &str,
        text: &str,
        (on, close): (&str, &str),
        cancel: &mut Cancel,
    ) -> Result<bool, PinentryError> {
        let words = |texts: &Catalogue, _| {
            let plain = prompt::plain(texts, title, text);
            DialogTexts { ok: on.to_owned(), cancel: close.to_owned(), ..plain }
        };
        said_yes(self.show(&words, Question::ReadingOn, cancel).await)
    }

    async fn yes_or_no(&self, words: &Words<'_>, cancel: &mut Cancel) -> Result<bool, PinentryError> {
        said_yes(self.show(words, Question::Confirm, cancel).await)
    }

    /// Shows a dialog: in the locale of the environment; where that can't show the texts, in one that every current
    /// system has; at last in English and ASCII. Pinentry reports such a locale before it shows anything.
    async fn show(
        &self,
        words: &Words<'_>,
        mut question: Question<'_>,
        cancel: &mut Cancel,
    ) -> Result<(), PinentryError> {
        let own = first_set(&["LC_ALL", "LC_CTYPE", "LANG"]).unwrap_or_default();
        let messages = message_locale().unwrap_or_default();
        let screen = self.surroundings.screen();
        let texts = words(&self.texts, screen);
        for characters in [own.as_str(), "C.UTF-8"] {
            match self.run(characters, &messages, &texts, question.again(), cancel).await {
                Err(PinentryError::Locale) => {}
                answer => return answer,
            }
        }
        let texts = prompt::in_ascii(words(&prompt::catalogue(Language::English), screen));
        self.run("C", "C", &texts, question, cancel).await
    }

    async fn run(
        &self,
        characters: &str,
        messages: &str,
        texts: &DialogTexts,
        question: Question<'_>,
        cancel: &mut Cancel,
    ) -> Result<(), PinentryError> {
        let launch = Launch {
            program: &self.program,
            leash: self.leash,
            terminal: self.surroundings.terminal.as_ref(),
            grab: self.settings.grab,
            characters,
            messages,
        };
        pinentry::ask(&launch, texts, question, cancel).await
    }
}

/// Whether the answer is yes; closing the dialog says no.
fn said_yes(answer: Result<(), PinentryError>) -> Result<bool, PinentryError> {
    match answer {
        Ok(()) => Ok(true),
        Err(PinentryError::NotConfirmed | PinentryError::Cancelled) => Ok(false),
        Err(error) => Err(error),
    }
}

impl From<PinentryError> for ukey_dbus::Error {
    fn from(error: PinentryError) -> Self {
        let kind = match error {
            PinentryError::Cancelled | PinentryError::NotConfirmed | PinentryError::NoNewPin => ErrorKind::Cancelled,
            PinentryError::Timeout => ErrorKind::Timeout,
            PinentryError::PinTooLong => ErrorKind::PinInvalid,
            PinentryError::Memory(_) => ErrorKind::Internal,
            // There is no dialog on this desktop, whatever the reason is.
            PinentryError::Locale | PinentryError::Process(_) | PinentryError::Protocol(_) | PinentryError::Code(_) => {
                ErrorKind::NoAgent
            }
        };
        Self::new(kind, error.to_string())
    }
}
