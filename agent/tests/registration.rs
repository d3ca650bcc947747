//! The desktop agent as a program: it registers, comes back with ukeyd, and takes its leave.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is not as it should be")]

mod common;

use common::{Pinentry, PrivateBus, Service, Told, within};
use rustix::process::{Pid, Signal, kill_process};
use std::process::Stdio;
use tokio::process::{Child, Command};
use ukey_dbus::ErrorKind;
use ukey_dbus::names::BUS_NAME;

/// Starts the program on `bus`.
fn start(bus: &PrivateBus, pinentry: &Pinentry) -> Child {
    Command::new(env!("CARGO_BIN_EXE_ukey-agent"))
        .args(["--bus", &bus.address, "--pinentry"])
        .arg(&pinentry.program)
        .env("HOME", pinentry.program.parent().unwrap())
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

fn signal(agent: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(agent.id().unwrap()).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

#[tokio::test]
async fn it_takes_its_leave_at_sigterm_and_sigint() {
    for end in [Signal::TERM, Signal::INT] {
        let (bus, pinentry) = (PrivateBus::start(), Pinentry::that("echo OK"));
        let mut service = Service::start(&bus).await;
        let mut agent = start(&bus, &pinentry);
        assert_eq!(service.agent().await.1, "desktop");
        signal(&agent, end);
        assert!(matches!(within(service.told.recv()).await, Some(Told::Unregistered)));
        assert_eq!(within(agent.wait()).await.unwrap().code(), Some(0));
    }
}

#[tokio::test]
async fn it_waits_for_ukeyd_and_registers_again_when_it_comes_back() {
    let (bus, pinentry) = (PrivateBus::start(), Pinentry::that("echo OK"));
    let _agent = start(&bus, &pinentry);
    let mut first = Service::start(&bus).await;
    let before = first.agent().await.0.inner().destination().to_string();
    first.connection.release_name(BUS_NAME).await.unwrap();
    drop(first);
    let mut second = Service::start(&bus).await;
    assert_eq!(second.agent().await.0.inner().destination().to_string(), before);
}

#[tokio::test]
async fn a_refusal_is_one_line_and_a_failure() {
    let (bus, pinentry) = (PrivateBus::start(), Pinentry::that("echo OK"));
    let _service = Service::start_with(&bus, Some(ErrorKind::NotAuthorized)).await;
    let agent = start(&bus, &pinentry);
    let output = within(agent.wait_with_output()).await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("another agent serves this session"), "{said}");
}

#[tokio::test]
async fn it_ends_with_a_failure_when_the_bus_does() {
    let (bus, pinentry) = (PrivateBus::start(), Pinentry::that("echo OK"));
    let mut service = Service::start(&bus).await;
    let mut agent = start(&bus, &pinentry);
    service.agent().await;
    drop(bus);
    assert_eq!(within(agent.wait()).await.unwrap().code(), Some(1));
}

#[tokio::test]
async fn it_leaves_no_core_file() {
    let (bus, pinentry) = (PrivateBus::start(), Pinentry::that("echo OK"));
    let mut service = Service::start(&bus).await;
    let agent = start(&bus, &pinentry);
    service.agent().await;
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", agent.id().unwrap())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"]);
}

#[tokio::test]
async fn a_mistake_in_the_settings_is_reported_with_its_line() {
    let (bus, pinentry) = (PrivateBus::start(), Pinentry::that("echo OK"));
    let folder = pinentry.program.parent().unwrap().join(".config/ukeyd");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("agent.toml"), "grab = false\npinentri = \"x\"\n").unwrap();
    let output = within(start(&bus, &pinentry).wait_with_output()).await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && said.contains("agent.toml, line 2: "), "{said}");
}
