//! What the process of a vendor's library may do beyond what every library may.

use serde::Deserialize;
use std::path::{Path, PathBuf};

/// One thing that is denied to libraries unless their file allows it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
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
    /// Its name, in the file and on the shim's command line.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::UnixSockets => "unix-sockets",
            Self::UsbEvents => "usb-events",
            Self::FileModes => "file-modes",
            Self::Scheduling => "scheduling",
        }
    }
}

/// What a file that says nothing allows: Keys behind `pcscd` work.
pub(super) fn allowed_by_default() -> Vec<Allowance> {
    vec![Allowance::UnixSockets]
}

/// The paths that values of environment variables name, alone or in a list: the library is meant to find what is there.
pub(super) fn named_by<'a>(values: impl Iterator<Item = &'a String>) -> impl Iterator<Item = &'a Path> {
    values.flat_map(|value| value.split(':')).map(Path::new).filter(|path| may_be_opened(path))
}

/// Can a library be given this, as far as its path tells? The root folder would be everything.
pub(super) fn may_be_opened(path: &Path) -> bool {
    path.is_absolute() && path.components().nth(1).is_some()
}

/// Is there a path among these that can't be given to a library?
pub(super) fn any_impossible(paths: &[PathBuf]) -> bool {
    !paths.iter().all(|path| may_be_opened(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_values_name_paths() {
        let values = ["/etc/a.conf", "/opt/x/lib:/opt/y/lib:relative", "plain", "/", "", "8"].map(str::to_owned);
        let named: Vec<_> = named_by(values.iter()).collect();
        assert_eq!(named, [Path::new("/etc/a.conf"), Path::new("/opt/x/lib"), Path::new("/opt/y/lib")]);
    }

    #[test]
    fn the_root_folder_and_relative_paths_are_no_permission() {
        for path in ["/", "//", "/.", "etc", "", "."] {
            assert!(any_impossible(&["/etc".into(), path.into()]), "{path}");
        }
        assert!(!any_impossible(&["/etc".into(), "/var/lib/x".into()]));
    }
}
