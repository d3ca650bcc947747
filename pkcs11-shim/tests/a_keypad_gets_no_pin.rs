//! Where the PIN is typed on the token the module is given NULL, as often as it would be given a PIN; what the person
//! does there has its names.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod common;

use common::{LABEL, SO_PIN, Shim, Token, USER_PIN, kind, logged_in};
use ukey_shim_protocol::{Failure, FailureKind, PinRole, PinSource, Reply, Request, TokenRef};

const NEW_PIN: &str = "typed there";

/// A shim on a module whose person types these; an empty one cancels.
fn start(token: &Token, user: &str, so: &str, new: &str) -> (Shim, TokenRef) {
    let mut shim = Shim::start_scripted(token, &[("SCRIPTED_KEYPAD", format!("{user}/{so}/{new}").as_ref())]);
    shim.hello(2);
    let info = shim.tokens().into_iter().find(|info| info.label == LABEL).unwrap();
    assert!(info.flags.protected_path);
    (shim, info.token)
}

fn login(shim: &mut Shim, token: TokenRef) -> Result<Reply, Failure> {
    shim.call(Request::Login { token, pin: PinSource::Pinpad })
}

fn change(shim: &mut Shim, token: TokenRef, role: PinRole) -> Result<Reply, Failure> {
    shim.call(Request::ChangePin { token, role, pin: PinSource::Pinpad })
}

fn unblock(shim: &mut Shim, token: TokenRef) -> Result<Reply, Failure> {
    shim.call(Request::UnblockPin { token, pin: PinSource::Pinpad })
}

#[test]
fn each_request_takes_what_is_typed_on_the_token() {
    let token = Token::new();
    let user_pin = str::from_utf8(USER_PIN).unwrap();
    let (mut shim, key) = start(&token, user_pin, SO_PIN, NEW_PIN);
    assert_eq!(login(&mut shim, key), logged_in());
    assert_eq!(shim.call(Request::Logout { token: key }), Ok(Reply::Done));
    assert_eq!(kind(shim.login(key, USER_PIN)), FailureKind::PinInvalid, "this module takes none from outside");
    assert_eq!(token.calls("C_Login"), 2);

    assert_eq!(change(&mut shim, key, PinRole::User), Ok(Reply::Done));
    assert_eq!((token.calls("C_Login"), token.calls("C_SetPIN")), (2, 1));
    assert_eq!(kind(login(&mut shim, key)), FailureKind::PinIncorrect, "the person still types the old one");
    assert_eq!(unblock(&mut shim, key), Ok(Reply::Done));
    assert_eq!((token.calls("C_Login"), token.calls("C_InitPIN")), (4, 1));
    drop(shim);

    let (mut shim, key) = start(&token, NEW_PIN, "", "");
    assert_eq!(login(&mut shim, key), logged_in());
}

#[test]
fn the_red_key_is_a_cancel() {
    let token = Token::new();
    let (mut shim, key) = start(&token, "", "", "");
    assert_eq!(kind(login(&mut shim, key)), FailureKind::PinpadCancelled);
    assert_eq!(kind(unblock(&mut shim, key)), FailureKind::PinpadCancelled);
    assert_eq!(kind(change(&mut shim, key, PinRole::User)), FailureKind::PinpadCancelled);
    assert_eq!(kind(change(&mut shim, key, PinRole::So)), FailureKind::PinpadCancelled);
    assert_eq!((token.calls("C_Login"), token.calls("C_SetPIN"), token.calls("C_InitPIN")), (3, 1, 0));
    drop(shim);

    // Cancelled at the second PIN: the SO is logged out again.
    let (mut shim, key) = start(&token, "", SO_PIN, "");
    assert_eq!(kind(unblock(&mut shim, key)), FailureKind::PinpadCancelled);
    assert_eq!((token.calls("C_InitPIN"), token.calls("C_Logout")), (1, 1));
    assert_eq!(token.calls("C_OpenSession"), token.calls("C_CloseSession"));
}
