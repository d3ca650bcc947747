//! What is asked of a shim, and how one is started for it.

use super::handle::{Host, Unread};
use super::link::{Link, LinkError, LinkEvent};
use super::process::ShimProcess;
use crate::config::ModuleProfile;
use std::time::Duration;
use tokio::sync::mpsc;
use ukey_shim_protocol::{CertificateObject, FailureKind, Library, Reply, Request, TokenInfo, VERSION};

/// A shim that was started just now, the way to it, and what it tells by itself.
pub(super) type Launched = (ShimProcess, Link, mpsc::UnboundedReceiver<LinkEvent>);

/// Checks the library's path and starts a shim for it. Nothing is loaded yet.
pub(super) fn launch(host: &Host, profile: &ModuleProfile) -> Result<Launched, LinkError> {
    let library = host.owners.check(&profile.library).map_err(|error| LinkError::NotStarted(error.to_string()))?;
    let start = || {
        let (process, socket) = ShimProcess::start(host, &library, profile)?;
        let (sender, events) = mpsc::unbounded_channel();
        Ok((process, Link::start(socket, sender)?, events))
    };
    start().map_err(|error: std::io::Error| {
        LinkError::NotStarted(format!("{} cannot be started: {error}", host.shim.display()))
    })
}

/// A module that was loaded.
pub(super) struct Loaded {
    /// What its library says of itself.
    pub(super) library: Library,
    /// Version of Landlock around it; 0 without.
    pub(super) landlock: u8,
}

pub(super) async fn hello(link: &Link, profile: &ModuleProfile) -> Result<Loaded, LinkError> {
    let request = Request::Hello { version: VERSION, sessions: profile.sessions };
    match link.submit(request, profile.timeouts.start()).await? {
        Reply::Hello { version: VERSION, library, landlock } => Ok(Loaded { library, landlock }),
        reply => Err(unexpected(&reply)),
    }
}

pub(super) async fn slots(link: &Link, limit: Duration) -> Result<Vec<TokenInfo>, LinkError> {
    match link.submit(Request::Slots, limit).await? {
        Reply::Slots(tokens) => Ok(tokens),
        reply => Err(unexpected(&reply)),
    }
}

/// The certificates of a token, or that it does not show them now.
pub(super) async fn objects(
    link: &Link,
    info: &TokenInfo,
    limit: Duration,
) -> Result<Result<Vec<CertificateObject>, Unread>, LinkError> {
    if !info.flags.initialized {
        return Ok(Ok(Vec::new()));
    }
    match link.submit(Request::Objects { token: info.token }, limit).await {
        Ok(Reply::Objects(objects)) => Ok(Ok(objects)),
        Ok(reply) => Err(unexpected(&reply)),
        Err(LinkError::Refused(failure)) => {
            tracing::warn!(%failure, "certificates cannot be read");
            Ok(Err(Unread))
        }
        Err(error) => Err(error),
    }
}

fn unexpected(reply: &Reply) -> LinkError {
    let name = match reply {
        Reply::Hello { .. } => "Hello",
        Reply::Slots(_) => "Slots",
        Reply::Objects(_) => "Objects",
        Reply::Done => "Done",
        Reply::LoggedIn { .. } => "LoggedIn",
        Reply::Random(_) => "Random",
        Reply::Signatures(_) => "Signatures",
    };
    LinkError::Broken(format!("unexpected reply {name}"))
}

/// Why a module could not be loaded, for a person.
pub(super) fn load_reason(error: &LinkError) -> String {
    match error {
        LinkError::Refused(failure) if failure.kind == FailureKind::LoadFailed && failure.return_value == 0 => {
            "the library cannot be loaded: it is no PKCS#11 module for this machine, or lacks a library it needs"
                .to_owned()
        }
        LinkError::Refused(failure) if failure.kind == FailureKind::LoadFailed => {
            format!(
                "C_Initialize failed with return value 0x{:x}; where the library works otherwise, its module file may have to \
                 allow something (read, write, allow)",
                failure.return_value
            )
        }
        error => error.to_string(),
    }
}

/// The tokens as a process sees them that was started just now: modules cache flags and slot lists.
pub(super) async fn probe(host: &Host, profile: &ModuleProfile) -> Result<Vec<TokenInfo>, LinkError> {
    let (process, link, _events) = launch(host, profile)?;
    let tokens = async {
        hello(&link, profile).await?;
        slots(&link, profile.timeouts.read()).await
    }
    .await;
    link.close();
    // A probe that hangs has told its answer or its time is up; nobody waits for its end but the daemon's own.
    host.probes.spawn(process.end());
    tokens
}
