//! Where the signatures of a batch go, and what is told of them at the end.

use super::BatchArgs;
use super::list::{Item, Source};
use super::outcome::{Failure, Outcome};
use crate::context::{Context, Format, write_out};
use crate::error::Error;
use crate::exit::Exit;
use crate::file::{self, Existing, NewFile};
use crate::hex;
use crate::input::STDIN;
use crate::snapshot::{Certificate, Key};
use crate::style::{Paint, Style};
use crate::verb::sign::signature_path;
use serde::Serialize;
use std::io::{self, Write};

/// Most items that are named for one error.
const NAMED_MAX: usize = 10;

/// Where the signatures go.
pub(super) enum Places {
    /// Each into a file of its own.
    Files(Existing),
    /// As JSON lines to a file.
    Lines(NewFile),
    /// As JSON lines to standard output.
    StandardOutput,
}

#[derive(Serialize)]
struct Line {
    index: usize,
    input: Option<String>,
    digest: Option<String>,
    signature: Option<String>,
    error: Option<&'static str>,
}

impl Places {
    /// As the user wants it. Gives items their files, and leaves out those that are done already if that is wanted.
    ///
    /// # Errors
    /// `Exists`, so that nobody types a PIN in vain, or `Write`.
    pub(super) fn new(args: &BatchArgs, existing: Existing, items: &mut Vec<Item>) -> Result<Self, Error> {
        match &args.out {
            Some(out) if out.as_os_str() != STDIN => return Ok(Self::Lines(NewFile::create(out, existing)?)),
            None if args.digests.is_none() => {}
            _ => return Ok(Self::StandardOutput),
        }
        for item in &mut *items {
            if let Source::File(path) = &item.source {
                item.place = signature_path(path);
            }
        }
        let place_is_free =
            |item: &Item| item.place.as_deref().is_none_or(|place| file::check(place, existing).is_ok());
        if args.skip_existing {
            items.retain(place_is_free);
        }
        items.iter().filter_map(|item| item.place.as_deref()).try_for_each(|place| file::check(place, existing))?;
        Ok(Self::Files(existing))
    }

    /// Whether standard output belongs to the signatures.
    pub(super) fn are_standard_output(&self) -> bool {
        matches!(self, Self::StandardOutput)
    }

    /// Puts a signature into its place; where that fails, the item has none.
    ///
    /// # Errors
    /// When there is no place for any other either.
    pub(super) fn put(&mut self, index: usize, item: &Item, outcome: Outcome) -> Result<Outcome, Error> {
        match (&mut *self, &item.place, &outcome.result) {
            (Self::Files(existing), Some(place), Ok(signature)) => {
                if let Err(error) = file::write(place, signature, *existing) {
                    return Ok(Outcome { digest: outcome.digest, result: Err(Failure::of(&error)) });
                }
            }
            (Self::Files(_), _, _) => {}
            (Self::Lines(file), _, _) => file.write(&line(index, item, &outcome)?)?,
            (Self::StandardOutput, _, _) => write_out(&line(index, item, &outcome)?)?,
        }
        Ok(outcome)
    }

    /// Finishes the file of lines.
    ///
    /// # Errors
    /// `Exists` or `Write`.
    pub(super) fn keep(self) -> Result<(), Error> {
        match self {
            Self::Lines(file) => file.keep(),
            Self::Files(_) | Self::StandardOutput => Ok(()),
        }
    }
}

fn line(index: usize, item: &Item, outcome: &Outcome) -> Result<Vec<u8>, Error> {
    let line = Line {
        index,
        input: item.name(),
        digest: outcome.digest.as_deref().map(hex::encode),
        signature: outcome.result.as_deref().ok().map(hex::encode),
        error: outcome.result.as_ref().err().map(|failure| failure.name),
    };
    let mut line = serde_json::to_vec(&line).map_err(|error| Error::Output(error.into()))?;
    line.push(b'\n');
    Ok(line)
}

/// What came of a batch.
#[derive(Serialize)]
pub(super) struct Summary<'a> {
    key_id: &'a str,
    key_label: &'a str,
    certificate_id: &'a str,
    algorithm: &'a str,
    total: usize,
    signed: usize,
    failures: Vec<Failed>,
    #[serde(skip)]
    holder: &'a str,
}

#[derive(Serialize)]
struct Failed {
    input: Option<String>,
    digest: Option<String>,
    error: &'static str,
    message: String,
    #[serde(skip)]
    exit: Exit,
}

impl<'a> Summary<'a> {
    /// Before anything is done.
    pub(super) fn new(key: &'a Key, certificate: &'a Certificate, algorithm: &'a str, total: usize) -> Self {
        Self {
            key_id: &key.id,
            key_label: &key.label,
            certificate_id: &certificate.id,
            algorithm,
            total,
            signed: 0,
            failures: Vec::new(),
            holder: certificate.name(),
        }
    }

    /// Counts one item.
    pub(super) fn count(&mut self, item: &Item, outcome: Outcome) {
        match outcome.result {
            Ok(_) => self.signed += 1,
            Err(Failure { name, message, exit }) => self.failures.push(Failed {
                input: item.name(),
                digest: outcome.digest.as_deref().map(hex::encode),
                error: name,
                message,
                exit,
            }),
        }
    }

    /// How many are signed.
    pub(super) fn signed(&self) -> usize {
        self.signed
    }

