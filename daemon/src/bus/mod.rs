//! The D-Bus edge: objects, callers, policy. Every zbus type of the daemon stays in here.

mod agents;
mod announce;
mod audit;
mod authorize;
mod batch;
mod call;
mod callers;
mod certificate;
mod connect;
mod dictionary;
mod expiry;
mod gates;
mod guests;
mod hashing;
mod identify;
mod logind;
mod manager;
mod message;
mod module;
mod options;
mod quota;
mod reading;
mod reasons;
mod request;
mod service;
mod sign;
mod signer;
mod statistics;
mod token;
mod tree;
mod verify;
mod verify_message;

pub(crate) use authorize::AuthorizerKind;
pub(crate) use connect::Bus;
pub(crate) use service::{Service, StartError, connect};
