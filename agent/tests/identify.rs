//! What an agent tells of a program: only to the service, only of its own user's, and only what the kernel says.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is not as it should be")]

mod common;

use common::{Stage, kind, own_uid, proxy, within};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::process::{Command, Stdio};
use ukey_dbus::ErrorKind;
use zbus::names::OwnedUniqueName;
use zbus::{OwnedVariant, Variant};

/// Connects, tells its unique name, and stays until its input ends.
const SCRIPT: &str = "import sys
from jeepney.io.blocking import open_dbus_connection
connection = open_dbus_connection(bus=sys.argv[1])
print(connection.unique_name, flush=True)
sys.stdin.read()
";

#[tokio::test]
async fn an_executable_is_told_by_its_file() {
    let stage = Stage::set("exit 1").await;
    let told = within(stage.agent.identify(stage.context("r1"))).await.unwrap();
    let own = std::env::current_exe().unwrap();
    let stat = std::fs::metadata(&own).unwrap();
    assert_eq!(
        (text(&told, "program"), text(&told, "scope")),
        (own.to_str().unwrap().to_owned(), "program".to_owned())
    );
    assert_eq!((number(&told, "device"), number(&told, "inode")), (Some(stat.dev()), Some(stat.ino())));
}

#[tokio::test]
async fn a_script_is_told_by_its_name_and_is_one_connection() {
    let stage = Stage::set("exit 1").await;
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("orders.py");
    std::fs::File::create(&script).unwrap().write_all(SCRIPT.as_bytes()).unwrap();
    let mut python = Command::new("/usr/bin/python3");
    let python = python.arg(&script).arg(&stage.bus.address).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut python = python.spawn().unwrap();
    let mut name = String::new();
    BufReader::new(python.stdout.take().unwrap()).read_line(&mut name).unwrap();
    let context = HashMap::from([("caller", Variant::from(name.trim())), ("caller-uid", own_uid().into())]);
    let told = within(stage.agent.identify(context.clone())).await.unwrap();
    assert_eq!((text(&told, "script"), text(&told, "scope")), ("orders.py".to_owned(), "connection".to_owned()));
    assert!(text(&told, "program").starts_with("/usr/bin/python3"));
    assert_eq!((number(&told, "device"), number(&told, "inode")), (None, None));

    drop(python.stdin.take());
    python.wait().unwrap();
    let told = within(stage.agent.identify(context)).await.unwrap();
    assert_eq!((text(&told, "program"), text(&told, "scope")), (String::new(), "connection".to_owned()), "it has left");
}

#[tokio::test]
async fn strangers_and_other_users_are_told_nothing() {
    let stage = Stage::set("exit 1").await;
    let stranger = stage.bus.connect().await;
    let name = OwnedUniqueName::try_from(stage.agent.inner().destination().to_string()).unwrap();
    let asked = proxy(&stranger, name).await;
    assert_eq!(kind(within(asked.identify(stage.context("r1"))).await), ErrorKind::NotAuthorized);
    let mut context = stage.context("r1");
    context.insert("caller-uid", own_uid().wrapping_add(1).into());
    assert_eq!(kind(within(stage.agent.identify(context)).await), ErrorKind::NotAuthorized);
    assert_eq!(kind(within(stage.agent.identify(HashMap::new())).await), ErrorKind::InvalidArgument);
}

fn text(told: &HashMap<String, OwnedVariant>, key: &str) -> String {
    told[key].downcast_ref::<&str>().unwrap().to_owned()
}

fn number(told: &HashMap<String, OwnedVariant>, key: &str) -> Option<u64> {
    told.get(key).map(|value| value.downcast_ref().unwrap())
}
