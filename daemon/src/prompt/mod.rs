//! Dialogs: who is asked for a PIN, when, and what a waiting caller hears. Knows Keys, and agents only by a trait;
//! never sees a PIN.

mod agent;
mod attempt;
mod broker;
mod caller;
mod dialogs;
mod pin_socket;

pub(crate) use agent::{Agent, Agents, Prompt};
pub(crate) use broker::{Broker, Notice, Purpose};
pub(crate) use caller::Caller;
