//! `docs/security.md` goes through every kind of threat at every boundary, and each test that it names is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A section for each boundary.
const BOUNDARIES: [&str; 10] = [
    "A program and the service (the bus)",
    "The agent and the service",
    "The agent and the library's process (the PIN socket)",
    "The service and the library's process",
    "The library's process, the vendor's library and the Key",
    "The service and the disk (the record)",
    "The service, polkit and logind",
    "Files of the administrator",
    "The person and the dialog",
    "Package and installation",
];
const KINDS: [char; 6] = ['S', 'T', 'R', 'I', 'D', 'E'];
/// Where tests by their name are.
const FOLDERS: [&str; 3] = ["softhsm-tests/tests", "agent/tests", "pkcs11-shim/tests"];

/// Threat, and what it is shown by.
type Row = (String, Vec<String>);

#[test]
fn every_kind_of_threat_at_every_boundary() {
    let model = fs::read_to_string(sources().join("docs/security.md")).unwrap();
    for boundary in BOUNDARIES {
        let rows = rows(section(&model, boundary));
        let kinds: BTreeSet<char> = rows.iter().map(|(threat, _)| threat.chars().nth(2).unwrap()).collect();
        assert_eq!(kinds, KINDS.into(), "{boundary}");
    }
}

#[test]
fn and_no_test_that_is_not_there() {
    let model = fs::read_to_string(sources().join("docs/security.md")).unwrap();
    let mut named = 0;
    for (threat, tests) in BOUNDARIES.into_iter().flat_map(|boundary| rows(section(&model, boundary))) {
        for test in tests {
            assert!(is_there(&test), "{test}, of {threat}");
            named += 1;
        }
    }
    assert!(named > 60, "{named}");
    for wrong in ["no_such_file", "who_may_do_what::no_such_function", "formats/src/lib.rs", "no/such.rs"] {
        assert!(!is_there(wrong), "{wrong}");
    }
}

fn section<'a>(model: &'a str, boundary: &str) -> &'a str {
    let title = format!("\n## {boundary}\n");
    let (_, after) = model.split_once(&title).unwrap_or_else(|| panic!("no section {boundary}"));
    after.split("\n## ").next().unwrap()
}

fn rows(section: &str) -> Vec<Row> {
    let rows = section.lines().filter(|line| line.starts_with("| **"));
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 4, "{line}");
        let tests = cells[2].split(", ").filter(|test| *test != "–").map(|test| {
            let name = test.strip_prefix('`').and_then(|test| test.strip_suffix('`'));
            name.unwrap_or_else(|| panic!("{test} is no name of a test: {line}")).to_owned()
        });
        (cells[0].to_owned(), tests.collect())
    })
    .collect()
}

/// A file with tests, by its path; a file of tests, by its name; or one test of it.
fn is_there(test: &str) -> bool {
    if test.contains('/') {
        // Tests of a module may be in a file of their own.
        let file = sources().join(test);
        let beside = file.with_extension("").join("tests.rs");
        return [file, beside]
            .iter()
            .any(|file| text(file).contains("#[test]") || text(file).contains("#[tokio::test]"));
    }
    let (file, function) = test.split_once("::").map_or((test, None), |(file, function)| (file, Some(function)));
    let texts = FOLDERS.map(|folder| text(&sources().join(folder).join(format!("{file}.rs"))));
    texts.iter().any(|text| match function {
        Some(function) => text.contains(&format!("#[test]\nfn {function}()")),
        None => text.contains("#[test]") || text.contains("#[tokio::test]"),
    })
}

fn text(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_default()
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}
