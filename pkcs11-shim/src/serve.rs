//! From the first request to the last: who works on which.

use std::path::Path;
use std::sync::Arc;

use ukey_shim_protocol::{Failure, FailureKind, Reply, Request, VERSION};

use crate::authenticated::Order;
use crate::batch::Batch;
use crate::channel::{Inbox, Outbox, Received};
use crate::control::{Command, ControlThread, Work};
use crate::entry::Source;
use crate::error::Error;
use crate::failure;
use crate::landlock::LandlockVersion;
use crate::lanes::Entrances;
use crate::module::Module;
use crate::slot_events::Listener;

/// Answers requests until the daemon closes the socket or sends what is no request; then no session is open and the
/// module is finalized.
pub(crate) fn serve(mut inbox: Inbox, outbox: &Outbox, library: &Path, landlock: LandlockVersion) -> Result<(), Error> {
    let Some(first) = inbox.next()? else { return Ok(()) };
    let id = first.call.id;
    let lanes = greet(&first.call.request).map_err(|failure| {
        outbox.reply(id, Err(failure));
        Error::Hello
    })?;
    share_heaps(lanes);
    let module = Module::load(library).map(Arc::new).map_err(|failure| {
        outbox.reply(id, Err(failure));
        Error::Load
    })?;
    outbox.reply(id, Ok(Reply::Hello { version: VERSION, library: module.library(), landlock: landlock.0 }));

    let entrances = Entrances::default();
    let control = ControlThread::start(Arc::clone(&module), lanes, entrances.clone(), outbox.clone())?;
    // Without it the daemon asks from time to time.
    let listener = module.raw().slot_events().and_then(|events| Listener::start(events, outbox.clone()).ok());
    let ended = read_calls(&mut inbox, &control, &entrances, outbox);
    control.finish();
    // This module is the last one, since the control thread has ended: dropping it finalizes.
    match listener {
        Some(listener) => listener.finish(module),
        None => drop(module),
    }
    ended
}

/// How many lanes a login gets, if the first request is a `Hello` of this version.
fn greet(first: &Request) -> Result<usize, Failure> {
    match first {
        Request::Hello { version: VERSION, sessions } => Ok(usize::from(*sessions).max(1)),
        _ => Err(failure::without_module(FailureKind::VersionMismatch)),
    }
}

/// Gives the C library's memory allocator as many heaps as there are lanes. It would make one for each thread; but a lane
/// can have that of a thread that rests while it signs.
fn share_heaps(lanes: usize) {
    #[cfg(target_env = "gnu")]
    {
        let heaps = libc::c_int::try_from(lanes).unwrap_or(libc::c_int::MAX);
        // SAFETY: it changes a number that the allocator reads under its own lock.
        // Where it is refused there are more heaps.
        let _ = unsafe { libc::mallopt(libc::M_ARENA_MAX, heaps) };
    }
    #[cfg(not(target_env = "gnu"))]
    let _ = lanes;
}

/// Gives each request to a thread that may wait for the module; this one never does, so that it sees the end at once.
fn read_calls(inbox: &mut Inbox, control: &ControlThread, entrances: &Entrances, outbox: &Outbox) -> Result<(), Error> {
    while let Some(Received { call, deadline, pin_sockets: sockets }) = inbox.next()? {
        let id = call.id;
        let command = match call.request {
            Request::Slots => Command::Slots,
            Request::Objects { token } => Command::Objects { token },
            Request::Login { token, pin } => Command::Login { token, pin: Source::new(pin, sockets) },
            Request::ChangePin { token, role, pin } => {
                Command::ChangePin { token, role, pins: Source::new(pin, sockets) }
            }
            Request::UnblockPin { token, pin } => Command::UnblockPin { token, pins: Source::new(pin, sockets) },
            Request::SignAuthenticated { token, key, scheme, digest, pin } => {
                let order = Order { key, scheme, digest };
                Command::SignAuthenticated { token, order, pin: Source::new(pin, sockets) }
            }
            Request::Random { token, length } => Command::Random { token, length },
            Request::Logout { token } => Command::Logout { token },
            Request::Sign { token, key, scheme, digests } => {
                let queued = Batch::new((id, deadline), key, scheme, digests, outbox)
                    .and_then(|batch| entrances.submit(token, batch));
                if let Err(failure) = queued {
                    outbox.reply(id, Err(failure));
                }
                continue;
            }
            Request::Hello { .. } => {
                outbox.reply(id, Err(failure::without_module(FailureKind::BadRequest)));
                continue;
            }
        };
        control.submit(Work { id, deadline, command });
    }
    Ok(())
}
