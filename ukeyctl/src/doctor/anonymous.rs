//! What was seen, without whose it is: no serial numbers, holders, USCCs, labels, fingerprints, homes of users.

use super::Seen;
use crate::snapshot::{Certificate, Key};

/// A copy that can be given to somebody else. Keys and certificates are numbered.
pub(crate) fn anonymous(seen: &Seen) -> Seen {
    let mut seen = seen.clone();
    if let Some(snapshot) = &mut seen.service {
        for module in &mut snapshot.modules {
            module.library = without_homes(&module.library);
            module.reason = without_homes(&module.reason);
        }
        for (number, key) in (1..).zip(&mut snapshot.keys) {
            number_key(key, number);
        }
    }
    seen.unreachable = without_homes(&seen.unreachable);
    for library in &mut seen.libraries {
        library.path = without_homes(&library.path);
    }
    seen
}

fn number_key(key: &mut Key, number: usize) {
    key.id = format!("key-{number}");
    key.label = format!("#{number}");
    key.serial_number.clear();
    for (part, certificate) in (1..).zip(&mut key.certificates) {
        number_certificate(certificate, &format!("#{number}.{part}"));
    }
}

fn number_certificate(certificate: &mut Certificate, name: &str) {
    certificate.id = name.to_owned();
    certificate.holder_name = name.to_owned();
    certificate.holder_id.clear();
    certificate.fingerprint.clear();
    certificate.serial_number.clear();
}

/// Paths below a user's home become `~`.
fn without_homes(text: &str) -> String {
    let hide = |word: &str| match word.find("/home/").or_else(|| word.find("/root/")) {
        Some(start) => format!("{}~", &word[..start]),
        None => word.to_owned(),
    };
    text.split(' ').map(hide).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::findings::fixture::seen;

    #[test]
    fn nothing_says_whose_it_is() {
        let mut seen = seen();
        let snapshot = seen.service.as_mut().unwrap();
        snapshot.modules[0].reason = "/home/li/driver.so: not owned by root".to_owned();
        let text = serde_json::to_string(&anonymous(&seen)).unwrap();
        for secret in ["采购", "SN0001", "医院", "91350100M000100Y43", "11bb11bb", "aaaa0000", "/home", "li/"] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
        assert!(text.contains("rsa-2048") && text.contains("not owned by root") && text.contains("#1.1"), "{text}");
    }
}
