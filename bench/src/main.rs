//! Measures ukeyd beside other ways to the same Key, all in one run on a stage of its own, and writes tables and plots.
//! Needs root and everything built beside it: `cargo build --release --workspace --bins`.
#![deny(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a measurement: what fails here has no result")]
#![allow(clippy::print_stderr, reason = "it tells how far it is")]

mod contender;
mod machine;
mod measure;
mod plot;
mod report;
mod scene;
mod worker;

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use ukey_softhsm_tests::staged_program;

/// Measures what a signature costs
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    plan: Plan,
}

/// What to measure, and for how long.
#[derive(Clone, Debug, Args)]
struct Plan {
    /// Folder for the tables and plots
    #[arg(long, default_value = "docs/performance")]
    out: PathBuf,
    /// Rounds of the interleaved measurements
    #[arg(long, default_value_t = 60)]
    rounds: usize,
    /// Milliseconds of each window of the measurements under load
    #[arg(long, default_value_t = 1000)]
    window: u64,
    /// Only these measurements, such as latency,crowd
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Folder on a disk, for the record of the measurements that say so
    #[arg(long, default_value = "/var/tmp")]
    disk: PathBuf,
    /// Million signatures of the measurement of growth
    #[arg(long, default_value_t = 0.02)]
    growth: f64,
}

impl Plan {
    fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == part)
    }

    /// As arguments of another process.
    fn arguments(&self) -> Vec<String> {
        let mut all = vec![
            format!("--out={}", self.out.display()),
            format!("--rounds={}", self.rounds),
            format!("--window={}", self.window),
            format!("--disk={}", self.disk.display()),
            format!("--growth={}", self.growth),
        ];
        if !self.only.is_empty() {
            all.push(format!("--only={}", self.only.join(",")));
        }
        all
    }
}

#[derive(Debug, Subcommand)]
enum Part {
    /// One contender's callers; started by the measurement
    #[command(hide = true)]
    Work(worker::Arguments),
    /// The measurements of one stage; started by the measurement
    #[command(hide = true)]
    Stage {
        /// Which.
        stage: measure::Stage,
        #[command(flatten)]
        plan: Plan,
    },
    /// A process that passes digests on; started by the measurement
    #[command(hide = true)]
    Hop(worker::HopArguments),
    /// A service that passes digests on; started by the measurement
    #[command(hide = true)]
    Prototype(worker::PrototypeArguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.part {
        Some(Part::Work(work)) => worker::work(&work),
        Some(Part::Hop(hop)) => worker::hop(&hop),
        Some(Part::Prototype(prototype)) => worker::prototype(&prototype),
        Some(Part::Stage { stage, plan }) => {
            return staged_program(async || {
                measure::on_stage(stage, &plan).await;
                ExitCode::SUCCESS
            });
        }
        None => measure::all(&arguments.plan),
    }
    ExitCode::SUCCESS
}
