//! Vendor modules: one shim process each, supervised. Knows tokens as the module shows them, not who may use them.

mod link;
mod process;
mod supervisor;
mod trust;

pub(crate) use link::{Link, LinkError};
pub(crate) use supervisor::{Host, ModuleHandle, ModuleSnapshot, Running, SeenToken, start};
pub(crate) use trust::TrustedOwners;
