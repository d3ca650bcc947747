//! `modules.d/*.toml`: one vendor module a file; the file's name is the module's name.

use super::ConfigError;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One configured module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModuleConfig {
    /// The file's name without `.toml`: letters, digits, `-`, `_` and `.`, at most 64.
    pub name: String,
    /// Everything in the file.
    pub profile: ModuleProfile,
}

/// The content of a module file.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ModuleProfile {
    /// Path of the vendor's PKCS#11 library.
    pub library: PathBuf,
    /// The only environment variables that the module's process gets.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Signing lanes per Key, 1 to 16; hardware has 1.
    #[serde(default = "one")]
    pub sessions: u8,
    /// How current the module's flags are.
    #[serde(default)]
    pub flags: FlagSource,
    /// Does the module's list of slots follow the Keys?
    #[serde(default)]
    pub slots: SlotList,
    /// Wrong entries until a lock, only where the vendor states them.
    #[serde(default)]
    pub tries: Tries,
    /// The Key wants a button pressed for each signature: the person is told to.
    #[serde(default)]
    pub press: bool,
    /// The library may start processes of its own. They are killed with it, and with the daemon.
    #[serde(default)]
    pub fork: bool,
    /// Somebody ran this profile on the real hardware.
    #[serde(default = "yes")]
    pub verified: bool,
    /// Time limits of single calls.
    #[serde(default)]
    pub timeouts: Timeouts,
}

/// Where the PIN flags of `C_GetTokenInfo` come from before a try.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FlagSource {
    /// From a process started for this question: modules cache flags.
    #[default]
    Fresh,
    /// From the running module, known to be current.
    Live,
}

/// What `C_GetSlotList` shows after `C_Initialize`.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SlotList {
    /// To be found out: until the module has shown a Key that came, fresh processes are asked now and then too.
    #[default]
    Auto,
    /// Keys as they come and go.
    Live,
    /// What was there at the start, as SoftHSM2 does.
    Frozen,
}

/// Wrong entries until a lock.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Tries {
    pub user: Option<u8>,
    pub so: Option<u8>,
}

/// Time limits, in milliseconds.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Timeouts {
    start: u32,
    read: u32,
    login: u32,
    sign: u32,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { start: 15_000, read: 10_000, login: 30_000, sign: 30_000 }
    }
}

impl Timeouts {
    /// Loading and initializing the module.
    pub(crate) fn start(&self) -> Duration {
        Duration::from_millis(self.start.into())
    }

    /// Listing slots and reading objects.
    pub(crate) fn read(&self) -> Duration {
        Duration::from_millis(self.read.into())
    }

    /// `C_Login` and `C_Logout`.
    pub(crate) fn login(&self) -> Duration {
        Duration::from_millis(self.login.into())
    }

    /// One signature.
    pub(crate) fn sign(&self) -> Duration {
        Duration::from_millis(self.sign.into())
    }
}

fn one() -> u8 {
    1
}

fn yes() -> bool {
    true
}

/// Reads every `*.toml` of the folders; a file in a later folder replaces one of the same name in an earlier.
/// A folder that is not there is empty.
pub(crate) fn read_modules(folders: &[PathBuf]) -> Result<Vec<ModuleConfig>, ConfigError> {
    let mut files = BTreeMap::new();
    for folder in folders {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(source) => return Err(ConfigError::Read { path: folder.clone(), source }),
        };
        for entry in entries {
            let path = entry.map_err(|source| ConfigError::Read { path: folder.clone(), source })?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                files.insert(module_name(&path)?, path);
            }
        }
    }
    files.into_iter().map(|(name, path)| Ok(ModuleConfig { name, profile: read_profile(&path)? })).collect()
}

fn module_name(path: &Path) -> Result<String, ConfigError> {
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let allowed = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    if name.is_empty() || name.len() > 64 || !name.chars().all(allowed) {
        let message = "a module's name is 1 to 64 of A-Z a-z 0-9 - _ .".to_owned();
        return Err(ConfigError::Value { path: path.to_owned(), message });
    }
    Ok(name.to_owned())
}

fn read_profile(path: &Path) -> Result<ModuleProfile, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    let profile: ModuleProfile = toml::from_str(&text).map_err(|error| ConfigError::syntax(path, &text, &error))?;
    let wrong = if !profile.library.is_absolute() {
        Some("library must be an absolute path")
    } else if !(1..=16).contains(&profile.sessions) {
        Some("sessions must be 1 to 16")
    } else if [profile.timeouts.start, profile.timeouts.read, profile.timeouts.login, profile.timeouts.sign]
        .contains(&0)
    {
        Some("timeouts must be at least 1 ms")
    } else if profile.tries.user == Some(0) || profile.tries.so == Some(0) {
        Some("tries must be at least 1")
    } else {
        None
    };
    match wrong {
        Some(message) => Err(ConfigError::Value { path: path.to_owned(), message: message.to_owned() }),
        None => Ok(profile),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_folder_overrides_and_order_is_by_name() {
        let (vendor, local) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(vendor.path().join("b.toml"), "library = '/usr/lib/b.so'").unwrap();
        std::fs::write(vendor.path().join("a.toml"), "library = '/usr/lib/a.so'").unwrap();
        std::fs::write(vendor.path().join("README"), "not a module").unwrap();
        std::fs::write(local.path().join("b.toml"), "library = '/opt/b.so'\nsessions = 2\nflags = 'live'").unwrap();
        let folders = [vendor.path().to_owned(), local.path().to_owned(), PathBuf::from("/nonexistent")];
        let modules = read_modules(&folders).unwrap();
        assert_eq!(modules.iter().map(|module| module.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(modules[1].profile.library, Path::new("/opt/b.so"));
        assert_eq!(modules[1].profile.flags, FlagSource::Live);
    }

    #[test]
    fn a_typo_is_refused_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.toml"), "library = '/usr/lib/a.so'\nsesions = 2\n").unwrap();
        let error = read_modules(&[folder.path().to_owned()]).unwrap_err().to_string();
        assert!(error.contains("a.toml, line 2"), "{error}");
    }

    #[test]
    fn relative_libraries_and_absurd_numbers_are_refused() {
        for text in ["library = 'a.so'", "library = '/a.so'\nsessions = 0", "library = '/a.so'\ntries = { user = 0 }"] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("a.toml"), text).unwrap();
            assert!(read_modules(&[folder.path().to_owned()]).is_err(), "{text}");
        }
    }
}
