//! Windows with something to read, shown by pinentry as the other dialogs are; a PIN dialog takes their place.

use super::notifications::{Notice, Urgency, Weight};
use super::state::State;
use super::texts::Texts;
use crate::asker::Asker;
use crate::assuan;
use crate::dialogs::{Dialogs, Name};
use crate::layout::wrap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use zbus::names::OwnedUniqueName;

/// The windows of one agent.
pub(crate) struct Windows {
    pub(crate) asker: Arc<Asker>,
    pub(crate) dialogs: Arc<Dialogs>,
    /// The agent's own name on ukeyd's bus: these dialogs are its own.
    pub(crate) name: OwnedUniqueName,
    pub(crate) texts: Arc<Texts>,
}

impl Windows {
    /// Shows a text, unless a window with this tag is open. Returns at once.
    pub(crate) fn show(&self, tag: &str, title: &str, lines: &[String]) {
        let Ok(mut ticket) = self.dialogs.enter(self.name.clone(), name_of(tag)) else { return };
        // The first line is the catalogue's own: see `DialogTexts::description`.
        let lines: Vec<String> = [self.texts.text("window-heading")].into_iter().chain(lines.iter().cloned()).collect();
        let (asker, title, text) = (Arc::clone(&self.asker), title.to_owned(), fitting(&lines));
        tokio::spawn(async move {
            let Ok(_screen) = ticket.screen().await else { return };
            if let Err(error) = asker.tell(&title, &text, &mut ticket.cancel).await {
                tracing::debug!(%error, "a window was not read");
            }
        });
    }
}

impl super::notifications::Windows for Windows {
    fn open(&self, notice: &Notice) {
        let lines: Vec<String> = notice.text.lines().map(str::to_owned).collect();
        self.show(&notice.tag, &notice.title, &lines);
    }

    fn close(&self, tag: &str) {
        self.dialogs.withdraw(&self.name, &name_of(tag));
    }

    fn rest(&self, tag: &str, count: usize, titles: &[String]) -> Notice {
        Notice {
            tag: tag.to_owned(),
            title: self.texts.with("notice-rest-title", &[("count", count)]),
            text: titles.join("\n"),
            picture: State::PinLow,
            urgency: Urgency::Normal,
            weight: Weight::Ordinary,
            actions: Vec::new(),
            without_buttons: String::new(),
        }
    }
}

/// The listed name of the window with this tag. The numbers of the others are small and under another sender.
fn name_of(tag: &str) -> Name {
    let mut hasher = DefaultHasher::new();
    tag.hash(&mut hasher);
    Name::Passing(hasher.finish())
}

/// The lines, as many as a dialog can carry.
pub(super) fn fitting(lines: &[String]) -> String {
    let wrapped: Vec<String> = lines.iter().map(|line| wrap(line)).collect();
    let whole = wrapped.join("\n");
    if assuan::command("SETDESC", &whole).is_ok() {
        return whole;
    }
    let cut = |count: usize| format!("{}\n…", wrapped[..count].join("\n"));
    let fits = |count: &usize| assuan::command("SETDESC", &cut(*count)).is_ok();
    (0..wrapped.len()).rev().find(fits).map(cut).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dialog_cannot_carry_is_cut_at_a_line_and_says_so() {
        let lines = vec!["药品采购".repeat(5); 40];
        let text = fitting(&lines);
        assert!(assuan::command("SETDESC", &text).is_ok());
        assert!(text.ends_with("药品采购\n…") && text.lines().count() > 10, "{text}");
        assert_eq!(fitting(&lines[..2]), lines[..2].join("\n"));
        assert_eq!(fitting(&["药".repeat(2000)]), "\n…");
    }
}
