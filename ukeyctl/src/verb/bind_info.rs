//! `ukeyctl bind-info`: what a platform binds an account to.

use crate::context::Context;
use crate::describe::or_dash;
use crate::error::Error;
use crate::select::{self, Purpose};
use crate::service::{Service, bounded};
use crate::snapshot::{Certificate, Properties};
use crate::table::Table;
use crate::time::Time;
use clap::Args;
use serde::Serialize;
use ukey_agent::Binding;
use ukey_dbus::ErrorKind;

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Prints what procurement platforms bind an account to, ready to be copied: the serial number of the signature \
certificate, the unit's code (USCC) and the unit's name. Of several certificates the one that is valid and for \
signatures is taken; where several are, say which.

Examples:
  ukeyctl bind-info
  ukeyctl bind-info --key SN0001 --certificate sm2
  ukeyctl --json bind-info | jq -r .serial_number

JSON: {key_id, key_label, certificate_id, serial_number, holder_id (the USCC; may be empty), unit_name, issuer, key_type, \
not_after}.";

/// The detail that holds the unit's name.
const UNIT_NAME: &str = "unit-name";

/// Which certificate.
#[derive(Args, Clone, Debug)]
pub(crate) struct BindInfoArgs {
    /// The Key: its id, label or serial number, or the start of one
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// The certificate: the start of its fingerprint, its holder, serial number or key type; not needed when only one
    /// is valid and for signatures
    #[arg(long, value_name = "CERTIFICATE")]
    certificate: Option<String>,
}

#[derive(Serialize)]
struct Output<'a> {
    key_id: &'a str,
    key_label: &'a str,
    certificate_id: &'a str,
    serial_number: &'a str,
    holder_id: &'a str,
    unit_name: &'a str,
    issuer: &'a str,
    key_type: &'a str,
    not_after: Time,
}

/// Runs the verb.
///
/// # Errors
/// When no single certificate is meant, and those of `Certificate.GetCertificate` but `NotAuthorized`.
pub(crate) async fn run(context: &Context, args: &BindInfoArgs) -> Result<(), Error> {
    let service = context.service().await?;
    let snapshot = service.snapshot().await?;
    let (key, certificate) =
        select::certificate(&snapshot.keys, args.key.as_deref(), args.certificate.as_deref(), Purpose::Bind)?;
    let binding = Binding {
        serial_number: certificate.serial_number.clone(),
        holder_id: certificate.holder_id.clone(),
        unit_name: unit_name(&service, certificate).await?,
    };
    let output = Output {
        key_id: &key.id,
        key_label: &key.label,
        certificate_id: &certificate.id,
        serial_number: &binding.serial_number,
        holder_id: &binding.holder_id,
        unit_name: &binding.unit_name,
        issuer: &certificate.issuer,
        key_type: &certificate.key_type,
        not_after: certificate.not_after,
    };
    context.print(&output, || {
        let mut lines = Table::untitled();
        for (title, value) in binding.rows(&Binding::catalogue(context.texts.language())) {
            lines.push([title.into(), or_dash(value).into()]);
        }
        lines.render(context.paint, 0)
    })
}

/// The unit as the certificate names it; the holder where it names none, or where only the properties may be read.
pub(super) async fn unit_name(service: &Service, certificate: &Certificate) -> Result<String, Error> {
    let proxy = service.certificate(&certificate.path).await?;
    let unit = match bounded(async { Ok(proxy.get_certificate().await?) }).await {
        Ok((_, details)) => Properties::new(&details).text(UNIT_NAME),
        Err(error) if error.kind() == Some(ErrorKind::NotAuthorized) => String::new(),
        Err(error) => return Err(error),
    };
    Ok(if unit.is_empty() { certificate.holder_name.clone() } else { unit })
}
