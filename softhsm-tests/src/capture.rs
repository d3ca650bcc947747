//! What a process reads and writes, seen from outside with strace: frames, files, sockets.

use crate::memory::contains;
use crate::process::Program;
use crate::stage::STAGE;
use crate::tool::Tool;
use crate::wait::eventually;
use rustix::process::Signal;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

const CALLS: &str = "trace=read,readv,pread64,preadv,recvfrom,recvmsg,write,writev,pwrite64,pwritev,sendto,sendmsg";

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
        let mut command = Tool::Strace.command();
        command
            .args(["-f", "-q", "-xx", "-s", "1048576", "-e", CALLS, "-e", "signal=none", "-o"])
            .arg(&record)
            .args(["-p", &pid.to_string()])
            .stdout(Stdio::null());
        let strace = Program::spawn("strace", Tool::Strace, &mut command);
        let traced = format!("TracerPid:\t{}", strace.pid());
        eventually("strace at work", async || {
            let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
            let mut statuses = tasks.map(|task| fs::read_to_string(task.unwrap().path().join("status")).unwrap());
            statuses.all(|status| status.contains(&traced)).then_some(())
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

/// A finished recording.
#[derive(Debug)]
pub struct Recording {
    text: String,
}

impl Recording {
    /// Did these bytes pass in one piece?
    pub fn contains(&self, needle: &[u8]) -> bool {
        let escaped = needle.iter().fold(String::new(), |mut text, byte| {
            write!(text, "\\x{byte:02x}").unwrap();
            text
        });
        contains(self.text.as_bytes(), escaped.as_bytes())
    }
}
