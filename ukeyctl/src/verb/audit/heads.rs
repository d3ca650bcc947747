//! What the service told the system's journal of the chain: how many rows there were, and the hash of the last.

use crate::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// What stands before and between the two values in a line of the service's log.
const BEFORE: (&str, &str) = ("ukeyd::audit", ": audit head audit_seq=");
const BETWEEN: &str = " audit_hash=";
/// Digits of a SHA-256.
const DIGITS: usize = 64;

/// The end of the chain at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Number of the last row.
    pub(super) row: u64,
    /// Its hash, lower-case hexadecimal.
    pub(super) hash: String,
}

/// What the system's journal says of the chain that is in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// The oldest first.
    pub(super) heads: Vec<Head>,
    /// Chains with records that came before this one.
    pub(super) earlier_chains: u64,
    /// The row at which the chain was found shorter than it had been.
    pub(super) fell_to: Option<u64>,
}

/// Reads the system's journal.
///
/// # Errors
/// `NoHeads` when it can't be read or says nothing of the chain.
pub(super) fn of_system() -> Result<Told, Error> {
    let mut command = Command::new("journalctl");
    command.args(["--unit=ukeyd", "--output=cat", "--no-pager", "--quiet", "--grep=audit head"]);
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| Error::NoHeads(format!("journalctl: {error}")))?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    told(&output.stdout[..]).ok().flatten().ok_or(Error::NoHeads(said))
}

/// Reads a file with lines of the system's journal.
///
/// # Errors
/// `Read`; `NoHeads` when it says nothing of the chain.
pub(super) fn of_file(path: &Path) -> Result<Told, Error> {
    let read = File::open(path).and_then(|file| told(BufReader::new(file)));
    let told = read.map_err(|source| Error::Read { path: path.to_owned(), source })?;
    told.ok_or_else(|| Error::NoHeads(path.display().to_string()))
}

fn told(lines: impl BufRead) -> io::Result<Option<Told>> {
    let mut told = Told::default();
    for line in lines.split(b'\n') {
        if let Some(head) = head(&String::from_utf8_lossy(&line?)) {
            told.add(head);
        }
    }
    Ok((!told.heads.is_empty()).then_some(told))
}

impl Told {
    fn add(&mut self, head: Head) {
        match self.heads.last() {
            Some(last) if *last == head => return,
            // A chain begins at 0, and its name makes that hash its own.
            Some(last) if head.row == 0 && self.heads.iter().all(|known| *known != head) => {
                self.earlier_chains += u64::from(last.row > 0);
                self.heads.clear();
                self.fell_to = None;
            }
            Some(last) if head.row < last.row => self.fell_to = self.fell_to.or(Some(head.row)),
            _ => {}
        }
        self.heads.push(head);
    }
}

/// The head that a line tells of, if it does.
fn head(line: &str) -> Option<Head> {
    let (before, rest) = line.split_once(BEFORE.1)?;
    // What programs say is in the log too, as the value of a field: no field stands before these words.
    if !before.ends_with(BEFORE.0) || before.contains('=') {
        return None;
    }
    let (row, hash) = rest.trim_end().split_once(BETWEEN)?;
    let hash = hash.trim_matches('"').to_ascii_lowercase();
    let is_hash = hash.len() == DIGITS && hash.bytes().all(|digit| digit.is_ascii_hexdigit());
    Some(Head { row: row.parse().ok()?, hash }).filter(|_| is_hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(row: u64, digit: char) -> String {
        let hash = digit.to_string().repeat(DIGITS);
        format!("2026-11-22T22:00:00.000001Z  INFO ukeyd::audit: audit head audit_seq={row} audit_hash={hash}\n")
    }

    fn rows(told: &Told) -> Vec<u64> {
        told.heads.iter().map(|head| head.row).collect()
    }

    #[test]
    fn heads_are_found_between_other_lines_with_and_without_quotes() {
        let quoted = line(200, 'b').replace("audit_hash=", "audit_hash=\"").replace('\n', "\"\n");
        let text = format!("x\n{}\n{quoted}{}", line(100, 'a'), line(200, 'b'));
        let told = told(text.as_bytes()).unwrap().unwrap();
        assert_eq!(rows(&told), [100, 200]);
        assert_eq!((told.heads[1].hash.as_str(), told.fell_to), ("b".repeat(DIGITS).as_str(), None));
    }

    #[test]
    fn what_a_program_gives_as_its_reason_is_no_head() {
        let said = line(100, 'a');
        let forged = format!("INFO ukeyd::audit::record: asked for operation=7 reason=\"{}", said.trim_end());
        assert_eq!(head(&forged), None);
        assert_eq!(head(&said.replace("audit_hash=a", "audit_hash=x")), None);
        assert_eq!(head(&said.replace("seq=100", "seq=-1")), None);
        assert!(told(forged.as_bytes()).unwrap().is_none());
    }

    #[test]
    fn a_new_chain_begins_at_nothing_and_a_shorter_one_is_noticed() {
        let text = [line(0, 'a'), line(100, 'b'), line(0, 'c'), line(2, 'd')].concat();
        let new = told(text.as_bytes()).unwrap().unwrap();
        assert_eq!((rows(&new), new.earlier_chains, new.fell_to), (vec![0, 2], 1, None));
        let text = [line(0, 'a'), line(100, 'b'), line(0, 'a')].concat();
        assert_eq!(told(text.as_bytes()).unwrap().unwrap().fell_to, Some(0));
        let text = [line(300, 'a'), line(150, 'b'), line(400, 'c')].concat();
        assert_eq!(told(text.as_bytes()).unwrap().unwrap().fell_to, Some(150));
        let text = [line(0, 'a'), line(0, 'c')].concat();
        assert_eq!(told(text.as_bytes()).unwrap().unwrap().earlier_chains, 0, "an empty one lost nothing");
    }
}
