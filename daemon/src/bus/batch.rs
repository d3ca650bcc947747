//! Many signatures for one consent. What was done stays done: each item has its own result, however the batch ends.

use super::call::Call;
use super::options::invalid;
use super::signer::Signer;
use crate::signing::check_digest;
use crate::token::{AT_ONCE_MAX, Pass};
use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use ukey_dbus::options::BATCH_MAX;
use ukey_dbus::{Algorithm, Error, ErrorKind};

const PROGRESS_EVERY: Duration = Duration::from_millis(200);
/// Items under way for each lane of the Key, at least: none of them waits for the bus.
const PER_LANE: usize = 3;
/// A single signature of somebody else waits no longer for what goes to the Key together.
const TOGETHER: Duration = Duration::from_millis(20);

/// What one item came to: a verified signature, or why there is none.
type Outcome = Result<Vec<u8>, ErrorKind>;

/// The items of a batch, so far.
struct Items {
    outcomes: Mutex<Vec<Option<Outcome>>>,
}

impl Items {
    fn new(count: usize) -> Self {
        Self { outcomes: Mutex::new(vec![None; count]) }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Option<Outcome>>> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn done(&self) -> usize {
        self.lock().iter().flatten().count()
    }

    /// What every item came to; those without a result have this one.
    fn take(&self, rest: ErrorKind) -> Vec<Outcome> {
        self.lock().iter_mut().map(|outcome| outcome.take().unwrap_or(Err(rest))).collect()
    }
}

/// Signs digests under one login. An error means that nothing was signed; else there is a result for each digest, in
/// order. Once cancelled or out of time it takes no more items to the Key and answers at once.
pub(super) async fn sign_batch(signer: &Signer, digests: Vec<Vec<u8>>) -> Result<Vec<Outcome>, Error> {
    if !signer.service.settings.signing.blind_digests {
        return Err(Error::new(ErrorKind::NotAuthorized, "SignBatch is switched off here (signing.blind-digests)"));
    }
    check_digests(signer.algorithm, &digests)?;
    let count = u32::try_from(digests.len()).unwrap_or(u32::MAX);
    signer.log_in(count).await?;
    if signer.wants_pin_each_time() {
        return Err(invalid("this key wants the PIN for each signature: sign the digests one by one"));
    }
    let pass = signer.pass(count).await?;
    let notice = signer.tell_to_press().await;

    let items = Arc::new(Items::new(digests.len()));
    let stop = CancellationToken::new();
    // Also when this future is dropped: its caller has left.
    let _stops = stop.clone().drop_guard();
    // On its own: what the Key was asked is recorded whatever becomes of the call.
    let mut work = signer.service.calls.spawn(run((signer.clone(), pass), digests, Arc::clone(&items), stop.clone()));
    let call = &signer.call;
    let rest = loop {
        tokio::select! {
            biased;
            ended = &mut work => break ended.unwrap_or(ErrorKind::Internal),
            () = call.cancelled.cancelled() => break ErrorKind::Cancelled,
            () = tokio::time::sleep_until(call.deadline) => break ErrorKind::Timeout,
            () = tokio::time::sleep(PROGRESS_EVERY), if call.request.is_some() => tell_progress(call, &items).await,
        }
    };
    if let Some(notice) = notice {
        tokio::spawn(notice.close());
    }
    tell_progress(call, &items).await;
    signer.tell_of_removal(Some(rest));
    Ok(items.take(rest))
}

fn check_digests(algorithm: Algorithm, digests: &[Vec<u8>]) -> Result<(), Error> {
    if !(1..=BATCH_MAX).contains(&digests.len()) {
        return Err(invalid(format!("a batch has 1 to {BATCH_MAX} digests, not {}", digests.len())));
    }
    for (index, digest) in digests.iter().enumerate() {
        check_digest(algorithm, digest).map_err(|error| invalid(format!("digest {index}: {error}")))?;
    }
    Ok(())
}

async fn tell_progress(call: &Call, items: &Items) {
    if let Some(request) = &call.request {
        let (done, total) = (items.done(), items.lock().len());
        request.progress(done as u64, total as u64).await;
    }
}

/// Takes the digests to the Key until it is told to stop, or an item fails in a way that every other would too.
/// Returns why the items without an outcome have none.
async fn run(
    (signer, pass): (Signer, Pass),
    digests: Vec<Vec<u8>>,
    items: Arc<Items>,
    stop: CancellationToken,
) -> ErrorKind {
    let least = usize::from(signer.key.lanes()) * PER_LANE;
    let mut waiting = digests.into_iter().enumerate();
    let (mut pace, mut under_way, mut count) = (Pace::default(), FuturesUnordered::new(), 0);
    let mut end = None;
    loop {
        while end.is_none() && count + pace.at_once <= least.max(2 * pace.at_once) && !stop.is_cancelled() {
            let (indices, digests): (Vec<_>, Vec<_>) = waiting.by_ref().take(pace.at_once).unzip();
            if indices.is_empty() {
                break;
            }
            count += indices.len();
            let since = Instant::now();
            under_way.push(signer.recorded(digests, pass).map(move |signed| (indices, signed, since.elapsed())));
        }
        let Some((indices, signed, time)) = under_way.next().await else { break };
        count -= indices.len();
        pace.took(indices.len(), time);
        let signed = signed.unwrap_or_else(|error| vec![Err(error); indices.len()]);
        for (index, signed) in indices.into_iter().zip(signed) {
            let outcome = signed.map_err(|error| error.kind());
            if let Err(kind) = &outcome
                && (concerns_all(*kind) || !signer.is_logged_in())
            {
                // That the login has ended is what the others hear of it: the cause says more.
                end = end.filter(|end| *end != ErrorKind::LoginRequired).or(Some(*kind));
            }
            // The answer may have left; the record says what came of it.
            if let Some(place) = items.lock().get_mut(index) {
                *place = Some(outcome);
            }
        }
    }
    let end = end.unwrap_or(ErrorKind::Cancelled);
    for outcome in items.lock().iter_mut().filter(|outcome| **outcome == Some(Err(ErrorKind::LoginRequired))) {
        *outcome = Some(Err(end));
    }
    end
}

/// How many items go to the Key together: one, and more as long as they are done soon.
struct Pace {
    at_once: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { at_once: 1 }
    }
}

