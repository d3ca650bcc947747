//! Dialogs: who is asked for a PIN, when, and what a waiting caller hears. Knows Keys, and agents only by a trait;
//! never sees a PIN.

mod agent;
mod attempt;
mod broker;
mod caller;
mod consent;
mod dialogs;
mod limits;
mod pin_socket;
mod programs;

pub(crate) use agent::{Agent, Agents, Prompt};
pub(crate) use broker::{Asking, Broker, Notice, Purpose};
pub(crate) use caller::Caller;
