//! A clerk's desktop: a screen without a monitor, a session bus, and, as far as a test wants them, window manager, panel
//! and notification server, the real ones. What is on the screen can be photographed and clicked.

mod files;
mod gallery;
mod notices;
mod screen;
mod session_bus;
mod tray;
mod viewer;

pub use gallery::{Picture, View, Words};
pub use notices::{NoticeServer, ShownNotice};
pub use screen::{Part, Screen};
pub use session_bus::SessionBus;
pub use tray::{MenuLine, Tray};

use crate::person::Person;
use crate::process::Program;
use crate::tool::Tool;
use crate::wait::eventually;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// The language of a desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Locale {
    /// Simplified Chinese.
    Chinese,
    /// English.
    English,
}

impl Locale {
    /// As `LC_MESSAGES` has it: the characters come from `C.UTF-8`, which every system has.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chinese => "zh_CN.UTF-8",
            Self::English => "en_US.UTF-8",
        }
    }
}

/// The colours of a desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Colours {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A running desktop. Its parts end in the order of the fields.
#[derive(Debug)]
pub struct Desktop {
    panel: Option<Program>,
    dunst: Option<Program>,
    _manager: Option<Program>,
    screen: Option<Screen>,
    bus: SessionBus,
    person: Person,
    locale: Locale,
    colours: Colours,
    is_hidden: bool,
}

impl Desktop {
    /// Screen, session bus and window manager of this person; panel and notices when they are started.
    pub async fn start(person: Person, locale: Locale, colours: Colours) -> Self {
        let bus = SessionBus::start(person);
        let screen = Screen::start(person, colours);
        let mut command = Program::command_as(person, &Tool::Openbox.path());
        command.env("DISPLAY", screen.display()).stdout(Stdio::null());
        let manager = Program::spawn("openbox", Tool::Setpriv, &mut command);
        screen.wait_for(&["get_num_desktops"], |answer| !answer.is_empty()).await;
        let (screen, manager) = (Some(screen), Some(manager));
        let desktop = Self {
            panel: None,
            dunst: None,
            _manager: manager,
            screen,
            bus,
            person,
            locale,
            colours,
            is_hidden: false,
        };
        files::write(person);
        desktop
    }

    /// A session bus only: what a desktop says there needs no screen.
    pub fn headless(person: Person, locale: Locale) -> Self {
        viewer::install(person);
        let bus = SessionBus::start(person);
        Self {
            panel: None,
            dunst: None,
            _manager: None,
            screen: None,
            bus,
            person,
            locale,
            colours: Colours::Light,
            is_hidden: false,
        }
    }

    /// Starts the panel, and waits until it takes items for its tray.
    pub async fn start_panel(&mut self) {
        let mut command = self.command(&Tool::Xfce4Panel.path());
        command.arg("--disable-wm-check");
        self.panel = Some(Program::spawn("xfce4-panel", Tool::Setpriv, &mut command));
        self.bus.wait_for_owner("org.kde.StatusNotifierWatcher").await;
    }

    /// Kills the panel.
    pub async fn kill_panel(&mut self) {
        let mut panel = self.panel.take().unwrap();
        // Its plugins are processes of their own; the tray's is where its items end.
        for child in panel.children() {
            crate::process::kill(child, rustix::process::Signal::KILL);
        }
        panel.signal(rustix::process::Signal::KILL);
        panel.ended().await;
        self.bus.wait_until_free("org.kde.StatusNotifierWatcher").await;
    }

    /// Starts the notification server.
    pub async fn start_notices(&mut self) {
        // It starts this one, and says nothing when it can't.
        Tool::Dmenu.path();
        let mut command = self.command(&Tool::Dunst.path());
        command.arg("-config").arg(files::setting(self.person, files::DUNSTRC));
        self.dunst = Some(Program::spawn("dunst", Tool::Setpriv, &mut command));
        self.bus.wait_for_owner("org.freedesktop.Notifications").await;
    }

    /// Kills the notification server.
    pub async fn kill_notices(&mut self) {
        let mut dunst = self.dunst.take().unwrap();
        dunst.signal(rustix::process::Signal::KILL);
        dunst.ended().await;
        self.bus.wait_until_free("org.freedesktop.Notifications").await;
    }

