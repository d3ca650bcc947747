//! What every call to a Key has: a known caller, leave from policy, options, a time limit, and a way to be cancelled.

use super::authorize::Action;
use super::line::Line;
use super::options::{CallOptions, RawOptions};
use super::request::{OpenRequest, Place};
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

/// A call as it came: its message's header, and the line that it came over, where it was not the bus.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub header: &'a Header<'a>,
    pub line: Option<&'a Arc<Line>>,
}

impl<'a> From<&'a Header<'a>> for Asked<'a> {
    fn from(header: &'a Header<'a>) -> Self {
        Self { header, line: None }
    }
}

impl Asked<'_> {
    /// Who calls. Over a line that is who opened it, whatever the message says. Unknown or gone: `NotAuthorized`.
    pub(super) async fn caller(&self, service: &Service) -> Result<Caller, Error> {
        match self.line {
            Some(line) => Ok(line.caller.clone()),
            None => service.callers.of(self.header).await,
        }
    }
}

/// Runs `work` for a call that keeps this many bytes of its caller, and counts it. The answer comes within the call's time,
/// the asking of the policy included; `work` is dropped when the time is over, the caller leaves or cancels.
pub(super) async fn run<'a, T, F>(
    service: &Service,
    asked: impl Into<Asked<'a>>,
    input: (RawOptions, usize),
    action: Action,
    work: impl FnOnce(Arc<Call>) -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let asked = asked.into();
    let Some(kind) = asked.header.member().and_then(|member| CallKind::of_method(member)) else {
        return Err(Error::new(ErrorKind::Internal, "a method without a kind"));
    };
    let course = Arc::new(Course::begin(kind));
    // Boxed: the bus library keeps room for a handler's future twice.
    let result = Box::pin(answer(service, asked, input, (action, Arc::clone(&course)), work)).await;
    service.statistics.call(&course, result.as_ref().map_err(Error::kind));
    result
}

async fn answer<T, F>(
    service: &Service,
    asked: Asked<'_>,
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
    let header = asked.header;
    let caller = asked.caller(service).await?;
    let _room = service.quota.take(&caller.user, bytes)?;
    let method = header.member().map(ToString::to_string).unwrap_or_default();
    let span = tracing::debug_span!("call", method, caller = caller.user.name, uid = caller.user.uid);
    async {
        let options = CallOptions::parse(options)?;
        let cancelled = CancellationToken::new();
        let request = match &options.request {
            Some(token) => {
                let place = match asked.line {
                    Some(line) => Place::Line(Arc::clone(line)),
                    None => Place::Bus(service.connection.clone()),
                };
                Some(Box::pin(OpenRequest::open(place, &caller, token, &cancelled)).await?)
            }
            None => None,
        };
        let deadline = Instant::now() + options.timeout;
        let over = service.stopping.child_token();
        let call = Arc::new(Call { caller, options, cancelled, over, request, deadline, course });
        // Also when this future is dropped.
        let over = call.over.clone().drop_guard();
        // Boxed: it would be here once as an argument and once more where it is waited for.
        let permitted = Box::pin(async {
            service.authorizer.check(&call.caller, header, action).await?;
            work(Arc::clone(&call)).await
        });
        let result = limited(&call, permitted).await;
        drop(over);
        if let Some(request) = &call.request {
            request.close().await;
        }
        if let Err(error) = &result {
            tracing::info!(%error, method, caller = call.caller.user.name, uid = call.caller.user.uid, "refused");
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
