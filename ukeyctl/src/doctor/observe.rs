//! Looking at the computer: files, sockets, processes. Reads only, and asks no Key anything.

use super::elf::{HEAD, is_elf, is_for_the_same};
use super::surroundings::{has_polkit, is_pcscd_rule_missing, tray};
use super::usb::usb;
use super::{Library, Pcscd, Seen};
use crate::context::Context;
use crate::snapshot::{Module, Snapshot};
use crate::time::Time;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use ukey_agent::Bus;
use ukey_formats::text::one_line;

/// Longest text that is kept of a file.
const TEXT_MAX: usize = 80;
/// Where pcscd listens.
const PCSCD_SOCKET: &str = "/run/pcscd/pcscd.comm";
/// Files that the service needs on the system bus, each in one of several folders.
const FILES: &[(&str, &[&str])] = &[
    ("dbus-1/system.d/org.ukeyd.UKey1.conf", &["/usr/share", "/etc"]),
    ("polkit-1/actions/org.ukeyd.policy", &["/usr/share"]),
];

/// Looks at everything. That the service can't be reached is part of what is seen.
pub(crate) async fn observe(context: &Context) -> Seen {
    let is_system = context.bus == Bus::System;
    let (shown, polkit, logind) = match context.service().await {
        Ok(service) => (
            service.snapshot().await,
            !is_system || has_polkit(service.connection()).await,
            service.has_logind().await.unwrap_or(false),
        ),
        Err(error) => (Err(error), true, false),
    };
    let (service, unreachable) = match shown {
        Ok(snapshot) => (Some(snapshot), String::new()),
        Err(error) => (None, error.to_string()),
    };
    let modules = service.as_ref().map(|snapshot: &Snapshot| snapshot.modules.as_slice()).unwrap_or_default();
    let usb = usb(Path::new("/sys/bus/usb/devices"), Path::new("/dev/bus/usb"));
    Seen {
        ukeyctl: env!("CARGO_PKG_VERSION"),
        system: distribution(),
        kernel: line_of(Path::new("/proc/sys/kernel/osrelease")),
        time: Time::now(),
        libraries: modules.iter().map(library).collect(),
        usb: usb.keys,
        usb_closed: usb.closed,
        pcscd: pcscd(Path::new(PCSCD_SOCKET)),
        pcscd_rule_missing: is_system && is_pcscd_rule_missing(),
        polkit,
        agent: own_processes().any(|process| line_of(&process.join("comm")) == "ukey-agent"),
        logind,
        tray: tray().await,
        missing: if is_system { missing() } else { Vec::new() },
        service,
        unreachable,
    }
}

fn library(module: &Module) -> Library {
    let path = fs::canonicalize(&module.library).unwrap_or_else(|_| PathBuf::from(&module.library));
    Library {
        module: module.name.clone(),
        trouble: trouble(&path),
        used_by: users(&path),
        path: path.display().to_string(),
    }
}

/// What keeps a file from being loaded.
fn trouble(path: &Path) -> Option<&'static str> {
    let Ok(metadata) = fs::metadata(path) else { return Some("missing") };
    let head = head(path).unwrap_or_default();
    let is_own = head_of_this_program().is_none_or(|own| is_for_the_same(&head, &own));
    // A private bus also takes the libraries of the service's own user; that is not for this program to know.
    let is_safe = |metadata: &fs::Metadata| metadata.uid() == 0 && metadata.mode() & 0o022 == 0;
    // A sticky folder like /tmp is not safe either: others can put files beside.
    let is_folder_safe = |folder: &Path| fs::metadata(folder).is_ok_and(|metadata| is_safe(&metadata));
    if !metadata.is_file() || !is_elf(&head) {
        Some("no-library")
    } else if !is_own {
        Some("wrong-architecture")
    } else if !is_safe(&metadata) || !path.ancestors().skip(1).all(is_folder_safe) {
        Some("unsafe")
    } else {
        None
    }
}

fn head(path: &Path) -> Option<[u8; HEAD]> {
    let mut head = [0; HEAD];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).ok()?;
    Some(head)
}

/// `ukeyd` is of the same package.
fn head_of_this_program() -> Option<[u8; HEAD]> {
    head(Path::new("/proc/self/exe"))
}

/// Does this program run on a desktop?
pub(super) fn is_on_desktop() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Programs of this user that have the library loaded: they may hold the Key.
fn users(library: &Path) -> Vec<String> {
    let mut names: Vec<String> = own_processes()
        .filter(|process| {
            let maps = fs::read_to_string(process.join("maps")).unwrap_or_default();
            maps.lines().any(|line| line.split_whitespace().nth(5) == library.to_str())
        })
        .map(|process| line_of(&process.join("comm")))
        .filter(|name| !name.starts_with("ukey-pkcs11-shi"))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The folders below `/proc` of this user's processes.
fn own_processes() -> impl Iterator<Item = PathBuf> {
    let uid = rustix::process::getuid().as_raw();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit()))
        // A process that is not dumpable, as an agent, is shown as root's: its status tells the user.
        .filter(move |entry| real_user(&entry.path()) == Some(uid))
        .map(|entry| entry.path())
}

fn real_user(process: &Path) -> Option<u32> {
    let status = fs::read_to_string(process.join("status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().next()?.parse().ok()
}

fn pcscd(socket: &Path) -> Pcscd {
    match (socket.exists(), UnixStream::connect(socket)) {
        (_, Ok(_)) => Pcscd::Reachable,
        (true, Err(_)) => Pcscd::Refuses,
        (false, Err(_)) => Pcscd::Absent,
    }
}

fn missing() -> Vec<&'static str> {
    let is_missing =
        |(file, folders): &&(&str, &[&str])| !folders.iter().any(|folder| Path::new(folder).join(file).exists());
    FILES.iter().filter(is_missing).map(|(file, _)| *file).collect()
}

fn distribution() -> String {
    let text = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=")).unwrap_or_default();
    one_line(name.trim_matches('"'), TEXT_MAX)
}

/// A file of one line; empty when it can't be read.
pub(super) fn line_of(path: &Path) -> String {
    one_line(fs::read_to_string(path).unwrap_or_default().trim(), TEXT_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cant_be_a_library_is_told_why() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.so");
        assert_eq!(trouble(&file), Some("missing"));
        fs::write(&file, "text").unwrap();
        assert_eq!(trouble(&file), Some("no-library"));
        let own = head_of_this_program().unwrap();
        let mut other = own;
        other[18] ^= 1;
        fs::write(&file, other).unwrap();
        assert_eq!(trouble(&file), Some("wrong-architecture"));
        fs::write(&file, own).unwrap();
        // Below a folder that everybody may write.
        assert_eq!(trouble(&file), Some("unsafe"));
    }

    #[test]
    fn a_socket_without_a_listener_refuses() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("comm");
        assert_eq!(pcscd(&socket), Pcscd::Absent);
        let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert_eq!(pcscd(&socket), Pcscd::Reachable);
        drop(listener);
        assert_eq!(pcscd(&socket), Pcscd::Refuses);
    }
}
