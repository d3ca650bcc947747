//! What pinentry answers, and what can go wrong with it.

use crate::assuan::{self, LineTooLong, Malformed, Reply};
use crate::locked::{LockedPage, PAGE};
use crate::pin::{Pin, TooLong};
use std::io;
use tokio::io::AsyncReadExt;
use tokio::process::ChildStdout;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PinentryError {
    /// The person closed the dialog, or it was withdrawn.
    #[error("the dialog was closed")]
    Cancelled,
    /// The person pressed "no".
    #[error("not confirmed")]
    NotConfirmed,
    /// The two entries of a new PIN were different again and again, or of a length that the Key does not take.
    #[error("no new PIN was entered twice alike")]
    NoNewPin,
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

/// What pinentry writes, line by line. It may hold the PIN: it is read by the kernel straight into one locked page.
pub(crate) struct Answers {
    output: ChildStdout,
    page: LockedPage,
    start: usize,
    end: usize,
}

impl Answers {
    /// What will come out of `output`.
    ///
    /// # Errors
    /// [`PinentryError::Memory`].
    pub(crate) fn of(output: ChildStdout) -> Result<Self, PinentryError> {
        let page = LockedPage::new().map_err(PinentryError::Memory)?;
        Ok(Self { output, page, start: 0, end: 0 })
    }

    /// Reads up to the end of an answer. Data goes to `pin`; where none is wanted, it breaks the protocol.
    pub(crate) async fn next(&mut self, mut pin: Option<&mut Pin>) -> Result<(), PinentryError> {
        loop {
            let line = self.line().await?;
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

    async fn line(&mut self) -> Result<&mut [u8], PinentryError> {
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
