//! Which pinentry program to run: the one asked for, else one that fits the desktop or the terminal.

use crate::Error;
use crate::prompt::Screen;
use crate::terminal::Terminal;
use crate::texts::first_set;
use rustix::fs::{Access, access};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What decides the choice.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surroundings {
    /// `XDG_CURRENT_DESKTOP`: names with `:` between them.
    pub(crate) desktop: String,
    /// `DISPLAY` is set.
    pub(crate) x11: bool,
    /// `WAYLAND_DISPLAY` is set.
    pub(crate) wayland: bool,
    /// The terminal of the process.
    pub(crate) terminal: Option<Terminal>,
    /// `PATH`.
    pub(crate) path: OsString,
}

impl Surroundings {
    /// Those of this process.
    pub(crate) fn of_this_process() -> Self {
        Self {
            desktop: first_set(&["XDG_CURRENT_DESKTOP"]).unwrap_or_default(),
            x11: first_set(&["DISPLAY"]).is_some(),
            wayland: first_set(&["WAYLAND_DISPLAY"]).is_some(),
            terminal: Terminal::of_this_process(),
            path: std::env::var_os("PATH").unwrap_or_default(),
        }
    }

    /// Where a dialog will show.
    pub(crate) fn screen(&self) -> Screen {
        match &self.terminal {
            Some(terminal) if !self.is_graphical() => Screen::Terminal(terminal.rows()),
            _ => Screen::Window,
        }
    }

    fn is_graphical(&self) -> bool {
        self.x11 || self.wayland
    }
}

/// Flavours on Qt.
const QT: &[&str] = &["pinentry-qt", "pinentry-qt6", "pinentry-qt5"];
/// Flavours on GTK 2, which need X11.
const GTK: &[&str] = &["pinentry-gtk-2", "pinentry-gtk2"];
/// The flavour that has GNOME's shell draw the dialog; elsewhere it may find nobody to do so.
const GNOME: &[&str] = &["pinentry-gnome3"];
/// The choice of the distribution or the administrator, graphical.
const SYSTEM: &[&str] = &["pinentry-x11", "pinentry"];
/// Flavours for a terminal, in order.
const TERMINAL: &[&str] = &["pinentry-curses", "pinentry-tty", "pinentry"];

/// Desktops on GTK with a prompter of GNOME's.
const GNOME_DESKTOPS: &[&str] = &["GNOME", "Unity", "Budgie"];
/// Desktops that use GTK.
const GTK_DESKTOPS: &[&str] = &["XFCE", "MATE", "X-Cinnamon", "Cinnamon", "LXDE"];

/// Chooses the program.
///
/// # Errors
/// [`Error::NotAProgram`] when `asked` can't be run, [`Error::NoPinentry`] when nothing that fits is installed.
pub(crate) fn choose(asked: Option<&Path>, surroundings: &Surroundings) -> Result<PathBuf, Error> {
    if let Some(asked) = asked {
        return find(asked, surroundings).ok_or_else(|| Error::NotAProgram(asked.to_owned()));
    }
    candidates(surroundings)
        .into_iter()
        .flatten()
        .find_map(|name| find(Path::new(name), surroundings))
        .ok_or(Error::NoPinentry)
}

fn candidates(surroundings: &Surroundings) -> Vec<&'static [&'static str]> {
    let is_one_of = |names: &[&str]| {
        surroundings.desktop.split(':').any(|desktop| names.iter().any(|name| name.eq_ignore_ascii_case(desktop)))
    };
    let mut order = if surroundings.is_graphical() {
        if is_one_of(GNOME_DESKTOPS) {
            vec![GNOME, GTK, QT, SYSTEM]
        } else if is_one_of(GTK_DESKTOPS) {
            vec![GTK, QT, GNOME, SYSTEM]
        } else {
            // KDE, LXQt, Deepin and UKUI are made with Qt, and its flavour works on every other desktop too.
            vec![QT, GTK, GNOME, SYSTEM]
        }
    } else if surroundings.terminal.is_some() {
        vec![TERMINAL]
    } else {
        Vec::new()
    };
    if !surroundings.x11 {
        order.retain(|flavours| *flavours != GTK);
    }
    order
}

