//! A lab with one Key and no daemon, for the tests of the lab itself.

use ukey_dbus::KeyKind;
use ukey_softhsm_tests::{CertificateProfile, Key, KeyBuilder, Lab, Pkcs11Client, TestCa, TokenStore};

/// A lab and its Keys.
pub(crate) struct LabBench {
    pub(crate) lab: Lab,
    pub(crate) keys: Vec<Key>,
    store: TokenStore,
}

impl LabBench {
    /// One Key with an RSA key, in slot 1.
    pub(crate) fn new() -> Self {
        Self::with(&[rsa_key("采购UKey")])
    }

    /// These Keys, in slots from 1 on.
    pub(crate) fn with(keys: &[KeyBuilder]) -> Self {
        let (store, ca, lab) = (TokenStore::create("lab"), TestCa::create(), Lab::start("lab"));
        let keys: Vec<Key> = keys.iter().map(|key| key.clone().create(&store, &ca)).collect();
        for key in &keys {
            lab.add(key);
        }
        Self { lab, keys, store }
    }

    /// The first Key.
    pub(crate) fn key(&self) -> &Key {
        &self.keys[0]
    }

    /// A program that has initialized the module.
    pub(crate) fn client(&self) -> Pkcs11Client {
        let mut client = self.loaded_client();
        assert_eq!(client.ask("initialize"), "ok");
        client
    }

    /// A program that has loaded the module.
    pub(crate) fn loaded_client(&self) -> Pkcs11Client {
        Pkcs11Client::start(&Lab::library(), &self.environment())
    }

    /// A program with a session on the first Key.
    pub(crate) fn open_client(&self) -> Pkcs11Client {
        let mut client = self.client();
        assert_eq!(client.ask("open 1"), "ok");
        client
    }

    /// What the module needs.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let mut environment = self.lab.environment();
        environment.push(("SOFTHSM2_CONF".to_owned(), self.store.config().to_str().unwrap().to_owned()));
        environment
    }

    /// The right entry of the first Key's user.
    pub(crate) fn right_login(&self) -> String {
        format!("login user {}", self.key().pin())
    }
}

/// A Key with one RSA key.
pub(crate) fn rsa_key(label: &str) -> KeyBuilder {
    KeyBuilder::default().label(label).certificate(KeyKind::Rsa2048, CertificateProfile::default())
}

/// The flags in the answer to `token`.
pub(crate) fn flags(answer: &str) -> &str {
    answer.rsplit('|').next().unwrap()
}
