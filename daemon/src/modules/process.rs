//! One shim process: started, watched by pidfd, ended.

use super::handle::Host;
use crate::config::{Allowance, Files, Found, ModuleProfile};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open, pidfd_send_signal};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Time between asking a process to end and the next, harder way.
const GRACE: Duration = Duration::from_secs(2);

/// A running shim. Killed when dropped, with all that is in its group: a look that is given up has no other end.
pub(super) struct ShimProcess {
    child: Child,
    /// Never names another process, however late a signal is sent.
    pidfd: OwnedFd,
    /// The process group, where the module may have started others.
    group: Option<Pid>,
}

impl ShimProcess {
    /// Starts the shim for a library whose path is trusted; returns it and our end of its socket.
    ///
    /// Must run on the main thread: the shim's parent-death signal fires when the *thread* that started it ends.
    pub(super) fn start(host: &Host, library: &Path, profile: &ModuleProfile) -> std::io::Result<(Self, UnixStream)> {
        let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        let output = || if host.vendor_output { Stdio::inherit() } else { Stdio::null() };
        let mut command = Command::new(&host.shim);
        for (option, path) in reach(host, library, profile) {
            command.arg(option).arg(path);
        }
        for allowance in &profile.allow {
            command.args(["--allow", allowance.as_str()]);
        }
        if matches!(profile.files(), Files::All) {
            command.args(["--allow", Allowance::FileModes.as_str()]);
        }
        let child = command
            .arg("--library")
            .arg(library)
            .arg("--parent")
            .arg(std::process::id().to_string())
            .args(["--fork", if profile.fork { "allowed" } else { "denied" }])
            // What the module may have started is in its group.
            .process_group(0)
            .env_clear()
            .envs(&profile.environment)
            .current_dir("/")
            .stdin(theirs)
            .stdout(output())
            .stderr(output())
            .kill_on_drop(true)
            .spawn()?;
        // Not reaped before this, so the number is still the child's own.
        let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed())).ok_or(std::io::ErrorKind::NotFound)?;
        let pidfd = pidfd_open(pid, PidfdFlags::empty())?;
        let ours = UnixStream::from(ours);
        ours.set_nonblocking(true)?;
        Ok((Self { child, pidfd, group: profile.fork.then_some(pid) }, ours))
    }

    /// Process id, for the log.
    pub(super) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits until the process has ended; tells how. (tokio watches it by a pidfd of its own.)
    pub(super) async fn ended(&mut self) -> String {
        match self.child.wait().await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        }
    }

    /// Ends the process after its socket was closed: waits, then SIGTERM, then SIGKILL.
    pub(super) async fn end(mut self) {
        for signal in [Signal::TERM, Signal::KILL] {
            if timeout(GRACE, self.ended()).await.is_ok() {
                return self.kill_group();
            }
            tracing::warn!(pid = self.id(), ?signal, "shim does not end");
            self.signal(signal);
        }
        self.gone().await;
    }

    /// Ends the process at once: it does not answer any more.
    pub(super) async fn kill(mut self) {
        self.signal(Signal::KILL);
        self.gone().await;
    }

    fn signal(&self, signal: Signal) {
        // ESRCH: it has ended in between.
        let _ = pidfd_send_signal(&self.pidfd, signal);
    }

    async fn gone(&mut self) {
        if timeout(GRACE, self.ended()).await.is_err() {
            tracing::error!(pid = self.id(), "shim is stuck in the kernel");
        }
        self.kill_group();
    }

    fn kill_group(&mut self) {
        if let Some(group) = self.group.take() {
            // ESRCH: nothing was left in it.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Options of the shim for the files that the library can reach.
fn reach(host: &Host, library: &Path, profile: &ModuleProfile) -> Vec<(&'static str, PathBuf)> {
    let with = |option: &'static str, paths: &[PathBuf]| -> Vec<_> {
        paths.iter().map(|path| (option, path.clone())).collect()
    };
    match profile.files() {
        Files::All => vec![("--write", PathBuf::from("/"))],
        Files::Listed { read, write } => {
            let read = read.into_iter().map(|path| ("--read", path.to_owned()));
            read.chain(with("--write", write)).collect()
        }
        Files::Found(Found { read, write }) => {
            // A guess gives nothing of the service's own away; a folder of tokens below its state is another's.
            let ours =
                |path: &Path| host.state.starts_with(path) || (path.parent() == Some(&host.state) && !path.is_dir());
            let write: Vec<_> = write.iter().filter(|path| !ours(path)).cloned().collect();
            let read: Vec<_> = read.iter().filter(|path| !ours(path)).cloned().collect();
            // Who may write there is checked: nobody but the owner of the library.
            let own = library.parent().filter(|folder| folder.components().count() > 2).map(Path::to_owned);
            let package = library.strip_prefix("/opt").ok().and_then(|path| path.components().next());
            let package = package.map(|name| Path::new("/opt").join(name));
            with("--read", &read)
                .into_iter()
                .chain(package.map(|folder| ("--read", folder)))
                .chain(with("--write", &write))
                .chain(own.map(|folder| ("--write", folder)))
                .collect()
        }
    }
}

impl Drop for ShimProcess {
    fn drop(&mut self) {
        self.kill_group();
    }
}
