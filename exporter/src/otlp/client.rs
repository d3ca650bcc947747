//! One POST to a collector. It waits, so it runs beside the main thread.

use crate::configuration::Endpoint;
use crate::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use ureq::Agent;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

/// Where distributions keep the CAs that they trust: Debian, Fedora and others.
const SYSTEM_CAS: [&str; 2] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];
/// Of an answer; a collector says little.
const ANSWER_MAX: u64 = 64 << 10;

/// Sends to one endpoint.
#[derive(Clone, Debug)]
pub(super) struct Client {
    endpoint: Endpoint,
    agent: Agent,
}

/// What came of a report.
#[derive(Debug)]
pub(super) enum Answer {
    /// Taken; the body may say that a part was not.
    Taken(Vec<u8>),
    /// Try again later.
    Later(String),
    /// The collector will never take this one.
    Refused(String),
}

impl Client {
    /// Reads the certificates that are trusted.
    pub(super) fn new(endpoint: Endpoint) -> Result<Self, Error> {
        let mut config = Agent::config_builder()
            .timeout_global(Some(endpoint.timeout))
            .http_status_as_error(false)
            // Whoever wants the numbers elsewhere says so here.
            .max_redirects(0)
            .user_agent(concat!("ukey-exporter/", env!("CARGO_PKG_VERSION")));
        if endpoint.url.starts_with("https://") {
            config = config.tls_config(tls(endpoint.certificate.as_deref())?);
        }
        Ok(Self { agent: Agent::new_with_config(config.build()), endpoint })
    }

    /// Sends a protobuf message.
    pub(super) fn post(&self, body: &[u8]) -> Answer {
        let mut request = self.agent.post(&self.endpoint.url).header("Content-Type", "application/x-protobuf");
        for (name, value) in &self.endpoint.headers {
            request = request.header(name, value);
        }
        match request.send(body) {
            Ok(mut response) => {
                let status = response.status();
                let body = response.body_mut().with_config().limit(ANSWER_MAX).read_to_vec().unwrap_or_default();
                match status.as_u16() {
                    200..=299 => Answer::Taken(body),
                    // <https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes>
                    429 | 502 | 503 | 504 => Answer::Later(format!("the collector answers {status}")),
                    _ => Answer::Refused(format!("the collector answers {status}")),
                }
            }
            Err(error) => Answer::Later(error.to_string()),
        }
    }
}

fn tls(certificate: Option<&Path>) -> Result<TlsConfig, Error> {
    let path = match certificate {
        Some(path) => path.to_owned(),
        None => SYSTEM_CAS
            .iter()
            .map(PathBuf::from)
            .find(|path| path.exists())
            .ok_or_else(|| Error::setting("otlp.certificate", "needed: this system has no list of CAs"))?,
    };
    let pem = std::fs::read(&path).map_err(|source| Error::Unreadable { path: path.clone(), source })?;
    let certificates: Vec<_> = parse_pem(&pem)
        .filter_map(|item| if let Ok(PemItem::Certificate(certificate)) = item { Some(certificate) } else { None })
        .collect();
    if certificates.is_empty() {
        return Err(Error::Malformed { path, message: "no certificates in PEM".to_owned() });
    }
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&certificates))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .build())
}
