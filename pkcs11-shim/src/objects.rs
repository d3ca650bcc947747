//! The certificates of a token that anybody may read.

use cryptoki::object::{Attribute, AttributeType, CertificateType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use cryptoki::slot::Slot;
use serde_bytes::ByteBuf;
use ukey_shim_protocol::{CERTIFICATE_MAX, CertificateObject, Failure, KeyRef, LIST_MAX};

use crate::failure;
use crate::module::Module;

/// Longest `CKA_ID` and label passed on, in bytes; with [`CERTIFICATE_MAX`] they keep a reply within a frame.
pub(crate) const NAME_MAX: usize = 255;

/// Reads the X.509 certificates of the token in a slot, in a session that is closed again.
pub(crate) fn certificates(module: &Module, slot: Slot) -> Result<Vec<CertificateObject>, Failure> {
    let session = module.open_session(slot)?;
    let template = [Attribute::Class(ObjectClass::CERTIFICATE), Attribute::CertificateType(CertificateType::X_509)];
    let handles = session.find_objects(&template).map_err(|error| failure::of_call(&error))?;
    // One that can't be read doesn't hide the others.
    Ok(handles.into_iter().filter_map(|handle| certificate(&session, handle)).take(LIST_MAX).collect())
}

fn certificate(session: &Session, handle: ObjectHandle) -> Option<CertificateObject> {
    let wanted = [AttributeType::Id, AttributeType::Label, AttributeType::Value];
    let (mut key, mut label, mut der) = (Vec::new(), Vec::new(), Vec::new());
    for attribute in session.get_attributes(handle, &wanted).ok()? {
        match attribute {
            Attribute::Id(value) => key = value,
            Attribute::Label(value) => label = value,
            Attribute::Value(value) => der = value,
            _ => {}
        }
    }
    let plausible = key.len() <= NAME_MAX && (1..=CERTIFICATE_MAX).contains(&der.len());
    plausible.then(|| CertificateObject {
        key: KeyRef(ByteBuf::from(key)),
        label: bounded_text(&label),
        der: ByteBuf::from(der),
    })
}

/// Text of at most [`NAME_MAX`] bytes; what is no UTF-8 becomes U+FFFD, which is longer than what it stands for.
fn bounded_text(bytes: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(&bytes[..bytes.len().min(NAME_MAX)]).into_owned();
    while text.len() > NAME_MAX {
        text.pop();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_cut_between_characters() {
        assert_eq!(bounded_text("签名".as_bytes()), "签名");
        assert_eq!(bounded_text("名".repeat(200).as_bytes()), "名".repeat(85));
        assert!(bounded_text(&[0xff; 300]).len() <= NAME_MAX);
    }
}
