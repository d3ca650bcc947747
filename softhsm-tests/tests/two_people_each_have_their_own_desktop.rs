//! Two sessions at once, each with its agent, tray and notices: a Key is in the tray of both, its dialogs come to the one
//! whose program causes them, its login is the one's and shows as somebody else's to the other, and what there is to tell is
//! told where somebody sits, as logind says.

use ukey_dbus::KeyKind;
use ukey_softhsm_tests::{
    Activity, Agent, CallingProgram, CertificateProfile, Desktop, Dialogs, Fixture, KeyBuilder, Locale, Logind,
    MenuLine, NoticeServer, Outcome, Person, Session, Tray, eventually, no_options, refusal, staged,
};

/// Somebody's desktop, and a program there.
struct Desk {
    session: Session,
    _desktop: Desktop,
    notices: NoticeServer,
    agent: Agent,
    tray: Tray,
    program: CallingProgram,
}

impl Desk {
    async fn of(fixture: &Fixture, session: Session) -> Self {
        // What is started from here on belongs to the session.
        session.enter();
        let person = session.person();
        let desktop = Desktop::headless(person, Locale::Chinese);
        let notices = NoticeServer::start(desktop.bus()).await;
        let mut environment = desktop.environment();
        environment.push(("XDG_SESSION_ID".to_owned(), session.id().to_owned()));
        let agent = Agent::start_with(&fixture.bus, person, Dialogs::Scripted, &environment).await;
        let tray = desktop.tray().await;
        let program = CallingProgram::named(person, "procurement");
        Session::leave();
        Self { session, _desktop: desktop, notices, agent, tray, program }
    }

    /// Waits until the menu says this of the Key with this label.
    async fn shows(&self, label: &str, state: &str) {
        eventually(&format!("{label}: {state}"), async || {
            let menu = self.tray.menu().await;
            let key = menu.iter().find(|line| line.label.contains(label))?;
            let says = |line: &MenuLine| line.label == state;
            (key.lines.iter().any(says)).then_some(())
        })
        .await;
    }
}

/// The clerk's and the nurse's desktop, and two Keys.
async fn scene() -> (Fixture, Logind, Desk, Desk) {
    let [clerks, nurses] = [Person::Clerk, Person::Nurse].map(|person| Session::begin(person, Activity::Active));
    let key = |label| KeyBuilder::default().label(label).certificate(KeyKind::EcP256, CertificateProfile::default());
    let fixture = Fixture::builder().lab(|_, _| ()).key(key("采购一")).key(key("耗材二")).without_agent().start().await;
    let logind = Logind::start(&fixture.bus, &[&clerks, &nurses]).await;
    logind.is_delayed().await;
    let (clerk, nurse) = (Desk::of(&fixture, clerks).await, Desk::of(&fixture, nurses).await);
    (fixture, logind, clerk, nurse)
}

#[test]
fn with_dialogs_at_the_same_time() {
    staged(async || {
        let (fixture, _logind, clerk, nurse) = scene().await;
        let mut calls = Vec::new();
        for (desk, key) in [(&clerk, &fixture.keys[0]), (&nurse, &fixture.keys[1])] {
            desk.shows("采购一", "可以使用").await;
            desk.shows("耗材二", "可以使用").await;
            let token = fixture.token_of(key, &desk.program.connect().await).await;
            calls.push(tokio::spawn(async move { token.login(no_options()).await }));
        }
        // Both are open before either is answered.
        for (desk, own, other) in [(&clerk, "采购一", "耗材二"), (&nurse, "耗材二", "采购一")] {
            let dialog = desk.agent.pinentry().dialog(1).await;
            assert_eq!(dialog.outcome(), Outcome::Open);
            let text = dialog.everything();
            assert!(
                text.contains(own) && !text.contains(other) && text.contains(desk.session.person().name()),
                "{text}"
            );
        }
        for (desk, key) in [(&clerk, &fixture.keys[0]), (&nurse, &fixture.keys[1])] {
            desk.agent.pinentry().will_type(key.pin());
        }
        for call in calls {
            call.await.unwrap().unwrap();
        }
        for (desk, own, other) in [(&clerk, "采购一", "耗材二"), (&nurse, "耗材二", "采购一")] {
            desk.tray.wait_for("logged-in").await;
            desk.shows(own, "已登录（您）").await;
            desk.shows(other, "已登录（其他用户）").await;
            assert_eq!(desk.agent.pinentry().dialogs().len(), 1);
        }
    });
}

#[test]
fn and_a_wrong_pin_is_told_where_somebody_sits() {
    staged(async || {
        let (fixture, logind, clerk, nurse) = scene().await;
        logind.turn(&clerk.session, Activity::Inactive).await;
        enter_wrongly(&fixture, &nurse).await;
        nurse.notices.notice("PIN 码输错了").await;
        for desk in [&clerk, &nurse] {
            desk.tray.wait_for("pin-low").await;
        }
        // She leaves, he comes: what happens from now on is told to him.
        logind.turn(&nurse.session, Activity::Inactive).await;
        logind.turn(&clerk.session, Activity::Active).await;
        let told = nurse.notices.notices().len();
        assert!(clerk.notices.notices().is_empty(), "{:?}", clerk.notices.notices());
        enter_wrongly(&fixture, &clerk).await;
        clerk.notices.notice("PIN 码输错了").await;
        assert_eq!(nurse.notices.notices().len(), told);
    });
}

#[test]
fn and_without_logind_everybody_is_told() {
    staged(async || {
        let (fixture, logind, clerk, nurse) = scene().await;
        logind.turn(&clerk.session, Activity::Inactive).await;
        logind.leave().await;
        enter_wrongly(&fixture, &nurse).await;
        for desk in [&clerk, &nurse] {
            desk.notices.notice("PIN 码输错了").await;
        }
    });
}

/// On the first Key, where nobody has been wrong before, or on the second.
async fn enter_wrongly(fixture: &Fixture, desk: &Desk) {
    let key = if desk.session.person() == Person::Nurse { &fixture.keys[0] } else { &fixture.keys[1] };
    desk.agent.pinentry().will_type("wrong-pin");
    let token = fixture.token_of(key, &desk.program.connect().await).await;
    refusal(token.login(no_options()).await);
}
