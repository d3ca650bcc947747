//! Answers the module's questions: a thread for each connection, since some answers wait.

use crate::lab::key::LabKey;
use crate::lab::state::{SlotEvents, State};
use crate::stage::STAGE;
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv, sockopt};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;
use ukey_lab_module::control::{Answer, Ask, Code, Outcome, Question, Who};

/// How often a thread that waits looks whether its process is still there.
const LOOK: Duration = Duration::from_millis(100);

const CRYPTOKI_NOT_INITIALIZED: Code = Code(0x190);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// The lab's socket and what is behind it.
#[derive(Debug)]
pub(crate) struct Server {
    path: PathBuf,
    shared: Arc<Shared>,
}

impl Server {
    pub(crate) fn start(name: &str) -> Self {
        let folder = Path::new(STAGE).join("lab");
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        let listener = UnixListener::bind(&path).unwrap();
        // Whoever loads the module may ask; the stage is the test's own.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        let shared = Arc::new(Shared::default());
        let server = Self { path, shared: Arc::clone(&shared) };
        thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.lock().closed {
                    return;
                }
                let conversation = Conversation { shared: Arc::clone(&shared), stream: stream.unwrap(), trying: None };
                thread::spawn(move || conversation.run());
            }
        });
        server
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.shared.lock());
        self.shared.changed.notify_all();
        result
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.change(|state| state.closed = true);
        // Wakes the listener, which then ends; one that is gone already needs no waking.
        let _ = UnixStream::connect(&self.path);
        let _ = fs::remove_file(&self.path);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// A PIN try that was begun.
struct Try {
    serial: String,
    who: Who,
}

/// One connection.
struct Conversation {
    shared: Arc<Shared>,
    stream: UnixStream,
    trying: Option<Try>,
}

/// The process is gone, or the lab is closed: nobody waits for an answer.
struct NobodyWaits;

impl Conversation {
    fn run(mut self) {
        let reader = BufReader::new(self.stream.try_clone().unwrap());
        // A process that was killed may leave half a line.
        for question in reader.lines().map_while(|line| serde_json::from_str(&line.ok()?).ok()) {
            let Ok(answer) = self.answer(question) else { break };
            let mut line = serde_json::to_string(&answer).unwrap();
            line.push('\n');
            if self.stream.write_all(line.as_bytes()).is_err() {
                break;
            }
        }
        // One that ended during a try has used it.
        self.judged(|_| ());
    }

    fn answer(&mut self, Question { instance, ask }: Question) -> Result<Answer, NobodyWaits> {
        let shared = Arc::clone(&self.shared);
        if shared.lock().closed {
            return Err(NobodyWaits);
        }
        match ask {
            Ask::Join => Ok(shared.lock().join()),
            Ask::Leave => {
                shared.lock().instances.remove(&instance);
                shared.changed.notify_all();
                Ok(Answer::Done)
            }
            Ask::Begin { call, place } => Ok(shared.lock().begin(instance, call, &place)),
            Ask::Slots => Ok(shared.lock().slots(instance)),
            Ask::WaitForEvent { at_once } => self.wait(|state| next_event(state, instance, at_once)),
            Ask::Type { serial, who, entries } => self.wait(|state| typed(state.key(&serial), who, entries)),
            Ask::Try { serial, who } => {
                let answer = self.wait(|state| begin_try(state.key(&serial), who))?;
                if answer == Answer::Done {
                    self.trying = Some(Try { serial, who });
                }
                Ok(answer)
            }
            Ask::Tried { outcome } => Ok(self.tried(outcome)),
            Ask::PinSet { serial } => {
                let mut state = shared.lock();
                let key = state.key(&serial);
                key.initial = false;
                let counter = key.counter(Who::User);
                counter.left = counter.limit;
                Ok(Answer::Done)
            }
            Ask::SignSm2 { serial, label, e } => {
                let signer = shared.lock().key(&serial).sm2.as_ref().and_then(|keys| keys.signer(&label));
                // Outside the lock: it takes a while.
                Ok(signer.map_or(Answer::Refused(Code::DEVICE_ERROR), |signer| Answer::Signature(signer.sign(&e))))
            }
            Ask::Forked => {
                let peer = sockopt::socket_peercred(&self.stream).unwrap();
                shared.lock().forked.push(peer.pid.as_raw_nonzero().get().cast_unsigned());
                Ok(Answer::Done)
            }
            Ask::ForkDenied => {
                shared.lock().forks_denied += 1;
                Ok(Answer::Done)
            }
            Ask::Attempted(made) => {
                shared.lock().attempts.push(made);
                Ok(Answer::Done)
            }
        }
    }

