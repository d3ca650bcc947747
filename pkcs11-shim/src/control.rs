//! The control thread: every request that asks the module for something other than a signature, one after another.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use serde_bytes::ByteBuf;
use ukey_shim_protocol::{Failure, FailureKind, PinRole, RANDOM_MAX, Reply, TokenRef};

use crate::authenticated::{self, Order};
use crate::channel::Outbox;
use crate::entry::{PinEntry, Source};
use crate::error::Error;
use crate::lanes::Entrances;
use crate::login::{Login, Place};
use crate::module::{self, Module};
use crate::tokens::{Found, TokenTable};
use crate::{change, failure, objects, signing, unblock};

/// A request for the control thread.
pub(crate) struct Work {
    pub(crate) id: u64,
    pub(crate) deadline: Instant,
    pub(crate) command: Command,
}

/// What to do.
pub(crate) enum Command {
    Slots,
    Objects {
        token: TokenRef,
    },
    Login {
        token: TokenRef,
        pin: Source<1>,
    },
    /// Old PIN, new PIN.
    ChangePin {
        token: TokenRef,
        role: PinRole,
        pins: Source<2>,
    },
    /// SO PIN, new user PIN.
    UnblockPin {
        token: TokenRef,
        pins: Source<2>,
    },
    SignAuthenticated {
        token: TokenRef,
        order: Order,
        pin: Source<1>,
    },
    Random {
        token: TokenRef,
        length: u32,
    },
    Logout {
        token: TokenRef,
    },
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
                let found = self.tokens.find(&self.module, token)?;
                objects::certificates(&self.module, found.slot).map(Reply::Objects)
            }
            Command::Login { token, pin } => self.login(token, pin, deadline),
            Command::ChangePin { token, role, pins } => {
                let (found, pins) = self.pins_for_nobody(token, pins)?;
                change::change(&self.module, &found, role, pins, deadline).map(|()| Reply::Done)
            }
            Command::UnblockPin { token, pins } => {
                let (found, pins) = self.pins_for_nobody(token, pins)?;
                unblock::unblock(&self.module, &found, pins, deadline).map(|()| Reply::Done)
            }
            Command::SignAuthenticated { token, order, pin } => self.sign_authenticated(token, &order, pin, deadline),
            Command::Random { token, length } => self.random(token, length),
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

    fn login(&mut self, token: TokenRef, pin: Source<1>, deadline: Instant) -> Result<Reply, Failure> {
        let (found, [pin]) = self.pins_for_nobody(token, pin)?;
        let slot = found.slot;
        let place = Place { module: &self.module, token, slot, lanes: self.lanes, entrances: &self.entrances };
        let login = Login::open(&place, pin, deadline)?;
        let always_authenticate = login.always_authenticate();
        self.logins.insert(token, login);
        Ok(Reply::LoggedIn { always_authenticate })
    }

    fn sign_authenticated(
        &self,
        token: TokenRef,
        order: &Order,
        pin: Source<1>,
        deadline: Instant,
    ) -> Result<Reply, Failure> {
        if !signing::fits(order.scheme, &order.digest) {
            return Err(failure::without_module(FailureKind::BadRequest));
        }
        if !self.logins.contains_key(&token) {
            return Err(failure::without_module(FailureKind::NotLoggedIn));
        }
        let (found, [pin]) = self.pins(token, pin)?;
        let signature = authenticated::sign(&self.module, &found, order, pin, deadline)?;
        Ok(Reply::Signatures(vec![Ok(signature)]))
    }

    /// The PINs of a request for a token that nobody is logged in to, which is to say: that has no session open.
    fn pins_for_nobody<const COUNT: usize>(
        &self,
        token: TokenRef,
        pins: Source<COUNT>,
    ) -> Result<(Found, [PinEntry; COUNT]), Failure> {
        if self.logins.contains_key(&token) {
            return Err(failure::without_module(FailureKind::Busy));
        }
        self.pins(token, pins)
    }

    /// The PINs of a request, all of them, and then the token.
    fn pins<const COUNT: usize>(
        &self,
        token: TokenRef,
        pins: Source<COUNT>,
    ) -> Result<(Found, [PinEntry; COUNT]), Failure> {
        let pins = pins.receive()?;
        let found = self.tokens.find(&self.module, token)?;
        found.can_ask(&pins)?;
        Ok((found, pins))
    }

    /// In a session of its own that is closed again; a login keeps its own.
    fn random(&self, token: TokenRef, length: u32) -> Result<Reply, Failure> {
        if !(1..=RANDOM_MAX).contains(&length) {
            return Err(failure::without_module(FailureKind::BadRequest));
        }
        let found = self.tokens.find(&self.module, token)?;
        let session = self.module.open_session(found.slot)?;
        let bytes = session.generate_random_vec(length).map_err(|error| failure::of_call(&error))?;
        Ok(Reply::Random(ByteBuf::from(bytes)))
    }

    fn logout(&mut self, token: TokenRef) -> Result<Reply, Failure> {
        let login = self.logins.remove(&token).ok_or_else(|| failure::without_module(FailureKind::NotLoggedIn))?;
        login.close().map(|()| Reply::Done)
    }
}
