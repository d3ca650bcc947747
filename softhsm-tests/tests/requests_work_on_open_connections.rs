//! A call over a connection of `OpenConnection` can name a request there: it tells progress, and it can be cancelled, over
//! that connection only.

use futures_util::StreamExt;
use ukey_dbus::{CertificateProxy, ErrorKind, KeyKind, RequestProxy, names, options};
use ukey_softhsm_tests::{
    Call, Fault, Fixture, Key, Lab, Person, When, no_options, open_line, option, refusal, staged,
};

#[test]
fn progress_and_cancel() {
    staged(async || {
        let fixture = Fixture::builder().lab(slow).start().await;
        fixture.log_in().await;
        let line = open_line(&fixture.clerk, Person::Clerk).await.unwrap();
        let path = fixture.certificate(KeyKind::EcP256).await.inner().path().to_owned();
        let certificate = CertificateProxy::builder(&line).path(path).build().await.unwrap();
        let name = fixture.clerk.unique_name().unwrap().to_string();
        let request = RequestProxy::builder(&line).path(names::request_path(&name, "r1"));
        let request = request.build().await.unwrap();
        let mut progress = request.receive_progress().await.unwrap();
        let over_line = certificate.clone();
        let call = tokio::spawn(async move {
            let digests = vec![[7; 32]; 500];
            let digests: Vec<&[u8]> = digests.iter().map(<[u8; 32]>::as_slice).collect();
            over_line.sign_batch("ECDSA-SHA256", &digests, option(options::REQUEST, "r1")).await
        });
        let told = progress.next().await.unwrap();
        assert_eq!(*told.args().unwrap().total(), 500);
        let again = certificate.sign_digest("ECDSA-SHA256", &[7; 32], option(options::REQUEST, "r1")).await;
        assert_eq!(refusal(again), ErrorKind::InvalidArgument, "it is running");
        let from_the_bus = RequestProxy::new(&fixture.clerk, names::request_path(&name, "r1")).await.unwrap();
        assert!(from_the_bus.cancel().await.is_err(), "it is not there");
        request.cancel().await.unwrap();
        let results = call.await.unwrap().unwrap();
        let cancelled = results.iter().filter(|(error, _)| error == ErrorKind::Cancelled.dbus_name()).count();
        assert!(cancelled > 400, "{cancelled} of 500");
        assert!(request.cancel().await.is_err(), "it is over");
        certificate.sign_digest("ECDSA-SHA256", &[7; 32], no_options()).await.unwrap();
    });
}

fn slow(lab: &Lab, _keys: &[Key]) {
    lab.fault(When::calling(Call::Sign), Fault::Delay(20));
}
