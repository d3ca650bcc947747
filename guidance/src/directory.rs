//! `ca.d`: which CA's texts are for which issuer.

use crate::advice::Advice;
use crate::ca_file::{CaFile, Hotline, WINDOW_DAYS};
use crate::phrase::Phrase;
use crate::renewal::{RenewalTime, Window};
use crate::texts::catalogue;
use crate::{Problem, Service, general};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use ukey_texts::Language;

/// Most files in a folder.
const MAX_FILES: usize = 512;

/// Where the files are: the packaged ones, and the administrator's.
pub fn default_folders() -> [PathBuf; 2] {
    ["/usr/share/ukeyd/ca.d".into(), "/etc/ukeyd/ca.d".into()]
}

/// The texts of every CA that there is a file for.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// The most specific first, then by name.
    files: Vec<CaFile>,
}

/// A directory, and which files are not in it.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The texts.
    pub directory: Directory,
    /// Why files were left out.
    pub problems: Vec<Problem>,
}

impl Directory {
    /// Reads every `*.toml` of the folders; a file in a later folder replaces one of the same name in an earlier, also
    /// when it is broken: the administrator meant to say something else. A folder that is not there is empty.
    pub fn load(folders: &[PathBuf]) -> Loaded {
        let mut loaded = Loaded::default();
        let mut paths = BTreeMap::new();
        for folder in folders {
            match files(folder) {
                Ok(found) => paths.extend(found),
                Err(source) if source.kind() == io::ErrorKind::NotFound => {}
                Err(source) => loaded.problems.push(Problem::Read { path: folder.clone(), source }),
            }
        }
        for path in paths.values() {
            match CaFile::read(path) {
                Ok(file) => loaded.directory.files.extend(file),
                Err(problem) => loaded.problems.push(problem),
            }
        }
        loaded.directory.files.sort_by_key(|file| Reverse(file.matches().specificity()));
        loaded
    }

    /// What to do for `service` at the CA whose distinguished name is `issuer`, as ukeyd's `Certificate.Issuer`.
    pub fn advice(&self, issuer: &str, service: Service, language: Language) -> Advice {
        let mut advice = general::advice(service, language);
        let Some(file) = self.find(issuer) else { return advice };
        if let Some(texts) = file.texts(service, language) {
            advice.summary = texts.summary.as_str().to_owned();
            advice.when = texts.when.as_ref().map(|when| when.as_str().to_owned());
            advice.place = texts.place.as_str().to_owned();
            advice.bring = texts.bring.to_strings();
            advice.steps = texts.steps.to_strings();
            advice.consequences = texts.consequences.to_strings();
        }
        advice.ca = file.name(language).map(str::to_owned);
        advice.hotline = file.hotline().map(|line| hotline(line, language));
        advice.website = file.website().map(str::to_owned);
        advice.form_service = file.takes_form().then_some(service);
        advice
    }

    /// What to do about a certificate that ends at `not_after` when it is `now` (Unix seconds): the advice on renewal,
    /// whose summary says how many days are left, or that it is too early and why that would hurt.
    pub fn renewal(&self, issuer: &str, not_after: u64, now: u64, language: Language) -> (RenewalTime, Advice) {
        let window = self.window(issuer);
        let time = window.time(not_after, now);
        let mut advice = self.advice(issuer, Service::Renew, language);
        advice.summary = time.sentence(window, language);
        let harm = time.harm(language);
        if !harm.is_empty() {
            advice.consequences = harm;
        }
        (time, advice)
    }

    /// When the CA renews.
    pub fn window(&self, issuer: &str) -> Window {
        Window { days: self.find(issuer).map_or(WINDOW_DAYS, CaFile::window_days) }
    }

    /// Is the CA known to take the form that this crate makes?
    pub fn takes_form(&self, issuer: &str) -> bool {
        self.find(issuer).is_some_and(CaFile::takes_form)
    }

    fn find(&self, issuer: &str) -> Option<&CaFile> {
        self.files.iter().find(|file| file.matches().fits(issuer))
    }
}

fn hotline(hotline: &Hotline, language: Language) -> String {
    let number = hotline.number.as_str();
    match hotline.hours(language).map(Phrase::as_str) {
        Some(hours) => catalogue(language).text_with("line-hotline", &[("number", number), ("hours", hours)]),
        None => number.to_owned(),
    }
}

fn files(folder: &Path) -> io::Result<Vec<(OsString, PathBuf)>> {
    let mut found = Vec::new();
    for entry in folder.read_dir()? {
        let entry = entry?;
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            if found.len() == MAX_FILES {
                return Err(io::Error::other(format!("more than {MAX_FILES} files")));
            }
            found.push((entry.file_name(), path));
        }
    }
    Ok(found)
}
