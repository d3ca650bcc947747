//! A Key for tests: one token with key pairs and their certificates.

use crate::ca::{CertificateProfile, TestCa};
use crate::stage::STAGE;
use crate::store::{KeyAccess, KeyFiles, KeyStore, NewToken};
use crate::tool::{Tool, run};
use std::fs;
use std::path::{Path, PathBuf};
use ukey_dbus::KeyKind;

/// A certificate of a [`Key`], and what verifying needs.
#[derive(Clone, Debug)]
pub struct TestCertificate {
    /// Kind of its key.
    pub kind: KeyKind,
    /// What it says.
    pub profile: CertificateProfile,
    /// The certificate, X.509 DER.
    pub der: PathBuf,
    /// Its public key, PEM.
    pub public_key: PathBuf,
}

/// A Key: a token in a [`KeyStore`].
#[derive(Clone, Debug)]
pub struct Key {
    label: String,
    pin: String,
    so_pin: String,
    certificates: Vec<TestCertificate>,
    path: PathBuf,
    serial_number: String,
}

impl Key {
    /// The token's label.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The token's serial number.
    pub fn serial_number(&self) -> &str {
        &self.serial_number
    }

    /// The token's file or folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The right PIN.
    pub fn pin(&self) -> &str {
        &self.pin
    }

    /// The right PIN of the security officer.
    pub fn so_pin(&self) -> &str {
        &self.so_pin
    }

    /// Its certificates.
    pub fn certificates(&self) -> &[TestCertificate] {
        &self.certificates
    }

    /// The first certificate with a key of this kind.
    pub fn certificate(&self, kind: KeyKind) -> &TestCertificate {
        self.certificates.iter().find(|certificate| certificate.kind == kind).unwrap()
    }

    /// Takes the token away, as far as SoftHSM2 can show that: its folder vanishes.
    pub fn remove(&self) {
        fs::rename(&self.path, self.kept()).unwrap();
    }

    /// Brings it back after [`Key::remove`].
    pub fn put_back(&self) {
        fs::rename(self.kept(), &self.path).unwrap();
    }

    fn kept(&self) -> PathBuf {
        let name = self.path.file_name().unwrap();
        Path::new(STAGE).join("keys").join(name)
    }
}

/// What a [`Key`] should be.
#[derive(Clone, Debug)]
pub struct KeyBuilder {
    label: String,
    pin: String,
    so_pin: String,
    certificates: Vec<(KeyKind, CertificateProfile)>,
    access: KeyAccess,
    ids: Ids,
}

/// The ids (`CKA_ID`) of key pairs and their certificates.
#[derive(Clone, Copy, Debug)]
enum Ids {
    EachItsOwn,
    OneForAll,
}

impl Default for KeyBuilder {
    fn default() -> Self {
        Self {
            label: "采购UKey".to_owned(),
            pin: "a1b2c3d4".to_owned(),
            so_pin: "87654321".to_owned(),
            certificates: Vec::new(),
            access: KeyAccess::Login,
            ids: Ids::EachItsOwn,
        }
    }
}

impl KeyBuilder {
    /// Label of the token, at most 32 bytes.
    pub fn label(mut self, label: &str) -> Self {
        self.label = label.to_owned();
        self
    }

    /// The user PIN, 4 to 255 bytes.
    pub fn pin(mut self, pin: &str) -> Self {
        self.pin = pin.to_owned();
        self
    }

    /// The PIN of the security officer, 4 to 255 bytes.
    pub fn so_pin(mut self, pin: &str) -> Self {
        self.so_pin = pin.to_owned();
        self
    }

    /// Each signature needs the PIN (`CKA_ALWAYS_AUTHENTICATE`).
    pub fn always_authenticate(mut self) -> Self {
        self.access = KeyAccess::AlwaysAuthenticate;
        self
    }

    /// All key pairs and certificates have one id, as where a Key keeps several kinds of key in one container.
    pub fn one_id(mut self) -> Self {
        self.ids = Ids::OneForAll;
        self
    }

    /// Adds a key pair with this certificate. Without any, there are RSA-2048, P-256 and P-384 with the default one.
    pub fn certificate(mut self, kind: KeyKind, profile: CertificateProfile) -> Self {
        self.certificates.push((kind, profile));
        self
    }

    /// Makes the token, its keys and its certificates.
    pub fn create(mut self, store: &impl KeyStore, ca: &TestCa) -> Key {
        if self.certificates.is_empty() {
            let kinds = [KeyKind::Rsa2048, KeyKind::EcP256, KeyKind::EcP384];
            self.certificates = kinds.map(|kind| (kind, CertificateProfile::default())).to_vec();
        }
        let NewToken { path, serial_number } = store.initialize(&self.label, &self.pin, &self.so_pin);
        let work = Path::new(STAGE).join("keys").join(format!("{serial_number}.files"));
        fs::create_dir_all(&work).unwrap();
        let mut certificates = Vec::new();
        for (number, (kind, profile)) in (1_u8..).zip(self.certificates) {
            let label = format!("{number:02x}");
            let key = work.join(format!("{label}.key"));
            generate(kind, &key);
            let public_key = key.with_extension("pub");
            run(
                Tool::Openssl,
                [
                    "pkey".as_ref(),
                    "-pubout".as_ref(),
                    "-in".as_ref(),
                    key.as_os_str(),
                    "-out".as_ref(),
                    public_key.as_os_str(),
                ],
            );
            let der = ca.certify(&key, &profile);
            let id = match self.ids {
                Ids::EachItsOwn => &label,
                Ids::OneForAll => "01",
            };
            let files = KeyFiles { id, label: &label, key: &key, certificate: &der, access: self.access };
            store.import(&self.label, &self.pin, files);
            certificates.push(TestCertificate { kind, profile, der, public_key });
        }
        store.give_to_service();
        Key { label: self.label, pin: self.pin, so_pin: self.so_pin, certificates, path, serial_number }
    }
}

fn generate(kind: KeyKind, key: &Path) {
    let (algorithm, option) = match kind {
        KeyKind::Rsa2048 => ("RSA", "rsa_keygen_bits:2048"),
        KeyKind::Rsa3072 => ("RSA", "rsa_keygen_bits:3072"),
        KeyKind::Rsa4096 => ("RSA", "rsa_keygen_bits:4096"),
        KeyKind::EcP256 => ("EC", "ec_paramgen_curve:P-256"),
        KeyKind::EcP384 => ("EC", "ec_paramgen_curve:P-384"),
        KeyKind::Sm2 => ("EC", "ec_paramgen_curve:SM2"),
        KeyKind::Other => ("EC", "ec_paramgen_curve:P-521"),
    };
    run(
        Tool::Openssl,
        [
            "genpkey".as_ref(),
            "-algorithm".as_ref(),
            algorithm.as_ref(),
            "-pkeyopt".as_ref(),
            option.as_ref(),
            "-out".as_ref(),
            key.as_os_str(),
        ],
    );
}
