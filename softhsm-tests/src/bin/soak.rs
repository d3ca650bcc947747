//! Lets thousands of random events happen to three Keys on a private machine within the machine, and says what came of
//! them. Needs root, and everything built beside it: `cargo build --workspace`.
//!
//! `soak --events 10000 --seed 1`. Fails when an answer was wrong, a try is unaccounted for or something was left over.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test software: a failure here is a failed test")]

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use ukey_softhsm_tests::{Soak, staged_program};

/// Random events on test Keys; prints a table.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many events
    #[arg(long, default_value_t = 10_000)]
    events: usize,
    /// Where the events come from; by default the clock
    #[arg(long)]
    seed: Option<u64>,
    /// File for the daemon's log
    #[arg(long)]
    log: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    staged_program(async || {
        let seed = arguments.seed.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs());
        println!("seed {seed}");
        let report = Soak::new(arguments.events, seed).telling_every(500).run().await;
        print!("{report}");
        if let Some(file) = arguments.log {
            std::fs::write(file, report.log()).unwrap();
        }
        if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    })
}
