//! Many signatures: made through the bus, verified by libraries that are not the service's.

use crate::hex::hex;
use crate::key::TestCertificate;
use crate::stage::{STAGE, sources};
use crate::tool::{Tool, run, succeed};
use futures_util::stream::{self, StreamExt};
use sm2::dsa::signature::Verifier;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use ukey_dbus::{Algorithm, CertificateProxy, Error, KeyKind};

/// Calls under way on one certificate.
const AT_ONCE: usize = 8;
/// Longest message, in bytes; the 64 bytes of a block and the 16 MiB of one call are not special here.
const LONGEST: u64 = 600;
/// The user identity of SM2 (GM/T 0009).
const USER_ID: &str = "1234567812345678";

/// A message and its signature.
#[derive(Clone, Debug)]
pub struct Signed {
    /// What was signed.
    pub message: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

impl Signed {
    /// The same with one bit of the message or, when it is empty, one more byte.
    pub fn tampered(&self) -> Self {
        let mut other = self.clone();
        match other.message.last_mut() {
            Some(last) => *last ^= 1,
            None => other.message.push(0),
        }
        other
    }
}

/// How many messages to sign for each kind of key: as many as `UKEY_TEST_MESSAGES` says, else this many.
pub fn message_count(otherwise: usize) -> usize {
    std::env::var("UKEY_TEST_MESSAGES").map_or(otherwise, |count| count.parse().unwrap())
}

/// Random messages of random lengths, the empty one first.
pub fn random_messages(count: usize) -> Vec<Vec<u8>> {
    let mut random = File::open("/dev/urandom").unwrap();
    let mut number = || {
        let mut bytes = [0; 8];
        random.read_exact(&mut bytes).unwrap();
        u64::from_ne_bytes(bytes)
    };
    let lengths: Vec<u64> = (0..count).map(|index| if index == 0 { 0 } else { number() % (LONGEST + 1) }).collect();
    lengths.into_iter().map(|length| (0..length).map(|_| number().to_ne_bytes()[0]).collect()).collect()
}

/// Signs each message by `SignData`.
pub async fn sign_many(
    certificate: &CertificateProxy<'_>,
    algorithm: Algorithm,
    messages: Vec<Vec<u8>>,
) -> Vec<Signed> {
    let sign = async |message: Vec<u8>| {
        let signature = certificate.sign_data(algorithm.as_str(), &message, HashMap::new()).await;
        Signed { signature: signature.map_err(Error::from).unwrap(), message }
    };
    stream::iter(messages).map(sign).buffered(AT_ONCE).collect().await
}

/// How many of these OpenSSL accepts.
pub fn accepted_by_openssl(certificate: &TestCertificate, algorithm: Algorithm, signed: &[Signed]) -> usize {
    let key = certificate.public_key.to_str().unwrap();
    accepted_by("verify_with_openssl.py", &[key, algorithm.as_str()], &lines(signed))
}

/// How many of these RSA signatures are right by the arithmetic of RFC 8017.
pub fn accepted_by_rfc_8017(certificate: &TestCertificate, algorithm: Algorithm, signed: &[Signed]) -> usize {
    right_by_rfc_8017(certificate, algorithm, &lines(signed))
}

/// Is this RSA signature over a file right by the arithmetic of RFC 8017?
pub fn rfc_8017_accepts_file(
    certificate: &TestCertificate,
    algorithm: Algorithm,
    file: &Path,
    signature: &[u8],
) -> bool {
    let line = format!("@{},{}\n", file.display(), hex(signature));
    right_by_rfc_8017(certificate, algorithm, &line) == 1
}

fn right_by_rfc_8017(certificate: &TestCertificate, algorithm: Algorithm, lines: &str) -> usize {
    let key = certificate.public_key.to_str().unwrap();
    let modulus = run(Tool::Openssl, ["rsa", "-pubin", "-in", key, "-noout", "-modulus"]);
    let modulus = String::from_utf8(modulus).unwrap();
    // Every exponent that OpenSSL gives to a new key: 65537.
    let arguments = [modulus.trim().strip_prefix("Modulus=").unwrap(), "10001", algorithm.as_str()];
    accepted_by("verify_rsa.py", &arguments, lines)
}

/// How many of these SM2 signatures gmssl accepts.
pub fn accepted_by_gmssl(certificate: &TestCertificate, signed: &[Signed]) -> usize {
    accepted_by("verify_sm2_with_gmssl.py", &[&hex(&point(certificate)[1..])], &lines(signed))
}

/// Does gmssl accept this SM2 signature over e?
pub fn gmssl_accepts_e(certificate: &TestCertificate, e: &[u8], signature: &[u8]) -> bool {
    let line = format!("e:{},{}\n", hex(e), hex(signature));
    accepted_by("verify_sm2_with_gmssl.py", &[&hex(&point(certificate)[1..])], &line) == 1
}

/// How many of these RustCrypto accepts; it has no RSA here.
pub fn accepted_by_rustcrypto(certificate: &TestCertificate, signed: &[Signed]) -> usize {
    let point = point(certificate);
    signed.iter().filter(|one| accepts(certificate.kind, &point, &one.message, &one.signature)).count()
}

/// Does RustCrypto accept this?
pub fn rustcrypto_accepts(certificate: &TestCertificate, message: &[u8], signature: &[u8]) -> bool {
    accepts(certificate.kind, &point(certificate), message, signature)
}

fn accepts(kind: KeyKind, point: &[u8], message: &[u8], signature: &[u8]) -> bool {
    match kind {
        KeyKind::Sm2 => {
            let key = sm2::dsa::VerifyingKey::from_sec1_bytes(USER_ID, point).unwrap();
            let signature = sm2::dsa::Signature::from_slice(&raw_of(signature));
            signature.and_then(|signature| key.verify(message, &signature)).is_ok()
        }
        KeyKind::EcP256 => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).unwrap();
            let signature = p256::ecdsa::Signature::from_der(signature);
            signature.and_then(|signature| key.verify(message, &signature)).is_ok()
        }
        KeyKind::EcP384 => {
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(point).unwrap();
            let signature = p384::ecdsa::Signature::from_der(signature);
            signature.and_then(|signature| key.verify(message, &signature)).is_ok()
        }
        other => panic!("no RustCrypto for {other}"),
    }
}

