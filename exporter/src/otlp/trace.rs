//! A call as a trace: one span for all of it, one below for login and consent, one for the Key. Of who called and what was
//! signed there is nothing.

use super::resource::{attribute, host, number, scope};
use crate::bus::{Call, Part};
use aws_lc_rs::digest::{Context, SHA256};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};

const TRACE_ID: usize = 16;
const SPAN_ID: usize = 8;

/// One report.
pub(super) fn request(spans: Vec<Span>, resource: Resource) -> ExportTraceServiceRequest {
    let scope_spans = vec![ScopeSpans { scope: Some(scope()), spans, ..ScopeSpans::default() }];
    let resource_spans = vec![ResourceSpans { resource: Some(resource), scope_spans, ..ResourceSpans::default() }];
    ExportTraceServiceRequest { resource_spans }
}

/// The spans of a call of the ukeyd that started then (Unix milliseconds).
pub(super) fn spans(call: &Call, since_ms: u64) -> Vec<Span> {
    let identity = |part: &str| identity(since_ms, call.id, part);
    let trace = identity("trace");
    let root = Ids { trace: &trace[..TRACE_ID], span: &trace[TRACE_ID..TRACE_ID + SPAN_ID], parent: &[] };
    let mut spans = vec![whole(call, root)];
    for (name, part) in [("login and consent", call.leave), ("key", call.key)] {
        if let Some(part) = part {
            let id = identity(name);
            let ids = Ids { trace: root.trace, span: &id[..SPAN_ID], parent: root.span };
            spans.push(span(name, ids, call.started_us.saturating_add(part.from_us), part.took_us));
        }
    }
    spans
}

#[derive(Clone, Copy)]
struct Ids<'a> {
    trace: &'a [u8],
    span: &'a [u8],
    parent: &'a [u8],
}

/// The same call has the same identity after a restart of the exporter, and no other call of any computer has it.
fn identity(since_ms: u64, call: u64, part: &str) -> Vec<u8> {
    let mut hash = Context::new(&SHA256);
    for piece in [host().as_bytes(), &since_ms.to_le_bytes(), &call.to_le_bytes(), part.as_bytes()] {
        hash.update(&(piece.len() as u64).to_le_bytes());
        hash.update(piece);
    }
    hash.finish().as_ref().to_vec()
}

fn whole(call: &Call, ids: Ids<'_>) -> Span {
    let mut attributes = vec![attribute("ukey.kind", call.kind.as_str()), attribute("ukey.result", call.result)];
    if let Some(algorithm) = call.algorithm {
        attributes.push(attribute("ukey.algorithm", algorithm.as_str()));
        attributes.push(number("ukey.signatures", call.signatures));
    }
    if let Some(certificate) = &call.certificate {
        attributes.push(attribute("ukey.certificate", certificate.as_str()));
    }
    let status = if call.result == "ok" {
        Status { code: StatusCode::Ok.into(), ..Status::default() }
    } else {
        attributes.push(attribute("error.type", call.result));
        Status { code: StatusCode::Error.into(), message: call.result.to_owned() }
    };
    Span {
        kind: SpanKind::Server.into(),
        attributes,
        status: Some(status),
        ..span(call.kind.as_str(), ids, call.started_us, call.took_us)
    }
}

fn span(name: &str, ids: Ids<'_>, from_us: u64, took_us: u64) -> Span {
    let Part { from_us, took_us } = Part { from_us, took_us };
    Span {
        trace_id: ids.trace.to_vec(),
        span_id: ids.span.to_vec(),
        parent_span_id: ids.parent.to_vec(),
        name: name.to_owned(),
        kind: SpanKind::Internal.into(),
        start_time_unix_nano: from_us.saturating_mul(1_000),
        end_time_unix_nano: from_us.saturating_add(took_us).saturating_mul(1_000),
        ..Span::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ukey_dbus::{Algorithm, CallKind};

    fn call(id: u64) -> Call {
        Call {
            id,
            kind: CallKind::SignFile,
            result: "TokenRemoved",
            started_us: 1_000_000,
            took_us: 500,
            algorithm: Some(Algorithm::Sm2Sm3),
            certificate: Some("0123456789abcdef".to_owned()),
            signatures: 0,
            leave: Some(Part { from_us: 10, took_us: 300 }),
            key: Some(Part { from_us: 310, took_us: 100 }),
        }
    }

    #[test]
    fn a_call_is_one_trace_with_its_parts_below() {
        let spans = spans(&call(1), 7);
        let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
        assert_eq!(names, ["sign-file", "login and consent", "key"]);
        assert!(spans.iter().all(|span| span.trace_id == spans[0].trace_id && span.trace_id.len() == TRACE_ID));
        assert!(spans[1..].iter().all(|span| span.parent_span_id == spans[0].span_id));
        assert_eq!((spans[2].start_time_unix_nano, spans[2].end_time_unix_nano), (1_000_310_000, 1_000_410_000));
        assert_eq!(spans[0].status.as_ref().unwrap().code, i32::from(StatusCode::Error));
    }

    #[test]
    fn a_call_keeps_its_identity_and_shares_it_with_no_other() {
        let id = |call: &Call, since| spans(call, since)[0].trace_id.clone();
        assert_eq!(id(&call(1), 7), id(&call(1), 7));
        assert_ne!(id(&call(1), 7), id(&call(2), 7));
        assert_ne!(id(&call(1), 7), id(&call(1), 8));
    }
}
