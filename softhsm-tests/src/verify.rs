//! Verification by OpenSSL, which knows nothing of this project.

use crate::key::TestCertificate;
use crate::stage::STAGE;
use crate::tool::Tool;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use ukey_dbus::{Algorithm, Hash, Scheme};

/// Is this the certificate's signature over the contents of a file (`openssl dgst`)?
pub fn verify_data(certificate: &TestCertificate, algorithm: Algorithm, data: &Path, signature: &[u8]) -> bool {
    let mut command = Tool::Openssl.command();
    command.arg("dgst").arg(format!("-{}", hash(algorithm))).arg("-verify").arg(&certificate.public_key);
    if algorithm.scheme() == Scheme::RsaPss {
        let salt = format!("rsa_pss_saltlen:{}", algorithm.hash().length());
        command.args(["-sigopt", "rsa_padding_mode:pss", "-sigopt", &salt]);
    }
    if algorithm.scheme() == Scheme::Sm2 {
        // OpenSSL's own default is an empty identity.
        command.args(["-sigopt", "distid:1234567812345678"]);
    }
    command.arg("-signature").arg(scratch(signature)).arg(data);
    accepts(&mut command)
}

/// Is this the certificate's signature over a digest (`openssl pkeyutl`)?
pub fn verify_digest(certificate: &TestCertificate, algorithm: Algorithm, digest: &[u8], signature: &[u8]) -> bool {
    let mut command = Tool::Openssl.command();
    command
        .args(["pkeyutl", "-verify", "-pubin", "-inkey"])
        .arg(&certificate.public_key)
        .args(["-pkeyopt", &format!("digest:{}", hash(algorithm))]);
    if algorithm.scheme() == Scheme::RsaPss {
        let salt = format!("rsa_pss_saltlen:{}", algorithm.hash().length());
        command.args(["-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", &salt]);
    }
    command.arg("-in").arg(scratch(digest)).arg("-sigfile").arg(scratch(signature));
    accepts(&mut command)
}

fn accepts(command: &mut Command) -> bool {
    Tool::Openssl.output(command).status.success()
}

fn hash(algorithm: Algorithm) -> &'static str {
    match algorithm.hash() {
        Hash::Sha256 => "sha256",
        Hash::Sha384 => "sha384",
        Hash::Sha512 => "sha512",
        Hash::Sm3 => "sm3",
    }
}

fn scratch(bytes: &[u8]) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let path = Path::new(STAGE).join(format!("verify-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
    fs::write(&path, bytes).unwrap();
    path
}
