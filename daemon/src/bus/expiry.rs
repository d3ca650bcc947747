//! Time as the objects show it: `Validity` changes and `ExpiryWarning`s, told when the computer's clock gets there, and
//! looked at again whenever somebody sets it or a Key comes. Nothing wakes in between.

use super::service::Service;
use std::sync::Arc;
use std::time::Duration;
use ukey_alarm::{Alarm, unix_now};

/// Pause after the kernel refused an alarm.
const REFUSED: Duration = Duration::from_secs(60);

/// Starts to tell, for as long as the service runs.
pub(super) fn start(service: &Arc<Service>) {
    tokio::spawn(tell(Arc::clone(service)));
}

async fn tell(service: Arc<Service>) {
    loop {
        let error = match Alarm::new() {
            Ok(alarm) => tell_with(&service, &alarm).await,
            Err(error) => error,
        };
        tracing::error!(%error, "no alarm; the certificates' dates are looked at later");
        tokio::time::sleep(REFUSED).await;
    }
}

async fn tell_with(service: &Service, alarm: &Alarm) -> std::io::Error {
    let thresholds = service.settings.expiry.thresholds();
    loop {
        let now = unix_now();
        let next = service.tree.tell_time(now, &thresholds).await;
        tracing::debug!(next, "the next moment of a certificate");
        tokio::select! {
            woken = alarm.wait(now, next) => if let Err(error) = woken { return error },
            () = service.tree.came() => {}
        }
    }
}
