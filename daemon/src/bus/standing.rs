//! What polkit itself looks at when it asks whose session a process is in and whether its person is there. polkit and logind
//! tell of changes a moment after them; these files show them at once.

use crate::token::User;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;

/// Longest place of a process that is remembered, in bytes; the kernel allows longer ones.
const PLACE_MAX: usize = 4096;

/// How a caller stood at one moment. Worth nothing but to be asked whether it still does.
#[derive(Debug)]
pub(super) struct Standing {
    sessions: Sessions,
    place: Option<Place>,
}

/// Which writing of logind's file of a user is there: the sessions, and which of them are active (sd_uid_get_sessions(3)).
/// None without logind, or where the user has no session.
#[derive(Debug, PartialEq, Eq)]
struct Sessions {
    path: String,
    /// logind writes a new file beside the old one and puts it in its place.
    writing: Option<(u64, u64, i64, i64)>,
}

/// Which session a process is in (sd_pid_get_session(3)).
#[derive(Debug)]
struct Place {
    path: String,
    groups: Vec<u8>,
}

impl Standing {
    /// Looks at the caller. Where processes of others are hidden from the service, it sees the sessions only.
    pub(super) fn of(user: &User) -> Self {
        let sessions = Sessions::in_file(format!("/run/systemd/users/{}", user.uid));
        Self { sessions, place: Place::of(user.pid) }
    }

    /// Does the caller still stand like this?
    pub(super) fn holds(&self) -> bool {
        let Self { sessions, place } = self;
        writing(&sessions.path) == sessions.writing && place.as_ref().is_none_or(Place::holds)
    }
}

impl Sessions {
    fn in_file(path: String) -> Self {
        Self { writing: writing(&path), path }
    }
}

fn writing(path: &str) -> Option<(u64, u64, i64, i64)> {
    let file = std::fs::metadata(path).ok()?;
    Some((file.ino(), file.len(), file.ctime(), file.ctime_nsec()))
}

impl Place {
    fn of(pid: u32) -> Option<Self> {
        let path = format!("/proc/{pid}/cgroup");
        let groups = groups(&path, &mut [0; PLACE_MAX])?.to_vec();
        Some(Self { path, groups })
    }

    fn holds(&self) -> bool {
        groups(&self.path, &mut [0; PLACE_MAX]) == Some(&self.groups)
    }
}

/// Nothing when the process has ended, or is hidden.
fn groups<'a>(path: &str, place: &'a mut [u8; PLACE_MAX]) -> Option<&'a [u8]> {
    // In one read: the kernel writes it anew for each.
    let length = File::open(path).ok()?.read(place).ok()?;
    place.get(..length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_writing_is_another_standing() {
        let folder = tempfile::tempdir().unwrap();
        let (file, new) = (folder.path().join("7"), folder.path().join(".7"));
        let now = || Standing { sessions: Sessions::in_file(file.to_str().unwrap().to_owned()), place: None };
        let nothing = now();
        std::fs::write(&file, "STATE=active\n").unwrap();
        let first = now();
        assert!(first.holds() && !nothing.holds());
        std::fs::write(&new, "STATE=online\n").unwrap();
        std::fs::rename(&new, &file).unwrap();
        assert!(!first.holds(), "of the same length");
        std::fs::remove_file(&file).unwrap();
        assert!(nothing.holds() && !first.holds());
    }

    #[test]
    fn a_process_that_has_ended_stands_nowhere() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let standing = Standing { sessions: Sessions::in_file("/nothing".to_owned()), place: Place::of(child.id()) };
        assert!(standing.place.is_some() && standing.holds());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!standing.holds());
    }
}
