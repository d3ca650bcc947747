//! The system's journal: a real journald on the stage, and the control group by which it knows the service's unit.

use crate::person::Person;
use crate::process::Program;
use crate::session::hierarchy;
use crate::stage::STAGE;
use crate::tool::{Tool, run};
use crate::wait::eventually;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

const SOCKET: &str = "/run/systemd/journal/socket";

/// Puts a program into a control group and tells it, as systemd does, that its standard error is the journal.
const AS_UNIT: &str =
    r#"echo $$ >"$1/cgroup.procs" && shift && JOURNAL_STREAM=$(stat -Lc %d:%i /dev/stderr) exec "$@""#;

/// A running journald.
#[derive(Debug)]
pub struct SystemJournal {
    _program: Program,
    slice: PathBuf,
}

impl SystemJournal {
    /// Starts it, with nothing in it of the machine's own journal.
    pub async fn start() -> Self {
        let logs = Path::new(STAGE).join("var-log");
        fs::create_dir_all(&logs).unwrap();
        run(Tool::Mount, ["--bind", logs.to_str().unwrap(), "/var/log"]);
        fs::create_dir_all(Path::new(SOCKET).parent().unwrap()).unwrap();
        // Control groups are the whole machine's: another test may have one too.
        let slice = hierarchy().join(format!("ukeytest{}.slice", UNIX_EPOCH.elapsed().unwrap().as_nanos()));
        fs::create_dir(&slice).unwrap();
        fs::create_dir(slice.join("ukeyd.service")).unwrap();
        let program = Program::spawn("journald", Tool::Journald, &mut Tool::Journald.command());
        eventually("the journal's socket", async || Path::new(SOCKET).exists().then_some(())).await;
        Self { _program: program, slice }
    }

    /// Its service's control group.
    pub(crate) fn unit(&self) -> PathBuf {
        self.slice.join("ukeyd.service")
    }

    /// The command, to be started as the main process of the unit.
    pub(crate) fn as_unit(unit: &Path, command: &Command) -> Command {
        let mut wrapped = Command::new("sh");
        wrapped.args(["-c", AS_UNIT, "unit"]).arg(unit).arg(command.get_program()).args(command.get_args());
        wrapped.env_clear().current_dir("/");
        wrapped.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        wrapped
    }

    /// Every entry of the unit, as `journalctl --output=json` gives it, once there is one with this in it.
    pub async fn entries_with(&self, text: &str) -> Vec<String> {
        eventually("the entry", async || {
            let entries =
                run(Tool::Journalctl, ["--output=json", "--no-pager", "--quiet", "_SYSTEMD_UNIT=ukeyd.service"]);
            let entries = String::from_utf8(entries).unwrap();
            entries.contains(text).then(|| entries.lines().map(str::to_owned).collect())
        })
        .await
    }

    /// Writes an entry with these fields as somebody who is not the service.
    pub fn forge(&self, person: Person, fields: &[(&str, &str)]) {
        let program = "import socket, sys\n\
             s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n\
             s.sendto('\\n'.join(sys.argv[1:]).encode() + b'\\n', '/run/systemd/journal/socket')";
        let mut command = Program::command_as(person, &Tool::Python.path());
        command.args(["-c", program]).args(fields.iter().map(|(name, value)| format!("{name}={value}")));
        assert!(Tool::Setpriv.output(&mut command).status.success());
    }

    /// Fields of an entry.
    pub fn fields(entry: &str) -> Value {
        serde_json::from_str(entry).unwrap()
    }
}

impl Drop for SystemJournal {
    fn drop(&mut self) {
        // A program may be in it still; an empty group costs nothing.
        fs::remove_dir(self.unit()).and_then(|()| fs::remove_dir(&self.slice)).ok();
    }
}
