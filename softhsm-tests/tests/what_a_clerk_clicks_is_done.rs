//! With a real panel, a real notification server and a mouse: the tray is on the panel and opens its menu, what is
//! chosen there is done, and what was copied is in the clipboard.

use std::path::Path;
use ukey_dbus::{DialogKind, KeyKind};
use ukey_softhsm_tests::{
    CertificateProfile, Colours, Desktop, Dialogs, Fixture, KeyBuilder, Locale, Monitor, Outcome, Person, Tool,
    eventually, no_options, run, staged,
};

/// A place on the line of the menu below it that copies.
const COPY: (u32, u32) = (830, 123);

async fn desktop() -> Desktop {
    let mut desktop = Desktop::start(Person::Clerk, Locale::Chinese, Colours::Light).await;
    desktop.start_notices().await;
    desktop.start_panel().await;
    desktop
}

fn key() -> KeyBuilder {
    KeyBuilder::default().label("采购一").certificate(KeyKind::EcP256, CertificateProfile::default())
}

#[test]
fn the_menu_opens_under_the_picture_and_a_click_copies() {
    staged(async || {
        let fixture = Fixture::builder().key(key()).desktop(desktop().await, Dialogs::Scripted).start().await;
        let screen = fixture.desktop().screen();
        fixture.desktop().tray().await.wait_for("ready").await;
        fixture.desktop().wait_for_item().await;
        screen.click(fixture.desktop().item_place(), 1);
        screen.wait_until_still().await;
        screen.click(COPY, 1);
        let serial = serial_number(&fixture.key().certificate(KeyKind::EcP256).der);
        assert_eq!(
            fixture.desktop().clipboard().await,
            format!("证书序列号：{serial}\n统一社会信用代码：91350100M000100Y43\n单位名称：示范人民医院")
        );
    });
}

#[test]
fn changing_the_pin_from_the_tray_asks_on_the_same_desktop() {
    staged(async || {
        let fixture = Fixture::builder().key(key()).desktop(desktop().await, Dialogs::Scripted).start().await;
        let monitor = Monitor::start(&fixture.bus).await;
        fixture.desktop().wait_for_item().await;
        for pin in [fixture.key().pin(), "new-pin-1", "new-pin-1"] {
            fixture.pinentry().will_type(pin);
        }
        fixture.desktop().screen().click(fixture.desktop().item_place(), 1);
        fixture.desktop().screen().wait_until_still().await;
        // By the keyboard: the letter of the line, as it stands in it.
        fixture.desktop().screen().keys(&["p"]);
        monitor.will_have_asked(&[DialogKind::CurrentPin, DialogKind::NewPin]).await;
        assert_eq!(fixture.pinentry().outcome(3).await, Outcome::Pin);
        eventually("the news of the change", async || (!monitor.calls("Notify").is_empty()).then_some(())).await;
        fixture.pinentry().will_type("new-pin-1");
        fixture.token().await.login(no_options()).await.unwrap();
    });
}

#[test]
fn a_panel_that_dies_gets_the_tray_back() {
    staged(async || {
        let mut fixture = Fixture::builder().key(key()).desktop(desktop().await, Dialogs::Scripted).start().await;
        fixture.desktop().wait_for_item().await;
        let desktop = fixture.desktop.as_mut().unwrap();
        desktop.kill_panel().await;
        desktop.start_panel().await;
        fixture.desktop().wait_for_item().await;
        fixture.log_in().await;
        fixture.desktop().tray().await.wait_for("logged-in").await;
    });
}

fn serial_number(der: &Path) -> String {
    let output = run(Tool::Openssl, ["x509", "-inform", "DER", "-noout", "-serial", "-in", der.to_str().unwrap()]);
    String::from_utf8(output).unwrap().trim().strip_prefix("serial=").unwrap().to_owned()
}
