//! Sessions as logind's files and control groups show them, which is where polkit looks. On the bus
//! [`Logind`](crate::Logind) can stand for it.

use crate::person::Person;
use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

const FILES: &str = "/run/systemd";

/// Where the unified hierarchy is: of its own, or beside the older ones.
const HIERARCHIES: [&str; 2] = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"];

/// Is a session the one that its seat shows?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Its user is at the computer.
    Active,
    /// Its user went away or switched to another one.
    Inactive,
}

/// A session at the stage's only seat. polkit has to be started after the first one.
#[derive(Debug)]
pub struct Session {
    person: Person,
    activity: Cell<Activity>,
    id: String,
    group: PathBuf,
}

impl Session {
    /// Begins one; nobody belongs to it yet.
    pub fn begin(person: Person, activity: Activity) -> Self {
        for folder in ["seats", "users", "sessions"] {
            fs::create_dir_all(Path::new(FILES).join(folder)).unwrap();
        }
        // Control groups are the whole machine's: another test may have a session of this person's too.
        let id = format!("c{}x{}", person.uid(), UNIX_EPOCH.elapsed().unwrap().as_nanos());
        let group = hierarchy().join(format!("session-{id}.scope"));
        fs::create_dir(&group).unwrap();
        let session = Self { person, activity: Cell::new(activity), id, group };
        session.turn(activity);
        session
    }

    /// Its user comes to the computer or goes away.
    pub fn turn(&self, activity: Activity) {
        self.activity.set(activity);
        let (uid, name, id) = (self.person.uid(), self.person.name(), &self.id);
        let (active, state) = match activity {
            Activity::Active => (1, "active"),
            Activity::Inactive => (0, "online"),
        };
        let session =
            format!("UID={uid}\nUSER={name}\nACTIVE={active}\nSTATE={state}\nREMOTE=0\nCLASS=user\nSEAT=seat0\n");
        let user = format!("NAME={name}\nSTATE={state}\nDISPLAY={id}\nSESSIONS={id}\nSEATS=seat0\n");
        let files = Path::new(FILES);
        fs::write(files.join("sessions").join(id), session).unwrap();
        fs::write(files.join("users").join(uid.to_string()), user).unwrap();
    }

    /// Its name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whose it is.
    pub fn person(&self) -> Person {
        self.person
    }

    /// Is it shown?
    pub(crate) fn activity(&self) -> Activity {
        self.activity.get()
    }

    /// This process, with all its connections, belongs to the session from now on: polkit looks when it is asked.
    pub fn enter(&self) {
        move_to(&self.group);
    }

    /// This process belongs to no session from now on.
    pub fn leave() {
        move_to(&hierarchy());
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        Self::leave();
        // A program that was started meanwhile may be in it still; an empty group costs nothing.
        fs::remove_dir(&self.group).ok();
    }
}

/// Where control groups with the names of systemd's are made.
pub(crate) fn hierarchy() -> PathBuf {
    let found = HIERARCHIES.map(PathBuf::from).into_iter().find(|path| path.join("cgroup.procs").exists());
    found.expect("no unified control groups on this machine")
}

fn move_to(group: &Path) {
    // 0 is the process that writes.
    fs::write(group.join("cgroup.procs"), "0").unwrap();
}
