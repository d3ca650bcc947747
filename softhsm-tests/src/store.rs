//! Where the Keys of a test are: one module's tokens.

use crate::client::Pkcs11Client;
use crate::hex::hex;
use crate::tool::{Tool, run, succeed};
use sm2::SecretKey;
use sm2::elliptic_curve::sec1::ToSec1Point;
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
    /// Both objects' id, in hex.
    pub id: &'a str,
    /// Both objects' label.
    pub label: &'a str,
    /// The private key, PEM.
    pub key: &'a Path,
    /// Its certificate, DER.
    pub certificate: &'a Path,
    /// When the key may be used.
    pub access: KeyAccess,
}

/// An SM2 key pair that is put into a token.
#[derive(Clone, Copy, Debug)]
pub struct Sm2Pair<'a> {
    /// `sign` or `decrypt`.
    pub usage: &'a str,
    /// Both objects' id, in hex.
    pub id: &'a str,
    /// Both objects' label.
    pub label: &'a str,
    /// The private key.
    pub key: &'a SecretKey,
}

/// A module with tokens of its own.
pub trait KeyStore {
    /// Makes a token.
    fn initialize(&self, label: &str, pin: &str, so_pin: &str) -> NewToken;

    /// A command of `pkcs11-tool` for this module.
    fn pkcs11_tool(&self) -> Command;

    /// A program with this module.
    fn client(&self) -> Pkcs11Client;

    /// Hands over what root has written to [`Person::Service`](crate::Person::Service).
    fn give_to_service(&self);

    /// Puts a private key and its certificate into a token.
    fn import(&self, token: &str, pin: &str, files: KeyFiles<'_>) {
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
        // pkcs11-tool knows no SM2, and OpenSSL writes such a key in the form of SEC 1.
        match SecretKey::from_sec1_der(&std::fs::read(&der).unwrap()) {
            Ok(key) => {
                let pair = Sm2Pair { usage: "sign", id: files.id, label: files.label, key: &key };
                self.import_sm2(token, pin, pair);
            }
            Err(_) => self.write_object(token, pin, (files, &der), options),
        }
        self.write_object(token, pin, (files, files.certificate), &["--type", "cert"]);
    }

    /// Puts an SM2 key pair into a token.
    fn import_sm2(&self, token: &str, pin: &str, pair: Sm2Pair<'_>) {
        let mut client = self.client();
        let mut ask = |words: &str| {
            let answer = client.ask(words);
            answer.strip_prefix("ok").unwrap_or_else(|| panic!("{words}: {answer}")).trim().to_owned()
        };
        ask("initialize");
        let slots = ask("slots");
        let slot = slots.split(' ').find(|slot| ask(&format!("token {slot}")).split('|').next() == Some(token));
        ask(&format!("open {}", slot.unwrap()));
        ask(&format!("login user {pin}"));
        let Sm2Pair { usage, id, label, key } = pair;
        let (secret, point) = (hex(&key.to_bytes()), hex(&key.public_key().to_sec1_point(false).as_bytes()[1..]));
        ask(&format!("import-sm2 {usage} {id} {label} {secret} {point}"));
        ask("finalize");
    }

    /// Puts one of the files into a token.
    fn write_object(&self, token: &str, pin: &str, (files, object): (KeyFiles<'_>, &Path), options: &[&str]) {
        let mut command = self.pkcs11_tool();
        command
            .args(["--token-label", token, "--login", "--pin", pin, "--id", files.id, "--label", files.label])
            .args(options)
            .args(["--write-object".as_ref(), object.as_os_str()]);
        succeed(Tool::Pkcs11Tool, &mut command);
    }
}
