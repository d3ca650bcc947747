//! The shipped exporter, running as its own user, and who takes what it tells: a collector that others' code decodes for,
//! Prometheus' own programs.

use crate::person::Person;
use crate::process::Program;
use crate::stage::{STAGE, private_folder, program, sources};
use crate::tool::Tool;
use crate::wait::eventually;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// A program of Prometheus, which script/bootstrap has fetched.
pub fn prometheus_program(name: &str) -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.unwrap_or_else(|| Path::new(&std::env::var_os("HOME").unwrap()).join(".cache"));
    let path = cache.join("ukeyd/prometheus/usr/bin").join(name);
    assert!(path.exists(), "{name} is missing: run script/bootstrap");
    path
}

/// A started exporter.
#[derive(Debug)]
pub struct Exporter {
    program: Program,
    folder: PathBuf,
}

impl Exporter {
    /// Starts it with this configuration, in which `@FOLDER@` stands for the folder that it may write, and with these
    /// variables. Waits for nothing: it may be about to fail.
    pub fn start(toml: &str, variables: &[(&str, &str)]) -> Self {
        let folder = Path::new(STAGE).join("exporter");
        if !folder.exists() {
            private_folder(folder.to_str().unwrap(), Person::Exporter);
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let config = Path::new(STAGE).join("exporter.toml");
        fs::write(&config, toml.replace("@FOLDER@", folder.to_str().unwrap())).unwrap();
        let mut command = Program::command_as(Person::Exporter, &program("ukey-exporter"));
        command.arg("--config").arg(config).envs(variables.iter().copied()).stdin(Stdio::null()).stdout(Stdio::null());
        Self { program: Program::spawn("ukey-exporter", Tool::Setpriv, &mut command), folder }
    }

    /// Starts it with a file for Prometheus that follows every second.
    pub fn with_textfile() -> Self {
        Self::start("[prometheus]\ntextfile = \"@FOLDER@/ukeyd.prom\"\ninterval-seconds = 1\n", &[])
    }

    /// Its process.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Its process, to wait for its end.
    pub fn program_mut(&mut self) -> &mut Program {
        &mut self.program
    }

    /// Where its file for Prometheus is.
    pub fn textfile(&self) -> PathBuf {
        self.folder.join("ukeyd.prom")
    }

    /// What is in that file; empty while there is none.
    pub fn text(&self) -> String {
        fs::read_to_string(self.textfile()).unwrap_or_default()
    }

    /// Waits until the file has all of these lines, and gives it.
    pub async fn will_tell(&self, lines: &[&str]) -> String {
        eventually(&format!("{lines:?} in the textfile"), async || {
            let text = self.text();
            lines.iter().all(|line| text.lines().any(|other| other == *line)).then_some(text)
        })
        .await
    }
}

/// A collector that decodes what it is sent by Python's OpenTelemetry messages.
#[derive(Debug)]
pub struct Collector {
    _program: Program,
    port: u16,
    scheme: &'static str,
    received: PathBuf,
}

impl Collector {
    /// Starts it at any port.
    pub fn start() -> Self {
        Self::at(0)
    }

    /// Starts it at this port.
    pub fn at(port: u16) -> Self {
        Self::launch(port, "http", &[])
    }

    /// Starts it with this certificate and its key, PEM, over TLS.
    pub fn with_tls(certificate: &Path, key: &Path) -> Self {
        Self::launch(0, "https", &[certificate, key])
    }

    fn launch(port: u16, scheme: &'static str, tls: &[&Path]) -> Self {
        let received = Path::new(STAGE).join("collected.jsonl");
        let mut command = Tool::Python.command();
        command
            .arg(sources().join("softhsm-tests/python/otlp_collector.py"))
            .arg(port.to_string())
            .arg(&received)
            .args(tls);
        let mut program = Program::spawn("collector", Tool::Python, command.stdout(Stdio::piped()));
        let mut line = String::new();
        BufReader::new(program.take_stdout()).read_line(&mut line).unwrap();
        let port = line.trim().parse().unwrap_or_else(|_| panic!("no collector: {}", program.log()));
        Self { _program: program, port, scheme, received }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address, as OpenTelemetry's variable names it.
    pub fn endpoint(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    /// Everything that it was sent, decoded, as text.
    pub fn everything(&self) -> String {
        fs::read_to_string(&self.received).unwrap_or_default()
    }

    /// Every request, with `path`, `headers` and `message`.
    pub fn requests(&self) -> Vec<Value> {
        // The last line may be under way.
        self.everything().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Every span so far.
    pub fn spans(&self) -> Vec<Value> {
        let below = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
        let resources = self.requests().into_iter().flat_map(|request| below(&request["message"], "resourceSpans"));
        let scopes = resources.flat_map(|resource| below(&resource, "scopeSpans"));
        scopes.flat_map(|scope| below(&scope, "spans")).collect()
    }

    /// The points of a metric in the last report of metrics.
    pub fn points(&self, name: &str) -> Vec<Value> {
        let reports = self.requests();
        let Some(last) = reports.iter().rev().find(|request| request["path"] == "/v1/metrics") else {
            return Vec::new();
        };
        let metrics = &last["message"]["resourceMetrics"][0]["scopeMetrics"][0]["metrics"];
        let metric = metrics.as_array().unwrap().iter().find(|metric| metric["name"] == name);
        let Some(metric) = metric else { return Vec::new() };
        let data = ["gauge", "sum", "histogram"].iter().find_map(|kind| metric.get(kind)).unwrap();
        data["dataPoints"].as_array().cloned().unwrap_or_default()
    }

    /// The attributes of a point, a span or a resource as text: `name=value`, sorted.
    pub fn attributes(of: &Value) -> Vec<String> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let attributes = of["attributes"].as_array().cloned().unwrap_or_default();
        let mut all: Vec<_> = attributes
            .iter()
            .map(|attribute| {
                let value = attribute["value"].as_object().unwrap().values().next().unwrap().clone();
                format!("{}={}", attribute["key"].as_str().unwrap(), text(&value))
            })
            .collect();
        all.sort();
        all
    }
}
