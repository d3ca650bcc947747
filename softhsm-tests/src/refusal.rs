//! Reading refusals.

use std::fmt::Debug;
use ukey_dbus::{Error, ErrorKind};
use zbus::Variant;

/// The kind of the contract with which a call was refused.
pub fn refusal<T: Debug>(result: zbus::Result<T>) -> ErrorKind {
    let error = result.expect_err("the call succeeded");
    let text = error.to_string();
    let error = Error::from(error);
    assert!(error.kind() != ErrorKind::Internal || text.contains("Error.Internal"), "no error of the contract: {text}");
    error.kind()
}

/// Options of a call.
pub type Options = std::collections::HashMap<&'static str, Variant<'static>>;

/// No options.
pub fn no_options() -> Options {
    Options::new()
}

/// One option.
pub fn option(name: &'static str, value: impl Into<Variant<'static>>) -> Options {
    Options::from([(name, value.into())])
}
