//! The answer of `Manager.VerifyMessage`, read into its fields: content of several MiB as bytes, not as a value for each.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use ukey_formats::text::one_line;
use zbus::Type;
use zbus::as_variant::optional;

/// Longest text that is shown of a message, in characters.
const TEXT_MAX: usize = 128;

/// What is right and wrong with a message. What a service does not say is empty, false or absent.
#[derive(Debug, Default, Deserialize, Type)]
#[zbus(signature = "a{sv}")]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Answer {
    #[serde(with = "optional")]
    pub(super) valid: Option<bool>,
    #[serde(with = "optional")]
    pub(super) attached: Option<bool>,
    #[serde(with = "optional")]
    pub(super) content: Option<ByteBuf>,
    #[serde(with = "optional")]
    pub(super) encoding: Option<String>,
    #[serde(with = "optional")]
    pub(super) deviations: Option<Vec<String>>,
    #[serde(with = "optional")]
    pub(super) signers: Option<Vec<Signer>>,
}

/// What is right and wrong with one signature of a message, and with the certificate that made it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, Type)]
#[zbus(signature = "a{sv}")]
#[serde(default, rename_all(deserialize = "kebab-case"))]
pub(super) struct Signer {
    #[serde(deserialize_with = "optional::deserialize")]
    pub(super) digest_ok: Option<bool>,
    #[serde(deserialize_with = "optional::deserialize")]
    pub(super) digest: Option<String>,
    #[serde(deserialize_with = "optional::deserialize")]
    pub(super) signature_ok: Option<bool>,
    #[serde(deserialize_with = "optional::deserialize")]
    pub(super) signature: Option<String>,
    #[serde(deserialize_with = "optional::deserialize")]
    pub(super) content_type: Option<String>,
    #[serde(deserialize_with = "optional::deserialize")]
    pub(super) certificate_reference: Option<String>,
    #[serde(deserialize_with = "optional::deserialize")]
    pub(super) algorithms: Option<String>,
    #[serde(deserialize_with = "optional::deserialize")]
    pub(super) key_use: Option<String>,
    #[serde(deserialize_with = "optional::deserialize", skip_serializing)]
    pub(super) signing_time: Option<u64>,
    #[serde(deserialize_with = "optional::deserialize")]
    pub(super) certificate_ok: Option<bool>,
    #[serde(deserialize_with = "optional::deserialize")]
    pub(super) dates: Option<String>,
    #[serde(deserialize_with = "optional::deserialize")]
    pub(super) chain: Option<String>,
    #[serde(deserialize_with = "optional::deserialize")]
    pub(super) revocation: Option<String>,
    #[serde(deserialize_with = "optional::deserialize")]
    pub(super) fingerprint: Option<String>,
    #[serde(deserialize_with = "optional::deserialize")]
    pub(super) holder_name: Option<String>,
    #[serde(deserialize_with = "optional::deserialize")]
    pub(super) holder_id: Option<String>,
}

impl Signer {
    /// The same with names made one bounded line: they come from whoever made the message.
    pub(super) fn cleaned(mut self) -> Self {
        let texts = [&mut self.fingerprint, &mut self.holder_name, &mut self.holder_id];
        for text in texts.into_iter().flatten() {
            *text = one_line(text, TEXT_MAX);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use zbus::Variant;
    use zbus::wire::LE;
    use zbus::wire::serialized::Context;
    use zbus::wire::to_bytes;

    #[test]
    fn an_answer_is_read_and_what_is_new_or_missing_does_no_harm() {
        let signer: HashMap<&str, Variant<'_>> = HashMap::from([
            ("digest-ok", Variant::from(true)),
            ("digest", "in-signature".into()),
            ("signing-time", 1_800_000_000_u64.into()),
            ("holder-name", "县\n医院".into()),
            ("a-newer-fact", vec![1_u8, 2].into()),
        ]);
        let answer: HashMap<&str, Variant<'_>> = HashMap::from([
            ("valid", Variant::from(false)),
            ("content", vec![7_u8; 100].into()),
            ("signers", vec![signer].into()),
            ("another", HashMap::from([("x", Variant::from(1_i32))]).into()),
        ]);
        let bytes = to_bytes(Context::new(LE, 0), &answer).unwrap();
        let answer: Answer = bytes.deserialize().unwrap().0;
        assert_eq!((answer.valid, answer.attached), (Some(false), None));
        assert_eq!(answer.content.unwrap().as_slice(), [7; 100]);
        let signer = answer.signers.unwrap().remove(0).cleaned();
        assert_eq!((signer.digest.as_deref(), signer.signature), (Some("in-signature"), None));
        assert_eq!((signer.signing_time, signer.holder_name.as_deref()), (Some(1_800_000_000), Some("县 医院")));
    }
}
