//! What every call to a Key has: a known caller, leave from policy, options, a time limit, and a way to be cancelled.

use super::authorize::Action;
use super::options::{CallOptions, RawOptions};
use super::request::OpenRequest;
use super::service::Service;
use crate::prompt::Caller;
use crate::statistics::Course;
use std::sync::Arc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use ukey_dbus::{CallKind, Error, ErrorKind};
use zbus::message::Header;

/// A call under way.
pub(super) struct Call {
    pub caller: Caller,
    pub options: CallOptions,
    /// The caller asked to cancel: close the dialog too.
    pub cancelled: CancellationToken,
    /// The call is over, however: stop working for it.
    pub over: CancellationToken,
    pub request: Option<OpenRequest>,
    /// When the call must be answered.
    pub deadline: Instant,
    /// How long its parts take.
    pub course: Arc<Course>,
}

/// Runs `work` for a call, and counts it.
pub(super) async fn run<T, F>(
    service: &Service,
    header: &Header<'_>,
    input: (RawOptions, usize),
    action: Action,
    work: impl FnOnce(Arc<Call>) -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let Some(kind) = header.member().and_then(|member| CallKind::of_method(member)) else {
        return Err(Error::new(ErrorKind::Internal, "a method without a kind"));
    };
    let course = Arc::new(Course::begin(kind));
    let result = answer(service, header, input, (action, Arc::clone(&course)), work).await;
    service.statistics.call(&course, result.as_ref().map_err(Error::kind));
    result
}

/// Runs `work` for a call that keeps this many bytes of its caller. The answer comes within the call's time, the asking
/// of the policy included; `work` is dropped when the time is over, the caller leaves or cancels.
async fn answer<T, F>(
    service: &Service,
    header: &Header<'_>,
    (options, bytes): (RawOptions, usize),
    (action, course): (Action, Arc<Course>),
    work: impl FnOnce(Arc<Call>) -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    // Held until the answer is ready: a stop waits for it.
    let _under_way = service.calls.token();
    if service.calls.is_closed() {
        return Err(Error::new(ErrorKind::Cancelled, "the service is stopping"));
    }
    let caller = service.callers.of(header).await?;
    let _room = service.quota.take(&caller.user, bytes)?;
    let method = header.member().map(ToString::to_string).unwrap_or_default();
    let span = tracing::info_span!("call", method, caller = caller.user.name, uid = caller.user.uid);
    async {
        let options = CallOptions::parse(options)?;
        let cancelled = CancellationToken::new();
        let request = match &options.request {
            Some(token) => Some(OpenRequest::open(&service.connection, &caller, token, &cancelled).await?),
            None => None,
        };
        let deadline = Instant::now() + options.timeout;
        let over = service.stopping.child_token();
        let call = Arc::new(Call { caller, options, cancelled, over, request, deadline, course });
        // Also when this future is dropped.
        let over = call.over.clone().drop_guard();
        let result = limited(&call, async {
            service.authorizer.check(&call.caller, header, action).await?;
            work(Arc::clone(&call)).await
        })
        .await;
        drop(over);
        if let Some(request) = &call.request {
            request.close().await;
        }
        if let Err(error) = &result {
            tracing::info!(%error, "refused");
        }
        result
    }
    .instrument(span)
    .await
}

async fn limited<T>(call: &Call, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    tokio::select! {
        // First, so that work that watches for the cancelling or the time itself can close its dialog or tell what is done.
        biased;
        result = work => result,
        () = call.cancelled.cancelled() => Err(Error::new(ErrorKind::Cancelled, "the request was cancelled")),
        () = call.caller.gone.cancelled() => Err(Error::new(ErrorKind::Cancelled, "the caller left the bus")),
        () = tokio::time::sleep_until(call.deadline) => {
            Err(Error::new(ErrorKind::Timeout, "timeout-ms passed; the same call made again joins an open dialog"))
        }
    }
}
