//! The agent of a desktop session.
#![forbid(unsafe_code)]

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use ukey_agent::{AgentKind, Bus, Desktop, Error, Settings};

/// For the last messages to leave.
const LEAVE_TIME: Duration = Duration::from_secs(2);

/// Asks for the PIN of a Key on this desktop when ukeyd needs it, and shows how the Keys are.
///
/// One agent serves a desktop session; start it with the session. It shows who asks, what for and for which Key, hands
/// the PIN to ukeyd's own process for the Key, and keeps nothing.
///
/// On the session bus it shows a tray icon with a menu (StatusNotifierItem) and notices (org.freedesktop.Notifications),
/// on whatever panel and server there are, or come later. Without them the dialogs work all the same.
///
/// Which pinentry is used: --pinentry, else `pinentry` in the settings file, else the flavour that fits
/// XDG_CURRENT_DESKTOP (GNOME: pinentry-gnome3; Xfce, MATE and other GTK desktops: pinentry-gtk-2; KDE, LXQt and all
/// others: pinentry-qt), else any graphical one that is installed. Without DISPLAY and WAYLAND_DISPLAY:
/// pinentry-curses, then pinentry-tty, on the terminal of the agent.
///
/// Settings file: ~/.config/ukeyd/agent.toml, all keys optional: pinentry = "pinentry-qt" · language = "zh-CN" or "en"
/// · grab = true (the dialog takes the whole keyboard, X11 only). Log: RUST_LOG=debug.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Bus that ukeyd is on: system, session, or a D-Bus address
    #[arg(long, value_name = "BUS", default_value = "system")]
    bus: Bus,
    /// Pinentry to use: a name on PATH or an absolute path
    #[arg(long, value_name = "PROGRAM")]
    pinentry: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let hardened = ukey_agent::harden();
    let arguments = Arguments::parse();
    let filter = std::env::var("RUST_LOG").ok().and_then(|filter| filter.parse().ok());
    let usual = || Targets::new().with_default(LevelFilter::INFO).with_target("zbus", LevelFilter::WARN);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(filter.unwrap_or_else(usual)).with(lines).init();
    let result = match hardened {
        Ok(()) => run(arguments).await,
        Err(error) => Err(error),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Error> {
    let mut settings = Settings::load(arguments.bus)?;
    if arguments.pinentry.is_some() {
        settings.pinentry = arguments.pinentry;
    }
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Signals)?;
    let connection = ukey_agent::connect(&settings.bus).await?;
    let mut agent = ukey_agent::serve(&connection, settings, AgentKind::Desktop).await?;
    let desktop = Desktop::start(&connection, &agent).await?;
    tokio::select! {
        error = agent.ended() => return Err(error),
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    drop(desktop);
    agent.unregister().await?;
    // What somebody still holds of it ends with the process.
    drop(timeout(LEAVE_TIME, connection.graceful_shutdown()).await);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    const MANUAL: &str = include_str!("../../packaging/man/ukey-agent.1.md");

    #[test]
    fn the_manual_has_every_option() {
        let mut command = Arguments::command();
        command.build();
        for option in command.get_arguments().filter_map(|argument| argument.get_long()) {
            assert!(MANUAL.contains(&format!("`--{option}`")), "--{option} is not in ukey-agent(1)");
        }
    }
}
