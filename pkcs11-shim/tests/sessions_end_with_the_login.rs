//! No session is open while nobody is logged in, so that other software can use the Key. Counted in the module's call
//! log while the shim runs on.

mod common;

use common::{LABEL, Shim, Token, USER_PIN, kind, logged_in};
use ukey_shim_protocol::{Digest, FailureKind, Reply, Request, SignScheme};

#[test]
fn logout_closes_every_session() {
    let token = Token::new();
    let key = token.add_key(1, &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    let mut shim = Shim::start(&token);
    let token_ref = shim.token(3);
    let open = || token.calls("C_OpenSession") - token.calls("C_CloseSession");

    shim.call(Request::Objects { token: token_ref }).unwrap();
    assert_eq!(open(), 0, "reading certificates leaves none");
    assert_eq!(kind(shim.call(Request::Logout { token: token_ref })), FailureKind::NotLoggedIn);

    let sign = || Request::Sign {
        token: token_ref,
        key: key.clone(),
        scheme: SignScheme::Ecdsa,
        digests: vec![Digest(vec![7; 32].into()); 20],
    };
    for _ in 0..2 {
        assert_eq!(shim.login(token_ref, USER_PIN), logged_in());
        assert_eq!(open(), 4, "an anchor and three lanes");
        shim.call(Request::Objects { token: token_ref }).unwrap();
        shim.call(sign()).unwrap();
        assert_eq!(open(), 4);
        assert_eq!(shim.call(Request::Logout { token: token_ref }), Ok(Reply::Done));
        assert_eq!(open(), 0);
        assert_eq!(kind(shim.call(sign())), FailureKind::NotLoggedIn);
    }
    assert_eq!(token.calls("C_Logout"), 2);
}

#[test]
fn a_token_keeps_its_reference_while_it_stays() {
    let token = Token::new();
    let mut shim = Shim::start(&token);
    shim.hello(1);
    let first = shim.tokens();
    assert_eq!(shim.tokens(), first);
    let key = first.iter().find(|info| info.flags.initialized).unwrap();
    assert_eq!((key.label.as_str(), key.pin_length), (LABEL, Some((4, 255))));
    assert!(key.flags.user_pin_initialized && key.flags.login_required);
    assert!(first.iter().any(|info| !info.flags.initialized), "the free slot of SoftHSM2 holds a blank token");

    let unknown = Request::Objects { token: ukey_shim_protocol::TokenRef(999) };
    assert_eq!(kind(shim.call(unknown)), FailureKind::TokenRemoved);
}
