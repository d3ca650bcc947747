//! `[match]` and `[sm2]`: what PKCS#11 leaves to each vendor, and for which Keys it was written down.

use serde::Deserialize;
use std::path::Path;
use ukey_formats::ecdsa::SignatureForm;
use ukey_shim_protocol::TokenInfo;
use wildmatch::WildMatch;

/// How the Keys of a vendor sign with SM2, for which PKCS#11 has no numbers.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Sm2Profile {
    /// `CKA_KEY_TYPE` of SM2 keys.
    pub key_type: u64,
    /// The mechanism that signs e = SM3(Z ‖ M), without a parameter.
    pub mechanism: u64,
    /// What the mechanism takes. Only to have it said.
    #[serde(default, rename = "input")]
    _input: Input,
    /// What the mechanism gives.
    #[serde(default)]
    pub signature: Output,
    /// Attribute of public key objects that holds the point, or its x: tells keys of one name and type apart.
    pub public_key: Option<u64>,
}

/// Mechanisms that hash by themselves are not used: nobody could see what they hash.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Input {
    /// e, 32 bytes.
    #[default]
    Digest,
}

/// The form of a module's signature.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Output {
    /// Found out from each signature.
    #[default]
    Auto,
    /// r ‖ s, 64 bytes.
    Raw,
    /// SEQUENCE of two INTEGERs, read leniently.
    Der,
    /// `ECCSIGNATUREBLOB` of GM/T 0016, 128 bytes.
    Blob,
}

impl Output {
    /// The one form; `None` for any.
    pub(crate) fn form(self) -> Option<SignatureForm> {
        match self {
            Self::Auto => None,
            Self::Raw => Some(SignatureForm::Raw),
            Self::Der => Some(SignatureForm::Der),
            Self::Blob => Some(SignatureForm::Blob),
        }
    }
}

/// `[match]`: patterns with `*` and `?`, upper and lower case alike. Each key that is there has to fit.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Match {
    /// The whole path of the module's library.
    library: Option<Patterns>,
    /// What the Key says of itself.
    manufacturer: Option<Patterns>,
    model: Option<Patterns>,
    /// Firmware version, as `major.minor`.
    version: Option<Patterns>,
    hardware_version: Option<Patterns>,
}

/// One pattern or several, of which one has to fit.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
enum Patterns {
    One(String),
    Several(Vec<String>),
}

impl Patterns {
    fn fit(&self, text: &str) -> bool {
        let fits = |pattern: &String| WildMatch::new_case_insensitive(pattern).matches(text);
        match self {
            Self::One(pattern) => fits(pattern),
            Self::Several(patterns) => patterns.iter().any(fits),
        }
    }
}

impl Match {
    /// Keys of the table that are there: the more, the more specific.
    pub(super) fn specificity(&self) -> usize {
        [&self.library, &self.manufacturer, &self.model, &self.version, &self.hardware_version]
            .into_iter()
            .flatten()
            .count()
    }

    /// Can it fit a Key of this library?
    pub(super) fn fits_library(&self, library: &Path) -> bool {
        fits(self.library.as_ref(), &library.to_string_lossy())
    }

    /// Does it fit this Key, whatever its library?
    fn fits_token(&self, token: &TokenInfo) -> bool {
        let text = |(major, minor): (u8, u8)| format!("{major}.{minor}");
        fits(self.manufacturer.as_ref(), &token.manufacturer)
            && fits(self.model.as_ref(), &token.model)
            && fits(self.version.as_ref(), &text(token.firmware_version))
            && fits(self.hardware_version.as_ref(), &text(token.hardware_version))
    }
}

fn fits(patterns: Option<&Patterns>, text: &str) -> bool {
    patterns.is_none_or(|patterns| patterns.fit(text))
}

/// A profile that may fit Keys of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sm2Rule {
    /// Name of the file that it is in.
    pub name: String,
    pub(super) matches: Match,
    pub profile: Sm2Profile,
    /// Somebody ran it on the real hardware.
    pub verified: bool,
}

/// The rule for a Key: the first that fits.
pub(super) fn rule_for<'a>(rules: &'a [Sm2Rule], token: &TokenInfo) -> Option<&'a Sm2Rule> {
    rules.iter().find(|rule| rule.matches.fits_token(token))
}
