//! From the picture on the panel through the menu to the CA's form, with a mouse and a keyboard: the PDF lies in the clerk's
//! folder and is shown, and its text holds unit, USCC, serial number and the tick at the service that was chosen. The CA
//! is one of the shipped texts; with another, which does not take the form, there is none in the menu.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use ukey_dbus::KeyKind;
use ukey_softhsm_tests::{
    CertificateProfile, Colours, Desktop, Dialogs, Fixture, FixtureBuilder, KeyBuilder, Locale, Person, Tool,
    install_ca_texts, run, staged,
};

const UNIT: &str = "昆明市某某县人民医院";

async fn desktop() -> Desktop {
    install_ca_texts();
    let mut desktop = Desktop::start(Person::Clerk, Locale::Chinese, Colours::Light).await;
    desktop.start_panel().await;
    desktop
}

fn builder() -> FixtureBuilder {
    let profile = CertificateProfile::default().held_by(UNIT).days(-350, 15);
    Fixture::builder().key(KeyBuilder::default().label("采购一").certificate(KeyKind::EcP256, profile))
}

#[test]
fn and_ticked_at_the_service_that_was_chosen() {
    staged(async || {
        let fixture = builder().ca("云南CA").desktop(desktop().await, Dialogs::Scripted).start().await;
        let (desktop, screen) = (fixture.desktop(), fixture.desktop().screen());
        let documents = desktop.documents();
        desktop.tray().await.wait_for("expiring").await;
        desktop.wait_for_item().await;
        screen.click(desktop.item_place(), 1);
        screen.wait_until_still().await;
        // 业务申请表(F) opens at its first line, and the second is to unlock.
        for key in ["f", "Down", "Return"] {
            screen.keys(&[key]);
            screen.wait_until_still().await;
        }

        let form = desktop.viewed().await;
        assert_eq!(form, documents.join(format!("单位数字证书业务申请表-解锁-{UNIT}.pdf")));
        assert_eq!(form.metadata().unwrap().uid(), Person::Clerk.uid());
        let text =
            String::from_utf8(run(Tool::PdfToText, ["-layout".as_ref(), form.as_os_str(), "-".as_ref()])).unwrap();
        let serial = serial_number(&fixture.key().certificate(KeyKind::EcP256).der);
        for value in [UNIT, "91350100M000100Y43", &serial] {
            assert!(text.contains(value), "{value}: {text}");
        }
        let (_, ticked) = text.split_once('√').unwrap();
        assert!(ticked.trim_start().starts_with("解锁"), "{text}");
        assert_eq!(text.matches('√').count(), 1, "{text}");
    });
}

#[test]
fn and_a_ca_that_does_not_take_it_has_none() {
    staged(async || {
        let fixture = builder().ca("某省CA").desktop(desktop().await, Dialogs::Scripted).start().await;
        let tray = fixture.desktop().tray().await;
        tray.wait_for("expiring").await;
        assert!(!tray.menu().await.iter().any(|line| line.label.starts_with("业务申请表")), "{:?}", tray.menu().await);
    });
}

fn serial_number(der: &Path) -> String {
    let output = run(Tool::Openssl, ["x509", "-inform", "DER", "-noout", "-serial", "-in", der.to_str().unwrap()]);
    String::from_utf8(output).unwrap().trim().strip_prefix("serial=").unwrap().to_owned()
}
