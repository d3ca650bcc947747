//! `org.ukeyd.UKey1.Audit`, at the root: the journal, for those who may read all of it, and for each user their own part.

use super::authorize::Action;
use super::dictionary::{Answer, Value};
use super::options::{RawOptions, invalid, text};
use super::reading::blocking;
use super::service::Service;
use crate::audit::{AuditError, ChainCheck, Entry, Filter};
use std::sync::Arc;
use tokio::sync::Semaphore;
use ukey_dbus::options::{
    AUDIT_CERTIFICATE, AUDIT_COUNT_MAX, AUDIT_FROM, AUDIT_KIND, AUDIT_RESULT, AUDIT_TO, AUDIT_TOKEN, AUDIT_UID,
};
use ukey_dbus::{Error, ErrorKind};
use zbus::message::Header;

/// The journal's object.
pub(super) struct AuditObject {
    service: Arc<Service>,
    /// Reading all of it takes long: one at a time.
    reading: Arc<Semaphore>,
}

impl AuditObject {
    pub(super) fn new(service: Arc<Service>) -> Self {
        Self { service, reading: Arc::new(Semaphore::new(1)) }
    }

    async fn list_of(&self, filter: Filter, after: u64, count: u32) -> Result<Vec<Answer>, Error> {
        if !(1..=AUDIT_COUNT_MAX).contains(&count) {
            return Err(invalid(format!("count must be 1 to {AUDIT_COUNT_MAX}, not {count}")));
        }
        let journal = self.service.journal.clone();
        let entries = self.alone(move || journal.list(&filter, after, count)).await?;
        Ok(entries.into_iter().map(answer_of).collect())
    }

    /// Runs what reads the database on another thread, one after another.
    async fn alone<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> Result<T, AuditError> + Send + 'static,
    ) -> Result<T, Error> {
        let turn = Arc::clone(&self.reading).acquire_owned().await;
        let turn = turn.map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
        blocking(move || {
            let _turn = turn;
            read().map_err(|error| unavailable(&error))
        })
        .await
    }
}

