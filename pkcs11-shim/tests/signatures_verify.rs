//! Every scheme gives signatures that OpenSSL accepts for the certificate that names the key, in the order of the
//! digests; what can't be signed is refused.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod common;

use std::fs;
use std::process::Command;

use common::{Shim, Token, USER_PIN, kind, logged_in, run};
use serde_bytes::ByteBuf;
use ukey_shim_protocol::{
    BATCH_MAX, CertificateObject, Digest, FailureKind, HashKind, KeyRef, Reply, Request, SignScheme, TokenRef,
};

const RSA: u8 = 1;
const P256: u8 = 2;
const P384: u8 = 3;

struct Bench {
    token: Token,
    shim: Shim,
    token_ref: TokenRef,
}

impl Bench {
    fn new() -> Self {
        let token = Token::new();
        token.add_key(RSA, &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]);
        token.add_key(P256, &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
        token.add_key(P384, &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]);
        let mut shim = Shim::start(&token);
        let token_ref = shim.token(2);
        Self { token, shim, token_ref }
    }

    fn sign(&mut self, key: &[u8], scheme: SignScheme, digests: Vec<Digest>) -> Vec<Vec<u8>> {
        match self.shim.call(self.request(key, scheme, digests)) {
            Ok(Reply::Signatures(outcomes)) => {
                outcomes.into_iter().map(|outcome| outcome.unwrap().into_vec()).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    fn request(&self, key: &[u8], scheme: SignScheme, digests: Vec<Digest>) -> Request {
        Request::Sign { token: self.token_ref, key: KeyRef(ByteBuf::from(key)), scheme, digests }
    }

    /// Has OpenSSL check a signature with the key of the certificate that the shim gave.
    fn verify(&self, certificate: &CertificateObject, digest: &Digest, signature: &[u8], options: &[&str]) {
        let path = |name: &str| self.token.path(name);
        fs::write(path("certificate"), &certificate.der).unwrap();
        fs::write(path("digest"), &digest.0).unwrap();
        fs::write(path("signature"), signature).unwrap();
        let mut command = Command::new("openssl");
        command.args(["pkeyutl", "-verify", "-certin", "-inkey"]).arg(path("certificate"));
        command.arg("-in").arg(path("digest")).arg("-sigfile").arg(path("signature"));
        for option in options {
            command.args(["-pkeyopt", option]);
        }
        run(&mut command);
    }
}

fn digest(length: usize, fill: u8) -> Digest {
    Digest(ByteBuf::from(vec![fill; length]))
}

/// r ‖ s as the DER that OpenSSL reads.
fn ecdsa_der(signature: &[u8]) -> Vec<u8> {
    let integer = |bytes: &[u8]| {
        let start = bytes.iter().position(|byte| *byte != 0).unwrap();
        let sign = (bytes[start] >= 0x80).then_some(0);
        let value: Vec<u8> = sign.into_iter().chain(bytes[start..].iter().copied()).collect();
        [&[2, value.len() as u8], value.as_slice()].concat()
    };
    let (r, s) = signature.split_at(signature.len() / 2);
    let body = [integer(r), integer(s)].concat();
    [&[0x30, body.len() as u8], body.as_slice()].concat()
}

#[test]
fn every_scheme_verifies_with_openssl() {
    let mut bench = Bench::new();
    let request = Request::Objects { token: bench.token_ref };
    let Ok(Reply::Objects(certificates)) = bench.shim.call(request) else { panic!() };
    assert_eq!(certificates.len(), 3);
    let of_key = |id: u8| certificates.iter().find(|object| object.key.0 == [id]).unwrap();
    assert_eq!(of_key(RSA).der, bench.token.certificate(RSA));
    assert_eq!(of_key(RSA).label, "证书");
    assert_eq!(bench.shim.login(bench.token_ref, USER_PIN), logged_in());

    for (hash, name, length) in
        [(HashKind::Sha256, "sha256", 32), (HashKind::Sha384, "sha384", 48), (HashKind::Sha512, "sha512", 64)]
    {
        let digest = digest(length, 0xa5);
        let hash_option = format!("digest:{name}");
        let signatures = bench.sign(&[RSA], SignScheme::RsaPkcs1(hash), vec![digest.clone()]);
        bench.verify(of_key(RSA), &digest, &signatures[0], &["rsa_padding_mode:pkcs1", &hash_option]);

        let signatures = bench.sign(&[RSA], SignScheme::RsaPss(hash), vec![digest.clone()]);
        let salt = format!("rsa_pss_saltlen:{length}");
        bench.verify(of_key(RSA), &digest, &signatures[0], &["rsa_padding_mode:pss", &hash_option, &salt]);
    }
    for (key, lengths) in [(P256, [32].as_slice()), (P384, &[32, 48])] {
        for length in lengths {
            let digest = digest(*length, 0x5a);
            let signatures = bench.sign(&[key], SignScheme::Ecdsa, vec![digest.clone()]);
            bench.verify(of_key(key), &digest, &ecdsa_der(&signatures[0]), &[]);
        }
    }
}

#[test]
fn a_full_batch_keeps_its_order() {
    let mut bench = Bench::new();
    assert_eq!(bench.shim.login(bench.token_ref, USER_PIN), logged_in());
    let digests: Vec<_> = (0..BATCH_MAX).map(|index| digest(32, index as u8)).collect();
    let scheme = SignScheme::RsaPkcs1(HashKind::Sha256);
    // This scheme has no randomness: the same digest alone gives the same signature.
    let together = bench.sign(&[RSA], scheme, digests.clone());
    for index in [0, 1, 128, BATCH_MAX - 1] {
        assert_eq!(bench.sign(&[RSA], scheme, vec![digests[index].clone()]), [together[index].clone()]);
    }
}

#[test]
fn what_cannot_be_signed_is_refused_by_name() {
    let mut bench = Bench::new();
    assert_eq!(bench.shim.login(bench.token_ref, USER_PIN), logged_in());
    let before = bench.token.calls("C_SignInit");
    let rsa = SignScheme::RsaPkcs1(HashKind::Sha256);
    for (scheme, digests) in [
        (rsa, vec![]),
        (rsa, vec![digest(48, 1)]),
        (SignScheme::RsaPss(HashKind::Sha512), vec![digest(64, 1), digest(32, 1)]),
        (SignScheme::Ecdsa, vec![digest(20, 1)]),
        (SignScheme::Ecdsa, vec![digest(32, 1); BATCH_MAX + 1]),
    ] {
        let request = bench.request(&[RSA], scheme, digests);
        assert_eq!(kind(bench.shim.call(request)), FailureKind::BadRequest);
    }
    for (key, scheme) in [([9].as_slice(), rsa), (&[], rsa), (&[P256], rsa), (&[RSA], SignScheme::Ecdsa)] {
        let request = bench.request(key, scheme, vec![digest(32, 1)]);
        let Ok(Reply::Signatures(outcomes)) = bench.shim.call(request) else { panic!() };
        assert_eq!(outcomes[0].clone().unwrap_err().kind, FailureKind::KeyNotFound);
    }
    assert_eq!(bench.token.calls("C_SignInit"), before, "the module was not asked to sign any of these");
}
