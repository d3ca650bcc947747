//! What polkit itself looks at when it asks whether a caller's person is there: logind's file of the user. logind tells of a
//! change a moment after it has written the file anew.

use std::os::unix::fs::MetadataExt;

/// Which writing of logind's file of a user is there at this moment: sessions, and which of them are active
/// (sd_uid_get_sessions(3)). Worth nothing but to be compared with another moment's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing(Option<Writing>);

/// logind writes a new file beside the old one and puts it in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Writing {
    inode: u64,
    length: u64,
    /// Seconds and nanoseconds.
    changed: (i64, i64),
}

impl Standing {
    /// Looks. Without logind, or where the user has no session, there is no file.
    pub(super) fn of(uid: u32) -> Self {
        Self::in_file(&format!("/run/systemd/users/{uid}"))
    }

    fn in_file(path: &str) -> Self {
        Self(std::fs::metadata(path).ok().map(|file| Writing {
            inode: file.ino(),
            length: file.len(),
            changed: (file.ctime(), file.ctime_nsec()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_writing_is_another_standing() {
        let folder = tempfile::tempdir().unwrap();
        let (file, new) = (folder.path().join("7"), folder.path().join(".7"));
        let now = || Standing::in_file(file.to_str().unwrap());
        let nothing = now();
        std::fs::write(&file, "STATE=active\n").unwrap();
        let first = now();
        assert_ne!(first, nothing);
        assert_eq!(first, now());
        std::fs::write(&new, "STATE=online\n").unwrap();
        std::fs::rename(&new, &file).unwrap();
        assert_ne!(first, now(), "of the same length");
        std::fs::remove_file(&file).unwrap();
        assert_eq!(now(), nothing);
    }
}
