//! Records as CSV (RFC 4180) that a spreadsheet can open without running anything in it.

use super::record::Record;
use crate::time::Time;

/// Names of the columns.
const TITLES: [&str; 17] = [
    "id",
    "time",
    "kind",
    "uid",
    "user",
    "pid",
    "caller",
    "program",
    "key_id",
    "certificate",
    "algorithm",
    "digest",
    "reason",
    "result",
    "ended",
    "tries",
    "hash",
];
/// A spreadsheet takes a cell that begins so for a formula; the full-width forms too, where it is a Chinese one.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// The first line. The mark before it makes spreadsheets read UTF-8, not the system's old encoding.
pub(super) fn titles() -> String {
    format!("\u{feff}{}", line(TITLES.map(str::to_owned)))
}

/// The line of a record.
pub(super) fn of(record: &Record) -> String {
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    line([
        record.id.to_string(),
        record.time.rfc3339(),
        record.kind.clone(),
        record.uid.to_string(),
        record.user.clone(),
        record.pid.to_string(),
        record.caller.clone(),
        record.program.clone(),
        record.key_id.clone(),
        record.certificate.clone(),
        record.algorithm.clone(),
        record.digest.clone(),
        record.reason.clone(),
        record.result.clone(),
        record.ended.map(Time::rfc3339).unwrap_or_default(),
        number(record.tries),
        record.hash.clone(),
    ])
}

fn line<const COLUMNS: usize>(cells: [String; COLUMNS]) -> String {
    cells.map(|text| cell(&text)).join(",") + "\r\n"
}

fn cell(text: &str) -> String {
    let guard = if text.starts_with(FORMULA) { "'" } else { "" };
    // Some spreadsheets divide at semicolons.
    if text.contains(['"', ',', ';', '\r', '\n']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::example;
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1"] {
            let cell = cell(text);
            assert!(cell.trim_start_matches('"').starts_with('\''), "{cell}");
        }
        assert_eq!(cell("a=b"), "a=b");
    }

    #[test]
    fn quotes_and_separators_stay_in_their_cell() {
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("say \"yes\""), "\"say \"\"yes\"\"\"");
        assert_eq!(cell("=HYPERLINK(\"x\",1)"), "\"'=HYPERLINK(\"\"x\"\",1)\"");
    }

    #[test]
    fn each_record_is_a_line_with_as_many_cells_as_titles() {
        let line = of(&example());
        assert!(line.starts_with("3,2023-11-14T22:13:20Z,sign,1000,clerk,"), "{line}");
        assert!(line.contains(",\"'=1+1, \"\"采购\"\"\",ok,2023-11-14T22:13:21Z,,ab\r\n"), "{line}");
        assert_eq!(titles().matches(',').count(), line.replace("\"'=1+1, ", "").matches(',').count());
    }
}
