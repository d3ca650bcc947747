//! The object tree: one object per module, Key and certificate, kept as the snapshots say.

use super::announce::Announced;
use super::certificate::CertificateObject;
use super::module::ModuleObject;
use super::service::Service;
use super::token::TokenObject;
use crate::certificate::{Warned, next_moment};
use crate::modules::ModuleHandle;
use crate::token::{KeyHandle, TokenId};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinHandle;
use ukey_dbus::names;
use ukey_formats::expiry::Thresholds;
use zbus::Connection;

/// What is exported for Keys.
#[derive(Default)]
pub(super) struct Tree {
    nodes: RwLock<BTreeMap<TokenId, Arc<Node>>>,
    /// Held while the tree is changed.
    changing: Mutex<()>,
    /// Told when certificates may have come.
    came: Notify,
}

/// One Key with its certificates.
struct Node {
    key: KeyHandle,
    token: Announced<TokenObject>,
    /// `None` once the Key is withdrawn: what its actor still says is shown no more.
    certificates: Mutex<Option<BTreeMap<String, Announced<CertificateObject>>>>,
    warned: Mutex<Warned>,
}

impl Tree {
    /// Announces what has changed on a Key. Called before a reply leaves, so that the caller reads what it was told.
    pub(super) async fn refresh(&self, id: &TokenId) {
        let node = self.nodes.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        if let Some(node) = node {
            node.token.announce().await;
        }
    }

    /// The certificate that is shown at this path.
    pub(super) fn certificate_at(&self, service: &Arc<Service>, path: &str) -> Option<CertificateObject> {
        let (token, id) = path.strip_prefix(&names::token_path(""))?.split_once("/certificate/")?;
        let nodes = self.nodes.read().unwrap_or_else(PoisonError::into_inner);
        let key = nodes.iter().find(|(shown, _)| shown.as_str() == token)?.1.key.clone();
        let facts = key.snapshot().certificates.iter().find(|facts| facts.short_id() == id).cloned()?;
        Some(CertificateObject::new(Arc::clone(service), key, facts))
    }

    /// Waits until certificates may have come.
    pub(super) async fn came(&self) {
        self.came.notified().await;
    }

    /// Announces what this moment changes: validities and warnings. Gives the next moment that changes something.
    pub(super) async fn tell_time(&self, now: u64, thresholds: &Thresholds) -> Option<u64> {
        let nodes: Vec<_> = self.nodes.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        let mut next: Option<u64> = None;
        for node in nodes {
            next = next.into_iter().chain(node.tell_time(now, thresholds).await).min();
        }
        next
    }

    fn insert(&self, id: TokenId, node: Arc<Node>) {
        self.nodes.write().unwrap_or_else(PoisonError::into_inner).insert(id, node);
    }

    fn remove(&self, id: &TokenId) -> Option<Arc<Node>> {
        self.nodes.write().unwrap_or_else(PoisonError::into_inner).remove(id)
    }

    fn shown(&self) -> Vec<KeyHandle> {
        self.nodes.read().unwrap_or_else(PoisonError::into_inner).values().map(|node| node.key.clone()).collect()
    }
}

/// Exports a module and keeps it current, until its supervision ends.
pub(super) async fn show_module(connection: &Connection, module: ModuleHandle) -> zbus::Result<JoinHandle<()>> {
    let mut changes = module.watch();
    let path = names::module_path(module.name());
    let object = Announced::export(connection, path, ModuleObject::new(module)).await?;
    Ok(tokio::spawn(async move {
        while changes.changed().await.is_ok() {
            object.announce().await;
        }
        object.withdraw().await;
    }))
}

/// Makes the tree show the Keys that are there now.
pub(super) async fn reconcile(service: &Arc<Service>) {
    let _one_at_a_time = service.tree.changing.lock().await;
    let keys = service.keyring.keys();
    for shown in service.tree.shown() {
        // A Key that was pulled out and plugged in again has a new actor.
        if !keys.iter().any(|key| key.is_same(&shown))
            && let Some(node) = service.tree.remove(shown.id())
        {
            for (_, certificate) in node.certificates.lock().await.take().unwrap_or_default() {
                certificate.withdraw().await;
            }
            node.token.withdraw().await;
        }
    }
    let shown = service.tree.shown();
    for key in keys {
        if !shown.iter().any(|shown| shown.is_same(&key))
            && let Err(error) = show_key(service, key).await
        {
            tracing::error!(%error, "a Key cannot be shown");
        }
    }
}

async fn show_key(service: &Arc<Service>, key: KeyHandle) -> zbus::Result<()> {
    let path = names::token_path(key.id().as_str());
    let object = TokenObject::new(Arc::clone(service), key.clone());
    let token = Announced::export(&service.connection, path, object).await?;
    let node = Arc::new(Node {
        key: key.clone(),
        token,
        certificates: Mutex::new(Some(BTreeMap::new())),
        warned: Mutex::default(),
    });
    let mut changes = key.watch();
    node.show_certificates(service).await?;
    service.tree.insert(key.id().clone(), Arc::clone(&node));
    service.tree.came.notify_one();
    let service = Arc::clone(service);
    tokio::spawn(async move {
        while changes.changed().await.is_ok() {
            node.token.announce().await;
            if let Err(error) = node.show_certificates(&service).await {
                tracing::error!(%error, "certificates cannot be shown");
            }
            service.tree.came.notify_one();
        }
    });
    Ok(())
}

impl Node {
    async fn show_certificates(&self, service: &Arc<Service>) -> zbus::Result<()> {
        let snapshot = self.key.snapshot();
        let mut certificates = self.certificates.lock().await;
        let Some(shown) = certificates.as_mut() else { return Ok(()) };
        let gone: Vec<String> = shown
            .keys()
            .filter(|id| snapshot.certificates.iter().all(|facts| facts.short_id() != *id))
            .cloned()
            .collect();
        for id in gone {
            if let Some(object) = shown.remove(&id) {
                object.withdraw().await;
            }
        }
        for facts in &snapshot.certificates {
            if let Some(object) = shown.get(facts.short_id()) {
                object.announce().await;
                continue;
            }
            let path = names::certificate_path(self.key.id().as_str(), facts.short_id());
            let object = CertificateObject::new(Arc::clone(service), self.key.clone(), Arc::clone(facts));
            let object = Announced::export(&service.connection, path, object).await?;
            shown.insert(facts.short_id().to_owned(), object);
        }
        Ok(())
    }

    async fn tell_time(&self, now: u64, thresholds: &Thresholds) -> Option<u64> {
        let snapshot = self.key.snapshot();
        let certificates = self.certificates.lock().await;
        let shown = certificates.as_ref()?;
        for object in shown.values() {
            object.announce().await;
        }
        // Those that are not exported yet are told when they are.
        let listed: Vec<_> =
            snapshot.certificates.iter().filter(|facts| shown.contains_key(facts.short_id())).cloned().collect();
        let mut warned = self.warned.lock().await;
        for (facts, warning) in warned.due(&listed, thresholds, now) {
            let Some(object) = shown.get(facts.short_id()) else { continue };
            tracing::info!(key = %self.key.id(), certificate = facts.short_id(), days = warning.days, "expiry warning");
            let told = CertificateObject::expiry_warning(object.emitter(), warning.days, warning.threshold).await;
            if let Err(error) = told {
                tracing::warn!(%error, "an expiry warning cannot be told");
            }
        }
        next_moment(&listed, thresholds, now)
    }
}
