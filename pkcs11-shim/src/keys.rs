//! Private keys of a token that somebody is logged in to.

use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use serde_bytes::ByteBuf;
use ukey_shim_protocol::{Failure, FailureKind, KeyRef, LIST_MAX};

use crate::failure;
use crate::objects::NAME_MAX;

/// The handle, good in any session of the login, of a private key that signs.
pub(crate) fn find(session: &Session, name: &KeyRef, key_type: KeyType) -> Result<ObjectHandle, Failure> {
    let not_found = || failure::without_module(FailureKind::KeyNotFound);
    if name.0.is_empty() {
        // An empty CKA_ID names no key: it would match every key without one.
        return Err(not_found());
    }
    let template =
        [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::KeyType(key_type), Attribute::Id(name.0.to_vec())];
    let found = session.find_objects(&template).map_err(|error| failure::of_call(&error))?;
    found.into_iter().find(|handle| signs(session, *handle)).ok_or_else(not_found)
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
