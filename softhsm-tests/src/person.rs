//! The people of a test, with the user ids that the stage's own `/etc/passwd` gives them.

use std::fmt::Write;

/// A user of the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Person {
    /// The system's administrator.
    Root,
    /// The user that the daemon runs as.
    Service,
    /// The procurement clerk, at the seat.
    Clerk,
    /// A second user, at the seat too.
    Nurse,
    /// A local user with no seat.
    Outsider,
    /// A member of `ukey-technicians`, with no seat.
    Technician,
    /// The user that the exporter runs as.
    Exporter,
}

impl Person {
    const ADDED: [Self; 6] =
        [Self::Service, Self::Clerk, Self::Nurse, Self::Outsider, Self::Technician, Self::Exporter];
    const TECHNICIANS_GID: u32 = 64110;

    /// The user id, which is the group id too.
    pub fn uid(self) -> u32 {
        match self {
            Self::Root => 0,
            Self::Service => 64100,
            Self::Clerk => 64101,
            Self::Nurse => 64102,
            Self::Outsider => 64103,
            Self::Technician => 64104,
            Self::Exporter => 64105,
        }
    }

    /// The user name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Service => "ukeyd",
            Self::Clerk => "clerk",
            Self::Nurse => "nurse",
            Self::Outsider => "outsider",
            Self::Technician => "technician",
            Self::Exporter => "ukey-exporter",
        }
    }

    /// The home folder.
    pub fn home(self) -> String {
        match self {
            Self::Root => "/root".to_owned(),
            _ => format!("{}/home/{}", crate::STAGE, self.name()),
        }
    }

    /// Everybody who is not in the machine's own `/etc/passwd`.
    pub(crate) fn added() -> [Self; 6] {
        Self::ADDED
    }

    /// Lines for `/etc/passwd`.
    pub(crate) fn passwd() -> String {
        Self::ADDED.iter().fold(String::new(), |mut lines, person| {
            let (name, id, home) = (person.name(), person.uid(), person.home());
            writeln!(lines, "{name}:x:{id}:{id}::{home}:/bin/sh").unwrap();
            lines
        })
    }

    /// Lines for `/etc/group`.
    pub(crate) fn group() -> String {
        let mut lines = format!("ukey-technicians:x:{}:technician\n", Self::TECHNICIANS_GID);
        for person in Self::ADDED {
            writeln!(lines, "{}:x:{}:", person.name(), person.uid()).unwrap();
        }
        lines
    }
}
