//! The flavours of pinentry as they are: what a person types on a terminal or in a window is what arrives.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is not as it should be")]

mod common;

use common::desktop::Desktop;
use common::terminal::Terminal;
use common::{Ended, Place, PrivateBus, Service, TOKEN, own_uid, record, records, within};
use std::collections::HashMap;
use std::process::{Command, Stdio};
use tempfile::TempDir;
use ukey_dbus::{AgentProxy, ErrorKind};
use zbus::Variant;

/// With a percent sign, a space and a letter outside ASCII.
const PIN: &str = "12% éx";

/// Those for terminals, and what ends an entry there.
const ON_TERMINALS: [(&str, &str); 2] = [("pinentry-tty", "\n"), ("pinentry-curses", "\r")];

const IN_WINDOWS: [&str; 2] = ["pinentry-gtk-2", "pinentry-qt"];

#[tokio::test]
async fn a_pin_typed_on_a_terminal_arrives() {
    for (pinentry, enter) in ON_TERMINALS {
        let terminal = arrives(pinentry, Terminal::open(), "user-pin", move |terminal| {
            terminal.wait_for(&["昆明市第一人民医院", "药品采购订单", "PIN 码:"]);
            terminal.types(&format!("{PIN}{enter}"));
        })
        .await;
        assert!(terminal.echoes(), "{pinentry}");
    }
}

#[tokio::test]
async fn a_new_pin_typed_twice_on_a_terminal_arrives() {
    for (pinentry, enter) in ON_TERMINALS {
        let terminal = arrives(pinentry, Terminal::open(), "new-pin", move |terminal| {
            for prompt in ["新的普通 PIN 码:", "再输一次新 PIN 码:"] {
                terminal.wait_for(&[prompt]);
                terminal.types(&format!("{PIN}{enter}"));
            }
        })
        .await;
        assert!(terminal.echoes(), "{pinentry}");
    }
}

#[tokio::test]
async fn a_withdrawn_dialog_leaves_the_terminal_as_it_was() {
    for (pinentry, _) in ON_TERMINALS {
        let terminal = Terminal::open();
        let asked = Asked::start(pinentry, &terminal).await;
        let (near, far) = records();
        let ask = asked.agent.request_pin(&TOKEN, "user-pin", asked.context(), near.into());
        let withdraw = async {
            let terminal = tokio::task::spawn_blocking(move || {
                terminal.wait_for(&["PIN 码:"]);
                terminal
            });
            let terminal = terminal.await.unwrap();
            common::eventually(|| (!terminal.echoes()).then_some(())).await;
            asked.agent.cancel("r1").await.unwrap();
            terminal
        };
        let (answer, terminal) = within(async { tokio::join!(ask, withdraw) }).await;
        assert_eq!((common::kind(answer), record(&far)), (ErrorKind::Cancelled, None));
        assert!(terminal.echoes(), "{pinentry}");
    }
}

#[tokio::test]
async fn a_pin_typed_in_a_window_arrives() {
    for pinentry in IN_WINDOWS {
        let types = |desktop: &mut Desktop| desktop.types_into("输入 UKey 的普通 PIN 码", PIN);
        arrives(pinentry, Desktop::start(), "user-pin", types).await;
    }
}

#[tokio::test]
async fn a_new_pin_typed_twice_in_windows_arrives() {
    for pinentry in IN_WINDOWS {
        let types = |desktop: &mut Desktop| {
            for title in ["设置新的普通 PIN 码", "再输一次新的普通 PIN 码"] {
                desktop.types_into(title, PIN);
            }
        };
        arrives(pinentry, Desktop::start(), "new-pin", types).await;
    }
}

/// Has a PIN of this kind asked for at a place, where a person does `acts`; it must be [`PIN`].
async fn arrives<P: Place>(pinentry: &str, mut place: P, kind: &str, acts: impl FnOnce(&mut P) + Send + 'static) -> P {
    let asked = Asked::start(pinentry, &place).await;
    let (near, far) = records();
    let ask = asked.agent.request_pin(&TOKEN, kind, asked.context(), near.into());
    let person = tokio::task::spawn_blocking(move || {
        acts(&mut place);
        place
    });
    let (answer, place) = within(async { tokio::join!(ask, person) }).await;
    let place = place.unwrap();
    answer.unwrap();
    assert_eq!(record(&far).as_deref(), Some(PIN.as_bytes()), "{pinentry}");
    place
}

/// The program, running with a real pinentry, and whoever asks it. Its parts end in the order of the fields.
struct Asked {
    agent: AgentProxy<'static>,
    _program: Ended,
    service: Service,
    _bus: PrivateBus,
    _home: TempDir,
}

impl Asked {
    /// Starts it with `pinentry` at a place, in Chinese and with an otherwise empty home.
    async fn start(pinentry: &str, place: &impl Place) -> Self {
        let (bus, home) = (PrivateBus::start(), tempfile::tempdir().unwrap());
        std::fs::create_dir_all(home.path().join(".config/ukeyd")).unwrap();
        std::fs::write(home.path().join(".config/ukeyd/agent.toml"), "language = \"zh-CN\"\n").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ukey-agent"));
        command.args(["--bus", &bus.address, "--pinentry", pinentry]);
        command.env("HOME", home.path()).env("LC_ALL", "C.UTF-8").env("TERM", "xterm").stderr(Stdio::null());
        command.env_remove("XDG_CONFIG_HOME").env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
        place.seat(&mut command);
        let mut service = Service::start(&bus).await;
        let program = Ended(command.spawn().unwrap());
        let (agent, _) = service.agent().await;
        Self { agent, _program: program, service, _bus: bus, _home: home }
    }

    fn context(&self) -> HashMap<&'static str, Variant<'static>> {
        let caller = self.service.connection.unique_name().unwrap().to_string();
        HashMap::from([
            ("request", "r1".into()),
            ("caller", caller.into()),
            ("caller-uid", own_uid().into()),
            ("reason", "药品采购订单".into()),
            ("label", "昆明市第一人民医院".into()),
            ("tries", 5.into()),
        ])
    }
}
