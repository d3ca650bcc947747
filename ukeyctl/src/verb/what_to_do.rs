//! `ukeyctl what-to-do`: what a person has to do at the CA.

use crate::advice::advise;
use crate::context::Context;
use crate::error::Error;
use crate::guidance::{self, Service};
use crate::select::{self, Purpose, SelectError};
use crate::snapshot::{Certificate, Key, Snapshot};
use crate::style::Style;
use crate::time::Time;
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use ukey_guidance::{Advice, Directory};

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Prints what to do at the CA: where to go, what to bring, when, whom to call. Without --service: for each Key that is plugged in and \
needs it, because its PIN is locked or its certificate expires. The words are the CA's where a file in /etc/ukeyd/ca.d or \
/usr/share/ukeyd/ca.d is for the issuer of the certificate, else general ones. A lost Key shows no issuer: name the CA with --ca.

Examples:
  ukeyctl what-to-do
  ukeyctl what-to-do --service renew --certificate sm2
  ukeyctl what-to-do --service reissue --ca 云南CA
  ukeyctl --json what-to-do | jq -r '.advice[].hotline'

JSON: {advice: [{service, key_id, certificate_id (both null where no Key is meant), name, ca (null: in general), summary, when, where, \
bring, steps, consequences, hotline, website, form_service (what to tick with `ukeyctl form`; null: the CA isn't known to take \
that form)}]}.";

/// About what.
#[derive(Args, Clone, Debug)]
pub(crate) struct WhatToDoArgs {
    /// What the CA is to do
    #[arg(long, value_name = "SERVICE")]
    service: Option<Service>,
    /// The Key: its id, label or serial number, or the start of one
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// The certificate: the start of its fingerprint, its holder, serial number or key type
    #[arg(long, value_name = "CERTIFICATE", requires = "service")]
    certificate: Option<String>,
    /// The CA by its name or distinguished name, without looking at a Key
    #[arg(long, value_name = "CA", requires = "service", conflicts_with_all = ["key", "certificate"])]
    ca: Option<String>,
    /// Folder with files of CAs, instead of /usr/share/ukeyd/ca.d and /etc/ukeyd/ca.d; several may be given
    #[arg(long = "ca-dir", value_name = "DIR")]
    ca_dirs: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Output<'a> {
    advice: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    service: &'static str,
    key_id: Option<&'a str>,
    certificate_id: Option<&'a str>,
    name: &'a str,
    ca: &'a Option<String>,
    summary: &'a str,
    when: &'a Option<String>,
    #[serde(rename = "where")]
    place: &'a str,
    bring: &'a [String],
    steps: &'a [String],
    consequences: &'a [String],
    hotline: &'a Option<String>,
    website: &'a Option<String>,
    form_service: Option<&'static str>,
}

/// One thing to do.
struct Matter {
    key_id: Option<String>,
    certificate_id: Option<String>,
    /// What it is about, for a title; may be empty.
    name: String,
    advice: Advice,
}

impl Matter {
    fn without_a_key(advice: Advice) -> Self {
        Self { key_id: None, certificate_id: None, name: String::new(), advice }
    }
}

/// Runs the verb.
///
/// # Errors
/// When no single certificate is meant, and `Unreachable`.
pub(crate) async fn run(context: &Context, args: &WhatToDoArgs) -> Result<(), Error> {
    let directory = guidance::directory(context, (!args.ca_dirs.is_empty()).then_some(&args.ca_dirs));
    let matters = match (&args.ca, args.service) {
        (Some(ca), Some(service)) => {
            // A name without attributes is a common name.
            let issuer = if ca.contains('=') { ca.clone() } else { format!("CN={ca}") };
            vec![Matter::without_a_key(directory.advice(&issuer, service.0, context.texts.language()))]
        }
        _ => matters(context, args, &directory, &context.service().await?.snapshot().await?)?,
    };
    let output = Output { advice: matters.iter().map(item).collect() };
    context.print(&output, || text(context, &matters))
}

fn matters(
    context: &Context,
    args: &WhatToDoArgs,
    directory: &Directory,
    snapshot: &Snapshot,
) -> Result<Vec<Matter>, Error> {
    let chosen = args.key.is_some() || args.certificate.is_some();
    let about =
        |service, key: &Key, certificate: Option<&Certificate>| matter(context, directory, service, key, certificate);
    let Some(service) = args.service else {
        let of_key = match &args.key {
            Some(wanted) => Some(select::key(&snapshot.keys, Some(wanted))?),
            None => None,
        };
        return Ok(advise(snapshot)
            .iter()
            .filter_map(|advice| advice.at_the_ca(snapshot))
            .filter(|(_, key, _)| of_key.is_none_or(|wanted| wanted.id == key.id))
            .map(|(service, key, certificate)| about(service, key, certificate))
            .collect());
    };
    let in_general =
        |issuer: &str| vec![Matter::without_a_key(directory.advice(issuer, service.0, context.texts.language()))];
    match select::certificate(&snapshot.keys, args.key.as_deref(), args.certificate.as_deref(), Purpose::Apply) {
        Ok((key, certificate)) => Ok(vec![about(service.0, key, Some(certificate))]),
        Err(SelectError::NoKeys | SelectError::NoCertificates) if !chosen => Ok(in_general("")),
        // Where one CA issued them all, it makes no difference which is meant.
        Err(error) if !chosen => Ok(in_general(single_issuer(&snapshot.keys).ok_or(error)?)),
        Err(error) => Err(error.into()),
    }
}

/// The issuer of every certificate that could be meant, if it is one.
fn single_issuer(keys: &[Key]) -> Option<&str> {
    let mut issuers = keys.iter().flat_map(|key| &key.certificates).map(|certificate| certificate.issuer.as_str());
    let first = issuers.next()?;
    issuers.all(|issuer| issuer == first).then_some(first)
}

fn matter(
    context: &Context,
    directory: &Directory,
    service: ukey_guidance::Service,
    key: &Key,
    certificate: Option<&Certificate>,
) -> Matter {
    let language = context.texts.language();
    let issuer = certificate.map_or("", |certificate| certificate.issuer.as_str());
    let advice = match certificate {
        Some(certificate) if service == ukey_guidance::Service::Renew => {
            directory.renewal(issuer, certificate.not_after.unix(), Time::now().unix(), language).1
        }
        _ => directory.advice(issuer, service, language),
    };
    Matter {
        key_id: Some(key.id.clone()),
        certificate_id: certificate.map(|certificate| certificate.id.clone()),
        name: certificate.map_or_else(|| key.name(), Certificate::name).to_owned(),
        advice,
    }
}

fn item(matter: &Matter) -> Item<'_> {
    let advice = &matter.advice;
    Item {
        service: advice.service.word(),
        key_id: matter.key_id.as_deref(),
        certificate_id: matter.certificate_id.as_deref(),
        name: &matter.name,
        ca: &advice.ca,
        summary: &advice.summary,
        when: &advice.when,
        place: &advice.place,
        bring: &advice.bring,
        steps: &advice.steps,
        consequences: &advice.consequences,
        hotline: &advice.hotline,
        website: &advice.website,
        form_service: advice.form_service.map(ukey_guidance::Service::word),
    }
}

fn text(context: &Context, matters: &[Matter]) -> String {
    if matters.is_empty() {
        return context.texts.text("what-to-do-nothing") + "\n";
    }
    let mut blocks = Vec::new();
    for Matter { name, advice, .. } in matters {
        let mut title = advice.service_name();
        for part in [name.as_str(), advice.ca.as_deref().unwrap_or_default()] {
            if !part.is_empty() {
                title.extend(["  ", part]);
            }
        }
        let mut block = format!("{}\n{}\n", context.paint.apply(Style::Title, &title), advice.block());
        if let Some(service) = advice.form_service {
            block.push_str(&context.texts.text_with("what-to-do-form", &[("service", service.word())]));
            block.push('\n');
        }
        blocks.push(block);
    }
    blocks.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::fixture::snapshot;
    use crate::testing::context;

    fn args() -> WhatToDoArgs {
        WhatToDoArgs { service: None, key: None, certificate: None, ca: None, ca_dirs: Vec::new() }
    }

    fn services(args: &WhatToDoArgs) -> Result<Vec<(&'static str, String)>, Error> {
        let found = matters(&context(), args, &Directory::default(), &snapshot())?;
        Ok(found
            .iter()
            .map(|matter| (matter.advice.service.word(), matter.certificate_id.clone().unwrap_or_default()))
            .collect())
    }

    #[test]
    fn without_a_service_it_is_what_needs_doing() {
        let id = |start: &str| start.repeat(4);
        let all = [("renew", id("11bb")), ("unlock", id("22aa")), ("renew", id("22aa"))];
        assert_eq!(services(&args()).unwrap(), all);
        let second = WhatToDoArgs { key: Some("SN0002".to_owned()), ..args() };
        assert_eq!(services(&second).unwrap(), all[1..]);
        let unknown = WhatToDoArgs { key: Some("SN9".to_owned()), ..args() };
        assert!(services(&unknown).is_err());
    }

    #[test]
    fn a_service_is_about_one_certificate_or_about_none() {
        let service = |word: &str| Some(Service(word.parse().unwrap()));
        let several = WhatToDoArgs { service: service("revoke"), ..args() };
        assert_eq!(services(&several).unwrap(), [("revoke", String::new())], "one CA issued them all");
        let mut two = snapshot();
        two.keys[0].certificates[0].issuer = "CN=Other CA".to_owned();
        let error = matters(&context(), &several, &Directory::default(), &two).err();
        assert!(matches!(error, Some(Error::Select(SelectError::SeveralCertificates(_)))), "{error:?}");
        let one = WhatToDoArgs { certificate: Some("22aa".to_owned()), ..several.clone() };
        assert_eq!(services(&one).unwrap(), [("revoke", "22aa".repeat(4))]);
        let mut nothing = snapshot();
        nothing.keys.clear();
        let found = matters(&context(), &several, &Directory::default(), &nothing).unwrap();
        assert_eq!((found.len(), &found[0].key_id), (1, &None));
        assert!(text(&context(), &found).contains("What to bring:"));
        let named = WhatToDoArgs { key: Some("SN0001".to_owned()), ..several };
        assert!(matters(&context(), &named, &Directory::default(), &nothing).is_err());
    }

    #[test]
    fn nothing_to_do_is_said() {
        assert!(text(&context(), &[]).contains("--service"));
    }
}
