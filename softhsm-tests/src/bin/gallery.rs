//! Photographs what the clerk sees of the tray and the notices, on a real panel with a real notification server. Needs
//! root, and everything built beside it: `cargo build --workspace`.
//!
//! `gallery --list` names the views; `gallery ready --locale chinese ready.png` photographs one.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test software: a failure here is a failed test")]

use clap::{Parser, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;
use ukey_softhsm_tests::{Colours, Locale, View, staged_program};

/// Photographs the desktop.
#[derive(Debug, Parser)]
struct Arguments {
    /// Names the views and does nothing
    #[arg(long)]
    list: bool,
    /// Language of the desktop
    #[arg(long, value_enum, default_value_t = Locale::Chinese)]
    locale: Locale,
    /// Colours of the desktop
    #[arg(long, value_enum, default_value_t = Colours::Light)]
    colours: Colours,
    /// What to see
    #[arg(required_unless_present = "list")]
    view: Option<View>,
    /// PNG file to write
    #[arg(required_unless_present = "list")]
    file: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list {
        View::value_variants().iter().for_each(|view| println!("{}", view.name()));
        return ExitCode::SUCCESS;
    }
    staged_program(async || {
        // Both are there: the parser wants them.
        if let (Some(view), Some(file)) = (arguments.view, &arguments.file) {
            view.photograph(arguments.locale, arguments.colours, file).await;
        }
        ExitCode::SUCCESS
    })
}
