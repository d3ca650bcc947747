//! The command line on a Key with SM2: a batch is hashed with the Z of its certificate, so that OpenSSL accepts what the
//! Key signs, and messages with either set of object identifiers are made and found right.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use ukey_dbus::{Algorithm, KeyKind};
use ukey_softhsm_tests::{
    CertificateProfile, Document, Fixture, Key, KeyBuilder, Lab, Person, STAGE, Sm2Family, Sm2Output, staged, ukeyctl,
    verify_data,
};

const USB_KEY: &str = include_str!("../../packaging/modules.d/sm2-usb-key.toml");
const MODEL: &str = "usb";

#[test]
fn a_batch_of_files() {
    staged(async || {
        let fixture = start("").await;
        fixture.log_in().await;
        // That another program may use the login.
        fixture.pinentry().will_confirm();
        let orders: Vec<Document> =
            [&b""[..], b"order 1", &[7; 300_000]].into_iter().zip(["a", "b", "c"]).map(order).collect();
        let names: Vec<&str> = orders.iter().map(|order| order.path().to_str().unwrap()).collect();
        ukeyctl(Person::Clerk, &[&["batch", "--certificate", "sm2"], &names[..]].concat()).await.succeeded();
        for order in &orders {
            let signature = fs::read(beside(order, ".sig")).unwrap();
            assert!(verify_data(fixture.key().certificate(KeyKind::Sm2), Algorithm::Sm2Sm3, order.path(), &signature));
            let file = order.path().to_str().unwrap();
            ukeyctl(Person::Clerk, &["verify", "--certificate", "sm2", file]).await.succeeded();
        }
    });
}

#[test]
fn messages_of_both_encodings() {
    staged(async || {
        let folder = Path::new(STAGE).join("trusted");
        fs::create_dir(&folder).unwrap();
        let mut fixture = start(&format!("[trust]\ncertificates = \"{}\"\n", folder.display())).await;
        fs::copy(fixture.ca.certificate(), folder.join("ca.pem")).unwrap();
        fixture.kill_daemon().await;
        fixture.start_daemon().await;
        fixture.log_in().await;
        // That another program may use the login.
        fixture.pinentry().will_confirm();
        let order = Document::order();
        let file = order.path().to_str().unwrap();
        for encoding in ["cms", "gmt0010"] {
            let sign = ["sign", "--message", "--encoding", encoding, "--force", file];
            ukeyctl(Person::Clerk, &sign).await.succeeded();
            let message = beside(&order, ".p7m");
            let verify = ["--json", "verify", "--message", message.to_str().unwrap()];
            let json: Value = serde_json::from_str(&ukeyctl(Person::Clerk, &verify).await.succeeded().stdout).unwrap();
            assert_eq!((&json["valid"], &json["encoding"]), (&true.into(), &encoding.into()));
            assert_eq!(json["content_length"], fs::metadata(order.path()).unwrap().len());
            // One bit of the content, which stands in it as it is.
            let mut changed = fs::read(&message).unwrap();
            let place = changed.windows(6).position(|bytes| bytes == "阿莫".as_bytes()).unwrap();
            changed[place] ^= 1;
            let changed = Document::with("changed.p7m", &changed);
            let told = ukeyctl(Person::Clerk, &["verify", "--message", changed.path().to_str().unwrap()]).await;
            assert_eq!(told.code, Some(8), "{told:?}");
        }
    });
}

/// A Key of the family of USB Keys, by the shipped numbers.
async fn start(config: &str) -> Fixture {
    let (_, numbers) = USB_KEY.split_once("[sm2]").unwrap();
    Fixture::builder()
        .config(config)
        .lab(prepare)
        .key(KeyBuilder::default().certificate(KeyKind::Sm2, CertificateProfile::default()))
        .profile(MODEL, &format!("[match]\nmodel = \"{MODEL}\"\n[sm2]{numbers}"))
        .start()
        .await
}

fn prepare(lab: &Lab, keys: &[Key]) {
    lab.show_model(&keys[0], MODEL);
    lab.sm2(&keys[0], Sm2Family::UsbKey, Sm2Output::Raw);
}

fn order((content, name): (&[u8], &str)) -> Document {
    Document::with(name, content)
}

fn beside(document: &Document, extension: &str) -> PathBuf {
    let mut name = document.path().as_os_str().to_owned();
    name.push(extension);
    name.into()
}
