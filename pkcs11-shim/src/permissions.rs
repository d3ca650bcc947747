//! What the module's profile lets it do.

use std::collections::BTreeSet;
use std::path::PathBuf;

/// What is not denied to the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Permissions {
    /// May it start processes?
    pub(crate) forking: Forking,
    /// Files and folders that it may read, beside its own and the system's libraries; sockets that it may connect to.
    pub(crate) read: Vec<PathBuf>,
    /// Files that it may change and folders in which it may make and remove files; it may read them too.
    pub(crate) write: Vec<PathBuf>,
    /// Single things that are denied otherwise.
    pub(crate) allowed: BTreeSet<Allowance>,
}

/// May the module start processes?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Forking {
    /// No.
    #[default]
    Denied,
    /// Yes: a keeper has to be put above the module's host first.
    Allowed,
    /// Yes: the parent is that keeper.
    Kept,
}

/// One thing that a module can be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Allowance {
    /// Unix sockets: the way to `pcscd` and to a vendor's helper.
    UnixSockets,
    /// The kernel's and udev's messages about devices, without which libusb does not start.
    UsbEvents,
    /// Modes, owners, times and attributes of files by their path.
    FileModes,
    /// Priorities and processors of threads.
    Scheduling,
}

impl Allowance {
    const NAMES: [(Self, &'static str); 4] = [
        (Self::UnixSockets, "unix-sockets"),
        (Self::UsbEvents, "usb-events"),
        (Self::FileModes, "file-modes"),
        (Self::Scheduling, "scheduling"),
    ];

    /// The one with this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(allowance, _)| *allowance)
    }
}
