//! A file of 1 GiB is hashed in a stream, and copied into a message in a stream: the daemon's memory grows by less than
//! 16 MiB, and it answers others meanwhile. A message that is cancelled ends within a second and leaves nothing.

use futures_util::StreamExt;
use std::fs::{self, File};
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};
use ukey_dbus::{Algorithm, ErrorKind, KeyKind, RequestProxy, names, options};
use ukey_softhsm_tests::{
    Document, Fixture, Options, STAGE, Tool, option, refusal, staged, status_number, verify_data,
};

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

#[test]
fn one_gibibyte_in_a_message() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let daemon = fixture.daemon.program().pid();
        let certificate = fixture.certificate(KeyKind::Rsa2048).await;
        let small = Document::order();
        certificate.sign_message(b"order", option(options::DETACHED, true)).await.unwrap();
        let output = File::create(Path::new(STAGE).join("small.p7m")).unwrap();
        let patient = || option(options::TIMEOUT_MS, 120_000_u32);
        certificate.sign_message_file(small.open().as_fd().into(), output.as_fd().into(), patient()).await.unwrap();
        let before = status_number(daemon, "VmHWM");

        let large = Document::sparse("gigabyte", SIZE);
        let path = Path::new(STAGE).join("large.p7m");
        let output = File::create(&path).unwrap();
        let answer =
            certificate.sign_message_file(large.open().as_fd().into(), output.as_fd().into(), patient()).await.unwrap();
        let after = status_number(daemon, "VmHWM");
        assert!(after - before < GROWTH_KIB, "from {before} to {after} KiB");
        let length = fs::metadata(&path).unwrap().len();
        assert!(length > SIZE && u64::try_from(answer["length"].clone()).unwrap() == length);
        let mut command = Tool::Openssl.command();
        command.args(["cms", "-verify", "-binary", "-purpose", "any", "-inform", "DER", "-out", "/dev/null", "-in"]);
        command.arg(&path).arg("-CAfile").arg(fixture.ca.certificate());
        let ended = Tool::Openssl.output(&mut command);
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    });
}

#[test]
fn a_cancelled_message_leaves_nothing() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let path = names::request_path(fixture.clerk.unique_name().unwrap(), "large");
        let request = RequestProxy::new(&fixture.clerk, path).await.unwrap();
        let mut progress = request.receive_progress().await.unwrap();
        let large = Document::sparse("gigabytes", 64 * SIZE);
        let path = Path::new(STAGE).join("cancelled.p7m");
        let (input, output) = (large.open(), File::create(&path).unwrap());
        let call = tokio::spawn(async move {
            let mut wanted = Options::from([(options::REQUEST, "large".into())]);
            wanted.insert(options::TIMEOUT_MS, 120_000_u32.into());
            certificate.sign_message_file(input.as_fd().into(), output.as_fd().into(), wanted).await
        });
        progress.next().await.unwrap();
        let cancelled = Instant::now();
        request.cancel().await.unwrap();
        assert_eq!(refusal(call.await.unwrap()), ErrorKind::Cancelled);
        assert!(cancelled.elapsed() < Duration::from_secs(1), "{:?}", cancelled.elapsed());
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
    });
}
