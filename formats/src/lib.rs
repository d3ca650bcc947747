//! What ukeyd reads and writes in the formats of its field: certificates, unit identifiers, signatures, text to
//! show. Pure functions without I/O; every input may be hostile, and none makes them panic or use more than a small
//! multiple of its size.
#![forbid(unsafe_code)]

pub mod certificate;
pub mod ecdsa;
mod error;
mod resident;
pub mod text;
mod uscc;

pub use certificate::{Certificate, Curve, KeyUse, PublicKey};
pub use error::ParseError;
pub use uscc::Uscc;
