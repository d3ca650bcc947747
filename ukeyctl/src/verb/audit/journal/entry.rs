//! One entry of the system's journal, as `journalctl --output=json` gives it, and who has written it: every user can
//! write to the journal, but the fields that begin with `_` are the journal's own.

use super::text;
use serde::Deserialize;
use serde_json::Value;

/// The service's unit and program.
const UNIT: &str = "ukeyd.service";
const PROGRAM: &str = "ukeyd";
/// Digits of a SHA-256.
const DIGITS: usize = 64;

/// What the journal was told of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// This row is on it.
    Place(Place),
    /// The service began it in the place of one that it moved aside.
    Begun(String),
}

/// A row of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The chain's name.
    pub(super) chain: String,
    /// The row's number.
    pub(super) row: u64,
    /// Its hash, lower-case hexadecimal.
    pub(super) hash: String,
}

impl Place {
    /// From what the service wrote.
    pub(super) fn new(chain: &str, row: &str, hash: &str) -> Option<Self> {
        let hash = hash.to_ascii_lowercase();
        let is_hash = hash.len() == DIGITS && hash.bytes().all(|digit| digit.is_ascii_hexdigit());
        Some(Self { chain: chain.to_owned(), row: row.parse().ok()?, hash }).filter(|_| is_hash && !chain.is_empty())
    }
}

/// The fields that count; of a kind that is not expected they are `None`, and so is one that is there twice.
#[derive(Deserialize)]
struct Fields {
    #[serde(rename = "_SYSTEMD_UNIT")]
    unit: Option<Value>,
    #[serde(rename = "_UID")]
    uid: Option<Value>,
    #[serde(rename = "_EXE")]
    program: Option<Value>,
    #[serde(rename = "MESSAGE")]
    message: Option<Value>,
    #[serde(rename = "UKEYD_AUDIT_CHAIN")]
    chain: Option<Value>,
    #[serde(rename = "UKEYD_AUDIT_CHAIN_BEFORE")]
    chain_before: Option<Value>,
    #[serde(rename = "UKEYD_AUDIT_SEQ")]
    seq: Option<Value>,
    #[serde(rename = "UKEYD_AUDIT_HASH")]
    hash: Option<Value>,
}

/// What a line tells of a chain: an entry of the journal as JSON that the service with this user id has written, or a line of
/// its log as text. Anything else is nothing.
pub(super) fn of_line(line: &str, service_uid: u32) -> Option<Entry> {
    if !line.starts_with('{') {
        return text::entry(line);
    }
    let fields: Fields = serde_json::from_str(line).ok()?;
    if !fields.are_of_the_service(service_uid) {
        return None;
    }
    let [chain, before, seq, hash] =
        [&fields.chain, &fields.chain_before, &fields.seq, &fields.hash].map(|field| string(field.as_ref()));
    match (chain, before, seq, hash) {
        (Some(chain), Some(_), _, _) => Some(Entry::Begun(chain.to_owned())),
        (Some(chain), None, Some(seq), Some(hash)) => Place::new(chain, seq, hash).map(Entry::Place),
        // Where the service could not reach the journal itself, systemd has passed on its text.
        (None, ..) => text::entry(string(fields.message.as_ref())?),
        _ => None,
    }
}

impl Fields {
    /// A library in the service's unit has the service's user too, but not its program.
    fn are_of_the_service(&self, uid: u32) -> bool {
        let program = string(self.program.as_ref()).map(|path| path.strip_suffix(" (deleted)").unwrap_or(path));
        string(self.unit.as_ref()) == Some(UNIT)
            && string(self.uid.as_ref()).and_then(|uid| uid.parse().ok()) == Some(uid)
            && (self.program.is_none() || program.and_then(|path| path.rsplit('/').next()) == Some(PROGRAM))
    }
}

fn string(field: Option<&Value>) -> Option<&str> {
    field.and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const HASH: &str = "abababababababababababababababababababababababababababababababab";

    fn head() -> Value {
        json!({
            "_SYSTEMD_UNIT": "ukeyd.service", "_UID": "977", "_EXE": "/usr/libexec/ukeyd/ukeyd", "MESSAGE": "audit head",
            "UKEYD_AUDIT_CHAIN": "c1", "UKEYD_AUDIT_SEQ": "100", "UKEYD_AUDIT_HASH": HASH,
        })
    }

    fn with(name: &str, value: impl Into<Value>) -> Value {
        let mut entry = head();
        entry[name] = value.into();
        entry
    }

    fn read(entry: &Value) -> Option<Entry> {
        of_line(&entry.to_string(), 977)
    }

    #[test]
    fn the_services_own_entries_count() {
        let place = Place::new("c1", "100", HASH).map(Entry::Place);
        assert!(place.is_some());
        assert_eq!(read(&head()), place);
        assert_eq!(read(&with("_EXE", "/usr/libexec/ukeyd/ukeyd (deleted)")), place);
        let mut unknown_program = head();
        unknown_program.as_object_mut().unwrap().remove("_EXE");
        assert_eq!(read(&unknown_program), place);
        let text = format!("INFO ukeyd::audit: audit head audit_chain=\"c1\" audit_seq=100 audit_hash=\"{HASH}\"");
        let passed_on = json!({ "_SYSTEMD_UNIT": "ukeyd.service", "_UID": "977", "MESSAGE": text });
        assert_eq!(read(&passed_on), place);
        assert_eq!(of_line(&text, 977), place);
        assert_eq!(read(&with("UKEYD_AUDIT_CHAIN_BEFORE", "c0")), Some(Entry::Begun("c1".to_owned())));
    }

    #[test]
    fn nobody_elses_do() {
        for (name, value) in [
            ("_UID", "1000"),
            ("_UID", "0"),
            ("_SYSTEMD_UNIT", "user@1000.service"),
            ("_SYSTEMD_UNIT", "ukeyd.service.evil.service"),
            ("_EXE", "/usr/libexec/ukeyd/ukey-pkcs11-shim"),
            ("_EXE", "/home/x/notukeyd"),
        ] {
            assert_eq!(read(&with(name, value)), None, "{name}={value}");
        }
        assert_eq!(read(&with("_UID", json!(["1000", "977"]))), None, "twice");
        assert_eq!(read(&with("UKEYD_AUDIT_HASH", Value::Null)), None);
        for missing in ["_UID", "_SYSTEMD_UNIT", "UKEYD_AUDIT_SEQ"] {
            let mut entry = head();
            entry.as_object_mut().unwrap().remove(missing);
            assert_eq!(read(&entry), None, "{missing}");
        }
        assert_eq!(of_line("{\"_UID\":", 977), None);
    }
}
