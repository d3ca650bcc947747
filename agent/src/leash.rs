//! Ends a dialog's program with the agent, however the agent ends: a window that is left behind would take a PIN for nobody.

use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;

/// Runs a program with a signal for when its parent ends (util-linux); to ask the kernel here would take `unsafe`.
const SETPRIV: &str = "/usr/bin/setpriv";
const OPTIONS: [&str; 3] = ["--pdeathsig", "TERM", "--"];

/// Whether programs can be started so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leash {
    /// They end with this process.
    Held,
    /// They stay until their time is up.
    Loose,
}

impl Leash {
    /// Tries it.
    pub(crate) fn of_this_system() -> Self {
        let mut trial = std::process::Command::new(SETPRIV);
        trial.args(OPTIONS).arg("true").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match trial.status() {
            Ok(status) if status.success() => Self::Held,
            other => {
                tracing::info!(?other, "no setpriv: a dialog outlives an agent that is killed");
                Self::Loose
            }
        }
    }

    /// A command that becomes this program. The signal follows the thread that starts it, which has to be the main one.
    pub(crate) fn command(self, program: &Path) -> Command {
        match self {
            Self::Loose => Command::new(program),
            Self::Held => {
                let mut command = Command::new(SETPRIV);
                command.args(OPTIONS).arg(program);
                command
            }
        }
    }
}
