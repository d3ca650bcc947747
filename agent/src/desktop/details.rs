//! The words of the window with a Key's details.

use super::keys::{Certificate, Key, Snapshot};
use super::texts::Texts;
use ukey_dbus::KeyUse;
use ukey_formats::text::one_line;

/// Longest texts of a Key, in characters.
const TEXT_MAX: usize = 60;

/// The lines about a Key at `now` (Unix seconds).
pub(crate) fn of_key(texts: &Texts, key: &Key, now: i64) -> Vec<String> {
    let mut lines = Vec::new();
    if !key.unit().is_empty() {
        lines.push(texts.with("details-unit", &[("unit", one_line(key.unit(), TEXT_MAX))]));
    }
    if let Some(certificate) = key.current().find(|certificate| !certificate.holder_id.is_empty()) {
        lines.push(texts.with("details-holder-id", &[("id", one_line(&certificate.holder_id, TEXT_MAX))]));
    }
    let (label, serial) = (one_line(&key.label, TEXT_MAX), one_line(&key.serial_number, TEXT_MAX));
    lines.push(texts.with("details-key", &[("label", label), ("serial", serial)]));
    let maker = one_line(&format!("{} {}", key.manufacturer, key.model), TEXT_MAX);
    if !maker.is_empty() {
        lines.push(texts.with("details-maker", &[("maker", maker)]));
    }
    lines.push(texts.with("details-state", &[("state", texts.key_state(key))]));
    let tries = key.tries.map_or_else(|| texts.text("details-tries-unknown"), |tries| tries.to_string());
    lines.push(texts.with("details-tries", &[("tries", tries)]));
    lines.push(String::new());
    if key.certificates.is_empty() {
        lines.push(texts.text("details-none"));
    }
    for certificate in key.current() {
        lines.extend(of_certificate(texts, certificate, now));
    }
    lines
}

fn of_certificate(texts: &Texts, certificate: &Certificate, now: i64) -> [String; 3] {
    let used = match certificate.key_use {
        Some(KeyUse::Encryption) => "use-encryption",
        Some(KeyUse::Signature) => "use-signature",
        _ => "use-both",
    };
    let first = texts.with(
        "details-certificate",
        &[
            ("use", texts.text(used)),
            ("kind", texts.kind(certificate)),
            ("from", Texts::date(certificate.not_before)),
            ("to", Texts::date(certificate.not_after)),
            ("days", texts.days(certificate, now)),
        ],
    );
    [
        first,
        texts.with("details-serial", &[("serial", one_line(&certificate.serial_number, TEXT_MAX))]),
        texts.with("details-issuer", &[("issuer", one_line(name_in(&certificate.issuer), TEXT_MAX))]),
    ]
}

/// The lines where no Key is meant: why there is none.
pub(crate) fn of_none(texts: &Texts, snapshot: &Snapshot) -> Vec<String> {
    let failed = snapshot.modules.iter().filter(|module| module.has_failed());
    let mut lines: Vec<String> =
        failed.map(|module| texts.with("details-failed", &[("module", one_line(&module.name, TEXT_MAX))])).collect();
    if lines.is_empty() {
        lines.push(texts.text(if snapshot.service { "details-nothing" } else { "state-no-service" }));
    }
    lines
}

/// The common name in a distinguished name, else all of it. A name that is written otherwise shows whole.
fn name_in(distinguished: &str) -> &str {
    let parts = distinguished.split(',').map(str::trim_start);
    parts.filter_map(|part| part.strip_prefix("CN=")).find(|name| !name.is_empty()).unwrap_or(distinguished)
}

#[cfg(test)]
mod tests {
    use super::super::keys::fixture;
    use super::*;
    use crate::texts::Language;

    #[test]
    fn a_key_tells_its_unit_its_state_and_its_current_certificates() {
        let key = &fixture::snapshot().keys[0];
        let lines = of_key(&Texts::new(Language::Chinese), key, 1_800_000_000 - 86_400);
        assert_eq!(lines[0], "单位：某县人民医院");
        assert!(lines.contains(&"状态：可以使用".to_owned()), "{lines:?}");
        assert!(lines.iter().any(|line| line.starts_with("签名证书（国密 SM2）：") && line.ends_with("剩 1 天")));
        assert!(lines.contains(&"　序列号：0bb".to_owned()) && !lines.contains(&"　序列号：0aa".to_owned()));
        assert!(lines.contains(&"　发证机构：CA".to_owned()), "{lines:?}");
    }

    #[test]
    fn without_a_key_it_says_why() {
        let texts = Texts::new(Language::English);
        assert_eq!(of_none(&texts, &Snapshot::default()), ["The Key service is not running"]);
        let snapshot = Snapshot { service: true, ..Snapshot::default() };
        assert_eq!(of_none(&texts, &snapshot), ["No Key is plugged in."]);
    }
}