impl Pace {
    /// So many together took so long, those before them at the Key included.
    fn took(&mut self, count: usize, time: Duration) {
        if time > TOGETHER {
            self.at_once = (count / 2).max(1);
        } else if time < TOGETHER / 2 && count == self.at_once {
            self.at_once = (2 * count).min(AT_ONCE_MAX);
        }
    }
}

/// Would the next item fail the same way?
fn concerns_all(kind: ErrorKind) -> bool {
    !matches!(kind, ErrorKind::SignatureInvalid | ErrorKind::ModuleFailed | ErrorKind::TokenBusy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_without_a_result_say_why() {
        let items = Items::new(3);
        items.lock()[1] = Some(Ok(vec![7]));
        assert_eq!(items.done(), 1);
        let all = items.take(ErrorKind::TokenRemoved);
        assert_eq!(all, [Err(ErrorKind::TokenRemoved), Ok(vec![7]), Err(ErrorKind::TokenRemoved)]);
    }

    #[test]
    fn a_quick_key_is_given_many_at_once_and_a_slow_one_a_few() {
        let mut pace = Pace::default();
        for _ in 0..10 {
            let count = pace.at_once;
            pace.took(count, Duration::from_micros(400) * 2 * count as u32);
        }
        assert!((8..=AT_ONCE_MAX).contains(&pace.at_once), "{}", pace.at_once);
        for _ in 0..10 {
            let count = pace.at_once;
            pace.took(count, Duration::from_millis(100) * count as u32);
        }
        assert_eq!(pace.at_once, 1);
        pace.took(1, Duration::from_millis(300));
        assert_eq!(pace.at_once, 1);
    }

    #[test]
    fn a_batch_is_checked_before_anything_is_signed() {
        let algorithm = Algorithm::EcdsaSha256;
        assert!(check_digests(algorithm, &[]).is_err());
        assert!(check_digests(algorithm, &vec![vec![0; 32]; BATCH_MAX + 1]).is_err());
        let error = check_digests(algorithm, &[vec![0; 32], vec![0; 31]]).unwrap_err();
        assert!(error.to_string().contains("digest 1"), "{error}");
        assert!(check_digests(algorithm, &vec![vec![0; 32]; BATCH_MAX]).is_ok());
    }
}
