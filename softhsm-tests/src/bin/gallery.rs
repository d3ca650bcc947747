//! Photographs what the clerk sees of the desktop, on a real panel with a real notification server and real dialogs. Needs
//! root, and everything built beside it: `cargo build --workspace`.
//!
//! `gallery --list` names the pictures; `gallery desktop/ready.zh-CN.png FILE` makes one.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test software: a failure here is a failed test")]

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;
use ukey_softhsm_tests::{Picture, staged_program};

/// Photographs the desktop.
#[derive(Debug, Parser)]
struct Arguments {
    /// Names the pictures and does nothing
    #[arg(long)]
    list: bool,
    /// The picture, by its name
    #[arg(required_unless_present = "list", value_parser = picture)]
    picture: Option<Picture>,
    /// PNG file to write
    #[arg(required_unless_present = "list")]
    file: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list {
        Picture::all().iter().for_each(|picture| println!("{}", picture.name()));
        return ExitCode::SUCCESS;
    }
    staged_program(async || {
        // Both are there: the parser wants them.
        if let (Some(picture), Some(file)) = (arguments.picture, &arguments.file) {
            picture.take(file).await;
        }
        ExitCode::SUCCESS
    })
}

fn picture(name: &str) -> Result<Picture, String> {
    let found = Picture::all().into_iter().find(|picture| picture.name() == name);
    found.ok_or_else(|| "there is no such picture: gallery --list names them".to_owned())
}
