//! `ukeyctl sign`: signatures of files or of a digest.

use crate::call::{Call, CallArgs, Options};
use crate::context::{Context, Format, write_out};
use crate::error::Error;
use crate::file::{self, Existing};
use crate::hex;
use crate::input::{Input, STDIN};
use crate::select::{self, Purpose};
use crate::snapshot::Certificate;
use clap::Args;
use serde::Serialize;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use ukey_dbus::CertificateProxy;
use zbus::Fd;

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Signs files with a certificate on a Key. The raw signature (PKCS#1, PSS, or ECDSA as DER) goes to FILE.sig, written \
whole or not at all. The PIN is asked in a dialog of your desktop's agent, or on this terminal when there is none; \
one entry is one try, and while you stay logged in the next files ask for nothing. The first failure ends the run; the \
files before it are signed.

Examples:
  ukeyctl sign order.csv
  ukeyctl sign --certificate ec-p256 --reason 'orders of May' order-*.csv
  ukeyctl sign --certificate 3f2a --algorithm RSA-PSS-SHA256 --out contract.p1 contract.pdf
  tar c orders | ukeyctl sign --out orders.tar.sig -
  ukeyctl sign --digest $(sha256sum order.csv | cut -c1-64) --out order.csv.sig

Check it with `ukeyctl verify`, or with OpenSSL:
  openssl dgst -sha256 -verify public-key.pem -signature order.csv.sig order.csv

JSON: {key_id, key_label, certificate_id, algorithm, \
signatures: [{input (null: a digest), output (null: not written), signature (hexadecimal)}]}.";

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
    /// Where the signature goes, `-` for standard output; by default FILE.sig
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace signature files that exist
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
    signatures: Vec<Signature<'a>>,
}

#[derive(Serialize)]
struct Signature<'a> {
    input: Option<String>,
    output: Option<String>,
    signature: String,
    #[serde(skip)]
    job: &'a Job,
}

/// One signature to make.
#[derive(Debug)]
struct Job {
    source: Source,
    target: Target,
}

#[derive(Debug)]
enum Source {
    File(PathBuf, Input),
    Digest(Vec<u8>),
}

#[derive(Debug, PartialEq, Eq)]
enum Target {
    File(PathBuf),
    Stdout,
    /// Only in the JSON.
    Nowhere,
}

/// Runs the verb.
///
/// # Errors
/// Those of `Certificate.SignFile` and `.SignDigest`, when no single certificate is meant, and those of files.
pub(crate) async fn run(context: &Context, args: &SignArgs) -> Result<(), Error> {
    let existing = if args.force { Existing::Replace } else { Existing::Keep };
    let jobs = jobs(args, context.format)?;
    for job in &jobs {
        if let Target::File(path) = &job.target {
            file::check(path, existing)?;
        }
    }
    let service = context.service().await?;
    let snapshot = service.snapshot().await?;
    let purpose = Purpose::Sign(args.algorithm.as_deref());
    let (key, certificate) =
        select::certificate(&snapshot.keys, args.key.as_deref(), args.certificate.as_deref(), purpose)?;
    let algorithm = algorithm(args, certificate);
    let proxy = service.certificate(&certificate.path).await?;
    let mut call = Call::new(context, &service, &args.call)?;
    let signatures = sign_all(&mut call, &proxy, algorithm, &jobs, existing).await;
    call.finish().await;
    let signatures = signatures?;
    let output =
        Output { key_id: &key.id, key_label: &key.label, certificate_id: &certificate.id, algorithm, signatures };
    context.print(&output, || text(context, &output, certificate))
}

async fn sign_all<'a>(
    call: &mut Call<'_>,
    proxy: &CertificateProxy<'_>,
    algorithm: &str,
    jobs: &'a [Job],
    existing: Existing,
) -> Result<Vec<Signature<'a>>, Error> {
    let mut signatures = Vec::with_capacity(jobs.len());
    for job in jobs {
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
        let signature = hex::encode(&signature);
        signatures.push(Signature { input: job.source.name(), output: job.target.name(), signature, job });
    }
    Ok(signatures)
}

