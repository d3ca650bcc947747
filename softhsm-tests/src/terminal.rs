//! A terminal on which `ukeyctl` runs, and the person at it.

use crate::command_line::Ended;
use crate::person::Person;
use crate::process::Program;
use crate::stage::program;
use crate::tool::Tool;
use crate::wait::eventually;
use rustix::fs::{Gid, Mode, OFlags, Uid};
use rustix::pty::OpenptFlags;
use rustix::termios::Winsize;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// What Ctrl-C sends.
const CTRL_C: &[u8] = b"\x03";

/// A terminal with one running `ukeyctl`, which ends with it.
#[derive(Debug)]
pub struct Terminal {
    child: Child,
    person: File,
    shown: Arc<Mutex<Vec<u8>>>,
    screen: JoinHandle<()>,
    /// How much of what was shown has been read.
    read: usize,
}

impl Terminal {
    /// Runs `ukeyctl` as this person on the stage's bus. Its dialogs are those of the real pinentry for terminals.
    pub fn ukeyctl<S: AsRef<OsStr>>(person: Person, arguments: &[S]) -> Self {
        let (master, side) = open(person);
        // The terminal that Ctrl-C is pressed on is the one that controls its session.
        let mut command = Program::command_as(person, &Tool::Setsid.path());
        command
            .arg("--ctty")
            .arg(program("ukeyctl"))
            .args(["--bus", "system"])
            .args(arguments)
            .env("TERM", "xterm")
            .current_dir(person.home())
            .stdin(side.try_clone().unwrap())
            .stdout(side.try_clone().unwrap())
            .stderr(side);
        let child = Tool::Setpriv.spawn(&mut command);
        let shown = Arc::new(Mutex::new(Vec::new()));
        let (mut output, sink) = (master.try_clone().unwrap(), Arc::clone(&shown));
        // Reading fails once no program has the terminal open any more.
        let screen = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut buffer) {
                // A terminal ends its lines with both.
                sink.lock().unwrap().extend(buffer[..count].iter().filter(|byte| **byte != b'\r'));
            }
        });
        Self { child, person: master, shown, screen, read: 0 }
    }

    /// Reads on until this text stands there, and gives everything up to its end.
    pub async fn reads(&mut self, text: &str) -> String {
        let (shown, start) = (Arc::clone(&self.shown), self.read);
        let end = eventually(&format!("{text:?} on the terminal"), async || {
            let shown = shown.lock().unwrap();
            memchr::memmem::find(&shown[start..], text.as_bytes()).map(|at| start + at + text.len())
        })
        .await;
        let read = self.everything_between(start, end);
        self.read = end;
        read
    }

    /// Types a line.
    pub fn types(&mut self, line: &str) {
        self.person.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// Presses one key.
    pub fn presses(&mut self, key: char) {
        write!(self.person, "{key}").unwrap();
    }

    /// Presses Ctrl-C.
    pub fn interrupts(&mut self) {
        self.person.write_all(CTRL_C).unwrap();
    }

    fn everything_shown(&self) -> String {
        let end = self.shown.lock().unwrap().len();
        self.everything_between(0, end)
    }

    /// Waits until it has ended; all that was shown counts as standard output.
    pub async fn ended(mut self) -> Ended {
        let child = &mut self.child;
        let status = eventually("the end of ukeyctl", async || child.try_wait().unwrap()).await;
        eventually("its last words", async || self.screen.is_finished().then_some(())).await;
        Ended { code: status.code(), stdout: self.everything_shown(), stderr: String::new() }
    }

    fn everything_between(&self, start: usize, end: usize) -> String {
        String::from_utf8_lossy(&self.shown.lock().unwrap()[start..end]).into_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- on the terminal ---\n{}", self.everything_shown());
        }
        // Already ended is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The person's end and the programs' end, which pinentry opens again by its name, as this person.
fn open(person: Person) -> (File, OwnedFd) {
    let master = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    rustix::pty::grantpt(&master).unwrap();
    rustix::pty::unlockpt(&master).unwrap();
    let name = rustix::pty::ptsname(&master, Vec::new()).unwrap();
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let side = rustix::fs::open(name, flags, Mode::empty()).unwrap();
    rustix::fs::fchown(&side, Some(Uid::from_raw(person.uid())), Some(Gid::from_raw(person.uid()))).unwrap();
    let size = Winsize { ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };
    rustix::termios::tcsetwinsize(&side, size).unwrap();
    (File::from(master), side)
}
