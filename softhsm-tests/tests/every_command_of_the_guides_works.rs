//! Every `ukeyctl` command in the grey boxes of the technicians' guide, in both languages, and of README.md, is run as it
//! stands there, in its order, and does not fail; and a technician's way from a locked Key to an unlocked one goes by the
//! guide's own steps.
//!
//! What a stage does not have is put in its place: the serial number and the kind of certificate of the Key that is there,
//! the id of a Key in an object's path. `watch`, which never ends, is interrupted as a person does it, and
//! `audit recover` is answered.

use std::fs;
use std::path::Path;
use std::time::Duration;
use ukey_dbus::{ErrorKind, KeyKind};
use ukey_softhsm_tests::{
    CertificateProfile, Ended, Fixture, KeyBuilder, KryopticStore, Person, STAGE, Terminal, Who, as_person, no_options,
    refusal, staged, ukeyctl,
};

const NEW: &str = "new-pin-1";
/// Of `ukeyctl doctor`: there is something to say, which depends on the computer.
const SOMETHING_IS_BAD: i32 = 3;

#[test]
fn the_technicians() {
    staged(async || technician("technicians").await);
}

#[test]
fn the_technicians_in_chinese() {
    staged(async || technician("technicians.zh-CN").await);
}

#[test]
fn the_readme() {
    staged(async || {
        let fixture = fixture(KeyKind::EcP256).await;
        let token = fixture.token().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let end = |path: &str| path.rsplit('/').next().unwrap().to_owned();
        let commands = boxed("README.md", &["ukeyctl ", "busctl "]);
        assert!(commands.len() >= 6, "{commands:?}");
        let mut orders =
            String::from("mkdir orders; for file in order.json orders/1.json orders/2.json; do echo 1 >$file; done\n");
        // The same login serves all of them; busctl serves others, so it is asked about.
        fixture.pinentry().will_type(fixture.key().pin());
        fixture.pinentry().will_confirm();
        for command in commands {
            orders.push_str(
                &command
                    .replace("/ID/", &format!("/{}/", end(token.inner().path())))
                    .replace("certificate/F", &format!("certificate/{}", end(certificate.inner().path()))),
            );
            orders.push('\n');
        }
        let ended = shell(Person::Clerk, &orders).await.succeeded();
        for made in ["order.json.sig", "order.json.p7m", "orders/1.json.sig", "orders/2.json.sig"] {
            assert!(Path::new(&Person::Clerk.home()).join(made).exists(), "{made}: {}", ended.stdout);
        }
    });
}

#[test]
fn from_locked_to_unlocked() {
    staged(async || {
        let key = KeyBuilder::default().certificate(KeyKind::EcP256, CertificateProfile::default());
        let fixture = Fixture::builder().key(key).kryoptic().start().await;
        fixture.kryoptic.set_wrong_tries(fixture.key(), Who::User, KryopticStore::TRIES);
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::PinLocked);
        let steps = steps("docs/technicians.md", "## Unlock step by step");
        assert_eq!(steps, self::steps("docs/technicians.zh-CN.md", "## 解锁步骤"));
        let [unlock, look] = steps.as_slice() else { panic!("other steps than the test knows: {steps:?}") };

        let mut terminal = Terminal::ukeyctl(Person::Technician, &arguments(unlock));
        let cost = terminal.reads("Go on? [y/N]").await;
        assert!(cost.contains("never be unlocked"), "step 1: what it can cost: {cost}");
        terminal.types("y");
        terminal.reads("[cn]?").await;
        terminal.presses('c');
        for (prompt, entry) in
            [("SO PIN (admin PIN):", fixture.key().so_pin()), ("New user PIN:", NEW), ("New user PIN again:", NEW)]
        {
            terminal.reads(prompt).await;
            terminal.types(entry);
        }
        terminal.reads("Press any key").await;
        terminal.presses(' ');
        terminal.ended().await.succeeded();
        let shown = ukeyctl(Person::Technician, &arguments(look)).await.succeeded().stdout;
        assert!(shown.contains("PIN ok") || shown.contains(" ok"), "step 5: {shown}");
        fixture.pinentry().will_type(NEW);
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
    });
}

#[test]
fn a_command_that_fails_is_noticed() {
    staged(async || {
        let _fixture = Fixture::builder().start().await;
        assert_ne!(shell(Person::Clerk, "ukeyctl list\nukeyctl sing order.json\nukeyctl list").await.code, Some(0));
    });
}

