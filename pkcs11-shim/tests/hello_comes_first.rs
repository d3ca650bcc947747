//! The module is loaded by the first request, which must be `Hello` of this version; anything else ends the process.

mod common;

use std::path::Path;

use common::{Shim, Token, kind};
use ukey_shim_protocol::{FailureKind, Reply, Request, VERSION};

#[test]
fn anything_else_first_ends_the_process_with_nothing_loaded() {
    let token = Token::new();
    for first in [Request::Slots, Request::Hello { version: VERSION + 1, sessions: 1 }] {
        let mut shim = Shim::start(&token);
        assert_eq!(kind(shim.call(first)), FailureKind::VersionMismatch);
        assert_eq!(shim.wait().code(), Some(1));
    }
    assert_eq!(token.calls("C_Initialize"), 0);
}

#[test]
fn a_library_that_is_no_module_is_named_as_that() {
    let token = Token::new();
    for library in ["/nonexistent/module.so", "/dev/null"] {
        let mut shim = Shim::start_with(&token, Path::new(library), std::process::id());
        let result = shim.call(Request::Hello { version: VERSION, sessions: 1 });
        assert_eq!(kind(result), FailureKind::LoadFailed, "{library}");
        assert_eq!(shim.wait().code(), Some(4));
    }
}

#[test]
fn hello_says_which_library_it_is() {
    let token = Token::new();
    let mut shim = Shim::start_with(&token, &common::softhsm(), std::process::id());
    let Reply::Hello { version, library, .. } = shim.hello(1) else { panic!() };
    assert_eq!(version, VERSION);
    assert_eq!(library.manufacturer, "SoftHSM");
    assert_eq!(kind(shim.call(Request::Hello { version, sessions: 1 })), FailureKind::BadRequest, "once is enough");
}
