//! The exporter's life: reads when something has changed, tells what is due, sleeps otherwise.

use crate::bus::{Changes, Reader, Sample};
use crate::configuration::Configuration;
use crate::error::Error;
use crate::metrics::{Family, collect};
use crate::otlp::Sender;
use crate::prometheus::Textfile;
use sd_notify::NotifyState;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep_until};
use ukey_dbus::Bus;

/// Between two readings for traces: ukeyd remembers the last few hundred calls only.
const PAUSE: Duration = Duration::from_secs(1);

/// An answer takes milliseconds. A ukeyd that hangs must not keep the exporter from ending.
const CALL_TIME: Duration = Duration::from_secs(10);
/// After a reading that failed.
const AGAIN: Duration = Duration::from_secs(30);

/// Runs until SIGTERM or SIGINT.
pub(crate) async fn run(bus: &Bus, configuration: Configuration) -> Result<(), Error> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::System)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::System)?;
    let connection = bus.builder().method_timeout(CALL_TIME).build().await?;
    let mut changes = Changes::follow(&connection).await?;
    let mut exporter = Exporter::new(Reader::new(&connection).await?, configuration)?;
    exporter.work().await?;
    notify(NotifyState::Ready);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "ready");
    loop {
        let due = exporter.due();
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            changed = changes.next() => {
                changed?;
                exporter.something_changed();
                continue;
            }
            outcome = answered(&mut exporter.sender) => {
                if let (Some(sender), Some(outcome)) = (&mut exporter.sender, outcome) {
                    sender.note(outcome);
                }
            }
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
        }
        exporter.work().await?;
    }
    notify(NotifyState::Stopping);
    if let Some(textfile) = &exporter.textfile {
        textfile.remove();
    }
    Ok(())
}

async fn answered(sender: &mut Option<Sender>) -> Option<crate::otlp::Outcome> {
    match sender {
        Some(sender) => sender.outcome().await,
        None => std::future::pending().await,
    }
}

fn notify(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::debug!(%error, "systemd was not notified");
    }
}

struct Exporter {
    reader: Reader,
    textfile: Option<Textfile>,
    sender: Option<Sender>,
    /// Between two readings.
    pause: Duration,
    read: Instant,
    next_read: Option<Instant>,
    /// `None` while ukeyd does not run.
    sample: Option<Sample>,
    told_absent: bool,
    /// The ukeyd whose calls are known, by its start, and the last of them.
    since_ms: u64,
    last_call: u64,
}

impl Exporter {
    fn new(reader: Reader, configuration: Configuration) -> Result<Self, Error> {
        let textfile_pause = configuration.textfile.as_ref().map(|textfile| textfile.interval);
        let pause = match (&configuration.otlp, textfile_pause) {
            (Some(otlp), _) if otlp.traces.is_some() => PAUSE,
            (Some(otlp), pause) => pause.map_or(otlp.interval, |pause| pause.min(otlp.interval)),
            (None, pause) => pause.unwrap_or(PAUSE),
        };
        let now = Instant::now();
        Ok(Self {
            reader,
            textfile: configuration.textfile.map(Textfile::new),
            sender: configuration.otlp.map(Sender::new).transpose()?,
            pause,
            read: now,
            next_read: Some(now),
            sample: None,
            told_absent: false,
            since_ms: 0,
            last_call: 0,
        })
    }

    /// A reading is due, after the pause.
    fn something_changed(&mut self) {
        self.next_read.get_or_insert_with(|| Instant::now().max(self.read + self.pause));
    }

    /// When there is something to do next.
    fn due(&self) -> Option<Instant> {
        let textfile = self.textfile.as_ref().map(|textfile| textfile.due(Instant::now()));
        let sender = self.sender.as_ref().and_then(Sender::due);
        self.next_read.into_iter().chain(textfile).chain(sender).min()
    }

    /// Does what is due.
    async fn work(&mut self) -> Result<(), Error> {
        if self.next_read.is_some_and(|at| at <= Instant::now()) {
            self.next_read = None;
            self.read = Instant::now();
            self.read().await?;
        }
        let families = self.families();
        if let Some(textfile) = &mut self.textfile {
            textfile.show(&families);
            textfile.write(Instant::now());
        }
        if let Some(sender) = &mut self.sender {
            if sender.wants_metrics() {
                let totals = self.sample.as_ref().and_then(|sample| sample.totals.as_ref());
                sender.send_metrics(&families, totals.map(|totals| totals.since_ms));
            }
            sender.send_traces();
        }
        Ok(())
    }

    fn families(&self) -> Vec<Family> {
        let own = self.sender.as_ref().map(Sender::own).unwrap_or_default();
        collect(self.sample.as_ref(), own)
    }

    async fn read(&mut self) -> Result<(), Error> {
        let read = match self.reader.read(self.last_call).await {
            // Another ukeyd than before: its calls are numbered anew.
            Ok(Some((sample, _))) if since(&sample).is_some_and(|since_ms| since_ms != self.since_ms) => {
                self.since_ms = since(&sample).unwrap_or_default();
                self.last_call = 0;
                self.reader.read(0).await
            }
            other => other,
        };
        match read {
            Ok(Some((sample, calls))) => {
                if std::mem::take(&mut self.told_absent) {
                    tracing::info!("ukeyd runs");
                }
                let missed = calls.first().map_or(0, |call| call.id.saturating_sub(self.last_call + 1));
                self.last_call = calls.last().map_or(self.last_call, |call| call.id);
                if let Some(sender) = &mut self.sender {
                    sender.set_version(&sample.version);
                    sender.add_calls(self.since_ms, calls, missed);
                }
                self.sample = Some(sample);
            }
            Ok(None) => self.absent("it does not run"),
            // It ended meanwhile, or hangs.
            Err(error @ (zbus::Error::MethodError(..) | zbus::Error::FDO(_) | zbus::Error::InputOutput(_))) => {
                self.next_read = Some(Instant::now() + AGAIN);
                self.absent(&error.to_string());
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    fn absent(&mut self, why: &str) {
        if !std::mem::replace(&mut self.told_absent, true) {
            tracing::warn!("there is no ukeyd to read from: {why}");
        }
        self.sample = None;
    }
}

fn since(sample: &Sample) -> Option<u64> {
    sample.totals.as_ref().map(|totals| totals.since_ms)
}
