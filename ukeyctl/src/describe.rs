//! How Keys and certificates are put into words, the same in every verb.

use crate::snapshot::{Certificate, Key};
use crate::style::Style;
use crate::table::Cell;
use crate::texts::word;
use ukey_agent::texts::Catalogue;
use ukey_dbus::{ModuleState, PinState, TokenState, Validity};

/// The state of a Key.
pub(crate) fn token_state(texts: &Catalogue, state: &str) -> Cell {
    let style = match state.parse() {
        Ok(TokenState::Ready | TokenState::LoggedIn) => Style::Good,
        Ok(TokenState::Uninitialized | TokenState::ModuleFailed) => Style::Bad,
        Ok(TokenState::Present) | Err(_) => Style::Plain,
    };
    Cell::styled(word(texts, "token-state", state), style)
}

/// The state of a PIN, without the tries.
pub(crate) fn pin_state(texts: &Catalogue, state: &str) -> Cell {
    let style = match state.parse() {
        Ok(PinState::Ok) => Style::Good,
        Ok(PinState::Low | PinState::ToBeChanged) => Style::Warn,
        Ok(PinState::FinalTry | PinState::Locked | PinState::NotSet) => Style::Bad,
        Ok(PinState::Unknown) | Err(_) => Style::Plain,
    };
    Cell::styled(word(texts, "pin-state", state), style)
}

/// Tries left, or that nobody knows.
pub(crate) fn tries(texts: &Catalogue, tries: Option<u32>) -> String {
    tries.map_or_else(|| texts.text("tries-unknown"), |tries| tries.to_string())
}

/// The state of a module.
pub(crate) fn module_state(texts: &Catalogue, state: &str) -> Cell {
    let style = match state.parse() {
        Ok(ModuleState::Ready) => Style::Good,
        Ok(ModuleState::Starting) => Style::Warn,
        Ok(ModuleState::Failed | ModuleState::Quarantined) => Style::Bad,
        Err(_) => Style::Plain,
    };
    Cell::styled(word(texts, "module-state", state), style)
}

/// Whether a certificate is in force.
pub(crate) fn validity(texts: &Catalogue, certificate: &Certificate) -> Cell {
    let style = match certificate.known_validity() {
        Some(Validity::Valid) => Style::Good,
        Some(Validity::Expiring) => Style::Warn,
        Some(Validity::Expired | Validity::NotYetValid) => Style::Bad,
        None => Style::Plain,
    };
    Cell::styled(word(texts, "validity", &certificate.validity), style)
}

/// Days left, or how long ago it ended.
pub(crate) fn days_left(texts: &Catalogue, certificate: &Certificate) -> String {
    let days = certificate.days_left;
    if days < 0 || certificate.known_validity() == Some(Validity::Expired) {
        texts.text_with("days-ago", &[("days", days.abs())])
    } else {
        texts.text_with("days-left", &[("days", days)])
    }
}

/// What a Key's certificates say about whose it is.
pub(crate) fn holders(key: &Key) -> String {
    let holders = key.holders();
    if holders.is_empty() { "-".to_owned() } else { holders.join(", ") }
}

/// A text, or a dash where there is none.
pub(crate) fn or_dash(text: &str) -> String {
    if text.is_empty() { "-".to_owned() } else { text.to_owned() }
}
