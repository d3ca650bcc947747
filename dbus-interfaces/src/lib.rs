//! The D-Bus contract of ukeyd, shared by the daemon, the agent and `ukeyctl`: what things are called on
//! the bus, which values they take, which errors they give. No logic. The XML beside this crate's sources
//! (`xml/`) says the same to every other language; a test holds both to the running daemon.
#![forbid(unsafe_code)]

mod algorithm;
mod bus;
mod error;
pub mod names;
pub mod options;
mod proxy;
mod types;

pub use algorithm::{Hash, Scheme};
pub use bus::Bus;
pub use error::{Error, ErrorKind, PinCounter, Retry};
pub use proxy::{
    AgentProxy, AuditProxy, CertificateProxy, ManagerProxy, ModuleProxy, Progress, RequestProxy, StatisticsProxy,
    TokenProxy,
};
pub use types::{
    Algorithm, CallKind, DialogKind, KeyKind, KeyUse, ModuleState, NoticeKind, PinState, ProgramScope, TokenState,
    UnknownName, Validity,
};

/// Result of everything that can end in an error of the contract.
pub type Result<T> = std::result::Result<T, Error>;
