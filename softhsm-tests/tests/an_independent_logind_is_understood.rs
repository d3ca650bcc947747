//! The harness's own stand-in for logind is ours; python-dbusmock's is not. It knows less: no `GetSessionByPID`, a
//! `GetUser` that fails. What it does say is understood the same.

use std::process::Stdio;
use ukey_dbus::TokenState;
use ukey_softhsm_tests::{Fixture, Person, Program, Tool, eventually, staged};
use zbus::{Connection, Variant};

const NAME: &str = "org.freedesktop.login1";
const ROOT: &str = "/org/freedesktop/login1";
const SESSION: &str = "/org/freedesktop/login1/session/c1";
const MOCK: &str = "org.freedesktop.DBus.Mock";
const OF_SESSION: &str = "org.freedesktop.login1.Session";

#[test]
fn in_all_that_ends_a_login() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let mut command = Tool::PythonDbusmock.command();
        command.args(["-m", "dbusmock", "--system", "--template", "logind"]).stdout(Stdio::null());
        let _mock = Program::spawn("dbusmock", Tool::PythonDbusmock, &mut command);
        fixture.bus.wait_for_owner(NAME).await;
        let root = fixture.bus.connect(Person::Root).await;
        let clerk = ("c1", "seat0", Person::Clerk.uid(), Person::Clerk.name(), true);
        call(&root, ROOT, MOCK, "AddSession", &clerk).await;
        inhibited(&root, 1).await;

        fixture.log_in().await;
        call(&root, SESSION, OF_SESSION, "Lock", &()).await;
        ended(&fixture, "screen locked").await;

        fixture.log_in().await;
        call(&root, SESSION, OF_SESSION, "SetLockedHint", &true).await;
        ended(&fixture, "screen locked").await;
        call(&root, SESSION, OF_SESSION, "SetLockedHint", &false).await;

        fixture.log_in().await;
        let away = std::collections::HashMap::from([("Active", Variant::from(false))]);
        call(&root, SESSION, MOCK, "UpdateProperties", &(OF_SESSION, away)).await;
        ended(&fixture, "session switched").await;
        let back = std::collections::HashMap::from([("Active", Variant::from(true))]);
        call(&root, SESSION, MOCK, "UpdateProperties", &(OF_SESSION, back)).await;

        fixture.log_in().await;
        prepare_for_sleep(&root, true).await;
        inhibited(&root, 0).await;
        ended(&fixture, "suspend").await;
        prepare_for_sleep(&root, false).await;
        inhibited(&root, 1).await;
        fixture.log_in().await;
    });
}

async fn prepare_for_sleep(root: &Connection, begins: bool) {
    let values = vec![Variant::from(begins)];
    call(root, ROOT, MOCK, "EmitSignal", &("org.freedesktop.login1.Manager", "PrepareForSleep", "b", values)).await;
}

/// Waits until so many delay sleep.
async fn inhibited(root: &Connection, count: usize) {
    type Row = (String, String, String, String, u32, u32);
    eventually(&format!("{count} inhibitors"), async || {
        let interface = "org.freedesktop.login1.Manager";
        let answer = root.call_method(Some(NAME), ROOT, Some(interface), "ListInhibitors", &()).await.unwrap();
        (answer.body().deserialize::<Vec<Row>>().unwrap().len() == count).then_some(())
    })
    .await;
}

async fn call<B: serde::Serialize + zbus::Type>(
    root: &Connection,
    path: &str,
    interface: &str,
    method: &str,
    body: &B,
) {
    root.call_method(Some(NAME), path, Some(interface), method, body).await.unwrap();
}

async fn ended(fixture: &Fixture, why: &str) {
    fixture.wait_for_state(fixture.key(), TokenState::Ready).await;
    fixture.daemon.will_have_recorded(why).await;
}
