//! The time zone where the user is, read anew each time, and word of its change.

use super::calendar::Calendar;
use crate::texts::first_set;
use jiff::tz::TimeZone;
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use rustix::io::Errno;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;
use tokio::io::unix::AsyncFd;

const FOLDER: &str = "/etc";
const NAME: &str = "localtime";
/// Largest zone file that is read, in bytes; real ones have some KiB.
const ZONE_MAX: usize = 1 << 20;

/// The calendar of this user: by `TZ`, else by `/etc/localtime`, else UTC.
pub(crate) fn calendar() -> Calendar {
    // jiff looks at the file once in five minutes only.
    let zone = match first_set(&["TZ"]) {
        Some(_) => TimeZone::system(),
        None => of_file(&Path::new(FOLDER).join(NAME)),
    };
    Calendar::new(zone)
}

fn of_file(path: &Path) -> TimeZone {
    let zone = std::fs::read(path).ok().filter(|data| data.len() <= ZONE_MAX);
    zone.and_then(|data| TimeZone::tzif("Local", &data).ok()).unwrap_or(TimeZone::UTC)
}

/// Hears when `/etc/localtime` becomes another file.
pub(super) struct ZoneWatch(Option<AsyncFd<OwnedFd>>);

impl ZoneWatch {
    /// Begins to listen. Where the kernel refuses, changes are seen with the next notice.
    pub(super) fn start() -> Self {
        let watch =
            listen(FOLDER).inspect_err(|error| tracing::warn!(%error, "changes of the time zone are not heard"));
        Self(watch.ok())
    }

    /// Waits until the zone may have changed.
    pub(super) async fn changed(&self) {
        while let Some(events) = &self.0
            && let Ok(mut ready) = events.readable().await
        {
            match names(events.get_ref()) {
                Ok(true) => return,
                Ok(false) => ready.clear_ready(),
                Err(error) => {
                    tracing::warn!(%error, "changes of the time zone are not heard any more");
                    break;
                }
            }
        }
        std::future::pending::<()>().await;
    }
}

fn listen(folder: &str) -> io::Result<AsyncFd<OwnedFd>> {
    let events = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
    inotify::add_watch(&events, folder, WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::CLOSE_WRITE)?;
    #[allow(deprecated, reason = "its successor is unsafe; an OwnedFd keeps its descriptor until it is dropped")]
    AsyncFd::new(events)
}

/// Reads all that has happened: was it the zone's file?
fn names(events: &OwnedFd) -> io::Result<bool> {
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut reader = inotify::Reader::new(events, &mut buffer);
    let mut found = false;
    loop {
        match reader.next() {
            Ok(event) => found |= event.file_name().is_none_or(|name| name.to_bytes() == NAME.as_bytes()),
            Err(Errno::WOULDBLOCK) => return Ok(found),
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    #[test]
    fn a_file_that_is_no_zone_is_utc() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "no zone").unwrap();
        assert_eq!(of_file(file.path()), TimeZone::UTC);
        assert_eq!(of_file(Path::new("/nonexistent")), TimeZone::UTC);
    }

    #[tokio::test]
    async fn a_new_link_and_a_new_content_are_heard_and_other_files_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let watch = ZoneWatch(Some(listen(folder.path().to_str().unwrap()).unwrap()));
        let path = folder.path().join(NAME);
        std::fs::write(folder.path().join("hostname"), "x").unwrap();
        assert!(timeout(Duration::from_millis(50), watch.changed()).await.is_err());
        std::os::unix::fs::symlink("/dev/null", folder.path().join("new")).unwrap();
        std::fs::rename(folder.path().join("new"), &path).unwrap();
        timeout(Duration::from_secs(20), watch.changed()).await.unwrap();
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "x").unwrap();
        timeout(Duration::from_secs(20), watch.changed()).await.unwrap();
    }
}
