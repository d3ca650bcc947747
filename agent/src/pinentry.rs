//! One run of the pinentry program: start it, tell it what to show, ask once, end it.

use crate::answers::{Answers, PinentryError};
use crate::assuan;
use crate::dialogs::Cancel;
use crate::leash::Leash;
use crate::pin::Pin;
use crate::settings::Grab;
use crate::terminal::{SavedTerminal, Terminal};
use rustix::process::{Pid, Signal};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin};
use tokio::time::timeout;

/// Longest time for pinentry to take a command.
const COMMAND_TIME: Duration = Duration::from_secs(10);
/// Longest time for a person. ukeyd gives up a dialog after 120 s; this is for the case that it or the agent dies.
const PERSON_TIME: Duration = Duration::from_secs(150);
/// Longest time for a person to read what nobody waits for.
#[cfg(feature = "desktop")]
const READING_TIME: Duration = Duration::from_secs(3600);
/// Longest time for pinentry to end, by itself or after SIGTERM.
const END_TIME: Duration = Duration::from_secs(1);

/// Everything a dialog says.
pub(crate) struct DialogTexts {
    pub(crate) title: String,
    /// Its first line is the catalogue's own: a Qt label reads markup only where the first line looks like it.
    pub(crate) description: String,
    pub(crate) prompt: String,
    pub(crate) warning: Option<String>,
    pub(crate) ok: String,
    pub(crate) cancel: String,
    /// Values of pinentry's `default-…` options, for what it says by itself.
    pub(crate) own_words: Vec<(&'static str, String)>,
}

/// What the dialog is to find out.
pub(crate) enum Question<'a> {
    /// The PIN, put into this empty one.
    Pin(&'a mut Pin),
    /// Yes (an answer) or no ([`PinentryError::NotConfirmed`]).
    Confirm,
    /// Nothing: it is read and put away.
    Message,
    /// Nothing: it is read at leisure, with a telephone in the hand perhaps.
    #[cfg(feature = "desktop")]
    Reading,
    /// Whether to read on: yes, or no ([`PinentryError::NotConfirmed`]).
    #[cfg(feature = "desktop")]
    ReadingOn,
}

impl Question<'_> {
    /// The same question once more, for when it could not be shown.
    pub(crate) fn again(&mut self) -> Question<'_> {
        match self {
            Self::Pin(pin) => Question::Pin(pin),
            Self::Confirm => Question::Confirm,
            Self::Message => Question::Message,
            #[cfg(feature = "desktop")]
            Self::Reading => Question::Reading,
            #[cfg(feature = "desktop")]
            Self::ReadingOn => Question::ReadingOn,
        }
    }

    /// How long a person may take.
    fn time(&self) -> Duration {
        match self {
            Self::Pin(_) | Self::Confirm | Self::Message => PERSON_TIME,
            #[cfg(feature = "desktop")]
            Self::Reading | Self::ReadingOn => READING_TIME,
        }
    }
}

/// How to start pinentry.
pub(crate) struct Launch<'a> {
    pub(crate) program: &'a Path,
    pub(crate) leash: Leash,
    pub(crate) terminal: Option<&'a Terminal>,
    pub(crate) grab: Grab,
    /// `lc-ctype`, which decides the characters that a terminal gets.
    pub(crate) characters: &'a str,
    /// `lc-messages`.
    pub(crate) messages: &'a str,
}

/// Shows one dialog and waits for its end. When `cancel` comes first, pinentry is ended; in every case it is gone when
/// this returns, and the terminal as it was.
pub(crate) async fn ask(
    launch: &Launch<'_>,
    texts: &DialogTexts,
    question: Question<'_>,
    cancel: &mut Cancel,
) -> Result<(), PinentryError> {
    let mut pinentry = Pinentry::start(launch)?;
    let (ending, answer) = tokio::select! {
        biased;
        () = cancel.cancelled() => (Ending::Forced, Err(PinentryError::Cancelled)),
        answer = pinentry.dialog(launch, texts, question) => (Ending::Polite, answer),
    };
    pinentry.end(ending).await;
    answer
}

/// How pinentry is told to go.
#[derive(PartialEq, Eq)]
enum Ending {
    /// It has answered: it may say goodbye.
    Polite,
    /// It waits for a person, and would not read a command.
    Forced,
}

/// A running pinentry. Killed on drop; the fields are dropped in order, so that the terminal comes last.
struct Pinentry {
    child: Child,
    input: ChildStdin,
    answers: Answers,
    terminal: Option<SavedTerminal>,
}

