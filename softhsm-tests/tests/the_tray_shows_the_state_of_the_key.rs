//! The tray's picture, tooltip and menu follow the Key: plugged in, used, entered wrongly, locked, pulled out; the worst
//! of what is true shows. Read on the session bus as a panel reads them; no panel is needed for it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};
use ukey_dbus::KeyKind;
use ukey_softhsm_tests::{
    Call, CertificateProfile, Desktop, Dialogs, Fault, Fixture, KeyBuilder, LabClock, Locale, MenuLine, Person, Tray,
    When, Who, eventually, kill, no_options, refusal, staged,
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

#[test]
fn a_service_that_ends_and_comes_back() {
    staged(async || {
        let mut fixture = Fixture::builder().key(key(100)).desktop(headless(), Dialogs::Scripted).start().await;
        let tray = fixture.desktop().tray().await;
        fixture.log_in().await;
        tray.wait_for("logged-in").await;
        fixture.kill_daemon().await;
        tray.wait_for("no-key").await;
        assert_eq!(tray.menu().await[0].label, "UKey 服务没有运行，请联系技术人员");
        fixture.start_daemon().await;
        tray.wait_for("ready").await;
        let asked = fixture.pinentry().dialogs().len();
        fixture.log_in().await;
        tray.wait_for("logged-in").await;
        assert_eq!(fixture.pinentry().dialogs().len(), asked + 1, "the agent serves the new one");
    });
}

/// Nobody opens the menu, and nothing of the Key changes.
#[test]
fn the_days_that_are_left_at_midnight() {
    staged(async || {
        const DAY: u64 = 86_400;
        let now = UNIX_EPOCH.elapsed().unwrap().as_secs();
        let mut clock = LabClock::start(now);
        let fixture = Fixture::builder().key(key(100)).desktop(headless(), Dialogs::Scripted).start().await;
        let tray = fixture.desktop().tray().await;
        let shows = async |text: &str| {
            eventually(&format!("the tooltip with {text}"), async || {
                tray.tooltip().await.1.contains(text).then_some(())
            })
            .await;
        };
        shows("剩 100 天").await;
        let midnight = (now / DAY + 1) * DAY;
        clock.pass(midnight - 1 - now).await;
        assert!(tray.tooltip().await.1.contains("剩 100 天"));
        clock.pass(1).await;
        shows("剩 99 天").await;
        // The computer sleeps through some of them, and somebody sets its clock back.
        clock.pass(10 * DAY).await;
        shows("剩 89 天").await;
        clock.set(midnight - 1).await;
        shows("剩 100 天").await;
    });
}

#[test]
fn a_panel_that_never_answers_holds_up_nothing() {
    staged(async || {
        let desktop = headless();
        // It has the name, and reads nothing that is sent to it.
        let silent = desktop.bus().connect().await;
        silent.request_name("org.kde.StatusNotifierWatcher").await.unwrap();
        let fixture = Fixture::builder().key(key(100)).desktop(desktop, Dialogs::Scripted).start().await;
        let tray = fixture.desktop().tray().await;
        fixture.log_in().await;
        tray.wait_for("logged-in").await;
        tray.choose("退出登录").await;
        tray.wait_for("ready").await;
        // The next one is asked, whatever the agent still waits for.
        silent.close().await.unwrap();
        let panel = Panel(Arc::default());
        let (items, connection) = (Arc::clone(&panel.0), fixture.desktop().bus().connect().await);
        connection.object_server().at("/StatusNotifierWatcher", panel).await.unwrap();
        connection.request_name("org.kde.StatusNotifierWatcher").await.unwrap();
        eventually("an item on the new panel", async || (!items.lock().unwrap().is_empty()).then_some(())).await;
    });
}

/// A panel that only notes who wants to be on it.
struct Panel(Arc<Mutex<Vec<String>>>);

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Panel {
    fn register_status_notifier_item(&self, service: String) {
        self.0.lock().unwrap().push(service);
    }
}

/// Forty of them, as on a hub of a machine gone mad.
#[test]
fn more_keys_than_a_menu_holds() {
    staged(async || {
        let builder = (0..40).fold(Fixture::builder(), |builder, number| {
            builder.key(key(if number == 39 { -2 } else { 100 }).label(&format!("采购{number}")))
        });
        let fixture = builder.desktop(headless(), Dialogs::Scripted).start().await;
        let tray = fixture.desktop().tray().await;
        tray.wait_for("expired").await;
        let menu = wait_for_menu(&tray, |menu| menu.last().unwrap().label == "另有 16 个 UKey 没有列出").await;
        assert!(menu[0].label.contains("采购39"), "the worst is not among them: {:?}", labels(&menu));
        let (_, text) = tray.tooltip().await;
        assert!(text.ends_with("另有 34 个 UKey 没有列出"), "{text}");
    });
}
