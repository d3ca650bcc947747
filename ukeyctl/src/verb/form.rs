//! `ukeyctl form`: the CA's application form as a PDF.

use super::bind_info::unit_name;
use crate::context::{Context, Format, write_out};
use crate::error::Error;
use crate::file::{self, Existing};
use crate::guidance::Service;
use crate::input::STDIN;
use crate::select::{self, Purpose};
use clap::Args;
use serde::Serialize;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use ukey_formats::Uscc;
use ukey_guidance::form::{Filled, Fonts, render};

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Writes the CA's application form (单位数字证书业务申请表) as a PDF of one A4 page: the unit's name and code (USCC) and the serial \
number of the certificate filled in, the service ticked, everything else left blank to be written and stamped. Print it at \
100 %: the seals are taken from the paper.

The values come from a certificate on a Key that is plugged in; a locked Key shows its certificates too. Where the Key is \
lost or there is none yet, give them with --unit, --uscc and --serial, or leave them out with --blank.

Examples:
  ukeyctl form --service renew --out form.pdf
  ukeyctl form --service unlock --key SN0001 --out form.pdf
  ukeyctl form --service reissue --unit 县人民医院 --uscc 91350100M000100Y43 --out form.pdf
  ukeyctl form --service new --blank --out form.pdf

JSON: {service, output, unit_name, holder_id, serial_number, key_id, certificate_id}; the last two are null for typed \
values. `ukeyctl what-to-do` tells where to take the form.";

/// Which form, of what.
#[derive(Args, Clone, Debug)]
pub(crate) struct FormArgs {
    /// What the CA is to do
    #[arg(long, value_name = "SERVICE")]
    service: Service,
    /// Where the PDF goes; `-` is standard output
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
    /// The Key: its id, label or serial number, or the start of one
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// The certificate: the start of its fingerprint, its holder, serial number or key type; not needed when only one
    /// is for signatures and valid
    #[arg(long, value_name = "CERTIFICATE")]
    certificate: Option<String>,
    /// The unit's name, instead of a certificate's
    #[arg(long, value_name = "NAME", conflicts_with_all = ["key", "certificate"])]
    unit: Option<String>,
    /// The unit's code (统一社会信用代码), instead of a certificate's
    #[arg(long, value_name = "CODE", conflicts_with_all = ["key", "certificate"])]
    uscc: Option<String>,
    /// The serial number of the certificate that it is about, instead of reading one
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["key", "certificate"])]
    serial: Option<String>,
    /// Fill in nothing
    #[arg(long, conflicts_with_all = ["key", "certificate", "unit", "uscc", "serial"])]
    blank: bool,
}

#[derive(Serialize)]
struct Output<'a> {
    service: &'static str,
    output: String,
    unit_name: &'a str,
    holder_id: &'a str,
    serial_number: &'a str,
    key_id: Option<&'a str>,
    certificate_id: Option<&'a str>,
}

/// What is filled in, and the ids of the Key and certificate that it comes from.
struct Values {
    filled: Filled,
    ids: Option<(String, String)>,
}

/// Runs the verb.
///
/// # Errors
/// When no single certificate is meant, `Form` for what no font can show, `Usage`, and those of files.
pub(crate) async fn run(context: &Context, args: &FormArgs) -> Result<(), Error> {
    let existing = if args.force { Existing::Replace } else { Existing::Keep };
    let to_stdout = args.out.as_os_str() == STDIN;
    if !to_stdout {
        file::check(&args.out, existing)?;
    } else if context.format == Format::Json {
        return Err(Error::Usage("form-in-json"));
    } else if io::stdout().is_terminal() {
        return Err(Error::Usage("form-to-terminal"));
    }
    let Values { filled, ids } = values(context, args).await?;
    let pdf = render(args.service.0, &filled, &Fonts::system())?;
    if to_stdout {
        return write_out(&pdf);
    }
    file::write(&args.out, &pdf, existing)?;
    let output = Output {
        service: args.service.0.word(),
        output: args.out.to_string_lossy().into_owned(),
        unit_name: &filled.unit_name,
        holder_id: &filled.unit_code,
        serial_number: &filled.certificate_serial,
        key_id: ids.as_ref().map(|(key, _)| key.as_str()),
        certificate_id: ids.as_ref().map(|(_, certificate)| certificate.as_str()),
    };
    context.print(&output, || {
        let written = context.texts.text_with("form-written", &[("file", output.output.as_str())]);
        format!("{written}\n{}\n", context.texts.text("form-next"))
    })
}

async fn values(context: &Context, args: &FormArgs) -> Result<Values, Error> {
    if args.blank || args.unit.is_some() || args.uscc.is_some() || args.serial.is_some() {
        return Ok(Values { filled: typed(args)?, ids: None });
    }
    let service = context.service().await?;
    let snapshot = service.snapshot().await?;
    let (key, certificate) =
        select::certificate(&snapshot.keys, args.key.as_deref(), args.certificate.as_deref(), Purpose::Apply)?;
    let filled = Filled {
        unit_name: unit_name(&service, certificate).await?,
        unit_code: certificate.holder_id.clone(),
        certificate_serial: certificate.serial_number.clone(),
    };
    Ok(Values { filled, ids: Some((key.id.clone(), certificate.id.clone())) })
}

/// What was typed; a code with a wrong character would send the person home again.
fn typed(args: &FormArgs) -> Result<Filled, Error> {
    let unit_code = match args.uscc.as_deref() {
        Some(code) => Uscc::find(code).ok_or(Error::Usage("uscc-is-wrong"))?.as_str().to_owned(),
        None => String::new(),
    };
    Ok(Filled {
        unit_name: args.unit.clone().unwrap_or_default(),
        unit_code,
        certificate_serial: args.serial.clone().unwrap_or_default(),
    })
}