impl Pinentry {
    fn start(launch: &Launch<'_>) -> Result<Self, PinentryError> {
        let terminal = launch.terminal.and_then(SavedTerminal::save);
        let mut child = launch
            .leash
            .command(launch.program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(PinentryError::Protocol("no pipes"));
        };
        Ok(Self { child, input, answers: Answers::of(output)?, terminal })
    }

    async fn dialog(
        &mut self,
        launch: &Launch<'_>,
        texts: &DialogTexts,
        question: Question<'_>,
    ) -> Result<(), PinentryError> {
        timeout(COMMAND_TIME, self.answers.next(None)).await.map_err(|_| PinentryError::Protocol("no greeting"))??;
        let time = question.time();
        self.options(launch, texts, time).await?;
        self.text("SETTITLE", &texts.title).await?;
        self.text("SETPROMPT", &texts.prompt).await?;
        self.text("SETOK", &texts.ok).await?;
        self.text("SETCANCEL", &texts.cancel).await?;
        if let Some(warning) = &texts.warning {
            self.text("SETERROR", warning).await?;
        }
        // The one text that must show: who asks, for which Key.
        self.command(&assuan::command("SETDESC", &texts.description)?).await?;
        let (line, pin) = match question {
            Question::Pin(pin) => ("GETPIN", Some(pin)),
            Question::Confirm => ("CONFIRM", None),
            Question::Message => ("MESSAGE", None),
            #[cfg(feature = "desktop")]
            Question::Reading => ("MESSAGE", None),
            #[cfg(feature = "desktop")]
            Question::ReadingOn => ("CONFIRM", None),
        };
        self.input.write_all(assuan::command(line, "")?.as_bytes()).await?;
        timeout(time, self.answers.next(pin)).await.map_err(|_| PinentryError::Timeout)?
    }

    async fn options(&mut self, launch: &Launch<'_>, texts: &DialogTexts, time: Duration) -> Result<(), PinentryError> {
        let grab = match launch.grab {
            Grab::Keyboard => "grab",
            Grab::Nothing => "no-grab",
        };
        self.text("OPTION", grab).await?;
        let terminal = launch.terminal.map(|terminal| [("ttyname", &*terminal.name), ("ttytype", &*terminal.kind)]);
        let locale = [("lc-ctype", launch.characters), ("lc-messages", launch.messages)];
        for (name, value) in terminal.into_iter().flatten().chain(locale) {
            if !value.is_empty() {
                self.text("OPTION", &format!("{name}={value}")).await?;
            }
        }
        for (name, value) in &texts.own_words {
            self.text("OPTION", &format!("{name}={value}")).await?;
        }
        self.text("SETTIMEOUT", &time.as_secs().to_string()).await
    }

    /// Sends a command that not every pinentry has: an error is no reason to give up.
    async fn text(&mut self, name: &str, text: &str) -> Result<(), PinentryError> {
        match self.command(&assuan::command(name, text)?).await {
            Err(PinentryError::Code(code)) => {
                tracing::debug!(name, code, "pinentry does not take this command");
                Ok(())
            }
            other => other,
        }
    }

    async fn command(&mut self, line: &str) -> Result<(), PinentryError> {
        let exchange = async {
            self.input.write_all(line.as_bytes()).await?;
            self.answers.next(None).await
        };
        timeout(COMMAND_TIME, exchange).await.map_err(|_| PinentryError::Protocol("no answer to a command"))?
    }

    /// Ends pinentry: politely, then by SIGTERM (which closes a window and lets curses clear its screen), then by
    /// SIGKILL, and waits for it.
    async fn end(mut self, ending: Ending) {
        if ending == Ending::Polite && self.input.write_all(b"BYE\n").await.is_ok() {
            match timeout(END_TIME, self.child.wait()).await {
                Ok(Ok(status)) if status.success() => {
                    if let Some(terminal) = &mut self.terminal {
                        terminal.disarm();
                    }
                    return;
                }
                Ok(Ok(_)) => return,
                Ok(Err(_)) | Err(_) => {}
            }
        }
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid
            && rustix::process::kill_process(pid, Signal::TERM).is_ok()
            && timeout(END_TIME, self.child.wait()).await.is_ok()
        {
            return;
        }
        if let Err(error) = self.child.kill().await {
            tracing::warn!(%error, "pinentry could not be ended");
        }
    }
}
