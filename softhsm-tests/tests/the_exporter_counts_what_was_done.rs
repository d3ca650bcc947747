//! The exporter's file for Prometheus holds the right numbers after a signature, a batch, a wrong PIN, and when the Key is
//! pulled out and ukeyd ends; and Prometheus' own tool finds nothing wrong with it.

use std::fs::{self, File};
use std::process::Command;
use std::time::Duration;
use ukey_dbus::{ErrorKind, KeyKind, ModuleState};
use ukey_softhsm_tests::{
    Exporter, Fixture, eventually, kill, no_options, prometheus_program, refusal, staged, times_run,
};

#[test]
fn and_how_everything_is() {
    staged(async || {
        let mut fixture = Fixture::builder().start().await;
        let mut exporter = Exporter::with_textfile();
        let token = fixture.token().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let end = |path: &str| path.rsplit('/').next().unwrap().to_owned();
        let (key, short) = (end(token.inner().path()), end(certificate.inner().path()));
        let not_after = certificate.not_after().await.unwrap();
        let expiry = format!(
            "ukey_certificate_expiry_timestamp_seconds{{key=\"{key}\",certificate=\"{short}\",key_type=\"ec-p256\",\
             key_use=\"signature\"}} {not_after}"
        );
        let is_ok = format!("ukey_pin_state{{key=\"{key}\",pin=\"user\",state=\"ok\"}} 1");
        let text = exporter
            .will_tell(&[
                "ukey_up 1",
                "ukey_keys{state=\"ready\"} 1",
                "ukey_module_state{module=\"softhsm2\",state=\"ready\"} 1",
                "ukey_module_restarts_total{module=\"softhsm2\"} 0",
                &expiry,
                &is_ok,
            ])
            .await;
        assert!(!text.contains("ukey_signatures_total"), "nothing was signed yet: {text}");

        fixture.pinentry().will_type("wrong-pin");
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinIncorrect);
        let is_low = format!("ukey_pin_state{{key=\"{key}\",pin=\"user\",state=\"low\"}} 1");
        let is_ok_no_more = is_ok.replace("} 1", "} 0");
        exporter
            .will_tell(&["ukey_calls_total{kind=\"login\",result=\"PinIncorrect\"} 1", &is_low, &is_ok_no_more])
            .await;

        fixture.pinentry().will_type(fixture.key().pin());
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        let digests = [[7_u8; 32]; 3];
        let digests: Vec<&[u8]> = digests.iter().map(<[u8; 32]>::as_slice).collect();
        certificate.sign_batch("ECDSA-SHA256", &digests, no_options()).await.unwrap();
        exporter
            .will_tell(&[
                "ukey_calls_total{kind=\"sign-data\",result=\"ok\"} 1",
                "ukey_calls_total{kind=\"sign-batch\",result=\"ok\"} 1",
                "ukey_signatures_total{algorithm=\"ECDSA-SHA256\",kind=\"sign-data\",result=\"ok\"} 1",
                "ukey_signatures_total{algorithm=\"ECDSA-SHA256\",kind=\"sign-batch\",result=\"ok\"} 3",
                "ukey_signature_duration_seconds_count{algorithm=\"ECDSA-SHA256\"} 4",
                "ukey_signature_duration_seconds_bucket{algorithm=\"ECDSA-SHA256\",le=\"+Inf\"} 4",
                "ukey_call_duration_seconds_count{kind=\"login\"} 1",
                "ukey_keys{state=\"logged-in\"} 1",
                &is_ok,
            ])
            .await;
        assert_eq!(
            refusal(certificate.sign_digest("ECDSA-SHA256", b"short", no_options()).await),
            ErrorKind::InvalidArgument
        );
        exporter.will_tell(&["ukey_calls_total{kind=\"sign-digest\",result=\"InvalidArgument\"} 1"]).await;
        assert_prometheus_accepts(&exporter);

        for shim in fixture.daemon.shims() {
            kill(shim, rustix::process::Signal::KILL);
        }
        exporter.will_tell(&["ukey_module_restarts_total{module=\"softhsm2\"} 1"]).await;
        let ready = format!("ukey_module_state{{module=\"softhsm2\",state=\"{}\"}} 1", ModuleState::Ready);
        exporter.will_tell(&[&ready, "ukey_keys{state=\"ready\"} 1"]).await;

        fixture.key().remove();
        // SoftHSM2 tells of it only when it is used.
        for shim in fixture.daemon.shims() {
            kill(shim, rustix::process::Signal::KILL);
        }
        let text = eventually("no Key in the textfile", async || {
            let text = exporter.text();
            let gone = !text.contains(&key) && text.contains("ukey_up 1\n");
            gone.then_some(text)
        })
        .await;
        assert!(!text.contains(&short), "{text}");

        fixture.kill_daemon().await;
        let text = exporter.will_tell(&["ukey_up 0"]).await;
        assert!(!text.contains("ukey_keys"), "{text}");
        assert_prometheus_accepts(&exporter);
        let absent = || exporter.program().log().matches("there is no ukeyd to read from").count();
        assert_eq!(absent(), 1, "{}", exporter.program().log());

        exporter.program().signal(rustix::process::Signal::TERM);
        assert!(exporter.program_mut().ended().await.success());
        assert!(!exporter.textfile().exists(), "nobody keeps it true any more");
    });
}

