//! A signed message: what was signed, each signature, each signer's certificate.

use super::answer::{Answer, Signer};
use super::{Named, VerifyArgs, named, read};
use crate::check::Check;
use crate::context::Context;
use crate::describe::or_dash;
use crate::error::Error;
use crate::exit::Exit;
use crate::file::{self, Existing};
use crate::input::Input;
use crate::pem;
use crate::service::Service;
use crate::style::Style;
use crate::table::Table;
use crate::texts::word;
use crate::time::Time;
use rustix::fs::{MemfdFlags, memfd_create};
use serde::Serialize;
use serde_bytes::Bytes;
use std::collections::HashMap;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use ukey_dbus::options;
use zbus::{Fd, Variant};

/// Largest file that is read as a message; PEM is longer than the message in it.
const FILE_MAX: u64 = 2 * options::MESSAGE_MAX as u64;

#[derive(Serialize)]
struct Output<'a> {
    valid: bool,
    attached: bool,
    encoding: &'a str,
    content_length: Option<usize>,
    output: Option<String>,
    deviations: &'a [String],
    signers: Vec<SignerOutput<'a>>,
}

#[derive(Serialize)]
struct SignerOutput<'a> {
    #[serde(flatten)]
    signer: &'a Signer,
    signing_time: Option<Time>,
}

/// Checks the message in this file.
pub(super) async fn run(context: &Context, args: &VerifyArgs, path: &Path) -> Result<Exit, Error> {
    let existing = if args.force { Existing::Replace } else { Existing::Keep };
    if let Some(out) = &args.out {
        file::check(out, existing)?;
    }
    let message = pem::message(read(path, FILE_MAX)?);
    let content = content(args, path)?;
    let service = context.service().await?;
    let certificate = match args.certificate.as_deref() {
        Some(wanted) => match named(&service, args, wanted).await? {
            Named::File(der) | Named::OnKey(der, _) => Some(der),
        },
        None => None,
    };
    let answer = verify(&service, &message, &content, certificate).await?;
    if answer.attached == Some(false) && args.file.is_none() {
        return Err(Error::Usage("content-is-needed"));
    }
    let signers: Vec<Signer> = answer.signers.unwrap_or_default().into_iter().map(Signer::cleaned).collect();
    let deviations = answer.deviations.unwrap_or_default();
    let valid = answer.valid == Some(true);
    let mut written = None;
    if let (true, Some(out)) = (valid, &args.out) {
        let content = answer.content.as_ref().ok_or(Error::Usage("message-is-detached"))?;
        file::write(out, content, existing)?;
        written = Some(out.to_string_lossy().into_owned());
    }
    let output = Output {
        valid,
        attached: answer.attached == Some(true),
        encoding: answer.encoding.as_deref().unwrap_or_default(),
        content_length: answer.content.as_ref().map(|content| content.len()),
        output: written,
        deviations: &deviations,
        signers: signers
            .iter()
            .map(|signer| SignerOutput { signer, signing_time: signer.signing_time.map(Time::from_unix) })
            .collect(),
    };
    context.print(&output, || text(context, &output))?;
    Ok(if valid { Exit::Success } else { Exit::Signature })
}

/// The content of a detached message; an empty file where the message should have its own.
fn content(args: &VerifyArgs, message: &Path) -> Result<OwnedFd, Error> {
    match &args.file {
        Some(path) => Ok(Input::open(path)?.into()),
        None => memfd_create("ukeyctl-content", MemfdFlags::CLOEXEC)
            .map_err(|error| Error::Read { path: message.to_owned(), source: error.into() }),
    }
}

/// As [`ukey_dbus::ManagerProxy::verify_message`], but with an answer that holds the content as bytes.
async fn verify(
    service: &Service,
    message: &[u8],
    content: &impl AsFd,
    certificate: Option<Vec<u8>>,
) -> Result<Answer, Error> {
    let mut values: HashMap<&str, Variant<'_>> = HashMap::new();
    if let Some(der) = certificate {
        values.insert(options::CERTIFICATE, der.into());
    }
    let manager = service.manager().await?;
    let arguments = (Bytes::new(message), Fd::from(content), values);
    Ok(manager.inner().call("VerifyMessage", &arguments).await?)
}

