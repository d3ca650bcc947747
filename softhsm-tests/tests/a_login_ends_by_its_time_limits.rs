//! A login lasts as long as it is used, ends when it was not used for `login.idle-seconds`, and after `login.max-seconds` in any
//! case. Never sooner.

use std::time::{Duration, Instant};
use ukey_dbus::{ErrorKind, KeyKind, TokenState, options};
use ukey_softhsm_tests::{Fixture, option, refusal, staged};

const LIMIT: Duration = Duration::from_secs(3);
/// The first look at the limit, made at the login, comes in the middle of it.
const IN_USE: Duration = Duration::from_secs(7);

#[test]
fn when_it_was_not_used_for_so_long() {
    staged(async || {
        let fixture = Fixture::builder().config("[login]\nidle-seconds = 3\n").start().await;
        fixture.log_in().await;
        let (begun, mut last_use) = (Instant::now(), Instant::now());
        while begun.elapsed() < IN_USE {
            last_use = Instant::now();
            assert_eq!(sign(&fixture).await, Ok(()), "in use all the time");
        }
        ended(&fixture).await;
        assert!(last_use.elapsed() >= LIMIT, "{:?}", last_use.elapsed());
        assert_eq!(sign(&fixture).await, Err(ErrorKind::LoginRequired));
    });
}

#[test]
fn after_so_long_however_much_it_is_used() {
    staged(async || {
        let fixture = Fixture::builder().config("[login]\nmax-seconds = 3\n").start().await;
        let begun = Instant::now();
        fixture.log_in().await;
        let refused = loop {
            if let Err(kind) = sign(&fixture).await {
                break kind;
            }
            assert!(begun.elapsed() < LIMIT * 5, "it goes on");
        };
        assert_eq!(refused, ErrorKind::LoginRequired);
        assert!(begun.elapsed() >= LIMIT, "{:?}", begun.elapsed());
        ended(&fixture).await;
    });
}

/// Signs under the login that there is.
async fn sign(fixture: &Fixture) -> Result<(), ErrorKind> {
    let certificate = fixture.certificate(KeyKind::EcP256).await;
    let never = option(options::PROMPT, options::PROMPT_NEVER);
    match certificate.sign_data("ECDSA-SHA256", b"order", never).await {
        Ok(_) => Ok(()),
        refused => Err(refusal(refused)),
    }
}

async fn ended(fixture: &Fixture) {
    fixture.wait_for_state(fixture.key(), TokenState::Ready).await;
    fixture.daemon.will_have_recorded("time limit").await;
}
