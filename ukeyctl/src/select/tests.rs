use super::{Purpose, SelectError, certificate, key};
use crate::snapshot::fixture::snapshot;

const SIGN: Purpose<'static> = Purpose::Sign(None);

#[test]
fn a_key_is_found_by_id_label_serial_number_and_start() {
    let snapshot = snapshot();
    for wanted in ["aaaa000000000001", "采购 一", "SN0001", "sn0001"] {
        assert_eq!(key(&snapshot.keys, Some(wanted)).unwrap().serial_number, "SN0001", "{wanted}");
    }
    assert_eq!(key(&snapshot.keys, Some("采购 二")).unwrap().serial_number, "SN0002");
}

#[test]
fn what_fits_several_keys_is_not_guessed() {
    let snapshot = snapshot();
    for wanted in [None, Some("SN"), Some("aaaa"), Some("采购")] {
        let error = key(&snapshot.keys, wanted).unwrap_err();
        let SelectError::SeveralKeys(lines) = error else { panic!("{wanted:?}: {error}") };
        assert_eq!(lines.len(), 2);
        assert!(lines[0].contains("aaaa000000000001") && lines[0].contains("采购 一"));
    }
    assert_eq!(key(&snapshot.keys, Some("x")).unwrap_err(), SelectError::UnknownKey("x".to_owned()));
    assert!(matches!(key(&snapshot.keys, Some("")), Err(SelectError::UnknownKey(_))));
    assert_eq!(key(&[], None).unwrap_err(), SelectError::NoKeys);
    assert_eq!(key(&snapshot.keys[..1], None).unwrap().label, "采购 一");
}

#[test]
fn an_uninitialized_key_is_meant_only_by_name() {
    let mut snapshot = snapshot();
    snapshot.keys[0].state = "uninitialized".to_owned();
    assert_eq!(key(&snapshot.keys, None).unwrap().serial_number, "SN0002");
    assert_eq!(key(&snapshot.keys, Some("SN0001")).unwrap().serial_number, "SN0001");
    assert_eq!(key(&snapshot.keys[..1], None).unwrap().serial_number, "SN0001");
}

#[test]
fn a_whole_name_beats_the_start_of_another() {
    let mut snapshot = snapshot();
    snapshot.keys[0].label = "SN0002X".to_owned();
    assert_eq!(key(&snapshot.keys, Some("SN0002")).unwrap().serial_number, "SN0002");
}

#[test]
fn a_certificate_is_found_by_fingerprint_holder_and_key_type() {
    let snapshot = snapshot();
    let find = |key, wanted| certificate(&snapshot.keys, key, wanted, SIGN).map(|(_, found)| found.id.as_str());
    assert_eq!(find(None, Some("11AA")).unwrap(), "11aa11aa11aa11aa");
    assert_eq!(find(None, Some("11:bb:11")).unwrap(), "11bb11bb11bb11bb");
    assert_eq!(find(None, Some("ec-p256")).unwrap(), "11bb11bb11bb11bb");
    assert_eq!(find(Some("采购 一"), Some("rsa-2048")).unwrap(), "11aa11aa11aa11aa");
    assert_eq!(find(None, Some("011aa")).unwrap(), "11aa11aa11aa11aa");
    assert_eq!(find(None, Some("zz")).unwrap_err(), SelectError::UnknownCertificate("zz".to_owned()));
    // Three digits are too few for a fingerprint.
    assert!(find(None, Some("11a")).is_err());
}

#[test]
fn several_certificates_are_listed_and_the_algorithm_narrows_them() {
    let snapshot = snapshot();
    let error = certificate(&snapshot.keys, None, Some("县人民"), SIGN).unwrap_err();
    let SelectError::SeveralCertificates(lines) = error else { panic!("{error}") };
    assert_eq!(lines.len(), 2);
    assert!(lines[0].contains("ec-p256") && lines[0].contains("11bb11bb11bb11bb"), "{lines:?}");
    let (_, found) = certificate(&snapshot.keys, None, Some("县人民"), Purpose::Sign(Some("ECDSA-SHA256"))).unwrap();
    assert_eq!(found.key_type, "ec-p256");
    // An algorithm that nothing does chooses nothing: the list stays.
    assert!(certificate(&snapshot.keys, None, Some("县人民"), Purpose::Sign(Some("MD5"))).is_err());
}

#[test]
fn encryption_and_expired_certificates_are_left_out_only_among_several() {
    let snapshot = snapshot();
    // Of the second Key's two, one signs, although it has expired: the service says so.
    let (_, found) = certificate(&snapshot.keys, Some("SN0002"), None, SIGN).unwrap();
    assert_eq!(found.validity, "expired");
    let (_, found) = certificate(&snapshot.keys, None, Some("22bb"), SIGN).unwrap();
    assert_eq!(found.key_use, "encryption");
    // Looking at the Key, both are there.
    let error = certificate(&snapshot.keys, Some("SN0002"), None, Purpose::Show).unwrap_err();
    assert!(matches!(error, SelectError::SeveralCertificates(lines) if lines.len() == 2));
}

#[test]
fn an_old_certificate_beside_its_renewal_does_not_count() {
    let mut snapshot = snapshot();
    snapshot.keys[0].certificates[0].validity = "expired".to_owned();
    let (_, found) = certificate(&snapshot.keys, None, Some("县人民医院"), SIGN).unwrap();
    assert_eq!(found.key_type, "rsa-2048");
}

#[test]
fn an_account_is_bound_to_a_valid_certificate_for_signatures() {
    let mut snapshot = snapshot();
    let bind =
        |keys: &[_], key, wanted| certificate(keys, key, wanted, Purpose::Bind).map(|(_, found)| found.id.clone());
    // The second Key's signature certificate has expired.
    assert_eq!(bind(&snapshot.keys, Some("SN0002"), None), Err(SelectError::NoCertificates));
    assert_eq!(bind(&snapshot.keys, Some("SN0002"), Some("22aa")).unwrap(), "22aa22aa22aa22aa");
    // The first Key has two, and nothing says which.
    let error = bind(&snapshot.keys, None, None).unwrap_err();
    assert!(matches!(error, SelectError::SeveralCertificates(lines) if lines.len() == 2));
    snapshot.keys[0].certificates[0].key_use = "encryption".to_owned();
    assert_eq!(bind(&snapshot.keys, None, None).unwrap(), snapshot.keys[0].certificates[1].id);
}

#[test]
fn the_ca_is_applied_to_with_any_certificate_but_one_for_encryption() {
    let mut snapshot = snapshot();
    let id = |keys: &[crate::snapshot::Key], wanted| {
        certificate(keys, Some("SN0002"), wanted, Purpose::Apply).map(|(_, found)| found.id.clone())
    };
    assert_eq!(id(&snapshot.keys, None).unwrap(), "22aa".repeat(4), "an expired one too");
    assert_eq!(id(&snapshot.keys, Some("22bb")).unwrap(), "22bb".repeat(4), "what is named is meant");
    // A Key that no profile fits signs nothing, and is renewed all the same.
    snapshot.keys[1].certificates[0].algorithms.clear();
    assert_eq!(id(&snapshot.keys, None).unwrap(), "22aa".repeat(4));
    let mut renewed = snapshot.keys[1].certificates[0].clone();
    (renewed.id, renewed.validity) = ("new".to_owned(), "valid".to_owned());
    snapshot.keys[1].certificates.push(renewed);
    assert_eq!(id(&snapshot.keys, None).unwrap(), "new");
}
