//! `ukeyctl completions`: completion scripts for shells.

use crate::cli::Cli;
use crate::context::write_out;
use crate::error::Error;
use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Prints the completion script of a shell.

Example:
  ukeyctl completions bash > ~/.local/share/bash-completion/completions/ukeyctl";

/// For which shell.
#[derive(Args, Clone, Debug)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Runs the verb.
///
/// # Errors
/// When standard output fails.
pub(crate) fn run(args: &CompletionsArgs) -> Result<(), Error> {
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "ukeyctl", &mut script);
    write_out(&script)
}
