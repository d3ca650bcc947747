//! The guides for clerks and integrators can be followed: every command in their grey boxes is run by the clerk, in their
//! order, and none fails. Both languages have the same commands. (The administrator's are run by script/test-package, on a
//! system of its own, the technicians' by `every_command_of_the_guides_works`; that `ukeyctl` takes every other command of
//! the book is a test of `ukeyctl`.)
//!
//! Two things stand for what a stage does not have: the folder of the sources for that of the package, and the example
//! that was built beside the tests for `cargo run`, whose arguments are checked.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use ukey_softhsm_tests::{Ended, Fixture, Person, STAGE, Tool, as_person, staged};

const SHELL: &str = "/bin/sh";
const PACKAGE: &str = "/usr/share/doc/ukeyd/docs";

#[test]
fn the_integrators() {
    staged(async || {
        let _needed = (Tool::Cc.path(), Tool::PkgConfig.path(), Tool::Javac.path(), Tool::Python.path());
        let fixture = Fixture::builder().start().await;
        fixture.pinentry().will_type(fixture.key().pin());
        // Where each program of the user is confirmed.
        for _ in 0..8 {
            fixture.pinentry().will_confirm();
        }
        let ended = follow("integrators").await.succeeded();
        assert_eq!(ended.stdout.matches("Verified OK\n").count(), 4, "{}", ended.stdout);
        for example in ["python.sig", "c.sig", "java.sig", "rust.sig"] {
            assert!(Path::new(&Person::Clerk.home()).join(example).exists(), "{example}");
        }
    });
}

#[test]
fn the_clerks() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let ended = follow("clerks").await.succeeded();
        assert!(ended.stdout.contains(fixture.key().label()), "{}", ended.stdout);
    });
}

#[test]
fn both_languages_have_the_same_commands() {
    for guide in ["administrators", "clerks", "fleet-view", "integrators", "technicians"] {
        let (english, chinese) = (blocks(guide), blocks(&format!("{guide}.zh-CN")));
        assert!(guide == "technicians" || !english.is_empty(), "{guide} has no commands");
        assert_eq!(english, chinese, "{guide}");
    }
}

#[test]
fn a_command_that_fails_is_noticed() {
    staged(async || {
        let ended = run("true\nfalse\ntrue").await;
        assert_eq!(ended.code, Some(1));
    });
}

/// Runs the clerk's commands of a guide, one after another.
async fn follow(guide: &str) -> Ended {
    let stand_in = Path::new(STAGE).join("stand-in");
    fs::create_dir(&stand_in).unwrap();
    let cargo = format!(
        "#!/bin/sh\n[ \"$1 $2 $3 $4 $5 $6\" = 'run --package ukey-dbus --example sign_with_zbus --' ] || exit 64\n\
         shift 6\nexec {STAGE}/bin/examples/sign_with_zbus \"$@\"\n"
    );
    for (name, script) in [("cargo", cargo), ("ukeyctl", format!("#!/bin/sh\nexec {STAGE}/bin/ukeyctl \"$@\"\n"))] {
        fs::write(stand_in.join(name), script).unwrap();
        fs::set_permissions(stand_in.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let script = blocks(guide).join("\n").replace(&format!("{PACKAGE}/examples"), &format!("{STAGE}/examples"));
    run(&format!("PATH={}:$PATH\n{script}", stand_in.display())).await
}

async fn run(script: &str) -> Ended {
    let script = format!("set -e\ncd \"$HOME\"\n{script}");
    as_person(Person::Clerk, Path::new(SHELL), &["-c", &script]).await
}

/// What is in the grey boxes of a guide, without comments.
fn blocks(guide: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(format!("docs/{guide}.md"));
    let page = fs::read_to_string(path).unwrap();
    let mut blocks = Vec::new();
    for part in page.split("\n```sh ").skip(1) {
        let (_who, commands) = part.split_once('\n').unwrap();
        let commands = commands.split("\n```").next().unwrap();
        let bare = |line: &str| line.split("  #").next().unwrap().trim_end().to_owned();
        blocks.push(commands.lines().map(bare).collect::<Vec<_>>().join("\n"));
    }
    blocks
}
