//! What polkit itself looks at when it asks whose session a process is in and whether its person is there, read by the same
//! files. polkit and logind tell of changes a moment after them; these files show them at once.

use crate::token::User;

/// How a caller stands at this moment. Worth nothing but to be compared with another moment's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// Its user's sessions, and which of them are active (sd_uid_get_sessions(3)); none without logind.
    sessions: Option<Vec<u8>>,
    /// Which session its process is in (sd_pid_get_session(3)); none where processes of others are hidden from the service.
    place: Option<Vec<u8>>,
}

impl Standing {
    /// Reads it.
    pub(super) fn of(user: &User) -> Self {
        Self {
            sessions: std::fs::read(format!("/run/systemd/users/{}", user.uid)).ok(),
            place: std::fs::read(format!("/proc/{}/cgroup", user.pid)).ok(),
        }
    }
}
