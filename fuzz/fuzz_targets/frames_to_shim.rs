//! The shim's end: whatever arrives there is a call or an error, and costs no more than its size.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ukey_fuzz::{Input, frames};
use ukey_shim_protocol::Call;

fuzz_target!(|data: &[u8]| {
    if let Some(input) = Input::new(data) {
        frames::<Call>(input);
    }
});
