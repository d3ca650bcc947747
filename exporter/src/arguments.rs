//! The command line.

use clap::Parser;
use std::path::PathBuf;
use ukey_dbus::Bus;

/// Tells monitoring how the Keys of this computer are: a file for Prometheus, an OpenTelemetry collector, or both.
#[derive(Debug, Parser)]
#[command(version, after_help = "Log level: RUST_LOG. Manual: ukey-exporter(8).")]
pub(crate) struct Arguments {
    /// Bus that ukeyd is on: system, session, or an address such as unix:path=/run/test-bus.
    #[arg(long, value_name = "BUS", default_value = "system")]
    pub bus: Bus,
    /// Configuration file. Without this option /etc/ukeyd/exporter.toml is read if it is there.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Read the configuration, say what is wrong with it, and end.
    #[arg(long)]
    pub check: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_manual_has_every_option() {
        let manual = include_str!("../../packaging/man/ukey-exporter.8.md");
        let mut command = Arguments::command();
        command.build();
        for option in command.get_arguments().filter_map(|argument| argument.get_long()) {
            assert!(manual.contains(&format!("`--{option}`")), "--{option} is not in ukey-exporter(8)");
        }
    }
}
