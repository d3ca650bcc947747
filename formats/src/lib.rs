//! What ukeyd reads and writes in the formats of its field: certificates, unit identifiers, signatures, text to
//! show. Pure functions without I/O; every input may be hostile, and none makes them panic or use more than a small
//! multiple of its size.
#![forbid(unsafe_code)]

pub mod certificate;
pub mod chain;
pub mod cms;
pub mod ecdsa;
mod error;
pub mod expiry;
pub mod hash;
mod resident;
mod signature_algorithm;
mod signed;
pub mod sm2;
pub mod text;
mod uscc;
pub mod verify;

pub use certificate::{Certificate, Curve, KeyUse, PublicKey};
pub use error::ParseError;
pub use hash::{HashAlgorithm, Hasher};
pub use uscc::Uscc;
pub use verify::{SignatureScheme, VerifyError};
