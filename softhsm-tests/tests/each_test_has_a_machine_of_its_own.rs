//! The stage: own users, own `/run`, own processes; nothing of it is seen outside.

use std::fs;
use std::path::Path;
use ukey_softhsm_tests::{Person, STAGE, staged};

#[test]
fn users_and_files_are_private() {
    staged(async || {
        let users = fs::read_to_string("/etc/passwd").unwrap();
        assert!(users.contains(&format!("\nukeyd:x:{}:", Person::Service.uid())));
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
        assert!(mounts.lines().any(|line| line.starts_with("stage /run tmpfs")), "{mounts}");
        assert!(!Path::new("/run/systemd").exists());
    });
    // The same function goes on here outside, when the inner run has ended.
    if !Path::new(STAGE).exists() {
        let users = fs::read_to_string("/etc/passwd").unwrap();
        assert!(!users.contains(&format!(":{}:", Person::Clerk.uid())));
    }
}

#[test]
fn processes_are_private() {
    staged(async || {
        let first = fs::read("/proc/1/cmdline").unwrap();
        assert!(first.starts_with(b"sh\0-c\0"), "{}", String::from_utf8_lossy(&first));
    });
}

#[test]
#[should_panic(expected = "failed on its stage")]
fn a_failure_inside_is_a_failure_outside() {
    if Path::new(STAGE).exists() {
        // Inside, where `should_panic` would turn it into a success.
        std::process::exit(1);
    }
    staged(async || std::process::exit(1));
}
