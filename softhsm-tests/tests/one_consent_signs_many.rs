//! `SignBatch`: one PIN entry, a signature or an error's name for each digest, and nothing lost when it ends early: what
//! was signed until then is in the answer, and each signature that the Key was asked for is on record.

use futures_util::StreamExt;
use std::time::{Duration, Instant};
use ukey_dbus::{Algorithm, ErrorKind, KeyKind, RequestProxy, names, options};
use ukey_softhsm_tests::{
    Call, Fault, Fixture, KeyBuilder, Tool, When, eventually, no_options, option, refusal, run, staged, verify_digest,
};

type Item = (String, Vec<u8>);

#[test]
fn a_thousand_digests_after_one_entry() {
    staged(async || {
        let fixture = Fixture::builder().spied().start().await;
        let certificate = fixture.certificate(KeyKind::Rsa2048).await;
        fixture.pinentry().will_type(fixture.key().pin());
        let digests = digests(1_000);
        let results = certificate.sign_batch("RSA-PKCS1-SHA256", &slices(&digests), no_options()).await.unwrap();
        assert_eq!(results.len(), digests.len());
        assert!(results.iter().all(|(error, signature)| error.is_empty() && signature.len() == 256));
        let shown = fixture.key().certificate(KeyKind::Rsa2048);
        for (digest, (_, signature)) in digests.iter().zip(&results).step_by(40) {
            assert!(verify_digest(shown, Algorithm::RsaPkcs1Sha256, digest, signature));
        }
        assert_eq!(fixture.pinentry().dialogs().len(), 1);
        assert_eq!(fixture.spy().count("C_Login"), 1);
        assert_eq!(recorded(&fixture, "ok"), digests.len());
    });
}

#[test]
fn the_largest_batch_fits_into_a_reply() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let all = digests(options::BATCH_MAX);
        let long = option(options::TIMEOUT_MS, 120_000_u32);
        let results = certificate.sign_batch("ECDSA-SHA256", &slices(&all), long).await.unwrap();
        assert!(results.len() == options::BATCH_MAX && results.iter().all(|(error, _)| error.is_empty()));
    });
}

#[test]
fn a_batch_that_cannot_be_is_refused_as_a_whole() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let (good, short) = ([1; 32], [1; 31]);
        for wrong in [vec![], vec![good.as_slice(); options::BATCH_MAX + 1], vec![&good, &short]] {
            let refused = certificate.sign_batch("ECDSA-SHA256", &wrong, no_options()).await;
            assert_eq!(refusal(refused), ErrorKind::InvalidArgument);
        }
        let refused = certificate.sign_batch("RSA-PKCS1-SHA256", &[&good], no_options()).await;
        assert_eq!(refusal(refused), ErrorKind::AlgorithmUnsupported);
        assert_eq!(fixture.lab().count(Call::Sign), 0);
    });
}

#[test]
fn a_key_that_wants_the_pin_each_time_takes_no_batch() {
    staged(async || {
        let fixture = Fixture::builder().key(KeyBuilder::default().always_authenticate()).lab(|_, _| ()).start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let refused = certificate.sign_batch("ECDSA-SHA256", &[&[1; 32], &[2; 32]], no_options()).await;
        assert_eq!(refusal(refused), ErrorKind::InvalidArgument);
        assert_eq!(fixture.lab().count(Call::Sign), 0);
    });
}

#[test]
fn a_cancelled_one_answers_within_a_second() {
    staged(async || {
        let fixture = Fixture::builder().lab(slow).start().await;
        fixture.log_in().await;
        let all = digests(500);
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let path = names::request_path(fixture.clerk.unique_name().unwrap(), "orders");
        let request = RequestProxy::new(&fixture.clerk, path).await.unwrap();
        let mut progress = request.receive_progress().await.unwrap();
        let call = tokio::spawn(async move {
            certificate.sign_batch("ECDSA-SHA256", &slices(&all), option(options::REQUEST, "orders")).await
        });
        let told = loop {
            let signal = progress.next().await.unwrap();
            let (done, total) = (signal.args().unwrap().done, signal.args().unwrap().total);
            assert_eq!(total, 500);
            if done >= 5 {
                break done;
            }
        };
        let cancelled = Instant::now();
        request.cancel().await.unwrap();
        let results = call.await.unwrap().unwrap();
        assert!(cancelled.elapsed() < Duration::from_secs(1), "{:?}", cancelled.elapsed());
        let signed = results.iter().filter(|(error, _)| error.is_empty()).count();
        assert!(u64::try_from(signed).unwrap() >= told && signed < 100, "{signed} signed");
        assert!(rest(&results).all(|name| name == ErrorKind::Cancelled.dbus_name()));
        the_key_stops_and_all_is_recorded(&fixture).await;
    });
}

