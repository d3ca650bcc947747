//! What is sent, and what becomes of it. While a collector is away the traces of the last calls wait, a bounded number of them;
//! metrics need not, since the next report holds all.

use super::client::{Answer, Client};
use super::metrics::{self, Window};
use super::resource::resource;
use super::trace;
use crate::bus::Call;
use crate::configuration::Otlp;
use crate::error::Error;
use crate::metrics::{Family, Own};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Calls that wait for a collector.
const WAITING: usize = 2048;
/// Calls in one report.
const BATCH: usize = 512;
/// After a report of traces failed.
const PAUSE: Duration = Duration::from_secs(5);

/// Metrics or traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signal {
    Metrics,
    Traces,
}

/// What came of a report.
#[derive(Debug)]
pub(crate) struct Outcome {
    signal: Signal,
    answer: Answer,
}

/// A client, and how it went.
#[derive(Debug)]
struct Lane {
    client: Client,
    busy: bool,
    failing: bool,
}

/// Both reports to a collector.
pub(crate) struct Sender {
    metrics: Option<Lane>,
    traces: Option<Lane>,
    interval: Duration,
    said: BTreeMap<String, String>,
    next_metrics: Instant,
    next_traces: Instant,
    waiting: VecDeque<(u64, Call)>,
    /// How many of those are in the report that is under way.
    under_way: usize,
    version: String,
    own: Own,
    started_ns: u64,
    outcomes: (mpsc::Sender<Outcome>, mpsc::Receiver<Outcome>),
}

impl Sender {
    pub(crate) fn new(otlp: Otlp) -> Result<Self, Error> {
        let lane = |endpoint| Ok::<_, Error>(Lane { client: Client::new(endpoint)?, busy: false, failing: false });
        let now = Instant::now();
        Ok(Self {
            metrics: otlp.metrics.map(lane).transpose()?,
            traces: otlp.traces.map(lane).transpose()?,
            interval: otlp.interval,
            said: otlp.attributes,
            next_metrics: now,
            next_traces: now,
            waiting: VecDeque::new(),
            under_way: 0,
            version: String::new(),
            own: Own::default(),
            started_ns: unix_ns(),
            // One report of each at a time.
            outcomes: mpsc::channel(2),
        })
    }

    /// What it counts of itself.
    pub(crate) fn own(&self) -> Own {
        self.own
    }

    /// The version of ukeyd, for the reports.
    pub(crate) fn set_version(&mut self, version: &str) {
        version.clone_into(&mut self.version);
    }

    /// Calls of the ukeyd that started then (Unix milliseconds); `missed` are those that it had forgotten already.
    pub(crate) fn add_calls(&mut self, since_ms: u64, calls: Vec<Call>, missed: u64) {
        if self.traces.is_none() {
            return;
        }
        self.own.spans_lost += missed;
        for call in calls {
            // Those under way are in front, and stay.
            if self.waiting.len() == WAITING && self.waiting.remove(self.under_way).is_some() {
                self.own.spans_lost += 1;
            }
            self.waiting.push_back((since_ms, call));
        }
    }

    /// When there is something to send next; `None`: when something comes.
    pub(crate) fn due(&self) -> Option<Instant> {
        let metrics = self.metrics.as_ref().filter(|lane| !lane.busy).map(|_| self.next_metrics);
        let traces = self.traces.as_ref().filter(|lane| !lane.busy && !self.waiting.is_empty());
        metrics.into_iter().chain(traces.map(|_| self.next_traces)).min()
    }

    /// Is it time for a report of the metrics?
    pub(crate) fn wants_metrics(&self) -> bool {
        self.metrics.as_ref().is_some_and(|lane| !lane.busy) && self.next_metrics <= Instant::now()
    }

    /// Reports the metrics, counted since then (Unix milliseconds, when known).
    pub(crate) fn send_metrics(&mut self, families: &[Family], since_ms: Option<u64>) {
        let since = since_ms.map_or(self.started_ns, |since| since.saturating_mul(1_000_000));
        let resource = resource(&self.version, &self.said);
        let body = metrics::request(families, resource, Window { since, now: unix_ns() }).encode_to_vec();
        self.next_metrics = Instant::now() + self.interval;
        self.send(Signal::Metrics, body);
    }

    /// Reports calls that wait, when it is time.
    pub(crate) fn send_traces(&mut self) {
        let idle = self.traces.as_ref().is_some_and(|lane| !lane.busy);
        if !idle || self.waiting.is_empty() || self.next_traces > Instant::now() {
            return;
        }
        self.under_way = self.waiting.len().min(BATCH);
        let calls = self.waiting.iter().take(self.under_way);
        let spans = calls.flat_map(|(since_ms, call)| trace::spans(call, *since_ms)).collect();
        let body = trace::request(spans, resource(&self.version, &self.said)).encode_to_vec();
        self.send(Signal::Traces, body);
    }

    fn lane(&mut self, signal: Signal) -> Option<&mut Lane> {
        match signal {
            Signal::Metrics => self.metrics.as_mut(),
            Signal::Traces => self.traces.as_mut(),
        }
    }

