//! How an error is told: its name, what it means, what to do, and the service's own words.

use crate::context::{Context, Format, write_out};
use crate::error::Error;
use crate::select::SelectError;
use crate::style::{Paint, Style};
use serde::Serialize;
use std::io::{self, Write};
use ukey_agent::texts::Catalogue;
use ukey_dbus::{PinCounter, Retry};

/// What is printed with `--json`.
#[derive(Serialize)]
struct Output<'a> {
    error: Report<'a>,
}

#[derive(Serialize)]
struct Report<'a> {
    name: &'static str,
    exit_code: u8,
    message: String,
    meaning: &'a str,
    advice: &'a str,
    retry: Option<&'static str>,
    pin_try_used: Option<&'static str>,
}

/// Tells the user of `error`: text on standard error, or with `--json` an object on standard output.
pub(crate) fn report(context: &Context, error: &Error) {
    let meaning = context.texts.text(&format!("error-{}", error.name()));
    let advice = context.texts.text(&error.advice());
    // Nobody is left to tell when these fail.
    match context.format {
        Format::Text => {
            let paint = Paint::for_stream(&io::stderr());
            drop(io::stderr().write_all(text(&context.texts, paint, error, &meaning, &advice).as_bytes()));
        }
        Format::Json => {
            let report = Report {
                name: error.name(),
                exit_code: error.exit().code(),
                message: error.to_string(),
                meaning: &meaning,
                advice: &advice,
                retry: error.kind().map(|kind| match kind.retry() {
                    Retry::Helps => "helps",
                    Retry::AfterAPerson => "after-a-person",
                    Retry::Useless => "useless",
                }),
                pin_try_used: error.kind().map(|kind| match kind.pin_counter() {
                    PinCounter::Untouched => "no",
                    PinCounter::UsedATry => "yes",
                    PinCounter::Unknown => "unknown",
                }),
            };
            if let Ok(mut line) = serde_json::to_vec(&Output { error: report }) {
                line.push(b'\n');
                drop(write_out(&line));
            }
        }
    }
}

fn text(texts: &Catalogue, paint: Paint, error: &Error, meaning: &str, advice: &str) -> String {
    let mut lines = format!("{}: {meaning}\n", paint.apply(Style::Bad, error.name()));
    for detail in details(texts, error) {
        lines.push_str(&format!("  {detail}\n"));
    }
    lines.push_str(&format!("  {advice}\n"));
    lines
}

fn details(texts: &Catalogue, error: &Error) -> Vec<String> {
    match error {
        Error::Service(error) | Error::OnlyMine(error) if error.message().is_empty() => Vec::new(),
        Error::Service(error) | Error::OnlyMine(error) => {
            vec![texts.text_with("service-says", &[("message", error.message())])]
        }
        Error::Select(SelectError::SeveralKeys(lines) | SelectError::SeveralCertificates(lines)) => lines.clone(),
        Error::Select(SelectError::UnknownKey(wanted) | SelectError::UnknownCertificate(wanted)) => {
            vec![wanted.clone()]
        }
        Error::Usage(word) => vec![texts.text(&format!("usage-{word}"))],
        Error::Select(SelectError::NoKeys | SelectError::NoCertificates) => Vec::new(),
        Error::Interrupted | Error::Declined => Vec::new(),
        Error::NoHeads(said) if said.is_empty() => Vec::new(),
        other => vec![other.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::catalogue;
    use ukey_agent::texts::Language;
    use ukey_dbus::ErrorKind;

    #[test]
    fn an_error_gives_its_name_the_service_words_and_what_to_do() {
        let error = Error::Service(ukey_dbus::Error::new(ErrorKind::PinIncorrect, "the module said CKR_PIN_INCORRECT"));
        let text = text(&catalogue(Language::English), Paint::Off, &error, "meaning", "advice");
        assert_eq!(text, "PinIncorrect: meaning\n  The service says: the module said CKR_PIN_INCORRECT\n  advice\n");
    }
}