/// e = SM3(Z ‖ M) of GM/T 0003.2, by RustCrypto's SM3.
pub fn sm2_e(certificate: &TestCertificate, message: &[u8]) -> Vec<u8> {
    use sm3::{Digest, Sm3};
    let point = point(certificate);
    let z = Sm3::new()
        .chain_update([0, 128])
        .chain_update(USER_ID)
        .chain_update(CURVE)
        .chain_update(&point[1..])
        .finalize();
    Sm3::new().chain_update(z).chain_update(message).finalize().to_vec()
}

/// a, b and the base point of the SM2 curve (GM/T 0003.5).
const CURVE: [u8; 128] = {
    let words: [u64; 16] = [
        0xffff_fffe_ffff_ffff,
        0xffff_ffff_ffff_ffff,
        0xffff_ffff_0000_0000,
        0xffff_ffff_ffff_fffc,
        0x28e9_fa9e_9d9f_5e34,
        0x4d5a_9e4b_cf65_09a7,
        0xf397_89f5_15ab_8f92,
        0xddbc_bd41_4d94_0e93,
        0x32c4_ae2c_1f19_8119,
        0x5f99_0446_6a39_c994,
        0x8fe3_0bbf_f266_0be1,
        0x715a_4589_334c_74c7,
        0xbc37_36a2_f4f6_779c,
        0x59bd_cee3_6b69_2153,
        0xd0a9_877c_c62a_4740,
        0x02df_32e5_2139_f0a0,
    ];
    let mut bytes = [0; 128];
    let mut at = 0;
    while at < 128 {
        bytes[at] = words[at / 8].to_be_bytes()[at % 8];
        at += 1;
    }
    bytes
};

/// The uncompressed point of a key, at the end of its SubjectPublicKeyInfo.
fn point(certificate: &TestCertificate) -> Vec<u8> {
    let length = if certificate.kind == KeyKind::EcP384 { 97 } else { 65 };
    let path = certificate.public_key.to_str().unwrap();
    let der = run(Tool::Openssl, ["pkey", "-pubin", "-in", path, "-outform", "DER"]);
    der[der.len() - length..].to_vec()
}

/// r ‖ s of a strict DER signature below 128 bytes; nothing for any other.
fn raw_of(der: &[u8]) -> Vec<u8> {
    let [0x30, length, content @ ..] = der else { return Vec::new() };
    if usize::from(*length) != content.len() {
        return Vec::new();
    }
    let (mut raw, mut rest) = (Vec::new(), content);
    while let [0x02, length, after @ ..] = rest {
        let Some((number, next)) = after.split_at_checked(usize::from(*length)) else { return Vec::new() };
        let digits = match number {
            [0, digits @ ..] if digits.first().is_some_and(|first| first & 0x80 != 0) => digits,
            [first, ..] if *first < 0x80 && (*first != 0 || number.len() == 1) => number,
            _ => return Vec::new(),
        };
        raw.extend(std::iter::repeat_n(0, 32_usize.saturating_sub(digits.len())));
        raw.extend(digits);
        rest = next;
    }
    if rest.is_empty() { raw } else { Vec::new() }
}

fn lines(signed: &[Signed]) -> String {
    signed.iter().map(|one| format!("{},{}\n", hex(&one.message), hex(&one.signature))).collect()
}

fn accepted_by(script: &str, arguments: &[&str], lines: &str) -> usize {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let input = Path::new(STAGE).join(format!("signed-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
    fs::write(&input, lines).unwrap();
    let mut command = Tool::Python.command();
    command.arg(sources().join("softhsm-tests/python").join(script)).args(arguments).stdin(File::open(input).unwrap());
    String::from_utf8(succeed(Tool::Python, &mut command)).unwrap().trim().parse().unwrap()
}
