//! SM2 keys in a vendor's form: in the real module they are keys on an elliptic curve that it signs ECDSA with.

use crate::control::{Answer, Ask, Sm2Signer, Sm2View};
use crate::gate::Gate;
use crate::local::local;
use crate::real::forward;
use cryptoki_sys::{
    CK_ATTRIBUTE, CK_ATTRIBUTE_TYPE, CK_BYTE_PTR, CK_KEY_TYPE, CK_MECHANISM, CK_OBJECT_HANDLE, CK_RV,
    CK_SESSION_HANDLE, CK_ULONG, CK_ULONG_PTR, CKA_EC_PARAMS, CKA_EC_POINT, CKA_KEY_TYPE, CKA_LABEL, CKK_EC, CKM_ECDSA,
    CKR_ARGUMENTS_BAD, CKR_BUFFER_TOO_SMALL, CKR_DATA_LEN_RANGE, CKR_DEVICE_ERROR, CKR_KEY_HANDLE_INVALID,
    CKR_KEY_TYPE_INCONSISTENT, CKR_MECHANISM_PARAM_INVALID, CKR_OK,
};
use std::{ptr, slice};

/// Object identifier of the SM2 curve, 1.2.156.10197.1.301, in DER.
const SM2_CURVE: [u8; 10] = [0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d];
/// Where x is in a `CKA_EC_POINT`: an OCTET STRING with the 4 of an uncompressed point first.
const X: std::ops::Range<usize> = 3..35;
/// Length of e.
const E_LENGTH: CK_ULONG = 32;

fn view(gate: &Gate) -> Option<Sm2View> {
    gate.key().ok()?.sm2
}

/// The template of a search as the real module knows it.
pub(crate) fn real_template(gate: &Gate, wanted: &[CK_ATTRIBUTE]) -> Vec<CK_ATTRIBUTE> {
    static REAL_TYPE: CK_KEY_TYPE = CKK_EC;
    let vendor_type = view(gate).map(|view| view.key_type as CK_KEY_TYPE);
    let mut template = wanted.to_vec();
    for attribute in template.iter_mut().filter(|attribute| attribute.type_ == CKA_KEY_TYPE) {
        // SAFETY: a search gives a value for each attribute, and a key type is a CK_KEY_TYPE wherever it lies.
        if Some(unsafe { attribute.pValue.cast::<CK_KEY_TYPE>().read_unaligned() }) == vendor_type {
            // A search only reads it.
            attribute.pValue = ptr::from_ref(&REAL_TYPE).cast_mut().cast();
        }
    }
    template
}

/// Writes the vendor's key type where the real module has written its own.
pub(crate) fn change_key_type(gate: &Gate, session: CK_SESSION_HANDLE, key: CK_OBJECT_HANDLE, filled: &[CK_ATTRIBUTE]) {
    let Some(view) = view(gate) else { return };
    let of_type = |attribute: &&CK_ATTRIBUTE| attribute.type_ == CKA_KEY_TYPE && !attribute.pValue.is_null();
    if let Some(attribute) = filled.iter().find(of_type)
        && is_on_curve(session, key)
    {
        // SAFETY: the real module has just written a key type there, which is as long.
        unsafe { attribute.pValue.cast::<CK_KEY_TYPE>().write_unaligned(view.key_type as CK_KEY_TYPE) };
    }
}

/// Answers a question for the vendor's attribute of a public key and nothing else; the caller's buffer has room.
pub(crate) fn public_key(
    gate: &Gate,
    session: CK_SESSION_HANDLE,
    key: CK_OBJECT_HANDLE,
    asked: &mut [CK_ATTRIBUTE],
) -> Option<CK_RV> {
    let number = view(gate)?.x_attribute?;
    let [attribute] = asked else { return None };
    if attribute.type_ != number as CK_ATTRIBUTE_TYPE || !is_on_curve(session, key) {
        return None;
    }
    let point = value(session, key, CKA_EC_POINT)?;
    let x = point.get(X)?;
    if attribute.pValue.is_null() || attribute.ulValueLen < x.len() as CK_ULONG {
        return Some(CKR_BUFFER_TOO_SMALL);
    }
    // SAFETY: not null, and the caller says that there is room.
    unsafe { attribute.pValue.cast::<u8>().copy_from_nonoverlapping(x.as_ptr(), x.len()) };
    attribute.ulValueLen = x.len() as CK_ULONG;
    Some(CKR_OK)
}

