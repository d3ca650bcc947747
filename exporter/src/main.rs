//! ukey-exporter: tells a hospital's monitoring how the Keys of this computer are. It reads what ukeyd shows on D-Bus and
//! writes it to a file for Prometheus, sends it to an OpenTelemetry collector, or both. It never uses a Key, and nothing
//! that it tells says who used one or what was signed.
#![forbid(unsafe_code)]

mod arguments;
mod bus;
mod configuration;
mod error;
mod metrics;
mod otlp;
mod prometheus;
mod run;

use clap::Parser;
use error::Error;
use std::process::ExitCode;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

fn main() -> ExitCode {
    let arguments = arguments::Arguments::parse();
    let filter = std::env::var("RUST_LOG").ok().and_then(|filter| filter.parse().ok());
    let usual = || Targets::new().with_default(LevelFilter::INFO).with_target("zbus", LevelFilter::WARN);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(filter.unwrap_or_else(usual)).with(lines).init();
    match start(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn start(arguments: &arguments::Arguments) -> Result<(), Error> {
    let configuration = configuration::Configuration::read(arguments.config.as_deref(), &configuration::environment())?;
    if arguments.check {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::System)?;
    let result = runtime.block_on(run::run(&arguments.bus, configuration));
    // A request to a collector may hang for as long as its time limit.
    runtime.shutdown_background();
    result
}
