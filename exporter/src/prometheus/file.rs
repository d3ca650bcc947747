//! The file: always whole, never older than it says.

use super::text::text;
use crate::configuration;
use crate::metrics::Family;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::Instant;

/// Also when nothing has changed it is written so often: the age of the file tells whether the exporter is alive.
const AT_LEAST_EVERY: Duration = Duration::from_secs(300);

/// A textfile and what is in it.
#[derive(Debug)]
pub(crate) struct Textfile {
    path: PathBuf,
    interval: Duration,
    /// When it was last tried, and what is in it since.
    written: Option<(Instant, String)>,
    /// What should be in it.
    wanted: String,
    failing: bool,
}

impl Textfile {
    pub(crate) fn new(configuration: configuration::Textfile) -> Self {
        let configuration::Textfile { path, interval } = configuration;
        Self { path, interval, written: None, wanted: String::new(), failing: false }
    }

    /// What should be in it from now on.
    pub(crate) fn show(&mut self, families: &[Family]) {
        self.wanted = text(families);
    }

    /// When it is to be written next.
    pub(crate) fn due(&self, now: Instant) -> Instant {
        match &self.written {
            None => now,
            Some((at, content)) if *content != self.wanted => *at + self.interval,
            Some((at, _)) => *at + AT_LEAST_EVERY,
        }
    }

    /// Writes it when it is due. What cannot be written is told once, and tried again.
    pub(crate) fn write(&mut self, now: Instant) {
        if self.due(now) > now {
            return;
        }
        match replace(&self.path, self.wanted.as_bytes()) {
            Ok(()) => {
                if std::mem::take(&mut self.failing) {
                    tracing::info!("{} can be written again", self.path.display());
                }
                self.written = Some((now, self.wanted.clone()));
            }
            Err(error) => {
                if !std::mem::replace(&mut self.failing, true) {
                    tracing::error!("{} cannot be written: {error}", self.path.display());
                }
                // What was in it is older now than anything wanted: tried again after the interval.
                self.written = Some((now, String::new()));
            }
        }
    }

    /// Takes it away: nobody keeps it true any more.
    pub(crate) fn remove(&self) {
        if let Err(error) = fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!("{} stays: {error}", self.path.display());
        }
    }
}

/// Whoever reads it sees the old content or the new.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    // Not *.prom: the node exporter would read it half written.
    let new = path.with_extension("prom.new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // Anew, so that no link leads anywhere else; readable by the node exporter's user.
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o644).open(&new)?;
    file.write_all(content)?;
    drop(file);
    fs::rename(&new, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Own, collect};

    fn textfile(folder: &Path) -> Textfile {
        Textfile::new(configuration::Textfile { path: folder.join("ukeyd.prom"), interval: Duration::from_secs(15) })
    }

    fn shown(lost: u64) -> Vec<Family> {
        collect(None, Own { spans_lost: lost, ..Own::default() })
    }

    #[test]
    fn it_is_written_when_something_changed_and_not_too_often() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = textfile(folder.path());
        let content = || fs::read_to_string(folder.path().join("ukeyd.prom")).unwrap();
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        file.show(&shown(0));
        file.write(start);
        let first = content();
        assert_eq!(file.due(start), start + AT_LEAST_EVERY, "nothing changed");
        file.show(&shown(1));
        file.write(after(20));
        assert_ne!(content(), first);
        file.show(&shown(2));
        file.write(after(21));
        assert!(content().contains("ukey_exporter_spans_lost_total 1\n"), "too soon");
        file.write(after(35));
        assert!(content().contains("ukey_exporter_spans_lost_total 2\n"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left there");
        file.remove();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_comes_later_is_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let later = folder.path().join("later");
        let mut file = textfile(&later);
        let start = Instant::now();
        file.show(&shown(0));
        file.write(start);
        fs::create_dir(&later).unwrap();
        file.write(start + Duration::from_secs(15));
        assert!(later.join("ukeyd.prom").exists());
    }
}