/// `C_SignInit` where it has to do with SM2; `None` where not.
pub(crate) fn begin(
    gate: &Gate,
    session: CK_SESSION_HANDLE,
    mechanism: &CK_MECHANISM,
    key: CK_OBJECT_HANDLE,
) -> Option<Result<CK_RV, CK_RV>> {
    let view = view(gate)?;
    local().sm2_signatures.remove(&session);
    match (mechanism.mechanism == view.mechanism as CK_ULONG, is_on_curve(session, key)) {
        (false, false) => return None,
        (true, true) => {}
        _ => return Some(Err(CKR_KEY_TYPE_INCONSISTENT)),
    }
    if mechanism.ulParameterLen != 0 {
        return Some(Err(CKR_MECHANISM_PARAM_INVALID));
    }
    if view.signer == Sm2Signer::Ecdsa {
        let mut ecdsa = CK_MECHANISM { mechanism: CKM_ECDSA, pParameter: ptr::null_mut(), ulParameterLen: 0 };
        return Some(Ok(forward!(C_SignInit(session, &raw mut ecdsa, key))));
    }
    // A private key can't be read without a login.
    let label = value(session, key, CKA_LABEL).and_then(|label| String::from_utf8(label).ok());
    Some(label.ok_or(CKR_KEY_HANDLE_INVALID).map(|label| {
        local().sm2_signatures.insert(session, label);
        CKR_OK
    }))
}

/// `C_Sign` after a `C_SignInit` that [`begin`] has answered.
pub(crate) fn sign(
    gate: &Gate,
    session: CK_SESSION_HANDLE,
    (data, length): (CK_BYTE_PTR, CK_ULONG),
    (signature, room): (CK_BYTE_PTR, CK_ULONG_PTR),
) -> Option<Result<CK_RV, CK_RV>> {
    let label = local().sm2_signatures.remove(&session)?;
    if length != E_LENGTH {
        return Some(Err(CKR_DATA_LEN_RANGE));
    }
    if data.is_null() || room.is_null() {
        return Some(Err(CKR_ARGUMENTS_BAD));
    }
    // SAFETY: not null, and by the standard so many bytes.
    let e = unsafe { slice::from_raw_parts(data, 32) }.to_vec();
    let serial = gate.key().ok()?.serial.clone();
    let made = match gate.ask(Ask::SignSm2 { serial, label: label.clone(), e }) {
        Ok(Answer::Signature(made)) => made,
        Ok(_) => return Some(Err(CKR_DEVICE_ERROR)),
        Err(code) => return Some(Err(code)),
    };
    let length = made.len() as CK_ULONG;
    // SAFETY: not null, and by the standard room for a length.
    let fits = unsafe { room.replace(length) } >= length;
    if signature.is_null() || !fits {
        local().sm2_signatures.insert(session, label);
        return Some(if signature.is_null() { Ok(CKR_OK) } else { Err(CKR_BUFFER_TOO_SMALL) });
    }
    // SAFETY: not null, and the caller says that there is room.
    unsafe { signature.copy_from_nonoverlapping(made.as_ptr(), made.len()) };
    Some(Ok(CKR_OK))
}

fn is_on_curve(session: CK_SESSION_HANDLE, key: CK_OBJECT_HANDLE) -> bool {
    value(session, key, CKA_EC_PARAMS).is_some_and(|curve| curve == SM2_CURVE)
}

/// An attribute of at most 256 bytes, as the real module has it.
fn value(session: CK_SESSION_HANDLE, object: CK_OBJECT_HANDLE, number: CK_ATTRIBUTE_TYPE) -> Option<Vec<u8>> {
    let mut bytes = vec![0; 256];
    let mut attribute =
        CK_ATTRIBUTE { type_: number, pValue: bytes.as_mut_ptr().cast(), ulValueLen: bytes.len() as CK_ULONG };
    if forward!(C_GetAttributeValue(session, object, &raw mut attribute, 1)) != CKR_OK {
        return None;
    }
    bytes.truncate(usize::try_from(attribute.ulValueLen).ok()?);
    Some(bytes)
}
