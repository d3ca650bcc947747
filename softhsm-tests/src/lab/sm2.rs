//! SM2 keys as the vendors have them. The numbers are written down here a second time, apart from the shipped profiles.

use crate::key::Key;
use sm2::dsa::signature::hazmat::PrehashSigner;
use sm2::dsa::{Signature, SigningKey};
use std::collections::BTreeMap;
use std::fs;
use ukey_dbus::KeyKind;
use ukey_lab_module::control::{Sm2Signer, Sm2View};

/// Numbers that a group of vendors shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sm2Family {
    /// Most makers of USB Keys.
    UsbKey,
    /// Westone.
    Westone,
    /// The 30th institute.
    Thirtieth,
    /// MK-1, whose numbers are none of those for vendors.
    Mk1,
}

/// What a Key's SM2 mechanism gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sm2Output {
    /// r ‖ s.
    Raw,
    /// DER.
    Der,
    /// DER whose INTEGERs are the 32 bytes as they are: one whose highest bit is set is negative, another may have zeros
    /// too many in front.
    NegativeDer,
    /// The `ECCSIGNATUREBLOB` of GM/T 0016.
    Blob,
    /// r ‖ s of ECDSA on the SM2 curve: no SM2 signature.
    Ecdsa,
}

/// The SM2 keys of a Key.
#[derive(Debug)]
pub(crate) struct Sm2Keys {
    family: Sm2Family,
    output: Sm2Output,
    /// By label.
    keys: BTreeMap<String, SigningKey>,
}

/// One of them.
pub(crate) struct Sm2KeySigner {
    key: SigningKey,
    output: Sm2Output,
}

impl Sm2Keys {
    pub(crate) fn read(key: &Key, family: Sm2Family, output: Sm2Output) -> Self {
        let certificates = key.certificates().iter().filter(|certificate| certificate.kind == KeyKind::Sm2);
        let keys = certificates.map(|certificate| {
            let label = certificate.der.file_stem().unwrap().to_str().unwrap().to_owned();
            let file = fs::read(certificate.der.with_extension("p8")).unwrap();
            let secret = sm2::SecretKey::from_sec1_der(&file).unwrap();
            // It is given e: the user identity plays no part.
            (label, SigningKey::new("", &secret).unwrap())
        });
        Self { family, output, keys: keys.collect() }
    }

    pub(crate) fn view(&self) -> Sm2View {
        let signer = if self.output == Sm2Output::Ecdsa { Sm2Signer::Ecdsa } else { Sm2Signer::Lab };
        let (key_type, mechanism, x_attribute) = match self.family {
            Sm2Family::UsbKey => (0x8000_0004, 0x8000_8104, None),
            Sm2Family::Westone => (0x8000_0001, 0x8000_0002, None),
            Sm2Family::Thirtieth => (0x8000_0001, 0x8000_0004, Some(0x8000_0002)),
            Sm2Family::Mk1 => (0x0001_0001, 0x0001_0002, Some(0x0001_0002)),
        };
        Sm2View { key_type, mechanism, x_attribute, signer }
    }

    pub(crate) fn signer(&self, label: &str) -> Option<Sm2KeySigner> {
        let key = self.keys.get(label)?.clone();
        Some(Sm2KeySigner { key, output: self.output })
    }
}

impl Sm2KeySigner {
    pub(crate) fn sign(&self, e: &[u8]) -> Vec<u8> {
        let signature: Signature = self.key.sign_prehash(e).unwrap();
        let raw = signature.to_bytes();
        let (r, s) = raw.split_at(32);
        match self.output {
            Sm2Output::Raw | Sm2Output::Ecdsa => raw.to_vec(),
            Sm2Output::Der => sequence(&[integer(r), integer(s)].concat()),
            Sm2Output::NegativeDer => sequence(&[&[0x02, 32], r, &[0x02, 32], s].concat()),
            Sm2Output::Blob => [&[0; 32], r, &[0; 32], s].concat(),
        }
    }
}

/// A number below 2^256 as an INTEGER.
fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = &number[zeros.min(number.len() - 1)..];
    let sign: &[u8] = if digits[0] & 0x80 != 0 { &[0] } else { &[] };
    let length = u8::try_from(sign.len() + digits.len()).unwrap();
    [&[0x02, length], sign, digits].concat()
}

fn sequence(content: &[u8]) -> Vec<u8> {
    [&[0x30, u8::try_from(content.len()).unwrap()], content].concat()
}
