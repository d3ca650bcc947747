//! Is a certificate trusted? Path validation (a subset of RFC 5280, 6) and revocation lists, against anchors that the
//! administrator chose. Pure: the time is an argument, and nothing is fetched.
//!
//! Not done, and refused where a certificate asks for it: name constraints, policy constraints, indirect and delta
//! revocation lists, lists of some reasons only.

mod crl;
mod read;
mod report;
mod revocation;
mod scope;
mod search;
mod store;

pub use crl::Crl;
pub use read::{read_certificates, read_crls};
pub use report::{ChainCheck, ChainReport, DatesCheck, PathRole, RevocationCheck, RevocationReason};
pub use store::TrustStore;
