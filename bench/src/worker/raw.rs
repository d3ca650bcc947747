//! `C_SignInit` and `C_Sign` as a lean program calls them: `cryptoki` asks the length of each signature first.
#![allow(unsafe_code, reason = "the module's functions")]

use crate::contender::Kind;
use cryptoki::object::ObjectHandle;
use cryptoki::session::Session;
use cryptoki_sys as sys;
use std::mem::ManuallyDrop;
use std::path::Path;
use std::ptr;
use std::sync::Arc;

/// DER of a DigestInfo for SHA-256 up to the digest itself (RFC 8017, 9.2, note 1).
pub(super) const SHA256_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// The function list of a module that `cryptoki` has loaded from the same path.
pub(super) struct Functions {
    list: sys::CK_FUNCTION_LIST,
    // Never unloaded: threads and exit handlers of the module may still point into it.
    _library: ManuallyDrop<sys::Pkcs11>,
}

impl Functions {
    pub(super) fn load(module: &Path) -> Arc<Self> {
        // SAFETY: loading runs the module's constructors, as it did for `cryptoki`.
        let library = ManuallyDrop::new(unsafe { sys::Pkcs11::new(module) }.unwrap());
        let mut list = ptr::null_mut();
        // SAFETY: C_GetFunctionList may be called at any time and writes one pointer.
        assert_eq!(unsafe { library.C_GetFunctionList(&raw mut list) }, sys::CKR_OK);
        // SAFETY: on CKR_OK it is the module's static list.
        Arc::new(Self { list: unsafe { *list }, _library: library })
    }

    pub(super) fn sign(&self, session: &Session, key: ObjectHandle, kind: Kind, digest: &[u8; 32]) -> Vec<u8> {
        let mut input = match kind {
            Kind::Rsa => [&SHA256_INFO[..], digest].concat(),
            Kind::Ec => digest.to_vec(),
        };
        let mechanism = match kind {
            Kind::Rsa => sys::CKM_RSA_PKCS,
            Kind::Ec => sys::CKM_ECDSA,
        };
        let mut mechanism = sys::CK_MECHANISM { mechanism, pParameter: ptr::null_mut(), ulParameterLen: 0 };
        let mut signature = vec![0_u8; kind.signature_length()];
        let mut length = signature.len() as u64;
        // SAFETY: the session is open and used by this thread only; every pointer is to what lives during the calls.
        unsafe {
            let begun = self.list.C_SignInit.unwrap()(session.handle(), &raw mut mechanism, key.handle());
            assert_eq!(begun, sys::CKR_OK);
            let (input, room) = (input.as_mut_slice(), signature.as_mut_ptr());
            let signed = self.list.C_Sign.unwrap()(
                session.handle(),
                input.as_mut_ptr(),
                input.len() as u64,
                room,
                &raw mut length,
            );
            assert_eq!(signed, sys::CKR_OK);
        }
        assert_eq!(length, signature.len() as u64);
        signature
    }
}
