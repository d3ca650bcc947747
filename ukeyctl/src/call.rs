//! A Key operation: its options, its progress, Ctrl-C, and the terminal agent when nobody else can ask for the PIN.

use crate::context::Context;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::progress::{Bar, Unit};
use crate::service::Service;
use crate::terminal;
use clap::Args;
use futures_util::StreamExt;
use std::collections::HashMap;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use ukey_agent::Registration;
use ukey_dbus::{ErrorKind, RequestProxy, names, options};
use ukey_formats::text::one_line;
use zbus::Variant;
use zbus::proxy::CacheProperties;

/// Name of the request object; one call runs at a time on this connection.
const REQUEST: &str = "ukeyctl";
/// The service answers at its deadline; a little later it is taken for dead.
const ANSWER_GRACE: Duration = Duration::from_secs(5);
/// How long the answer to a cancelled call is waited for.
const CANCEL_GRACE: Duration = Duration::from_secs(2);

/// Options of a call, as they go over the bus.
pub(crate) type Options<'a> = HashMap<&'a str, Variant<'a>>;

/// What the user says about a Key operation.
#[derive(Args, Clone, Debug)]
pub(crate) struct CallArgs {
    /// What the use of the Key is for: shown in the PIN dialog and recorded, at most 120 characters
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Give up after this long, e.g. 30s or 5m; a PIN dialog stays open a little longer, and calling again joins it
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = parse_timeout)]
    pub(crate) timeout: Duration,
    /// Never open a PIN dialog; fail with LoginRequired instead
    #[arg(long, conflicts_with = "pinentry")]
    pub(crate) no_prompt: bool,
    /// When no desktop agent serves you, ask for the PIN with this pinentry
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) pinentry: Option<PathBuf>,
}

/// What the service's progress counts, and where a call stands in longer work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Bytes of one file.
    Bytes,
    /// Items of `total`, of which `before` are done already.
    Items {
        /// Done by earlier calls.
        before: u64,
        /// Of all calls.
        total: u64,
    },
}

/// How a call was answered.
#[derive(Debug)]
pub(crate) enum Answer<T> {
    /// Undisturbed.
    Undisturbed(T),
    /// After Ctrl-C, by what was done until then.
    Interrupted(T),
}

/// A Key operation about to be called.
pub(crate) struct Call<'a> {
    context: &'a Context,
    service: &'a Service,
    args: &'a CallArgs,
    interrupt: Interrupt,
    agent: Option<Registration>,
}

impl<'a> Call<'a> {
    /// Prepares calls with these options.
    ///
    /// # Errors
    /// When Ctrl-C can't be caught.
    pub(crate) fn new(context: &'a Context, service: &'a Service, args: &'a CallArgs) -> Result<Self, Error> {
        Ok(Self { context, service, args, interrupt: Interrupt::new()?, agent: None })
    }

