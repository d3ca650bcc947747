//! Paths through the CA trees of `data/chain`: each reason for which a certificate is not trusted.

use ukey_formats::chain::{ChainCheck, ChainReport, DatesCheck, PathRole, RevocationCheck, TrustStore};
use ukey_formats::{Certificate, VerifyError};

/// 2026-06-15, when everything but what is meant to have expired is valid.
const JUNE: u64 = 1_781_481_600;

macro_rules! certificate {
    ($name:expr) => {
        read(include_bytes!(concat!("data/chain/", $name, ".der")))
    };
}

fn read(der: &[u8]) -> Certificate {
    match Certificate::from_der(der) {
        Ok(certificate) => certificate,
        Err(error) => panic!("{error}"),
    }
}

/// Checks with one anchor and these candidates.
fn check(leaf: &Certificate, candidates: &[Certificate], anchor: Certificate) -> ChainReport {
    TrustStore::new(vec![anchor], Vec::new(), Vec::new()).check(leaf, candidates, JUNE)
}

/// [`check`] with the root that most hang on.
fn under_root(leaf: &Certificate, candidates: &[Certificate]) -> ChainCheck {
    check(leaf, candidates, certificate!("root-ec")).chain
}

#[test]
fn a_tree_of_each_algorithm_is_trusted() {
    for (leaf, ca, root) in [
        (certificate!("leaf-rsa"), certificate!("ca-rsa"), certificate!("root-rsa")),
        (certificate!("leaf-ec"), certificate!("ca-ec"), certificate!("root-ec")),
        (certificate!("leaf-sm2"), certificate!("ca-sm2"), certificate!("root-sm2")),
        (certificate!("leaf-pss"), certificate!("ca-rsa"), certificate!("root-rsa")),
    ] {
        let from_message = check(&leaf, std::slice::from_ref(&ca), root.clone());
        assert_eq!(from_message.chain, ChainCheck::Ok, "{leaf:?}");
        assert_eq!(from_message.dates, DatesCheck::Ok);
        assert_eq!(from_message.revocation, RevocationCheck::NoCrl);
        assert_eq!(from_message.issuers, [ca.clone(), root.clone()]);
        let from_store = TrustStore::new(vec![root], vec![ca.clone()], Vec::new()).check(&leaf, &[], JUNE);
        assert_eq!(from_store, from_message);
        // Any CA may be an anchor, and so may the certificate itself.
        let shorter = check(&leaf, &[], ca.clone());
        assert_eq!((shorter.chain, shorter.issuers), (ChainCheck::Ok, vec![ca]));
        let itself = check(&leaf, &[], leaf.clone());
        assert_eq!((itself.chain, itself.issuers), (ChainCheck::Ok, Vec::new()));
    }
}

#[test]
fn without_anchors_nothing_is_trusted() {
    let store = TrustStore::new(Vec::new(), vec![certificate!("ca-ec"), certificate!("root-ec")], Vec::new());
    let report = store.check(&certificate!("leaf-ec"), &[], JUNE);
    assert_eq!((report.chain, report.revocation), (ChainCheck::NoAnchors, RevocationCheck::Unchecked));
    // What is known of the path is still there, for messages that carry it.
    assert_eq!(report.issuers, [certificate!("ca-ec"), certificate!("root-ec")]);
}

#[test]
fn an_issuer_that_is_missing_or_no_anchor_is_unknown() {
    assert_eq!(under_root(&certificate!("leaf-ec"), &[]), ChainCheck::IssuerUnknown);
    assert_eq!(under_root(&certificate!("leaf-rsa"), &[certificate!("ca-rsa")]), ChainCheck::IssuerUnknown);
    let with_root = [certificate!("ca-rsa"), certificate!("root-rsa")];
    assert_eq!(under_root(&certificate!("leaf-rsa"), &with_root), ChainCheck::IssuerUnknown);
    // The key identifiers differ.
    assert_eq!(check(&certificate!("leaf-ec"), &[], certificate!("leaf-ec")).chain, ChainCheck::Ok);
    assert_eq!(check(&certificate!("ca-ec"), &[], certificate!("root-rsa")).chain, ChainCheck::IssuerUnknown);
}

