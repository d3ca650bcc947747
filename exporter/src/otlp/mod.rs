//! For an OpenTelemetry collector: OTLP over HTTP, in protobuf. The messages are OpenTelemetry's own crate; its SDK has no
//! place for histograms that somebody else has counted, which these are.

mod client;
mod metrics;
mod resource;
mod sender;
mod trace;

pub(crate) use sender::{Outcome, Sender};
