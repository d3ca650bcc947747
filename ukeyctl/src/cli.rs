//! The command line.

use crate::exit;
use crate::verb::{
    audit, batch, bind_info, change_pin, completions, doctor, export, form, list, login, logout, manual, random,
    release, show, sign, status, unblock, verify, watch, what_to_do,
};
use clap::{Parser, Subcommand};
use ukey_agent::Bus;

const ABOUT: &str = "\
Sees to the USB Keys of this computer through the service ukeyd: their state, logins, signatures.

The PIN is never an argument: it is asked in a dialog, on your desktop or on this terminal.

Examples:
  ukeyctl status                        what is plugged in, and what needs doing
  ukeyctl sign order.csv                writes order.csv.sig
  ukeyctl sign --message order.csv      writes order.csv.p7m
  ukeyctl verify --certificate ec-p256 order.csv
  ukeyctl batch orders/*.csv            one PIN entry for all
  ukeyctl bind-info                     what a platform binds an account to
  ukeyctl what-to-do                    where to go when a Key is locked or expires
  ukeyctl form --service renew --out form.pdf   the CA's form, filled in
  ukeyctl watch                         what happens, as it happens
  ukeyctl change-pin                    a new PIN, asked for in dialogs
  ukeyctl audit list --mine             what was asked of the Keys in your name
  ukeyctl doctor                        what is wrong with the installation
`ukeyctl help VERB` tells more.";

const AFTER: &str = "\
With --json each verb prints exactly one JSON object on standard output (watch: one for each event; audit list: one for each record; batch: see there), in case of an error \
{\"error\": {name, exit_code, message, meaning, advice, retry (helps, after-a-person, useless), pin_try_used (no, yes, \
unknown)}}. Fields may be added, never renamed. Texts come in the language of LC_ALL, LC_MESSAGES or LANG.";

/// The whole command line.
#[derive(Parser, Clone, Debug)]
#[command(name = "ukeyctl", version, about = "Sees to the USB Keys of this computer", long_about = ABOUT)]
#[command(after_help = exit::HELP, after_long_help = format!("{AFTER}\n\n{}", exit::HELP))]
pub(crate) struct Cli {
    /// The bus that ukeyd is on: system, session or a D-Bus address
    #[arg(
        long,
        global = true,
        env = "UKEYD_BUS",
        hide_env_values = true,
        default_value = "system",
        value_name = "BUS"
    )]
    pub(crate) bus: Bus,
    /// Print JSON for scripts
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// What to do
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// The verbs.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Verb {
    /// Show the service, the Keys and what to do where something is wrong
    #[command(long_about = status::HELP)]
    Status,
    /// List certificates, Keys or modules
    #[command(long_about = list::HELP)]
    List(list::ListArgs),
    /// Show everything about one Key or certificate
    #[command(long_about = show::HELP)]
    Show(show::ShowArgs),
    /// Log in to a Key
    #[command(long_about = login::HELP)]
    Login(login::LoginArgs),
    /// End your login to a Key
    #[command(long_about = logout::HELP)]
    Logout(logout::LogoutArgs),
    /// Sign files, or make signed messages of them
    #[command(long_about = sign::HELP)]
    Sign(sign::SignArgs),
    /// Sign many files, or many digests, after one PIN entry
    #[command(long_about = batch::HELP, mut_arg("timeout", |timeout| timeout.default_value("1h")))]
    Batch(batch::BatchArgs),
    /// Check the signature of a file, or a signed message
    #[command(long_about = verify::HELP)]
    Verify(verify::VerifyArgs),
    /// Write a certificate to a file or to standard output
    #[command(long_about = export::HELP)]
    Export(export::ExportArgs),
    /// Print what a platform binds an account to: serial number, USCC, unit
    #[command(long_about = bind_info::HELP)]
    BindInfo(bind_info::BindInfoArgs),
    /// Print what to do at the CA: where to go, what to bring, whom to call
    #[command(long_about = what_to_do::HELP)]
    WhatToDo(what_to_do::WhatToDoArgs),
    /// Write the CA's application form as a PDF, filled in
    #[command(long_about = form::HELP)]
    Form(form::FormArgs),
    /// Print random bytes of a Key
    #[command(long_about = random::HELP)]
    Random(random::RandomArgs),
    /// Print what happens, as it happens
    #[command(long_about = watch::HELP)]
    Watch(watch::WatchArgs),
    /// Change a PIN
    #[command(long_about = change_pin::HELP)]
    ChangePin(change_pin::ChangePinArgs),
    /// Unlock the user PIN with the SO PIN, for technicians
    #[command(long_about = unblock::HELP)]
    Unblock(unblock::UnblockArgs),
    /// Let other software use a Key
    #[command(long_about = release::HELP)]
    Release(release::ReleaseArgs),
    /// Read the journal of what was asked of the Keys, and check it
    #[command(long_about = audit::HELP)]
    Audit(audit::AuditArgs),
    /// Examine the installation, and say what to do
    #[command(long_about = doctor::HELP)]
    Doctor(doctor::DoctorArgs),
    /// Print the completion script of a shell
    #[command(long_about = completions::HELP)]
    Completions(completions::CompletionsArgs),
    /// Print the manual page, for packages
    #[command(long_about = manual::HELP, hide = true)]
    Manual(manual::ManualArgs),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_teaches_by_example_and_the_exit_codes_are_told() {
        let mut command = Cli::command();
        let verbs: Vec<String> = command.get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
        for verb in verbs {
            let help = command.find_subcommand_mut(&verb).unwrap().render_long_help().to_string();
            assert!(help.contains(&format!("  ukeyctl {verb}")), "{verb}: {help}");
        }
        assert!(command.render_long_help().to_string().contains("10  a file"));
    }

    #[test]
    fn no_option_takes_a_pin() {
        let command = Cli::command();
        for verb in command.get_subcommands() {
            for argument in verb.get_arguments() {
                assert_ne!(argument.get_id().as_str(), "pin");
            }
        }
    }
}