/// What the user asked for, or the certificate's preferred one. A certificate without any goes to the service as it
/// is, whose answer says why it can't sign.
fn algorithm<'a>(args: &'a SignArgs, certificate: &'a Certificate) -> &'a str {
    let preferred = certificate.algorithms.first().map(String::as_str);
    args.algorithm.as_deref().or(preferred).unwrap_or_default()
}

fn jobs(args: &SignArgs, format: Format) -> Result<Vec<Job>, Error> {
    if let Some(Digest(digest)) = &args.digest {
        return Ok(vec![Job { source: Source::Digest(digest.clone()), target: target(args, None, format)? }]);
    }
    if args.out.is_some() && args.files.len() > 1 {
        return Err(Error::Usage("out-is-for-one"));
    }
    args.files
        .iter()
        .map(|path| {
            let target = target(args, Some(path), format)?;
            Ok(Job { source: Source::File(path.clone(), Input::open(path)?), target })
        })
        .collect()
}

fn target(args: &SignArgs, file: Option<&Path>, format: Format) -> Result<Target, Error> {
    match (&args.out, file) {
        (Some(out), _) if out.as_os_str() == STDIN => match format {
            Format::Json => Ok(Target::Nowhere),
            Format::Text if io::stdout().is_terminal() => Err(Error::Usage("signature-to-terminal")),
            Format::Text => Ok(Target::Stdout),
        },
        (Some(out), _) => Ok(Target::File(out.clone())),
        (None, file) => match (file.and_then(signature_path), format) {
            (Some(path), _) => Ok(Target::File(path)),
            (None, Format::Json) => Ok(Target::Nowhere),
            (None, Format::Text) => Err(Error::Usage("out-is-needed")),
        },
    }
}

/// Where the signature of a file stands unless told otherwise; `None` for standard input.
pub(super) fn signature_path(file: &Path) -> Option<PathBuf> {
    (file.as_os_str() != STDIN).then(|| {
        let mut name = OsString::from(file);
        name.push(".sig");
        name.into()
    })
}

impl Source {
    fn name(&self) -> Option<String> {
        match self {
            Self::File(path, _) => Some(path.to_string_lossy().into_owned()),
            Self::Digest(_) => None,
        }
    }
}

impl Target {
    fn name(&self) -> Option<String> {
        match self {
            Self::File(path) => Some(path.to_string_lossy().into_owned()),
            Self::Stdout | Self::Nowhere => None,
        }
    }
}

/// What the dialog says the signature is for, where the user gave no reason.
fn file_name(path: &Path) -> String {
    if path.as_os_str() == STDIN {
        return String::new();
    }
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Verb};
    use clap::Parser;

    fn args(words: &[&str]) -> SignArgs {
        match Cli::try_parse_from(["ukeyctl", "sign"].iter().chain(words)).unwrap().verb {
            Verb::Sign(args) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_signature_stands_beside_its_file_unless_told_otherwise() {
        let path = Path::new("订单.csv");
        assert_eq!(target(&args(&["x"]), Some(path), Format::Text).unwrap(), Target::File("订单.csv.sig".into()));
        assert_eq!(target(&args(&["--out", "a", "x"]), Some(path), Format::Text).unwrap(), Target::File("a".into()));
    }

    #[test]
    fn standard_input_and_digests_need_a_place_to_go() {
        let stdin = Some(Path::new("-"));
        for file in [stdin, None] {
            assert!(matches!(target(&args(&["-"]), file, Format::Text), Err(Error::Usage("out-is-needed"))));
            assert_eq!(target(&args(&["-"]), file, Format::Json).unwrap(), Target::Nowhere);
        }
        let two = args(&["--out", "a", "x", "y"]);
        assert!(matches!(jobs(&two, Format::Text), Err(Error::Usage("out-is-for-one"))));
        assert!(Cli::try_parse_from(["ukeyctl", "sign"]).is_err());
        assert!(Cli::try_parse_from(["ukeyctl", "sign", "--digest", "ab", "file"]).is_err());
        assert!(Cli::try_parse_from(["ukeyctl", "sign", "--digest", "abc"]).is_err());
    }
}
