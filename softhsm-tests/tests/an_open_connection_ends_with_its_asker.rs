//! A connection of `OpenConnection` ends with the bus connection that opened it, and takes along what was asked over it; so
//! it does when its own end is closed, and the bus connection stays.

use std::os::fd::AsFd;
use ukey_dbus::{CertificateProxy, ErrorKind, KeyKind, ManagerProxy};
use ukey_softhsm_tests::{
    Fixture, Outcome, Person, eventually, no_options, open_line, open_socket, refusal, socket_pair, staged,
};

const ALGORITHM: &str = "ECDSA-SHA256";

#[test]
fn with_a_dialog_open() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let asker = fixture.bus.connect(Person::Clerk).await;
        let line = open_line(&asker, Person::Clerk).await.unwrap();
        let path = fixture.certificate(KeyKind::EcP256).await.inner().path().to_owned();
        let certificate = CertificateProxy::builder(&line).path(path).build().await.unwrap();
        let call = tokio::spawn(async move { certificate.sign_digest(ALGORITHM, &[7; 32], no_options()).await });
        let dialog = fixture.pinentry().dialog(1).await;
        assert_eq!(dialog.outcome(), Outcome::Open);
        drop(asker.close().await);
        line.closed().await;
        assert!(call.await.unwrap().is_err());
        eventually("the end of the dialog", async || {
            (fixture.pinentry().dialog(1).await.outcome() != Outcome::Open).then_some(())
        })
        .await;
    });
}

#[test]
fn its_own_end_ends_its_calls_and_nothing_else() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let line = open_line(&fixture.clerk, Person::Clerk).await.unwrap();
        let path = fixture.certificate(KeyKind::EcP256).await.inner().path().to_owned();
        let certificate = CertificateProxy::builder(&line).path(path).build().await.unwrap();
        let call = tokio::spawn(async move { certificate.sign_digest(ALGORITHM, &[7; 32], no_options()).await });
        fixture.pinentry().dialog(1).await;
        drop(line.close().await);
        assert!(call.await.unwrap().is_err());
        eventually("the end of the dialog", async || {
            (fixture.pinentry().dialog(1).await.outcome() != Outcome::Open).then_some(())
        })
        .await;
        fixture.log_in().await;
        fixture.certificate(KeyKind::EcP256).await.sign_digest(ALGORITHM, &[7; 32], no_options()).await.unwrap();
    });
}

#[test]
fn before_its_handshake_too() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let asker = fixture.bus.connect(Person::Clerk).await;
        let socket = open_socket(&asker, socket_pair(Person::Clerk)).await.unwrap();
        let reader = std::thread::spawn(move || std::io::Read::read(&mut &socket, &mut [0; 1]).unwrap());
        drop(asker.close().await);
        assert_eq!(reader.join().unwrap(), 0, "the daemon has closed its end");
    });
}

#[test]
fn the_socket_of_another_user_is_refused() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let manager = ManagerProxy::new(&fixture.clerk).await.unwrap();
        for person in [Person::Nurse, Person::Root, Person::Outsider] {
            let (_ours, theirs) = socket_pair(person);
            let refused = manager.open_connection(theirs.as_fd().into()).await;
            assert_eq!(refusal(refused), ErrorKind::NotAuthorized, "{person:?}");
        }
        // Their ends are theirs again.
        let (ours, theirs) = socket_pair(Person::Clerk);
        manager.open_connection(theirs.as_fd().into()).await.unwrap();
        drop((ours, theirs));
    });
}
