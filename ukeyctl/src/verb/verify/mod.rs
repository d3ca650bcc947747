//! `ukeyctl verify`: is this a right signature, is this a right message?

mod answer;
mod message;
mod signature;

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::pem;
use crate::select::{self, Purpose};
use crate::service::{Service, bounded};
use crate::snapshot::Certificate;
use clap::Args;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Checks the signature of a file against a certificate, which is a file (DER or PEM) or stands on a Key that is plugged \
in; whether the certificate itself is to be trusted is not checked. With --message checks a signed message (CMS, PKCS#7, \
GM/T 0010): what was signed, each signature, and each signer's certificate with its dates, chain and revocation, against \
the CAs that the administrator trusts. No PIN is needed. Ends with 0 when everything is right and with 8 when it is not.

Examples:
  ukeyctl verify --certificate ec-p256 order.csv
  ukeyctl verify --certificate unit.pem --algorithm RSA-PSS-SHA256 --signature contract.p1 contract.pdf
  ukeyctl verify --message order.csv.p7m --out order.csv
  ukeyctl verify --message order.csv.p7s order.csv

JSON: {valid, reason (empty when valid), algorithm}; of a message {valid, attached, encoding, content_length (null: \
detached), output, deviations, signers: [{digest_ok, digest, signature_ok, signature, content_type, \
certificate_reference, algorithms, key_use, signing_time, certificate_ok, dates, chain, revocation, fingerprint, \
holder_name, holder_id}]}, the words as in the D-Bus contract.";

/// Largest certificate or signature file that is read.
const SMALL_FILE_MAX: u64 = 64 << 10;

/// What to check.
#[derive(Args, Clone, Debug)]
pub(crate) struct VerifyArgs {
    /// A certificate file, or a certificate on a Key: the start of its fingerprint, its holder, serial number or type;
    /// for a message only where the signer's is not in it
    #[arg(long, value_name = "CERTIFICATE", required_unless_present = "message")]
    certificate: Option<String>,
    /// The Key that holds the certificate
    #[arg(long, value_name = "KEY", requires = "certificate")]
    key: Option<String>,
    /// The algorithm; by default the first of the certificate on the Key
    #[arg(long, value_name = "ALGORITHM", conflicts_with = "message")]
    algorithm: Option<String>,
    /// The signature; by default FILE.sig
    #[arg(long, value_name = "FILE", conflicts_with = "message")]
    signature: Option<PathBuf>,
    /// A signed message, DER or PEM, in place of a signature
    #[arg(long, value_name = "MESSAGE")]
    message: Option<PathBuf>,
    /// Write the content of the message to this file, when everything is right with it
    #[arg(long, value_name = "FILE", requires = "message", conflicts_with = "file")]
    out: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "out")]
    force: bool,
    /// The signed file; `-` is standard input; of a message only where the file is not in it
    #[arg(value_name = "FILE", required_unless_present = "message")]
    file: Option<PathBuf>,
}

/// Runs the verb: `Signature` when something is wrong with the signature or the message.
///
/// # Errors
/// Those of `Manager.VerifySignature` and `.VerifyMessage`, when no single certificate is meant, and those of files.
pub(crate) async fn run(context: &Context, args: &VerifyArgs) -> Result<Exit, Error> {
    match (&args.message, &args.file, &args.certificate) {
        (Some(message), _, _) => message::run(context, args, message).await,
        (None, Some(file), Some(certificate)) => signature::run(context, args, file, certificate).await,
        // The command line does not let this through.
        (None, _, _) => Err(Error::Usage("signature-is-needed")),
    }
}

/// A certificate that the user named.
enum Named {
    /// The DER of a file.
    File(Vec<u8>),
    /// The DER of one on a Key, and what the service says of it.
    OnKey(Vec<u8>, Box<Certificate>),
}

/// The certificate that is a file or is called so.
async fn named(service: &Service, args: &VerifyArgs, wanted: &str) -> Result<Named, Error> {
    let path = Path::new(wanted);
    if path.is_file() {
        let der = pem::certificate(&read(path, SMALL_FILE_MAX)?);
        return der.map(Named::File).ok_or_else(|| Error::NotACertificate(path.to_owned()));
    }
    let snapshot = service.snapshot().await?;
    let purpose = Purpose::Sign(args.algorithm.as_deref());
    let (_, found) = select::certificate(&snapshot.keys, args.key.as_deref(), Some(wanted), purpose)?;
    let proxy = service.certificate(&found.path).await?;
    let (der, _) = bounded(async { Ok(proxy.get_certificate().await?) }).await?;
    Ok(Named::OnKey(der, Box::new(found.clone())))
}

/// A file of at most `max` bytes.
fn read(path: &Path, max: u64) -> Result<Vec<u8>, Error> {
    let read = || {
        let mut bytes = Vec::new();
        File::open(path)?.take(max + 1).read_to_end(&mut bytes)?;
        match u64::try_from(bytes.len()) {
            Ok(length) if length <= max => Ok(bytes),
            _ => Err(io::Error::from(io::ErrorKind::FileTooLarge)),
        }
    };
    read().map_err(|source| Error::Read { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use crate::cli::Cli;
    use clap::Parser;

    #[test]
    fn a_signature_and_a_message_have_options_of_their_own() {
        let parse = |words: &[&str]| Cli::try_parse_from(["ukeyctl", "verify"].iter().chain(words));
        for words in [
            &["--certificate", "a", "file"][..],
            &["--message", "m"],
            &["--message", "m", "file"],
            &["--message", "m", "--out", "o", "--force"],
            &["--message", "m", "--certificate", "a", "--key", "k"],
        ] {
            assert!(parse(words).is_ok(), "{words:?}");
        }
        for words in [
            &["file"][..],
            &["--certificate", "a"],
            &["--certificate", "a", "--out", "o", "file"],
            &["--message", "m", "--signature", "s", "file"],
            &["--message", "m", "--algorithm", "SM2-SM3", "file"],
            &["--message", "m", "--out", "o", "file"],
        ] {
            assert!(parse(words).is_err(), "{words:?}");
        }
    }
}
