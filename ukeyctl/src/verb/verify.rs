//! `ukeyctl verify`: is this a right signature?

use crate::context::Context;
use crate::error::Error;
use crate::input::Input;
use crate::select::{self, Purpose};
use crate::service::{Service, bounded};
use crate::style::Style;
use crate::verb::sign::signature_path;
use crate::{exit::Exit, pem};
use clap::Args;
use serde::Serialize;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use ukey_formats::text::one_line;
use zbus::{Fd, Variant};

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Checks the signature of a file against a certificate, which is a file (DER or PEM) or stands on a Key that is plugged \
in. No PIN is needed. Ends with 0 when the signature is right and with 8 when it is not. Whether the certificate itself \
is to be trusted is not checked here.

Examples:
  ukeyctl verify --certificate ec-p256 order.csv
  ukeyctl verify --certificate unit.pem --algorithm RSA-PSS-SHA256 --signature contract.p1 contract.pdf

JSON: {valid, reason (empty when valid), algorithm}.";

/// Largest certificate or signature file that is read.
const SMALL_FILE_MAX: u64 = 64 << 10;
/// The reason that says no more than that the signature is wrong.
const PLAINLY_WRONG: &str = "signature";
/// Longest reason shown.
const REASON_MAX: usize = 120;

/// What to check.
#[derive(Args, Clone, Debug)]
pub(crate) struct VerifyArgs {
    /// A certificate file, or a certificate on a Key: the start of its fingerprint, its holder, serial number or type
    #[arg(long, value_name = "CERTIFICATE")]
    certificate: String,
    /// The Key that holds the certificate
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// The algorithm; by default the first of the certificate on the Key
    #[arg(long, value_name = "ALGORITHM")]
    algorithm: Option<String>,
    /// The signature; by default FILE.sig
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    /// The signed file; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Serialize)]
struct Output<'a> {
    valid: bool,
    reason: String,
    algorithm: &'a str,
}

/// Runs the verb: `Signature` when the signature is wrong.
///
/// # Errors
/// Those of `Manager.VerifySignature`, when no single certificate is meant, and those of files.
pub(crate) async fn run(context: &Context, args: &VerifyArgs) -> Result<Exit, Error> {
    let signature_file = match &args.signature {
        Some(path) => path.clone(),
        None => signature_path(&args.file).ok_or(Error::Usage("signature-is-needed"))?,
    };
    let signature = read_small(&signature_file)?;
    let input = Input::open(&args.file)?;
    let service = context.service().await?;
    let (certificate, algorithm) = certificate(&service, args).await?;
    let manager = service.manager().await?;
    let answer = manager.verify_signature(&certificate, &algorithm, Fd::from(&input), &signature).await?;
    let valid = matches!(answer.get("valid").map(|value| &**value), Some(Variant::Bool(true)));
    let reason = match answer.get("reason").map(|value| &**value) {
        Some(Variant::Str(reason)) => one_line(reason.as_str(), REASON_MAX),
        _ => String::new(),
    };
    let output = Output { valid, reason, algorithm: &algorithm };
    context.print(&output, || text(context, &output))?;
    Ok(if valid { Exit::Success } else { Exit::Signature })
}

/// The certificate's DER and the algorithm.
async fn certificate(service: &Service, args: &VerifyArgs) -> Result<(Vec<u8>, String), Error> {
    let path = Path::new(&args.certificate);
    if path.is_file() {
        let der = pem::decode(&read_small(path)?).ok_or_else(|| Error::NotACertificate(path.to_owned()))?;
        let algorithm = args.algorithm.clone().ok_or(Error::Usage("algorithm-is-needed"))?;
        return Ok((der, algorithm));
    }
    let snapshot = service.snapshot().await?;
    let purpose = Purpose::Sign(args.algorithm.as_deref());
    let (_, found) = select::certificate(&snapshot.keys, args.key.as_deref(), Some(&args.certificate), purpose)?;
    let proxy = service.certificate(&found.path).await?;
    let (der, _) = bounded(async { Ok(proxy.get_certificate().await?) }).await?;
    let algorithm = args.algorithm.clone().or_else(|| found.algorithms.first().cloned());
    Ok((der, algorithm.ok_or(Error::Usage("algorithm-is-needed"))?))
}

fn read_small(path: &Path) -> Result<Vec<u8>, Error> {
    let read = || {
        let mut bytes = Vec::new();
        File::open(path)?.take(SMALL_FILE_MAX + 1).read_to_end(&mut bytes)?;
        match u64::try_from(bytes.len()) {
            Ok(length) if length <= SMALL_FILE_MAX => Ok(bytes),
            _ => Err(io::Error::from(io::ErrorKind::FileTooLarge)),
        }
    };
    read().map_err(|source| Error::Read { path: path.to_owned(), source })
}

fn text(context: &Context, output: &Output<'_>) -> String {
    let texts = &context.texts;
    let values = [("algorithm", output.algorithm), ("reason", output.reason.as_str())];
    let line = if output.valid {
        context.paint.apply(Style::Good, &texts.text_with("signature-right", &values))
    } else if output.reason.is_empty() || output.reason == PLAINLY_WRONG {
        context.paint.apply(Style::Bad, &texts.text_with("signature-wrong", &values))
    } else {
        context.paint.apply(Style::Bad, &texts.text_with("signature-wrong-because", &values))
    };
    line + "\n"
}
