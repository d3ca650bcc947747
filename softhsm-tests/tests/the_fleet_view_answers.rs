//! A real Prometheus reads the exporter's file through a real node exporter, and every question of the dashboard and of the
//! guide's alert rules is one that it understands; those about what was done are answered. Grafana itself is not there.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use ukey_dbus::{ErrorKind, KeyKind};
use ukey_softhsm_tests::{
    Exporter, Fixture, Program, STAGE, Tool, eventually, no_options, prometheus_program, refusal, staged,
};

#[test]
fn every_question_of_dashboard_and_guide() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let exporter = Exporter::with_textfile();
        let (node, server) = (free_port(), free_port());
        let _node = start(
            "prometheus-node-exporter",
            &[
                "--collector.disable-defaults".to_owned(),
                "--collector.textfile".to_owned(),
                format!("--collector.textfile.directory={}", exporter.textfile().parent().unwrap().display()),
                format!("--web.listen-address=127.0.0.1:{node}"),
            ],
        );
        let config = Path::new(STAGE).join("prometheus.yml");
        let scrape = format!(
            "global:\n  scrape_interval: 1s\nscrape_configs:\n  - job_name: node\n    static_configs:\n      - targets: \
             ['127.0.0.1:{node}']\n"
        );
        fs::write(&config, scrape).unwrap();
        let _server = start(
            "prometheus",
            &[
                format!("--config.file={}", config.display()),
                format!("--storage.tsdb.path={STAGE}/tsdb"),
                format!("--web.listen-address=127.0.0.1:{server}"),
            ],
        );
        let ask = |question: &str| ask(server, question);
        eventually("the first scrape", async || ask("ukey_up").ok().filter(|answer| !answer.is_empty()).map(drop))
            .await;
        // Every kind of number changes between two scrapes.
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        fixture.pinentry().will_type("wrong-pin");
        let signed = certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await;
        assert_eq!(refusal(signed), ErrorKind::PinIncorrect);
        fixture.pinentry().will_type(fixture.key().pin());
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        eventually("two values of what was counted", async || {
            let answer = ask("min(count_over_time(ukey_signatures_total[1m])) >= 2");
            answer.ok().filter(|answer| !answer.is_empty()).map(drop)
        })
        .await;

        let questions = questions();
        assert!(questions.len() > 20, "{questions:?}");
        for question in questions {
            let answer = ask(&question).unwrap_or_else(|error| panic!("{question}: {error}"));
            // Nothing is locked, nothing broken, and SoftHSM2 does not tell tries: these have no answer here.
            let may_be_empty = ["tries_remaining", "failed|quarantined", "locked", "< 15", "> 900"];
            let expected = may_be_empty.iter().any(|part| question.contains(part));
            assert!(expected || !answer.is_empty(), "no answer to {question}");
        }
    });
}

/// Those of the dashboard, with its variables filled in, and of the guide.
fn questions() -> Vec<String> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let dashboard = fs::read_to_string(sources.join("packaging/grafana/ukeyd.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&dashboard).unwrap();
    let datasource = &dashboard["templating"]["list"][0];
    assert_eq!((datasource["name"].as_str(), datasource["type"].as_str()), (Some("datasource"), Some("datasource")));
    let mut questions = Vec::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{}", panel["title"]);
        for target in panel["targets"].as_array().unwrap() {
            let question = target["expr"].as_str().unwrap();
            questions.push(question.replace("$instance", ".*").replace("$__rate_interval", "1m"));
        }
    }
    for guide in ["fleet-view.md", "fleet-view.zh-CN.md"] {
        let guide = fs::read_to_string(sources.join("docs").join(guide)).unwrap();
        let rules = guide.lines().filter_map(|line| line.trim().strip_prefix("expr: ").map(str::to_owned));
        questions.extend(rules);
    }
    questions
}

/// Asks a Prometheus for its answer at this moment.
fn ask(port: u16, question: &str) -> Result<Vec<Value>, String> {
    let output = Command::new(prometheus_program("promtool"))
        .args(["query", "instant", "--format=json", &format!("http://127.0.0.1:{port}"), question])
        .output()
        .unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let answer: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    Ok(answer.as_array().cloned().unwrap_or_default())
}

fn start(name: &str, arguments: &[String]) -> Program {
    let mut command = Tool::Env.command();
    command.arg(prometheus_program(name)).args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
    Program::spawn(name, Tool::Env, &mut command)
}

/// Nobody else listens there just now.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