#[test]
fn another_ukeyd_counts_anew() {
    staged(async || {
        let mut fixture = Fixture::builder().start().await;
        let exporter = Exporter::with_textfile();
        fixture.pinentry().will_cancel();
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::Cancelled);
        exporter.will_tell(&["ukey_calls_total{kind=\"login\",result=\"Cancelled\"} 1"]).await;
        fixture.kill_daemon().await;
        exporter.will_tell(&["ukey_up 0"]).await;
        fixture.start_daemon().await;
        let text = exporter.will_tell(&["ukey_up 1"]).await;
        assert!(!text.contains("ukey_calls_total"), "{text}");
        fixture.pinentry().will_cancel();
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::Cancelled);
        exporter.will_tell(&["ukey_calls_total{kind=\"login\",result=\"Cancelled\"} 1"]).await;
    });
}

#[test]
fn nothing_runs_while_nothing_is_configured_and_mistakes_are_named() {
    staged(async || {
        for (toml, code, part) in [
            ("", 6, "nothing to do"),
            ("[prometheus]\ntextfile = \"relative.prom\"\n", 78, "prometheus.textfile"),
            ("[otlp]\nendpoint = \"http://127.0.0.1:9\"\ntimeout-seconds = \"soon\"\n", 78, "timeout-seconds"),
        ] {
            let mut exporter = Exporter::start(toml, &[]);
            assert_eq!(exporter.program_mut().ended().await.code(), Some(code), "{}", exporter.program().log());
            assert!(exporter.program().log().contains(part), "{}", exporter.program().log());
        }
    });
}

#[test]
fn it_sleeps_while_nothing_happens() {
    staged(async || {
        let _fixture = Fixture::builder().start().await;
        let exporter = Exporter::with_textfile();
        exporter.will_tell(&["ukey_keys{state=\"ready\"} 1"]).await;
        let pid = exporter.program().pid();
        // What came just now is still written.
        let mut quiet = tokio::time::interval(Duration::from_secs(3));
        quiet.tick().await;
        quiet.tick().await;
        let before = times_run(pid);
        quiet.tick().await;
        quiet.tick().await;
        assert_eq!(times_run(pid), before, "it ran");
    });
}

/// What `promtool check metrics` says against the file.
fn assert_prometheus_accepts(exporter: &Exporter) {
    let file = exporter.textfile();
    let output = Command::new(prometheus_program("promtool"))
        .args(["check", "metrics"])
        .stdin(File::open(&file).unwrap())
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.is_empty(), "{said}\n{}", fs::read_to_string(file).unwrap());
}
