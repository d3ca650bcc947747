//! Revocation lists of the CA trees of `data/chain`: good, revoked, and each reason for not knowing.

use ukey_formats::chain::{ChainCheck, Crl, PathRole, RevocationCheck, RevocationReason, TrustStore};
use ukey_formats::{Certificate, ParseError};

/// 2026-06-15: the lists are of June.
const JUNE: u64 = 1_781_481_600;
/// 2026-05-01, when the revoked ones were.
const REVOKED: u64 = 1_777_593_600;
/// 2026-07-01 and 2026-08-01.
const JULY: u64 = 1_782_864_000;
const AUGUST: u64 = 1_785_542_400;

macro_rules! certificate {
    ($name:expr) => {
        match Certificate::from_der(include_bytes!(concat!("data/chain/", $name, ".der"))) {
            Ok(certificate) => certificate,
            Err(error) => panic!("{error}"),
        }
    };
}

macro_rules! list {
    ($name:expr) => {
        list(include_bytes!(concat!("data/chain/", $name, ".crl")))
    };
}

fn list(der: &[u8]) -> Crl {
    match Crl::from_der(der) {
        Ok(crl) => crl,
        Err(error) => panic!("{error}"),
    }
}

/// What these lists say of a leaf below the CA on P-256.
fn below_ca(leaf: &Certificate, crls: Vec<Crl>, at: u64) -> RevocationCheck {
    let store = TrustStore::new(vec![certificate!("root-ec")], vec![certificate!("ca-ec")], crls);
    let report = store.check(leaf, &[], at);
    assert_eq!(report.chain, ChainCheck::Ok);
    report.revocation
}

fn revoked(reason: RevocationReason, role: PathRole) -> RevocationCheck {
    RevocationCheck::Revoked { since: REVOKED, reason, role }
}

#[test]
fn lists_of_each_algorithm_tell_good_from_revoked() {
    for (ca, root, leaf, bad, crl) in [
        (
            certificate!("ca-rsa"),
            certificate!("root-rsa"),
            certificate!("leaf-rsa"),
            certificate!("revoked-rsa"),
            list!("rsa"),
        ),
        (
            certificate!("ca-ec"),
            certificate!("root-ec"),
            certificate!("leaf-ec"),
            certificate!("revoked-ec"),
            list!("ec"),
        ),
        (
            certificate!("ca-sm2"),
            certificate!("root-sm2"),
            certificate!("leaf-sm2"),
            certificate!("revoked-sm2"),
            list!("sm2"),
        ),
    ] {
        assert_eq!((crl.entries(), crl.next_update), (1, Some(JULY)));
        assert_eq!(crl.issuer, leaf.issuer);
        let compromised = revoked(RevocationReason::KeyCompromise, PathRole::Leaf);
        let known = TrustStore::new(vec![root.clone()], vec![ca.clone()], vec![crl.clone()]);
        assert!(known.check(&leaf, &[], JUNE).is_good());
        assert_eq!(known.check(&bad, &[], JUNE).revocation, compromised);
        // A CA that comes with the message signs lists as well.
        let unknown = TrustStore::new(vec![root], Vec::new(), vec![crl]);
        assert!(unknown.check(&leaf, std::slice::from_ref(&ca), JUNE).is_good());
        assert_eq!(unknown.check(&bad, &[ca], JUNE).revocation, compromised);
    }
}

#[test]
fn time_decides() {
    let (leaf, bad) = (certificate!("leaf-ec"), certificate!("revoked-ec"));
    let compromised = revoked(RevocationReason::KeyCompromise, PathRole::Leaf);
    for (at, of_leaf, of_bad) in [
        (REVOKED - 1, RevocationCheck::Good, RevocationCheck::Good),
        (REVOKED, RevocationCheck::Good, compromised),
        (JULY, RevocationCheck::Good, compromised),
        (JULY + 1, RevocationCheck::CrlExpired, compromised),
    ] {
        assert_eq!(below_ca(&leaf, vec![list!("ec")], at), of_leaf, "{at}");
        assert_eq!(below_ca(&bad, vec![list!("ec")], at), of_bad, "{at}");
    }
}

#[test]
fn the_newest_list_counts() {
    let later = || vec![list!("ec"), list!("later")];
    assert_eq!(below_ca(&certificate!("leaf-ec"), later(), JULY + 1), RevocationCheck::Good);
    assert_eq!(below_ca(&certificate!("leaf-ec"), later(), AUGUST + 1), RevocationCheck::CrlExpired);
    // The later one has it no more.
    assert_eq!(below_ca(&certificate!("revoked-ec"), later(), JUNE), RevocationCheck::Good);
}

#[test]
fn a_list_has_to_be_there_and_of_the_issuer() {
    let leaf = certificate!("leaf-ec");
    assert_eq!(below_ca(&leaf, Vec::new(), JUNE), RevocationCheck::NoCrl);
    assert_eq!(below_ca(&leaf, vec![list!("rsa"), list!("root-ec")], JUNE), revoked_ca());
    assert_eq!(below_ca(&leaf, vec![list!("impostor")], JUNE), RevocationCheck::CrlBadSignature);
    assert_eq!(below_ca(&leaf, vec![list!("impostor"), list!("ec")], JUNE), RevocationCheck::Good);
    let store = TrustStore::new(vec![certificate!("no-lists")], Vec::new(), vec![list!("no-lists")]);
    let report = store.check(&certificate!("below-no-lists"), &[], JUNE);
    assert_eq!((report.chain, report.revocation), (ChainCheck::Ok, RevocationCheck::CrlBadSignature));
}

