//! Windows with something to read, shown by pinentry as the other dialogs are; a PIN dialog takes their place.

use super::notifications::{Notice, Urgency, Weight};
use super::state::State;
use super::texts::Texts;
use crate::answers::PinentryError;
use crate::asker::Asker;
use crate::assuan;
use crate::dialogs::{Cancel, Dialogs, Name};
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
        let pages = pages(lines, |number, count| self.heading(number, count));
        let (asker, title) = (Arc::clone(&self.asker), title.to_owned());
        let buttons = [self.texts.text("button-next"), self.texts.text("button-close")];
        tokio::spawn(async move {
            let Ok(_screen) = ticket.screen().await else { return };
            if let Err(error) = read(&asker, &title, &pages, &buttons, &mut ticket.cancel).await {
                tracing::debug!(%error, "a window was not read");
            }
        });
    }

    /// The first line of a page is the catalogue's own: see `DialogTexts::description`.
    fn heading(&self, number: usize, count: usize) -> String {
        match count {
            1 => self.texts.text("window-heading"),
            _ => self.texts.with("window-heading-page", &[("number", number), ("count", count)]),
        }
    }
}

/// Shows one page after another, as long as the person wants to read on.
async fn read(
    asker: &Asker,
    title: &str,
    pages: &[String],
    [next, close]: &[String; 2],
    cancel: &mut Cancel,
) -> Result<(), PinentryError> {
    let Some((last, before)) = pages.split_last() else { return Ok(()) };
    for page in before {
        if !asker.tell_more(title, page, (next, close), cancel).await? {
            return Ok(());
        }
    }
    asker.tell(title, last, cancel).await
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

/// The lines on pages, each as long as a dialog can carry, under a heading.
pub(super) fn pages(lines: &[String], heading: impl Fn(usize, usize) -> String) -> Vec<String> {
    let room = |page: &str| assuan::command("SETDESC", page).is_ok();
    // No heading is longer than that of a page with two digits.
    let longest = heading(99, 99);
    let mut pages: Vec<Vec<String>> = vec![Vec::new()];
    for line in lines.iter().map(|line| wrap(line)) {
        let page = pages.last().map(Vec::as_slice).unwrap_or_default();
        let with = [std::slice::from_ref(&longest), page, std::slice::from_ref(&line)].concat();
        if room(&with.join("\n")) || page.is_empty() {
            pages.last_mut().into_iter().for_each(|page| page.push(line.clone()));
        } else {
            pages.push(vec![line]);
        }
    }
    let count = pages.len();
    let page = |(number, lines): (usize, Vec<String>)| {
        let whole = [vec![heading(number, count)], lines].concat().join("\n");
        // A single line that no dialog can carry: nothing of ours is so long.
        if room(&whole) { whole } else { heading(number, count) }
    };
    (1..).zip(pages).map(page).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dialog_cannot_carry_goes_on_on_the_next_page() {
        let heading = |number: usize, count: usize| format!("{number}/{count}");
        let lines: Vec<String> = (0..40).map(|number| format!("{number}{}", "药品采购".repeat(5))).collect();
        let pages = pages(&lines, heading);
        assert!(pages.len() > 2 && pages.iter().all(|page| assuan::command("SETDESC", page).is_ok()), "{pages:?}");
        let shown: Vec<&str> = pages.iter().flat_map(|page| page.lines().skip(1)).collect();
        assert_eq!(shown, lines);
        assert!(pages[1].starts_with(&format!("2/{}\n", pages.len())));
        assert_eq!(super::pages(&lines[..2], heading), [format!("1/1\n{}\n{}", lines[0], lines[1])]);
        assert_eq!(super::pages(&["药".repeat(2000)], heading), ["1/1"]);
    }
}
