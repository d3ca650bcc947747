//! What a user can choose: which pinentry, which language, on which bus.

use crate::texts::{Language, first_set};
use crate::{Bus, Error};
use serde::Deserialize;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Largest settings file, in bytes.
const FILE_MAX: u64 = 64 << 10;

/// Does the dialog take the whole keyboard?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grab {
    /// No: it is a window like others. A grab fails while a menu is open, and locks the desktop when pinentry hangs.
    #[default]
    Nothing,
    /// Yes, on X11: no other program then sees the keys. Wayland keeps them apart by itself.
    Keyboard,
}

/// Settings of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The bus that the connection is to: it decides who may be ukeyd.
    pub bus: Bus,
    /// Program to run instead of the one that fits the surroundings: a name on `PATH`, or an absolute path.
    pub pinentry: Option<PathBuf>,
    /// Language of the dialogs.
    pub language: Language,
    /// Does the dialog take the keyboard?
    pub grab: Grab,
}

/// The file, `~/.config/ukeyd/agent.toml`; every key is optional.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    pinentry: Option<PathBuf>,
    language: Option<FileLanguage>,
    #[serde(default)]
    grab: bool,
}

#[derive(Clone, Copy, Deserialize)]
enum FileLanguage {
    #[serde(rename = "zh-CN")]
    Chinese,
    #[serde(rename = "en")]
    English,
}

impl Settings {
    /// The settings of the user: from `agent.toml` below `$XDG_CONFIG_HOME/ukeyd` or `~/.config/ukeyd`, the language,
    /// where the file gives none, from the environment. A missing file is as good as an empty one.
    ///
    /// # Errors
    /// [`Error::SettingsFile`] when the file can't be read, [`Error::Settings`] with the line of a mistake in it.
    pub fn load(bus: Bus) -> Result<Self, Error> {
        let folder = first_set(&["XDG_CONFIG_HOME"]).map(PathBuf::from).filter(|folder| folder.is_absolute());
        let folder = folder.or_else(|| first_set(&["HOME"]).map(|home| Path::new(&home).join(".config")));
        let file = match folder {
            Some(folder) => read(&folder.join("ukeyd").join("agent.toml"))?,
            None => File::default(),
        };
        Ok(Self {
            bus,
            pinentry: file.pinentry,
            language: match file.language {
                Some(FileLanguage::Chinese) => Language::Chinese,
                Some(FileLanguage::English) => Language::English,
                None => Language::from_environment(),
            },
            grab: if file.grab { Grab::Keyboard } else { Grab::Nothing },
        })
    }
}

fn read(path: &Path) -> Result<File, Error> {
    let mut text = String::new();
    match std::fs::File::open(path).and_then(|file| file.take(FILE_MAX).read_to_string(&mut text)) {
        Ok(_) => parse(path, &text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(File::default()),
        Err(error) => Err(Error::SettingsFile { path: path.to_owned(), error }),
    }
}

fn parse(path: &Path, text: &str) -> Result<File, Error> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        Error::Settings { path: path.to_owned(), line, message: error.message().replace('\n', " ") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_optional_and_read() {
        let path = Path::new("agent.toml");
        assert!(parse(path, "").unwrap().pinentry.is_none());
        let file = parse(path, "pinentry = \"pinentry-qt\"\nlanguage = \"zh-CN\"\ngrab = true").unwrap();
        assert_eq!(file.pinentry.as_deref(), Some(Path::new("pinentry-qt")));
        assert!(matches!(file.language, Some(FileLanguage::Chinese)) && file.grab);
    }

    #[test]
    fn a_mistake_is_reported_with_its_line() {
        for (text, line) in [
            ("\npinentri = \"x\"", 2),
            ("grab = true\n\nlanguage = \"fr\"", 3),
            ("grab = true\ngrab = false", 2),
            ("grab =", 1),
        ] {
            let Err(error) = parse(Path::new("/x/agent.toml"), text) else { panic!("{text}") };
            assert!(error.to_string().starts_with(&format!("/x/agent.toml, line {line}: ")), "{error}");
            assert!(!error.to_string().contains('\n'), "{error}");
        }
    }

    #[test]
    fn the_manual_has_every_key() {
        // A key that is unknown is answered with those that are not.
        let Err(error) = parse(Path::new("agent.toml"), "no-such-key = 1") else { panic!("it takes any key") };
        let error = error.to_string();
        let (_, known) = error.split_once("expected ").unwrap();
        let manual = include_str!("../../packaging/man/ukey-agent.1.md");
        let keys: Vec<_> = known.split('`').skip(1).step_by(2).collect();
        assert!(keys.contains(&"pinentry"), "{error}");
        for key in keys {
            assert!(manual.contains(&format!("| `{key}` |")), "{key} is not in ukey-agent(1)");
        }
    }

    #[test]
    fn a_missing_file_is_an_empty_one_and_an_unreadable_one_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(&folder.path().join("agent.toml")).is_ok());
        assert!(matches!(read(folder.path()), Err(Error::SettingsFile { .. })));
    }
}
