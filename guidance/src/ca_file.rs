//! One file of `ca.d`.

use crate::issuer::Match;
use crate::phrase::{Localized, Phrase, Phrases, preferred};
use crate::{Problem, Service};
use serde::Deserialize;
use std::fs::File;
use std::io::{self, Read};
use std::num::NonZeroU16;
use std::path::Path;
use ukey_texts::Language;

/// Largest file, in bytes.
const MAX_BYTES: u64 = 128 * 1024;
/// Days before the end in which a CA renews, unless the file says otherwise.
pub(crate) const WINDOW_DAYS: u16 = 30;

/// What a file says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct CaFile {
    #[serde(rename = "match")]
    matches: Match,
    name: Option<Localized<Phrase>>,
    hotline: Option<Hotline>,
    website: Option<Phrase>,
    renewal_window_days: Option<NonZeroU16>,
    /// Does the CA take the form that this crate makes?
    #[serde(default)]
    form: bool,
    new: Option<Localized<Texts>>,
    renew: Option<Localized<Texts>>,
    reissue: Option<Localized<Texts>>,
    unlock: Option<Localized<Texts>>,
    revoke: Option<Localized<Texts>>,
    change: Option<Localized<Texts>>,
}

/// A telephone number and when somebody answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hotline {
    pub(crate) number: Phrase,
    #[serde(rename = "zh-CN")]
    hours_chinese: Option<Phrase>,
    #[serde(rename = "en")]
    hours_english: Option<Phrase>,
}

impl Hotline {
    pub(crate) fn hours(&self, language: Language) -> Option<&Phrase> {
        preferred(language, self.hours_chinese.as_ref(), self.hours_english.as_ref())
    }
}

/// What the CA says of one service in one language.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Texts {
    pub(crate) summary: Phrase,
    pub(crate) when: Option<Phrase>,
    #[serde(rename = "where")]
    pub(crate) place: Phrase,
    #[serde(default)]
    pub(crate) bring: Phrases,
    #[serde(default)]
    pub(crate) steps: Phrases,
    #[serde(default)]
    pub(crate) consequences: Phrases,
}

impl CaFile {
    /// Reads a file; `None` for an empty one, which only hides another of its name.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, Problem> {
        let text = bounded(path)?;
        if text.trim().is_empty() {
            return Ok(None);
        }
        let file: Self = toml::from_str(&text).map_err(|error| Problem::syntax(path, &text, &error))?;
        if file.matches.specificity() == 0 {
            return Err(Problem::file(path, "[match] must say for which issuers it is: name, issuer"));
        }
        Ok(Some(file))
    }

    pub(crate) fn matches(&self) -> &Match {
        &self.matches
    }

    pub(crate) fn name(&self, language: Language) -> Option<&str> {
        self.name.as_ref()?.get(language).map(Phrase::as_str)
    }

    pub(crate) fn hotline(&self) -> Option<&Hotline> {
        self.hotline.as_ref()
    }

    pub(crate) fn website(&self) -> Option<&str> {
        self.website.as_ref().map(Phrase::as_str)
    }

    pub(crate) fn window_days(&self) -> u16 {
        self.renewal_window_days.map_or(WINDOW_DAYS, NonZeroU16::get)
    }

    pub(crate) fn takes_form(&self) -> bool {
        self.form
    }

    /// Its own texts for a service.
    pub(crate) fn texts(&self, service: Service, language: Language) -> Option<&Texts> {
        let texts = match service {
            Service::New => &self.new,
            Service::Renew => &self.renew,
            Service::Reissue => &self.reissue,
            Service::Unlock => &self.unlock,
            Service::Revoke => &self.revoke,
            Service::Change => &self.change,
        };
        texts.as_ref()?.get(language)
    }
}

/// The text of a file, which must be a regular one: a FIFO would be waited for.
fn bounded(path: &Path) -> Result<String, Problem> {
    let failed = |source| Problem::Read { path: path.to_owned(), source };
    if !path.metadata().map_err(failed)?.is_file() {
        return Err(failed(io::Error::other("not a regular file")));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Problem::file(path, format!("larger than {} KiB", MAX_BYTES / 1024)));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        Problem::Line { path: path.to_owned(), line, message: "not UTF-8".to_owned() }
    })
}
