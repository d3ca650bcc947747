//! The terminal that a text-mode pinentry draws on.

use crate::texts::first_set;
use rustix::fs::{Mode, OFlags};
use rustix::termios::{OptionalActions, Termios};
use std::os::fd::OwnedFd;

/// A terminal by name and type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Terminal {
    /// Its device, like `/dev/pts/3`.
    pub(crate) name: String,
    /// `TERM`.
    pub(crate) kind: String,
}

impl Terminal {
    /// The terminal on this process' standard input, error or output, if one is.
    pub(crate) fn of_this_process() -> Option<Self> {
        let name = [
            rustix::termios::ttyname(rustix::stdio::stdin(), Vec::new()),
            rustix::termios::ttyname(rustix::stdio::stderr(), Vec::new()),
            rustix::termios::ttyname(rustix::stdio::stdout(), Vec::new()),
        ]
        .into_iter()
        .find_map(Result::ok)?;
        Some(Self { name: name.into_string().ok()?, kind: first_set(&["TERM"]).unwrap_or_else(|| "dumb".to_owned()) })
    }

    /// Its height now.
    pub(crate) fn rows(&self) -> usize {
        let size = self.open().ok().and_then(|device| rustix::termios::tcgetwinsize(device).ok());
        size.map(|size| usize::from(size.ws_row)).filter(|rows| *rows > 0).unwrap_or(ROWS)
    }

    fn open(&self) -> rustix::io::Result<OwnedFd> {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        rustix::fs::open(&*self.name, flags, Mode::empty())
    }
}

/// Rows of a terminal that doesn't tell.
const ROWS: usize = 24;

/// The settings of a terminal (echo above all) as they were, to be put back when pinentry was ended by force. Also on
/// drop, so that a dialog that is given up leaves no terminal without echo.
pub(crate) struct SavedTerminal {
    device: OwnedFd,
    settings: Termios,
    armed: bool,
}

impl SavedTerminal {
    /// Remembers the settings of `terminal`; `None` when it can't be opened.
    pub(crate) fn save(terminal: &Terminal) -> Option<Self> {
        let device = terminal.open().ok()?;
        let settings = rustix::termios::tcgetattr(&device).ok()?;
        Some(Self { device, settings, armed: true })
    }

    /// Pinentry ended by itself and has put the settings back: leave them alone.
    pub(crate) fn disarm(&mut self) {
        self.armed = false;
    }
}

impl Drop for SavedTerminal {
    fn drop(&mut self) {
        if self.armed && rustix::termios::tcsetattr(&self.device, OptionalActions::Now, &self.settings).is_err() {
            tracing::warn!("the terminal's settings could not be put back");
        }
    }
}
