//! `ukeyctl show`: everything about one Key or one certificate.

use crate::check::Check;
use crate::context::Context;
use crate::describe::{days_left, or_dash, pin_state, token_state, tries, validity};
use crate::error::Error;
use crate::file::{self, Existing};
use crate::select::{self, Purpose};
use crate::service::{Service, bounded};
use crate::snapshot::{Certificate, Key};
use crate::style::Style;
use crate::table::{Cell, Table};
use crate::texts::word;
use crate::variant;
use crate::verb::export::Form;
use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value};
use std::path::PathBuf;
use ukey_agent::texts::Catalogue;
use ukey_dbus::ErrorKind;

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Shows everything about one Key, or with --certificate about one certificate; --save writes that certificate to a file, \
PEM when its name ends in .pem, else DER.

Examples:
  ukeyctl show --key SN0001
  ukeyctl show --certificate 3f2a
  ukeyctl show --certificate ec-p256 --save unit.pem

JSON: {key: {…}} as in `ukeyctl status`, or {certificate: {key_id, key_label, …, details: {…}}}.";

/// Details that have a line of their own, or say what a property says.
const SHOWN: [&str; 14] = [
    "chain",
    "dates",
    "fingerprint",
    "holder-id",
    "holder-name",
    "issuer",
    "not-after",
    "not-before",
    "partner",
    "revocation",
    "serial-number",
    "subject",
    "trusted",
    "unit-name",
];

/// What to show.
#[derive(Args, Clone, Debug)]
pub(crate) struct ShowArgs {
    /// The Key: its id, label or serial number, or the start of one
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// The certificate: the start of its fingerprint, its holder, serial number or key type
    #[arg(long, value_name = "CERTIFICATE")]
    certificate: Option<String>,
    /// Write the certificate to this file
    #[arg(long, value_name = "FILE", requires = "certificate")]
    save: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "save")]
    force: bool,
}

#[derive(Serialize)]
struct KeyOutput<'a> {
    key: &'a Key,
}

#[derive(Serialize)]
struct CertificateOutput<'a> {
    certificate: Details<'a>,
}

#[derive(Serialize)]
struct Details<'a> {
    key_id: &'a str,
    key_label: &'a str,
    #[serde(flatten)]
    certificate: &'a Certificate,
    details: Map<String, Value>,
}

/// Runs the verb.
///
/// # Errors
/// When no single Key or certificate is meant, or the file can't be written.
pub(crate) async fn run(context: &Context, args: &ShowArgs) -> Result<(), Error> {
    let service = context.service().await?;
    let snapshot = service.snapshot().await?;
    let texts = &context.texts;
    let Some(wanted) = args.certificate.as_deref() else {
        let key = select::key(&snapshot.keys, args.key.as_deref())?;
        return context.print(&KeyOutput { key }, || key_facts(texts, key).render(context.paint, 0));
    };
    let (key, certificate) = select::certificate(&snapshot.keys, args.key.as_deref(), Some(wanted), Purpose::Show)?;
    let details = details(&service, certificate, args).await?;
    let output =
        CertificateOutput { certificate: Details { key_id: &key.id, key_label: &key.label, certificate, details } };
    context.print(&output, || {
        certificate_facts(texts, key, certificate, &output.certificate.details).render(context.paint, 0)
    })
}

/// The service's details, and the certificate saved where that is wanted.
async fn details(service: &Service, certificate: &Certificate, args: &ShowArgs) -> Result<Map<String, Value>, Error> {
    let proxy = service.certificate(&certificate.path).await?;
    let (der, details) = match bounded(async { Ok(proxy.get_certificate().await?) }).await {
        Ok(answer) => answer,
        // The properties are for everybody, the certificate itself is not.
        Err(error) if error.kind() == Some(ErrorKind::NotAuthorized) && args.save.is_none() => return Ok(Map::new()),
        Err(error) => return Err(error),
    };
    if let Some(path) = &args.save {
        let existing = if args.force { Existing::Replace } else { Existing::Keep };
        file::write(path, &Form::of_name(path).of(&der), existing)?;
    }
    Ok(variant::object(&details))
}

fn key_facts(texts: &Catalogue, key: &Key) -> Table {
    let mut facts = Facts::new(texts);
    facts.add("key", key.id.as_str());
    facts.add("label", or_dash(&key.label));
    facts.add("serial", or_dash(&key.serial_number));
    facts.add("manufacturer", or_dash(&key.manufacturer));
    facts.add("model", or_dash(&key.model));
    facts.add("module", or_dash(&key.module));
    facts.add("state", token_state(texts, &key.state));
    facts.add("pin", pin_state(texts, &key.pin_state));
    facts.add("tries", tries(texts, key.pin_tries_remaining));
    facts.add("so-pin", pin_state(texts, &key.so_pin_state));
    facts.add("so-tries", tries(texts, key.so_pin_tries_remaining));
    facts.add("unblock", texts.text(if key.unblock_supported { "yes" } else { "no" }));
    for certificate in &key.certificates {
        let date = certificate.not_after.date();
        let name = certificate.name();
        facts.add("certificate", format!("{}  {}  {date}  {name}", certificate.id, certificate.key_type));
    }
    facts.table
}

