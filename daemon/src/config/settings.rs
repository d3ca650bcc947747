//! `ukeyd.toml`: every key optional.

use super::{ConfigError, ExpirySettings};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Settings of the daemon.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Settings {
    /// Log filter as in `RUST_LOG`, which wins over it. Default `info,zbus=warn`.
    pub log: Option<String>,
    /// Path of `ukey-pkcs11-shim`. Default: beside the daemon's own program, else `/usr/libexec/ukeyd/`.
    pub shim: Option<PathBuf>,
    /// Let vendor modules write to the daemon's stdout and stderr. Default no.
    pub vendor_output: bool,
    /// Limits of a login.
    pub login: LoginSettings,
    /// What signing allows.
    pub signing: SigningSettings,
    /// Whose certificates are good.
    pub trust: TrustSettings,
    /// How long records are kept.
    pub audit: AuditSettings,
    /// When certificates warn of their end.
    pub expiry: ExpirySettings,
}

/// `[login]`: times in seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct LoginSettings {
    idle_seconds: u32,
    max_seconds: u32,
    dialog_seconds: u32,
}

impl Default for LoginSettings {
    fn default() -> Self {
        Self { idle_seconds: 15 * 60, max_seconds: 8 * 3600, dialog_seconds: 120 }
    }
}

impl LoginSettings {
    /// A login ends when its Key was not used for this long. Default 15 minutes.
    pub(crate) fn idle(&self) -> Duration {
        Duration::from_secs(self.idle_seconds.into())
    }

    /// A login ends after this long in any case. Default 8 hours.
    pub(crate) fn max(&self) -> Duration {
        Duration::from_secs(self.max_seconds.into())
    }

    /// A dialog closes when nobody has answered it for this long. Default 120 seconds.
    pub(crate) fn dialog(&self) -> Duration {
        Duration::from_secs(self.dialog_seconds.into())
    }
}

/// `[signing]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SigningSettings {
    /// Allow `SignDigest`, where the daemon never sees what is signed. Default yes.
    pub blind_digests: bool,
}

impl Default for SigningSettings {
    fn default() -> Self {
        Self { blind_digests: true }
    }
}

/// `[audit]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct AuditSettings {
    keep_days: u32,
    /// Rows, two an operation. Default 20 million, some 10 GiB.
    pub max_records: u64,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self { keep_days: 5 * 366, max_records: 20_000_000 }
    }
}

impl AuditSettings {
    /// Records are kept for this long. Default five years.
    pub(crate) fn keep(&self) -> Duration {
        Duration::from_secs(u64::from(self.keep_days) * 24 * 3600)
    }
}

/// `[trust]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TrustSettings {
    /// Folder with the certificates of CAs, PEM or DER: those issued by themselves are trusted, others lead to them.
    pub certificates: PathBuf,
    /// Folder with revocation lists, PEM or DER.
    pub crls: PathBuf,
    /// How strict it is with certificates of which no current list is known.
    pub revocation: Revocation,
}

/// Must a revocation list say that a certificate is good?
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Revocation {
    /// Only what a list revokes is bad.
    #[default]
    WhenKnown,
    /// A current list of the issuer must be there.
    Required,
}

impl Default for TrustSettings {
    fn default() -> Self {
        Self {
            certificates: "/etc/ukeyd/ca-certificates".into(),
            crls: "/etc/ukeyd/crls".into(),
            revocation: Revocation::default(),
        }
    }
}

impl Settings {
    /// Reads the file. A file that is not there is an error only when the administrator named it.
    pub(crate) fn read(named: Option<&Path>, default: &Path) -> Result<Self, ConfigError> {
        let path = named.unwrap_or(default);
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(ConfigError::Read { path: path.to_owned(), source }),
        };
        let settings: Self = toml::from_str(&text).map_err(|error| ConfigError::syntax(path, &text, &error))?;
        settings.check(path)?;
        Ok(settings)
    }

    fn check(&self, path: &Path) -> Result<(), ConfigError> {
        let zero = [
            ("login.idle-seconds", self.login.idle_seconds),
            ("login.max-seconds", self.login.max_seconds),
            ("login.dialog-seconds", self.login.dialog_seconds),
            ("audit.keep-days", self.audit.keep_days),
            ("audit.max-records", u32::try_from(self.audit.max_records).unwrap_or(u32::MAX)),
        ]
        .into_iter()
        .find(|(_, value)| *value == 0);
        let zero = zero.map(|(key, _)| format!("{key} must be at least 1"));
        match zero.or_else(|| self.expiry.mistake()) {
            Some(message) => Err(ConfigError::Value { path: path.to_owned(), message }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ukeyd.toml");
        std::fs::write(&path, text).unwrap();
        Settings::read(Some(&path), &path)
    }

    #[test]
    fn defaults_are_those_of_the_manual() {
        let settings = read("").unwrap();
        assert_eq!(settings.login.idle(), Duration::from_secs(900));
        assert_eq!(settings.login.max(), Duration::from_secs(28_800));
        assert!(settings.signing.blind_digests);
    }

    #[test]
    fn a_typo_is_refused_with_its_line() {
        let error = read("log = \"debug\"\n\n[login]\nidle-secnods = 5\n").unwrap_err().to_string();
        assert!(error.contains("line 4"), "{error}");
        assert!(error.contains("idle-secnods"), "{error}");
    }

    #[test]
    fn zero_limits_are_refused() {
        assert!(read("[login]\nmax-seconds = 0\n").unwrap_err().to_string().contains("login.max-seconds"));
    }

    #[test]
    fn warnings_too_early_are_refused() {
        assert!(read("[expiry]\nthresholds = [45]\n").unwrap_err().to_string().contains("expiry.thresholds: 45"));
    }
}
