//! The one who knows which notices are on the screen, and decides which come there.

use super::notice::{Notice, Urgency, Weight};
use super::pace::{Pace, Verdict};
use super::server::{Event, Server};
use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, StreamExt};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};
use zbus::Connection;

/// Tag of the notice that stands for all that are withheld.
const REST: &str = "rest";
/// Most notices that are known at a time; the oldest are left to the server.
const KNOWN_MAX: usize = 32;

/// Shows a notice in a window, where there is no server.
pub(crate) trait Windows: Send + Sync {
    /// Shows it; returns at once.
    fn open(&self, notice: &Notice);
    /// Closes the window of a notice with this tag, if one is open.
    fn close(&self, tag: &str);
    /// The notice that stands for this many that were withheld, with the latest titles.
    fn rest(&self, tag: &str, count: usize, titles: &[String]) -> Notice;
}

/// The way to tell something. Clones lead to the same board, which ends with the last of them.
#[derive(Clone)]
pub(crate) struct Notifier(mpsc::UnboundedSender<Command>);

enum Command {
    Show(Notice),
    Close(String),
    Ask(oneshot::Sender<bool>),
    End,
}

impl Notifier {
    /// A board on this session bus; without one it shows nothing.
    pub(crate) fn start(session: Option<Connection>, windows: Arc<dyn Windows>) -> Self {
        let (sender, commands) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let server = match &session {
                Some(session) => Server::on(session).await.inspect_err(|error| {
                    tracing::warn!(%error, "the session bus: no notices");
                }),
                None => Err(zbus::Error::Unsupported),
            };
            let (server, events) = match server {
                Ok((server, events)) => (Some(server), events),
                Err(_) => (None, futures_util::stream::pending().boxed()),
            };
            let board = Board { server, windows, pace: Pace::default(), known: HashMap::new(), later: None };
            board.run(commands, events).await;
        });
        Self(sender)
    }

    /// Tells something, or says it anew where a notice with this tag is on the screen.
    pub(crate) fn show(&self, notice: Notice) {
        // The board is gone only when the program ends.
        drop(self.0.send(Command::Show(notice)));
    }

    /// Takes the notice with this tag off the screen.
    pub(crate) fn close(&self, tag: &str) {
        drop(self.0.send(Command::Close(tag.to_owned())));
    }

    /// Ends the board, whoever still could tell something: the buttons of its notices hold on to the whole desktop.
    pub(crate) fn end(&self) {
        drop(self.0.send(Command::End));
    }

    /// Is there a server that would show notices now?
    pub(crate) async fn has_server(&self) -> bool {
        let (sender, answer) = oneshot::channel();
        self.0.send(Command::Ask(sender)).is_ok() && answer.await.unwrap_or(false)
    }
}

/// A notice that is on the screen, or will be.
struct Known {
    /// What is shown, or was last to be.
    notice: Notice,
    /// The server's number for it; `None` where it has not been shown yet, or its server left.
    id: Option<u32>,
    since: Instant,
    /// It differs from what is on the screen.
    waits: bool,
}

struct Board {
    server: Option<Server>,
    windows: Arc<dyn Windows>,
    pace: Pace,
    known: HashMap<String, Known>,
    /// When the first of those that wait is due.
    later: Option<Instant>,
}

