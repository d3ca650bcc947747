//! The control thread: every request that asks the module for something other than a signature, one after another.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use ukey_shim_protocol::{Failure, FailureKind, Reply, TokenRef};

use crate::channel::Outbox;
use crate::error::Error;
use crate::failure;
use crate::lanes::Entrances;
use crate::login::{Login, Place};
use crate::module::{self, Module};
use crate::objects;
use crate::pin::Pin;
use crate::tokens::TokenTable;

/// A request for the control thread.
pub(crate) struct Work {
    pub(crate) id: u64,
    pub(crate) deadline: Instant,
    pub(crate) command: Command,
}

/// What to do.
pub(crate) enum Command {
    Slots,
    Objects { token: TokenRef },
    Login { token: TokenRef, sender: u32, pin_socket: Option<OwnedFd> },
    Logout { token: TokenRef },
}

/// The running thread, as its owner sees it.
pub(crate) struct ControlThread {
    work: Sender<Work>,
    ending: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl ControlThread {
    /// Starts it.
    pub(crate) fn start(
        module: Arc<Module>,
        lanes: usize,
        entrances: Entrances,
        outbox: Outbox,
    ) -> Result<Self, Error> {
        let (work, queue) = mpsc::channel();
        let control =
            Control { module, lanes, entrances, outbox, tokens: TokenTable::default(), logins: HashMap::new() };
        let thread = thread::Builder::new().name("control".into()).stack_size(module::STACK_SIZE);
        let ending = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&ending);
        let thread = thread.spawn(move || control.run(&queue, &ends)).map_err(Error::Thread)?;
        Ok(Self { work, ending, thread })
    }

    /// Queues a request.
    pub(crate) fn submit(&self, work: Work) {
        // It can't have ended: it ends when this sender is dropped, or with the process.
        let _ = self.work.send(work);
    }

    /// Ends it after the request that it works on; those that wait are dropped, since a PIN among them would be tried
    /// for nobody. Then every login is closed and no session is open.
    pub(crate) fn finish(self) {
        self.ending.store(true, Ordering::Release);
        drop(self.work);
        // A panic aborts, so this can't be an error.
        let _ = self.thread.join();
    }
}

struct Control {
    module: Arc<Module>,
    lanes: usize,
    entrances: Entrances,
    outbox: Outbox,
    tokens: TokenTable,
    logins: HashMap<TokenRef, Login>,
}

impl Control {
    fn run(mut self, queue: &Receiver<Work>, ending: &AtomicBool) {
        while let Ok(Work { id, deadline, command }) = queue.recv() {
            if ending.load(Ordering::Acquire) {
                break;
            }
            let result = if Instant::now() >= deadline && !matches!(command, Command::Logout { .. }) {
                Err(failure::without_module(FailureKind::Busy))
            } else {
                self.execute(command, deadline)
            };
            self.outbox.reply(id, result);
        }
        for (_, login) in self.logins.drain() {
            // The sessions are closed whatever the module says.
            let _ = login.close();
        }
    }

    fn execute(&mut self, command: Command, deadline: Instant) -> Result<Reply, Failure> {
        match command {
            Command::Slots => self.slots(),
            Command::Objects { token } => {
                let slot = self.tokens.slot(&self.module, token)?;
                objects::certificates(&self.module, slot).map(Reply::Objects)
            }
            Command::Login { token, sender, pin_socket } => self.login(token, sender, pin_socket, deadline),
            Command::Logout { token } => self.logout(token),
        }
    }

    fn slots(&mut self) -> Result<Reply, Failure> {
        let look = self.tokens.look(&self.module)?;
        for token in look.gone {
            if let Some(login) = self.logins.remove(&token) {
                // Its token is gone and with it the login.
                let _ = login.close();
            }
        }
        Ok(Reply::Slots(look.tokens))
    }

    fn login(
        &mut self,
        token: TokenRef,
        sender: u32,
        pin_socket: Option<OwnedFd>,
        deadline: Instant,
    ) -> Result<Reply, Failure> {
        if self.logins.contains_key(&token) {
            return Err(failure::without_module(FailureKind::Busy));
        }
        let pin = pin_socket
            .and_then(|socket| Pin::receive(&socket, sender))
            .ok_or_else(|| failure::without_module(FailureKind::PinNotReceived))?;
        let slot = self.tokens.slot(&self.module, token)?;
        let place = Place { module: &self.module, token, slot, lanes: self.lanes, entrances: &self.entrances };
        let login = Login::open(&place, pin, deadline)?;
        self.logins.insert(token, login);
        Ok(Reply::Done)
    }

    fn logout(&mut self, token: TokenRef) -> Result<Reply, Failure> {
        let login = self.logins.remove(&token).ok_or_else(|| failure::without_module(FailureKind::NotLoggedIn))?;
        login.close().map(|()| Reply::Done)
    }
}
