//! Every `ukeyctl` command that the documentation and `--help` show is one that this program takes.

use crate::cli::Cli;
use clap::{CommandFactory, Parser};
use std::fs;
use std::path::Path;

#[test]
fn every_command_in_the_book_is_taken() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut pages = vec![sources.join("README.md")];
    for folder in ["docs", "docs/reference", "docs/decisions"] {
        pages.extend(fs::read_dir(sources.join(folder)).unwrap().map(|page| page.unwrap().path()));
    }
    pages.retain(|page| page.extension().is_some_and(|end| end == "md"));
    let mut seen = 0;
    for page in pages {
        for line in commands(&fs::read_to_string(&page).unwrap()) {
            assert_taken(&line, &page);
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn every_example_of_the_help_is_taken() {
    let mut command = Cli::command();
    command.build();
    let mut seen = 0;
    let verbs: Vec<_> = command.get_subcommands().cloned().collect();
    for text in verbs.iter().chain([&command]).filter_map(|verb| verb.get_long_about().map(ToString::to_string)) {
        for line in text.lines().filter_map(|line| line.strip_prefix("  ")) {
            // What it does stands beside it, some spaces away.
            let line = line.split("   ").next().unwrap();
            if line.trim_start().starts_with("ukeyctl ") {
                assert_taken(line, Path::new("--help"));
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn one_that_does_not_exist_is_noticed() {
    assert!(Cli::try_parse_from(words("ukeyctl sing order.csv")).is_err());
    assert_eq!(
        words("ukeyctl sign --reason '药品 1' a.csv | jq '.x'  # b"),
        ["ukeyctl", "sign", "--reason", "药品 1", "a.csv"]
    );
}

fn assert_taken(line: &str, page: &Path) {
    if let Err(error) = Cli::try_parse_from(words(line)) {
        // Help and version are no errors of the line.
        assert!(!error.use_stderr(), "{}: {line}: {error}", page.display());
    }
}

/// The lines of code that begin with `ukeyctl`.
fn commands(page: &str) -> Vec<String> {
    let mut is_fenced = false;
    let mut found = Vec::new();
    for line in page.lines() {
        if line.starts_with("```") {
            is_fenced = !is_fenced;
        }
        let code = if is_fenced { Some(line) } else { line.strip_prefix("    ") };
        if let Some(code) = code.map(str::trim_start).filter(|code| code.starts_with("ukeyctl ")) {
            found.push(code.to_owned());
        }
    }
    found
}

/// The words of the first command of a line, as a shell parts them; without redirections and comments. What another
/// command would print is a digest.
fn words(line: &str) -> Vec<String> {
    let digest = "0".repeat(64);
    let line = match line.split_once("$(").and_then(|(before, after)| Some((before, after.split_once(')')?.1))) {
        Some((before, after)) => &format!("{before}{digest}{after}"),
        None => line,
    };
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() && !rest.starts_with(['#', '|', '>', ';', '&']) {
        let mut word = String::new();
        while let Some(first) = rest.chars().next().filter(|first| !first.is_whitespace()) {
            let (part, after) = match first {
                '\'' | '"' => rest[1..].split_once(first).unwrap_or((&rest[1..], "")),
                _ => {
                    rest.split_at(rest.find(|c: char| c.is_whitespace() || c == '\'' || c == '"').unwrap_or(rest.len()))
                }
            };
            word.push_str(part);
            rest = after;
        }
        words.push(word);
        rest = rest.trim_start();
    }
    words
}