#[test]
fn another_key_under_the_name_of_the_ca_has_not_signed() {
    let plain = certificate!("leaf-plain");
    assert_eq!(under_root(&plain, &[certificate!("impostor")]), ChainCheck::BadSignature);
    // It doesn't stand in the way of the right one.
    assert_eq!(under_root(&plain, &[certificate!("impostor"), certificate!("ca-ec")]), ChainCheck::Ok);
    assert_eq!(plain.verify_signed_by(&certificate!("impostor").public_key), Err(VerifyError::Invalid));
}

#[test]
fn any_changed_byte_of_what_is_signed_is_noticed() {
    for (der, ca, root) in [
        (&include_bytes!("data/chain/leaf-sm2.der")[..], certificate!("ca-sm2"), certificate!("root-sm2")),
        (&include_bytes!("data/chain/leaf-ec.der")[..], certificate!("ca-ec"), certificate!("root-ec")),
    ] {
        for byte in 0..der.len() {
            let mut changed = der.to_vec();
            changed[byte] ^= 1 << (byte % 8);
            let Ok(leaf) = Certificate::from_der(&changed) else { continue };
            let chain = check(&leaf, std::slice::from_ref(&ca), root.clone()).chain;
            assert_ne!(chain, ChainCheck::Ok, "byte {byte}");
        }
    }
}

#[test]
fn an_issuer_has_to_be_a_ca() {
    for (leaf, issuer) in [
        (certificate!("below-not-ca"), certificate!("not-ca")),
        (certificate!("below-unsaid"), certificate!("unsaid")),
        (certificate!("below-lists-only"), certificate!("lists-only")),
    ] {
        assert_eq!(under_root(&leaf, &[issuer]), ChainCheck::NotACa);
    }
    assert_eq!(under_root(&certificate!("below-no-lists"), &[certificate!("no-lists")]), ChainCheck::Ok);
}

#[test]
fn a_root_of_version_1_is_a_ca_only_as_an_anchor() {
    let (leaf, root) = (certificate!("below-v1"), certificate!("root-v1"));
    assert_eq!(check(&leaf, &[], root.clone()).chain, ChainCheck::Ok);
    assert_eq!(under_root(&leaf, &[root]), ChainCheck::NotACa);
    assert_eq!(check(&certificate!("below-not-ca"), &[], certificate!("not-ca")).chain, ChainCheck::NotACa);
}

#[test]
fn the_length_of_a_path_is_limited_by_its_cas_and_here() {
    let candidates = [certificate!("ca-ec"), certificate!("sub-ca")];
    assert_eq!(under_root(&certificate!("sub-ca"), &candidates), ChainCheck::Ok);
    assert_eq!(under_root(&certificate!("below-sub-ca"), &candidates), ChainCheck::PathTooLong);
    let deep = [
        certificate!("deep-1"),
        certificate!("deep-2"),
        certificate!("deep-3"),
        certificate!("deep-4"),
        certificate!("deep-5"),
        certificate!("deep-6"),
        certificate!("deep-7"),
        certificate!("deep-8"),
        certificate!("deep-9"),
    ];
    // Seven and the root make eight.
    assert_eq!(under_root(&deep[6], &deep), ChainCheck::Ok);
    assert_eq!(under_root(&deep[7], &deep), ChainCheck::PathTooLong);
    assert_eq!(under_root(&deep[8], &deep), ChainCheck::PathTooLong);
}

#[test]
fn extensions_that_ask_for_more_than_is_checked_are_refused() {
    let ca = [certificate!("ca-ec")];
    assert_eq!(under_root(&certificate!("critical-leaf"), &ca), ChainCheck::UnknownCriticalExtension);
    assert_eq!(under_root(&certificate!("critical-code"), &ca), ChainCheck::Ok);
    let critical = [certificate!("critical-ca")];
    assert_eq!(under_root(&certificate!("below-critical"), &critical), ChainCheck::UnknownCriticalExtension);
    let constrained = [certificate!("constrained")];
    assert_eq!(under_root(&certificate!("below-constrained"), &constrained), ChainCheck::NameConstraints);
    let twice = with_an_extension_twice(certificate!("leaf-ec").der);
    assert_eq!(check(&twice, &[], twice.clone()).chain, ChainCheck::MalformedExtension);
    // An anchor's count as well.
    let report = check(&certificate!("below-constrained"), &[], certificate!("constrained"));
    assert_eq!(report.chain, ChainCheck::NameConstraints);
}

