//! The tray's picture, tooltip and menu follow the Key: plugged in, used, entered wrongly, locked, pulled out; the worst
//! of what is true shows. Read on the session bus as a panel reads them; no panel is needed for it.

use std::time::{Duration, UNIX_EPOCH};
use ukey_dbus::KeyKind;
use ukey_softhsm_tests::{
    Call, CertificateProfile, Desktop, Dialogs, Fault, Fixture, KeyBuilder, Locale, MenuLine, Person, Tray, When, Who,
    eventually, kill, no_options, refusal, staged,
};

fn headless() -> Desktop {
    Desktop::headless(Person::Clerk, Locale::Chinese)
}

fn key(days: i64) -> KeyBuilder {
    // At noon of that day of the calendar, whatever the time is now.
    let today = UNIX_EPOCH.elapsed().unwrap().as_secs() / 86_400;
    let end = UNIX_EPOCH + Duration::from_secs(today.checked_add_signed(days).unwrap() * 86_400 + 43_200);
    let profile = CertificateProfile { validity: (end - Duration::from_secs(86_400 * 300), end), ..Default::default() };
    KeyBuilder::default().label("采购一").certificate(KeyKind::EcP256, profile)
}

fn labels(menu: &[MenuLine]) -> Vec<&str> {
    menu.iter().map(|line| line.label.as_str()).collect()
}

async fn wait_for_menu(tray: &Tray, fits: impl Fn(&[MenuLine]) -> bool) -> Vec<MenuLine> {
    eventually("the menu", async || Some(tray.menu().await).filter(|menu| fits(menu))).await
}

#[test]
fn a_key_that_is_used_and_pulled_out() {
    staged(async || {
        let fixture =
            Fixture::builder().lab(|_, _| ()).key(key(100)).desktop(headless(), Dialogs::Scripted).start().await;
        let tray = fixture.desktop().tray().await;
        tray.wait_for("ready").await;
        assert_eq!(tray.tooltip().await.0, "UKey 可以使用");
        let menu = tray.menu().await;
        assert_eq!(
            labels(&menu),
            [
                "示范人民医院（采购一） · 剩 100 天",
                "可以使用",
                "",
                "修改 PIN 码(_P)…",
                "复制绑定信息(_C)",
                "怎么办(_W)…",
                "详细信息(_D)…"
            ]
        );
        assert!(!menu[0].enabled && !menu[1].enabled && menu[3].enabled);
        fixture.log_in().await;
        tray.wait_for("logged-in").await;
        tray.choose("退出登录").await;
        tray.wait_for("ready").await;
        fixture.lab().remove(fixture.key());
        tray.wait_for("no-key").await;
        assert_eq!(tray.menu().await[0].label, "没有插入 UKey");
        fixture.lab().insert(fixture.key());
        tray.wait_for("ready").await;
    });
}

#[test]
fn wrong_pins_until_it_is_locked() {
    staged(async || {
        let fixture = Fixture::builder()
            .lab(|lab, keys| lab.pin_limit(&keys[0], 3, 10))
            .key(key(100))
            .desktop(headless(), Dialogs::Scripted);
        let fixture = fixture.start().await;
        let (tray, token, pinentry) = (fixture.desktop().tray().await, fixture.token().await, fixture.pinentry());
        for state in ["pin-low", "pin-low", "locked"] {
            if fixture.lab().tries_left(fixture.key(), Who::User) == 1 {
                pinentry.will_confirm();
            }
            pinentry.will_type("wrong-pin");
            refusal(token.login(no_options()).await);
            tray.wait_for(state).await;
        }
        let menu = wait_for_menu(&tray, |menu| menu.iter().any(|line| line.label == "PIN 码已锁定，需要解锁")).await;
        assert!(!menu.iter().any(|line| line.label.starts_with("修改 PIN 码")), "{menu:?}");
    });
}

#[test]
fn a_certificate_that_ends_soon() {
    staged(async || {
        let fixture = Fixture::builder().key(key(20)).desktop(headless(), Dialogs::Scripted).start().await;
        let tray = fixture.desktop().tray().await;
        tray.wait_for("expiring").await;
        assert!(tray.menu().await[0].label.ends_with("剩 20 天"));
    });
}

#[test]
fn of_several_keys_the_worst_shows_and_each_has_a_menu() {
    staged(async || {
        let builder = Fixture::builder().key(key(100)).key(key(-2).label("采购二"));
        let fixture = builder.desktop(headless(), Dialogs::Scripted).start().await;
        let tray = fixture.desktop().tray().await;
        tray.wait_for("expired").await;
        let menu = wait_for_menu(&tray, |menu| menu.len() == 2).await;
        assert_eq!(labels(&menu), ["示范人民医院（采购一） · 剩 100 天", "示范人民医院（采购二） · 已过期 2 天"]);
        assert!(menu.iter().all(|line| line.lines.iter().any(|line| line.label == "怎么办(_W)…")));
        // An expired certificate is bound to nothing.
        assert!(!menu[1].lines.iter().any(|line| line.label.starts_with("复制绑定信息")));
    });
}

#[test]
fn a_module_that_does_not_work() {
    staged(async || {
        let fixture =
            Fixture::builder().lab(|_, _| ()).key(key(100)).desktop(headless(), Dialogs::Scripted).start().await;
        let tray = fixture.desktop().tray().await;
        tray.wait_for("ready").await;
        fixture.lab().fault(When::calling(Call::Initialize), Fault::Segfault);
        kill(fixture.daemon.shims()[0], rustix::process::Signal::KILL);
        tray.wait_for("failed").await;
        let menu = wait_for_menu(&tray, |menu| menu.iter().any(|line| line.label == "驱动“softhsm2”不能工作")).await;
        assert!(!menu.iter().any(|line| line.label.starts_with("修改 PIN 码")), "{menu:?}");
        fixture.lab().clear_faults();
        // It may be quarantined by now.
        fixture.daemon.program().signal(rustix::process::Signal::HUP);
        tray.wait_for("ready").await;
    });
}
