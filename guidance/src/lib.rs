//! What a person has to do at the CA: where to go, what to bring, when; and the CA's application form as a PDF.
//!
//! The texts of a CA are files of the administrator (`ca.d/*.toml`), chosen by the issuer of a certificate; without one
//! there are texts in general.
//!
//! ```
//! use ukey_guidance::{Directory, Service, default_folders};
//! use ukey_texts::Language;
//!
//! let loaded = Directory::load(&default_folders());
//! for problem in &loaded.problems {
//!     eprintln!("{problem}"); // a broken file takes no other down
//! }
//! let advice = loaded.directory.advice("CN=云南CA, C=CN", Service::Unlock, Language::Chinese);
//! println!("{}", advice.block());
//! ```
#![forbid(unsafe_code)]

mod advice;
mod ca_file;
mod directory;
mod general;
mod issuer;
mod phrase;
mod problem;
mod renewal;
mod service;
mod texts;

pub use advice::Advice;
pub use directory::{Directory, Loaded, default_folders};
pub use problem::Problem;
pub use renewal::{RenewalTime, Window};
pub use service::Service;
