//! Following logind: as it comes and goes, and what it tells meanwhile.

use super::Logind;
use super::client::{LOGIND, ROOT};
use super::event::Event;
use crate::token::{Departure, Whereabouts};
use futures_util::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use zbus::fdo::{DBusProxy, NameOwnerChangedStream};
use zbus::message::Type;
use zbus::{Connection, MatchRule, MessageStream};

/// That a session is about to end, logind shows and does not tell.
const LOOK: Duration = Duration::from_secs(10);
/// Signals that may wait; a burst of them must not hold up the connection. It has room for them from the start.
const QUEUE: usize = 256;

/// What is heard of logind.
pub(super) struct News {
    owners: NameOwnerChangedStream,
    signals: MessageStream,
}

impl News {
    pub(super) async fn subscribe(connection: &Connection) -> zbus::Result<Self> {
        let bus = DBusProxy::new(connection).await?;
        let owners = bus.receive_name_owner_changed_with_args(&[(0, LOGIND)]).await?;
        let rule = MatchRule::builder().msg_type(Type::Signal).sender(LOGIND).path_namespace(ROOT).build()?;
        let signals = MessageStream::for_match_rule(rule, connection, QUEUE.try_into().ok()).await?;
        Ok(Self { owners, signals })
    }

    /// Follows them for as long as the bus is there.
    pub(super) async fn follow(mut self, logind: Arc<Logind>) {
        // None while nobody stays anywhere.
        let mut next_look: Option<Instant> = None;
        loop {
            tokio::select! {
                // Who owns the name comes first: its signals are judged by it.
                biased;
                change = self.owners.next() => match change.as_ref().map(zbus::fdo::NameOwnerChanged::args) {
                    None => return,
                    Some(Err(_)) => {}
                    Some(Ok(change)) => match change.new_owner().as_ref() {
                        Some(owner) => logind.came(owner.as_str()).await,
                        None => logind.left(),
                    }
                },
                signal = self.signals.next() => match signal {
                    None => return,
                    // Anybody can send a signal that looks like logind's.
                    Some(Ok(signal)) if logind.is(signal.header().sender()) => {
                        logind.news.send_replace(());
                        if let Some(event) = Event::of(&signal) {
                            logind.heard(event);
                        }
                    }
                    Some(_) => {}
                },
                () = logind.staying.notified(), if next_look.is_none() => next_look = Some(Instant::now() + LOOK),
                () = sleep_until(next_look.unwrap_or_else(Instant::now)), if next_look.is_some() => {
                    next_look = (!logind.stays.sessions().is_empty()).then(|| Instant::now() + LOOK);
                    logind.look();
                }
            }
        }
    }
}

impl Logind {
    /// It has come, or a new one in the place of the old.
    pub(super) async fn came(self: &Arc<Self>, owner: &str) {
        *self.owner() = Some(owner.to_owned());
        self.news.send_replace(());
        tracing::info!(owner, "logind is there: logins end with screen locks, session switches and sleep");
        self.stays.end(&Whereabouts::Unknown, Departure::SessionUnknown);
        if self.client.is_falling_asleep().await {
            self.fall_asleep();
        } else {
            self.stays.open();
            self.delay_sleep();
        }
        self.look();
    }

    fn left(&self) {
        *self.owner() = None;
        self.news.send_replace(());
        tracing::info!("logind has left: logins end by their time limits only");
        self.let_sleep();
        self.stays.open();
    }

    fn heard(self: &Arc<Self>, event: Event) {
        tracing::debug!(?event, "logind");
        match event {
            Event::FallingAsleep => self.fall_asleep(),
            Event::Awake => self.wake_up(),
            Event::ShuttingDown => self.stays.close(Departure::Shutdown),
            Event::GoingOn => {
                self.stays.open();
                self.delay_sleep();
            }
            Event::Left(session, why) => self.stays.end(&Whereabouts::Session(session), why),
            Event::Changed(_) => self.look(),
        }
    }

    /// Looks at every session that somebody stays in.
    fn look(self: &Arc<Self>) {
        let sessions = self.stays.sessions();
        if !self.is_there() || sessions.is_empty() {
            return;
        }
        let logind = Arc::clone(self);
        tokio::spawn(async move {
            for session in sessions {
                let why = match logind.client.facts(&session).await {
                    Ok(Some(facts)) => facts.departure,
                    Ok(None) => Some(Departure::SessionEnded),
                    Err(error) => {
                        tracing::warn!(%error, "a session could not be looked at");
                        None
                    }
                };
                if let Some(why) = why {
                    logind.stays.end(&Whereabouts::Session(session), why);
                }
            }
        });
    }
}
