//! The command line. Read with a small parser: the service is there all day, and its memory is its code for the most part.

use crate::bus::AuthorizerKind;
use lexopt::{Arg, Error, Parser, ValueExt};
use std::ffi::OsString;
use std::path::PathBuf;
use ukey_dbus::Bus;

const CONFIG: &str = "/etc/ukeyd/ukeyd.toml";
const STATE: &str = "/var/lib/ukeyd";
const MODULES: [&str; 2] = ["/usr/share/ukeyd/modules.d", "/etc/ukeyd/modules.d"];

const HELP: &str = "\
Watches USB Keys (PKCS#11 tokens), has the PIN asked on the user's screen, and signs for programs over D-Bus.

Usage: ukeyd [OPTION]...

Options:
      --bus BUS           Bus to serve: system, session, or an address such as unix:path=/run/test-bus [default: system]
      --config FILE       Configuration file. Without this option /etc/ukeyd/ukeyd.toml is read if it is there
      --modules-dir DIR   Folder of module files, instead of /usr/share/ukeyd/modules.d and /etc/ukeyd/modules.d
      --state-dir DIR     Folder of the audit journal; created with mode 0700 if it is not there [default: /var/lib/ukeyd]
      --authorizer WHO    Who decides what a caller may do: polkit, or same-uid, which allows the service's own user
                          everything and nobody else anything, and is not for the system bus [default: polkit]
  -h, --help              Print help
  -V, --version           Print version

Log level: RUST_LOG, or `log` in the configuration file. Manual: ukeyd(8).
";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Serve(Arguments),
    /// To be printed, and no more.
    Text(String),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub bus: Bus,
    pub config: Option<PathBuf>,
    pub modules_dir: Option<PathBuf>,
    pub state_dir: PathBuf,
    pub authorizer: AuthorizerKind,
}

impl Asked {
    /// Reads the arguments after the program's name.
    pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Error> {
        let mut parser = Parser::from_args(arguments);
        let (mut bus, mut authorizer) = (None, None);
        let (mut config, mut modules_dir, mut state_dir) = (None, None, None);
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("bus") => set(&mut bus, "--bus", parser.value()?.parse()?)?,
                Arg::Long("config") => set(&mut config, "--config", parser.value()?.into())?,
                Arg::Long("modules-dir") => set(&mut modules_dir, "--modules-dir", parser.value()?.into())?,
                Arg::Long("state-dir") => set(&mut state_dir, "--state-dir", parser.value()?.into())?,
                Arg::Long("authorizer") => set(&mut authorizer, "--authorizer", parser.value()?.parse()?)?,
                Arg::Short('h') | Arg::Long("help") => return Ok(Self::Text(HELP.to_owned())),
                Arg::Short('V') | Arg::Long("version") => {
                    return Ok(Self::Text(format!("ukeyd {}\n", env!("CARGO_PKG_VERSION"))));
                }
                other => return Err(other.unexpected()),
            }
        }
        Ok(Self::Serve(Arguments {
            bus: bus.unwrap_or(Bus::System),
            config,
            modules_dir,
            state_dir: state_dir.unwrap_or_else(|| PathBuf::from(STATE)),
            authorizer: authorizer.unwrap_or(AuthorizerKind::Polkit),
        }))
    }
}

/// An option that is given twice is a mistake in one of its places.
fn set<T>(place: &mut Option<T>, option: &str, value: T) -> Result<(), Error> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Error::Custom(format!("{option} is given more than once").into())),
    }
}

impl Arguments {
    /// Where the configuration is by default.
    pub(crate) fn default_config() -> PathBuf {
        PathBuf::from(CONFIG)
    }

    /// Folders of module files; a later one overrides an earlier.
    pub(crate) fn module_folders(&self) -> Vec<PathBuf> {
        match &self.modules_dir {
            Some(folder) => vec![folder.clone()],
            None => MODULES.iter().map(PathBuf::from).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Asked, String> {
        Asked::read(line.split_whitespace().map(OsString::from)).map_err(|error| error.to_string())
    }

    fn serve(line: &str) -> Arguments {
        match read(line) {
            Ok(Asked::Serve(arguments)) => arguments,
            other => panic!("{line}: {other:?}"),
        }
    }

    /// The options that the help names, with the value that each takes.
    fn options() -> Vec<(&'static str, &'static str)> {
        let list = HELP.split_once("Options:").unwrap().1;
        let option = |line: &'static str| line.split_once("--").filter(|(before, _)| before.len() == 6);
        let option = |line| option(line).map(|(_, option)| option.split_once(' ').unwrap());
        list.lines().filter_map(option).map(|(name, rest)| (name, rest.split(' ').next().unwrap())).collect()
    }

    #[test]
    fn without_options_it_serves_the_system() {
        let expected = Arguments {
            bus: Bus::System,
            config: None,
            modules_dir: None,
            state_dir: "/var/lib/ukeyd".into(),
            authorizer: AuthorizerKind::Polkit,
        };
        assert_eq!(serve(""), expected);
    }

    #[test]
    fn every_option_has_its_place() {
        let expected = Arguments {
            bus: Bus::Address("unix:path=/run/b".to_owned()),
            config: Some("/c".into()),
            modules_dir: Some("/m".into()),
            state_dir: "/s".into(),
            authorizer: AuthorizerKind::SameUid,
        };
        let line = "--bus unix:path=/run/b --config=/c --modules-dir /m --state-dir /s --authorizer same-uid";
        assert_eq!(serve(line), expected);
        assert_eq!(serve("--bus session --authorizer=polkit").bus, Bus::Session);
    }

    #[test]
    fn help_names_all_that_is_taken_and_so_does_the_manual() {
        let manual = include_str!("../../packaging/man/ukeyd.8.md");
        let options = options();
        assert_eq!(options.len(), 7, "{options:?}");
        for (name, value) in options {
            assert!(manual.contains(&format!("`--{name}`")), "--{name} is not in ukeyd(8)");
            let refused = read(&format!("--{name}"));
            if value.is_empty() {
                assert!(matches!(refused, Ok(Asked::Text(_))), "--{name}: {refused:?}");
            } else {
                assert_eq!(refused, Err(format!("missing argument for option '--{name}'")));
            }
        }
        assert_eq!(read("-h"), read("--help"));
        assert_eq!(read("-V"), read("--version"));
    }

    #[test]
    fn mistakes_are_named() {
        let told = [
            ("--buss system", "invalid option '--buss'"),
            ("-x", "invalid option '-x'"),
            ("system", "unexpected argument \"system\""),
            ("--bus session --bus system", "--bus is given more than once"),
            ("--authorizer root", "cannot parse argument \"root\": neither polkit nor same-uid"),
        ];
        for (line, message) in told {
            assert_eq!(read(line), Err(message.to_owned()), "{line}");
        }
    }
}
