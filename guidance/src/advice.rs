//! What to do, ready to be shown.

use crate::Service;
use crate::texts::catalogue;
use ukey_texts::{Catalogue, Language};

/// What a person has to do for one service of a CA. Every text is one plain line, without markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// For which service.
    pub service: Service,
    /// The language of the texts.
    pub language: Language,
    /// What the CA is called; `None` for advice in general.
    pub ca: Option<String>,
    /// What it is about, in a sentence.
    pub summary: String,
    /// When it can be done.
    pub when: Option<String>,
    /// Where to go.
    pub place: String,
    /// What to bring.
    pub bring: Vec<String>,
    /// What to do, in order.
    pub steps: Vec<String>,
    /// What follows from doing it, or from not doing it.
    pub consequences: Vec<String>,
    /// The CA's telephone number, with its hours.
    pub hotline: Option<String>,
    /// The CA's website.
    pub website: Option<String>,
    /// The service to tick on the form that this crate makes; `None` where the CA isn't known to take it.
    pub form_service: Option<Service>,
}

impl Advice {
    /// The name of the service, in the advice's language.
    pub fn service_name(&self) -> String {
        catalogue(self.language).text(&format!("service-{}", self.service))
    }

    /// Everything, as plain lines for a dialog or a terminal, without a line break at the end. Long lines are for the
    /// caller to wrap.
    pub fn block(&self) -> String {
        let texts = catalogue(self.language);
        let mut lines = vec![self.summary.clone(), String::new()];
        lines.extend(self.when.iter().map(|when| item(&texts, &title(&texts, "when"), when)));
        lines.push(item(&texts, &title(&texts, "where"), &self.place));
        for (title, items) in [
            (title(&texts, "bring"), numbered(&self.bring)),
            (title(&texts, "steps"), numbered(&self.steps)),
            (title(&texts, "consequences"), self.consequences.iter().map(|text| format!("- {text}")).collect()),
        ] {
            if !items.is_empty() {
                lines.push(texts.text_with("line-title", &[("title", title)]));
                lines.extend(items.iter().map(|item| format!("  {item}")));
            }
        }
        lines.extend(self.hotline.iter().map(|hotline| item(&texts, &title(&texts, "hotline"), hotline)));
        lines.extend(self.website.iter().map(|website| item(&texts, &title(&texts, "website"), website)));
        lines.join("\n")
    }

    /// A few lines for a notice: what it is about, where to go, whom to call.
    pub fn short(&self) -> String {
        let texts = catalogue(self.language);
        let mut lines = vec![self.summary.clone()];
        lines.push(texts.text_with("short-where", &[("place", self.place.as_str())]));
        lines.extend(
            self.hotline.iter().map(|hotline| texts.text_with("short-hotline", &[("hotline", hotline.as_str())])),
        );
        lines.join("\n")
    }
}

fn title(texts: &Catalogue, name: &str) -> String {
    texts.text(&format!("title-{name}"))
}

fn item(texts: &Catalogue, title: &str, text: &str) -> String {
    texts.text_with("line-item", &[("title", title), ("text", text)])
}

fn numbered(items: &[String]) -> Vec<String> {
    items.iter().zip(1..).map(|(item, number)| format!("{number}. {item}")).collect()
}
