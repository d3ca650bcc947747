//! Objects, signatures, random numbers.

use crate::control::{Call, Fault};
use crate::gate::{Gate, attempt_in};
use crate::real::forward;
use crate::sm2;
use cryptoki_sys::{
    CK_ATTRIBUTE, CK_ATTRIBUTE_PTR, CK_BYTE_PTR, CK_MECHANISM_PTR, CK_OBJECT_HANDLE, CK_OBJECT_HANDLE_PTR, CK_RV,
    CK_SESSION_HANDLE, CK_ULONG, CK_ULONG_PTR, CK_UNAVAILABLE_INFORMATION, CKA_LABEL, CKA_VALUE, CKR_BUFFER_TOO_SMALL,
    CKR_OK,
};
use std::slice;

/// `C_CreateObject`.
pub(crate) unsafe extern "C" fn create_object(
    session: CK_SESSION_HANDLE,
    template: CK_ATTRIBUTE_PTR,
    count: CK_ULONG,
    object: CK_OBJECT_HANDLE_PTR,
) -> CK_RV {
    attempt_in(session, Call::CreateObject, |_| Ok(forward!(C_CreateObject(session, template, count, object))))
}

/// `C_DestroyObject`.
pub(crate) unsafe extern "C" fn destroy_object(session: CK_SESSION_HANDLE, object: CK_OBJECT_HANDLE) -> CK_RV {
    attempt_in(session, Call::DestroyObject, |_| Ok(forward!(C_DestroyObject(session, object))))
}

/// `C_GetAttributeValue`.
pub(crate) unsafe extern "C" fn get_attribute_value(
    session: CK_SESSION_HANDLE,
    object: CK_OBJECT_HANDLE,
    template: CK_ATTRIBUTE_PTR,
    count: CK_ULONG,
) -> CK_RV {
    attempt_in(session, Call::GetAttributeValue, |gate| {
        // SAFETY: by the standard the caller's template has this many attributes.
        let rooms: Vec<CK_ULONG> = unsafe { attributes(template, count) }.iter().map(|one| one.ulValueLen).collect();
        // SAFETY: as above; the caller gives them to be written to.
        let filled = unsafe { attributes(template, count) };
        let result = match sm2::public_key(gate, session, object, filled) {
            Some(answer) => answer,
            None => forward!(C_GetAttributeValue(session, object, template, count)),
        };
        if result != CKR_OK {
            return Ok(result);
        }
        sm2::change_key_type(gate, session, object, filled);
        let changed = filled.iter_mut().zip(rooms).map(|(attribute, room)| change(gate, attribute, room));
        // Every attribute is dealt with, as the standard has it, before an error is answered.
        Ok(changed.filter_map(Result::err).last().unwrap_or(CKR_OK))
    })
}

/// A caller's template.
///
/// # Safety
///
/// `template` is null or points to `count` attributes that nobody else uses meanwhile.
unsafe fn attributes<'a>(template: CK_ATTRIBUTE_PTR, count: CK_ULONG) -> &'a mut [CK_ATTRIBUTE] {
    if template.is_null() {
        return &mut [];
    }
    // SAFETY: not null; the rest is this function's contract.
    unsafe { slice::from_raw_parts_mut(template, usize::try_from(count).unwrap_or_default()) }
}

/// Spoils a value that the real module has filled in; `room` is the length that the caller's buffer has.
fn change(gate: &Gate, attribute: &mut CK_ATTRIBUTE, room: CK_ULONG) -> Result<(), CK_RV> {
    let length = usize::try_from(attribute.ulValueLen).unwrap_or_default();
    if attribute.type_ == CKA_LABEL && gate.has(&Fault::NotUtf8) && !attribute.pValue.is_null() {
        // SAFETY: the real module has just written this many bytes there.
        unsafe { attribute.pValue.cast::<u8>().write_bytes(0xff, length) };
    }
    if let Some(wrong) = gate.count() {
        attribute.ulValueLen = wrong;
    }
    match gate.large_value() {
        Some(large) if attribute.type_ == CKA_VALUE => enlarge(attribute, large, room),
        _ => Ok(()),
    }
}

/// Adds zeros to a value until it has this length.
fn enlarge(attribute: &mut CK_ATTRIBUTE, large: CK_ULONG, room: CK_ULONG) -> Result<(), CK_RV> {
    let more = usize::try_from(large.saturating_sub(attribute.ulValueLen)).unwrap_or_default();
    let length = usize::try_from(attribute.ulValueLen).unwrap_or_default();
    if !attribute.pValue.is_null() {
        if room < large {
            attribute.ulValueLen = CK_UNAVAILABLE_INFORMATION;
            return Err(CKR_BUFFER_TOO_SMALL);
        }
        // SAFETY: the caller's buffer has `room` bytes, which is enough for `large`; `length` of them are written.
        unsafe { attribute.pValue.cast::<u8>().add(length).write_bytes(0, more) };
    }
    attribute.ulValueLen = large;
    Ok(())
}

