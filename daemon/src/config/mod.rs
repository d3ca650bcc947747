//! What the administrator decides: `ukeyd.toml` and `modules.d/*.toml`. Nothing that a caller says comes here.

mod confinement;
mod error;
mod expiry;
mod found;
mod module_file;
mod modules_d;
mod settings;
#[cfg(test)]
mod shipped;
mod sm2;

pub(crate) use confinement::Allowance;
pub(crate) use error::ConfigError;
pub(crate) use expiry::ExpirySettings;
pub(crate) use found::Found;
pub(crate) use module_file::{Files, FlagSource, ModuleConfig, ModuleProfile, SlotList, Tries};
pub(crate) use modules_d::read_modules;
pub(crate) use settings::{LoginSettings, Revocation, Settings, TrustSettings};
pub(crate) use sm2::Sm2Profile;
