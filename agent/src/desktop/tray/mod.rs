//! The tray: a StatusNotifierItem with a menu by com.canonical.dbusmenu, on whatever panel there is, or none.

mod host;
mod ids;
mod item;
mod menu;
mod model;

pub(crate) use host::Tray;
