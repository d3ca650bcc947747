//! A started program: its process, its log, what `/proc` says of it.

use crate::stage::STAGE;
use crate::tool::Tool;
use crate::wait::eventually;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus};
use std::sync::Mutex;

/// A program that ends with its owner.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts a command whose standard error becomes the log; `name` is for people.
    pub fn spawn(name: &str, tool: Tool, command: &mut Command) -> Self {
        let logs = Path::new(STAGE).join("log");
        fs::create_dir_all(&logs).unwrap();
        let count = fs::read_dir(&logs).unwrap().count();
        let log = logs.join(format!("{name}-{count}.log"));
        command.stderr(File::create(&log).unwrap());
        Self { name: name.to_owned(), child: tool.spawn(command), log }
    }

    /// A command that becomes `program` as this person, with an environment made from nothing.
    pub(crate) fn command_as(person: crate::Person, program: &Path) -> Command {
        let mut command = Tool::Setpriv.command();
        let id = person.uid().to_string();
        command
            .args(["--reuid", &id, "--regid", &id, "--clear-groups"])
            .arg(program)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
            .env("LANG", "C.UTF-8")
            .env("HOME", person.home())
            .env("USER", person.name())
            .env("XDG_RUNTIME_DIR", format!("/run/user/{}", person.uid()))
            .envs(EVERYWHERE.lock().unwrap().iter().cloned())
            .current_dir("/");
        command
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Standard output, when it was asked for as a pipe.
    pub fn take_stdout(&mut self) -> ChildStdout {
        self.child.stdout.take().unwrap()
    }

    /// Standard input, when it was asked for as a pipe.
    pub fn take_stdin(&mut self) -> ChildStdin {
        self.child.stdin.take().unwrap()
    }

    /// Everything it has logged.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap()).into_owned()
    }

    /// Where the log is.
    pub fn log_path(&self) -> &Path {
        &self.log
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(to_pid(self.pid()), signal).unwrap();
    }

    /// Waits until it has ended.
    pub async fn ended(&mut self) -> ExitStatus {
        let child = &mut self.child;
        eventually(&format!("the end of {}", self.name), async || child.try_wait().unwrap()).await
    }

    /// Has it ended already?
    pub fn try_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// The processes that it started and that still run.
    pub fn children(&self) -> Vec<u32> {
        children(self.pid())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            // What the bus library traces drowns the rest.
            let lines: Vec<_> = log.lines().filter(|line| !line.contains(" zbus::")).collect();
            eprintln!("--- last lines of {} ---", self.name);
            for line in &lines[lines.len().saturating_sub(60)..] {
                eprintln!("{}", line.chars().take(600).collect::<String>());
            }
        }
        // Already ended is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Variables of every program that people start from now on.
static EVERYWHERE: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

/// Gives this variable to every program that a person starts from now on.
pub fn for_all_programs(name: &str, value: &str) {
    EVERYWHERE.lock().unwrap().push((name.to_owned(), value.to_owned()));
}

/// Number after `field` in `/proc/<pid>/status`, for memory in KiB.
pub fn status_number(pid: u32, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or_else(|| panic!("no {field} in {status}"))
}

/// How often the threads of a process have let go of the processor: each wake-up is one.
pub fn times_run(pid: u32) -> u64 {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let switches = |status: &str, field: &str| -> u64 {
        let number = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        number.trim().parse().unwrap()
    };
    tasks
        // A thread may have ended by now.
        .filter_map(|task| fs::read_to_string(task.unwrap().path().join("status")).ok())
        .map(|status| switches(&status, "voluntary_ctxt_switches:") + switches(&status, "nonvoluntary_ctxt_switches:"))
        .sum()
}

/// Arguments and environment of every process on the stage, raw.
pub fn every_command_line() -> Vec<u8> {
    let mut bytes = Vec::new();
    for pid in pids() {
        for file in ["cmdline", "environ"] {
            // A process may be gone by now.
            bytes.extend(fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default());
            bytes.push(0);
        }
    }
    bytes
}

/// Does this process still run? A zombie doesn't.
pub fn is_running(pid: u32) -> bool {
    state_and_parent(pid).is_some_and(|(state, _)| state != "Z" && state != "X")
}

/// Sends a signal to any process of the stage; one that has just ended by itself is no failure.
pub fn kill(pid: u32, signal: Signal) {
    match kill_process(to_pid(pid), signal) {
        Ok(()) | Err(Errno::SRCH) => (),
        Err(error) => panic!("signal to process {pid}: {error}"),
    }
}

/// Name, at most 15 bytes of it, and state of every process on the stage.
pub(crate) fn every_process() -> Vec<(String, String)> {
    let name_and_state = |pid| {
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
        let (state, _) = state_and_parent(pid)?;
        Some((name.trim_end().to_owned(), state))
    };
    pids().into_iter().filter_map(name_and_state).collect()
}

fn children(parent: u32) -> Vec<u32> {
    pids()
        .into_iter()
        .filter(|pid| state_and_parent(*pid).is_some_and(|(state, of)| of == parent && state != "Z"))
        .collect()
}

fn pids() -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap();
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}

/// Fields 3 and 4 of `/proc/<pid>/stat` (proc(5)); the name before them may hold anything but ends with `)`.
fn state_and_parent(pid: u32) -> Option<(String, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

fn to_pid(pid: u32) -> Pid {
    Pid::from_raw(i32::try_from(pid).unwrap()).unwrap()
}
