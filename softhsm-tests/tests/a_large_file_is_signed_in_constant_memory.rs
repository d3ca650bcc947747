//! A file of 1 GiB is hashed in a stream: the daemon's memory grows by less than 16 MiB, and it answers others
//! meanwhile.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};
use ukey_dbus::{Algorithm, KeyKind, options};
use ukey_softhsm_tests::{Document, Fixture, option, staged, status_number, verify_data};

const SIZE: u64 = 1 << 30;
const GROWTH_KIB: u64 = 16 << 10;

#[test]
fn one_gibibyte() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let daemon = fixture.daemon.program().pid();
        let certificate = fixture.certificate(KeyKind::Rsa2048).await;
        // Whatever is loaded at the first signature counts as there before.
        let small = Document::order();
        let algorithm = Algorithm::RsaPkcs1Sha256;
        certificate.sign_file(algorithm.as_str(), small.open().as_fd().into(), Default::default()).await.unwrap();
        let before = status_number(daemon, "VmHWM");

        let large = Document::sparse("gigabyte", SIZE);
        let signer = certificate.clone();
        let file = large.open();
        let call = tokio::spawn(async move {
            let patient = option(options::TIMEOUT_MS, 120_000_u32);
            signer.sign_file(algorithm.as_str(), file.as_fd().into(), patient).await
        });
        let token = fixture.token().await;
        while !call.is_finished() {
            let start = Instant::now();
            token.get_login().await.unwrap();
            assert!(start.elapsed() < Duration::from_secs(2), "the daemon is not there for others");
            tokio::task::yield_now().await;
        }
        let signature = call.await.unwrap().unwrap();
        let after = status_number(daemon, "VmHWM");
        assert!(after - before < GROWTH_KIB, "from {before} to {after} KiB");
        assert!(verify_data(fixture.key().certificate(KeyKind::Rsa2048), algorithm, large.path(), &signature));
    });
}
