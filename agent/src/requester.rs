//! Who asks for the PIN: found by the agent itself, not taken from what anybody says.

use crate::process::Process;
use crate::script;
use nix::unistd::{Uid, User};
use std::ffi::OsStr;
use std::path::Path;
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

/// What came of a look at a process.
#[derive(Debug)]
pub(crate) enum Looked<T> {
    /// What was there.
    At(T),
    /// The process has ended, is another user's, or could not be looked at in time.
    Nowhere,
}

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
    let user = tokio::task::spawn_blocking(move || user_name(uid));
    let program = match look(connection, caller, uid, |process| program(&process)).await? {
        Looked::At(program) => program,
        Looked::Nowhere => Program::Unknown,
    };
    let user = match tokio::time::timeout(LOOKUP_TIME, user).await {
        Ok(Ok(user)) => user,
        Ok(Err(_)) | Err(_) => uid.to_string(),
    };
    Ok(Requester { program, user })
}

/// Looks at the process behind a connection, which has to be of the user `uid`. What was seen counts only when the
/// connection is there still, with the same process: its number may have become another's before.
///
/// # Errors
/// [`ForeignUser`] when the bus says that the connection belongs to another user.
pub(crate) async fn look<T: Send + 'static>(
    connection: &Connection,
    caller: &OwnedUniqueName,
    uid: u32,
    at: impl FnOnce(Process) -> T + Send + 'static,
) -> Result<Looked<T>, ForeignUser> {
    let pid = match credentials(connection, caller).await {
        Some((user, _)) if user != uid => return Err(ForeignUser),
        Some((_, Some(pid))) => pid,
        Some((_, None)) | None => return Ok(Looked::Nowhere),
    };
    let look = tokio::task::spawn_blocking(move || Process::of_user(pid, uid).map(at));
    match tokio::time::timeout(LOOKUP_TIME, look).await {
        Ok(Ok(Some(seen))) if credentials(connection, caller).await == Some((uid, Some(pid))) => Ok(Looked::At(seen)),
        Ok(_) | Err(_) => Ok(Looked::Nowhere),
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

fn program(process: &Process) -> Program {
    match process.executable() {
        Some(executable) => known(&executable.path, || process.command_line()),
        None => claimed(&process.own_name()),
    }
}

fn known(path: &Path, command_line: impl FnOnce() -> Vec<u8>) -> Program {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_named_by_its_executable() {
        let own = std::env::current_exe().unwrap();
        let process = Process::of_user(std::process::id(), rustix::process::getuid().as_raw()).unwrap();
        match program(&process) {
            Program::Known { name, .. } => assert!(own.to_string_lossy().contains(&name)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_that_try_to_deceive_are_cleaned() {
        let path = Path::new("/opt/a\u{202e}b/order\nclient\u{1b}[2J");
        let Program::Known { name, folder, script } = known(path, Vec::new) else { panic!() };
        assert_eq!((folder.as_str(), script), ("/opt/ab", None));
        assert!(!name.contains(['\n', '\u{1b}']), "{name}");
        assert_eq!(claimed(b"\x1b\n\xe2\x80\xae\n"), Program::Unknown);
        assert_eq!(claimed(b"tool\n"), Program::Claimed("tool".to_owned()));
    }
}
