//! `ukeyctl`: the command line of ukeyd. Everything goes over D-Bus; the contract is `ukey_dbus`.
#![forbid(unsafe_code)]

mod advice;
mod call;
mod check;
mod cli;
mod confirm;
mod context;
mod describe;
mod doctor;
#[cfg(test)]
mod documented;
mod error;
mod event;
mod exit;
mod file;
mod guidance;
mod hash;
mod hex;
mod input;
mod interrupt;
mod pem;
mod progress;
mod report;
mod select;
mod service;
mod snapshot;
mod style;
mod table;
mod terminal;
#[cfg(test)]
mod testing;
mod texts;
mod time;
mod variant;
mod verb;

use clap::Parser;
use cli::{Cli, Verb};
use context::{Context, Format};
use error::Error;
use exit::Exit;
use std::io;
use std::process::ExitCode;
use style::Paint;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use ukey_agent::texts::Language;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = std::env::var("RUST_LOG").ok().and_then(|filter| filter.parse().ok());
    let usual = || Targets::new().with_default(LevelFilter::ERROR);
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    tracing_subscriber::registry().with(filter.unwrap_or_else(usual)).with(lines).init();
    let context = Context {
        bus: cli.bus,
        format: if cli.json { Format::Json } else { Format::Text },
        texts: texts::catalogue(Language::from_environment()),
        paint: Paint::for_stream(&io::stdout()),
    };
    let exit = match run(&context, &cli.verb).await {
        Ok(exit) => exit,
        // Whoever reads our output has seen enough, as in `ukeyctl watch | head`.
        Err(Error::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Success,
        Err(error) => {
            report::report(&context, &error);
            error.exit()
        }
    };
    ExitCode::from(exit.code())
}

async fn run(context: &Context, verb: &Verb) -> Result<Exit, Error> {
    let done = match verb {
        Verb::Status => verb::status::run(context).await,
        Verb::List(args) => verb::list::run(context, args).await,
        Verb::Show(args) => verb::show::run(context, args).await,
        Verb::Login(args) => verb::login::run(context, args).await,
        Verb::Logout(args) => verb::logout::run(context, args).await,
        Verb::Sign(args) => verb::sign::run(context, args).await,
        Verb::Verify(args) => return verb::verify::run(context, args).await,
        Verb::Batch(args) => return verb::batch::run(context, args).await,
        Verb::Export(args) => verb::export::run(context, args).await,
        Verb::BindInfo(args) => verb::bind_info::run(context, args).await,
        Verb::WhatToDo(args) => verb::what_to_do::run(context, args).await,
        Verb::Form(args) => verb::form::run(context, args).await,
        Verb::Random(args) => verb::random::run(context, args).await,
        Verb::ChangePin(args) => verb::change_pin::run(context, args).await,
        Verb::Unblock(args) => verb::unblock::run(context, args).await,
        Verb::Release(args) => verb::release::run(context, args).await,
        Verb::Watch(args) => verb::watch::run(context, args).await,
        Verb::Audit(args) => return verb::audit::run(context, args).await,
        Verb::Doctor(args) => return verb::doctor::run(context, args).await,
        Verb::Completions(args) => verb::completions::run(args),
        Verb::Manual(args) => verb::manual::run(args),
    };
    done.map(|()| Exit::Success)
}
