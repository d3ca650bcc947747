//! Documents are read beside the main thread, and tell how far they are.

use super::call::Call;
use super::service::Service;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use ukey_dbus::{Error, ErrorKind};

const PROGRESS_EVERY: Duration = Duration::from_millis(200);

/// How much of what a call reads is read, in bytes; a document that is read twice counts twice.
#[derive(Default)]
pub(super) struct Counters {
    pub(super) done: AtomicU64,
    pub(super) total: AtomicU64,
}

/// Runs `work` on another thread in the caller's turn, and tells the caller how far it is.
pub(super) async fn read<T: Send + 'static>(
    service: &Service,
    call: &Call,
    counters: &Arc<Counters>,
    work: impl FnOnce(&Counters, &CancellationToken) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let turn = service.hash_turns.take(&call.caller.user).await?;
    let (counted, over) = (Arc::clone(counters), call.over.clone());
    let mut work = std::pin::pin!(blocking(move || {
        // A file system of the caller's own making may never answer: the turn is kept as long as the thread.
        let _turn = turn;
        work(&counted, &over)
    }));
    loop {
        tokio::select! {
            result = &mut work => {
                tell(call, counters).await;
                return result;
            }
            () = tokio::time::sleep(PROGRESS_EVERY), if call.request.is_some() => tell(call, counters).await,
        }
    }
}

async fn tell(call: &Call, counters: &Counters) {
    if let Some(request) = &call.request {
        request.progress(counters.done.load(Ordering::Relaxed), counters.total.load(Ordering::Relaxed)).await;
    }
}

/// Runs what takes long on another thread.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(Error::new(ErrorKind::Internal, error.to_string())))
}
