//! Who asks.

use super::consent::Party;
use super::program::{Program, ProgramOnce};

/// Who asks, for the record and for the owner of a login.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub uid: u32,
    pub pid: u32,
    /// Unique bus name.
    pub name: String,
    /// Its program, once somebody had to know.
    pub program: ProgramOnce,
}

impl User {
    /// Whom a consent to it is for: its program where that is known, else its connection.
    pub(crate) fn party(&self) -> Party {
        let executable = self.program.known().and_then(Program::executable);
        executable.map_or_else(|| Party::Connection(self.name.clone()), Party::Program)
    }

    /// Whose consents are its own: its connection's, and its program's.
    pub(crate) fn parties(&self) -> [Party; 2] {
        [Party::Connection(self.name.clone()), self.party()]
    }

    /// Its program for the record; empty when unknown.
    pub(crate) fn program_text(&self) -> String {
        self.program.known().map(|program| program.text().to_owned()).unwrap_or_default()
    }
}
