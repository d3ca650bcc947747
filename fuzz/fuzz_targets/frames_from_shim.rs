//! The daemon's end: whatever a shim sends is a message or an error, and costs no more than its size.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ukey_fuzz::{Input, frames};
use ukey_shim_protocol::FromShim;

fuzz_target!(|data: &[u8]| {
    if let Some(input) = Input::new(data) {
        frames::<FromShim>(input);
    }
});
