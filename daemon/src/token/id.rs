//! What a Key is called on the bus.

use aws_lc_rs::digest::{Context, SHA256};
use base16ct::lower::encode_string as hex;
use std::fmt;
use ukey_shim_protocol::TokenInfo;

/// 16 hexadecimal digits of SHA-256 over what identifies a Key. Stays the same in another port and after a restart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TokenId(String);

impl TokenId {
    /// The ids of all tokens of a module, in their order. Tokens that say the same of themselves, a serial number among
    /// it, are slots of one Key and have one id; without a serial number they are told apart by their order alone.
    pub(crate) fn of_all<'a>(module: &str, tokens: impl Iterator<Item = &'a TokenInfo>) -> Vec<Self> {
        let mut ids: Vec<Self> = Vec::new();
        for token in tokens {
            if is_serial_number(&token.serial_number) {
                ids.push(Self::of(module, token, 0));
                continue;
            }
            let id = (0..).map(|ordinal| Self::of(module, token, ordinal)).find(|id| !ids.contains(id));
            // The range is longer than any list of tokens.
            ids.extend(id);
        }
        ids
    }

    /// What this Key's tokens say among all of a module, as one: its slots share their PINs, so what any of them warns
    /// of is so.
    pub(super) fn pick(&self, module: &str, tokens: Vec<TokenInfo>) -> Option<TokenInfo> {
        let ids = Self::of_all(module, tokens.iter());
        let slots = ids.iter().zip(tokens).filter_map(|(id, info)| (id == self).then_some(info));
        slots.reduce(|mut first, other| {
            first.flags.user = first.flags.user.or(other.flags.user);
            first.flags.so = first.flags.so.or(other.flags.so);
            first
        })
    }

    fn of(module: &str, token: &TokenInfo, ordinal: u32) -> Self {
        let mut context = Context::new(&SHA256);
        for part in [module, &token.manufacturer, &token.model, &token.serial_number, &token.label] {
            // The length keeps ("ab", "c") and ("a", "bc") apart.
            context.update(&(part.len() as u64).to_le_bytes());
            context.update(part.as_bytes());
        }
        if ordinal > 0 {
            context.update(&ordinal.to_le_bytes());
        }
        Self(hex(&context.finish().as_ref()[..8]))
    }

    /// The 16 digits.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Some Keys have none, or zeros for one.
fn is_serial_number(text: &str) -> bool {
    text.chars().any(|character| character.is_alphanumeric() && character != '0')
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ukey_shim_protocol::{TokenFlags, TokenRef};

    fn token(serial: &str, label: &str) -> TokenInfo {
        TokenInfo {
            token: TokenRef(1),
            label: label.into(),
            manufacturer: "m".into(),
            model: "x".into(),
            serial_number: serial.into(),
            hardware_version: (1, 0),
            firmware_version: (1, 0),
            flags: TokenFlags::default(),
            pin_length: None,
        }
    }

    #[test]
    fn slots_of_one_key_have_one_id() {
        let (a, b) = (token("1", "k"), token("2", "k"));
        let ids = TokenId::of_all("soft", [&a, &b, &a].into_iter());
        assert_eq!(ids.len(), 3);
        assert_eq!(ids[0], ids[2]);
        assert_ne!(ids[0], ids[1]);
        assert_eq!(TokenId::of_all("soft", [&b, &a].into_iter())[1], ids[0]);
        assert_eq!(ids[0].as_str().len(), 16);
    }

    #[test]
    fn what_one_slot_warns_of_is_so_for_the_key() {
        let (mut first, mut second) = (token("1", "k"), token("1", "k"));
        first.flags.user.count_low = true;
        second.flags.user.final_try = true;
        second.flags.so.locked = true;
        let [id, _] = TokenId::of_all("soft", [&first, &second].into_iter()).try_into().unwrap();
        let flags = id.pick("soft", vec![token("2", "k"), first, second]).unwrap().flags;
        assert!(flags.user.count_low && flags.user.final_try && flags.so.locked && !flags.user.locked);
        assert!(id.pick("soft", vec![token("2", "k")]).is_none());
    }

    #[test]
    fn without_a_serial_number_equal_tokens_differ() {
        for none in ["", "0000 0000"] {
            let token = token(none, "k");
            let ids = TokenId::of_all("soft", [&token, &token].into_iter());
            assert_ne!(ids[0], ids[1]);
            assert_eq!(TokenId::of_all("soft", [&token].into_iter())[0], ids[0]);
        }
    }

    #[test]
    fn a_boundary_moved_between_fields_changes_the_id() {
        let ids = TokenId::of_all("soft", [&token("1a", "b"), &token("1", "ab")].into_iter());
        assert_ne!(ids[0], ids[1]);
    }
}
