//! Signed messages against other programs: OpenSSL, NSS, and a checker in Python that shares no code with us.

#![expect(clippy::unwrap_used, reason = "a test, its helpers too")]

mod bench;
mod foreign;
mod forged;
mod ours;
mod sm2_python;
mod tampered;
