//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::permissions::{Allowance, Forking, Permissions};

/// What the daemon says at start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// The module, as an absolute path: anything else would be searched for.
    pub(crate) library: PathBuf,
    /// Process id of the daemon.
    pub(crate) parent: i32,
    /// What the module may do.
    pub(crate) permissions: Permissions,
}

impl Arguments {
    /// Reads the arguments after the program's name; `None` unless they are just those that are known.
    pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let mut library = None;
        let mut parent = None;
        let mut forking = None;
        let mut permissions = Permissions::default();
        let mut arguments = arguments;
        while let Some(name) = arguments.next() {
            let value = arguments.next()?;
            match name.to_str()? {
                "--library" if library.is_none() => library = Some(absolute(value)?),
                "--parent" if parent.is_none() => parent = Some(value.to_str()?.parse().ok()?),
                "--read" => permissions.read.push(absolute(value)?),
                "--write" => permissions.write.push(absolute(value)?),
                "--allow" => _ = permissions.allowed.insert(Allowance::named(value.to_str()?)?),
                "--fork" if forking.is_none() => {
                    forking = Some(match value.to_str()? {
                        "allowed" => Forking::Allowed,
                        "kept" => Forking::Kept,
                        "denied" => Forking::Denied,
                        _ => return None,
                    });
                }
                _ => return None,
            }
        }
        permissions.forking = forking.unwrap_or_default();
        Some(Self { library: library?, parent: parent?, permissions })
    }

    /// The same arguments, as read from `arguments`, for a host below this process, its keeper.
    pub(crate) fn of_host(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
        let mut all: Vec<OsString> = arguments.collect();
        for at in 1..all.len() {
            match all[at - 1].to_str() {
                Some("--parent") => all[at] = std::process::id().to_string().into(),
                Some("--fork") => all[at] = "kept".into(),
                _ => {}
            }
        }
        all
    }
}

fn absolute(value: OsString) -> Option<PathBuf> {
    Some(PathBuf::from(value)).filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> impl Iterator<Item = OsString> {
        line.split_whitespace().map(OsString::from)
    }

    fn parse(line: &str) -> Option<Arguments> {
        Arguments::parse(words(line))
    }

    #[test]
    fn only_known_arguments_are_accepted() {
        let expected = Arguments { library: "/lib/m.so".into(), parent: 7, permissions: Permissions::default() };
        assert_eq!(parse("--library /lib/m.so --parent 7"), Some(expected));
        for wrong in [
            "",
            "--library /lib/m.so",
            "--parent 7",
            "--library m.so --parent 7",
            "--library /lib/m.so --parent x",
            "--library /lib/m.so --parent 7 --parent 8",
            "--library /lib/m.so --parent 7 --more",
            "--library /lib/m.so --parent 7 --fork maybe",
            "--library /lib/m.so --parent 7 --read etc",
            "--library /lib/m.so --parent 7 --allow everything",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_the_module_may_do_is_said_piece_by_piece() {
        let line =
            "--library /lib/m.so --parent 7 --fork allowed --read /etc/a --write /b --read /c --allow usb-events";
        let permissions = parse(line).unwrap().permissions;
        assert_eq!(permissions.forking, Forking::Allowed);
        assert_eq!(permissions.read, [PathBuf::from("/etc/a"), "/c".into()]);
        assert_eq!(permissions.write, [PathBuf::from("/b")]);
        assert_eq!(permissions.allowed.into_iter().collect::<Vec<_>>(), [Allowance::UsbEvents]);
    }

    #[test]
    fn a_keepers_host_gets_the_same_but_for_its_parent() {
        let line = "--library /lib/m.so --parent 7 --fork allowed --write /b";
        let host = Arguments::parse(Arguments::of_host(words(line)).into_iter()).unwrap();
        let Arguments { library, parent, permissions } = parse(line).unwrap();
        assert_eq!((&host.library, &host.permissions.write), (&library, &permissions.write));
        assert_eq!(host.permissions.forking, Forking::Kept);
        assert_ne!(host.parent, parent);
    }
}
