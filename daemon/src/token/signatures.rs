//! Signatures as they are asked of a Key.

use super::consent::Pass;
use super::key::{Command, KeyHandle, Reply};
use ukey_dbus::{Error, ErrorKind};
use ukey_shim_protocol::{KeyRef, SignScheme};

/// What one digest came to.
pub(crate) type Signed = Result<Vec<u8>, Error>;

/// Most digests that go to the Key together.
pub(crate) const AT_ONCE_MAX: usize = 32;

pub(super) struct SignJob {
    pub(super) uid: u32,
    /// The login that was agreed to.
    pub(super) pass: Pass,
    pub(super) key: KeyRef,
    pub(super) scheme: SignScheme,
    /// At most [`AT_ONCE_MAX`].
    pub(super) digests: Vec<Vec<u8>>,
    pub(super) reply: Reply<Vec<Signed>>,
}

impl SignJob {
    pub(super) fn fail(self, error: Error) {
        // The caller may have gone.
        let _ = self.reply.send(Err(error));
    }
}

impl KeyHandle {
    /// Signs digests, at most [`AT_ONCE_MAX`], under this user's login, if it is still the one that the pass is for. Each
    /// has a result of its own, as the module gave it, not verified. They count as one signature for the module's time limit.
    pub(crate) async fn sign(
        &self,
        (uid, pass): (u32, Pass),
        key: KeyRef,
        scheme: SignScheme,
        digests: Vec<Vec<u8>>,
    ) -> Result<Vec<Signed>, Error> {
        let result = self.ask(|reply| Command::Sign(SignJob { uid, pass, key, scheme, digests, reply })).await;
        let kinds: Vec<_> = match &result {
            Ok(all) => all.iter().filter_map(|signed| signed.as_ref().err()).map(Error::kind).collect(),
            Err(error) => vec![error.kind()],
        };
        match (self.is_gone(&kinds).await, result) {
            (Some(gone), Ok(all)) => Ok(all.into_iter().map(|signed| signed.map_err(|_| gone.clone())).collect()),
            (Some(gone), Err(_)) => Err(gone),
            (None, result) => result,
        }
    }

    /// The Key was pulled out, if that is behind these failures.
    async fn is_gone(&self, failures: &[ErrorKind]) -> Option<Error> {
        if failures.contains(&ErrorKind::TokenRemoved) {
            self.module.look();
        }
        // Modules have many words for a Key that was pulled out: a dead handle, no such object, device error.
        if !failures.iter().any(|kind| matches!(kind, ErrorKind::ModuleFailed | ErrorKind::WrongKeyUse)) {
            return None;
        }
        let gone = self.fresh_info().await.err().filter(|error| error.kind() == ErrorKind::TokenRemoved)?;
        // Also when it is back at the next look: its sessions are not.
        let _ = self.commands.send(Command::LoginLost);
        Some(gone)
    }
}
