//! Where a collector is, and how it is talked to.

use super::environment::Environment;
use super::file::{OtlpSettings, seconds};
use super::headers::pairs;
use crate::error::Error;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

const PREFIX: &str = "OTEL_EXPORTER_OTLP_";
/// The one protocol that is spoken.
const PROTOCOL: &str = "http/protobuf";

/// A collector.
#[derive(Debug)]
pub(crate) struct Otlp {
    pub(crate) metrics: Option<Endpoint>,
    pub(crate) traces: Option<Endpoint>,
    /// Between two reports of the metrics.
    pub(crate) interval: Duration,
    /// What every report says of this computer, beside what is found out.
    pub(crate) attributes: BTreeMap<String, String>,
}

/// Where one signal goes.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) timeout: Duration,
    /// PEM file of the CAs to trust, instead of the system's.
    pub(crate) certificate: Option<PathBuf>,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Headers hold keys of the collector's owner.
        f.debug_struct("Endpoint").field("url", &self.url).finish_non_exhaustive()
    }
}

/// What a collector takes.
#[derive(Clone, Copy)]
enum Signal {
    Metrics,
    Traces,
}

impl Signal {
    fn variable(self) -> &'static str {
        match self {
            Self::Metrics => "METRICS",
            Self::Traces => "TRACES",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Metrics => "v1/metrics",
            Self::Traces => "v1/traces",
        }
    }
}

impl Otlp {
    /// What file and variables say; `None` when neither names a collector.
    pub(super) fn of(file: &OtlpSettings, environment: &Environment) -> Result<Option<Self>, Error> {
        let disabled = environment.get("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if disabled {
            return Ok(None);
        }
        let read = Reader { file, environment };
        let metrics = if read.wanted(Signal::Metrics)? { read.endpoint(Signal::Metrics)? } else { None };
        let traces = if read.wanted(Signal::Traces)? { read.endpoint(Signal::Traces)? } else { None };
        if metrics.is_none() && traces.is_none() {
            return Ok(None);
        }
        let interval = match environment.get("OTEL_METRIC_EXPORT_INTERVAL") {
            Some(value) => milliseconds("OTEL_METRIC_EXPORT_INTERVAL", value)?,
            None => seconds("otlp.interval-seconds", file.interval_seconds)?,
        };
        let mut attributes = file.attributes.clone();
        if let Some(list) = environment.get("OTEL_RESOURCE_ATTRIBUTES") {
            attributes.extend(pairs("OTEL_RESOURCE_ATTRIBUTES", list)?);
        }
        if let Some(name) = environment.get("OTEL_SERVICE_NAME") {
            attributes.insert("service.name".to_owned(), name.clone());
        }
        Ok(Some(Self { metrics, traces, interval, attributes }))
    }
}

struct Reader<'a> {
    file: &'a OtlpSettings,
    environment: &'a Environment,
}

