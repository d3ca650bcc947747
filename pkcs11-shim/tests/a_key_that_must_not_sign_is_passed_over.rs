//! A private key without `CKA_SIGN`, as the encryption key that many Keys hold beside the signing key, is not used even
//! by its name.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod common;

use common::{Shim, Token, USER_PIN, logged_in, softhsm};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::object::{Attribute, ObjectClass};
use cryptoki::session::UserType;
use cryptoki::types::AuthPin;
use ukey_shim_protocol::{Digest, FailureKind, KeyRef, Reply, Request, SignScheme};

#[test]
fn a_key_that_must_not_sign_is_not_found() {
    let token = Token::new();
    let key = token.add_key(1, &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    let sign = |shim: &mut Shim| {
        let token_ref = shim.token(1);
        assert_eq!(shim.login(token_ref, USER_PIN), logged_in());
        let digests = vec![Digest(vec![7; 32].into())];
        let request = Request::Sign { token: token_ref, key: key.clone(), scheme: SignScheme::Ecdsa, digests };
        let Ok(Reply::Signatures(mut outcomes)) = shim.call(request) else { panic!("no signatures") };
        outcomes.remove(0)
    };
    assert!(sign(&mut Shim::start(&token)).is_ok());
    forbid_signing(&token, &key);
    assert_eq!(sign(&mut Shim::start(&token)).unwrap_err().kind, FailureKind::KeyNotFound);
    assert_eq!(token.calls("C_SignInit"), 1, "the module was asked the first time only");
}

/// Takes `CKA_SIGN` from a key, which no command line tool does.
fn forbid_signing(token: &Token, key: &KeyRef) {
    // SAFETY: the only test of this program; no other thread reads the environment.
    unsafe { std::env::set_var("SOFTHSM2_CONF", token.configuration()) };
    let module = Pkcs11::new(softhsm()).unwrap();
    module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
    let slot = module.get_slots_with_initialized_token().unwrap()[0];
    let session = module.open_rw_session(slot).unwrap();
    let pin = AuthPin::from(str::from_utf8(USER_PIN).unwrap());
    session.login(UserType::User, Some(&pin)).unwrap();
    let template = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(key.0.to_vec())];
    let handle = session.find_objects(&template).unwrap()[0];
    session.update_attributes(handle, &[Attribute::Sign(false)]).unwrap();
    drop(session);
    module.finalize().unwrap();
}
