//! The flavours of pinentry as they are: what a person types on a terminal or in a window is what arrives.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is not as it should be")]

mod common;

use common::{PrivateBus, Service, TOKEN, own_uid, record, records, within};
use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::{LocalModes, Winsize};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use tempfile::TempDir;
use ukey_dbus::ErrorKind;
use zbus::Variant;

/// With a percent sign, a space and a letter outside ASCII.
const PIN: &str = "12% éx";

fn context(service: &Service) -> HashMap<&'static str, Variant<'static>> {
    let caller = service.connection.unique_name().unwrap().to_string();
    HashMap::from([
        ("request", "r1".into()),
        ("caller", caller.into()),
        ("caller-uid", own_uid().into()),
        ("reason", "药品采购订单".into()),
        ("label", "昆明市第一人民医院".into()),
        ("tries", 5.into()),
    ])
}

/// The program with `pinentry`, in Chinese and with an empty home.
fn agent(bus: &PrivateBus, home: &TempDir, pinentry: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ukey-agent"));
    command.args(["--bus", &bus.address, "--pinentry", pinentry]);
    command.env("HOME", home.path()).env("LC_ALL", "C.UTF-8").env("TERM", "xterm");
    command.env_remove("XDG_CONFIG_HOME").env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    std::fs::create_dir_all(home.path().join(".config/ukeyd")).unwrap();
    std::fs::write(home.path().join(".config/ukeyd/agent.toml"), "language = \"zh-CN\"\n").unwrap();
    command
}

/// Ends a program that a test has started.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// A terminal with a person at it.
struct Terminal {
    person: File,
    side: OwnedFd,
    shown: mpsc::Receiver<Vec<u8>>,
}

