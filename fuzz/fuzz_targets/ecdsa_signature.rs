//! A raw signature from a module: refused, or turned into DER that holds the same two numbers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ukey_formats::ecdsa::raw_to_der;

fuzz_target!(|data: &[u8]| {
    let Some((curve_bytes, raw)) = data.split_first() else { return };
    let curve_bytes = usize::from(*curve_bytes);
    let Ok(der) = raw_to_der(raw, curve_bytes) else { return };
    assert_eq!(raw.len(), 2 * curve_bytes);
    let (r, s) = raw.split_at(curve_bytes);
    let value = [integer(r), integer(s)].concat();
    assert_eq!(der, [&[0x30], &length(value.len())[..], &value].concat());
});

/// INTEGER of X.690, 8.3, written a second time: the shortest form that is positive.
fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = &number[zeros..];
    let sign: &[u8] = if digits.first().is_some_and(|byte| *byte >= 0x80) { &[0] } else { &[] };
    [&[0x02], &length(sign.len() + digits.len())[..], sign, digits].concat()
}

/// Length octets of X.690, 10.1.
fn length(length: usize) -> Vec<u8> {
    match length {
        0..0x80 => vec![length as u8],
        0x80..0x100 => vec![0x81, length as u8],
        _ => vec![0x82, (length >> 8) as u8, length as u8],
    }
}