/// A Key with one certificate, whose CA is trusted.
async fn fixture(kind: KeyKind) -> Fixture {
    let key = KeyBuilder::default().certificate(kind, CertificateProfile::default());
    let folder = Path::new(STAGE).join("trusted");
    fs::create_dir(&folder).unwrap();
    let config = format!("[trust]\ncertificates = \"{}\"\n", folder.display());
    let mut fixture = Fixture::builder().key(key).config(&config).start().await;
    fs::copy(fixture.ca.certificate(), folder.join("ca.pem")).unwrap();
    fixture.kill_daemon().await;
    fixture.start_daemon().await;
    fixture
}

/// Runs the commands of a guide for technicians.
async fn technician(guide: &str) {
    let fixture = fixture(KeyKind::Rsa2048).await;
    let commands = boxed(&format!("docs/{guide}.md"), &["ukeyctl "]);
    assert!(commands.len() >= 19, "{commands:?}");
    // What the guide has been given: an order and its signatures.
    fixture.pinentry().will_type(fixture.key().pin());
    let given = "echo 1 >order.csv\nukeyctl sign order.csv\nukeyctl sign --message order.csv\nukeyctl sign --message --detached order.csv";
    shell(Person::Clerk, given).await.succeeded();
    let kind = KeyKind::Rsa2048.as_str();
    for command in commands {
        let command = command
            .replace("SN0001", fixture.key().serial_number())
            .replace("--certificate sm2", &format!("--certificate {kind}"));
        let person = match words(&command).as_slice() {
            ["ukeyctl", "audit", ..] => Person::Technician,
            _ => Person::Clerk,
        };
        let changes =
            [("ukeyctl change-pin", fixture.key().pin()), ("ukeyctl change-pin --so", fixture.key().so_pin())];
        let old = changes.iter().find(|(change, _)| *change == command).map(|(_, old)| *old);
        for entry in old.into_iter().flat_map(|old| [old, NEW, NEW]) {
            fixture.pinentry().will_type(entry);
        }
        if command == "ukeyctl watch --check" {
            watch(fixture.key().label()).await;
            continue;
        }
        if command == "ukeyctl audit recover" {
            let mut terminal = Terminal::ukeyctl(Person::Root, &arguments(&command));
            terminal.reads("[y/N]").await;
            terminal.types("y");
            terminal.ended().await.succeeded();
            continue;
        }
        let ended = shell(person, &command).await;
        let expected =
            ended.code == Some(0) || (command.starts_with("ukeyctl doctor") && ended.code == Some(SOMETHING_IS_BAD));
        assert!(expected, "{command}: {ended:?}");
        if old.is_some() {
            fixture.pinentry().read_message().await;
        }
    }
}

/// `ukeyctl watch --check` tells of the Key that is plugged in, and goes on until Ctrl-C.
async fn watch(label: &str) {
    let mut terminal = Terminal::ukeyctl(Person::Clerk, &["watch", "--check"]);
    terminal.reads(label).await;
    terminal.interrupts();
    let ended = tokio::time::timeout(Duration::from_secs(20), terminal.ended()).await.unwrap();
    assert!(matches!(ended.code, Some(0 | 130)), "{ended:?}");
}

/// Runs lines of a shell as this person, with `ukeyctl` on the path.
async fn shell(person: Person, lines: &str) -> Ended {
    let script = format!("set -e\nPATH={STAGE}/bin:$PATH\n{lines}\n");
    as_person(person, Path::new("/bin/sh"), &["-c", &script]).await
}

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(name)).unwrap()
}

/// The commands in the grey boxes of a page, without comments; lines that go on are one.
fn boxed(name: &str, beginnings: &[&str]) -> Vec<String> {
    let page = page(name).replace("\\\n", " ");
    let lines = page.lines().filter_map(|line| line.strip_prefix("    "));
    let bare = |line: &str| line.split(" #").next().unwrap().trim().to_owned();
    lines.filter(|line| beginnings.iter().any(|beginning| line.starts_with(beginning))).map(bare).collect()
}

/// The commands that the numbered steps below a heading name.
fn steps(name: &str, heading: &str) -> Vec<String> {
    let page = page(name);
    let part = page.split(&format!("{heading}\n")).nth(1).unwrap().split("\n## ").next().unwrap().to_owned();
    let steps = part.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_digit()));
    let codes = steps.flat_map(|line| line.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>());
    codes.filter(|code| code.starts_with("ukeyctl ")).collect()
}

fn words(command: &str) -> Vec<&str> {
    command.split_whitespace().collect()
}

fn arguments(command: &str) -> Vec<String> {
    let mut words: Vec<_> = words(command)[1..].iter().map(|word| (*word).to_owned()).collect();
    if words[0] == "unblock" {
        // The one that is on every computer.
        words.extend(["--pinentry".to_owned(), "pinentry-tty".to_owned()]);
    }
    words
}
