//! The examination of an installation: what was seen, and findings drawn from it. What is seen is gathered in
//! [`mod@observe`]; the findings are pure.

mod anonymous;
mod elf;
mod findings;
mod observe;
mod surroundings;
mod usb;

pub(crate) use anonymous::anonymous;
pub(crate) use findings::{Finding, Level, findings};
pub(crate) use observe::observe;

use crate::snapshot::Snapshot;
use crate::time::Time;
use serde::Serialize;

/// What was seen of an installation.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Seen {
    /// Version of this program.
    pub(crate) ukeyctl: &'static str,
    /// The distribution, as it calls itself.
    pub(crate) system: String,
    /// Release of the kernel.
    pub(crate) kernel: String,
    /// The computer's clock.
    pub(crate) time: Time,
    /// What the service shows; nothing when it can't be reached.
    #[serde(flatten)]
    pub(crate) service: Option<Snapshot>,
    /// Why it can't be reached; else empty.
    pub(crate) unreachable: String,
    /// The vendors' libraries, in the order of the modules.
    pub(crate) libraries: Vec<Library>,
    /// Keys and readers on USB, as `vendor:product`.
    pub(crate) usb: Vec<String>,
    /// Those of them that the service may not open.
    pub(crate) usb_closed: Vec<String>,
    /// The smart-card service.
    pub(crate) pcscd: Pcscd,
    /// It asks polkit, and the rule that lets the service in is missing.
    pub(crate) pcscd_rule_missing: bool,
    /// polkit can be asked.
    pub(crate) polkit: bool,
    /// Whether an agent of this user runs.
    pub(crate) agent: bool,
    /// The tray of the desktop.
    pub(crate) tray: Tray,
    /// Whether logind is on the service's bus.
    pub(crate) logind: bool,
    /// Files of the installation that are missing; only where the service is on the system bus.
    pub(crate) missing: Vec<&'static str>,
}

/// A vendor's library.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Library {
    /// Name of its module.
    pub(crate) module: String,
    /// The file, links followed.
    pub(crate) path: String,
    /// What is wrong with the file, as the end of a finding's code.
    pub(crate) trouble: Option<&'static str>,
    /// Programs of this user that have it loaded.
    pub(crate) used_by: Vec<String>,
}

/// State of pcscd, the service that many Keys with smart-card chips need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Pcscd {
    /// It takes connections.
    Reachable,
    /// Its socket is there, but refuses.
    Refuses,
    /// No socket.
    Absent,
}

/// Who shows icons on the desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Tray {
    /// A tray.
    Shown,
    /// Nobody: this desktop has none, or needs an extension for it.
    NoHost,
    /// There is no desktop here.
    NoDesktop,
}
