//! A desktop with a person at it.

use super::{BOUND, Ended, Place};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// An X server without a screen, and a window manager, which gives windows the keyboard.
pub struct Desktop {
    _server: Ended,
    _manager: Ended,
    display: String,
}

impl Desktop {
    pub fn start() -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "900x700x24", "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        let display = format!(":{}", number.trim());
        let manager = Command::new("openbox").env("DISPLAY", &display).stderr(Stdio::null()).spawn().unwrap();
        // A keyboard with the letter "é": xdotool borrows a key for letters that are missing, and Qt may look too late.
        let layout = Command::new("setxkbmap").args(["-layout", "fr"]).env("DISPLAY", &display).status().unwrap();
        assert!(layout.success());
        let desktop = Self { _server: Ended(server), _manager: Ended(manager), display };
        // The number of desktops is published by the window manager once it works.
        desktop.wait_for(&["get_num_desktops"], |answer| !answer.is_empty());
        desktop
    }

    /// Waits until the window with this title has the keyboard, types there, and presses Return.
    pub fn types_into(&self, title: &str, text: &str) {
        self.wait_for(&["getactivewindow", "getwindowname"], |name| name == title);
        // GTK may miss the first keys while it takes the keyboard from the window before: these change nothing.
        self.xdotool(&["key", "--delay", "50", "Home", "Home", "Home"]).unwrap();
        self.xdotool(&["type", "--delay", "30", text]).unwrap();
        self.xdotool(&["key", "Return"]).unwrap();
    }

    /// Runs xdotool again and again until its output is right.
    fn wait_for(&self, arguments: &[&str], right: impl Fn(&str) -> bool) {
        let start = std::time::Instant::now();
        while !self.xdotool(arguments).is_some_and(|answer| right(answer.trim())) {
            assert!(start.elapsed() < BOUND, "{arguments:?}: {:?}", self.xdotool(arguments));
        }
    }

    /// What xdotool answers; nothing when it fails.
    fn xdotool(&self, arguments: &[&str]) -> Option<String> {
        let output = Command::new("xdotool").args(arguments).env("DISPLAY", &self.display).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    }
}

impl Place for Desktop {
    fn seat(&self, agent: &mut Command) {
        agent.env("DISPLAY", &self.display).stdin(Stdio::null());
    }
}
