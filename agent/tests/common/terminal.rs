//! A terminal with a person at it.

use super::{BOUND, Place};
use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::{LocalModes, Winsize};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::Command;
use std::sync::mpsc;

/// A terminal with a person at it.
pub struct Terminal {
    person: File,
    side: OwnedFd,
    shown: mpsc::Receiver<Vec<u8>>,
}

impl Terminal {
    pub fn open() -> Self {
        let person = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        rustix::pty::grantpt(&person).unwrap();
        rustix::pty::unlockpt(&person).unwrap();
        let name = rustix::pty::ptsname(&person, Vec::new()).unwrap();
        let side = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        rustix::termios::tcsetwinsize(&side, size).unwrap();
        let person = File::from(person);
        let mut screen = person.try_clone().unwrap();
        let (sender, shown) = mpsc::channel();
        // Ends when the terminal is closed, with an error that says so.
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count) = screen.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { person, side, shown }
    }

    /// Types these keys.
    pub fn types(&mut self, keys: &str) {
        self.person.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until all of `texts` have been shown.
    pub fn wait_for(&self, texts: &[&str]) {
        let mut shown = Vec::new();
        while !texts.iter().all(|text| String::from_utf8_lossy(&shown).contains(text)) {
            let more = self.shown.recv_timeout(BOUND);
            shown.extend(more.unwrap_or_else(|_| panic!("only {}", String::from_utf8_lossy(&shown))));
        }
    }

    /// Does it show what is typed?
    pub fn echoes(&self) -> bool {
        rustix::termios::tcgetattr(self.side.as_fd()).unwrap().local_modes.contains(LocalModes::ECHO)
    }
}

impl Place for Terminal {
    fn seat(&self, agent: &mut Command) {
        agent.stdin(self.side.try_clone().unwrap());
    }
}