    /// The exit code of the whole.
    pub(super) fn exit(&self) -> Exit {
        match (self.failures.first(), self.signed) {
            (None, _) => Exit::Success,
            (Some(first), 0) => first.exit,
            (Some(_), _) => Exit::Part,
        }
    }

    /// Tells the user: failures on standard error, the rest on standard output unless that is `taken`.
    ///
    /// # Errors
    /// When standard output fails.
    pub(super) fn report(&self, context: &Context, taken: bool) -> Result<(), Error> {
        let text = || {
            let numbers = [("signed", self.signed.to_string()), ("total", self.total.to_string())];
            let names = [("algorithm", self.algorithm.to_owned()), ("holder", self.holder.to_owned())];
            let values: Vec<_> = numbers.into_iter().chain(names).collect();
            context.texts.text_with("batch-signed", &values) + "\n"
        };
        let failures = self.failures_text(context);
        if taken {
            // Nobody is left to tell when this fails.
            drop(io::stderr().write_all((failures + &text()).as_bytes()));
            return Ok(());
        }
        if context.format == Format::Text {
            drop(io::stderr().write_all(failures.as_bytes()));
        }
        context.print(self, text)
    }

    /// Each error once, with the first of the items that have it.
    fn failures_text(&self, context: &Context) -> String {
        let paint = Paint::for_stream(&io::stderr());
        let mut errors: Vec<(&str, Vec<&Failed>)> = Vec::new();
        for failed in &self.failures {
            match errors.iter_mut().find(|(name, _)| *name == failed.error) {
                Some((_, items)) => items.push(failed),
                None => errors.push((failed.error, vec![failed])),
            }
        }
        let mut lines = String::new();
        for (name, items) in errors {
            let meaning = context.texts.text(&format!("error-{name}"));
            lines.push_str(&format!("{} ({}): {meaning}\n", paint.apply(Style::Bad, name), items.len()));
            for item in items.iter().take(NAMED_MAX) {
                let name = item.input.as_ref().or(item.digest.as_ref()).map_or("", String::as_str);
                let line = match item.message.as_str() {
                    "" => name.to_owned(),
                    // Errors of files name them.
                    message if message.starts_with(name) => message.to_owned(),
                    message => format!("{name}: {message}"),
                };
                lines.push_str(&format!("  {line}\n"));
            }
            if let Some(more) = items.len().checked_sub(NAMED_MAX).filter(|more| *more > 0) {
                lines.push_str(&format!("  {}\n", context.texts.text_with("batch-more", &[("count", more)])));
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::fixture::snapshot;
    use crate::testing::context;
    use std::path::Path;
    use ukey_dbus::ErrorKind;

    fn item(name: &str) -> Item {
        Item { source: Source::File(name.into()), place: None }
    }

    fn unreadable(name: &str) -> Outcome {
        let source = io::ErrorKind::NotFound.into();
        Outcome::failed(Failure::of(&Error::Read { path: Path::new(name).to_owned(), source }))
    }

    #[test]
    fn the_exit_code_tells_all_some_and_none_apart() {
        let snapshot = snapshot();
        let (key, certificate) = snapshot.certificates().next().unwrap();
        let mut summary = Summary::new(key, certificate, "ECDSA-SHA256", 3);
        assert_eq!(summary.exit(), Exit::Success);
        summary.count(&item("a"), unreadable("a"));
        assert_eq!(summary.exit(), Exit::File);
        summary.count(&item("b"), Outcome { digest: Some(vec![1]), result: Ok(vec![2]) });
        assert_eq!((summary.exit(), summary.signed()), (Exit::Part, 1));
        let json = serde_json::to_value(&summary).unwrap();
        assert_eq!(json["failures"][0]["input"], "a");
        assert_eq!(json["failures"][0]["error"], "FileUnreadable");
    }

    #[test]
    fn each_error_is_told_once_with_the_first_of_its_items() {
        let snapshot = snapshot();
        let (key, certificate) = snapshot.certificates().next().unwrap();
        let mut summary = Summary::new(key, certificate, "ECDSA-SHA256", 14);
        summary.count(&item("missing"), unreadable("missing"));
        let cancelled = Failure::of(&Error::Service(ukey_dbus::Error::new(ErrorKind::Cancelled, "")));
        for number in 0..13 {
            summary.count(&item(&format!("order {number}")), Outcome::failed(cancelled.clone()));
        }
        let text = summary.failures_text(&context());
        assert!(text.contains("  missing: entity not found") && text.contains("Cancelled (13): "), "{text}");
        assert!(text.contains("  order 9\n  and 3 more\n") && !text.contains("order 10"), "{text}");
    }

    #[test]
    fn a_line_holds_a_signature_or_an_error() {
        let signed = Outcome { digest: Some(vec![0xab]), result: Ok(vec![1, 2]) };
        let signed: serde_json::Value = serde_json::from_slice(&line(3, &item("a"), &signed).unwrap()).unwrap();
        assert_eq!(
            signed,
            serde_json::json!({"index": 3, "input": "a", "digest": "ab", "signature": "0102", "error": null})
        );
        let failed: serde_json::Value =
            serde_json::from_slice(&line(0, &item("a"), &unreadable("a")).unwrap()).unwrap();
        assert_eq!((&failed["error"], &failed["signature"]), (&"FileUnreadable".into(), &serde_json::Value::Null));
    }
}
