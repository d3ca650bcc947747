//! What there is to see of the desktop, each thing brought about by what really causes it, and the pictures of it all.
//!
//! A `view` is one thing to see: something of the `tray`, a notice (`notices`), a window with something to read
//! (`windows`) or a dialog (`dialogs`, gone through by `hands`). A `picture` is a view in a language and in colours, and a
//! file of `docs/screenshots`.

mod dialogs;
mod hands;
mod notices;
mod picture;
mod scenery;
mod tray;
mod view;
mod windows;
mod words;

pub use picture::Picture;
pub use view::View;
pub use words::Words;
