//! No input makes the reader panic, and what it accepts keeps the promises of its texts.

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::sample::{Index, select};
use ukey_formats::{Certificate, text};

const SEEDS: &[&[u8]] = &[
    include_bytes!("data/rsa-sign.der"),
    include_bytes!("data/p256-encrypt.der"),
    include_bytes!("data/p384-both.der"),
    include_bytes!("data/sm2-bmp.der"),
    include_bytes!("data/person.der"),
    include_bytes!("data/ca-ed25519.der"),
];

fn check(der: &[u8]) {
    let Ok(certificate) = Certificate::from_der(der) else { return };
    assert_eq!(certificate.der, der);
    assert_eq!(text::one_line(&certificate.issuer, 256), certificate.issuer);
    assert_eq!(text::one_line(&certificate.holder_name, 128), certificate.holder_name);
    assert!(certificate.serial_number.trim_start_matches('-').bytes().all(|digit| digit.is_ascii_hexdigit()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn random_bytes(bytes in vec(any::<u8>(), 0..600)) {
        check(&bytes);
    }

    #[test]
    fn flipped_bits(seed in select(SEEDS), flips in vec((any::<Index>(), 0_u8..8), 1..4)) {
        let mut der = seed.to_vec();
        for (place, bit) in flips {
            let place = place.index(der.len());
            der[place] ^= 1 << bit;
        }
        check(&der);
    }

    #[test]
    fn cut_and_joined(first in select(SEEDS), second in select(SEEDS), end in any::<Index>(), start in any::<Index>()) {
        check(&[&first[..end.index(first.len())], &second[start.index(second.len())..]].concat());
    }
}

#[test]
fn every_single_bit() {
    for seed in SEEDS {
        for bit in 0..seed.len() * 8 {
            let mut der = seed.to_vec();
            der[bit / 8] ^= 1 << (bit % 8);
            check(&der);
        }
    }
}
