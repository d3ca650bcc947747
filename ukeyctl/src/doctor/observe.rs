//! Looking at the computer: files, sockets, processes. Reads only, and asks no Key anything.

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
/// USB vendors of Keys: Feitian, WatchData. Others are seen by their smart-card interface.
const VENDORS: &[&str] = &["096e", "163c"];
/// bInterfaceClass of smart-card readers (USB CCID).
const SMART_CARD: &str = "0b";

/// Looks at everything. That the service can't be reached is part of what is seen.
pub(crate) async fn observe(context: &Context) -> Seen {
    let (shown, logind) = match context.service().await {
        Ok(service) => (service.snapshot().await, service.has_logind().await.unwrap_or(false)),
        Err(error) => (Err(error), false),
    };
    let (service, unreachable) = match shown {
        Ok(snapshot) => (Some(snapshot), String::new()),
        Err(error) => (None, error.to_string()),
    };
    let modules = service.as_ref().map(|snapshot: &Snapshot| snapshot.modules.as_slice()).unwrap_or_default();
    Seen {
        ukeyctl: env!("CARGO_PKG_VERSION"),
        system: distribution(),
        kernel: line_of(Path::new("/proc/sys/kernel/osrelease")),
        time: Time::now(),
        libraries: modules.iter().map(library).collect(),
        usb: usb(Path::new("/sys/bus/usb/devices")),
        pcscd: pcscd(Path::new(PCSCD_SOCKET)),
        agent: own_processes().any(|process| line_of(&process.join("comm")) == "ukey-agent"),
        logind,
        missing: if context.bus == Bus::System { missing() } else { Vec::new() },
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
    let mut start = [0_u8; 5];
    let is_read = File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok();
    let own_class = if cfg!(target_pointer_width = "64") { 2 } else { 1 };
    // A private bus also takes the libraries of the service's own user; that is not for this program to know.
    let is_safe = |metadata: &fs::Metadata| metadata.uid() == 0 && metadata.mode() & 0o022 == 0;
    // A sticky folder like /tmp is not safe either: others can put files beside.
    let is_folder_safe = |folder: &Path| fs::metadata(folder).is_ok_and(|metadata| is_safe(&metadata));
    if !is_read || !metadata.is_file() || !start.starts_with(b"\x7fELF") {
        Some("no-library")
    } else if start[4] != own_class {
        Some("wrong-architecture")
    } else if !is_safe(&metadata) || !path.ancestors().skip(1).all(is_folder_safe) {
        Some("unsafe")
    } else {
        None
    }
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

/// `vendor:product` of each device that looks like a Key.
fn usb(devices: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for device in fs::read_dir(devices).into_iter().flatten().flatten() {
        let path = device.path();
        let (vendor, product) = (line_of(&path.join("idVendor")), line_of(&path.join("idProduct")));
        if vendor.is_empty() {
            continue;
        }
        let interfaces = fs::read_dir(&path).into_iter().flatten().flatten();
        let is_card =
            interfaces.map(|part| part.path().join("bInterfaceClass")).any(|file| line_of(&file) == SMART_CARD);
        if is_card || VENDORS.contains(&vendor.as_str()) {
            found.push(format!("{vendor}:{product}"));
        }
    }
    found.sort();
    found
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
fn line_of(path: &Path) -> String {
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
        fs::write(&file, b"\x7fELF\x01").unwrap();
        assert_eq!(
            trouble(&file),
            Some(if cfg!(target_pointer_width = "64") { "wrong-architecture" } else { "unsafe" })
        );
        fs::write(&file, b"\x7fELF\x02").unwrap();
        // Below a folder that everybody may write.
        assert_eq!(
            trouble(&file),
            Some(if cfg!(target_pointer_width = "64") { "unsafe" } else { "wrong-architecture" })
        );
    }

    #[test]
    fn keys_on_usb_are_known_by_vendor_or_by_their_interface() {
        let folder = tempfile::tempdir().unwrap();
        for (name, vendor, class) in [("1-1", "096e", "03"), ("1-2", "1234", "0b"), ("1-3", "1234", "08")] {
            let device = folder.path().join(name);
            let interface = device.join("1:1.0");
            fs::create_dir_all(&interface).unwrap();
            fs::write(device.join("idVendor"), vendor).unwrap();
            fs::write(device.join("idProduct"), "0001\n").unwrap();
            fs::write(interface.join("bInterfaceClass"), class).unwrap();
        }
        assert_eq!(usb(folder.path()), ["096e:0001", "1234:0001"]);
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