/// The file of a program: an absolute path, or a bare name looked up on `PATH` (absolute folders only).
fn find(program: &Path, surroundings: &Surroundings) -> Option<PathBuf> {
    let runnable = |file: &PathBuf| file.is_file() && access(file, Access::EXEC_OK).is_ok();
    if program.is_absolute() {
        return Some(program.to_owned()).filter(runnable);
    }
    if program.components().count() != 1 || program.file_name().is_none() {
        return None;
    }
    std::env::split_paths(&surroundings.path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(program))
        .find(runnable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn with(names: &[&str]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            for name in names {
                fs::write(folder.path().join(name), "").unwrap();
                fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(0o755)).unwrap();
            }
            Self(folder)
        }

        fn around(&self, desktop: &str, display: &str) -> Surroundings {
            Surroundings {
                desktop: desktop.to_owned(),
                x11: display == "x11",
                wayland: display == "wayland",
                terminal: Some(Terminal { name: "/dev/tty9".to_owned(), kind: "xterm".to_owned() }),
                path: self.0.path().as_os_str().to_owned(),
            }
        }
    }

    fn chosen(surroundings: &Surroundings) -> String {
        choose(None, surroundings).unwrap().file_name().unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn the_flavour_fits_the_desktop_or_the_terminal() {
        let all = Folder::with(&[
            "pinentry",
            "pinentry-qt",
            "pinentry-gtk-2",
            "pinentry-gnome3",
            "pinentry-curses",
            "pinentry-tty",
        ]);
        for (desktop, display, program) in [
            ("KDE", "x11", "pinentry-qt"),
            ("LXQt", "wayland", "pinentry-qt"),
            ("UKUI", "x11", "pinentry-qt"),
            ("", "x11", "pinentry-qt"),
            ("ubuntu:GNOME", "wayland", "pinentry-gnome3"),
            ("XFCE", "x11", "pinentry-gtk-2"),
            ("XFCE", "wayland", "pinentry-qt"),
            ("KDE", "", "pinentry-curses"),
        ] {
            assert_eq!(chosen(&all.around(desktop, display)), program, "{desktop} {display}");
        }
    }

    #[test]
    fn what_is_missing_is_passed_over() {
        assert_eq!(chosen(&Folder::with(&["pinentry", "pinentry-gtk-2"]).around("KDE", "x11")), "pinentry-gtk-2");
        assert_eq!(chosen(&Folder::with(&["pinentry"]).around("GNOME", "wayland")), "pinentry");
        assert_eq!(chosen(&Folder::with(&["pinentry-tty"]).around("", "")), "pinentry-tty");
        let none = Folder::with(&[]).around("KDE", "x11");
        assert!(matches!(choose(None, &none), Err(Error::NoPinentry)));
        let mut blind = Folder::with(&["pinentry"]).around("", "");
        blind.terminal = None;
        assert!(matches!(choose(None, &blind), Err(Error::NoPinentry)));
    }

    #[test]
    fn a_program_asked_for_is_used_or_refused_never_replaced() {
        let folder = Folder::with(&["pinentry-qt", "mine"]);
        let around = folder.around("KDE", "x11");
        let mine = folder.0.path().join("mine");
        assert_eq!(choose(Some(Path::new("mine")), &around).unwrap(), mine);
        assert_eq!(choose(Some(&mine), &around).unwrap(), mine);
        fs::set_permissions(&mine, fs::Permissions::from_mode(0o644)).unwrap();
        for wrong in [mine.as_path(), Path::new("absent"), Path::new("./pinentry-qt"), Path::new(""), Path::new("/")] {
            assert!(matches!(choose(Some(wrong), &around), Err(Error::NotAProgram(_))), "{}", wrong.display());
        }
    }
}
