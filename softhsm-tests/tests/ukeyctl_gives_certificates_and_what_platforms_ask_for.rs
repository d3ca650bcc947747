//! `ukeyctl export`, `bind-info`, `show --certificate` and `random`: what comes out is what the certificates hold, and
//! where several fit nothing is guessed.

use serde_json::Value;
use std::fs;
use std::path::Path;
use ukey_dbus::{KeyKind, KeyUse};
use ukey_softhsm_tests::{
    CertificateProfile, Fixture, FixtureBuilder, KeyBuilder, Person, STAGE, Tool, run, staged, ukeyctl,
};

const NO_SINGLE_ONE: Option<i32> = Some(7);
const FILE: Option<i32> = Some(10);

/// A pair as CAs issue them, an expired one, and a Key of another unit with RSA and EC.
fn units() -> FixtureBuilder {
    let profile = |unit: &str, code: &str, key_use| CertificateProfile {
        holder_name: unit.to_owned(),
        holder_id: code.to_owned(),
        key_use,
        ..CertificateProfile::default()
    };
    let pair = |key_use| profile("县人民医院", "91350100M000100Y43", key_use);
    let other = || profile("市中医院", "12530000431200001Q", KeyUse::Signature);
    Fixture::builder()
        .key(
            KeyBuilder::default()
                .label("县医院")
                .certificate(KeyKind::Rsa2048, pair(KeyUse::Signature))
                .certificate(KeyKind::Rsa2048, pair(KeyUse::Encryption))
                .certificate(KeyKind::EcP256, pair(KeyUse::Signature).days(-400, -30)),
        )
        .key(
            KeyBuilder::default()
                .label("市医院")
                .certificate(KeyKind::Rsa2048, other())
                .certificate(KeyKind::EcP384, other()),
        )
}

#[test]
fn what_an_account_is_bound_to() {
    staged(async || {
        let fixture = units().start().await;
        let json = bind_info(&["--key", "县医院"]).await.unwrap();
        let certificate = &fixture.keys[0].certificates()[0];
        assert_eq!(json["serial_number"], serial_number(&certificate.der));
        assert_eq!((&json["holder_id"], &json["unit_name"]), (&"91350100M000100Y43".into(), &"县人民医院".into()));
        assert_eq!((&json["key_label"], &json["key_type"]), (&"县医院".into(), &"rsa-2048".into()));
        let lines = ukeyctl(Person::Clerk, &["bind-info", "--key", "县医院"]).await.succeeded().stdout;
        for value in [serial_number(&certificate.der).as_str(), "91350100M000100Y43", "县人民医院"] {
            assert!(lines.lines().any(|line| line.ends_with(&format!("  {value}"))), "{lines}");
        }
        assert_eq!(lines.lines().count(), 3);

        // Two Keys, and two certificates on the second: nothing is guessed.
        for several in [&[][..], &["--key", "市医院"]] {
            let error = bind_info(several).await.unwrap_err();
            assert_eq!(error["error"]["name"], "SeveralCertificates", "{several:?}");
            assert_eq!(error["error"]["exit_code"], 7);
        }
        let json = bind_info(&["--key", "市医院", "--certificate", "ec-p384"]).await.unwrap();
        assert_eq!(json["serial_number"], serial_number(&fixture.keys[1].certificate(KeyKind::EcP384).der));
        // One that has expired only when it is named.
        let json = bind_info(&["--certificate", "ec-p256"]).await.unwrap();
        assert_eq!(json["serial_number"], serial_number(&fixture.keys[0].certificate(KeyKind::EcP256).der));
        // Everybody may read it, also where the certificate itself is not for everybody.
        assert_eq!(ukeyctl(Person::Outsider, &["bind-info", "--key", "县医院"]).await.succeeded().stdout, lines);
    });
}

