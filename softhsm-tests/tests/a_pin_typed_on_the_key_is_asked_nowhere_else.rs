//! A Key with a keypad of its own: the dialog only asks to type there, no PIN passes the agent, what to do is shown as
//! long as the Key waits, each entry on the Key is one try, and its cancel key is a cancel. The lab refuses every PIN that
//! is handed to such a Key.

use ukey_dbus::{DialogKind, ErrorKind, KeyKind, PinState, TokenProxy};
use ukey_softhsm_tests::{
    Call, DialogCommand, Fixture, Monitor, Outcome, Person, ScriptedPinentry, Who, no_options, refusal, staged,
};

#[test]
fn a_login() {
    staged(async || {
        let fixture = Fixture::builder().lab(|lab, keys| lab.keypad(&keys[0])).start().await;
        let (token, pinentry) = (fixture.token().await, fixture.pinentry());
        let (lab, key) = (fixture.lab(), fixture.key());
        let monitor = Monitor::start(&fixture.bus).await;
        let login = async |token: TokenProxy<'static>| token.login(no_options()).await;

        let wrong = typed(pinentry, login(token.clone()), || lab.type_on_key(key, "wrong-pin")).await;
        assert_eq!(refusal(wrong), ErrorKind::PinIncorrect);
        assert_eq!((lab.pin_calls(), lab.tries_left(key, Who::User)), (1, 9));

        let cancelled = typed(pinentry, login(token.clone()), || lab.cancel_on_key(key)).await;
        assert_eq!(refusal(cancelled), ErrorKind::Cancelled);
        assert_eq!(lab.tries_left(key, Who::User), 9);
        assert_eq!(token.pin_state().await.unwrap(), PinState::Low.as_str());

        pinentry.will_refuse();
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::Cancelled);
        assert_eq!(lab.pin_calls(), 2, "not wanted, and yet the Key was asked");

        typed(pinentry, login(token.clone()), || lab.type_on_key(key, key.pin())).await.unwrap();
        monitor.will_have_asked(&[DialogKind::Pinpad; 4]).await;
        assert_eq!((lab.pin_calls(), lab.tries_left(key, Who::User)), (3, 10));
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
    });
}

#[test]
fn a_change_and_an_unblock() {
    staged(async || {
        let builder = Fixture::builder().agent_for(Person::Technician);
        let fixture = builder.lab(|lab, keys| lab.keypad(&keys[0])).start().await;
        let (token, pinentry) = (fixture.token().await, fixture.pinentry());
        let (lab, key) = (fixture.lab(), fixture.key());
        let change = async |token: TokenProxy<'static>| token.change_pin(no_options()).await;
        let both = || {
            lab.type_on_key(key, key.pin());
            lab.type_on_key(key, "new-pin-1");
        };
        typed(pinentry, change(token.clone()), both).await.unwrap();
        pinentry.read_message().await;
        assert_eq!((lab.pin_calls(), lab.count(Call::SetPin(Who::User))), (1, 1));

        let connection = fixture.bus.connect(Person::Technician).await;
        let technicians = fixture.agents[&Person::Technician].pinentry();
        let unblock = async |token: TokenProxy<'static>| token.unblock_pin(no_options()).await;
        let both = || {
            lab.type_on_key(key, key.so_pin());
            lab.type_on_key(key, "new-pin-2");
        };
        technicians.will_confirm();
        typed(technicians, unblock(fixture.token_of(key, &connection).await), both).await.unwrap();
        technicians.read_message().await;
        assert_eq!((lab.count(Call::Login(Who::So)), lab.count(Call::InitPin)), (1, 1));

        let login = async |token: TokenProxy<'static>| token.login(no_options()).await;
        typed(pinentry, login(token), || lab.type_on_key(key, "new-pin-2")).await.unwrap();
    });
}

/// Confirms that a person is ready, types when the Key waits for it, and sees that the message about it then goes.
async fn typed(
    pinentry: &ScriptedPinentry,
    call: impl Future<Output = zbus::Result<()>>,
    on_the_key: impl FnOnce(),
) -> zbus::Result<()> {
    let message = |before: usize| {
        let dialogs = pinentry.dialogs();
        let message = dialogs.iter().skip(before).position(|dialog| dialog.command() == DialogCommand::Message);
        message.map(|at| before + at + 1)
    };
    let before = pinentry.dialogs().len();
    pinentry.will_confirm();
    let typing = async {
        let number = ukey_softhsm_tests::eventually("what to do", async || message(before)).await;
        assert_eq!(pinentry.dialogs()[number - 1].outcome(), Outcome::Open);
        on_the_key();
        number
    };
    let (result, number) = tokio::join!(call, typing);
    assert_eq!(pinentry.outcome(number).await, Outcome::Killed);
    result
}
