//! A clerk's desktop: a screen without a monitor, a session bus, and, as far as a test wants them, window manager, panel
//! and notification server, the real ones. What is on the screen can be photographed and clicked.

mod gallery;
mod notices;
mod screen;
mod session_bus;
mod tray;

pub use gallery::View;
pub use notices::{NoticeServer, ShownNotice};
pub use screen::Screen;
pub use session_bus::SessionBus;
pub use tray::{MenuLine, Tray};

use crate::person::Person;
use crate::process::Program;
use crate::stage::private_folder;
use crate::tool::Tool;
use crate::wait::eventually;
use std::fs;
use std::os::unix::fs::chown;
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
        let desktop = Self { panel: None, dunst: None, _manager: manager, screen, bus, person, locale, colours };
        desktop.configure();
        desktop
    }

    /// A session bus only: what a desktop says there needs no screen.
    pub fn headless(person: Person, locale: Locale) -> Self {
        let bus = SessionBus::start(person);
        Self { panel: None, dunst: None, _manager: None, screen: None, bus, person, locale, colours: Colours::Light }
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
        let mut command = self.command(&Tool::Dunst.path());
        command.arg("-config").arg(self.config("dunst/dunstrc"));
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
            ("LC_MESSAGES", self.locale.name()),
            ("XDG_CURRENT_DESKTOP", "XFCE"),
            ("GTK_THEME", if self.colours == Colours::Dark { "Adwaita:dark" } else { "Adwaita" }),
        ];
        environment.extend(self.screen.iter().map(|screen| ("DISPLAY", screen.display())));
        environment.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
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

    fn config(&self, file: &str) -> PathBuf {
        Path::new(&self.person.home()).join(".config").join(file)
    }

    fn configure(&self) {
        let gtk = "[Settings]\ngtk-icon-theme-name=Adwaita\ngtk-font-name=WenQuanYi Zen Hei 10\n";
        for (file, text) in [
            ("gtk-3.0/settings.ini", gtk),
            ("dunst/dunstrc", DUNST),
            ("xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml", PANEL),
        ] {
            let path = self.config(file);
            let mut folder = path.parent().unwrap();
            fs::create_dir_all(folder).unwrap();
            fs::write(&path, text).unwrap();
            while folder != Path::new(&self.person.home()) {
                private_folder(folder.to_str().unwrap(), self.person);
                folder = folder.parent().unwrap();
            }
            chown(&path, Some(self.person.uid()), Some(self.person.uid())).unwrap();
        }
    }
}

/// Where the panel shows the only item, from the left of the screen, and its side, in pixels.
const ITEM_LEFT: u32 = 994;
const ITEM_SIDE: u32 = 30;

/// A notification server that shows everything, and does what is clicked.
const DUNST: &str = "\
[global]
font = WenQuanYi Zen Hei 11
width = 420
height = 300
offset = 12x48
origin = top-right
markup = full
format = \"<b>%s</b>\\n%b\"
icon_position = left
max_icon_size = 48
show_indicators = no
ignore_newline = no
word_wrap = yes
idle_threshold = 0
mouse_left_click = do_action, close_current
mouse_middle_click = close_current
dmenu = /bin/true
";

/// A panel at the top with a tray, and nothing that moves.
const PANEL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="30"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
        <value type="int" value="2"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-2" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
    </property>
  </property>
</channel>
"#;
