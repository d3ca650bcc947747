//! All Keys that are plugged in: makes an actor for each token that a module shows, and lets go of those that left.

use super::actor::Actor;
use super::id::TokenId;
use super::key::{Command, KeyHandle};
use super::snapshot::KeySnapshot;
use crate::audit::Journal;
use crate::config::LoginSettings;
use crate::modules::{ModuleHandle, ModuleSnapshot, Running, SeenToken};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, watch};

/// The Keys by id.
pub(crate) struct Keyring {
    keys: Mutex<BTreeMap<TokenId, KeyHandle>>,
    changed: watch::Sender<()>,
    journal: Journal,
    limits: LoginSettings,
}

impl Keyring {
    /// No Keys yet; [`Self::follow`] each module.
    pub(crate) fn new(journal: Journal, limits: LoginSettings) -> Arc<Self> {
        Arc::new(Self { keys: Mutex::default(), changed: watch::Sender::new(()), journal, limits })
    }

    /// Every Key, by id.
    pub(crate) fn keys(&self) -> Vec<KeyHandle> {
        self.lock().values().cloned().collect()
    }

    /// Has every Key's flags read anew, in a moment.
    pub(crate) fn read_again(&self) {
        self.lock().values().for_each(KeyHandle::read_again);
    }

    /// Wakes when a Key came or went.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Keeps the Keys of one module as it shows them, until its supervision ends.
    pub(crate) async fn follow(self: Arc<Self>, module: ModuleHandle) {
        let mut snapshots = module.watch();
        loop {
            let snapshot = Arc::clone(&snapshots.borrow_and_update());
            self.reconcile(&module, &snapshot);
            if snapshots.changed().await.is_err() {
                return self.forget(&module);
            }
        }
    }

    /// Lets go of the Keys of a module that is not supervised any more.
    fn forget(&self, module: &ModuleHandle) {
        self.lock().retain(|_, key| {
            let stays = key.module.name() != module.name();
            if !stays {
                let _ = key.commands.send(Command::Removed);
            }
            stays
        });
        self.changed.send_replace(());
    }

    /// Takes over what the module shows now. [`Self::follow`] does so at each change; a start can't wait for that.
    pub(crate) fn look(&self, module: &ModuleHandle) {
        let snapshot = Arc::clone(&module.watch().borrow());
        self.reconcile(module, &snapshot);
    }

    fn reconcile(&self, module: &ModuleHandle, snapshot: &ModuleSnapshot) {
        match &snapshot.running {
            Some(running) => self.reconcile_tokens(module, running),
            None => {
                for key in self.lock().values().filter(|key| key.module.name() == module.name()) {
                    // An actor that has ended is about to be let go.
                    let _ = key.commands.send(Command::ModuleFailed);
                }
            }
        }
    }

    fn reconcile_tokens(&self, module: &ModuleHandle, running: &Running) {
        let ids = TokenId::of_all(module.name(), running.tokens.iter().map(|token| &token.info));
        let mut keys = self.lock();
        let mut changed = false;
        keys.retain(|id, key| {
            let stays = key.module.name() != module.name() || ids.contains(id);
            if !stays {
                tracing::info!(key = %id, "Key removed");
                let _ = key.commands.send(Command::Removed);
                changed = true;
            }
            stays
        });
        for (id, token) in one_slot_each(ids, &running.tokens) {
            let key = keys.entry(id.clone()).or_insert_with(|| {
                tracing::info!(key = %id, module = module.name(), "Key found");
                changed = true;
                self.adopt(id, module, token)
            });
            let _ = key.commands.send(Command::Seen(running.link.clone(), Arc::clone(token)));
        }
        drop(keys);
        if changed {
            self.changed.send_replace(());
        }
    }

    fn adopt(&self, id: TokenId, module: &ModuleHandle, token: &SeenToken) -> KeyHandle {
        let (commands, inbox) = mpsc::unbounded_channel();
        let first = KeySnapshot::new(id.clone(), module.name(), &token.info);
        let (publish, snapshot) = watch::channel(Arc::new(first));
        let actor = Actor::new(id.clone(), module.clone(), self.journal.clone(), self.limits.clone(), inbox, publish);
        tokio::spawn(actor.run());
        KeyHandle { id, module: module.clone(), commands, snapshot }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<TokenId, KeyHandle>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of a Key that shows itself in several slots, the one with the most certificates: a login is one of a slot, and one
/// entry of the PIN is one try.
fn one_slot_each(ids: Vec<TokenId>, tokens: &[Arc<SeenToken>]) -> BTreeMap<TokenId, &Arc<SeenToken>> {
    let certificates = |token: &SeenToken| token.certificates.as_ref().map_or(0, Vec::len);
    let mut best: BTreeMap<TokenId, &Arc<SeenToken>> = BTreeMap::new();
    for (id, token) in ids.into_iter().zip(tokens) {
        let chosen = best.entry(id).or_insert(token);
        if certificates(token) > certificates(chosen) {
            *chosen = token;
        }
    }
    best
}