/// The subject key identifier becomes a second authority key identifier.
fn with_an_extension_twice(mut der: Vec<u8>) -> Certificate {
    let places: Vec<usize> =
        (0..der.len()).filter(|place| der[*place..].starts_with(&[6, 3, 0x55, 0x1d, 0x0e])).collect();
    assert_eq!(places.len(), 1);
    der[places[0] + 4] = 0x23;
    read(&der)
}

#[test]
fn sha1_is_not_trusted() {
    let report = check(&certificate!("leaf-sha1"), &[certificate!("ca-rsa")], certificate!("root-rsa"));
    assert_eq!(report.chain, ChainCheck::AlgorithmUnsupported);
}

#[test]
fn cas_that_certify_only_each_other_are_a_loop() {
    let candidates = [certificate!("two-by-one"), certificate!("one-by-two")];
    assert_eq!(under_root(&certificate!("below-loop"), &candidates), ChainCheck::Loop);
    let report = check(&certificate!("below-loop"), &candidates, certificate!("two-by-self"));
    assert_eq!((report.chain, report.issuers.len()), (ChainCheck::Ok, 2));
}

#[test]
fn dates_are_told_apart_from_the_chain() {
    let store = TrustStore::new(vec![certificate!("root-ec")], vec![certificate!("ca-ec")], Vec::new());
    let leaf = certificate!("leaf-ec");
    for (at, dates) in [
        (leaf.not_before - 1, DatesCheck::NotYetValid(PathRole::Leaf)),
        (leaf.not_before, DatesCheck::Ok),
        (leaf.not_after, DatesCheck::Ok),
        (leaf.not_after + 1, DatesCheck::Expired(PathRole::Leaf)),
    ] {
        let report = store.check(&leaf, &[], at);
        assert_eq!((report.dates, report.chain), (dates, ChainCheck::Ok), "{at}");
    }
    let below = certificate!("below-expired");
    let report = check(&below, &[certificate!("expired-ca")], certificate!("root-ec"));
    assert_eq!((report.dates, report.chain), (DatesCheck::Expired(PathRole::Issuer), ChainCheck::Ok));
}

#[test]
fn a_renewed_ca_is_preferred_to_its_expired_certificate() {
    for candidates in [
        [certificate!("expired-ca"), certificate!("renewed-ca")],
        [certificate!("renewed-ca"), certificate!("expired-ca")],
    ] {
        let report = check(&certificate!("below-expired"), &candidates, certificate!("root-ec"));
        assert_eq!((report.dates, report.chain), (DatesCheck::Ok, ChainCheck::Ok));
        assert_eq!(report.issuers[0], certificate!("renewed-ca"));
    }
}

#[test]
fn a_search_among_many_impostors_is_given_up() {
    let impostor = certificate!("impostor");
    let last = impostor.der.len() - 1;
    // Each with another signature of its own, so that each is another certificate.
    let impostors: Vec<Certificate> = (0..=255)
        .map(|byte| {
            let mut der = impostor.der.clone();
            der[last] = byte;
            read(&der)
        })
        .collect();
    assert_eq!(under_root(&certificate!("leaf-plain"), &impostors), ChainCheck::TooManyCandidates);
    assert_eq!(under_root(&certificate!("leaf-plain"), &impostors[..32]), ChainCheck::BadSignature);
    // Others that play no part are not looked at without end either.
    let others = vec![certificate!("ca-rsa"); 257];
    assert_eq!(under_root(&certificate!("leaf-plain"), &others), ChainCheck::TooManyCandidates);
    assert_eq!(under_root(&certificate!("leaf-plain"), &others[1..]), ChainCheck::IssuerUnknown);
}
