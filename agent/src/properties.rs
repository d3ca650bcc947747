//! Reading the properties of one interface, forgiving what an older or newer service does not send.

use std::collections::HashMap;
use ukey_formats::text::one_line;
use zbus::{OwnedObjectPath, OwnedVariant, Variant};

/// Longest text shown of one property, in characters.
pub const TEXT_MAX: usize = 256;

/// The properties of one interface of one object. Texts are hostile: they come out as one line.
#[derive(Clone, Copy)]
pub struct Properties<'a>(&'a HashMap<String, OwnedVariant>);

impl<'a> Properties<'a> {
    /// Reads from this map.
    pub fn new(properties: &'a HashMap<String, OwnedVariant>) -> Self {
        Self(properties)
    }

    fn get(self, name: &str) -> Option<&'a Variant<'static>> {
        self.0.get(name).map(|value| &**value)
    }

    /// A text, made one line of at most [`TEXT_MAX`] characters; empty when missing.
    pub fn text(self, name: &str) -> String {
        match self.get(name) {
            Some(Variant::Str(text)) => one_line(text.as_str(), TEXT_MAX),
            _ => String::new(),
        }
    }

    /// A list of texts; empty when missing.
    pub fn texts(self, name: &str) -> Vec<String> {
        match self.get(name) {
            Some(Variant::Array(texts)) => texts
                .iter()
                .filter_map(|text| match text {
                    Variant::Str(text) => Some(one_line(text.as_str(), TEXT_MAX)),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// An object path; `/` when missing.
    pub fn path(self, name: &str) -> OwnedObjectPath {
        match self.get(name) {
            Some(Variant::ObjectPath(path)) => path.to_owned().into(),
            _ => OwnedObjectPath::default(),
        }
    }

    /// A count that is negative when it is not known.
    pub fn known_count(self, name: &str) -> Option<u32> {
        match self.get(name) {
            Some(Variant::I32(count)) => u32::try_from(*count).ok(),
            _ => None,
        }
    }

    /// A 32-bit number; 0 when missing.
    pub fn number(self, name: &str) -> u32 {
        match self.get(name) {
            Some(Variant::U32(number)) => *number,
            _ => 0,
        }
    }

    /// A 64-bit number; 0 when missing.
    pub fn long(self, name: &str) -> u64 {
        match self.get(name) {
            Some(Variant::U64(number)) => *number,
            _ => 0,
        }
    }

    /// Whether this is set and true.
    pub fn flag(self, name: &str) -> bool {
        matches!(self.get(name), Some(Variant::Bool(true)))
    }
}
