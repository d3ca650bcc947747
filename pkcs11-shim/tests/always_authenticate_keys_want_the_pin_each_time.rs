//! A key with `CKA_ALWAYS_AUTHENTICATE` is named at the login and signs only with a PIN of its own for each signature; a
//! wrong one is one try and leaves nothing begun.

mod common;

use std::fs;
use std::os::fd::AsFd;
use std::process::Command;

use common::{Shim, Token, USER_PIN, from, kind, my_uid, pin_socket, run};
use ukey_shim_protocol::{
    Digest, Failure, FailureKind, HashKind, KeyRef, PinSource, Reply, Request, SignScheme, TokenRef,
};

const SCHEME: SignScheme = SignScheme::RsaPkcs1(HashKind::Sha256);

fn digest() -> Digest {
    Digest(vec![0x5a; 32].into())
}

fn request(token: TokenRef, key: &KeyRef, pin: PinSource) -> Request {
    Request::SignAuthenticated { token, key: key.clone(), scheme: SCHEME, digest: digest(), pin }
}

fn sign(shim: &mut Shim, token: TokenRef, key: &KeyRef, pin: &[u8]) -> Result<Reply, Failure> {
    shim.call_with(request(token, key, from(my_uid())), &[pin_socket(&[pin]).as_fd()])
}

#[test]
fn each_signature_is_one_login() {
    let token = Token::new();
    let ordinary = token.add_key(1, &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]);
    let (key, public) = token.add_always_authenticate_key(7);
    let mut shim = Shim::start(&token);
    let token_ref = shim.token(1);

    assert_eq!(kind(sign(&mut shim, token_ref, &key, USER_PIN)), FailureKind::NotLoggedIn);
    assert_eq!(token.calls("C_Login"), 0);
    let logged_in = shim.login(token_ref, USER_PIN);
    assert_eq!(logged_in, Ok(Reply::LoggedIn { always_authenticate: vec![key.clone()] }), "not the ordinary one");
    let open = token.calls("C_OpenSession") - token.calls("C_CloseSession");

    for _ in 0..2 {
        let wrong = sign(&mut shim, token_ref, &key, b"wrong").unwrap_err();
        assert_eq!((wrong.kind, wrong.return_value), (FailureKind::PinIncorrect, 0xa0));
    }
    assert_eq!((token.calls("C_Login"), token.calls("C_Sign")), (3, 0), "one try for each, and nothing signed");

    for signatures in 1..=2 {
        let Ok(Reply::Signatures(results)) = sign(&mut shim, token_ref, &key, USER_PIN) else { panic!("no signature") };
        let [Ok(signature)] = results.as_slice() else { panic!("{results:?}") };
        assert_eq!((token.calls("C_Login"), token.calls("C_Sign")), (3 + signatures, signatures));
        let [input, output] = ["digest", "signature"].map(|name| token.path(name));
        fs::write(&input, digest().0).unwrap();
        fs::write(&output, signature).unwrap();
        run(Command::new("openssl")
            .args(["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-pkeyopt", "digest:sha256", "-inkey"])
            .args([public.as_os_str(), "-in".as_ref(), input.as_os_str(), "-sigfile".as_ref(), output.as_os_str()]));
    }

    let plain =
        |key: &KeyRef| Request::Sign { token: token_ref, key: key.clone(), scheme: SCHEME, digests: vec![digest()] };
    let Ok(Reply::Signatures(results)) = shim.call(plain(&key)) else { panic!("no answer") };
    assert!(results[0].is_err(), "the login alone isn't enough");
    let Ok(Reply::Signatures(results)) = shim.call(plain(&ordinary)) else { panic!("no answer") };
    assert!(results[0].is_ok(), "the login has outlasted all that, as the other key shows");
    assert_eq!(token.calls("C_OpenSession") - token.calls("C_CloseSession"), open);
}

#[test]
fn what_cannot_be_signed_uses_no_try() {
    let token = Token::new();
    let (key, _) = token.add_always_authenticate_key(7);
    let mut shim = Shim::start(&token);
    let token_ref = shim.token(1);
    shim.login(token_ref, USER_PIN).unwrap();

    let unknown = KeyRef(vec![9].into());
    assert_eq!(kind(sign(&mut shim, token_ref, &unknown, USER_PIN)), FailureKind::KeyNotFound);
    let stranger = request(token_ref, &key, from(my_uid() + 1));
    assert_eq!(kind(shim.call_with(stranger, &[pin_socket(&[USER_PIN]).as_fd()])), FailureKind::PinNotReceived);
    assert_eq!(kind(shim.call(request(token_ref, &key, from(my_uid())))), FailureKind::PinNotReceived);
    assert_eq!(kind(shim.call(request(token_ref, &key, PinSource::Pinpad))), FailureKind::BadRequest);
    let short = Request::SignAuthenticated {
        token: token_ref,
        key,
        scheme: SCHEME,
        digest: Digest(vec![1; 31].into()),
        pin: from(my_uid()),
    };
    assert_eq!(kind(shim.call_with(short, &[pin_socket(&[USER_PIN]).as_fd()])), FailureKind::BadRequest);
    assert_eq!(token.calls("C_Login"), 1);
}