fn revoked_ca() -> RevocationCheck {
    revoked(RevocationReason::CaCompromise, PathRole::Issuer)
}

#[test]
fn a_revoked_ca_takes_its_certificates_with_it() {
    let leaf = certificate!("leaf-ec");
    assert_eq!(below_ca(&leaf, vec![list!("ec"), list!("root-ec")], JUNE), revoked_ca());
    let both = below_ca(&certificate!("revoked-ec"), vec![list!("ec"), list!("root-ec")], JUNE);
    assert_eq!(both, revoked(RevocationReason::KeyCompromise, PathRole::Leaf));
}

#[test]
fn a_list_of_a_distribution_point_speaks_for_its_certificates_only() {
    let (pointed, other) = (certificate!("pointed"), certificate!("leaf-ec"));
    assert_eq!(pointed.crl_uris, ["http://crl.example.test/1.crl"]);
    let superseded = revoked(RevocationReason::Superseded, PathRole::Leaf);
    assert_eq!(below_ca(&pointed, vec![list!("point-1"), list!("point-2")], JUNE), superseded);
    assert_eq!(below_ca(&pointed, vec![list!("point-2")], JUNE), RevocationCheck::NoCrl);
    assert_eq!(below_ca(&other, vec![list!("point-1")], JUNE), RevocationCheck::NoCrl);
    assert_eq!(below_ca(&other, vec![list!("cas-only")], JUNE), RevocationCheck::NoCrl);
}

#[test]
fn lists_of_a_kind_that_is_not_supported_are_named() {
    let leaf = certificate!("leaf-ec");
    for crl in [list!("indirect"), list!("delta"), list!("unknown")] {
        assert_eq!(below_ca(&leaf, vec![crl], JUNE), RevocationCheck::CrlUnsupported);
    }
}

#[test]
fn any_changed_byte_of_a_list_is_noticed() {
    let der = include_bytes!("data/chain/sm2.crl");
    let (root, ca, bad) = (certificate!("root-sm2"), certificate!("ca-sm2"), certificate!("revoked-sm2"));
    for byte in 0..der.len() {
        let mut changed = der.to_vec();
        changed[byte] ^= 1 << (byte % 8);
        let Ok(crl) = Crl::from_der(&changed) else { continue };
        let check = TrustStore::new(vec![root.clone()], vec![ca.clone()], vec![crl]).check(&bad, &[], JUNE).revocation;
        let believed = !matches!(
            check,
            RevocationCheck::NoCrl | RevocationCheck::CrlBadSignature | RevocationCheck::CrlUnsupported
        );
        assert!(!believed, "byte {byte}: {check:?}");
    }
}

/// DER with a definite length in as few octets as it needs.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let octets: Vec<u8> = content.len().to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
    let length = match content.len() {
        0..0x80 => vec![u8::try_from(content.len()).unwrap_or_default()],
        _ => [&[0x80 | u8::try_from(octets.len()).unwrap_or_default()], octets.as_slice()].concat(),
    };
    [&[tag], length.as_slice(), content].concat()
}

/// A list with these serial numbers (of four bytes), in their order. Its signature fits nothing.
fn unsigned(serials: impl Iterator<Item = u32>) -> Vec<u8> {
    let time = der(0x17, b"260601000000Z");
    let algorithm = der(0x30, &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]);
    let entry = |serial: u32| der(0x30, &[der(2, &(serial | 1 << 24).to_be_bytes()), time.clone()].concat());
    let entries: Vec<u8> = serials.flat_map(entry).collect();
    let list = [&algorithm, &der(0x30, &[]), &time, &time, &der(0x30, &entries)].map(Vec::as_slice).concat();
    der(0x30, &[der(0x30, &list), algorithm, der(3, &[0])].concat())
}

#[test]
fn a_list_of_half_a_million_is_read_in_a_moment() {
    let count = 500_000;
    let der = unsigned((0..count).rev());
    assert!(der.len() > 10_000_000);
    let started = std::time::Instant::now();
    let crl = list(&der);
    assert_eq!(crl.entries(), count as usize);
    // Some hundred milliseconds without optimisation; hours if it were quadratic.
    assert!(started.elapsed().as_secs() < 30);
}

#[test]
fn a_list_that_is_too_large_or_broken_is_refused() {
    let length = Crl::MAX_LENGTH + 1;
    assert_eq!(Crl::from_der(&vec![0x30; length]), Err(ParseError::CrlTooLarge { length }));
    let good = unsigned(0..3);
    assert!(Crl::from_der(&good).is_ok());
    for broken in [&good[..good.len() - 1], &[], &[&good[..], &[0]].concat()] {
        assert!(matches!(Crl::from_der(broken), Err(ParseError::Der(_))));
    }
    assert!(Crl::from_der(include_bytes!("data/chain/leaf-ec.der")).is_err());
}