    fn send(&mut self, signal: Signal, body: Vec<u8>) {
        let outcomes = self.outcomes.0.clone();
        let Some(lane) = self.lane(signal) else { return };
        lane.busy = true;
        let client = lane.client.clone();
        tokio::task::spawn_blocking(move || {
            let answer = client.post(&body);
            // Nobody waits for it when the exporter ends.
            let _ = outcomes.blocking_send(Outcome { signal, answer });
        });
    }

    /// Waits until a report has been answered.
    pub(crate) async fn outcome(&mut self) -> Option<Outcome> {
        self.outcomes.1.recv().await
    }

    /// Notes what came of a report. Failures are told once, until one gets through.
    pub(crate) fn note(&mut self, outcome: Outcome) {
        let Outcome { signal, answer } = outcome;
        let (problem, sent) = match &answer {
            Answer::Taken(body) => (partial(signal, body), true),
            Answer::Later(problem) => (Some(problem.clone()), false),
            Answer::Refused(problem) => (Some(problem.clone()), true),
        };
        if signal == Signal::Traces {
            let sent = if sent { std::mem::take(&mut self.under_way) } else { 0 };
            self.waiting.drain(..sent);
            if matches!(answer, Answer::Refused(_)) {
                self.own.spans_lost += sent as u64;
            }
            self.under_way = 0;
            self.next_traces = if problem.is_some() { Instant::now() + PAUSE } else { Instant::now() };
        }
        if problem.is_some() {
            match signal {
                Signal::Metrics => self.own.metrics_failed += 1,
                Signal::Traces => self.own.traces_failed += 1,
            }
        }
        if let Some(lane) = self.lane(signal) {
            lane.busy = false;
            lane.note(signal, problem.as_deref());
        }
    }
}

impl Lane {
    fn note(&mut self, signal: Signal, problem: Option<&str>) {
        let failed_before = std::mem::replace(&mut self.failing, problem.is_some());
        match problem {
            Some(problem) if !failed_before => tracing::warn!("the collector does not take {signal:?}: {problem}"),
            None if failed_before => tracing::info!("the collector takes {signal:?} again"),
            _ => {}
        }
    }
}

/// What an answer that took a report says against a part of it.
fn partial(signal: Signal, body: &[u8]) -> Option<String> {
    let (rejected, message) = match signal {
        Signal::Metrics => {
            let part = ExportMetricsServiceResponse::decode(body).ok()?.partial_success?;
            (part.rejected_data_points, part.error_message)
        }
        Signal::Traces => {
            let part = ExportTraceServiceResponse::decode(body).ok()?.partial_success?;
            (part.rejected_spans, part.error_message)
        }
    };
    let message: String = message.chars().filter(|character| !character.is_control()).take(200).collect();
    (rejected > 0).then(|| format!("{rejected} were rejected: {message}"))
}

fn unix_ns() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::Endpoint;
    use ukey_dbus::CallKind;

    fn sender() -> Sender {
        let endpoint = Endpoint {
            url: "http://127.0.0.1:9/v1/traces".to_owned(),
            headers: Vec::new(),
            timeout: Duration::from_secs(1),
            certificate: None,
        };
        let interval = Duration::from_secs(60);
        Sender::new(Otlp { metrics: None, traces: Some(endpoint), interval, attributes: BTreeMap::new() }).unwrap()
    }

    fn calls(count: u64) -> Vec<Call> {
        let call = |id| Call {
            id,
            kind: CallKind::Random,
            result: "ok",
            started_us: 0,
            took_us: 0,
            algorithm: None,
            certificate: None,
            signatures: 0,
            leave: None,
            key: None,
        };
        (1..=count).map(call).collect()
    }

    fn note(sender: &mut Sender, answer: Answer) {
        sender.note(Outcome { signal: Signal::Traces, answer });
    }

    #[tokio::test]
    async fn what_waits_is_bounded_and_what_is_lost_is_counted() {
        let mut sender = sender();
        sender.add_calls(1, calls(WAITING as u64 + 3), 2);
        assert_eq!((sender.waiting.len(), sender.own().spans_lost), (WAITING, 5));
        assert_eq!(sender.waiting[0].1.id, 4, "the oldest go first");
    }

    #[tokio::test]
    async fn what_a_collector_did_not_take_is_sent_again_and_what_it_refused_is_not() {
        let mut sender = sender();
        sender.add_calls(1, calls(2), 0);
        sender.under_way = 2;
        note(&mut sender, Answer::Later("away".to_owned()));
        assert_eq!((sender.waiting.len(), sender.own().traces_failed, sender.own().spans_lost), (2, 1, 0));
        assert!(sender.due().unwrap() > Instant::now(), "not at once");
        sender.under_way = 2;
        note(&mut sender, Answer::Taken(Vec::new()));
        assert_eq!((sender.waiting.len(), sender.due()), (0, None));
        sender.add_calls(1, calls(1), 0);
        sender.under_way = 1;
        note(&mut sender, Answer::Refused("400".to_owned()));
        assert_eq!((sender.waiting.len(), sender.own().spans_lost), (0, 1));
    }
}
