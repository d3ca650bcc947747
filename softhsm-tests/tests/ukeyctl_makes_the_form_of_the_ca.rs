//! `ukeyctl form` and `what-to-do`: the form holds what the certificate on the Key says, also of a locked and of an expired one, and
//! the texts are those of the CA that issued it. Not proven: how the form looks (guidance/tests).

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use ukey_dbus::KeyKind;
use ukey_softhsm_tests::{CertificateProfile, Ended, Fixture, KeyBuilder, Person, STAGE, Tool, run, staged, ukeyctl};

const CODE: &str = "91350100M000100Y43";

async fn with_one_key(days: (i64, i64)) -> Fixture {
    let profile = CertificateProfile {
        holder_name: "县人民医院".to_owned(),
        holder_id: CODE.to_owned(),
        ..CertificateProfile::default()
    };
    let key = KeyBuilder::default().certificate(KeyKind::Rsa2048, profile.days(days.0, days.1));
    Fixture::builder().key(key).start().await
}

fn path(name: &str) -> PathBuf {
    Path::new(STAGE).join("home/clerk").join(name)
}

async fn clerk(arguments: &[&str]) -> Ended {
    ukeyctl(Person::Clerk, arguments).await
}

async fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&clerk(&[&["--json"], arguments].concat()).await.stdout).unwrap()
}

fn pdf_text(path: &Path) -> String {
    String::from_utf8(run(Tool::PdfToText, ["-layout".as_ref(), path.as_os_str(), "-".as_ref()])).unwrap()
}

#[test]
fn a_form_holds_what_the_certificate_says() {
    staged(async || {
        let _fixture = with_one_key((-400, -5)).await;
        let serial =
            json(&["bind-info", "--certificate", "rsa-2048"]).await["serial_number"].as_str().unwrap().to_owned();
        let out = path("form.pdf");
        let made = json(&["form", "--service", "renew", "--out", out.to_str().unwrap()]).await;
        assert_eq!((&made["unit_name"], &made["holder_id"]), (&"县人民医院".into(), &CODE.into()), "{made}");
        assert_eq!((&made["serial_number"], &made["service"]), (&serial.clone().into(), &"renew".into()));
        let text = pdf_text(&out);
        for value in ["县人民医院", CODE, &format!("原证书序列号：{serial}")] {
            assert!(text.contains(value), "{value}: {text}");
        }

        let again = clerk(&["form", "--service", "unlock", "--out", out.to_str().unwrap()]).await;
        assert_eq!(again.code, Some(10), "nothing is overwritten");
        let before = fs::read(&out).unwrap();
        clerk(&["form", "--service", "unlock", "--force", "--out", out.to_str().unwrap()]).await.succeeded();
        assert_ne!(fs::read(&out).unwrap(), before);
        let printed = clerk(&["form", "--service", "revoke", "--out", "-"]).await.succeeded();
        assert!(printed.stdout.starts_with("%PDF-"));
    });
}

#[test]
fn a_lost_key_needs_no_key() {
    staged(async || {
        // Not even the service runs.
        let out = path("form.pdf");
        let form = ["form", "--service", "reissue", "--out", out.to_str().unwrap()];
        let typed = ["--unit", "市中医院", "--uscc", "91350100m000100y43", "--serial", "0AFF"];
        let made = json(&[&form[..], &typed].concat()).await;
        assert_eq!((&made["holder_id"], &made["key_id"]), (&CODE.into(), &Value::Null), "{made}");
        let text = pdf_text(&out);
        assert!(text.contains("市中医院") && text.contains(CODE) && text.contains("原证书序列号：0AFF"), "{text}");
        let wrong = clerk(&[&form[..], &["--force", "--uscc", "91350100M000100Y44"]].concat()).await;
        assert_eq!(wrong.code, Some(2), "{}", wrong.stderr);
        clerk(&[&form[..], &["--force", "--blank"]].concat()).await.succeeded();
        assert!(!pdf_text(&out).contains(CODE));
        assert_eq!(clerk(&[&form[..], &["--force"]].concat()).await.code, Some(9), "else the Key has to be read");
    });
}

#[test]
fn what_to_do_is_what_the_ca_says() {
    staged(async || {
        let _fixture = with_one_key((-360, 5)).await;
        let general = json(&["what-to-do"]).await;
        let [advice] = general["advice"].as_array().unwrap().as_slice() else { panic!("{general}") };
        assert_eq!((&advice["service"], &advice["ca"]), (&"renew".into(), &Value::Null), "{advice}");
        let issuer = json(&["list"]).await["certificates"][0]["issuer"].as_str().unwrap().to_owned();

        let folder = Path::new(STAGE).join("ca.d");
        fs::create_dir(&folder).unwrap();
        let own = ["--ca-dir", folder.to_str().unwrap()];
        let text = format!(
            "form = true\nname = {{ en = 'County CA' }}\nhotline = {{ number = '12345' }}\n[match]\nissuer = '{issuer}'\n\
             [renew.en]\nsummary = 'x'\nwhere = 'Room 7'\nbring = ['The Key']\n"
        );
        fs::write(folder.join("county.toml"), text).unwrap();
        fs::write(folder.join("broken.toml"), "[match]\nname =\n").unwrap();
        let ended = clerk(&[&["what-to-do"][..], &own].concat()).await.succeeded();
        let parts =
            ["County CA", "Where: Room 7", "1. The Key", "Hotline: 12345", "expires in ", "--service renew --out"];
        for part in parts {
            assert!(ended.stdout.contains(part), "{part}: {}", ended.stdout);
        }
        assert!(ended.stderr.contains("broken.toml, line 2"), "{}", ended.stderr);
        let of_ca = async |ca: &str| {
            json(&[&["what-to-do", "--service", "renew", "--ca", ca][..], &own].concat()).await["advice"][0]["hotline"]
                .clone()
        };
        assert_eq!((of_ca(&issuer).await, of_ca("Other CA").await), ("12345".into(), Value::Null));
    });
}
