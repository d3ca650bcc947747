//! A raw signature beside its file.

use super::{Named, SMALL_FILE_MAX, VerifyArgs, named, read};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::input::Input;
use crate::style::Style;
use crate::verb::sign::signature_path;
use serde::Serialize;
use std::path::Path;
use ukey_formats::text::one_line;
use zbus::{Fd, Variant};

/// The reason that says no more than that the signature is wrong.
const PLAINLY_WRONG: &str = "signature";
/// Longest reason shown.
const REASON_MAX: usize = 120;

#[derive(Serialize)]
struct Output<'a> {
    valid: bool,
    reason: String,
    algorithm: &'a str,
}

/// Checks the signature of `file` against the certificate that is called so.
pub(super) async fn run(context: &Context, args: &VerifyArgs, file: &Path, certificate: &str) -> Result<Exit, Error> {
    let signature_file = match &args.signature {
        Some(path) => path.clone(),
        None => signature_path(file).ok_or(Error::Usage("signature-is-needed"))?,
    };
    let signature = read(&signature_file, SMALL_FILE_MAX)?;
    let input = Input::open(file)?;
    let service = context.service().await?;
    let (der, preferred) = match named(&service, args, certificate).await? {
        Named::File(der) => (der, None),
        Named::OnKey(der, certificate) => (der, certificate.algorithms.first().cloned()),
    };
    let algorithm = args.algorithm.clone().or(preferred).ok_or(Error::Usage("algorithm-is-needed"))?;
    let manager = service.manager().await?;
    let answer = manager.verify_signature(&der, &algorithm, Fd::from(&input), &signature).await?;
    let valid = matches!(answer.get("valid").map(|value| &**value), Some(Variant::Bool(true)));
    let reason = match answer.get("reason").map(|value| &**value) {
        Some(Variant::Str(reason)) => one_line(reason.as_str(), REASON_MAX),
        _ => String::new(),
    };
    let output = Output { valid, reason, algorithm: &algorithm };
    context.print(&output, || text(context, &output))?;
    Ok(if valid { Exit::Success } else { Exit::Signature })
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
