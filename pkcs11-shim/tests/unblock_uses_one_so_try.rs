//! An unblock logs the SO in once and sets the PIN once, and logs out; with a wrong SO PIN it stops there.

mod common;

use std::os::fd::AsFd;

use common::{SO_PIN, Shim, Token, USER_PIN, from, kind, logged_in, my_uid, pin_socket, strangers_pin_socket};
use ukey_shim_protocol::{Failure, FailureKind, PinSource, Reply, Request, TokenRef};

const NEW_PIN: &[u8] = b"from the technician";

fn unblock(shim: &mut Shim, token: TokenRef, pins: [&[u8]; 2]) -> Result<Reply, Failure> {
    let [so, new] = pins.map(|pin| pin_socket(&[pin]));
    shim.call_with(Request::UnblockPin { token, pin: from(my_uid()) }, &[so.as_fd(), new.as_fd()])
}

/// `C_Login`, `C_InitPIN`, `C_Logout`, and sessions left open.
fn calls(token: &Token) -> [usize; 4] {
    let [login, init, logout] = ["C_Login", "C_InitPIN", "C_Logout"].map(|function| token.calls(function));
    [login, init, logout, token.calls("C_OpenSession") - token.calls("C_CloseSession")]
}

#[test]
fn the_so_pin_is_tried_once() {
    let token = Token::new();
    let mut shim = Shim::start(&token);
    let key = shim.token(2);

    assert_eq!(kind(unblock(&mut shim, key, [b"wrong", NEW_PIN])), FailureKind::PinIncorrect);
    assert_eq!(calls(&token), [1, 0, 0, 0]);
    let flags = shim.tokens().into_iter().find(|info| info.token == key).unwrap().flags;
    assert!(flags.so.count_low && !flags.user.count_low);

    assert_eq!(unblock(&mut shim, key, [SO_PIN.as_bytes(), NEW_PIN]), Ok(Reply::Done));
    assert_eq!(calls(&token), [2, 1, 1, 0]);

    assert_eq!(kind(shim.login(key, USER_PIN)), FailureKind::PinIncorrect);
    assert_eq!(shim.login(key, NEW_PIN), logged_in(), "the new PIN works");
    let busy = unblock(&mut shim, key, [SO_PIN.as_bytes(), NEW_PIN]);
    assert_eq!(kind(busy), FailureKind::Busy, "not while somebody is logged in");
    assert_eq!(token.calls("C_InitPIN"), 1);
}

#[test]
fn what_cannot_be_the_pin_uses_no_so_try() {
    let token = Token::new();
    let mut shim = Shim::start(&token);
    let key = shim.token(1);
    let so_pin = SO_PIN.as_bytes();

    assert_eq!(kind(unblock(&mut shim, key, [so_pin, b"abc"])), FailureKind::NewPinInvalid, "SoftHSM2 wants four");
    assert_eq!(kind(unblock(&mut shim, key, [so_pin, b""])), FailureKind::PinNotReceived);
    let (so, new) = (pin_socket(&[so_pin]), pin_socket(&[NEW_PIN]));
    let stranger = Request::UnblockPin { token: key, pin: from(my_uid() + 1) };
    assert_eq!(kind(shim.call_with(stranger, &[so.as_fd(), new.as_fd()])), FailureKind::PinNotReceived);
    for pin in 0..2 {
        let mut sockets = [pin_socket(&[so_pin]), pin_socket(&[NEW_PIN])];
        if let Some(strangers) = strangers_pin_socket([so_pin, NEW_PIN][pin]) {
            sockets[pin] = strangers;
            let request = Request::UnblockPin { token: key, pin: from(my_uid()) };
            let one = shim.call_with(request, &[sockets[0].as_fd(), sockets[1].as_fd()]);
            assert_eq!(kind(one), FailureKind::PinNotReceived, "one of them another user's");
        }
    }
    let alone = Request::UnblockPin { token: key, pin: from(my_uid()) };
    assert_eq!(kind(shim.call_with(alone, &[so.as_fd()])), FailureKind::PinNotReceived);
    let keypad = Request::UnblockPin { token: key, pin: PinSource::Pinpad };
    assert_eq!(kind(shim.call(keypad)), FailureKind::BadRequest);

    assert_eq!(calls(&token), [0, 0, 0, 0]);
    assert_eq!(token.calls("C_OpenSession"), 0);
}
