//! Shows a dialog with the words and the program that fit, and falls back when the locale can't show them.

use crate::answers::PinentryError;
use crate::context::Context;
use crate::dialogs::Cancel;
use crate::flavour::{self, Surroundings};
use crate::pin::Pin;
use crate::pinentry::{self, DialogTexts, Launch, Question};
use crate::prompt::{self, Screen};
use crate::requester::Requester;
use crate::texts::{Catalogue, Language, first_set, message_locale};
use crate::{Error, Settings};
use std::path::PathBuf;
use ukey_dbus::ErrorKind;

/// What is fixed about the dialogs of one agent.
pub(crate) struct Asker {
    program: PathBuf,
    surroundings: Surroundings,
    settings: Settings,
    texts: Catalogue,
}

/// Builds the words of a dialog.
type Words = fn(&Catalogue, &Context, &Requester, Screen) -> DialogTexts;

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
        Ok(Self { program, surroundings, settings, texts })
    }

    /// Asks for the user PIN. It may come back empty.
    pub(crate) async fn pin(
        &self,
        context: &Context,
        requester: &Requester,
        cancel: &mut Cancel,
    ) -> Result<Pin, PinentryError> {
        let mut pin = Pin::empty().map_err(PinentryError::Memory)?;
        self.show(prompt::pin, context, requester, Some(&mut pin), cancel).await?;
        Ok(pin)
    }

    /// Asks whether to use the last try. Closing the dialog says no.
    pub(crate) async fn final_try(
        &self,
        context: &Context,
        requester: &Requester,
        cancel: &mut Cancel,
    ) -> Result<bool, PinentryError> {
        match self.show(prompt::final_try, context, requester, None, cancel).await {
            Ok(()) => Ok(true),
            Err(PinentryError::NotConfirmed | PinentryError::Cancelled) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Shows a dialog: in the locale of the environment; where that can't show the texts, in one that every current
    /// system has; at last in English and ASCII. Pinentry reports such a locale before it shows anything.
    async fn show(
        &self,
        words: Words,
        context: &Context,
        requester: &Requester,
        mut pin: Option<&mut Pin>,
        cancel: &mut Cancel,
    ) -> Result<(), PinentryError> {
        let own = first_set(&["LC_ALL", "LC_CTYPE", "LANG"]).unwrap_or_default();
        let messages = message_locale().unwrap_or_default();
        let screen = self.surroundings.screen();
        let texts = words(&self.texts, context, requester, screen);
        for characters in [own.as_str(), "C.UTF-8"] {
            match self.run(characters, &messages, &texts, pin.as_deref_mut(), cancel).await {
                Err(PinentryError::Locale) => {}
                answer => return answer,
            }
        }
        let english = prompt::catalogue(Language::English);
        let texts = prompt::in_ascii(words(&english, context, requester, screen));
        self.run("C", "C", &texts, pin, cancel).await
    }

    async fn run(
        &self,
        characters: &str,
        messages: &str,
        texts: &DialogTexts,
        pin: Option<&mut Pin>,
        cancel: &mut Cancel,
    ) -> Result<(), PinentryError> {
        let launch = Launch {
            program: &self.program,
            terminal: self.surroundings.terminal.as_ref(),
            grab: self.settings.grab,
            characters,
            messages,
        };
        let question = pin.map_or(Question::Confirm, Question::Pin);
        pinentry::ask(&launch, texts, question, cancel).await
    }
}

impl From<PinentryError> for ukey_dbus::Error {
    fn from(error: PinentryError) -> Self {
        let kind = match error {
            PinentryError::Cancelled | PinentryError::NotConfirmed => ErrorKind::Cancelled,
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