#[test]
fn a_certificate_is_the_one_on_the_key() {
    staged(async || {
        let fixture = units().start().await;
        let der = fs::read(&fixture.keys[1].certificate(KeyKind::EcP384).der).unwrap();
        let home = Path::new(STAGE).join("home/clerk");
        let [pem, cer] = ["unit.pem", "unit.cer"].map(|name| home.join(name));
        let export = ["export", "--certificate", "ec-p384"];
        for out in [&pem, &cer] {
            ukeyctl(Person::Clerk, &[&export[..], &["--out", out.to_str().unwrap()]].concat()).await.succeeded();
        }
        assert_eq!(fs::read(&cer).unwrap(), der);
        assert_eq!(openssl_der(&pem), der);
        let again = ukeyctl(Person::Clerk, &[&export[..], &["--out", cer.to_str().unwrap()]].concat()).await;
        assert_eq!(again.code, FILE, "nothing is overwritten");
        let printed = ukeyctl(Person::Clerk, &export).await.succeeded().stdout;
        assert_eq!(printed, fs::read_to_string(&pem).unwrap());
        let json: Value = json(&ukeyctl(Person::Clerk, &[&["--json"], &export[..]].concat()).await.succeeded().stdout);
        assert_eq!((&json["pem"], &json["output"]), (&printed.into(), &Value::Null));
        assert_eq!(ukeyctl(Person::Clerk, &["export", "--key", "市医院"]).await.code, NO_SINGLE_ONE);
    });
}

#[test]
fn facts_of_a_certificate() {
    staged(async || {
        let fixture = units().start().await;
        let partner = ukeyctl(Person::Clerk, &["--json", "list"]).await.succeeded().stdout;
        let partner = json(&partner)["certificates"]
            .as_array()
            .unwrap()
            .iter()
            .find(|certificate| certificate["key_use"] == "encryption")
            .unwrap()["id"]
            .clone();
        let id = bind_info(&["--key", "县医院"]).await.unwrap()["certificate_id"].clone();
        let shown = ukeyctl(Person::Clerk, &["show", "--certificate", id.as_str().unwrap()]).await.succeeded().stdout;
        for part in [
            "县人民医院",
            "91350100M000100Y43",
            "CN=县人民医院, O=县人民医院",
            "CN=测试医疗机构CA",
            "rsa-2048",
            "RSA-PSS-SHA256",
            "no CA is configured as trusted",
            partner.as_str().unwrap(),
            &serial_number(&fixture.keys[0].certificates()[0].der),
        ] {
            assert!(shown.contains(part), "{part} is missing in\n{shown}");
        }
    });
}

#[test]
fn random_bytes() {
    staged(async || {
        let _fixture = Fixture::builder().start().await;
        let hex = ukeyctl(Person::Clerk, &["random", "16"]).await.succeeded().stdout;
        assert!(hex.len() == 33 && hex.trim_end().bytes().all(|byte| byte.is_ascii_hexdigit()), "{hex}");
        assert_ne!(ukeyctl(Person::Clerk, &["random", "16"]).await.succeeded().stdout, hex);
        let bytes = json(&ukeyctl(Person::Clerk, &["--json", "random", "4096"]).await.succeeded().stdout);
        assert_eq!(bytes["random"].as_str().unwrap().len(), 2 * 4096);
        for wrong in ["0", "4097", "x"] {
            assert_eq!(ukeyctl(Person::Clerk, &["random", wrong]).await.code, Some(2), "{wrong}");
        }
    });
}

async fn bind_info(arguments: &[&str]) -> Result<Value, Value> {
    let ended = ukeyctl(Person::Clerk, &[&["--json", "bind-info"], arguments].concat()).await;
    let value = json(&ended.stdout);
    if ended.code == Some(0) { Ok(value) } else { Err(value) }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// As OpenSSL writes it.
fn serial_number(der: &Path) -> String {
    let line = run(Tool::Openssl, ["x509", "-inform", "DER", "-noout", "-serial", "-in", der.to_str().unwrap()]);
    String::from_utf8(line).unwrap().trim().strip_prefix("serial=").unwrap().to_owned()
}

fn openssl_der(pem: &Path) -> Vec<u8> {
    run(Tool::Openssl, ["x509", "-outform", "DER", "-in", pem.to_str().unwrap()])
}
