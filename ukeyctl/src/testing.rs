//! Surroundings for unit tests.

use crate::context::{Context, Format};
use crate::style::Paint;
use crate::texts::catalogue;
use ukey_agent::Bus;
use ukey_agent::texts::Language;

/// English text without colour.
pub(crate) fn context() -> Context {
    Context { bus: Bus::System, format: Format::Text, texts: catalogue(Language::English), paint: Paint::Off }
}
