//! One run of the pinentry program: start it, tell it what to show, ask once, end it.

use crate::assuan::{self, LineTooLong, Malformed, Reply};
use crate::dialogs::Cancel;
use crate::locked::{LockedPage, PAGE};
use crate::pin::{Pin, TooLong};
use crate::settings::Grab;
use crate::terminal::{SavedTerminal, Terminal};
use rustix::process::{Pid, Signal};
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// Longest time for pinentry to take a command.
const COMMAND_TIME: Duration = Duration::from_secs(10);
/// Longest time for a person. ukeyd gives up a dialog after 120 s; this is for the case that it or the agent dies.
const PERSON_TIME: Duration = Duration::from_secs(150);
/// Longest time for pinentry to end, by itself or after SIGTERM.
const END_TIME: Duration = Duration::from_secs(1);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PinentryError {
    /// The person closed the dialog, or it was withdrawn.
    #[error("the dialog was closed")]
    Cancelled,
    /// The person pressed "no".
    #[error("not confirmed")]
    NotConfirmed,
    /// Nobody did anything.
    #[error("nobody answered the dialog")]
    Timeout,
    /// The texts can't be shown in the locale given.
    #[error("the locale can't show the texts")]
    Locale,
    /// What was typed is longer than a PIN can be.
    #[error("the PIN is longer than 255 bytes")]
    PinTooLong,
    /// No memory could be locked for the PIN.
    #[error("no memory could be locked for the PIN: {0}")]
    Memory(io::Error),
    /// The program could not be started, or ended, or its pipe broke.
    #[error("pinentry: {0}")]
    Process(#[from] io::Error),
    /// It does not speak Assuan as it should.
    #[error("pinentry: {0}")]
    Protocol(&'static str),
    /// Another libgpg-error code.
    #[error("pinentry failed with code {0}")]
    Code(u16),
}

impl From<Malformed> for PinentryError {
    fn from(_: Malformed) -> Self {
        Self::Protocol("an answer is malformed")
    }
}

impl From<LineTooLong> for PinentryError {
    fn from(_: LineTooLong) -> Self {
        Self::Protocol("a text of the dialog is too long")
    }
}

impl From<TooLong> for PinentryError {
    fn from(_: TooLong) -> Self {
        Self::PinTooLong
    }
}

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
}

/// How to start pinentry.
pub(crate) struct Launch<'a> {
    pub(crate) program: &'a Path,
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
    lines: Lines,
    terminal: Option<SavedTerminal>,
}

impl Pinentry {
    fn start(launch: &Launch<'_>) -> Result<Self, PinentryError> {
        let lines_page = LockedPage::new().map_err(PinentryError::Memory)?;
        let terminal = launch.terminal.and_then(SavedTerminal::save);
        let mut child = Command::new(launch.program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(PinentryError::Protocol("no pipes"));
        };
        Ok(Self { child, input, lines: Lines { output, page: lines_page, start: 0, end: 0 }, terminal })
    }

    async fn dialog(
        &mut self,
        launch: &Launch<'_>,
        texts: &DialogTexts,
        question: Question<'_>,
    ) -> Result<(), PinentryError> {
        timeout(COMMAND_TIME, self.lines.answer(None)).await.map_err(|_| PinentryError::Protocol("no greeting"))??;
        self.options(launch, texts).await?;
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
        };
        self.input.write_all(assuan::command(line, "")?.as_bytes()).await?;
        timeout(PERSON_TIME, self.lines.answer(pin)).await.map_err(|_| PinentryError::Timeout)?
    }

    async fn options(&mut self, launch: &Launch<'_>, texts: &DialogTexts) -> Result<(), PinentryError> {
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
        self.text("SETTIMEOUT", &PERSON_TIME.as_secs().to_string()).await
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
            self.lines.answer(None).await
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

/// What pinentry writes, line by line. It may hold the PIN: it is read by the kernel straight into one locked page.
struct Lines {
    output: ChildStdout,
    page: LockedPage,
    start: usize,
    end: usize,
}

impl Lines {
    /// Reads up to the end of an answer. Data goes to `pin`; where none is wanted, it breaks the protocol.
    async fn answer(&mut self, mut pin: Option<&mut Pin>) -> Result<(), PinentryError> {
        loop {
            let line = self.next().await?;
            match assuan::parse(line)? {
                Reply::Ok => return Ok(()),
                Reply::Error(code) => return Err(error_of(code)),
                Reply::Remark => {}
                Reply::Data(start) => {
                    let pin = pin.as_mut().ok_or(PinentryError::Protocol("data where none was asked for"))?;
                    let data = &mut line[start..];
                    let length = assuan::unescape(data)?;
                    pin.append(&data[..length])?;
                }
                Reply::FromStore => return Err(PinentryError::Protocol("the PIN came out of a password store")),
                Reply::Inquiry => return Err(PinentryError::Protocol("an inquiry")),
            }
        }
    }

    async fn next(&mut self) -> Result<&mut [u8], PinentryError> {
        loop {
            if let Some(length) = self.page[self.start..self.end].iter().position(|byte| *byte == b'\n') {
                let line = self.start..self.start + length;
                self.start = line.end + 1;
                return Ok(&mut self.page[line]);
            }
            self.page.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            if self.end == PAGE {
                return Err(PinentryError::Protocol("an endless line"));
            }
            match self.output.read(&mut self.page[self.end..]).await? {
                0 => return Err(PinentryError::Process(io::ErrorKind::UnexpectedEof.into())),
                count => self.end += count,
            }
        }
    }
}

/// The libgpg-error codes that mean something here (gpg-error.h).
fn error_of(code: u16) -> PinentryError {
    match code {
        // GPG_ERR_CANCELED, GPG_ERR_FULLY_CANCELED
        99 | 198 => PinentryError::Cancelled,
        62 => PinentryError::Timeout,
        114 => PinentryError::NotConfirmed,
        166 => PinentryError::Locale,
        other => PinentryError::Code(other),
    }
}