#[zbus::interface(name = "org.ukeyd.UKey1.Audit")]
impl AuditObject {
    #[zbus(out_args("records"))]
    async fn list(
        &self,
        filter: RawOptions,
        after: u64,
        count: u32,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<Vec<Answer>, Error> {
        let caller = self.service.callers.of(&header).await?;
        let _room = self.service.quota.take(&caller.user, 0)?;
        self.service.authorizer.check(&caller, &header, Action::ReadAudit).await?;
        self.list_of(filter_of(filter)?, after, count).await
    }

    #[zbus(out_args("records"))]
    async fn mine(
        &self,
        filter: RawOptions,
        after: u64,
        count: u32,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<Vec<Answer>, Error> {
        let caller = self.service.callers.of(&header).await?;
        let _room = self.service.quota.take(&caller.user, 0)?;
        let filter = filter_of(filter)?;
        match filter.uid {
            Some(uid) if uid != caller.user.uid => Err(invalid("Mine lists your own records only")),
            _ => self.list_of(Filter { uid: Some(caller.user.uid), ..filter }, after, count).await,
        }
    }

    #[zbus(out_args("result"))]
    async fn verify(&self, #[zbus(header)] header: Header<'_>) -> Result<Answer, Error> {
        let caller = self.service.callers.of(&header).await?;
        let _room = self.service.quota.take(&caller.user, 0)?;
        self.service.authorizer.check(&caller, &header, Action::ReadAudit).await?;
        let journal = self.service.journal.clone();
        self.alone(move || journal.verify()).await.map(check_answer)
    }

    #[zbus(out_args("hashes"))]
    async fn hashes_of(&self, rows: Vec<u64>, #[zbus(header)] header: Header<'_>) -> Result<Vec<String>, Error> {
        let caller = self.service.callers.of(&header).await?;
        let _room = self.service.quota.take(&caller.user, 0)?;
        self.service.authorizer.check(&caller, &header, Action::ReadAudit).await?;
        if !(1..=AUDIT_COUNT_MAX as usize).contains(&rows.len()) {
            return Err(invalid(format!("1 to {AUDIT_COUNT_MAX} rows can be asked for, not {}", rows.len())));
        }
        let journal = self.service.journal.clone();
        self.alone(move || journal.hashes(&rows)).await
    }

    #[zbus(out_args("moved_to"))]
    async fn recover(&self, #[zbus(header)] header: Header<'_>) -> Result<String, Error> {
        let caller = self.service.callers.of(&header).await?;
        self.service.authorizer.check(&caller, &header, Action::RecoverAudit).await?;
        self.service.journal.recover().await.map_err(|error| unavailable(&error))
    }
}

fn unavailable(error: &AuditError) -> Error {
    Error::new(ErrorKind::AuditUnavailable, error.to_string())
}

fn filter_of(raw: RawOptions) -> Result<Filter, Error> {
    let mut filter = Filter::default();
    for (key, value) in raw {
        let key = key.as_str();
        match (key, value) {
            (AUDIT_UID, Value::Small(uid)) => filter.uid = Some(uid),
            (AUDIT_FROM, Value::Large(time)) => filter.from = Some(time),
            (AUDIT_TO, Value::Large(time)) => filter.to = Some(time),
            (AUDIT_KIND, value) => filter.kind = Some(text(key, value)?),
            (AUDIT_TOKEN, value) => filter.token = Some(text(key, value)?),
            (AUDIT_CERTIFICATE, value) => filter.certificate = Some(text(key, value)?),
            (AUDIT_RESULT, value) => filter.result = Some(text(key, value)?),
            (AUDIT_UID, _) => return Err(invalid(format!("filter {key} must be an unsigned 32-bit number"))),
            (AUDIT_FROM | AUDIT_TO, _) => {
                return Err(invalid(format!("filter {key} must be an unsigned 64-bit number")));
            }
            _ => return Err(invalid(format!("unknown filter \"{}\"", ukey_formats::text::one_line(key, 40)))),
        }
    }
    Ok(filter)
}

fn answer_of(entry: Entry) -> Answer {
    let mut answer = Answer::from([
        ("id", Value::from(entry.id)),
        ("time-ms", Value::from(entry.time_ms)),
        ("kind", Value::from(entry.kind)),
        ("uid", Value::Small(entry.uid)),
        ("user", Value::from(entry.user)),
        ("pid", Value::Small(entry.pid)),
        ("caller", Value::from(entry.caller)),
        ("program", Value::from(entry.program)),
        ("token", Value::from(entry.token)),
        ("certificate", Value::from(entry.certificate)),
        ("algorithm", Value::from(entry.algorithm)),
        ("digest", Value::from(entry.digest)),
        ("reason", Value::from(entry.reason)),
        ("result", Value::from(entry.result)),
        ("ended-ms", Value::from(entry.ended_ms)),
        ("hash", Value::from(entry.hash)),
    ]);
    if let Ok(tries) = u32::try_from(entry.tries) {
        answer.insert("tries", Value::Small(tries));
    }
    answer
}

fn check_answer(check: ChainCheck) -> Answer {
    let (problem, at) = check.problem.map_or(("", 0), |(problem, at)| (problem.as_str(), at));
    Answer::from([
        ("ok", Value::from(problem.is_empty())),
        ("problem", Value::from(problem)),
        ("at", Value::from(at)),
        ("chain", Value::from(check.chain)),
        ("first", Value::from(check.first)),
        ("last", Value::from(check.last)),
        ("head", Value::from(check.head)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn a_filter_is_read_strictly() {
        let filter = |key: &str, value: Value| filter_of(RawOptions(HashMap::from([(key.to_owned(), value)])));
        assert_eq!(filter("uid", Value::Small(7)).unwrap().uid, Some(7));
        assert_eq!(filter("from", Value::Large(7)).unwrap().from, Some(7));
        assert_eq!(filter("result", Value::from("ok")).unwrap().result.as_deref(), Some("ok"));
        for (key, value) in [
            ("uid", Value::from("7")),
            ("from", Value::Small(7)),
            ("kind", Value::Small(7)),
            ("where", Value::from("1=1")),
        ] {
            assert_eq!(filter(key, value).unwrap_err().kind(), ErrorKind::InvalidArgument, "{key}");
        }
    }
}
