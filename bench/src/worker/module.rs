//! Programs that load a module themselves: the Key's own, or p11-kit's client.

use super::raw::{Functions, SHA256_INFO};
use super::{Arguments, Signs, blocking};
use crate::contender::{Contender, Kind};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use std::sync::Arc;

/// Object identifier of P-256, 1.2.840.10045.3.1.7, in DER: the token has a key on P-384 too.
const P256: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/// As many as the service has for a Key.
pub(super) const LANES: usize = 2;

/// A program with a module, logged in.
pub(super) struct Program {
    module: Pkcs11,
    functions: Option<Arc<Functions>>,
    slot: cryptoki::slot::Slot,
    kind: Kind,
    _login: Session,
}

/// One of its threads, with a session of its own.
pub(super) struct Caller {
    /// None where a second look at the module would give functions of another client: `cryptoki` calls then, which asks for
    /// the length of a signature first.
    functions: Option<Arc<Functions>>,
    session: Session,
    key: ObjectHandle,
    kind: Kind,
}

impl Program {
    pub(super) fn start(arguments: &Arguments) -> Self {
        let path = arguments.module.as_ref().unwrap();
        let module = Pkcs11::new(path).unwrap();
        module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
        let slots = module.get_slots_with_initialized_token().unwrap();
        let is_it = |slot: &cryptoki::slot::Slot| module.get_token_info(*slot).unwrap().label() == arguments.label;
        let slot = slots.into_iter().find(is_it).expect("the token");
        let login = module.open_ro_session(slot).unwrap();
        login.login(UserType::User, Some(&AuthPin::new(arguments.pin.clone().into()))).unwrap();
        let functions = (arguments.contender != Contender::P11Kit).then(|| Functions::load(path));
        Self { module, functions, slot, kind: arguments.kind, _login: login }
    }

    pub(super) fn caller(&self) -> Caller {
        let session = self.module.open_ro_session(self.slot).unwrap();
        let kind = match self.kind {
            Kind::Rsa => Attribute::KeyType(KeyType::RSA),
            Kind::Ec => Attribute::EcParams(P256.to_vec()),
        };
        let wanted = [Attribute::Class(ObjectClass::PRIVATE_KEY), kind];
        let key = session.find_objects(&wanted).unwrap()[0];
        Caller { functions: self.functions.clone(), session, key, kind: self.kind }
    }
}

impl Caller {
    /// As the module gives it: for ECDSA r and s, one after the other.
    pub(super) fn signature(&self, digest: &[u8; 32]) -> Vec<u8> {
        if let Some(functions) = &self.functions {
            return functions.sign(&self.session, self.key, self.kind, digest);
        }
        let (mechanism, input) = match self.kind {
            Kind::Rsa => (Mechanism::RsaPkcs, [&SHA256_INFO[..], digest].concat()),
            Kind::Ec => (Mechanism::Ecdsa, digest.to_vec()),
        };
        self.session.sign(&mechanism, self.key, &input).unwrap()
    }
}

impl Signs for Caller {
    fn sign(&mut self, digest: &[u8; 32]) {
        assert!(!self.signature(digest).is_empty());
    }
}

pub(super) fn work(arguments: &Arguments) {
    let program = Program::start(arguments);
    blocking(arguments.once, || Box::new(program.caller()), Some(LANES));
    // SoftHSM2 crashes in its exit handlers otherwise.
    let _ = program.module.clone().finalize();
}
