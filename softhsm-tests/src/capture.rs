//! What a process reads and writes, seen from outside with strace: frames, files, sockets.

use crate::memory::contains;
use crate::process::Program;
use crate::stage::STAGE;
use crate::tool::Tool;
use crate::wait::eventually;
use rustix::process::Signal;
use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

const CALLS: &str = "trace=read,readv,pread64,preadv,recvfrom,recvmsg,write,writev,pwrite64,pwritev,sendto,sendmsg,\
     fsync,fdatasync";

/// How often a task that waits in a system call is stopped before it waits again, recorded: for the attachment, and
/// where it enters the call anew. What arrived earlier would not be seen.
const STOPS: u64 = 2;

/// A recording of the bytes that a process exchanges with anybody.
#[derive(Debug)]
pub struct SystemCalls {
    strace: Program,
    record: PathBuf,
}

impl SystemCalls {
    /// Starts to record a running process and all its threads.
    pub async fn start(pid: u32) -> Self {
        let record = Path::new(STAGE).join(format!("system-calls.{pid}"));
        let before: HashMap<PathBuf, u64> = tasks(pid).map(|task| (task.clone(), switches(&task))).collect();
        let mut command = Tool::Strace.command();
        command
            .args(["-f", "-q", "-xx", "-s", "1048576", "-e", CALLS, "-e", "signal=none", "-o"])
            .arg(&record)
            .args(["-p", &pid.to_string()])
            .stdout(Stdio::null());
        let strace = Program::spawn("strace", Tool::Strace, &mut command);
        let traced = format!("TracerPid:\t{}", strace.pid());
        eventually("strace at work", async || {
            tasks(pid)
                .all(|task| {
                    let before = before.get(&task).copied();
                    status(&task).contains(&traced) && before.is_none_or(|before| switches(&task) >= before + STOPS)
                })
                .then_some(())
        })
        .await;
        Self { strace, record }
    }

    /// Ends the recording.
    pub async fn stop(mut self) -> Recording {
        self.strace.signal(Signal::INT);
        self.strace.ended().await;
        Recording { text: fs::read_to_string(&self.record).unwrap() }
    }
}

/// The folders in `/proc` of a process's threads.
fn tasks(pid: u32) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(format!("/proc/{pid}/task")).unwrap().map(|task| task.unwrap().path())
}

/// Of a task; empty when it has ended.
fn status(task: &Path) -> String {
    fs::read_to_string(task.join("status")).unwrap_or_default()
}

/// How often a task has let go of the processor by itself: to wait, or stopped.
fn switches(task: &Path) -> u64 {
    let status = status(task);
    let number = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    number.and_then(|number| number.trim().parse().ok()).unwrap_or_default()
}

/// A finished recording.
#[derive(Debug)]
pub struct Recording {
    text: String,
}

impl Recording {
    /// Between the first write of `record` into a file and the first message with `reply`, was a file synchronised?
    ///
    /// # Panics
    /// When `record` was never written before `reply` was sent, or `reply` never sent.
    pub fn syncs_between(&self, record: &[u8], reply: &[u8]) -> bool {
        let (record, reply) = (escaped(record), escaped(reply));
        let written = self.text.lines().position(|line| line.contains("pwrite64(") && line.contains(&record));
        let sent = self.text.lines().position(|line| line.contains("sendmsg(") && line.contains(&reply));
        let (written, sent) = (written.expect("the record"), sent.expect("the reply"));
        assert!(written < sent, "the reply left before its record was written");
        self.syncs(written, sent)
    }

    /// Is there a synchronisation in these lines?
    fn syncs(&self, from: usize, to: usize) -> bool {
        // A call that another thread interrupts in the record has its end on a line of its own.
        let synced = |line: &str| line.contains("sync(") && line.ends_with("= 0");
        let resumed = |line: &str| line.contains("sync resumed>") && line.ends_with("= 0");
        self.text.lines().take(to).skip(from).any(|line| synced(line) || resumed(line))
    }

    /// Between the first write of `record` into a file and the last message that hands on a descriptor, was a file
    /// synchronised?
    ///
    /// # Panics
    /// When `record` was never written before, or no descriptor handed on.
    pub fn syncs_before_descriptor(&self, record: &[u8]) -> bool {
        let record = escaped(record);
        let written = self.text.lines().position(|line| line.contains("pwrite64(") && line.contains(&record));
        let handed_on =
            self.text.lines().enumerate().filter(|(_, line)| line.contains("sendmsg(") && line.contains("SCM_RIGHTS"));
        let (written, sent) = (written.expect("the record"), handed_on.last().expect("a descriptor").0);
        assert!(written < sent, "it was handed on before its record was written");
        self.syncs(written, sent)
    }

    /// Did these bytes pass in one piece?
    pub fn contains(&self, needle: &[u8]) -> bool {
        contains(self.text.as_bytes(), escaped(needle).as_bytes())
    }
}

/// As strace writes bytes.
fn escaped(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "\\x{byte:02x}").unwrap();
        text
    })
}
