//! What is true of every CA: for an issuer that no file is for, and for services that a file says nothing of.

use crate::Service;
use crate::advice::Advice;
use crate::texts::catalogue;
use ukey_texts::Language;

/// The advice in general.
pub(crate) fn advice(service: Service, language: Language) -> Advice {
    let texts = catalogue(language);
    let text = |part: &str| texts.text(&format!("{service}-{part}"));
    let list = |part: &str| text(part).lines().map(str::to_owned).collect();
    Advice {
        service,
        language,
        ca: None,
        summary: text("summary"),
        when: Some(text("when")),
        place: text("where"),
        bring: list("bring"),
        steps: list("steps"),
        consequences: list("consequences"),
        hotline: None,
        website: None,
        form_service: None,
    }
}
