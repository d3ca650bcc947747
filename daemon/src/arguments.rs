//! The command line.

use crate::bus::AuthorizerKind;
use clap::Parser;
use std::path::PathBuf;
use ukey_dbus::Bus;

/// Watches USB Keys (PKCS#11 tokens), has the PIN asked on the user's screen, and signs for programs over D-Bus.
#[derive(Debug, Parser)]
#[command(version, after_help = "Log level: RUST_LOG, or `log` in the configuration file. Manual: ukeyd(8).")]
pub(crate) struct Arguments {
    /// Bus to serve: system, session, or an address such as unix:path=/run/test-bus.
    #[arg(long, value_name = "BUS", default_value = "system")]
    pub bus: Bus,
    /// Configuration file. Without this option /etc/ukeyd/ukeyd.toml is read if it is there.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of module files, instead of /usr/share/ukeyd/modules.d and /etc/ukeyd/modules.d.
    #[arg(long, value_name = "DIR")]
    pub modules_dir: Option<PathBuf>,
    /// Folder of the audit journal; created with mode 0700 if it is not there.
    #[arg(long, value_name = "DIR", default_value = "/var/lib/ukeyd")]
    pub state_dir: PathBuf,
    /// Who decides what a caller may do.
    #[arg(long, value_enum, default_value = "polkit")]
    pub authorizer: AuthorizerKind,
}

const CONFIG: &str = "/etc/ukeyd/ukeyd.toml";
const MODULES: [&str; 2] = ["/usr/share/ukeyd/modules.d", "/etc/ukeyd/modules.d"];

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
    use clap::CommandFactory;

    #[test]
    fn the_manual_has_every_option() {
        let manual = include_str!("../../packaging/man/ukeyd.8.md");
        let mut command = Arguments::command();
        command.build();
        for option in command.get_arguments().filter_map(|argument| argument.get_long()) {
            assert!(manual.contains(&format!("`--{option}`")), "--{option} is not in ukeyd(8)");
        }
    }
}