/// `C_FindObjectsInit`.
pub(crate) unsafe extern "C" fn find_objects_init(
    session: CK_SESSION_HANDLE,
    template: CK_ATTRIBUTE_PTR,
    count: CK_ULONG,
) -> CK_RV {
    attempt_in(session, Call::FindObjectsInit, |gate| {
        // SAFETY: by the standard the caller's template has this many attributes.
        let mut wanted = sm2::real_template(gate, unsafe { attributes(template, count) });
        let (template, count) = (wanted.as_mut_ptr(), wanted.len() as CK_ULONG);
        Ok(forward!(C_FindObjectsInit(session, template, count)))
    })
}

/// `C_FindObjects`.
pub(crate) unsafe extern "C" fn find_objects(
    session: CK_SESSION_HANDLE,
    objects: CK_OBJECT_HANDLE_PTR,
    room: CK_ULONG,
    count: CK_ULONG_PTR,
) -> CK_RV {
    attempt_in(session, Call::FindObjects, |gate| {
        let result = forward!(C_FindObjects(session, objects, room, count));
        report(gate, result, count);
        Ok(result)
    })
}

/// `C_FindObjectsFinal`.
pub(crate) unsafe extern "C" fn find_objects_final(session: CK_SESSION_HANDLE) -> CK_RV {
    attempt_in(session, Call::FindObjectsFinal, |_| Ok(forward!(C_FindObjectsFinal(session))))
}

/// `C_SignInit`.
pub(crate) unsafe extern "C" fn sign_init(
    session: CK_SESSION_HANDLE,
    mechanism: CK_MECHANISM_PTR,
    key: CK_OBJECT_HANDLE,
) -> CK_RV {
    attempt_in(session, Call::SignInit, |gate| {
        // SAFETY: by the standard a mechanism, or null, which is for the real module to refuse.
        match unsafe { mechanism.as_mut() }.map(|mechanism| sm2::begin(gate, session, mechanism, key)) {
            Some(Some(answer)) => answer,
            _ => Ok(forward!(C_SignInit(session, mechanism, key))),
        }
    })
}

/// `C_Sign`.
pub(crate) unsafe extern "C" fn sign(
    session: CK_SESSION_HANDLE,
    data: CK_BYTE_PTR,
    length: CK_ULONG,
    signature: CK_BYTE_PTR,
    signature_length: CK_ULONG_PTR,
) -> CK_RV {
    attempt_in(session, Call::Sign, |gate| {
        let input = (data, length);
        let result = match sm2::sign(gate, session, input, (signature, signature_length)) {
            Some(answer) => answer?,
            None => forward!(C_Sign(session, data, length, signature, signature_length)),
        };
        spoil(gate, result, signature, signature_length);
        Ok(result)
    })
}

/// `C_SignFinal`.
pub(crate) unsafe extern "C" fn sign_final(
    session: CK_SESSION_HANDLE,
    signature: CK_BYTE_PTR,
    signature_length: CK_ULONG_PTR,
) -> CK_RV {
    attempt_in(session, Call::Sign, |gate| {
        let result = forward!(C_SignFinal(session, signature, signature_length));
        spoil(gate, result, signature, signature_length);
        Ok(result)
    })
}

fn spoil(gate: &Gate, result: CK_RV, signature: CK_BYTE_PTR, length: CK_ULONG_PTR) {
    if result == CKR_OK && gate.has(&Fault::FlippedBit) && !signature.is_null() {
        // SAFETY: the real module has just written the signature and its length, and no signature is empty.
        unsafe {
            let last = usize::try_from(*length).unwrap_or(1) - 1;
            *signature.add(last) ^= 1;
        }
    }
    report(gate, result, length);
}

fn report(gate: &Gate, result: CK_RV, count: CK_ULONG_PTR) {
    if let Some(wrong) = gate.count().filter(|_| result == CKR_OK && !count.is_null()) {
        // SAFETY: the real module has just written the true number there.
        unsafe { *count = wrong };
    }
}

/// `C_GenerateKeyPair`.
pub(crate) unsafe extern "C" fn generate_key_pair(
    session: CK_SESSION_HANDLE,
    mechanism: CK_MECHANISM_PTR,
    public: CK_ATTRIBUTE_PTR,
    public_count: CK_ULONG,
    private: CK_ATTRIBUTE_PTR,
    private_count: CK_ULONG,
    public_key: CK_OBJECT_HANDLE_PTR,
    private_key: CK_OBJECT_HANDLE_PTR,
) -> CK_RV {
    attempt_in(session, Call::GenerateKeyPair, |_| {
        Ok(forward!(C_GenerateKeyPair(
            session,
            mechanism,
            public,
            public_count,
            private,
            private_count,
            public_key,
            private_key,
        )))
    })
}

/// `C_GenerateRandom`.
pub(crate) unsafe extern "C" fn generate_random(
    session: CK_SESSION_HANDLE,
    bytes: CK_BYTE_PTR,
    length: CK_ULONG,
) -> CK_RV {
    attempt_in(session, Call::GenerateRandom, |_| Ok(forward!(C_GenerateRandom(session, bytes, length))))
}
