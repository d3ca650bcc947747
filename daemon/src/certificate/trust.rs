//! Whom the administrator trusts to issue certificates, and what they have revoked: read from two folders.

use crate::config::{Revocation, TrustSettings};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use ukey_formats::Certificate;
use ukey_formats::chain::{
    ChainCheck, ChainReport, DatesCheck, RevocationCheck, TrustStore, read_certificates, read_crls,
};

/// Largest file that is read. Revocation lists of a province have some MB.
const FILE_MAX: u64 = 64 << 20;

/// The folders' content, read at the start and when the configuration is read again.
pub(crate) struct Trust {
    settings: TrustSettings,
    store: RwLock<Arc<TrustStore>>,
}

impl Trust {
    /// Reads the folders.
    pub(crate) fn read(settings: TrustSettings) -> Self {
        let store = RwLock::new(Arc::new(read_store(&settings)));
        Self { settings, store }
    }

    /// Reads the folders again.
    pub(crate) fn reload(&self) {
        let store = Arc::new(read_store(&self.settings));
        *self.store.write().unwrap_or_else(PoisonError::into_inner) = store;
    }

    /// Checks a certificate's path and revocation at a time in Unix seconds; `candidates` may be issuers too.
    pub(crate) fn check(&self, certificate: &Certificate, candidates: &[Certificate], at: u64) -> ChainReport {
        self.store().check(certificate, candidates, at)
    }

    /// Is the certificate good, with revocation as strict as it is configured?
    pub(crate) fn accepts(&self, report: &ChainReport) -> bool {
        let not_revoked = match (self.settings.revocation, report.revocation) {
            (_, RevocationCheck::Good) => true,
            (_, RevocationCheck::Revoked { .. }) | (Revocation::Required, _) => false,
            (Revocation::WhenKnown, _) => true,
        };
        report.dates == DatesCheck::Ok && report.chain == ChainCheck::Ok && not_revoked
    }

    /// The CAs above a certificate as far as they are known, without the root, which everybody has to have already.
    pub(crate) fn issuers(&self, certificate: &Certificate, at: u64) -> Vec<Certificate> {
        let issuers = self.check(certificate, &[], at).issuers;
        issuers.into_iter().filter(|issuer| !is_root(issuer)).collect()
    }

    fn store(&self) -> Arc<TrustStore> {
        Arc::clone(&self.store.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Issued by itself.
fn is_root(certificate: &Certificate) -> bool {
    certificate.issuer_der == certificate.subject_der
}

fn read_store(settings: &TrustSettings) -> TrustStore {
    let mut certificates = Vec::new();
    for_each_file(&settings.certificates, |path, bytes| {
        for certificate in read_certificates(bytes) {
            match certificate {
                Ok(certificate) => certificates.push(certificate),
                Err(error) => tracing::warn!(path = %path.display(), %error, "a CA certificate cannot be read"),
            }
        }
    });
    let mut lists = Vec::new();
    for_each_file(&settings.crls, |path, bytes| {
        for list in read_crls(bytes) {
            match list {
                Ok(list) => lists.push(list),
                Err(error) => tracing::warn!(path = %path.display(), %error, "a revocation list cannot be read"),
            }
        }
    });
    let (anchors, intermediates): (Vec<_>, Vec<_>) = certificates.into_iter().partition(is_root);
    tracing::debug!(
        anchors = anchors.len(),
        intermediates = intermediates.len(),
        lists = lists.len(),
        "trusted certificates read"
    );
    TrustStore::new(anchors, intermediates, lists)
}

/// Reads every regular file of a folder, in the order of their names. A folder that is not there is empty.
fn for_each_file(folder: &Path, mut take: impl FnMut(&Path, &[u8])) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
        Err(error) => {
            tracing::warn!(folder = %folder.display(), %error, "the folder cannot be read");
            return;
        }
    };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        match std::fs::metadata(&path) {
            Ok(file) if file.is_file() && file.len() <= FILE_MAX => match std::fs::read(&path) {
                Ok(bytes) => take(&path, &bytes),
                Err(error) => tracing::warn!(path = %path.display(), %error, "cannot be read"),
            },
            Ok(file) if file.is_file() => tracing::warn!(path = %path.display(), "the file is too large"),
            _ => {}
        }
    }
}
