//! Neither the file for Prometheus, nor what a collector is sent, nor the exporter's log has anything of a person: no names of
//! people, units and programs, no label, serial number, reason, PIN or digest. Proven for what was done here, in whole outputs.

use ukey_dbus::{ErrorKind, KeyKind, options};
use ukey_softhsm_tests::{
    CertificateProfile, Collector, Exporter, Fixture, KeyBuilder, Person, eventually, no_options, option, refusal,
    staged,
};

#[test]
fn in_all_that_it_tells() {
    staged(async || {
        let profile = CertificateProfile::default();
        let key = KeyBuilder::default().label("采购UKey").pin("pin-97531").certificate(KeyKind::EcP256, profile);
        let fixture = Fixture::builder().key(key).start().await;
        let collector = Collector::start();
        let endpoint = collector.endpoint();
        let variables = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
            ("OTEL_METRIC_EXPORT_INTERVAL", "300"),
            ("RUST_LOG", "info,ukey_exporter=trace"),
        ];
        let exporter =
            Exporter::start("[prometheus]\ntextfile = \"@FOLDER@/ukeyd.prom\"\ninterval-seconds = 1\n", &variables);
        let token = fixture.token().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        fixture.pinentry().will_type("wrong-24680");
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinIncorrect);
        fixture.pinentry().will_type(fixture.key().pin());
        let digest = [0xd1_u8; 32];
        certificate.sign_digest("ECDSA-SHA256", &digest, option(options::REASON, "药品订单 1187")).await.unwrap();
        eventually("the signature everywhere", async || {
            let told = exporter.text().contains("kind=\"sign-digest\",result=\"ok\"} 1");
            let sent = collector.spans().iter().any(|span| span["name"] == "sign-digest");
            (told && sent && !collector.points("ukey.signatures").is_empty()).then_some(())
        })
        .await;

        let holder = certificate.holder_name().await.unwrap();
        let mut secrets = vec![
            fixture.key().label().to_owned(),
            fixture.key().serial_number().to_owned(),
            fixture.key().pin().to_owned(),
            "wrong-24680".to_owned(),
            "药品订单".to_owned(),
            "d1d1d1d1".to_owned(),
            Person::Clerk.name().to_owned(),
            Person::Clerk.uid().to_string(),
            certificate.holder_id().await.unwrap(),
            certificate.issuer().await.unwrap(),
            certificate.serial_number().await.unwrap(),
            std::env::current_exe().unwrap().file_name().unwrap().to_str().unwrap().to_owned(),
            "/usr/".to_owned(),
        ];
        assert!(!holder.is_empty());
        secrets.push(holder);
        let outputs = [exporter.text(), collector.everything(), exporter.program().log()];
        assert!(outputs.iter().all(|output| !output.is_empty()), "there is something to search");
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            for output in &outputs {
                assert!(!output.contains(secret.as_str()), "{secret} in {output}");
            }
        }
    });
}
