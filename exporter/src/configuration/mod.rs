//! What is configured: the file, and OpenTelemetry's own variables, which win over it.

mod environment;
mod file;
mod headers;
mod otlp;

pub(crate) use environment::{Environment, environment};
pub(crate) use otlp::{Endpoint, Otlp};

use crate::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

const DEFAULT: &str = "/etc/ukeyd/exporter.toml";

/// Everything that is configured.
#[derive(Debug)]
pub(crate) struct Configuration {
    /// What Prometheus' node exporter reads.
    pub(crate) textfile: Option<Textfile>,
    /// A collector.
    pub(crate) otlp: Option<Otlp>,
}

/// The file for Prometheus.
#[derive(Debug)]
pub(crate) struct Textfile {
    pub(crate) path: PathBuf,
    /// It is written when something has changed, and not sooner after the last time.
    pub(crate) interval: Duration,
}

impl Configuration {
    /// Reads the file, the default one only if it is there, and the variables.
    pub(crate) fn read(file: Option<&Path>, environment: &Environment) -> Result<Self, Error> {
        let settings = match file {
            Some(path) => file::Settings::read(path)?,
            None if Path::new(DEFAULT).exists() => file::Settings::read(Path::new(DEFAULT))?,
            None => file::Settings::default(),
        };
        let configuration =
            Self { textfile: settings.prometheus.textfile()?, otlp: Otlp::of(&settings.otlp, environment)? };
        if configuration.textfile.is_none() && configuration.otlp.is_none() {
            return Err(Error::NothingConfigured);
        }
        Ok(configuration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str, variables: &[(&str, &str)]) -> Result<Configuration, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("exporter.toml");
        std::fs::write(&path, toml).unwrap();
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Configuration::read(Some(&path), &variables)
    }

    #[test]
    fn nothing_is_told_to_anybody_unless_it_is_configured() {
        let error = read("", &[]).unwrap_err();
        assert!(matches!(error, Error::NothingConfigured), "{error}");
        assert_eq!(error.exit_code(), 6);
        // A variable that says how, but not where.
        assert!(matches!(read("", &[("OTEL_EXPORTER_OTLP_TIMEOUT", "5")]), Err(Error::NothingConfigured)));
    }

    #[test]
    fn mistakes_are_named() {
        for (toml, part) in [
            ("[prometheus]\ntext-file = \"/x\"", "text-file"),
            ("[prometheus]\ntextfile = \"ukeyd.prom\"", "absolute"),
            ("[prometheus]\ntextfile = \"/run/ukeyd.txt\"", ".prom"),
            ("[prometheus]\ntextfile = \"/run/ukeyd.prom\"\ninterval-seconds = 0", "interval-seconds"),
            ("[otlp]\nendpoint = \"collector:4318\"", "http"),
        ] {
            let error = read(toml, &[]).unwrap_err();
            assert!(error.to_string().contains(part), "{toml}: {error}");
            assert_eq!(error.exit_code(), 78);
        }
    }

    #[test]
    fn the_shipped_file_shows_the_defaults() {
        let shipped = include_str!("../../../packaging/config/exporter.toml");
        assert!(matches!(read(shipped, &[]), Err(Error::NothingConfigured)), "it switches nothing on");
        let all: String = shipped
            .lines()
            .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line))
            .map(|line| format!("{line}\n"))
            .collect();
        let configuration = read(&all, &[]).unwrap();
        let settings: file::Settings = toml::from_str(&all).unwrap();
        let defaults = file::Settings::default();
        assert_eq!(settings.prometheus.interval_seconds, defaults.prometheus.interval_seconds);
        assert_eq!(settings.otlp.interval_seconds, defaults.otlp.interval_seconds);
        assert_eq!(settings.otlp.timeout_seconds, defaults.otlp.timeout_seconds);
        assert_eq!((settings.otlp.metrics, settings.otlp.traces), (defaults.otlp.metrics, defaults.otlp.traces));
        assert!(configuration.textfile.is_some() && configuration.otlp.is_some(), "{configuration:?}");
    }

    #[test]
    fn every_key_is_shown_and_explained() {
        let shipped = include_str!("../../../packaging/config/exporter.toml");
        let manual = include_str!("../../../docs/configuration.md");
        let mut section = "";
        let mut shown = std::collections::BTreeSet::new();
        for line in shipped.lines() {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = name;
            } else if let Some((key, _)) = line.strip_prefix('#').and_then(|rest| rest.split_once(" = ")) {
                shown.insert(format!("{section}.{key}"));
            }
        }
        let prometheus = ["textfile", "interval-seconds"].map(|key| format!("prometheus.{key}"));
        let otlp = ["endpoint", "interval-seconds", "timeout-seconds", "metrics", "traces", "certificate", "headers"];
        let otlp = otlp.iter().chain(&["attributes"]).map(|key| format!("otlp.{key}"));
        let known: std::collections::BTreeSet<_> = prometheus.into_iter().chain(otlp).collect();
        assert_eq!(shown, known);
        for key in known {
            assert!(manual.contains(&format!("`{key}`")), "docs/configuration.md does not explain {key}");
            // And no other is taken.
            let (section, key) = key.split_once('.').unwrap();
            let error = read(&format!("[{section}]\n{key}-x = 1"), &[]).unwrap_err().to_string();
            assert!(error.contains(&format!("`{key}`")), "{error}");
        }
    }
}
