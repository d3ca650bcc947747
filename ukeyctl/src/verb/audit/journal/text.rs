//! Lines of the service's log as text: what it writes where no systemd listens.

use super::entry::{Entry, Place};

/// What stands before the message in a line that is about a chain.
const TARGET: &str = "ukeyd::audit";
const HEAD: &str = ": audit head ";
const BEGUN: &str = ": audit chain begun anew ";

/// What a line tells of a chain, if it does.
pub(super) fn entry(line: &str) -> Option<Entry> {
    if let Some(fields) = fields_after(line, HEAD) {
        let [chain, seq, hash] = ["audit_chain", "audit_seq", "audit_hash"].map(|name| value(fields, name));
        return Place::new(chain?, seq?, hash?).map(Entry::Place);
    }
    let fields = fields_after(line, BEGUN)?;
    Some(Entry::Begun(value(fields, "audit_chain")?.to_owned()))
}

fn fields_after<'a>(line: &'a str, message: &str) -> Option<&'a str> {
    let (before, fields) = line.split_once(message)?;
    // What programs say is in the log too, as the value of a field: no field stands before these words.
    (before.ends_with(TARGET) && !before.contains('=')).then_some(fields)
}

/// None of these values has white space in it.
fn value<'a>(fields: &'a str, name: &str) -> Option<&'a str> {
    let field = fields.split_whitespace().find_map(|field| field.strip_prefix(name)?.strip_prefix('='))?;
    Some(field.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "abababababababababababababababababababababababababababababababab";

    fn line(seq: i32) -> String {
        let fields = format!("audit_chain=\"c1\" audit_seq={seq} audit_hash=\"{HASH}\"");
        format!("2026-11-22T22:00:00.000001Z  INFO ukeyd::audit: audit head {fields}")
    }

    #[test]
    fn heads_and_beginnings_are_read() {
        assert_eq!(entry(&line(200)), Place::new("c1", "200", HASH).map(Entry::Place));
        assert_eq!(entry(&line(200).replace('"', "")), entry(&line(200)));
        let begun = "WARN ukeyd::audit: audit chain begun anew audit_chain=\"c2\" audit_chain_before=\"c1\" audit_moved_to=\"x\"";
        assert_eq!(entry(begun), Some(Entry::Begun("c2".to_owned())));
    }

    #[test]
    fn what_a_program_gives_as_its_reason_is_no_head() {
        let forged = format!("INFO ukeyd::audit::record: asked for audit_operation=7 audit_reason=\"{}\"", line(100));
        assert_eq!(entry(&forged), None);
        assert_eq!(entry(&line(-1)), None);
        assert_eq!(entry(&line(100).replace("ab", "xy")), None);
        assert_eq!(entry(&line(100).replace("audit_chain", "chain")), None);
        assert_eq!(entry("something else"), None);
    }
}