impl Board {
    async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>, mut events: BoxStream<'static, Event>) {
        let mut listening = true;
        loop {
            let later = self.later;
            let due = async {
                match later {
                    Some(due) => tokio::time::sleep_until(due.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Show(notice)) => self.show(notice, Instant::now()).await,
                    Some(Command::Close(tag)) => self.close(&tag).await,
                    Some(Command::Ask(answer)) => {
                        let there = match &mut self.server {
                            Some(server) => server.abilities().await.is_some(),
                            None => false,
                        };
                        // Who asked may not wait any more.
                        let _ = answer.send(there);
                    }
                    Some(Command::End) | None => return,
                },
                event = events.next(), if listening => match event {
                    Some(event) => self.happened(event).await,
                    None => {
                        // The session bus is gone.
                        listening = false;
                        self.server = None;
                        self.known.clear();
                    }
                },
                () = due => self.show_what_waited(Instant::now()).await,
            }
        }
    }

    fn show(&mut self, notice: Notice, now: Instant) -> BoxFuture<'_, ()> {
        // Boxed: a withheld notice shows another one, once.
        Box::pin(async move {
            let verdict = match self.known.get(&notice.tag) {
                Some(known) if known.id.is_some() && known.notice.looks_like(&notice) => return,
                Some(known) if known.id.is_some() => Pace::change(now, known.since),
                // The one for the rest is itself what keeps the others back.
                _ if notice.tag == REST => Verdict::Show,
                _ => self.pace.begin(now, notice.urgency),
            };
            match verdict {
                Verdict::Show => self.put(notice, now).await,
                Verdict::Later(due) => {
                    if let Some(known) = self.known.get_mut(&notice.tag) {
                        (known.notice, known.waits) = (notice, true);
                    }
                    self.later = Some(self.later.map_or(due, |later| later.min(due)));
                }
                Verdict::Withhold => {
                    let (count, titles) = self.pace.withhold(now, &notice.title);
                    tracing::info!(tag = notice.tag, count, "a notice too many");
                    let rest = self.windows.rest(REST, count, &titles);
                    self.show(rest, now).await;
                }
            }
        })
    }

    /// Puts a notice on the screen, in the place of the one with its tag.
    async fn put(&mut self, notice: Notice, now: Instant) {
        let replaces = self.known.get(&notice.tag).and_then(|known| known.id).unwrap_or(0);
        let shown = match &mut self.server {
            Some(server) => server.show(&notice, replaces).await,
            None => None,
        };
        match shown {
            Some(id) => {
                self.make_room(&notice.tag);
                self.known.insert(notice.tag.clone(), Known { notice, id: Some(id), since: now, waits: false });
            }
            None => {
                self.known.remove(&notice.tag);
                // Without a session bus there is no desktop to have windows on.
                if notice.weight == Weight::Important && self.server.is_some() {
                    self.windows.open(&notice);
                }
            }
        }
    }

    async fn close(&mut self, tag: &str) {
        self.windows.close(tag);
        if let Some(Known { id: Some(id), .. }) = self.known.remove(tag)
            && let Some(server) = &self.server
        {
            server.close(id).await;
        }
    }

    async fn happened(&mut self, event: Event) {
        match event {
            Event::Closed(id) => self.known.retain(|_, known| known.id != Some(id)),
            Event::Pressed(id, number) => {
                let pressed = self.known.values().find(|known| known.id == Some(id));
                if let Some(action) = pressed.and_then(|known| known.notice.actions.get(number)) {
                    (action.run)();
                }
            }
            Event::Came => {
                if let Some(server) = &mut self.server {
                    server.forget();
                }
            }
            Event::Left => self.begin_anew().await,
        }
    }

    /// The server left: what must not be missed is shown by the next one, or in a window.
    async fn begin_anew(&mut self) {
        if let Some(server) = &mut self.server {
            server.forget();
        }
        let lost: Vec<Notice> = std::mem::take(&mut self.known).into_values().map(|known| known.notice).collect();
        for notice in lost.into_iter().filter(|notice| notice.urgency != Urgency::Normal) {
            self.put(notice, Instant::now()).await;
        }
    }

    async fn show_what_waited(&mut self, now: Instant) {
        self.later = None;
        let waiting = self.known.values_mut().filter(|known| known.waits);
        let notices: Vec<Notice> = waiting
            .map(|known| {
                known.waits = false;
                known.notice.clone()
            })
            .collect();
        for notice in notices {
            self.put_if_due(notice, now).await;
        }
    }

    async fn put_if_due(&mut self, notice: Notice, now: Instant) {
        let Some(known) = self.known.get_mut(&notice.tag) else { return };
        match Pace::change(now, known.since) {
            Verdict::Later(due) => {
                known.waits = true;
                self.later = Some(self.later.map_or(due, |later| later.min(due)));
            }
            Verdict::Show | Verdict::Withhold => self.put(notice, now).await,
        }
    }

    fn make_room(&mut self, tag: &str) {
        if self.known.len() < KNOWN_MAX || self.known.contains_key(tag) {
            return;
        }
        let oldest = self.known.iter().min_by_key(|(_, known)| known.since).map(|(tag, _)| tag.clone());
        if let Some(oldest) = oldest {
            self.known.remove(&oldest);
        }
    }
}
