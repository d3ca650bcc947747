//! What an administrator can get wrong is said where they look: the module's `Reason`, or the daemon's last words.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use ukey_dbus::ModuleState;
use ukey_softhsm_tests::{Bus, BusPolicy, DaemonBuilder, Fixture, ModuleFile, STAGE, TokenStore, eventually, staged};

#[test]
fn a_module_that_cannot_be_loaded_fails_with_a_reason_and_alone() {
    staged(async || {
        let libraries = [
            ("missing", PathBuf::from("/usr/lib/none.so"), "none.so"),
            ("folder", PathBuf::from("/usr/lib"), "not a regular file"),
            ("text", library("text.so", 0o644), ""),
            ("unreadable", library("unreadable.so", 0o600), ""),
            ("writable", library("writable.so", 0o666), "written"),
            ("no-pkcs11", PathBuf::from("/lib/x86_64-linux-gnu/libc.so.6"), ""),
        ];
        let mut builder = Fixture::builder();
        for (name, library, _) in &libraries {
            builder = builder.extra_module(ModuleFile::new(name, library, &[]));
        }
        // Its own module works, or this would not return.
        let fixture = builder.start().await;
        for (name, _, expected) in libraries {
            let reason = eventually(&format!("module {name} failed"), async || {
                let module = fixture.module_named(name).await?;
                let text = |property: &str| String::try_from(module[property].clone()).unwrap();
                let failed = [ModuleState::Failed, ModuleState::Quarantined].map(ModuleState::as_str);
                failed.contains(&text("State").as_str()).then(|| text("Reason"))
            })
            .await;
            assert!(!reason.is_empty() && reason.contains(expected), "{name}: {reason}");
        }
    });
}

#[test]
fn a_typo_in_a_file_ends_the_daemon_with_its_line() {
    staged(async || {
        let _bus = Bus::start(BusPolicy::Shipped);
        let store = TokenStore::create("softhsm2");
        let module = ModuleFile::softhsm("softhsm2", &store);
        let cases = [
            (
                "key",
                DaemonBuilder::default().config("log = \"info\"\n\n[login]\nidle-secnods = 5\n"),
                "ukeyd.toml, line 4",
            ),
            ("type", DaemonBuilder::default().config("log = 5\n"), "ukeyd.toml, line 1"),
            ("syntax", DaemonBuilder::default().config("\nlog = \n"), "ukeyd.toml, line 2"),
            ("module", DaemonBuilder::default().module(module.with("sesions = 2")), "softhsm2.toml, line 4"),
        ];
        for (what, builder, expected) in cases {
            let mut daemon = builder.folder(what).launch();
            let status = daemon.program_mut().ended().await;
            assert!(!status.success(), "{what}");
            let log = daemon.program().log();
            assert!(log.contains(expected), "{what}: {log}");
        }
    });
}

#[test]
fn a_second_daemon_on_the_bus_goes_away() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let mut second = DaemonBuilder::default().folder("second").launch();
        let status = second.program_mut().ended().await;
        assert!(!status.success());
        assert!(second.program().log().contains("org.ukeyd.UKey1"), "{}", second.program().log());
        fixture.log_in().await;
    });
}

fn library(name: &str, mode: u32) -> PathBuf {
    let path = Path::new(STAGE).join(name);
    fs::write(&path, "this is no library").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}
