//! Where entries come from: `journalctl`, or a file of its lines.

use super::entry::{self, Entry};
use crate::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const FIELDS: &str =
    "_UID,_SYSTEMD_UNIT,_EXE,MESSAGE,UKEYD_AUDIT_CHAIN,UKEYD_AUDIT_CHAIN_BEFORE,UKEYD_AUDIT_SEQ,UKEYD_AUDIT_HASH";
/// Longest line that is kept; journalctl shortens longer fields.
const LINE_MAX: u64 = 64 << 10;

/// Entries of the journal, the oldest first.
pub(in super::super) struct Source {
    lines: Box<dyn BufRead>,
    /// Of which the lines are, when it is a program.
    program: Option<Child>,
    path: PathBuf,
}

impl Source {
    /// The system's journal.
    ///
    /// # Errors
    /// `NoHeads` when there is no `journalctl`.
    pub(in super::super) fn system() -> Result<Self, Error> {
        let failed = |error: std::io::Error| Error::NoHeads(format!("journalctl: {error}"));
        let mut command = Command::new("journalctl");
        command.args(["--output=json", "--no-pager", "--quiet", &format!("--output-fields={FIELDS}")]);
        command.arg("_SYSTEMD_UNIT=ukeyd.service").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut program = command.spawn().map_err(failed)?;
        let output = program.stdout.take().ok_or_else(|| failed(std::io::ErrorKind::BrokenPipe.into()))?;
        Ok(Self { lines: Box::new(BufReader::new(output)), program: Some(program), path: "journalctl".into() })
    }

    /// A file: lines of `journalctl --output=json`, or of the service's log as text.
    ///
    /// # Errors
    /// `Read`.
    pub(in super::super) fn file(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
        Ok(Self { lines: Box::new(BufReader::new(file)), program: None, path: path.to_owned() })
    }

    /// The next entry that the service with this user id has written of a chain; `None` at the end.
    ///
    /// # Errors
    /// `Read`.
    pub(super) fn next(&mut self, service_uid: u32) -> Result<Option<Entry>, Error> {
        let failed = |source| Error::Read { path: self.path.clone(), source };
        let mut line = Vec::new();
        loop {
            line.clear();
            let length = self.lines.by_ref().take(LINE_MAX).read_until(b'\n', &mut line).map_err(failed)?;
            if length == 0 {
                return Ok(None);
            }
            if line.last() != Some(&b'\n') && length as u64 == LINE_MAX {
                self.lines.skip_until(b'\n').map_err(failed)?;
                continue;
            }
            if let Some(entry) = entry::of_line(&String::from_utf8_lossy(&line), service_uid) {
                return Ok(Some(entry));
            }
        }
    }

    /// What is to be said where it had nothing of a chain.
    pub(super) fn complaint(mut self) -> String {
        let mut said = String::new();
        if let Some(mut program) = self.program.take() {
            // All of its output was read.
            if let Some(mut errors) = program.stderr.take() {
                errors.read_to_string(&mut said).ok();
            }
            program.wait().ok();
        }
        if said.trim().is_empty() { self.path.display().to_string() } else { said.trim().to_owned() }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        if let Some(program) = &mut self.program {
            // It may have ended by itself.
            program.kill().ok();
            program.wait().ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_between_other_lines_however_long() {
        let line = |row: u64| {
            let hash = "a".repeat(64);
            format!("INFO ukeyd::audit: audit head audit_chain=\"c\" audit_seq={row} audit_hash=\"{hash}\"\n")
        };
        let file = tempfile::NamedTempFile::new().unwrap();
        let long = "x".repeat(200_000);
        std::fs::write(file.path(), format!("\n{long}{}\u{1}\n{}x\n{}", line(1), line(2), line(3).trim_end())).unwrap();
        let mut source = Source::file(file.path()).unwrap();
        let mut rows = Vec::new();
        while let Some(Entry::Place(place)) = source.next(0).unwrap() {
            rows.push(place.row);
        }
        assert_eq!(rows, [2, 3]);
        assert_eq!(source.complaint(), file.path().display().to_string());
    }
}
