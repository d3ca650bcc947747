//! `ukeyctl manual`: the page `ukeyctl(1)`, for packages. Not among the verbs that `--help` lists.

use crate::cli::Cli;
use crate::context::write_out;
use crate::error::Error;
use crate::exit;
use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;
use std::io;

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Prints the manual page ukeyctl(1), made of the same texts as --help.

Example:
  ukeyctl manual > /usr/share/man/man1/ukeyctl.1";

/// Where the page belongs.
#[derive(Args, Clone, Debug)]
pub(crate) struct ManualArgs {
    /// Date on the page, as 2026-11-26
    #[arg(long, default_value = "", value_name = "DATE")]
    date: String,
}

/// Runs the verb.
///
/// # Errors
/// When standard output fails.
pub(crate) fn run(args: &ManualArgs) -> Result<(), Error> {
    write_out(&page(&args.date).map_err(Error::Output)?)
}

/// The whole page: the program, then each verb with its options and texts.
fn page(date: &str) -> io::Result<Vec<u8>> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    let man = Man::new(command.clone()).date(date).manual("ukeyd");
    man.render_title(&mut page)?;
    page.extend(b".nh\n.ad l\n");
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    page.extend(section("DESCRIPTION", &long_about(&command)));
    man.render_options_section(&mut page)?;
    page.extend(b".SH VERBS\n");
    verbs(&command, "ukeyctl", &mut page)?;
    page.extend(section("EXIT STATUS", exit::HELP));
    page.extend(section(
        "OUTPUT FOR PROGRAMS",
        &command.get_after_long_help().map(plain_json_part).unwrap_or_default(),
    ));
    page.extend(b".SH SEE ALSO\n.BR ukeyd (8),\n.BR ukey\\-agent (1),\n.BR org.ukeyd.UKey1 (5)\n");
    Ok(page)
}

/// Each verb that people see, and those below it.
fn verbs(command: &Command, above: &str, page: &mut Vec<u8>) -> io::Result<()> {
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help") {
        let name = format!("{above} {}", verb.get_name());
        page.extend(format!(".SS \"{}\"\n", escape(&name)).into_bytes());
        let usage = verb.clone().bin_name(&name).render_usage().to_string();
        page.extend(paragraphs(usage.trim_start_matches("Usage: ")));
        page.extend(b".PP\n");
        page.extend(paragraphs(&long_about(verb)));
        let mut options = Vec::new();
        // What every verb takes is told once, above.
        let own = verb.clone().mut_args(|argument| {
            let is_everywhere = ["bus", "json", "help", "version"].contains(&argument.get_id().as_str());
            argument.hide(is_everywhere)
        });
        if own.get_arguments().any(|argument| !argument.is_hide_set()) {
            Man::new(own).render_options_section(&mut options)?;
            let options = String::from_utf8_lossy(&options).replacen(".SH OPTIONS\n", "", 1);
            page.extend(options.into_bytes());
        }
        verbs(verb, &name, page)?;
    }
    Ok(())
}

fn long_about(command: &Command) -> String {
    command.get_long_about().or_else(|| command.get_about()).map(ToString::to_string).unwrap_or_default()
}

/// What stands after the options of `ukeyctl --help`, without the exit codes.
fn plain_json_part(text: &clap::builder::StyledStr) -> String {
    text.to_string().split("\n\n").next().unwrap_or_default().to_owned()
}

fn section(title: &str, text: &str) -> Vec<u8> {
    let mut section = format!(".SH \"{title}\"\n").into_bytes();
    section.extend(paragraphs(text));
    section
}

/// Text as `--help` lays it out: empty lines part paragraphs, indented lines stay as they are.
fn paragraphs(text: &str) -> Vec<u8> {
    let mut page = String::new();
    let mut is_fixed = false;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let fixed = line.starts_with(' ');
        if fixed != is_fixed {
            page.push_str(if fixed { ".RS 2\n.nf\n" } else { ".fi\n.RE\n" });
            is_fixed = fixed;
        }
        if !line.trim().is_empty() {
            page.push_str(&escape(line.strip_prefix("  ").unwrap_or(line)));
            page.push('\n');
        } else if lines.peek().is_some_and(|next| !next.starts_with(' ')) {
            page.push_str(".PP\n");
        }
    }
    if is_fixed {
        page.push_str(".fi\n.RE\n");
    }
    page.into_bytes()
}

/// A line of text as roff takes it; a hyphen stays one that a shell takes.
fn escape(line: &str) -> String {
    let mut escaped = String::new();
    if line.starts_with(['.', '\'']) {
        escaped.push_str(r"\&");
    }
    for character in line.chars() {
        match character {
            '\\' => escaped.push_str(r"\e"),
            '-' => escaped.push_str(r"\-"),
            '\'' => escaped.push_str(r"\(aq"),
            '`' => escaped.push_str(r"\(ga"),
            '~' => escaped.push_str(r"\(ti"),
            '^' => escaped.push_str(r"\(ha"),
            '"' => escaped.push_str(r"\(dq"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_option_and_exit_code_is_on_the_page() {
        let page = String::from_utf8(page("2026-11-26").unwrap()).unwrap();
        let mut command = Cli::command();
        command.build();
        let mut seen = 0;
        for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help") {
            let heading = format!(".SS \"ukeyctl {}\"\n", escape(verb.get_name()));
            let (_, part) = page.split_once(&heading).unwrap_or_else(|| panic!("{heading}"));
            for option in verb.get_arguments().filter_map(|argument| argument.get_long()) {
                let part = if ["bus", "json", "help", "version"].contains(&option) { page.as_str() } else { part };
                assert!(part.contains(&format!("\\-\\-{}", escape(option))), "{} {option}", verb.get_name());
                seen += 1;
            }
        }
        assert!(seen > 30, "{seen}");
        for line in exit::HELP.lines() {
            assert!(page.contains(&escape(line.trim_start())), "{line}");
        }
        assert!(!page.contains("manual \\-\\-date"), "for packages, not for people");
    }
}
