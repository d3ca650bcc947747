//! Who asks for the PIN: found by the agent itself, not taken from what anybody says.

use crate::script;
use nix::unistd::{Uid, User};
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;
use ukey_formats::text::one_line;
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::names::OwnedUniqueName;

/// Longest part of a program's name, folder or script that is kept, in characters.
const NAME_MAX: usize = 60;
/// Longest time for the look-ups; the user data base may be on the network.
const LOOKUP_TIME: Duration = Duration::from_secs(3);

/// The program and the user behind a request. The texts are one line each and bounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Requester {
    pub(crate) program: Program,
    pub(crate) user: String,
}

/// What is known of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// Its executable, from the kernel.
    Known {
        name: String,
        folder: String,
        /// What an interpreter says that it runs.
        script: Option<String>,
    },
    /// The kernel doesn't tell the executable; the name is the program's own choice.
    Claimed(String),
    /// Nothing.
    Unknown,
}

/// The caller runs as another user than the agent.
#[derive(Debug)]
pub(crate) struct ForeignUser;

/// Finds out about the owner of the unique name `caller`, which has to be of the user `uid`.
///
/// A process that has ended since, or that its user may not look into, is [`Program::Unknown`] or
/// [`Program::Claimed`], never an error.
///
/// # Errors
/// [`ForeignUser`] when the bus says that the connection belongs to another user.
pub(crate) async fn find(
    connection: &Connection,
    caller: &OwnedUniqueName,
    uid: u32,
) -> Result<Requester, ForeignUser> {
    let pid = match credentials(connection, caller).await {
        Some((user, _)) if user != uid => return Err(ForeignUser),
        Some((_, pid)) => pid,
        None => None,
    };
    let look = tokio::task::spawn_blocking(move || Requester { program: program(pid, uid), user: user_name(uid) });
    match tokio::time::timeout(LOOKUP_TIME, look).await {
        Ok(Ok(requester)) => Ok(requester),
        Ok(Err(_)) | Err(_) => Ok(Requester { program: Program::Unknown, user: uid.to_string() }),
    }
}

/// User and process id of a connection, from the bus.
async fn credentials(connection: &Connection, caller: &OwnedUniqueName) -> Option<(u32, Option<u32>)> {
    let bus = DBusProxy::new(connection).await.ok()?;
    let credentials = bus.get_connection_credentials(caller.inner().into()).await.ok()?;
    Some((credentials.unix_user_id()?, credentials.process_id()))
}

/// The login name, or the number where there is none.
fn user_name(uid: u32) -> String {
    match User::from_uid(Uid::from_raw(uid)) {
        Ok(Some(user)) => one_line(&user.name, NAME_MAX),
        Ok(None) | Err(_) => uid.to_string(),
    }
}

fn program(pid: Option<u32>, uid: u32) -> Program {
    let Some(process) = pid.map(|pid| PathBuf::from(format!("/proc/{pid}"))) else { return Program::Unknown };
    // The number may belong to another user's process meanwhile. The folder's owner doesn't tell: it is root for a
    // process that isn't dumpable.
    if real_user(&read_some(&process.join("status"))) != Some(uid) {
        return Program::Unknown;
    }
    match fs::read_link(process.join("exe")) {
        Ok(executable) => known(&executable, || read_some(&process.join("cmdline"))),
        Err(_) => claimed(&read_some(&process.join("comm"))),
    }
}

/// The real user id in `/proc/PID/status` (proc_pid_status(5): the first of four).
fn real_user(status: &[u8]) -> Option<u32> {
    let status = String::from_utf8_lossy(status);
    status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().next()?.parse().ok()
}

fn known(executable: &Path, command_line: impl FnOnce() -> Vec<u8>) -> Program {
    // What the kernel appends when the file was replaced by an update.
    let shown = executable.to_string_lossy();
    let path = Path::new(shown.strip_suffix(" (deleted)").unwrap_or(&shown));
    let name = one_line(&path.file_name().unwrap_or(OsStr::new("")).to_string_lossy(), NAME_MAX);
    if name.is_empty() {
        return Program::Unknown;
    }
    let folder = one_line(&path.parent().unwrap_or(Path::new("/")).to_string_lossy(), NAME_MAX);
    let script = script::of_interpreter(&name, command_line).map(|script| one_line(&script, NAME_MAX));
    Program::Known { name, folder, script: script.filter(|script| !script.is_empty()) }
}

fn claimed(comm: &[u8]) -> Program {
    match one_line(&String::from_utf8_lossy(comm), NAME_MAX) {
        name if name.is_empty() => Program::Unknown,
        name => Program::Claimed(name),
    }
}

/// The first 4 KiB of a file below `/proc`; empty when it can't be read.
fn read_some(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    match fs::File::open(path).and_then(|file| file.take(4096).read_to_end(&mut bytes)) {
        Ok(_) => bytes,
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_named_by_its_executable() {
        let uid = rustix::process::getuid().as_raw();
        let own = std::env::current_exe().unwrap();
        match program(Some(std::process::id()), uid) {
            Program::Known { name, .. } => assert!(own.to_string_lossy().contains(&name)),
            other => panic!("{other:?}"),
        }
        assert_eq!(program(Some(std::process::id()), uid.wrapping_add(1)), Program::Unknown);
        assert_eq!(program(None, uid), Program::Unknown);
        assert_eq!(program(Some(u32::MAX), uid), Program::Unknown);
    }

    #[test]
    fn names_that_try_to_deceive_are_cleaned() {
        let path = Path::new("/opt/a\u{202e}b/order\nclient\u{1b}[2J (deleted)");
        let Program::Known { name, folder, script } = known(path, Vec::new) else { panic!() };
        assert_eq!((folder.as_str(), script), ("/opt/ab", None));
        assert!(!name.contains(['\n', '\u{1b}']), "{name}");
        assert_eq!(claimed(b"\x1b\n\xe2\x80\xae\n"), Program::Unknown);
        assert_eq!(claimed(b"tool\n"), Program::Claimed("tool".to_owned()));
    }
}