    /// The screen of one that has one.
    pub fn screen(&self) -> &Screen {
        self.screen.as_ref().unwrap()
    }

    /// Who sits at it.
    pub fn person(&self) -> Person {
        self.person
    }

    /// Its language.
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// Programs that are started from now on don't find the screen.
    pub fn hide_screen(&mut self) {
        self.is_hidden = true;
    }

    /// The session bus.
    pub fn bus(&self) -> &SessionBus {
        &self.bus
    }

    /// The session bus, to stop it.
    pub fn bus_mut(&mut self) -> &mut SessionBus {
        &mut self.bus
    }

    /// The place of the tray's only item on the screen.
    pub fn item_place(&self) -> (u32, u32) {
        (ITEM_LEFT + ITEM_SIDE / 2, ITEM_SIDE / 2)
    }

    /// Waits until the panel shows a picture where the item has to be.
    pub async fn wait_for_item(&self) {
        eventually("the picture on the panel", async || {
            let pixels = self.screen().pixels((ITEM_LEFT, 0), (ITEM_SIDE, ITEM_SIDE - 1));
            let ground = pixels[0];
            (pixels.iter().filter(|pixel| **pixel != ground).count() > 60).then_some(())
        })
        .await;
    }

    /// The tray's item of the person's agent; waits for it.
    pub async fn tray(&self) -> Tray {
        Tray::find(&self.bus, self.person).await
    }

    /// What a program of this desktop has in its environment.
    pub fn environment(&self) -> Vec<(String, String)> {
        let address = self.bus.address();
        let mut environment = vec![
            ("DBUS_SESSION_BUS_ADDRESS", address.as_str()),
            // Ours is found first.
            ("PATH", "/run/stage/viewer:/usr/local/bin:/usr/bin:/bin"),
            ("LC_MESSAGES", self.locale.name()),
            ("XDG_CURRENT_DESKTOP", "XFCE"),
            ("GTK_THEME", if self.colours == Colours::Dark { "Adwaita:dark" } else { "Adwaita" }),
        ];
        environment.extend(self.screen.iter().filter(|_| !self.is_hidden).map(|screen| ("DISPLAY", screen.display())));
        environment.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// Presses the button with this number, from 0, on the only notice: by the menu that the server opens for it, in which a
    /// person can type too.
    pub async fn press(&self, button: usize) {
        let screen = self.screen();
        screen.wait_for_notice().await;
        screen.wait_until_still().await;
        screen.click(NOTICE, 3);
        eventually("the menu of a notice", async || screen.shows("dmenu").then_some(())).await;
        screen.wait_until_still().await;
        // Its lines end with the agent's own names of the buttons: a0, a1 …
        screen.enter(&format!("a{button}]"));
        eventually("the menu's end", async || (!screen.shows("dmenu")).then_some(())).await;
    }

    /// The person's folder for documents; made when it is not there.
    pub fn documents(&self) -> PathBuf {
        files::documents(self.person)
    }

    /// The file that the viewer was given last; waits for one.
    pub async fn viewed(&self) -> PathBuf {
        viewer::viewed().await
    }

    /// The text in the clipboard, once there is one.
    pub async fn clipboard(&self) -> String {
        eventually("a text in the clipboard", async || {
            let mut command = self.command(&Tool::Xclip.path());
            command.args(["-o", "-selection", "clipboard"]).stdout(Stdio::piped()).stderr(Stdio::null());
            let output = Tool::Xclip.output(&mut command);
            let text = String::from_utf8(output.stdout).unwrap();
            (output.status.success() && !text.is_empty()).then_some(text)
        })
        .await
    }

    fn command(&self, program: &Path) -> std::process::Command {
        let mut command = Program::command_as(self.person, program);
        command.envs(self.environment()).stdin(Stdio::null()).stdout(Stdio::null());
        command
    }
}

/// Where the panel shows the only item, from the left of the screen, and its side, in pixels.
const ITEM_LEFT: u32 = 994;
const ITEM_SIDE: u32 = 30;

/// A place on the only notice.
const NOTICE: (u32, u32) = (800, 70);
