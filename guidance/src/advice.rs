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
        self.service.name(self.language)
    }

    /// Everything, as plain lines for a dialog or a terminal, without a line break at the end. Long lines are for the
    /// caller to wrap.
    pub fn block(&self) -> String {
        let texts = catalogue(self.language);
        let mut lines = vec![self.summary.clone(), String::new()];
        lines.extend(self.when.iter().map(|when| item(&texts, "when", when)));
        lines.push(item(&texts, "where", &self.place));
        lines.extend(list(&texts, "bring", &numbered(&self.bring)));
        lines.extend(list(&texts, "steps", &numbered(&self.steps)));
        lines.extend(list(&texts, "consequences", &dashed(&self.consequences)));
        lines.extend(self.hotline.iter().map(|hotline| item(&texts, "hotline", hotline)));
        lines.extend(self.website.iter().map(|website| item(&texts, "website", website)));
        lines.join("\n")
    }

    /// The same for a dialog with little room, which may cut the end off: what nobody can do without comes first.
    pub fn dialog(&self) -> String {
        let texts = catalogue(self.language);
        let mut lines = vec![self.summary.clone()];
        lines.extend([item(&texts, "where", &self.place)]);
        lines.extend(self.hotline.iter().map(|hotline| item(&texts, "hotline", hotline)));
        lines.extend(list(&texts, "bring", &numbered(&self.bring)));
        lines.extend(list(&texts, "consequences", &dashed(&self.consequences)));
        lines.extend(list(&texts, "steps", &numbered(&self.steps)));
        lines.join("\n")
    }

    /// A few lines for a notice: what it is about, where to go, whom to call.
    pub fn short(&self) -> String {
        format!("{}\n{}", self.summary, self.contact())
    }

    /// Where to go, and whom to call.
    pub fn contact(&self) -> String {
        let texts = catalogue(self.language);
        let mut lines = vec![texts.text_with("short-where", &[("place", self.place.as_str())])];
        lines.extend(
            self.hotline.iter().map(|hotline| texts.text_with("short-hotline", &[("hotline", hotline.as_str())])),
        );
        lines.join("\n")
    }
}

fn title(texts: &Catalogue, name: &str) -> String {
    texts.text(&format!("title-{name}"))
}

fn item(texts: &Catalogue, name: &str, text: &str) -> String {
    texts.text_with("line-item", &[("title", title(texts, name).as_str()), ("text", text)])
}

/// A list under its title; nothing without items.
fn list(texts: &Catalogue, name: &str, items: &[String]) -> Vec<String> {
    if items.is_empty() {
        return Vec::new();
    }
    let title = texts.text_with("line-title", &[("title", title(texts, name))]);
    [title].into_iter().chain(items.iter().map(|item| format!("  {item}"))).collect()
}

fn dashed(items: &[String]) -> Vec<String> {
    items.iter().map(|item| format!("- {item}")).collect()
}

fn numbered(items: &[String]) -> Vec<String> {
    items.iter().zip(1..).map(|(item, number)| format!("{number}. {item}")).collect()
}
