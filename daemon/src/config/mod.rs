//! What the administrator decides: `ukeyd.toml` and `modules.d/*.toml`. Nothing that a caller says comes here.

mod error;
mod module_file;
mod settings;

pub(crate) use error::ConfigError;
pub(crate) use module_file::{FlagSource, ModuleConfig, ModuleProfile, SlotList, Tries, read_modules};
pub(crate) use settings::{LoginSettings, Settings};
