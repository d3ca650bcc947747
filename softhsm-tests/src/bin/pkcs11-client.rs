//! Somebody else's program with a PKCS#11 module: does what its standard input says, a line at a time, and answers each
//! with `ok …` or `error NAME`, the name being that of the return value. Its only argument is the module.
//!
//! A PIN of `-` is a null pointer. There is one session; `open` replaces it.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "test program: what fails here is a failed test")]

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::Error;
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use std::io::{Write, stdin, stdout};

/// Object identifier of the SM2 curve, 1.2.156.10197.1.301, in DER.
const SM2_CURVE: [u8; 10] = [0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d];

struct Client {
    module: Pkcs11,
    session: Option<Session>,
}

fn main() {
    let path = std::env::args_os().nth(1).unwrap();
    let mut client = Client { module: Pkcs11::new(path).unwrap(), session: None };
    for line in stdin().lines() {
        let line = line.unwrap();
        let words: Vec<&str> = line.split(' ').collect();
        let answer = match client.execute(&words) {
            Ok(answer) => format!("ok {answer}"),
            Err(Error::Pkcs11(code, _function)) => format!("error {code:?}"),
            Err(error) => format!("error {error}"),
        };
        let mut output = stdout().lock();
        writeln!(output, "{}", answer.trim_end()).unwrap();
        output.flush().unwrap();
    }
    drop(client.session);
    // SoftHSM2 crashes in its exit handlers otherwise.
    let _ = client.module.finalize();
}

impl Client {
    fn execute(&mut self, words: &[&str]) -> Result<String, Error> {
        let done = |()| String::new();
        match words {
            ["initialize"] => self.module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).map(done),
            ["finalize"] => {
                self.session = None;
                self.module.clone().finalize().map(done)
            }
            ["slots"] => self.module.get_slots_with_token().map(|slots| list(&slots)),
            ["all-slots"] => self.module.get_all_slots().map(|slots| list(&slots)),
            ["token", slot] => self.token(slot.parse().unwrap()),
            ["event"] => self.module.get_slot_event().map(|slot| slot.map_or_else(String::new, |slot| list(&[slot]))),
            ["wait"] => self.module.wait_for_slot_event().map(|slot| list(&[slot])),
            ["open", slot] => {
                self.session = None;
                self.session = Some(self.module.open_rw_session(to_slot(slot.parse().unwrap()))?);
                Ok(String::new())
            }
            ["close"] => self.session.take().unwrap().close().map(done),
            ["login", "user", pin] => self.login(UserType::User, pin),
            ["login", "so", pin] => self.login(UserType::So, pin),
            ["login", "context", pin] => self.login(UserType::ContextSpecific, pin),
            ["logout"] => self.session().logout().map(done),
            ["set-pin", old, new] => self.session().set_pin(&secret(old), &secret(new)).map(done),
            ["init-pin", new] => self.session().init_pin(&secret(new)).map(done),
            ["certificates"] => self.certificates(),
            ["import-sm2", usage, id, label, secret, point] => self.import_sm2(usage, [id, label, secret, point]),
            ["sign"] => self.session().sign(&Mechanism::Sha256RsaPkcs, self.key()?, b"order").map(|bytes| hex(&bytes)),
            ["begin-sign"] => self.session().sign_init(&Mechanism::Sha256RsaPkcs, self.key()?).map(done),
            ["end-sign"] => {
                self.session().sign_update(b"order")?;
                self.session().sign_final().map(|bytes| hex(&bytes))
            }
            _ => panic!("not understood: {words:?}"),
        }
    }

    fn session(&self) -> &Session {
        self.session.as_ref().unwrap()
    }

    fn login(&self, user: UserType, pin: &str) -> Result<String, Error> {
        let pin = (pin != "-").then(|| secret(pin));
        self.session().login(user, pin.as_ref()).map(|()| String::new())
    }

    /// Label, serial number, and the flags that are set.
    fn token(&self, slot: u64) -> Result<String, Error> {
        let info = self.module.get_token_info(to_slot(slot))?;
        let flags = [
            ("user-low", info.user_pin_count_low()),
            ("user-final", info.user_pin_final_try()),
            ("user-locked", info.user_pin_locked()),
            ("so-low", info.so_pin_count_low()),
            ("so-final", info.so_pin_final_try()),
            ("so-locked", info.so_pin_locked()),
            ("keypad", info.protected_authentication_path()),
        ];
        let set: Vec<&str> = flags.into_iter().filter_map(|(name, set)| set.then_some(name)).collect();
        Ok(format!("{}|{}|{}", info.label().trim_end(), info.serial_number().trim_end(), set.join(",")))
    }

    /// Length of each certificate.
    fn certificates(&self) -> Result<String, Error> {
        let mut lengths = Vec::new();
        for handle in self.session().find_objects(&[Attribute::Class(ObjectClass::CERTIFICATE)])? {
            for attribute in self.session().get_attributes(handle, &[AttributeType::Value])? {
                if let Attribute::Value(value) = attribute {
                    lengths.push(value.len().to_string());
                }
            }
        }
        Ok(lengths.join(" "))
    }

    /// A key pair on the SM2 curve. Id, secret and point (x, y) are hexadecimal; the usage is `sign` or `decrypt`.
    fn import_sm2(&self, usage: &str, [id, label, secret, point]: [&str; 4]) -> Result<String, Error> {
        let signs = usage == "sign";
        let common = [
            Attribute::KeyType(KeyType::EC),
            Attribute::Token(true),
            Attribute::EcParams(SM2_CURVE.to_vec()),
            Attribute::Id(bytes(id)),
            Attribute::Label(label.as_bytes().to_vec()),
        ];
        let private = [
            Attribute::Class(ObjectClass::PRIVATE_KEY),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Value(bytes(secret)),
            Attribute::Sign(signs),
            Attribute::Decrypt(!signs),
        ];
        let public = [
            Attribute::Class(ObjectClass::PUBLIC_KEY),
            Attribute::Private(false),
            Attribute::EcPoint([&[0x04, 65, 0x04], bytes(point).as_slice()].concat()),
            Attribute::Verify(signs),
            Attribute::Encrypt(!signs),
        ];
        for half in [&private[..], &public[..]] {
            self.session().create_object(&[&common[..], half].concat())?;
        }
        Ok(String::new())
    }

    /// The RSA key, which only a user who is logged in can see.
    fn key(&self) -> Result<ObjectHandle, Error> {
        let template = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::KeyType(KeyType::RSA)];
        self.session().find_objects(&template)?.first().copied().ok_or(Error::InvalidValue)
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn to_slot(id: u64) -> Slot {
    Slot::try_from(id).unwrap()
}

fn list(slots: &[Slot]) -> String {
    slots.iter().map(|slot| slot.id().to_string()).collect::<Vec<_>>().join(" ")
}

fn secret(pin: &str) -> AuthPin {
    AuthPin::new(pin.into())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
