//! What is told on the desktop: once, in the place of what it follows, with a button that does what it says, and taken
//! back when it is over. Labels of Keys are no markup. Where no server is, what matters comes in a window.

use ukey_dbus::KeyKind;
use ukey_softhsm_tests::{
    Agent, CertificateProfile, Desktop, DialogCommand, Dialogs, Fixture, KeyBuilder, Locale, NoticeServer, Outcome,
    Person, Who, eventually, no_options, refusal, staged,
};

fn headless() -> Desktop {
    Desktop::headless(Person::Clerk, Locale::Chinese)
}

/// A Key whose PIN locks at the third wrong entry.
async fn fixture(label: &str, desktop: Desktop) -> Fixture {
    let key = KeyBuilder::default().label(label).certificate(KeyKind::EcP256, CertificateProfile::default());
    let builder = Fixture::builder().lab(|lab, keys| lab.pin_limit(&keys[0], 3, 10)).key(key);
    builder.desktop(desktop, Dialogs::Scripted).start().await
}

async fn enter_wrongly(fixture: &Fixture) {
    if fixture.lab().tries_left(fixture.key(), Who::User) == 1 {
        fixture.pinentry().will_confirm();
    }
    fixture.pinentry().will_type("wrong-pin");
    refusal(fixture.token().await.login(no_options()).await);
}

#[test]
fn wrong_pins_are_told_in_one_place_and_the_button_says_what_to_do() {
    staged(async || {
        let desktop = headless();
        let server = NoticeServer::start(desktop.bus()).await;
        let fixture = fixture("<b>一</b>", desktop).await;
        enter_wrongly(&fixture).await;
        let low = server.notice("PIN 码").await;
        enter_wrongly(&fixture).await;
        let last = server.notice("PIN 码只剩最后一次机会").await;
        enter_wrongly(&fixture).await;
        let locked = server.notice("UKey 已锁定").await;
        assert_eq!((locked.id, locked.urgency), (low.id, 2), "{:?}", server.notices());
        assert_eq!(last.id, low.id);
        assert!(locked.title.contains("<b>一</b>") && !locked.text.contains('<'), "{locked:?}");
        assert_eq!(server.notices().iter().filter(|notice| notice.replaced == 0).count(), 1);

        let dialogs = fixture.pinentry().dialogs().len();
        server.press(&locked, "怎么办").await;
        let advice = fixture.pinentry().dialog(dialogs + 1).await;
        assert_eq!(advice.command(), DialogCommand::Message);
        assert!(advice.text("setdesc").contains("解锁"), "{advice:?}");
    });
}

#[test]
fn what_is_over_is_taken_back() {
    staged(async || {
        let desktop = headless();
        let server = NoticeServer::start(desktop.bus()).await;
        let fixture = fixture("采购一", desktop).await;
        enter_wrongly(&fixture).await;
        let low = server.notice("PIN 码").await;
        fixture.log_in().await;
        server.wait_until_closed(low.id).await;
    });
}

#[test]
fn a_key_pulled_out_while_a_program_signs_is_told_to_its_user_only() {
    staged(async || {
        let desktop = headless();
        let server = NoticeServer::start(desktop.bus()).await;
        let fixture = fixture("采购一", desktop).await;
        let nurse = Desktop::headless(Person::Nurse, Locale::Chinese);
        let others = NoticeServer::start(nurse.bus()).await;
        let _agent = Agent::start_with(&fixture.bus, Person::Nurse, Dialogs::Scripted, &nurse.environment()).await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let call = tokio::spawn(async move { certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await });
        let asked = fixture.pinentry().dialog(1).await;
        fixture.lab().remove(fixture.key());
        refusal(call.await.unwrap());
        server.notice("UKey 已拔出").await;
        assert_ne!(asked.outcome(), Outcome::Pin);
        assert!(others.notices().is_empty(), "{:?}", others.notices());
    });
}

