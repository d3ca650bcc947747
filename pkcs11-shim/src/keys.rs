//! Private keys of a token that somebody is logged in to.

use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use serde_bytes::ByteBuf;
use ukey_shim_protocol::{Failure, FailureKind, KeyRef, LIST_MAX, SignScheme, Sm2Mechanism};

use crate::objects::NAME_MAX;
use crate::raw::RawFunctions;
use crate::{failure, public_key, signing};

/// The handle, good in any session of the login, of a private key that signs. A token may keep keys of several kinds under
/// one name, so the kind is read from each key: modules exist that ignore in a search what they don't know.
pub(crate) fn find(
    raw: &RawFunctions,
    session: &Session,
    name: &KeyRef,
    scheme: SignScheme,
) -> Result<ObjectHandle, Failure> {
    let not_found = || failure::without_module(FailureKind::KeyNotFound);
    if name.0.is_empty() {
        // An empty CKA_ID names no key: it would match every key without one.
        return Err(not_found());
    }
    let template = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(name.0.to_vec())];
    let mut found = session.find_objects(&template).map_err(|error| failure::of_call(&error))?;
    found.retain(|handle| raw.key_type(session, *handle) == Some(signing::key_type(scheme)) && signs(session, *handle));
    let first = *found.first().ok_or_else(not_found)?;
    match scheme {
        SignScheme::Sm2(Sm2Mechanism { public_key: Some(wanted), .. }) if found.len() > 1 => {
            Ok(public_key::owner(raw, session, &found, &wanted).unwrap_or(first))
        }
        _ => Ok(first),
    }
}

/// Whether two schemes mean the same key of a name.
pub(crate) fn same_kind(one: SignScheme, other: SignScheme) -> bool {
    match (one, other) {
        (SignScheme::Sm2(one), SignScheme::Sm2(other)) => one == other,
        _ => signing::key_type(one) == signing::key_type(other),
    }
}

/// A token may keep a signing and an encryption key under one name. Where it won't say, `C_SignInit` will.
fn signs(session: &Session, handle: ObjectHandle) -> bool {
    let attributes = session.get_attributes(handle, &[AttributeType::Sign]);
    !attributes.is_ok_and(|attributes| attributes.contains(&Attribute::Sign(false)))
}

/// The names of the keys that want the PIN for each signature. One of which the module can't say so isn't among them;
/// the attribute is read from each key, since modules exist that ignore in a search what they don't know.
pub(crate) fn always_authenticate(session: &Session) -> Vec<KeyRef> {
    let Ok(handles) = session.find_objects(&[Attribute::Class(ObjectClass::PRIVATE_KEY)]) else {
        return Vec::new();
    };
    let mut names: Vec<KeyRef> = Vec::new();
    for name in handles.into_iter().filter_map(|handle| name_if_always_authenticate(session, handle)) {
        if names.len() < LIST_MAX && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn name_if_always_authenticate(session: &Session, handle: ObjectHandle) -> Option<KeyRef> {
    let wanted = [AttributeType::AlwaysAuthenticate, AttributeType::Id];
    let attributes = session.get_attributes(handle, &wanted).ok()?;
    if !attributes.contains(&Attribute::AlwaysAuthenticate(true)) {
        return None;
    }
    attributes.into_iter().find_map(|attribute| match attribute {
        Attribute::Id(name) if (1..=NAME_MAX).contains(&name.len()) => Some(KeyRef(ByteBuf::from(name))),
        _ => None,
    })
}
