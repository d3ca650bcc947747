//! Vendor modules: one shim process each, supervised. Knows tokens as the module shows them, not who may use them.

mod frozen;
mod handle;
mod link;
mod process;
mod requests;
mod supervisor;
mod trust;
mod uevents;

pub(crate) use handle::{Host, InUse, ModuleHandle, ModuleSnapshot, Presence, Running, SeenToken, start};
pub(crate) use link::{Link, LinkError};
pub(crate) use trust::TrustedOwners;
pub(crate) use uevents::usb_events;