fn text(context: &Context, output: &Output<'_>) -> String {
    let (texts, paint) = (&context.texts, context.paint);
    let verdict = match (output.valid, output.signers.is_empty()) {
        (true, _) => paint.apply(Style::Good, &texts.text("message-right")),
        (false, false) => paint.apply(Style::Bad, &texts.text("message-wrong")),
        (false, true) => paint.apply(Style::Bad, &texts.text("message-unsigned")),
    };
    let mut lines = verdict + "\n";
    for deviation in output.deviations {
        let line = word(texts, "message-deviation", deviation);
        lines.push_str(&format!("  {}\n", paint.apply(Style::Bad, &line)));
    }
    for signer in &output.signers {
        let signed = signer.signer;
        let name = or_dash(signed.holder_name.as_deref().unwrap_or_default());
        lines.push('\n');
        lines.push_str(&paint.apply(Style::Title, &texts.text_with("message-signer", &[("name", name)])));
        lines.push('\n');
        lines.push_str(&signer_facts(context, signer).render(paint, 2));
    }
    if let Some(path) = &output.output {
        lines.push('\n');
        lines.push_str(&texts.text_with("message-content-written", &[("file", path.as_str())]));
        lines.push('\n');
    }
    lines
}

fn signer_facts(context: &Context, signer: &SignerOutput<'_>) -> Table {
    let texts = &context.texts;
    let mut facts = Table::untitled();
    let signed = signer.signer;
    let mut check = |check: Check, reason: &Option<String>, otherwise: Style| {
        if let Some(reason) = reason {
            facts.push([check.title(texts).into(), check.says(texts, reason, otherwise)]);
        }
    };
    check(Check::DIGEST, &signed.digest, Style::Bad);
    check(Check::SIGNATURE, &signed.signature, Style::Bad);
    // These are of interest only where they are wrong.
    for (kind, reason) in [
        (Check::CONTENT_TYPE, &signed.content_type),
        (Check::REFERENCE, &signed.certificate_reference),
        (Check::ALGORITHMS, &signed.algorithms),
        (Check::KEY_USE, &signed.key_use),
    ] {
        if reason.as_deref().is_some_and(|reason| !kind.is_good(reason)) {
            check(kind, reason, Style::Bad);
        }
    }
    // The administrator may accept a certificate of which not everything is known.
    let otherwise = if signed.certificate_ok == Some(true) { Style::Warn } else { Style::Bad };
    check(Check::DATES, &signed.dates, otherwise);
    check(Check::CHAIN, &signed.chain, otherwise);
    check(Check::REVOCATION, &signed.revocation, otherwise);
    let mut fact = |title: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            facts.push([texts.text(&format!("title-{title}")).into(), value.into()]);
        }
    };
    fact("signing-time", signer.signing_time.map(Time::date_and_time));
    fact("holder-id", signed.holder_id.clone());
    fact("fingerprint", signed.fingerprint.clone());
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::context;

    fn words(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn each_reason_is_told_and_what_is_as_it_should_be_is_short() {
        let signer = Signer {
            digest: words("differs"),
            signature: words("ok"),
            content_type: words("ok"),
            key_use: words("not-allowed"),
            certificate_ok: Some(true),
            dates: words("ok"),
            chain: words("ok"),
            revocation: words("no-crl"),
            holder_name: words("县人民医院"),
            ..Signer::default()
        };
        let output = Output {
            valid: false,
            attached: true,
            encoding: "cms",
            content_length: Some(5),
            output: None,
            deviations: &["version".to_owned()],
            signers: vec![SignerOutput { signer: &signer, signing_time: None }],
        };
        let text = text(&context(), &output);
        for part in ["NOT right", "县人民医院", "not what was signed", "no revocation list", "not for signatures"]
        {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        assert!(!text.contains("Content type"), "{text}");
        let json = serde_json::to_value(&output).unwrap();
        assert_eq!(json["signers"][0]["digest"], "differs");
        assert!(json["signers"][0]["signing_time"].is_null());
        assert_eq!(json["signers"][0]["certificate_ok"], true);
    }
}
