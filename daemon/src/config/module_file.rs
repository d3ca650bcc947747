//! A module file of `modules.d`: one vendor module; the file's name is the module's name.

use super::ConfigError;
use super::confinement::{Allowance, allowed_by_default, any_impossible, named_by};
use super::found::{Found, found};
use super::sm2::{Match, Sm2Profile, Sm2Rule, rule_for};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use ukey_shim_protocol::TokenInfo;

/// One configured module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModuleConfig {
    /// The file's name without `.toml`: letters, digits, `-`, `_` and `.`, at most 64.
    pub name: String,
    /// Everything in the file.
    pub profile: ModuleProfile,
    /// How its Keys may sign with SM2: the file's own word, then the profiles, the most specific first.
    pub(super) sm2_rules: Vec<Sm2Rule>,
}

impl ModuleConfig {
    /// How this Key of the module signs with SM2, if anybody has written it down.
    pub(crate) fn sm2_rule(&self, token: &TokenInfo) -> Option<&Sm2Rule> {
        rule_for(&self.sm2_rules, token)
    }
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
    /// Files and folders that the library may read beside its own folder and what the environment names; sockets that
    /// it may connect to.
    #[serde(default)]
    pub read: Vec<PathBuf>,
    /// Files that it may change, folders in which it may make and remove files: its tokens, a lock.
    #[serde(default)]
    pub write: Vec<PathBuf>,
    /// `false`: it may open whatever the service's user may.
    #[serde(default = "yes")]
    confine: bool,
    /// What it is meant to find, where the file lists nothing.
    #[serde(skip)]
    found: Found,
    /// What else it may do. The list is the whole.
    #[serde(default = "allowed_by_default")]
    pub allow: Vec<Allowance>,
    /// Somebody ran this profile on the real hardware.
    #[serde(default = "yes")]
    pub verified: bool,
    /// Time limits of single calls.
    #[serde(default)]
    pub timeouts: Timeouts,
    /// The Keys that `sm2` is for.
    #[serde(default, rename = "match")]
    pub(super) matches: Match,
    /// How they sign with SM2.
    pub(super) sm2: Option<Sm2Profile>,
}

impl ModuleProfile {
    /// Which files the library can reach beside its own folder and the system's.
    pub(crate) fn files(&self) -> Files<'_> {
        if !self.confine {
            Files::All
        } else if self.lists_nothing() {
            Files::Found(&self.found)
        } else {
            let named = named_by(self.environment.values());
            Files::Listed { read: named.chain(self.read.iter().map(PathBuf::as_path)).collect(), write: &self.write }
        }
    }

    fn lists_nothing(&self) -> bool {
        self.read.is_empty() && self.write.is_empty()
    }
}

/// Files of a library.
#[derive(Debug)]
pub(crate) enum Files<'a> {
    /// What the service's user can reach.
    All,
    /// What the module's file and its environment say.
    Listed { read: Vec<&'a Path>, write: &'a [PathBuf] },
    /// What the environment leads to.
    Found(&'a Found),
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

/// Reads a file that names a library.
pub(super) fn read(path: &Path, text: &str) -> Result<ModuleProfile, ConfigError> {
    let mut profile: ModuleProfile = toml::from_str(text).map_err(|error| ConfigError::syntax(path, text, &error))?;
    let wrong = if !profile.library.is_absolute() {
        Some("library must be an absolute path")
    } else if !(1..=16).contains(&profile.sessions) {
        Some("sessions must be 1 to 16")
    } else if [profile.timeouts.start, profile.timeouts.read, profile.timeouts.login, profile.timeouts.sign]
        .contains(&0)
    {
        Some("timeouts must be at least 1 ms")
    } else if any_impossible(&profile.read) || any_impossible(&profile.write) {
        Some("read and write take absolute paths, and not the root folder")
    } else if !profile.confine && !profile.lists_nothing() {
        Some("confine = false leaves nothing for read and write to say")
    } else if profile.tries.user == Some(0) || profile.tries.so == Some(0) {
        Some("tries must be at least 1")
    } else if profile.sm2.is_none() && profile.matches.specificity() > 0 {
        Some("[match] says for which Keys [sm2] is, and there is no [sm2]")
    } else {
        None
    };
    match wrong {
        Some(message) => Err(ConfigError::Value { path: path.to_owned(), message: message.to_owned() }),
        None => {
            if profile.confine && profile.lists_nothing() {
                profile.found = found(&profile.library, &profile.environment);
            }
            Ok(profile)
        }
    }
}
