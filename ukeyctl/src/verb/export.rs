//! `ukeyctl export`: a certificate in a file or on standard output.

use crate::context::{Context, Format, write_out};
use crate::error::Error;
use crate::file::{self, Existing};
use crate::input::STDIN;
use crate::pem;
use crate::select::{self, Purpose};
use crate::service::bounded;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Writes a certificate to a file or to standard output; no PIN is needed. A file whose name ends in .pem gets PEM, another \
DER; standard output gets PEM.

Examples:
  ukeyctl export --certificate ec-p256 --out unit.pem
  ukeyctl export --certificate 3f2a | openssl x509 -noout -text
  ukeyctl export --certificate 3f2a --form der --out unit.cer

JSON: {key_id, key_label, certificate_id, output (null: not written), pem}.";

/// Which certificate, and where it goes.
#[derive(Args, Clone, Debug)]
pub(crate) struct ExportArgs {
    /// The Key: its id, label or serial number, or the start of one
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// The certificate: the start of its fingerprint, its holder, serial number or key type; not needed when there is
    /// only one
    #[arg(long, value_name = "CERTIFICATE")]
    certificate: Option<String>,
    /// PEM or DER
    #[arg(long, value_name = "FORM")]
    form: Option<Form>,
    /// Where it goes; `-` is standard output, the default
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "out")]
    force: bool,
}

/// How a certificate is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Text (RFC 7468)
    Pem,
    /// Binary
    Der,
}

impl Form {
    /// What the name of a file asks for.
    pub(super) fn of_name(path: &Path) -> Self {
        let is_pem = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("pem"));
        if is_pem { Self::Pem } else { Self::Der }
    }

    /// The certificate in this form.
    pub(super) fn of(self, der: &[u8]) -> Vec<u8> {
        match self {
            Self::Pem => pem::encode(der).into_bytes(),
            Self::Der => der.to_vec(),
        }
    }
}

#[derive(Serialize)]
struct Output<'a> {
    key_id: &'a str,
    key_label: &'a str,
    certificate_id: &'a str,
    output: Option<String>,
    pem: String,
}

/// Runs the verb.
///
/// # Errors
/// Those of `Certificate.GetCertificate`, when no single certificate is meant, and those of files.
pub(crate) async fn run(context: &Context, args: &ExportArgs) -> Result<(), Error> {
    let existing = if args.force { Existing::Replace } else { Existing::Keep };
    let out = args.out.as_deref().filter(|out| out.as_os_str() != STDIN);
    if let Some(out) = out {
        file::check(out, existing)?;
    }
    let form = args.form.unwrap_or_else(|| out.map_or(Form::Pem, Form::of_name));
    let to_terminal = out.is_none() && context.format == Format::Text && io::stdout().is_terminal();
    if form == Form::Der && to_terminal {
        return Err(Error::Usage("der-to-terminal"));
    }
    let service = context.service().await?;
    let snapshot = service.snapshot().await?;
    let (key, certificate) =
        select::certificate(&snapshot.keys, args.key.as_deref(), args.certificate.as_deref(), Purpose::Show)?;
    let proxy = service.certificate(&certificate.path).await?;
    let (der, _) = bounded(async { Ok(proxy.get_certificate().await?) }).await?;
    match (out, context.format) {
        (Some(out), _) => file::write(out, &form.of(&der), existing)?,
        (None, Format::Text) => return write_out(&form.of(&der)),
        (None, Format::Json) => {}
    }
    let output = Output {
        key_id: &key.id,
        key_label: &key.label,
        certificate_id: &certificate.id,
        output: out.map(|out| out.to_string_lossy().into_owned()),
        pem: pem::encode(&der),
    };
    context.print(&output, || {
        let values = [("file", output.output.clone().unwrap_or_default()), ("holder", certificate.name().to_owned())];
        context.texts.text_with("exported", &values) + "\n"
    })
}