    /// Calls `operation`. `NoAgent` means that no PIN was asked; then, if a terminal is there, this program becomes
    /// the agent of its own connection and calls once more. Nothing else is ever called twice.
    ///
    /// # Errors
    /// Those of the operation, or `Interrupted` after Ctrl-C.
    pub(crate) async fn run<T>(
        &mut self,
        purpose: &str,
        operation: impl AsyncFn(Options<'_>) -> zbus::Result<T>,
    ) -> Result<T, Error> {
        match self.run_in_part(purpose, Scale::Bytes, operation).await? {
            Answer::Undisturbed(answer) => Ok(answer),
            Answer::Interrupted(_) => Err(Error::Interrupted),
        }
    }

    /// The same for an operation whose answer counts even when Ctrl-C cut it short.
    ///
    /// # Errors
    /// Those of the operation, or `Interrupted` when it did not answer any more after Ctrl-C.
    pub(crate) async fn run_in_part<T>(
        &mut self,
        purpose: &str,
        scale: Scale,
        operation: impl AsyncFn(Options<'_>) -> zbus::Result<T>,
    ) -> Result<Answer<T>, Error> {
        let first = self.attempt(purpose, scale, &operation).await;
        match first {
            Err(error) if error.kind() == Some(ErrorKind::NoAgent) && self.agent.is_none() => {
                let Some(agent) = terminal::serve(self.context, self.service, self.args).await? else {
                    return Err(error);
                };
                self.agent = Some(agent);
                self.attempt(purpose, scale, &operation).await
            }
            other => other,
        }
    }

    /// Does work of this program's own until Ctrl-C.
    ///
    /// # Errors
    /// Those of the work, or `Interrupted`.
    pub(crate) async fn unless_interrupted<T>(
        &mut self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        tokio::select! {
            done = work => done,
            () = self.interrupt.wait() => Err(Error::Interrupted),
        }
    }

    /// Takes leave as an agent, if this program became one, once its messages were read, and leaves the terminal as it
    /// was.
    pub(crate) async fn finish(mut self) {
        let Some(agent) = self.agent else { return };
        tokio::select! {
            () = agent.messages_read() => {}
            () = self.interrupt.wait() => {}
        }
        if let Err(error) = agent.unregister().await {
            tracing::debug!(%error, "taking leave");
        }
    }

    async fn attempt<T>(
        &mut self,
        purpose: &str,
        scale: Scale,
        operation: &impl AsyncFn(Options<'_>) -> zbus::Result<T>,
    ) -> Result<Answer<T>, Error> {
        let connection = self.service.connection();
        let sender = connection.unique_name().map(|name| name.as_str()).unwrap_or_default();
        let request = RequestProxy::builder(connection)
            .path(names::request_path(sender, REQUEST))
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        let mut progress = request.receive_progress().await?;
        let mut bar = Bar::new(scale.unit());
        let mut call = pin!(operation(self.args.options(purpose)));
        let mut deadline = pin!(sleep(self.args.timeout + ANSWER_GRACE));
        loop {
            tokio::select! {
                answer = &mut call => return answer.map(Answer::Undisturbed).map_err(Error::from),
                Some(step) = progress.next() => {
                    let step = step.args()?;
                    scale.show(&mut bar, step.done, step.total);
                }
                () = self.interrupt.wait() => {
                    bar.clear();
                    // Both may fail when the answer is on its way; the user wants out in any case.
                    if timeout(CANCEL_GRACE, request.cancel()).await.is_ok_and(|cancelled| cancelled.is_ok())
                        && let Ok(Ok(answer)) = timeout(CANCEL_GRACE, call).await
                    {
                        return Ok(Answer::Interrupted(answer));
                    }
                    return Err(Error::Interrupted);
                }
                () = &mut deadline => {
                    let seconds = (self.args.timeout + ANSWER_GRACE).as_secs();
                    return Err(Error::Unreachable(format!("no answer within {seconds} s")));
                }
            }
        }
    }
}

impl Scale {
    fn unit(self) -> Unit {
        match self {
            Self::Bytes => Unit::Bytes,
            Self::Items { .. } => Unit::Items,
        }
    }

    fn show(self, bar: &mut Bar, done: u64, of_this_call: u64) {
        match self {
            Self::Bytes => bar.update(done, of_this_call),
            Self::Items { before, total } => bar.update(before + done, total),
        }
    }
}

impl CallArgs {
    /// The options of one call. `purpose` is said where the user gave no reason.
    fn options<'b>(&'b self, purpose: &'b str) -> Options<'b> {
        let reason = self.reason.clone().unwrap_or_else(|| one_line(purpose, options::REASON_MAX));
        let milliseconds = u32::try_from(self.timeout.as_millis()).unwrap_or(options::TIMEOUT_MAX_MS);
        let prompt = if self.no_prompt { options::PROMPT_NEVER } else { options::PROMPT_AUTO };
        let mut values = Options::from([
            (options::PROMPT, prompt.into()),
            (options::TIMEOUT_MS, milliseconds.into()),
            (options::REQUEST, REQUEST.into()),
        ]);
        if !reason.is_empty() {
            values.insert(options::REASON, reason.into());
        }
        values
    }
}

/// Reads `30s`, `2m`, `1h`, `500ms`, or a bare number of seconds, within the limits of the contract.
fn parse_timeout(text: &str) -> Result<Duration, String> {
    let duration = match text.parse::<u32>() {
        Ok(seconds) => Duration::from_secs(seconds.into()),
        Err(_) => {
            let signed: jiff::SignedDuration = text.parse().map_err(|error: jiff::Error| error.to_string())?;
            Duration::try_from(signed).map_err(|error| error.to_string())?
        }
    };
    let range =
        Duration::from_millis(options::TIMEOUT_MIN_MS.into())..=Duration::from_millis(options::TIMEOUT_MAX_MS.into());
    if range.contains(&duration) { Ok(duration) } else { Err("must lie between 100ms and 1h".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_read_within_the_limits_of_the_contract() {
        assert_eq!(parse_timeout("30"), Ok(Duration::from_secs(30)));
        assert_eq!(parse_timeout("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(parse_timeout("500ms"), Ok(Duration::from_millis(500)));
        for text in ["0", "99ms", "61m", "-1s", "x", ""] {
            assert!(parse_timeout(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_options_are_those_of_the_contract() {
        let args = CallArgs { reason: None, timeout: Duration::from_secs(3), no_prompt: true, pinentry: None };
        let purpose = "订".repeat(200);
        let options = args.options(&purpose);
        assert_eq!(options["prompt"], Variant::from("never"));
        assert_eq!(options["timeout-ms"], Variant::from(3000_u32));
        let Variant::Str(reason) = &options["reason"] else { panic!("no text") };
        assert_eq!(reason.chars().count(), options::REASON_MAX);
        assert!(!args.options("").contains_key("reason"));
        assert!(options::REQUEST_TOKEN_MAX >= REQUEST.len());
    }
}
