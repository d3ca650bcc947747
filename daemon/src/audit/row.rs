//! One row of the journal: as it is stored, hashed and listed.

use rusqlite::types::Type;
use rusqlite::{Connection, Row as SqlRow, params};

/// What a row says of its operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It was asked for.
    Intent,
    /// What came of it.
    Result,
    /// Of the journal itself, not of a Key.
    Note,
}

impl Phase {
    fn as_str(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Result => "result",
            Self::Note => "note",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Intent, Self::Result, Self::Note].into_iter().find(|phase| phase.as_str() == word)
    }
}

/// A row. What it doesn't say is empty, 0, or -1 for the tries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// 1, 2, 3 … without a gap.
    pub seq: u64,
    /// Unix milliseconds.
    pub time_ms: u64,
    /// The same for an intent and its result.
    pub operation: u64,
    pub phase: Phase,
    pub kind: String,
    pub uid: u32,
    /// The user's name when it happened.
    pub user: String,
    pub pid: u32,
    /// Unique bus name.
    pub caller: String,
    /// The program, as the user's agent found it.
    pub program: String,
    pub token: String,
    pub certificate: String,
    pub algorithm: String,
    pub digest: Vec<u8>,
    pub reason: String,
    pub result: String,
    /// Tries left of the PIN in question after it.
    pub tries: i32,
}

/// The columns in the order in which they are hashed and read.
pub(super) const COLUMNS: &str = "seq, time_ms, operation, phase, kind, uid, user, pid, caller, program, token, \
     certificate, algorithm, digest, reason, result, tries";

impl Row {
    /// A row that says nothing yet.
    pub(super) fn new(operation: u64, phase: Phase, time_ms: u64) -> Self {
        Self {
            seq: 0,
            time_ms,
            operation,
            phase,
            kind: String::new(),
            uid: 0,
            user: String::new(),
            pid: 0,
            caller: String::new(),
            program: String::new(),
            token: String::new(),
            certificate: String::new(),
            algorithm: String::new(),
            digest: Vec::new(),
            reason: String::new(),
            result: String::new(),
            tries: -1,
        }
    }

    /// Every column, each with its length, so that no two rows have the same bytes.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        for number in [self.seq, self.time_ms, self.operation, self.uid.into(), self.pid.into()] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(self.tries.to_le_bytes());
        let texts = [
            self.phase.as_str(),
            &self.kind,
            &self.user,
            &self.caller,
            &self.program,
            &self.token,
            &self.certificate,
            &self.algorithm,
            &self.reason,
            &self.result,
        ];
        for part in texts.into_iter().map(str::as_bytes).chain([self.digest.as_slice()]) {
            bytes.extend((part.len() as u64).to_le_bytes());
            bytes.extend(part);
        }
        bytes
    }

    /// Adds it to the table.
    pub(super) fn insert(&self, connection: &Connection, hash: &[u8]) -> rusqlite::Result<()> {
        connection
            .prepare_cached(
                "INSERT INTO records (seq, time_ms, operation, phase, kind, uid, user, pid, caller, program, token,
                    certificate, algorithm, digest, reason, result, tries, hash)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
            )?
            .execute(params![
                self.seq.cast_signed(),
                self.time_ms.cast_signed(),
                self.operation.cast_signed(),
                self.phase.as_str(),
                self.kind,
                self.uid,
                self.user,
                self.pid,
                self.caller,
                self.program,
                self.token,
                self.certificate,
                self.algorithm,
                self.digest,
                self.reason,
                self.result,
                self.tries,
                hash,
            ])?;
        Ok(())
    }

    /// Reads one that was selected with [`COLUMNS`] first.
    pub(super) fn read(row: &SqlRow<'_>) -> rusqlite::Result<Self> {
        let number = |index| row.get::<_, i64>(index).map(i64::cast_unsigned);
        let phase: String = row.get(3)?;
        let phase = Phase::parse(&phase)
            .ok_or_else(|| rusqlite::Error::InvalidColumnType(3, "phase".to_owned(), Type::Text))?;
        Ok(Self {
            seq: number(0)?,
            time_ms: number(1)?,
            operation: number(2)?,
            phase,
            kind: row.get(4)?,
            uid: row.get(5)?,
            user: row.get(6)?,
            pid: row.get(7)?,
            caller: row.get(8)?,
            program: row.get(9)?,
            token: row.get(10)?,
            certificate: row.get(11)?,
            algorithm: row.get(12)?,
            digest: row.get(13)?,
            reason: row.get(14)?,
            result: row.get(15)?,
            tries: row.get(16)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_in_the_bytes() {
        let row = Row::new(1, Phase::Intent, 5);
        let changes: [fn(&mut Row); 17] = [
            |row| row.seq += 1,
            |row| row.time_ms += 1,
            |row| row.operation += 1,
            |row| row.phase = Phase::Result,
            |row| row.kind.push('x'),
            |row| row.uid += 1,
            |row| row.user.push('x'),
            |row| row.pid += 1,
            |row| row.caller.push('x'),
            |row| row.program.push('x'),
            |row| row.token.push('x'),
            |row| row.certificate.push('x'),
            |row| row.algorithm.push('x'),
            |row| row.digest.push(b'x'),
            |row| row.reason.push('x'),
            |row| row.result.push('x'),
            |row| row.tries += 1,
        ];
        let mut seen = vec![row.encode()];
        for change in changes {
            let mut changed = row.clone();
            change(&mut changed);
            assert!(!seen.contains(&changed.encode()), "{changed:?}");
            seen.push(changed.encode());
        }
    }
}
