//! One row of the journal: as it is stored, hashed and listed.

use rusqlite::types::Type;
use rusqlite::{Row as SqlRow, Statement, params};
use std::borrow::Cow;

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
pub(super) struct Row<'a> {
    /// 1, 2, 3 … without a gap.
    pub seq: u64,
    /// Unix milliseconds.
    pub time_ms: u64,
    /// The same for an intent and its result.
    pub operation: u64,
    pub phase: Phase,
    pub kind: Cow<'a, str>,
    pub uid: u32,
    /// The user's name when it happened.
    pub user: Cow<'a, str>,
    pub pid: u32,
    /// Unique bus name.
    pub caller: Cow<'a, str>,
    /// The program, as the user's agent found it.
    pub program: Cow<'a, str>,
    pub token: Cow<'a, str>,
    pub certificate: Cow<'a, str>,
    pub algorithm: Cow<'a, str>,
    pub digest: Cow<'a, [u8]>,
    pub reason: Cow<'a, str>,
    pub result: Cow<'a, str>,
    /// Tries left of the PIN in question after it.
    pub tries: i32,
}

/// The columns in the order in which they are hashed and read.
pub(super) const COLUMNS: &str = "seq, time_ms, operation, phase, kind, uid, user, pid, caller, program, token, \
     certificate, algorithm, digest, reason, result, tries";

/// Adds a row.
pub(super) const INSERT: &str =
    "INSERT INTO records (seq, time_ms, operation, phase, kind, uid, user, pid, caller, program, token,
        certificate, algorithm, digest, reason, result, tries, hash)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";

impl Row<'_> {
    /// A row that says nothing yet.
    pub(super) fn new(operation: u64, phase: Phase, time_ms: u64) -> Self {
        Self {
            seq: 0,
            time_ms,
            operation,
            phase,
            kind: Cow::Borrowed(""),
            uid: 0,
            user: Cow::Borrowed(""),
            pid: 0,
            caller: Cow::Borrowed(""),
            program: Cow::Borrowed(""),
            token: Cow::Borrowed(""),
            certificate: Cow::Borrowed(""),
            algorithm: Cow::Borrowed(""),
            digest: Cow::Borrowed(&[]),
            reason: Cow::Borrowed(""),
            result: Cow::Borrowed(""),
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
        for part in texts.into_iter().map(str::as_bytes).chain([&*self.digest]) {
            bytes.extend((part.len() as u64).to_le_bytes());
            bytes.extend(part);
        }
        bytes
    }

    /// Adds it to the table, by [`INSERT`].
    pub(super) fn insert(&self, statement: &mut Statement<'_>, hash: &[u8]) -> rusqlite::Result<()> {
        statement.execute(params![
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
        let text = |index| row.get::<_, String>(index).map(Cow::Owned);
        let phase: String = row.get(3)?;
        let phase = Phase::parse(&phase)
            .ok_or_else(|| rusqlite::Error::InvalidColumnType(3, "phase".to_owned(), Type::Text))?;
        Ok(Self {
            seq: number(0)?,
            time_ms: number(1)?,
            operation: number(2)?,
            phase,
            kind: text(4)?,
            uid: row.get(5)?,
            user: text(6)?,
            pid: row.get(7)?,
            caller: text(8)?,
            program: text(9)?,
            token: text(10)?,
            certificate: text(11)?,
            algorithm: text(12)?,
            digest: row.get::<_, Vec<u8>>(13)?.into(),
            reason: text(14)?,
            result: text(15)?,
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
            |row| row.kind.to_mut().push('x'),
            |row| row.uid += 1,
            |row| row.user.to_mut().push('x'),
            |row| row.pid += 1,
            |row| row.caller.to_mut().push('x'),
            |row| row.program.to_mut().push('x'),
            |row| row.token.to_mut().push('x'),
            |row| row.certificate.to_mut().push('x'),
            |row| row.algorithm.to_mut().push('x'),
            |row| row.digest.to_mut().push(b'x'),
            |row| row.reason.to_mut().push('x'),
            |row| row.result.to_mut().push('x'),
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
