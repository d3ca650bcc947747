//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::seccomp::Forking;

/// What the daemon says at start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// The module, as an absolute path: anything else would be searched for.
    pub(crate) library: PathBuf,
    /// Process id of the daemon.
    pub(crate) parent: i32,
    /// May the module start processes?
    pub(crate) forking: Forking,
}

impl Arguments {
    /// Reads the arguments after the program's name; `None` unless they are just those that are known.
    pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let mut library = None;
        let mut parent = None;
        let mut forking = None;
        let mut arguments = arguments;
        while let Some(name) = arguments.next() {
            let value = arguments.next()?;
            match name.to_str()? {
                "--library" if library.is_none() => library = Some(PathBuf::from(value)),
                "--parent" if parent.is_none() => parent = Some(value.to_str()?.parse().ok()?),
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
        let library = library.filter(|path| path.is_absolute())?;
        Some(Self { library, parent: parent?, forking: forking.unwrap_or(Forking::Denied) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Option<Arguments> {
        Arguments::parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn only_known_arguments_are_accepted() {
        let expected = Arguments { library: "/lib/m.so".into(), parent: 7, forking: Forking::Denied };
        assert_eq!(parse("--library /lib/m.so --parent 7"), Some(expected));
        assert_eq!(parse("--library /lib/m.so --parent 7 --fork allowed").unwrap().forking, Forking::Allowed);
        for wrong in [
            "",
            "--library /lib/m.so",
            "--parent 7",
            "--library m.so --parent 7",
            "--library /lib/m.so --parent x",
            "--library /lib/m.so --parent 7 --parent 8",
            "--library /lib/m.so --parent 7 --more",
            "--library /lib/m.so --parent 7 --fork maybe",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
