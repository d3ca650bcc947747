//! Where the Keys of a test are: one module's tokens.

use crate::tool::{Tool, run, succeed};
use std::path::{Path, PathBuf};
use std::process::Command;

/// When a private key may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAccess {
    /// After a login.
    Login,
    /// After the PIN was given for this one signature.
    AlwaysAuthenticate,
}

/// A token that was just made.
#[derive(Debug)]
pub struct NewToken {
    /// Its file or folder.
    pub path: PathBuf,
    /// The serial number that it has given itself.
    pub serial_number: String,
}

/// What is put into a token.
#[derive(Clone, Copy, Debug)]
pub struct KeyFiles<'a> {
    /// Both objects' id, in hex, and label.
    pub id: &'a str,
    /// The private key, PEM.
    pub key: &'a Path,
    /// Its certificate, DER.
    pub certificate: &'a Path,
    /// When the key may be used.
    pub access: KeyAccess,
}

/// A module with tokens of its own.
pub trait KeyStore {
    /// Makes a token.
    fn initialize(&self, label: &str, pin: &str, so_pin: &str) -> NewToken;

    /// A command of `pkcs11-tool` for this module.
    fn pkcs11_tool(&self) -> Command;

    /// Hands over what root has written to [`Person::Service`](crate::Person::Service).
    fn give_to_service(&self);

    /// Puts a private key and its certificate into a token.
    fn import(&self, label: &str, pin: &str, files: KeyFiles<'_>) {
        // PKCS #8, which pkcs11-tool takes for every kind of key.
        let der = files.key.with_extension("p8");
        run(
            Tool::Openssl,
            ["pkey", "-in", files.key.to_str().unwrap(), "-outform", "DER", "-out", der.to_str().unwrap()],
        );
        let options: &[&str] = match files.access {
            KeyAccess::Login => &["--type", "privkey", "--usage-sign"],
            KeyAccess::AlwaysAuthenticate => &["--type", "privkey", "--usage-sign", "--always-auth"],
        };
        self.write_object(label, pin, files.id, &der, options);
        self.write_object(label, pin, files.id, files.certificate, &["--type", "cert"]);
    }

    /// Puts one object into a token.
    fn write_object(&self, label: &str, pin: &str, id: &str, object: &Path, options: &[&str]) {
        let mut command = self.pkcs11_tool();
        command
            .args(["--token-label", label, "--login", "--pin", pin, "--id", id, "--label", id])
            .args(options)
            .args(["--write-object".as_ref(), object.as_os_str()]);
        succeed(Tool::Pkcs11Tool, &mut command);
    }
}
