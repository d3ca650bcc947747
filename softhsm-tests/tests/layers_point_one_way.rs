//! The layers of ARCHITECTURE.md point one way: between crates as cargo sees them, inside the daemon by its `use` lines.
//! Not proven: that what is used is used well.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Folder of `daemon/src` → what its files may use of the others.
const MAY_USE: &[(&str, &[&str])] = &[
    ("audit", &["hex"]),
    ("config", &[]),
    ("certificate", &["config", "hex"]),
    ("signing", &["config"]),
    ("modules", &["config", "quiet"]),
    ("statistics", &[]),
    ("token", &["audit", "certificate", "config", "hex", "modules"]),
    ("prompt", &["certificate", "token"]),
    ("bus", &["audit", "certificate", "config", "modules", "prompt", "quiet", "signing", "statistics", "token"]),
];

/// Crate of ours → crates that must not be among its dependencies, however deep.
const MUST_NOT_DEPEND: &[(&str, &[&str])] = &[
    ("ukeyd", &["cryptoki", "cryptoki-sys", "libloading", "ukey-agent", "ureq", "rustls"]),
    ("ukey-pkcs11-shim", &["zbus", "tokio", "ukey-dbus", "rusqlite"]),
    ("ukey-shim-protocol", &["cryptoki", "cryptoki-sys", "zbus"]),
    ("ukey-formats", &["zbus", "tokio", "rusqlite"]),
    ("ukey-texts", &["zbus", "tokio", "ukey-formats"]),
    ("ukey-guidance", &["zbus", "tokio", "ukey-dbus", "ukey-agent"]),
    ("ukey-agent", &["rusqlite", "cryptoki", "ukey-shim-protocol"]),
    ("ukey-exporter", &["rusqlite", "cryptoki", "ukey-shim-protocol", "ukey-agent", "ukey-formats"]),
    ("ukeyctl", &["rusqlite", "cryptoki", "ukey-shim-protocol"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// The modules that a source names as `crate::name`.
fn used(source: &str) -> BTreeSet<&str> {
    source
        .match_indices("crate::")
        .map(|(at, marker)| &source[at + marker.len()..])
        .map(|rest| rest.split(|character: char| !character.is_alphanumeric() && character != '_').next().unwrap())
        .collect()
}

#[test]
fn inside_the_daemon() {
    for (folder, allowed) in MAY_USE {
        let files = sources(&root().join("daemon/src").join(folder));
        assert!(!files.is_empty(), "{folder} is gone; change this table with it");
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for module in used(&text) {
                assert!(
                    module == *folder || allowed.contains(&module),
                    "{} uses crate::{module}, which {folder} must not",
                    file.display()
                );
            }
            assert!(*folder == "bus" || !text.contains("zbus::"), "{}: zbus types stop in bus/", file.display());
        }
    }
    let folders: BTreeSet<_> = fs::read_dir(root().join("daemon/src"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    assert_eq!(folders.len(), MAY_USE.len(), "a folder of the daemon is missing from the table: {folders:?}");
}

#[test]
fn between_crates() {
    for (package, forbidden) in MUST_NOT_DEPEND {
        let output = Command::new(env!("CARGO"))
            .args(["tree", "--offline", "--locked", "--edges", "normal", "--prefix", "none", "--package", package])
            .current_dir(root())
            .output()
            .unwrap();
        let tree = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && tree.starts_with(package), "{}", String::from_utf8_lossy(&output.stderr));
        let names: BTreeSet<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
        for name in *forbidden {
            assert!(!names.contains(name), "{package} depends on {name}");
        }
    }
}
