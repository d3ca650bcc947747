//! What is shipped for systemd: the unit is well formed and tight, the bus starts it, and the user that it runs as, the
//! technicians' group and the administrator's folders are made.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use ukey_dbus::names::BUS_NAME;
use ukey_softhsm_tests::{Person, STAGE, Tool, program, run, staged};

const PROGRAM: &str = "/usr/libexec/ukeyd/ukeyd";

#[test]
fn nothing_in_it_is_unknown_or_missing() {
    staged(async || {
        install_program();
        assert_eq!(verify(&packaging("systemd/ukeyd.service")), "");
        // It tells, though not by its exit code.
        let unit = read("systemd/ukeyd.service");
        let wrong = Path::new(STAGE).join("ukeyd.service");
        fs::write(&wrong, unit.replace("ProtectHome=", "ProtectHouse=")).unwrap();
        assert!(verify(&wrong).contains("ProtectHouse"));
    });
}

#[test]
fn little_is_exposed() {
    for name in ["ukeyd", "ukey-exporter"] {
        let unit = packaging(&format!("systemd/{name}.service"));
        // In tenths: under 2.0, as systemd counts.
        assert!(exposure_is_at_most(19, &unit), "{name}");
        assert!(!exposure_is_at_most(1, &unit), "it does count");
    }
}

#[test]
fn the_program_is_where_the_unit_looks() {
    let lines = [format!("ExecStart={PROGRAM}"), format!("BusName={BUS_NAME}"), "User=ukeyd".to_owned()];
    let unit = read("systemd/ukeyd.service");
    for line in lines {
        assert!(unit.lines().any(|other| other == line), "{line}");
    }
    let activation = read("dbus/org.ukeyd.UKey1.service");
    // Where systemd runs, only the unit counts; elsewhere the bus starts the program, as the service's own user.
    let alone = [format!("Exec={PROGRAM}"), "User=ukeyd".to_owned()];
    let by_systemd = [format!("Name={BUS_NAME}"), "SystemdService=ukeyd.service".to_owned()];
    for line in alone.into_iter().chain(by_systemd) {
        assert!(activation.lines().any(|other| other == line), "{line}");
    }
}

#[test]
fn users_and_folders_are_made() {
    staged(async || {
        let root = Path::new(STAGE).join("root");
        fs::create_dir_all(root.join("etc")).unwrap();
        let root_option = format!("--root={}", root.display());
        run(Tool::Sysusers, [root_option.as_str(), packaging("systemd/ukeyd.sysusers").to_str().unwrap()]);
        let passwd = fs::read_to_string(root.join("etc/passwd")).unwrap();
        let user = passwd.lines().find(|line| line.starts_with(&format!("{}:", Person::Service.name()))).unwrap();
        assert!(user.ends_with(":/var/lib/ukeyd:/usr/sbin/nologin"), "{user}");
        let group = fs::read_to_string(root.join("etc/group")).unwrap();
        assert!(group.lines().any(|line| line.starts_with("ukey-technicians:")), "{group}");
        run(Tool::Tmpfiles, ["--create", &root_option, packaging("systemd/ukeyd.tmpfiles").to_str().unwrap()]);
        for folder in
            ["etc/ukeyd", "etc/ukeyd/modules.d", "etc/ukeyd/ca.d", "etc/ukeyd/ca-certificates", "etc/ukeyd/crls"]
        {
            let metadata = fs::metadata(root.join(folder)).unwrap();
            assert_eq!((metadata.uid(), metadata.mode() & 0o777), (0, 0o755), "{folder}");
        }
        let uid: u32 = user.split(':').nth(2).unwrap().parse().unwrap();
        let state = fs::metadata(root.join("var/lib/ukeyd")).unwrap();
        assert_eq!((state.uid(), state.mode() & 0o777), (uid, 0o700));
    });
}

/// Puts the program where the unit starts it; on the stage only.
fn install_program() {
    let folder = Path::new(PROGRAM).parent().unwrap();
    run(Tool::Mount, ["-t", "tmpfs", "programs", folder.parent().unwrap().to_str().unwrap()]);
    fs::create_dir(folder).unwrap();
    fs::copy(program("ukeyd"), PROGRAM).unwrap();
}

/// What systemd says against a unit.
fn verify(unit: &Path) -> String {
    let output = Tool::SystemdAnalyze.output(Tool::SystemdAnalyze.command().arg("verify").arg(unit));
    String::from_utf8(output.stderr).unwrap()
}

fn exposure_is_at_most(tenths: u32, unit: &Path) -> bool {
    let mut command = Tool::SystemdAnalyze.command();
    command.args(["security", "--offline=yes", "--no-pager"]).arg(format!("--threshold={tenths}")).arg(unit);
    let output = Tool::SystemdAnalyze.output(&mut command);
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.contains("Overall exposure level for ukey"), "{report}");
    output.status.success()
}

fn read(name: &str) -> String {
    fs::read_to_string(packaging(name)).unwrap()
}

fn packaging(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("packaging").join(name)
}
