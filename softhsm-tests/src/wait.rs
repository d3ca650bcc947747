//! Waiting for something that no signal announces: the one place that polls.

use std::time::Duration;
use tokio::time::Instant;

/// How long a test waits for what must happen.
pub const PATIENCE: Duration = Duration::from_secs(20);

const STEP: Duration = Duration::from_millis(10);

/// Asks until there is an answer; panics with `what` after [`PATIENCE`].
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}");
        tokio::time::sleep(STEP).await;
    }
}
