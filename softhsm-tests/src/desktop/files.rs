//! The settings of a person's desktop, as files.

use super::viewer;
use crate::person::Person;
use crate::stage::private_folder;
use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

/// Notices.
pub(super) const DUNSTRC: &str = "dunst/dunstrc";

/// A file among the person's settings.
pub(super) fn setting(person: Person, file: &str) -> PathBuf {
    Path::new(&person.home()).join(".config").join(file)
}

/// Writes them all, and puts the viewer of files where it is found.
pub(super) fn write(person: Person) {
    viewer::install(person);
    let gtk = "[Settings]\ngtk-icon-theme-name=Adwaita\ngtk-font-name=WenQuanYi Zen Hei 10\n";
    for (file, text) in
        [("gtk-3.0/settings.ini", gtk), (DUNSTRC, DUNST), ("xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml", PANEL)]
    {
        let path = setting(person, file);
        let mut folder = path.parent().unwrap();
        fs::create_dir_all(folder).unwrap();
        fs::write(&path, text).unwrap();
        while folder != Path::new(&person.home()) {
            private_folder(folder.to_str().unwrap(), person);
            folder = folder.parent().unwrap();
        }
        chown(&path, Some(person.uid()), Some(person.uid())).unwrap();
    }
}

/// The person's folder for documents, named in their settings; made when it is not there.
pub(super) fn documents(person: Person) -> PathBuf {
    let folder = Path::new(&person.home()).join("文档");
    private_folder(folder.to_str().unwrap(), person);
    let dirs = setting(person, "user-dirs.dirs");
    fs::create_dir_all(dirs.parent().unwrap()).unwrap();
    fs::write(dirs, "XDG_DOCUMENTS_DIR=\"$HOME/文档\"\n").unwrap();
    folder
}

/// A notification server that shows everything until it is closed, and does what is clicked.
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
mouse_right_click = context
dmenu = /usr/bin/dmenu -l 9

[urgency_normal]
timeout = 0
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
