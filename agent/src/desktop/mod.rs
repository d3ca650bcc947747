//! The clerk's desktop: what it shows of the Keys, and what it tells about them.

mod expiry;
mod icons;
mod keys;
mod notifications;
mod state;