#[test]
fn a_server_that_comes_later_or_again_is_used() {
    staged(async || {
        let fixture = fixture("采购一", headless()).await;
        enter_wrongly(&fixture).await;
        let server = NoticeServer::start(fixture.desktop().bus()).await;
        enter_wrongly(&fixture).await;
        server.notice("PIN 码只剩最后一次机会").await;
        server.leave().await;
        let server = NoticeServer::with(fixture.desktop().bus(), &["body"]).await;
        enter_wrongly(&fixture).await;
        let locked = server.notice("UKey 已锁定").await;
        // No buttons here: the text says it.
        assert!(locked.buttons.is_empty() && locked.text.contains("点任务栏的 UKey 图标"), "{locked:?}");
    });
}

#[test]
fn without_a_server_a_locked_key_comes_in_a_window_and_less_does_not() {
    staged(async || {
        let fixture = fixture("采购一", headless()).await;
        for _ in 0..3 {
            enter_wrongly(&fixture).await;
        }
        let message = eventually("the window", async || {
            let dialogs = fixture.pinentry().dialogs();
            dialogs.into_iter().find(|dialog| dialog.command() == DialogCommand::Message)
        })
        .await;
        assert!(message.text("settitle").starts_with("UKey 已锁定"), "{message:?}");
        let messages = fixture.pinentry().dialogs();
        assert_eq!(messages.iter().filter(|dialog| dialog.command() == DialogCommand::Message).count(), 1);
    });
}

#[test]
fn a_server_that_never_answers_is_as_good_as_none() {
    staged(async || {
        let desktop = headless();
        // It has the name, and reads nothing that is sent to it.
        let silent = desktop.bus().connect().await;
        silent.request_name("org.freedesktop.Notifications").await.unwrap();
        let fixture = fixture("采购一", desktop).await;
        for _ in 0..3 {
            enter_wrongly(&fixture).await;
        }
        let message = eventually("the window", async || {
            let dialogs = fixture.pinentry().dialogs();
            dialogs.into_iter().find(|dialog| dialog.command() == DialogCommand::Message)
        })
        .await;
        assert!(message.text("settitle").starts_with("UKey 已锁定"), "{message:?}");
        // The next one is asked.
        silent.close().await.unwrap();
        let server = NoticeServer::start(fixture.desktop().bus()).await;
        fixture.desktop().tray().await.choose("复制绑定信息").await;
        server.notice("没有复制成功").await;
    });
}

#[test]
fn a_session_bus_that_ends_takes_no_dialog_with_it() {
    staged(async || {
        let mut fixture = fixture("采购一", headless()).await;
        let server = NoticeServer::start(fixture.desktop().bus()).await;
        enter_wrongly(&fixture).await;
        server.notice("PIN 码").await;
        fixture.desktop.as_mut().unwrap().bus_mut().kill().await;
        fixture.log_in().await;
    });
}

#[test]
fn a_flood_of_keys_is_six_notices() {
    staged(async || {
        let desktop = headless();
        let server = NoticeServer::start(desktop.bus()).await;
        let key = |number: u32| {
            let profile = CertificateProfile::default();
            KeyBuilder::default().label(&format!("采购{number}")).certificate(KeyKind::EcP256, profile)
        };
        let builder = (0..10).fold(Fixture::builder().lab(|_, _| ()), |builder, number| builder.key(key(number)));
        let fixture = builder.desktop(desktop, Dialogs::Scripted).start().await;
        for key in &fixture.keys {
            fixture.pinentry().will_type("wrong-pin");
            refusal(fixture.token_of(key, &fixture.clerk).await.login(no_options()).await);
        }
        server.notice("另有 5 条 UKey 通知").await;
        let shown: std::collections::HashSet<u32> = server.notices().iter().map(|notice| notice.id).collect();
        assert_eq!(shown.len(), 6, "{:?}", server.notices());
    });
}
