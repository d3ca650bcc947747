//! `ukeyctl sign`: signatures of files or of a digest, and signed messages.

mod job;
mod message;

pub(super) use job::signature_path;

use crate::call::{Call, CallArgs, Options};
use crate::context::{Context, write_out};
use crate::error::Error;
use crate::file::{self, Existing};
use crate::hex;
use crate::select::{self, Purpose};
use crate::snapshot::Certificate;
use clap::Args;
use job::{Job, Source, Target, file_name, jobs};
use message::Form;
use serde::Serialize;
use std::path::PathBuf;
use ukey_dbus::CertificateProxy;
use ukey_dbus::options::{ENCODING_CMS, ENCODING_GMT0010};
use zbus::Fd;

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Signs files with a certificate on a Key. The raw signature (PKCS#1, PSS, or ECDSA or SM2 as DER) goes to FILE.sig; with \
--message a signed message (CMS, PKCS#7) goes to FILE.p7m, with the file in it, or with --detached to FILE.p7s, without. \
Each is written whole or not at all. The PIN is asked in a dialog of your desktop's agent, or on this terminal when there \
is none; one entry is one try, and while you stay logged in the next files ask for nothing. The first failure ends the \
run; the files before it are signed. For very many files `ukeyctl batch` is faster.

Examples:
  ukeyctl sign order.csv
  ukeyctl sign --certificate ec-p256 --reason 'orders of May' order-*.csv
  ukeyctl sign --certificate 3f2a --algorithm RSA-PSS-SHA256 --out contract.p1 contract.pdf
  ukeyctl sign --message order.csv
  ukeyctl sign --certificate sm2 --message --detached --encoding gmt0010 order.csv
  tar c orders | ukeyctl sign --out orders.tar.sig -
  ukeyctl sign --digest $(sha256sum order.csv | cut -c1-64) --out order.csv.sig

Check it with `ukeyctl verify`, or with OpenSSL:
  openssl dgst -sha256 -verify public-key.pem -signature order.csv.sig order.csv
  openssl cms -verify -binary -inform DER -in order.csv.p7m -CAfile ca.pem -purpose any -out order.csv

JSON: {key_id, key_label, certificate_id, algorithm, signatures: [{input (null: a digest), output (null: not written), \
signature (hexadecimal; null: a message), length (bytes)}]}.";

/// What to sign, and with what.
#[derive(Args, Clone, Debug)]
pub(crate) struct SignArgs {
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
    /// Make a signed message (CMS) instead of a raw signature
    #[arg(long, conflicts_with = "digest")]
    message: bool,
    /// Leave the file out of the message
    #[arg(long, requires = "message")]
    detached: bool,
    /// Object identifiers of the message: those of CMS and PKCS#7, or those of GM/T 0010 (SM2 only)
    #[arg(long, requires = "message", value_name = "ENCODING", value_parser = [ENCODING_CMS, ENCODING_GMT0010])]
    encoding: Option<String>,
    /// Where the result goes, `-` for standard output; by default FILE.sig, FILE.p7m or FILE.p7s
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace result files that exist
    #[arg(long)]
    force: bool,
    /// Sign this digest (hexadecimal) instead of a file
    #[arg(long, value_name = "HEX", conflicts_with = "files", value_parser = parse_digest)]
    digest: Option<Digest>,
    #[command(flatten)]
    call: CallArgs,
    /// The files; `-` is standard input
    #[arg(value_name = "FILE", required_unless_present = "digest")]
    files: Vec<PathBuf>,
}

#[derive(Clone, Debug)]
struct Digest(Vec<u8>);

fn parse_digest(text: &str) -> Result<Digest, String> {
    hex::decode(text).map(Digest)
}

#[derive(Serialize)]
struct Output<'a> {
    key_id: &'a str,
    key_label: &'a str,
    certificate_id: &'a str,
    algorithm: &'a str,
    signatures: Vec<Signed<'a>>,
}

#[derive(Serialize)]
struct Signed<'a> {
    input: Option<String>,
    output: Option<String>,
    signature: Option<String>,
    length: u64,
    #[serde(skip)]
    job: &'a Job,
}

impl<'a> Signed<'a> {
    fn new(job: &'a Job, signature: Option<String>, length: u64) -> Self {
        Self { input: job.source.name(), output: job.target.name(), signature, length, job }
    }
}

/// Runs the verb.
///
/// # Errors
/// Those of `Certificate.SignFile`, `.SignDigest` and `.SignMessageFile`, when no single certificate is meant, and those
/// of files.
pub(crate) async fn run(context: &Context, args: &SignArgs) -> Result<(), Error> {
    let existing = if args.force { Existing::Replace } else { Existing::Keep };
    let jobs = jobs(args, context.format, existing)?;
    let service = context.service().await?;
    let snapshot = service.snapshot().await?;
    let purpose = Purpose::Sign(args.algorithm.as_deref());
    let (key, certificate) =
        select::certificate(&snapshot.keys, args.key.as_deref(), args.certificate.as_deref(), purpose)?;
    let algorithm = certificate.algorithm(args.algorithm.as_deref());
    let proxy = service.certificate(&certificate.path).await?;
    let mut call = Call::new(context, &service, &args.call)?;
    let mut signatures = Vec::with_capacity(jobs.len());
    let mut failed = None;
    for job in &jobs {
        let signed = match &job.source {
            Source::File(path, input) if args.message => {
                let form = Form { algorithm, detached: args.detached, encoding: args.encoding.as_deref() };
                message::sign(&mut call, &proxy, form, (&file_name(path), input), (&job.target, existing))
                    .await
                    .map(|length| Signed::new(job, None, length))
            }
            _ => sign(&mut call, &proxy, algorithm, job, existing).await,
        };
        match signed {
            Ok(signed) => signatures.push(signed),
            Err(error) => {
                failed = Some(error);
                break;
            }
        }
    }
    call.finish().await;
    if let Some(error) = failed {
        return Err(error);
    }
    let output =
        Output { key_id: &key.id, key_label: &key.label, certificate_id: &certificate.id, algorithm, signatures };
    context.print(&output, || text(context, &output, certificate))
}

/// Makes a raw signature.
async fn sign<'a>(
    call: &mut Call<'_>,
    proxy: &CertificateProxy<'_>,
    algorithm: &str,
    job: &'a Job,
    existing: Existing,
) -> Result<Signed<'a>, Error> {
    let signature = match &job.source {
        Source::File(path, input) => {
            let sign = async |options: Options<'_>| proxy.sign_file(algorithm, Fd::from(input), options).await;
            call.run(&file_name(path), sign).await?
        }
        Source::Digest(digest) => {
            let sign = async |options: Options<'_>| proxy.sign_digest(algorithm, digest, options).await;
            call.run("", sign).await?
        }
    };
    match &job.target {
        Target::File(path) => file::write(path, &signature, existing)?,
        Target::Stdout => write_out(&signature)?,
        Target::Nowhere => {}
    }
    Ok(Signed::new(job, Some(hex::encode(&signature)), signature.len() as u64))
}

fn text(context: &Context, output: &Output<'_>, certificate: &Certificate) -> String {
    let mut lines = String::new();
    for signature in &output.signatures {
        // Where the signature itself went to standard output, nothing else may.
        if let Target::File(path) = &signature.job.target {
            let values = [
                ("file", path.to_string_lossy().into_owned()),
                ("algorithm", output.algorithm.to_owned()),
                ("holder", certificate.name().to_owned()),
            ];
            lines.push_str(&context.texts.text_with("signed", &values));
            lines.push('\n');
        }
    }
    lines
}
