//! What the exporter sends by OTLP is read by somebody else's code and holds the right numbers and spans. A collector that
//! is away costs nothing but time: what was done meanwhile arrives when it comes.

use serde_json::Value;
use std::path::{Path, PathBuf};
use ukey_dbus::{ErrorKind, KeyKind};
use ukey_softhsm_tests::{Collector, Exporter, Fixture, STAGE, Tool, eventually, no_options, refusal, run, staged};

const FAST: (&str, &str) = ("OTEL_METRIC_EXPORT_INTERVAL", "500");

#[test]
fn metrics_and_traces() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let collector = Collector::start();
        let endpoint = collector.endpoint();
        let variables = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
            ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20key"),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=pharmacy"),
            FAST,
        ];
        let exporter = Exporter::start("", &variables);
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        fixture.pinentry().will_type(fixture.key().pin());
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        fixture.token().await.logout().await.unwrap();
        fixture.pinentry().will_type("wrong-pin");
        assert_eq!(
            refusal(certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await),
            ErrorKind::PinIncorrect
        );

        let spans = eventually("the spans of both calls", async || {
            let spans = collector.spans();
            (spans.iter().filter(|span| span["name"] == "sign-data").count() == 2).then_some(spans)
        })
        .await;
        let short = certificate.inner().path().rsplit('/').next().unwrap().to_owned();
        let signed = whole(&spans, "STATUS_CODE_OK");
        assert_eq!(
            Collector::attributes(signed),
            [
                "ukey.algorithm=ECDSA-SHA256".to_owned(),
                format!("ukey.certificate={short}"),
                "ukey.kind=sign-data".to_owned(),
                "ukey.result=ok".to_owned(),
                "ukey.signatures=1".to_owned(),
            ]
        );
        let parts: Vec<_> = spans.iter().filter(|span| span["parentSpanId"] == signed["spanId"]).collect();
        let names: Vec<_> = parts.iter().map(|span| span["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["login and consent", "key"]);
        for part in parts {
            assert_eq!(part["traceId"], signed["traceId"]);
            assert!(nanos(part, "startTimeUnixNano") >= nanos(signed, "startTimeUnixNano"), "{part}");
            assert!(nanos(part, "endTimeUnixNano") <= nanos(signed, "endTimeUnixNano"), "{part}");
        }
        let refused = whole(&spans, "STATUS_CODE_ERROR");
        assert!(Collector::attributes(refused).contains(&"error.type=PinIncorrect".to_owned()), "{refused}");

        let points = eventually("both calls in the metrics", async || {
            let points = collector.points("ukey.calls");
            (points.len() == 2).then_some(points)
        })
        .await;
        assert!(points.iter().all(|point| point["asInt"] == "1"), "{points:?}");
        let durations = collector.points("ukey.signature.duration");
        assert_eq!((durations.len(), durations[0]["count"].as_str()), (1, Some("1")), "{durations:?}");
        let buckets = durations[0]["bucketCounts"].as_array().unwrap();
        assert_eq!(buckets.len(), durations[0]["explicitBounds"].as_array().unwrap().len() + 1);

        let requests = collector.requests();
        assert!(requests.iter().all(|request| request["headers"]["api-key"] == "a key"));
        let resource = Collector::attributes(&requests[0]["message"]["resourceMetrics"][0]["resource"]);
        for attribute in ["service.name=ukeyd", "deployment.environment.name=pharmacy", "host.name="] {
            assert!(resource.iter().any(|other| other.starts_with(attribute)), "{resource:?}");
        }
        drop(exporter);
    });
}

#[test]
fn a_collector_that_comes_later_hears_of_what_was_done() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let collector = Collector::start();
        let (port, endpoint) = (collector.port(), collector.endpoint());
        drop(collector);
        let exporter = Exporter::start("", &[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), FAST]);
        fixture.log_in().await;
        let refused = |log: &str, signal: &str| log.matches(&format!("the collector does not take {signal}")).count();
        let log = eventually("the exporter's words", async || {
            let log = exporter.program().log();
            (refused(&log, "Metrics") > 0 && refused(&log, "Traces") > 0).then_some(log)
        })
        .await;
        assert_eq!((refused(&log, "Metrics"), refused(&log, "Traces")), (1, 1), "once each: {log}");
        let collector = Collector::at(port);
        eventually("the login's span", async || {
            collector.spans().iter().any(|span| span["name"] == "login").then_some(())
        })
        .await;
        let failures = eventually("the metrics", async || {
            let points = collector.points("ukey.exporter.export.failures");
            (!points.is_empty()).then_some(points)
        })
        .await;
        assert!(failures.iter().all(|point| point["asInt"].as_str().unwrap() != "0"), "{failures:?}");
        assert!(exporter.program().log().contains("takes Traces again"), "{}", exporter.program().log());
    });
}

#[test]
fn an_exporter_that_is_started_again_tells_no_other_trace() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let collector = Collector::start();
        let endpoint = collector.endpoint();
        let logins = || -> Vec<Value> {
            let spans = collector.spans().into_iter().filter(|span| span["name"] == "login");
            spans.map(|span| span["traceId"].clone()).collect()
        };
        for times in [1, 2] {
            let exporter = Exporter::start("", &[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str())]);
            eventually("the login's span", async || (logins().len() == times).then_some(())).await;
            drop(exporter);
        }
        assert_eq!(logins()[0], logins()[1]);
    });
}

#[test]
fn over_tls_to_whom_the_named_ca_knows() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let (ca, certificate, key) = tls_certificate();
        let collector = Collector::with_tls(&certificate, &key);
        let endpoint = collector.endpoint();
        let to = ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str());
        let stranger = Exporter::start("", &[to]);
        eventually("a refusal of the unknown certificate", async || {
            stranger.program().log().contains("the collector does not take Traces").then_some(())
        })
        .await;
        assert_eq!(collector.everything(), "");
        drop(stranger);
        let _exporter = Exporter::start("", &[to, ("OTEL_EXPORTER_OTLP_CERTIFICATE", ca.to_str().unwrap())]);
        eventually("the login's span", async || {
            collector.spans().iter().any(|span| span["name"] == "login").then_some(())
        })
        .await;
    });
}

/// A CA, a certificate of it for this computer, and its key.
fn tls_certificate() -> (PathBuf, PathBuf, PathBuf) {
    let folder = Path::new(STAGE).join("tls");
    std::fs::create_dir(&folder).unwrap();
    let script = "set -e; cd \"$1\"
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.pem
        openssl req -new -newkey rsa:2048 -nodes -subj /CN=collector -keyout key.pem -out leaf.csr
        printf 'subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n' >leaf.cnf
        openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile leaf.cnf -out leaf.pem";
    run(Tool::Env, ["sh", "-c", script, "tls", folder.to_str().unwrap()]);
    (folder.join("ca.pem"), folder.join("leaf.pem"), folder.join("key.pem"))
}

/// The span of a whole call with this status.
fn whole<'a>(spans: &'a [Value], status: &str) -> &'a Value {
    spans.iter().find(|span| span["kind"] == "SPAN_KIND_SERVER" && span["status"]["code"] == status).unwrap()
}

fn nanos(span: &Value, key: &str) -> u64 {
    span[key].as_str().unwrap().parse().unwrap()
}