#[test]
fn one_that_takes_too_long_says_what_is_done() {
    staged(async || {
        let fixture = Fixture::builder().lab(slow).start().await;
        fixture.log_in().await;
        let all = digests(500);
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let short = option(options::TIMEOUT_MS, 600_u32);
        let results = certificate.sign_batch("ECDSA-SHA256", &slices(&all), short).await.unwrap();
        assert!(results[0].0.is_empty());
        assert!(rest(&results).count() > 400);
        assert!(rest(&results).all(|name| name == ErrorKind::Timeout.dbus_name()));
        the_key_stops_and_all_is_recorded(&fixture).await;
    });
}

#[test]
fn one_whose_key_is_pulled_out_says_what_is_done() {
    staged(async || {
        let fixture = Fixture::builder().lab(slow).start().await;
        fixture.log_in().await;
        let all = digests(500);
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let call = tokio::spawn(async move {
            let digests = slices(&all);
            certificate.sign_batch("ECDSA-SHA256", &digests, no_options()).await
        });
        eventually("ten signatures", async || (fixture.lab().count(Call::Sign) >= 10).then_some(())).await;
        fixture.lab().remove(fixture.key());
        let results = call.await.unwrap().unwrap();
        let signed = results.iter().filter(|(error, _)| error.is_empty()).count();
        assert!((8..100).contains(&signed), "{signed} signed");
        assert!(rest(&results).all(|name| name == ErrorKind::TokenRemoved.dbus_name()), "{:?}", results[signed]);
        assert_eq!(recorded(&fixture, "ok"), signed);
    });
}

#[test]
fn one_bad_signature_harms_no_other() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        fixture.lab().fault(When::calling(Call::Sign).times(1), Fault::FlippedBit);
        let all = digests(20);
        let results = certificate.sign_batch("ECDSA-SHA256", &slices(&all), no_options()).await.unwrap();
        let wrong: Vec<_> = rest(&results).collect();
        assert_eq!(wrong, [ErrorKind::SignatureInvalid.dbus_name()]);
        assert_eq!(recorded(&fixture, "ok"), 19);
        assert_eq!(recorded(&fixture, ErrorKind::SignatureInvalid.short_name()), 1);
    });
}

fn slow(lab: &ukey_softhsm_tests::Lab, _keys: &[ukey_softhsm_tests::Key]) {
    lab.fault(When::calling(Call::Sign), Fault::Delay(20));
}

async fn the_key_stops_and_all_is_recorded(fixture: &Fixture) {
    eventually("the end of the batch", async || {
        let asked = fixture.lab().count(Call::Sign);
        (recorded(fixture, "ok") == asked).then_some(())
    })
    .await;
    assert!(fixture.lab().count(Call::Sign) < 100);
}

fn digests(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|index| index.to_le_bytes().repeat(4)).collect()
}

fn slices(digests: &[Vec<u8>]) -> Vec<&[u8]> {
    digests.iter().map(Vec::as_slice).collect()
}

fn rest(results: &[Item]) -> impl Iterator<Item = &str> {
    results.iter().map(|(error, _)| error.as_str()).filter(|error| !error.is_empty())
}

/// Signatures on record with this result.
fn recorded(fixture: &Fixture, result: &str) -> usize {
    let program = "import sqlite3, sys
sql = '''SELECT count(*) FROM records i JOIN records r ON r.operation = i.operation AND r.phase = 'result'
         WHERE i.kind = 'sign' AND r.result = ?'''
print(sqlite3.connect(sys.argv[1]).execute(sql, (sys.argv[2],)).fetchone()[0])";
    let database = fixture.daemon.state().join("audit.sqlite");
    let text = run(Tool::Python, ["-c", program, database.to_str().unwrap(), result]);
    String::from_utf8(text).unwrap().trim().parse().unwrap()
}
