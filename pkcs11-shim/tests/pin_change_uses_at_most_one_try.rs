//! A change of a PIN asks the module about the old PIN at most once, and not at all when the new PIN can't be or one of
//! them didn't come as it must. Counted in the module's call log.

mod common;

use std::os::fd::AsFd;

use common::{SO_PIN, Shim, Token, USER_PIN, from, kind, logged_in, my_uid, pin_socket, strangers_pin_socket};
use ukey_shim_protocol::{Failure, FailureKind, PinRole, PinSource, Reply, Request, TokenRef};

const NEW_PIN: &[u8] = "一个新的".as_bytes();

fn change(shim: &mut Shim, token: TokenRef, role: PinRole, pins: [&[u8]; 2]) -> Result<Reply, Failure> {
    let [old, new] = pins.map(|pin| pin_socket(&[pin]));
    let request = Request::ChangePin { token, role, pin: from(my_uid()) };
    shim.call_with(request, &[old.as_fd(), new.as_fd()])
}

/// Calls that can use a try, and sessions left open.
fn calls(token: &Token) -> (usize, usize, usize) {
    let open = token.calls("C_OpenSession") - token.calls("C_CloseSession");
    (token.calls("C_Login"), token.calls("C_SetPIN"), open)
}

#[test]
fn the_user_changes_the_pin_with_one_call() {
    let token = Token::new();
    let mut shim = Shim::start(&token);
    let key = shim.token(2);

    let failure = change(&mut shim, key, PinRole::User, [b"wrong", NEW_PIN]).unwrap_err();
    assert_eq!((failure.kind, failure.return_value), (FailureKind::PinIncorrect, 0xa0));
    assert_eq!(calls(&token), (0, 1, 0), "a wrong old PIN");

    assert_eq!(change(&mut shim, key, PinRole::User, [USER_PIN, NEW_PIN]), Ok(Reply::Done));
    assert_eq!(calls(&token), (0, 2, 0), "the right one");

    assert_eq!(kind(shim.login(key, USER_PIN)), FailureKind::PinIncorrect, "the old PIN is gone");
    assert_eq!(shim.login(key, NEW_PIN), logged_in());
    let busy = change(&mut shim, key, PinRole::User, [NEW_PIN, USER_PIN]);
    assert_eq!(kind(busy), FailureKind::Busy, "not while somebody is logged in");
    assert_eq!(token.calls("C_SetPIN"), 2);
}

#[test]
fn the_so_pin_is_asked_for_once_before_it_is_changed() {
    let token = Token::new();
    let mut shim = Shim::start(&token);
    let key = shim.token(1);

    assert_eq!(kind(change(&mut shim, key, PinRole::So, [b"wrong", NEW_PIN])), FailureKind::PinIncorrect);
    assert_eq!(calls(&token), (1, 0, 0), "a wrong SO PIN ends it");
    assert_eq!(token.calls("C_Logout"), 0);

    assert_eq!(change(&mut shim, key, PinRole::So, [SO_PIN.as_bytes(), NEW_PIN]), Ok(Reply::Done));
    assert_eq!(calls(&token), (2, 1, 0));
    assert_eq!(token.calls("C_Logout"), 1);

    let old = change(&mut shim, key, PinRole::So, [SO_PIN.as_bytes(), NEW_PIN]);
    assert_eq!(kind(old), FailureKind::PinIncorrect, "the old SO PIN is gone");
    assert_eq!(shim.login(key, USER_PIN), logged_in(), "the user's PIN is what it was");
}

#[test]
fn what_cannot_be_changed_never_reaches_the_module() {
    let token = Token::new();
    let mut shim = Shim::start(&token);
    let key = shim.token(1);
    for role in [PinRole::User, PinRole::So] {
        let short = change(&mut shim, key, role, [USER_PIN, b"abc"]);
        assert_eq!(kind(short), FailureKind::NewPinInvalid, "SoftHSM2 wants four");
        for records in [[USER_PIN, b""], [b"", NEW_PIN]] {
            assert_eq!(kind(change(&mut shim, key, role, records)), FailureKind::PinNotReceived, "an empty one");
        }

        let request = |pin| Request::ChangePin { token: key, role, pin };
        let sockets_anew = || [pin_socket(&[USER_PIN]), pin_socket(&[NEW_PIN])];
        let [old, new] = sockets_anew();
        let stranger = shim.call_with(request(from(my_uid() + 1)), &[old.as_fd(), new.as_fd()]);
        assert_eq!(kind(stranger), FailureKind::PinNotReceived, "another user's");
        for pin in 0..2 {
            let mut sockets = sockets_anew();
            sockets[pin] = pin_socket(&[USER_PIN, NEW_PIN]);
            let two = shim.call_with(request(from(my_uid())), &[sockets[0].as_fd(), sockets[1].as_fd()]);
            assert_eq!(kind(two), FailureKind::PinNotReceived, "two records in one");
            if let Some(strangers) = strangers_pin_socket([USER_PIN, NEW_PIN][pin]) {
                let mut sockets = sockets_anew();
                sockets[pin] = strangers;
                let one = shim.call_with(request(from(my_uid())), &[sockets[0].as_fd(), sockets[1].as_fd()]);
                assert_eq!(kind(one), FailureKind::PinNotReceived, "one of them another user's");
            }
        }
        let [old, new] = sockets_anew();
        let third = pin_socket(&[NEW_PIN]);
        for descriptors in [&[][..], &[old.as_fd()], &[old.as_fd(), new.as_fd(), third.as_fd()]] {
            let result = shim.call_with(request(from(my_uid())), descriptors);
            assert_eq!(kind(result), FailureKind::PinNotReceived, "{} sockets", descriptors.len());
        }
        let keypad = shim.call(request(PinSource::Pinpad));
        assert_eq!(kind(keypad), FailureKind::BadRequest, "the token has no keypad");
    }
    assert_eq!(calls(&token), (0, 0, 0));
    assert_eq!(token.calls("C_OpenSession"), 0);
}
