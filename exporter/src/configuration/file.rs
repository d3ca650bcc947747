//! `/etc/ukeyd/exporter.toml`.

use super::Textfile;
use crate::error::Error;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A day: longer pauses are mistakes.
const SECONDS_MAX: u64 = 86_400;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Settings {
    pub(super) prometheus: PrometheusSettings,
    pub(super) otlp: OtlpSettings,
}

/// `[prometheus]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct PrometheusSettings {
    pub(super) textfile: Option<PathBuf>,
    pub(super) interval_seconds: u64,
}

/// `[otlp]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct OtlpSettings {
    pub(super) endpoint: Option<String>,
    pub(super) interval_seconds: u64,
    pub(super) timeout_seconds: u64,
    pub(super) metrics: bool,
    pub(super) traces: bool,
    pub(super) certificate: Option<PathBuf>,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) attributes: BTreeMap<String, String>,
}

impl Default for PrometheusSettings {
    fn default() -> Self {
        Self { textfile: None, interval_seconds: 15 }
    }
}

impl Default for OtlpSettings {
    fn default() -> Self {
        Self {
            endpoint: None,
            interval_seconds: 60,
            timeout_seconds: 10,
            metrics: true,
            traces: true,
            certificate: None,
            headers: BTreeMap::new(),
            attributes: BTreeMap::new(),
        }
    }
}

impl Settings {
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let text =
            std::fs::read_to_string(path).map_err(|source| Error::Unreadable { path: path.to_owned(), source })?;
        toml::from_str(&text)
            .map_err(|error| Error::Malformed { path: path.to_owned(), message: error.to_string().trim().to_owned() })
    }
}

impl PrometheusSettings {
    pub(super) fn textfile(self) -> Result<Option<Textfile>, Error> {
        let interval = seconds("prometheus.interval-seconds", self.interval_seconds)?;
        let Some(path) = self.textfile else { return Ok(None) };
        let wrong = |message: &str| Err(Error::setting("prometheus.textfile", message));
        if !path.is_absolute() {
            return wrong("must be an absolute path");
        }
        if path.extension().is_none_or(|extension| extension != "prom") {
            return wrong("must end with .prom: the node exporter reads no others");
        }
        Ok(Some(Textfile { path, interval }))
    }
}

/// A duration of at least a second.
pub(super) fn seconds(name: &str, value: u64) -> Result<Duration, Error> {
    if (1..=SECONDS_MAX).contains(&value) {
        Ok(Duration::from_secs(value))
    } else {
        Err(Error::setting(name, format!("must be 1 to {SECONDS_MAX}, not {value}")))
    }
}