fn certificate_facts(texts: &Catalogue, key: &Key, certificate: &Certificate, details: &Map<String, Value>) -> Table {
    let mut facts = Facts::new(texts);
    facts.add("holder", or_dash(&certificate.holder_name));
    facts.add("holder-id", or_dash(&certificate.holder_id));
    facts.add_detail("unit", details.get("unit-name"));
    facts.add_detail("subject", details.get("subject"));
    facts.add("issuer", or_dash(&certificate.issuer));
    facts.add("serial", or_dash(&certificate.serial_number));
    facts.add("validity", validity(texts, certificate));
    facts.add("not-before", certificate.not_before.date_and_time());
    facts.add("not-after", certificate.not_after.date_and_time());
    facts.add("days", days_left(texts, certificate));
    facts.add("key-type", or_dash(&certificate.key_type));
    facts.add("use", word(texts, "key-use", &certificate.key_use));
    facts.add("algorithms", or_dash(&certificate.algorithms.join(", ")));
    facts.add("fingerprint", or_dash(&certificate.fingerprint));
    facts.add("key", format!("{}  {}", key.id, key.name()));
    if let Some(partner) = details.get("partner").and_then(Value::as_str) {
        facts.add("partner", partner_name(texts, key, partner));
    }
    // The administrator may accept a certificate of which not everything is known.
    let trusted = details.get("trusted").and_then(Value::as_bool);
    let otherwise = if trusted == Some(true) { Style::Warn } else { Style::Bad };
    for (check, name) in [(Check::DATES, "dates"), (Check::CHAIN, "chain"), (Check::REVOCATION, "revocation")] {
        if let Some(reason) = details.get(name).and_then(Value::as_str) {
            facts.table.push([check.title(texts).into(), check.says(texts, reason, otherwise)]);
        }
    }
    if let Some(trusted) = trusted {
        facts.add("trusted", texts.text(if trusted { "yes" } else { "no" }));
    }
    for (name, value) in details.iter().filter(|(name, _)| !SHOWN.contains(&name.as_str())) {
        facts.table.push([name.as_str().into(), variant::plain(value).into()]);
    }
    facts.table
}

/// The other certificate of a pair, which the service names by its fingerprint.
fn partner_name(texts: &Catalogue, key: &Key, fingerprint: &str) -> String {
    match key.certificates.iter().find(|other| other.fingerprint.eq_ignore_ascii_case(fingerprint)) {
        Some(other) => format!("{}  {}  {}", other.id, word(texts, "key-use", &other.key_use), other.name()),
        None => fingerprint.to_owned(),
    }
}

/// A two-column table of titles and values.
struct Facts<'a> {
    texts: &'a Catalogue,
    table: Table,
}

impl<'a> Facts<'a> {
    fn new(texts: &'a Catalogue) -> Self {
        Self { texts, table: Table::untitled() }
    }

    /// A detail that the service gave, unless it is empty.
    fn add_detail(&mut self, title: &str, value: Option<&Value>) {
        if let Some(text) = value.and_then(Value::as_str).filter(|text| !text.is_empty()) {
            self.add(title, text);
        }
    }

    fn add(&mut self, title: &str, value: impl Into<Cell>) {
        self.table.push([self.texts.text(&format!("title-{title}")).into(), value.into()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::fixture::snapshot;
    use crate::style::Paint;
    use crate::texts::catalogue;
    use serde_json::json;
    use ukey_agent::texts::Language;

    #[test]
    fn facts_of_a_certificate_come_in_words_and_each_once() {
        let snapshot = snapshot();
        let key = &snapshot.keys[1];
        let details = json!({
            "issuer": "CN=CA", "subject": "CN=市中医院, C=CN", "unit-name": "市中医院", "chain": "issuer-unknown",
            "dates": "expired", "revocation": "no-crl", "trusted": false, "a-newer-fact": [1, 2],
            "partner": key.certificates[1].fingerprint,
        });
        let facts = |language| {
            let details = details.as_object().unwrap();
            certificate_facts(&catalogue(language), key, &key.certificates[0], details).render(Paint::Off, 0)
        };
        let text = facts(Language::English);
        for part in ["CN=市中医院, C=CN", "22bb22bb22bb22bb  encryption", "not known here", "a-newer-fact", "1, 2"]
        {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        assert!(!text.contains("CN=CA"), "{text}");
        assert!(facts(Language::Chinese).contains("吊销"));
    }
}
