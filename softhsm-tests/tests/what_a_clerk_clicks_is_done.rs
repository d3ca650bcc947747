//! With a real panel, a real notification server and a mouse: the tray is on the panel and opens its menu, what is
//! chosen there is done, and what was copied is in the clipboard.

use std::path::Path;
use ukey_dbus::{DialogKind, KeyKind};
use ukey_softhsm_tests::{
    CertificateProfile, Colours, Desktop, Dialogs, Fixture, KeyBuilder, Locale, Monitor, Outcome, Person, Tool,
    eventually, no_options, run, staged,
};

/// Where the panel shows the only item: its last pixels.
const ITEM: (u32, u32) = (1009, 15);

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
        shows_blue(&fixture).await;
        screen.photograph_still(Path::new("/tmp/t/tray/panel.png")).await;
        screen.click(ITEM, 1);
        screen.photograph_still(Path::new("/tmp/t/tray/menu.png")).await;
        // The letter of the line, as it stands in it.
        screen.keys(&["c"]);
        let serial = serial_number(&fixture.key().certificate(KeyKind::EcP256).der);
        assert_eq!(
            fixture.desktop().clipboard().await,
            format!("证书序列号：{serial}\n统一社会信用代码：91350100M000100Y43\n单位名称：示范人民医院")
        );
        screen.photograph_still(Path::new("/tmp/t/tray/copied.png")).await;
    });
}

#[test]
fn changing_the_pin_from_the_tray_asks_on_the_same_desktop() {
    staged(async || {
        let fixture = Fixture::builder().key(key()).desktop(desktop().await, Dialogs::Scripted).start().await;
        let monitor = Monitor::start(&fixture.bus).await;
        shows_blue(&fixture).await;
        for pin in [fixture.key().pin(), "new-pin-1", "new-pin-1"] {
            fixture.pinentry().will_type(pin);
        }
        fixture.desktop().screen().click(ITEM, 1);
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
        shows_blue(&fixture).await;
        let desktop = fixture.desktop.as_mut().unwrap();
        desktop.kill_panel().await;
        desktop.start_panel().await;
        shows_blue(&fixture).await;
        fixture.log_in().await;
        fixture.desktop().tray().await.wait_for("logged-in").await;
    });
}

/// Waits until the panel shows the blue of the picture where the item has to be.
async fn shows_blue(fixture: &Fixture) {
    let screen = fixture.desktop().screen();
    eventually("the picture on the panel", async || {
        let pixels = screen.pixels((994, 0), (30, 30));
        (pixels.iter().filter(|[red, green, blue]| *blue > 180 && *red < 100 && *green < 170).count() > 20)
            .then_some(())
    })
    .await;
}

fn serial_number(der: &Path) -> String {
    let output = run(Tool::Openssl, ["x509", "-inform", "DER", "-noout", "-serial", "-in", der.to_str().unwrap()]);
    String::from_utf8(output).unwrap().trim().strip_prefix("serial=").unwrap().to_owned()
}
