//! The agent of ukeyd: asks a person for a PIN with the real `pinentry`, and hands it over through the socket that
//! ukeyd supplied. The PIN is in no text, log, argument or file, and nothing is kept after the call.
//!
//! The desktop binary and `ukeyctl`, as the terminal agent of its own calls, use it alike:
//!
//! ```no_run
//! # async fn example() -> Result<(), ukey_agent::Error> {
//! use ukey_agent::{AgentKind, Bus, Settings};
//!
//! ukey_agent::harden()?;
//! let connection = ukey_agent::connect(&Bus::System).await?;
//! let agent = ukey_agent::serve(&connection, Settings::load(Bus::System)?, AgentKind::Terminal).await?;
//! // … calls over `connection`, whose PINs are asked for here …
//! agent.unregister().await
//! # }
//! ```
#![forbid(unsafe_code)]

mod answers;
mod asker;
mod assuan;
mod binding;
mod bus;
mod context;
mod delivery;
#[cfg(feature = "desktop")]
mod desktop;
mod dialogs;
mod error;
mod factory;
mod flavour;
mod harden;
mod identity;
mod layout;
mod leash;
mod locked;
mod new_pin;
mod notices;
mod pin;
mod pinentry;
mod process;
mod prompt;
pub mod properties;
mod registration;
mod requester;
mod script;
mod service;
mod service_owner;
mod settings;
mod socket;
mod terminal;

pub use binding::Binding;
pub use bus::{Bus, connect};
#[cfg(feature = "desktop")]
pub use desktop::Desktop;
pub use error::Error;
pub use harden::harden;
pub use registration::{AgentKind, Registration, serve};
pub use settings::{Grab, Settings};
pub use ukey_texts as texts;