impl Reader<'_> {
    fn wanted(&self, signal: Signal) -> Result<bool, Error> {
        let name = format!("OTEL_{}_EXPORTER", signal.variable());
        match self.environment.get(&name).map(String::as_str) {
            Some("otlp") => Ok(true),
            Some("none") => Ok(false),
            Some(_) => Err(Error::setting(name, "must be otlp or none")),
            None => Ok(match signal {
                Signal::Metrics => self.file.metrics,
                Signal::Traces => self.file.traces,
            }),
        }
    }

    /// The variable for this signal, else that for all, with its name.
    fn variable(&self, signal: Signal, what: &str) -> Option<(String, &str)> {
        [format!("{PREFIX}{}_{what}", signal.variable()), format!("{PREFIX}{what}")]
            .into_iter()
            .find_map(|name| self.environment.get(&name).map(|value| (name.clone(), value.as_str())))
    }

    fn endpoint(&self, signal: Signal) -> Result<Option<Endpoint>, Error> {
        let own = format!("{PREFIX}{}_ENDPOINT", signal.variable());
        let below = |name: &str, base: &str| checked(name, format!("{}/{}", base.trim_end_matches('/'), signal.path()));
        let all = format!("{PREFIX}ENDPOINT");
        let url = if let Some(url) = self.environment.get(&own) {
            checked(&own, url.clone())?
        } else if let Some(base) = self.environment.get(&all) {
            below(&all, base)?
        } else if let Some(base) = &self.file.endpoint {
            below("otlp.endpoint", base)?
        } else {
            return Ok(None);
        };
        if let Some((name, value)) = self.variable(signal, "PROTOCOL")
            && value != PROTOCOL
        {
            return Err(Error::setting(name, format!("must be {PROTOCOL}; nothing else is spoken")));
        }
        let timeout = match self.variable(signal, "TIMEOUT") {
            Some((name, value)) => milliseconds(&name, value)?,
            None => seconds("otlp.timeout-seconds", self.file.timeout_seconds)?,
        };
        let mut headers: BTreeMap<_, _> = self.file.headers.clone();
        if let Some((name, list)) = self.variable(signal, "HEADERS") {
            headers.extend(pairs(&name, list)?);
        }
        let certificate = self.variable(signal, "CERTIFICATE").map(|(_, path)| PathBuf::from(path));
        let certificate = certificate.or_else(|| self.file.certificate.clone());
        Ok(Some(Endpoint { url, headers: headers.into_iter().collect(), timeout, certificate }))
    }
}

fn checked(name: &str, url: String) -> Result<String, Error> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    if rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')) && url.parse::<ureq::http::Uri>().is_ok() {
        Ok(url)
    } else {
        Err(Error::setting(name, "must be the URL of a collector, http:// or https://"))
    }
}

fn milliseconds(name: &str, value: &str) -> Result<Duration, Error> {
    match value.trim().parse() {
        Ok(value @ 1..) => Ok(Duration::from_millis(value)),
        _ => Err(Error::setting(name, "must be a number of milliseconds")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<Option<Otlp>, Error> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Otlp::of(&OtlpSettings::default(), &variables)
    }

    #[test]
    fn an_endpoint_for_all_has_a_path_for_each() {
        let otlp = of(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/")]).unwrap().unwrap();
        assert_eq!(otlp.metrics.unwrap().url, "http://collector:4318/v1/metrics");
        assert_eq!(otlp.traces.unwrap().url, "http://collector:4318/v1/traces");
        assert_eq!(otlp.interval, Duration::from_secs(60));
    }

    #[test]
    fn an_endpoint_of_its_own_is_taken_as_it_is() {
        let otlp = of(&[
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://collector/in"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "2500"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=k%201"),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=ward"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "5000"),
        ]);
        let otlp = otlp.unwrap().unwrap();
        assert_eq!(otlp.metrics, None);
        let traces = otlp.traces.unwrap();
        assert_eq!((traces.url.as_str(), traces.timeout), ("https://collector/in", Duration::from_millis(2500)));
        assert_eq!(traces.headers, [("api-key".to_owned(), "k 1".to_owned())]);
        assert!(!format!("{traces:?}").contains("k 1"), "a key is not shown");
        assert_eq!(
            (otlp.interval, otlp.attributes["deployment.environment"].as_str()),
            (Duration::from_secs(5), "ward")
        );
    }

    #[test]
    fn it_can_be_switched_off() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        assert!(of(&[endpoint, ("OTEL_SDK_DISABLED", "true")]).unwrap().is_none());
        assert!(of(&[endpoint, ("OTEL_TRACES_EXPORTER", "none")]).unwrap().unwrap().traces.is_none());
        assert!(of(&[]).unwrap().is_none());
    }

    #[test]
    fn what_is_not_spoken_is_refused() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        for wrong in [
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
            ("OTEL_METRICS_EXPORTER", "prometheus"),
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "collector:4318"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http:///v1"),
        ] {
            let error = of(&[endpoint, wrong]).unwrap_err().to_string();
            assert!(error.starts_with(wrong.0), "{error}");
        }
    }
}