impl Terminal {
    fn open() -> Self {
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

    /// Waits until all of `texts` have been shown.
    fn wait_for(&self, texts: &[&str]) {
        let mut shown = Vec::new();
        while !texts.iter().all(|text| String::from_utf8_lossy(&shown).contains(text)) {
            let more = self.shown.recv_timeout(common::BOUND);
            shown.extend(more.unwrap_or_else(|_| panic!("only {}", String::from_utf8_lossy(&shown))));
        }
    }

    fn echoes(&self) -> bool {
        rustix::termios::tcgetattr(self.side.as_fd()).unwrap().local_modes.contains(LocalModes::ECHO)
    }
}

#[tokio::test]
async fn a_pin_typed_on_a_terminal_arrives() {
    for (pinentry, enter) in [("pinentry-tty", "\n"), ("pinentry-curses", "\r")] {
        let (bus, home, mut terminal) = (PrivateBus::start(), tempfile::tempdir().unwrap(), Terminal::open());
        let mut service = Service::start(&bus).await;
        let stdin = terminal.side.try_clone().unwrap();
        let _agent = Ended(agent(&bus, &home, pinentry).stdin(stdin).stderr(Stdio::null()).spawn().unwrap());
        let (agent, _) = service.agent().await;
        let (near, far) = records();
        let ask = agent.request_pin(&TOKEN, "user-pin", context(&service), near.into());
        let person = tokio::task::spawn_blocking(move || {
            terminal.wait_for(&["昆明市第一人民医院", "药品采购订单", "PIN 码:"]);
            terminal.person.write_all(format!("{PIN}{enter}").as_bytes()).unwrap();
            terminal
        });
        let (answer, terminal) = within(async { tokio::join!(ask, person) }).await;
        answer.unwrap();
        assert_eq!(record(&far).as_deref(), Some(PIN.as_bytes()), "{pinentry}");
        assert!(terminal.unwrap().echoes(), "{pinentry}");
    }
}

#[tokio::test]
async fn a_new_pin_typed_twice_on_a_terminal_arrives() {
    for (pinentry, enter) in [("pinentry-tty", "\n"), ("pinentry-curses", "\r")] {
        let (bus, home, mut terminal) = (PrivateBus::start(), tempfile::tempdir().unwrap(), Terminal::open());
        let mut service = Service::start(&bus).await;
        let stdin = terminal.side.try_clone().unwrap();
        let _agent = Ended(agent(&bus, &home, pinentry).stdin(stdin).stderr(Stdio::null()).spawn().unwrap());
        let (agent, _) = service.agent().await;
        let (near, far) = records();
        let ask = agent.request_pin(&TOKEN, "new-pin", context(&service), near.into());
        let person = tokio::task::spawn_blocking(move || {
            for prompt in ["新的普通 PIN 码:", "再输一次新 PIN 码:"] {
                terminal.wait_for(&[prompt]);
                terminal.person.write_all(format!("{PIN}{enter}").as_bytes()).unwrap();
            }
            terminal
        });
        let (answer, terminal) = within(async { tokio::join!(ask, person) }).await;
        answer.unwrap();
        assert_eq!(record(&far).as_deref(), Some(PIN.as_bytes()), "{pinentry}");
        assert!(terminal.unwrap().echoes(), "{pinentry}");
    }
}

#[tokio::test]
async fn a_withdrawn_dialog_leaves_the_terminal_as_it_was() {
    for pinentry in ["pinentry-tty", "pinentry-curses"] {
        let (bus, home, terminal) = (PrivateBus::start(), tempfile::tempdir().unwrap(), Terminal::open());
        let mut service = Service::start(&bus).await;
        let stdin = terminal.side.try_clone().unwrap();
        let _agent = Ended(agent(&bus, &home, pinentry).stdin(stdin).stderr(Stdio::null()).spawn().unwrap());
        let (agent, _) = service.agent().await;
        let (near, far) = records();
        let ask = agent.request_pin(&TOKEN, "user-pin", context(&service), near.into());
        let withdraw = async {
            let terminal = tokio::task::spawn_blocking(move || {
                terminal.wait_for(&["PIN 码:"]);
                terminal
            });
            let terminal = terminal.await.unwrap();
            common::eventually(|| (!terminal.echoes()).then_some(())).await;
            agent.cancel("r1").await.unwrap();
            terminal
        };
        let (answer, terminal) = within(async { tokio::join!(ask, withdraw) }).await;
        assert_eq!((common::kind(answer), record(&far)), (ErrorKind::Cancelled, None));
        assert!(terminal.echoes(), "{pinentry}");
    }
}

/// An X server without a screen, and a window manager, which gives windows the keyboard.
struct Desktop {
    _server: Ended,
    _manager: Ended,
    display: String,
}

impl Desktop {
    fn start() -> Self {
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

    /// Runs xdotool again and again until its output is right.
    fn wait_for(&self, arguments: &[&str], right: impl Fn(&str) -> bool) {
        let start = std::time::Instant::now();
        while !self.xdotool(arguments).is_some_and(|answer| right(answer.trim())) {
            assert!(start.elapsed() < common::BOUND, "{arguments:?}: {:?}", self.xdotool(arguments));
        }
    }

    /// What xdotool answers; nothing when it fails.
    fn xdotool(&self, arguments: &[&str]) -> Option<String> {
        let output = Command::new("xdotool").args(arguments).env("DISPLAY", &self.display).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    }
}

#[tokio::test]
async fn a_pin_typed_in_a_window_arrives() {
    for pinentry in ["pinentry-gtk-2", "pinentry-qt"] {
        let (bus, home, desktop) = (PrivateBus::start(), tempfile::tempdir().unwrap(), Desktop::start());
        let mut service = Service::start(&bus).await;
        let mut command = agent(&bus, &home, pinentry);
        command.env("DISPLAY", &desktop.display).stdin(Stdio::null()).stderr(Stdio::null());
        let _agent = Ended(command.spawn().unwrap());
        let (agent, _) = service.agent().await;
        let (near, far) = records();
        let ask = agent.request_pin(&TOKEN, "user-pin", context(&service), near.into());
        let person = tokio::task::spawn_blocking(move || {
            desktop.wait_for(&["getactivewindow", "getwindowname"], |name| name == "输入 UKey 的普通 PIN 码");
            desktop.xdotool(&["type", "--delay", "30", PIN]).unwrap();
            desktop.xdotool(&["key", "Return"]).unwrap();
            desktop
        });
        let (answer, desktop) = within(async { tokio::join!(ask, person) }).await;
        desktop.unwrap();
        answer.unwrap();
        assert_eq!(record(&far).as_deref(), Some(PIN.as_bytes()), "{pinentry}");
    }
}

#[tokio::test]
async fn a_new_pin_typed_twice_in_windows_arrives() {
    for pinentry in ["pinentry-gtk-2", "pinentry-qt"] {
        let (bus, home, desktop) = (PrivateBus::start(), tempfile::tempdir().unwrap(), Desktop::start());
        let mut service = Service::start(&bus).await;
        let mut command = agent(&bus, &home, pinentry);
        command.env("DISPLAY", &desktop.display).stdin(Stdio::null()).stderr(Stdio::null());
        let _agent = Ended(command.spawn().unwrap());
        let (agent, _) = service.agent().await;
        let (near, far) = records();
        let ask = agent.request_pin(&TOKEN, "new-pin", context(&service), near.into());
        let person = tokio::task::spawn_blocking(move || {
            for title in ["设置新的普通 PIN 码", "再输一次新的普通 PIN 码"] {
                desktop.wait_for(&["getactivewindow", "getwindowname"], |name| name == title);
                desktop.xdotool(&["type", "--delay", "30", PIN]).unwrap();
                desktop.xdotool(&["key", "Return"]).unwrap();
            }
            desktop
        });
        let (answer, desktop) = within(async { tokio::join!(ask, person) }).await;
        desktop.unwrap();
        answer.unwrap();
        assert_eq!(record(&far).as_deref(), Some(PIN.as_bytes()), "{pinentry}");
    }
}
