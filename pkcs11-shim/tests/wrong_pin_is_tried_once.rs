//! One PIN is at most one `C_Login`, counted by a module that logs every call; and a failed login leaves no session.

mod common;

use common::{Shim, Token, USER_PIN, kind, logged_in};
use ukey_shim_protocol::FailureKind;

#[test]
fn one_entry_is_one_try() {
    let token = Token::new();
    let mut shim = Shim::start(&token);
    let key = shim.token(2);

    let failure = shim.login(key, b"wrong").unwrap_err();
    assert_eq!((failure.kind, failure.return_value), (FailureKind::PinIncorrect, 0xa0));
    assert_eq!(token.calls("C_Login"), 1);
    assert_eq!(token.calls("C_OpenSession"), token.calls("C_CloseSession"));

    let flags = shim.tokens().into_iter().find(|info| info.token == key).unwrap().flags;
    assert!(flags.user.count_low, "the flags are read anew");
    assert!(!flags.user.locked && !flags.so.count_low);

    assert_eq!(shim.login(key, USER_PIN), logged_in());
    assert_eq!(token.calls("C_Login"), 2);
    assert_eq!(kind(shim.login(key, USER_PIN)), FailureKind::Busy, "a second login is the daemon's mistake");
    assert_eq!(token.calls("C_Login"), 2);
}

#[test]
fn a_login_that_nobody_waits_for_uses_no_try() {
    let token = Token::new();
    let mut shim = Shim::start(&token);
    let key = shim.token(1);
    assert_eq!(kind(shim.late_login(key)), FailureKind::Busy);
    assert_eq!(token.calls("C_Login"), 0);
}
