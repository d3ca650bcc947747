//! `ukeyctl batch`: many signatures after one PIN entry.

mod list;
mod outcome;
mod output;

use crate::call::{Answer, Call, CallArgs, Options, Scale};
use crate::context::{Context, Format};
use crate::error::Error;
use crate::exit::Exit;
use crate::file::Existing;
use crate::hash::{Hashing, StopOnDrop};
use crate::progress::{Bar, Unit};
use crate::select::{self, Purpose};
use crate::service::bounded;
use clap::Args;
use list::{Item, Source};
use outcome::{Failure, Outcome};
use output::{Places, Summary};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::task::spawn_blocking;
use ukey_dbus::options::BATCH_MAX;
use ukey_dbus::{CertificateProxy, ErrorKind};

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Signs many files, or many digests, after one PIN entry. Files are hashed here and only their digests go to the service, \
10,000 at a time; the raw signatures go to FILE.sig, or with --out as JSON lines to one file. A file that can't be read \
is left out and named at the end. Ctrl-C ends the work: what is signed until then is kept. Ends with 0 when everything \
is signed, with 11 when it is in part, and with the code of the first error when nothing is. --skip-existing goes on \
where an earlier run ended.

Examples:
  ukeyctl batch --certificate ec-p256 orders/*.csv
  find orders -name '*.csv' | ukeyctl batch --files-from - --skip-existing
  sha256sum orders/*.csv | ukeyctl batch --digests - --out signatures.jsonl

A line of --digests is a digest in hexadecimal; what follows it after a space is ignored. For SM2 it is e (GM/T 0003.2).

JSON: {key_id, key_label, certificate_id, algorithm, total, signed, failures: [{input, digest, error, message}]}; before \
it, with --out -, the lines. A line: {index, input (null: a digest), digest, signature (null: there is none), error \
(null: signed)}, signature and digest in hexadecimal.";

/// What to sign, and with what.
#[derive(Args, Clone, Debug)]
pub(crate) struct BatchArgs {
    /// The Key: its id, label or serial number, or the start of one
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// The certificate: the start of its fingerprint, its holder, serial number or key type; not needed when only one
    /// can sign
    #[arg(long, value_name = "CERTIFICATE")]
    certificate: Option<String>,
    /// The algorithm, e.g. RSA-PSS-SHA256; by default the certificate's first (see `ukeyctl show`)
    #[arg(long, value_name = "ALGORITHM")]
    algorithm: Option<String>,
    /// Sign the digests that stand in this file, one a line; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "files_from"])]
    digests: Option<PathBuf>,
    /// Sign the files whose names stand in this file, one a line; `-` is standard input
    #[arg(long, value_name = "FILE")]
    files_from: Option<PathBuf>,
    /// Write the signatures as JSON lines to this file, `-` for standard output; by default those of files stand beside
    /// them, and those of digests go to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace result files that exist
    #[arg(long)]
    force: bool,
    /// Leave out the files that have a signature already
    #[arg(long, conflicts_with_all = ["force", "out", "digests"])]
    skip_existing: bool,
    #[command(flatten)]
    call: CallArgs,
    /// The files
    #[arg(value_name = "FILE", required_unless_present_any = ["digests", "files_from"])]
    files: Vec<PathBuf>,
}

/// Runs the verb: `Part` when some items are signed and others are not.
///
/// # Errors
/// Those of `Certificate.SignBatch` when nothing is signed, when no single certificate is meant, and those of files.
pub(crate) async fn run(context: &Context, args: &BatchArgs) -> Result<Exit, Error> {
    let existing = if args.force { Existing::Replace } else { Existing::Keep };
    let mut items = list::items(args)?;
    let mut places = Places::new(args, existing, &mut items)?;
    let service = context.service().await?;
    let snapshot = service.snapshot().await?;
    let purpose = Purpose::Sign(args.algorithm.as_deref());
    let (key, certificate) =
        select::certificate(&snapshot.keys, args.key.as_deref(), args.certificate.as_deref(), purpose)?;
    let algorithm = certificate.algorithm(args.algorithm.as_deref());
    list::check(args, &items, algorithm)?;
    let proxy = service.certificate(&certificate.path).await?;
    let (der, _) = bounded(async { Ok(proxy.get_certificate().await?) }).await?;
    let mut batch = Batch {
        call: Call::new(context, &service, &args.call)?,
        proxy,
        algorithm,
        hashing: Arc::new(Hashing::new(algorithm, &der)?),
        reason: context.texts.text_with("batch-reason", &[("count", items.len())]),
        total: items.len(),
        end: None,
    };
    let mut summary = Summary::new(key, certificate, algorithm, items.len());
    let done = batch.sign_all(&items, &mut places, &mut summary).await;
    let Batch { call, end, .. } = batch;
    call.finish().await;
    done?;
    if let (0, Some(error)) = (summary.signed(), end) {
        return Err(error);
    }
    let quiet = context.format == Format::Text && places.are_standard_output();
    places.keep()?;
    summary.report(context, quiet)?;
    Ok(summary.exit())
}

/// The work, chunk by chunk.
struct Batch<'a> {
    call: Call<'a>,
    proxy: CertificateProxy<'static>,
    algorithm: &'a str,
    hashing: Arc<Hashing>,
    reason: String,
    total: usize,
    /// Why no more items go to the service.
    end: Option<Error>,
}

impl Batch<'_> {
    /// Signs everything, and puts each signature into its place as soon as its chunk is done.
    async fn sign_all(&mut self, items: &[Item], places: &mut Places, summary: &mut Summary<'_>) -> Result<(), Error> {
        for (number, chunk) in items.chunks(BATCH_MAX).enumerate() {
            let before = number * BATCH_MAX;
            for (index, (item, outcome)) in (before..).zip(chunk.iter().zip(self.sign(chunk, before).await)) {
                let outcome = places.put(index, item, outcome)?;
                summary.count(item, outcome);
            }
        }
        Ok(())
    }

    /// What each item of a chunk came to, in order. `before` items came earlier.
    async fn sign(&mut self, chunk: &[Item], before: usize) -> Vec<Outcome> {
        let digests = match &self.end {
            None => self.hash(chunk).await,
            Some(end) => Err(Failure::of(end)),
        };
        let digests = match digests {
            Ok(digests) => digests,
            Err(failure) => return vec![Outcome::failed(failure); chunk.len()],
        };
        let readable: Vec<&[u8]> = digests.iter().filter_map(|digest| digest.as_deref().ok()).collect();
        let mut results = self.request(&readable, before).await.into_iter();
        digests
            .into_iter()
            .map(|digest| match digest {
                Ok(digest) => {
                    let result = results.next().unwrap_or_else(|| Err(Failure::of(&Error::Interrupted)));
                    Outcome { digest: Some(digest), result }
                }
                Err(failure) => Outcome::failed(failure),
            })
            .collect()
    }

    /// The digest of each item, or why it can't be read. Fails when Ctrl-C ends it.
    async fn hash(&mut self, chunk: &[Item]) -> Result<Vec<Result<Vec<u8>, Failure>>, Failure> {
        let (hashing, stop) = (&self.hashing, StopOnDrop::default());
        let mut bar = Bar::new(Unit::Items);
        let work = async {
            let mut digests = Vec::with_capacity(chunk.len());
            for item in chunk {
                let digest = match &item.source {
                    Source::Digest { digest, .. } => Ok(digest.clone()),
                    Source::File(path) => {
                        let (hashing, path, stop) = (Arc::clone(hashing), path.clone(), stop.flag());
                        let hashed = spawn_blocking(move || hashing.file(&path, &stop)).await;
                        // An error: it has panicked, which ends the program itself in a release build.
                        hashed.unwrap_or_else(|error| Err(Error::Output(error.into())))
                    }
                };
                digests.push(digest.map_err(|error| Failure::of(&error)));
                bar.update(digests.len() as u64, chunk.len() as u64);
            }
            Ok(digests)
        };
        self.call.unless_interrupted(work).await.map_err(|error| self.end_with(error))
    }

    /// The signature of each digest, or why there is none.
    async fn request(&mut self, digests: &[&[u8]], before: usize) -> Vec<Result<Vec<u8>, Failure>> {
        if digests.is_empty() {
            return Vec::new();
        }
        let scale = Scale::Items { before: before as u64, total: self.total as u64 };
        let (proxy, algorithm) = (&self.proxy, self.algorithm);
        let operation = async |options: Options<'_>| proxy.sign_batch(algorithm, digests, options).await;
        let results = match self.call.run_in_part(&self.reason, scale, operation).await {
            Ok(Answer::Undisturbed(results)) => results,
            Ok(Answer::Interrupted(results)) => {
                self.end_with(Error::Interrupted);
                results
            }
            Err(error) => {
                let failure = self.end_with(error);
                return vec![Err(failure); digests.len()];
            }
        };
        results.into_iter().map(|(name, signature)| self.result(&name, signature)).collect()
    }

    fn result(&mut self, error: &str, signature: Vec<u8>) -> Result<Vec<u8>, Failure> {
        if error.is_empty() {
            return Ok(signature);
        }
        let kind = ErrorKind::from_dbus_name(error).unwrap_or(ErrorKind::Internal);
        let error = Error::Service(ukey_dbus::Error::new(kind, ""));
        // These are about one item; after anything else the next chunk would fail too, or ask for the PIN again.
        Err(match kind {
            ErrorKind::SignatureInvalid | ErrorKind::TokenBusy => Failure::of(&error),
            _ => self.end_with(error),
        })
    }

    /// Remembers the first reason to stop.
    fn end_with(&mut self, error: Error) -> Failure {
        let failure = Failure::of(&error);
        self.end.get_or_insert(error);
        failure
    }
}
