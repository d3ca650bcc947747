//! `org.ukeyd.UKey1.Statistics`, at the root: what was done, in numbers, for those who watch over many computers.

use super::authorize::Action;
use super::dictionary::{Answer, Value};
use super::service::Service;
use crate::statistics::{BOUNDS_US, Combination, Counted, Ended, Span, Statistics, Totals};
use std::sync::Arc;
use std::time::Duration;
use ukey_dbus::{Error, names};
use zbus::Connection;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;

/// Between two signals.
const PAUSE: Duration = Duration::from_secs(1);

/// The counters' object.
pub(super) struct StatisticsObject {
    service: Arc<Service>,
}

impl StatisticsObject {
    pub(super) fn new(service: Arc<Service>) -> Self {
        Self { service }
    }
}

#[zbus::interface(name = "org.ukeyd.UKey1.Statistics")]
impl StatisticsObject {
    #[zbus(out_args("totals", "calls"))]
    async fn read(&self, after: u64, #[zbus(header)] header: Header<'_>) -> Result<(Answer, Vec<Answer>), Error> {
        let caller = self.service.callers.of(&header).await?;
        let _room = self.service.quota.take(&caller.user, 0)?;
        self.service.authorizer.check(&caller, &header, Action::ReadStatistics).await?;
        let (totals, calls) = self.service.statistics.read(after);
        Ok((totals_answer(totals), calls.into_iter().map(call_answer).collect()))
    }

    #[zbus(signal)]
    async fn changed(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}

/// Tells that something was counted, not more often than [`PAUSE`] allows; sleeps while nothing is.
pub(super) async fn tell_changes(connection: Connection, statistics: Arc<Statistics>) {
    loop {
        statistics.changed().await;
        let told = async { StatisticsObject::changed(&SignalEmitter::new(&connection, names::ROOT_PATH)?).await };
        if let Err(error) = told.await {
            tracing::debug!(%error, "a change of the counters cannot be told");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn totals_answer(totals: Totals) -> Answer {
    let list = |rows: Vec<(Combination, Counted)>| rows.into_iter().map(counted_answer).collect();
    Answer::from([
        ("since-ms", Value::from(totals.since_ms)),
        ("last", Value::from(totals.last)),
        ("bounds-us", Value::Numbers(BOUNDS_US.to_vec())),
        ("calls", Value::Dictionaries(list(totals.calls))),
        ("signatures", Value::Dictionaries(list(totals.signatures))),
    ])
}

fn counted_answer((combination, counted): (Combination, Counted)) -> Answer {
    let mut answer = Answer::from([
        ("kind", Value::from(combination.kind.as_str())),
        ("result", Value::from(combination.result)),
        ("count", Value::from(counted.count)),
        ("buckets", Value::Numbers(counted.times.buckets().to_vec())),
        ("sum-us", Value::from(counted.times.sum_us())),
    ]);
    if let Some(algorithm) = combination.algorithm {
        answer.insert("algorithm", Value::from(algorithm.as_str()));
    }
    answer
}

fn call_answer(call: Ended) -> Answer {
    let mut answer = Answer::from([
        ("id", Value::from(call.id)),
        ("kind", Value::from(call.kind.as_str())),
        ("result", Value::from(call.result)),
        ("started-us", Value::from(call.started_us)),
        ("took-us", Value::from(call.took_us)),
    ]);
    if let Some(algorithm) = call.algorithm {
        answer.insert("algorithm", Value::from(algorithm.as_str()));
        answer.insert("certificate", Value::from(call.certificate));
        answer.insert("signatures", Value::from(call.signatures));
    }
    if let Some(Span { from_us, took_us }) = call.leave {
        answer.insert("leave-from-us", Value::from(from_us));
        answer.insert("leave-us", Value::from(took_us));
    }
    if let Some(Span { from_us, took_us }) = call.key {
        answer.insert("key-from-us", Value::from(from_us));
        answer.insert("key-us", Value::from(took_us));
    }
    answer
}
