//! A certificate's end is told by a real notification server, and a mouse presses what stands on the notice: what to do
//! comes in a window, whose next page can be read too; the binding information is in the clipboard; tomorrow it is told
//! again, and not before.

use std::time::UNIX_EPOCH;
use ukey_dbus::KeyKind;
use ukey_softhsm_tests::{
    CertificateProfile, Colours, Desktop, Dialogs, Fixture, KeyBuilder, LabClock, Locale, Person, Screen, Tool,
    eventually, install_ca_texts, run, staged,
};

const DAY: u64 = 86_400;
/// What to do, remind me tomorrow, copy binding information.
const BUTTONS: [usize; 3] = [0, 1, 2];

/// A desktop with notices only, on which there is one of a certificate that ends in 12 days.
async fn fixture(dialogs: Dialogs) -> Fixture {
    install_ca_texts();
    let mut desktop = Desktop::start(Person::Clerk, Locale::Chinese, Colours::Light).await;
    desktop.start_notices().await;
    let profile = CertificateProfile::default().days(-353, 12);
    let key = KeyBuilder::default().label("采购一").certificate(KeyKind::EcP256, profile);
    let fixture = Fixture::builder().ca("云南CA").key(key).desktop(desktop, dialogs).start().await;
    fixture.desktop().screen().wait_for_notice().await;
    fixture
}

#[test]
fn what_to_do() {
    staged(async || {
        let fixture = fixture(Dialogs::Real("pinentry-gtk-2")).await;
        let screen = fixture.desktop().screen();
        fixture.desktop().press(BUTTONS[0]).await;
        screen.wait_for_window("证书更新").await;
        let first = screen.active_window();
        screen.wait_until_still().await;
        screen.keys(&["alt+n"]);
        eventually("the next page", async || {
            screen.active_window().filter(|now| now.1 == "证书更新" && Some(now) != first.as_ref())
        })
        .await;
        screen.wait_until_still().await;
        screen.keys(&["Return"]);
        eventually("the window's end", async || screen.active_window().is_none().then_some(())).await;
    });
}

#[test]
fn copy_binding_information() {
    staged(async || {
        let fixture = fixture(Dialogs::Scripted).await;
        fixture.desktop().press(BUTTONS[2]).await;
        let der = &fixture.key().certificate(KeyKind::EcP256).der;
        let serial = run(Tool::Openssl, ["x509", "-inform", "DER", "-noout", "-serial", "-in", der.to_str().unwrap()]);
        let serial = String::from_utf8(serial).unwrap().trim().strip_prefix("serial=").unwrap().to_owned();
        assert_eq!(
            fixture.desktop().clipboard().await,
            format!("证书序列号：{serial}\n统一社会信用代码：91350100M000100Y43\n单位名称：示范人民医院")
        );
    });
}

#[test]
fn remind_me_tomorrow() {
    staged(async || {
        let start = UNIX_EPOCH.elapsed().unwrap().as_secs();
        let mut clock = LabClock::start(start);
        let fixture = fixture(Dialogs::Scripted).await;
        fixture.desktop().press(BUTTONS[1]).await;
        let memory = format!("{}/.local/state/ukeyd/expiry.toml", Person::Clerk.home());
        eventually("a reminder that is written down", async || {
            std::fs::read_to_string(&memory).ok()?.contains("remind").then_some(())
        })
        .await;
        let screen: &Screen = fixture.desktop().screen();
        eventually("the notice's end", async || (!screen.shows_notices()).then_some(())).await;
        // It is no threshold, and it is told all the same.
        let midnight = (start / DAY + 1) * DAY;
        clock.pass(midnight - 1 - start).await;
        assert!(!screen.shows_notices(), "it is still today");
        clock.pass(1).await;
        screen.wait_for_notice().await;
    });
}