    fn tried(&mut self, outcome: Outcome) -> Answer {
        let code = self.judged(|(key, who)| {
            let codes = key.codes;
            let counter = key.counter(who);
            match outcome {
                Outcome::Right => counter.left = counter.limit,
                Outcome::NotTried => {
                    counter.left += 1;
                    key.judged -= 1;
                }
                Outcome::Wrong if counter.left == 0 => return Some(codes.locking),
                Outcome::Wrong => return Some(codes.wrong),
            }
            None
        });
        code.flatten().map_or(Answer::Done, Answer::Refused)
    }

    /// Ends the try that this process has begun, when there is one.
    fn judged<T>(&mut self, end: impl FnOnce((&mut LabKey, Who)) -> T) -> Option<T> {
        let Try { serial, who } = self.trying.take()?;
        let mut state = self.shared.lock();
        let key = state.key(&serial);
        key.judging = false;
        let result = end((key, who));
        self.shared.changed.notify_all();
        Some(result)
    }

    /// Waits until there is an answer.
    fn wait(&self, mut answer: impl FnMut(&mut State) -> Option<Answer>) -> Result<Answer, NobodyWaits> {
        let mut state = self.shared.lock();
        loop {
            if state.closed || self.hung_up() {
                return Err(NobodyWaits);
            }
            if let Some(answer) = answer(&mut state) {
                return Ok(answer);
            }
            state = self.shared.changed.wait_timeout(state, LOOK).unwrap().0;
        }
    }

    fn hung_up(&self) -> bool {
        let mut byte = [0];
        let received = recv(&self.stream, &mut byte, RecvFlags::PEEK | RecvFlags::DONTWAIT);
        !matches!(received, Err(Errno::AGAIN) | Ok((1.., _)))
    }
}

fn next_event(state: &mut State, instance: u64, at_once: bool) -> Option<Answer> {
    let events = state.slot_events;
    let Some(instance) = state.instances.get_mut(&instance) else {
        return Some(Answer::Refused(CRYPTOKI_NOT_INITIALIZED));
    };
    match events {
        SlotEvents::Missing => Some(Answer::Refused(Code::FUNCTION_NOT_SUPPORTED)),
        SlotEvents::Silent if at_once => Some(Answer::Event(None)),
        SlotEvents::Silent => Some(Answer::Refused(Code::FUNCTION_NOT_SUPPORTED)),
        SlotEvents::Working => match instance.events.pop_first() {
            None if !at_once => None,
            event => Some(Answer::Event(event)),
        },
    }
}

fn typed(key: &mut LabKey, who: Who, entries: usize) -> Option<Answer> {
    if !key.present {
        return Some(Answer::Refused(Code::DEVICE_REMOVED));
    }
    if key.counter(who).left == 0 {
        return Some(Answer::Refused(key.codes.locked));
    }
    if let Some(cancel) = key.typed.iter().take(entries).position(Option::is_none) {
        key.typed.drain(..=cancel);
        return Some(Answer::Refused(Code::FUNCTION_CANCELED));
    }
    (key.typed.len() >= entries).then(|| Answer::Typed(key.typed.drain(..entries).flatten().collect()))
}

/// A try counts as used before the PIN is looked at, so that none is free for a process that ends meanwhile.
fn begin_try(key: &mut LabKey, who: Who) -> Option<Answer> {
    if key.judging {
        return None;
    }
    let locked = key.codes.locked;
    let counter = key.counter(who);
    if counter.left == 0 {
        return Some(Answer::Refused(locked));
    }
    counter.left -= 1;
    key.judging = true;
    key.judged += 1;
    Some(Answer::Done)
}
