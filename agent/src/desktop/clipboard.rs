//! The clipboard of the desktop, X11 or Wayland. What is copied stays there as long as the agent runs, and in the hands
//! of a clipboard manager after.

use std::sync::{Arc, Mutex, PoisonError};

/// The clipboard; opened when something is copied first.
#[derive(Clone, Default)]
pub(crate) struct Clipboard(Arc<Mutex<Option<arboard::Clipboard>>>);

impl Clipboard {
    /// Copies a text.
    ///
    /// # Errors
    /// Why the desktop does not take it.
    pub(crate) async fn copy(&self, text: String) -> Result<(), String> {
        let clipboard = self.clone();
        // The display server may take its time.
        let copied = tokio::task::spawn_blocking(move || clipboard.set(&text)).await;
        copied.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }

    fn set(&self, text: &str) -> Result<(), arboard::Error> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(clipboard) = open.as_mut()
            && clipboard.set_text(text).is_ok()
        {
            return Ok(());
        }
        // Not open, or its display server has been restarted.
        let mut clipboard = arboard::Clipboard::new()?;
        clipboard.set_text(text)?;
        *open = Some(clipboard);
        Ok(())
    }
}
