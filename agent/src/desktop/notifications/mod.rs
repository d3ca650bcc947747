//! Notices on the desktop, through whatever serves `org.freedesktop.Notifications`: each has a tag, and a new one with
//! the same tag takes the place of the old one. Never a flood. Where no server is, what matters comes in a window.

mod board;
mod notice;
mod pace;
mod server;

pub(crate) use board::{Notifier, Windows};
pub(crate) use notice::{Action, Notice, Urgency, Weight};
