//! The file that the memory is kept in, shared by all sessions of a user. Whatever becomes of it, notices go on: then
//! with what this process remembers.

use super::memory::Memory;
use crate::texts::first_set;
use rustix::fs::{FlockOperation, flock};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::sleep;

const FILE: &str = "expiry.toml";
const LOCK: &str = "expiry.lock";
const NEW: &str = "expiry.toml.new";
/// Largest file that is read, in bytes: several times what is ever written.
const FILE_MAX: u64 = 4 << 20;
/// Another session holds the file for some milliseconds. One that is stopped meanwhile must not stop us.
const LOCK_TRIES: u32 = 40;
const LOCK_PAUSE: Duration = Duration::from_millis(25);

/// The way to the file.
#[derive(Clone, Debug)]
pub(super) struct Store {
    folder: Option<PathBuf>,
    /// What this process knows; used where the file can't be.
    kept: Memory,
}

impl Store {
    /// Below `$XDG_STATE_HOME/ukeyd`, else `~/.local/state/ukeyd`.
    pub(super) fn of_user() -> Self {
        let folder = first_set(&["XDG_STATE_HOME"]).map(PathBuf::from).filter(|folder| folder.is_absolute());
        let folder = folder.or_else(|| first_set(&["HOME"]).map(|home| Path::new(&home).join(".local/state")));
        Self::in_folder(folder.map(|folder| folder.join("ukeyd")))
    }

    fn in_folder(folder: Option<PathBuf>) -> Self {
        Self { folder, kept: Memory::default() }
    }

    /// Changes the memory, alone among all sessions, and writes it down.
    pub(super) async fn update<T>(&mut self, change: impl FnOnce(&mut Memory) -> T) -> T {
        let lock = match &self.folder {
            Some(folder) => Some(lock(folder).await),
            None => None,
        };
        if let Some(Err(error)) = &lock {
            tracing::warn!(%error, "the file of notices can't be locked");
        }
        if let Some(folder) = &self.folder {
            match read(&folder.join(FILE)) {
                Ok(Some(memory)) => self.kept = memory,
                // Somebody removed it: what was told was told.
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "the file of notices can't be read; a new one is made"),
            }
        }
        let before = self.kept.clone();
        let outcome = change(&mut self.kept);
        if let Some(folder) = self.folder.as_deref().filter(|_| self.kept != before)
            && let Err(error) = write(folder, &self.kept)
        {
            tracing::warn!(%error, "notices are not remembered beyond this program");
        }
        outcome
    }
}

/// Held until it is dropped.
async fn lock(folder: &Path) -> io::Result<File> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(folder.join(LOCK))?;
    for _ in 0..LOCK_TRIES {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(file),
            Err(error) if error == rustix::io::Errno::WOULDBLOCK => sleep(LOCK_PAUSE).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(ErrorKind::TimedOut.into())
}

fn read(path: &Path) -> io::Result<Option<Memory>> {
    let mut text = String::new();
    match File::open(path).and_then(|file| file.take(FILE_MAX).read_to_string(&mut text)) {
        Ok(_) => Memory::read(&text).map(Some).map_err(io::Error::other),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// In one step: who reads, and who starts after a crash, sees the old one or the new one.
fn write(folder: &Path, memory: &Memory) -> io::Result<()> {
    let text = memory.text().map_err(io::Error::other)?;
    let new = folder.join(NEW);
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, folder.join(FILE))?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    async fn tell(store: &mut Store, step: i32) -> bool {
        store.update(|memory| memory.of_mut("aa", 5).steps.insert(step)).await
    }

    #[tokio::test]
    async fn what_one_session_told_the_other_knows() {
        let folder = tempfile::tempdir().unwrap();
        let store = || Store::in_folder(Some(folder.path().join("state/ukeyd")));
        let (mut one, mut other) = (store(), store());
        assert!(tell(&mut one, 30).await);
        assert!(!tell(&mut other, 30).await);
        assert!(tell(&mut other, 15).await);
        assert!(!tell(&mut one, 15).await);
        let path = folder.path().join("state/ukeyd");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(path.join(FILE).metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[tokio::test]
    async fn nobody_reads_or_writes_while_another_does() {
        let folder = tempfile::tempdir().unwrap();
        let other = lock(folder.path()).await.unwrap();
        let mut store = Store::in_folder(Some(folder.path().to_owned()));
        let told = tokio::spawn(async move { tell(&mut store, 30).await });
        let pause = LOCK_PAUSE * 4;
        sleep(pause).await;
        assert!(!told.is_finished() && !folder.path().join(FILE).exists());
        drop(other);
        assert!(told.await.unwrap());
        assert!(folder.path().join(FILE).exists());
    }

    #[tokio::test]
    async fn a_session_that_was_stopped_holds_nobody_up_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let _other = lock(folder.path()).await.unwrap();
        assert!(tell(&mut Store::in_folder(Some(folder.path().to_owned())), 30).await);
    }

    #[tokio::test]
    async fn a_damaged_or_lost_file_is_made_anew_and_what_was_told_stays_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let mut store = Store::in_folder(Some(folder.path().to_owned()));
        assert!(tell(&mut store, 30).await);
        for damage in [&b"certificate = 7"[..], b"\xff\xfe", b"[[certificate"] {
            std::fs::write(&path, damage).unwrap();
            assert!(!tell(&mut store, 30).await);
            std::fs::remove_file(&path).unwrap();
            assert!(!tell(&mut store, 30).await);
        }
        // A new process knows nothing, and writes a whole file again.
        std::fs::write(&path, "[[certificate").unwrap();
        let mut store = Store::in_folder(Some(folder.path().to_owned()));
        assert!(tell(&mut store, 30).await);
        assert!(std::fs::read_to_string(&path).unwrap().contains("told = [30]"));
    }

    #[tokio::test]
    async fn without_a_place_it_is_remembered_in_the_process() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for folder in [None, Some(file.path().join("below-a-file"))] {
            let mut store = Store::in_folder(folder);
            assert!(tell(&mut store, 30).await);
            assert!(!tell(&mut store, 30).await);
        }
    }
}
