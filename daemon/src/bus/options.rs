//! The option dictionaries, read strictly: an unknown key, a wrong type or a value out of range is `InvalidArgument`.

use std::collections::HashMap;
use std::time::Duration;
use ukey_dbus::options::{
    PROMPT, PROMPT_AUTO, PROMPT_NEVER, REASON, REASON_MAX, REQUEST, REQUEST_TOKEN_MAX, TIMEOUT_DEFAULT_MS,
    TIMEOUT_MAX_MS, TIMEOUT_MIN_MS, TIMEOUT_MS,
};
use ukey_dbus::{Error, ErrorKind};
use ukey_formats::text::one_line;
use zbus::OwnedVariant;

/// As they come from the bus.
pub(super) type RawOptions = HashMap<String, OwnedVariant>;

/// May a person be asked?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PromptPolicy {
    Auto,
    Never,
}

/// Options that login and signing share.
#[derive(Clone, Debug)]
pub(super) struct CallOptions {
    /// What the use is for; cleaned, one line.
    pub reason: String,
    pub prompt: PromptPolicy,
    pub timeout: Duration,
    /// Names the `Request` object, where the caller wants one.
    pub request: Option<String>,
}

pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

/// A string option.
pub(super) fn text(key: &str, value: OwnedVariant) -> Result<String, Error> {
    String::try_from(value).map_err(|_| invalid(format!("option {key} must be a string")))
}

impl CallOptions {
    /// Reads them all.
    pub(super) fn parse(raw: RawOptions) -> Result<Self, Error> {
        let mut options = Self {
            reason: String::new(),
            prompt: PromptPolicy::Auto,
            timeout: Duration::from_millis(TIMEOUT_DEFAULT_MS.into()),
            request: None,
        };
        for (key, value) in raw {
            match key.as_str() {
                REASON => options.reason = reason(&text(REASON, value)?)?,
                PROMPT => options.prompt = prompt(&text(PROMPT, value)?)?,
                TIMEOUT_MS => options.timeout = timeout(value)?,
                REQUEST => options.request = Some(request(text(REQUEST, value)?)?),
                _ => return Err(invalid(format!("unknown option \"{}\"", one_line(&key, 40)))),
            }
        }
        Ok(options)
    }
}

fn reason(text: &str) -> Result<String, Error> {
    match text.chars().count() {
        count if count > REASON_MAX => Err(invalid(format!("reason has {count} characters; {REASON_MAX} are allowed"))),
        _ => Ok(one_line(text, REASON_MAX)),
    }
}

fn prompt(text: &str) -> Result<PromptPolicy, Error> {
    match text {
        PROMPT_AUTO => Ok(PromptPolicy::Auto),
        PROMPT_NEVER => Ok(PromptPolicy::Never),
        _ => Err(invalid(format!("prompt must be {PROMPT_AUTO} or {PROMPT_NEVER}"))),
    }
}

fn timeout(value: OwnedVariant) -> Result<Duration, Error> {
    match u32::try_from(value) {
        Ok(ms) if (TIMEOUT_MIN_MS..=TIMEOUT_MAX_MS).contains(&ms) => Ok(Duration::from_millis(ms.into())),
        Ok(_) => Err(invalid(format!("{TIMEOUT_MS} must be {TIMEOUT_MIN_MS} to {TIMEOUT_MAX_MS}"))),
        Err(_) => Err(invalid(format!("option {TIMEOUT_MS} must be an unsigned 32-bit number"))),
    }
}

fn request(token: String) -> Result<String, Error> {
    let valid = (1..=REQUEST_TOKEN_MAX).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if valid { Ok(token) } else { Err(invalid(format!("request must be 1 to {REQUEST_TOKEN_MAX} of A-Z a-z 0-9 _"))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zbus::Variant;

    fn parse(key: &str, value: Variant<'_>) -> Result<CallOptions, Error> {
        CallOptions::parse(HashMap::from([(key.to_owned(), OwnedVariant::try_from(value).unwrap())]))
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (key, value) in [
            ("reasno", Variant::from("x")),
            ("reason", Variant::from(5u32)),
            ("reason", Variant::from("字".repeat(121))),
            ("prompt", Variant::from("maybe")),
            ("timeout-ms", Variant::from(99u32)),
            ("timeout-ms", Variant::from("5")),
            ("request", Variant::from("a/b")),
            ("request", Variant::from("")),
        ] {
            let error = parse(key, value).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{key}: {error}");
        }
    }

    #[test]
    fn a_reason_is_one_clean_line() {
        assert_eq!(parse("reason", Variant::from("药品\n订单\u{202e}")).unwrap().reason, "药品 订单");
        assert_eq!(parse("timeout-ms", Variant::from(100u32)).unwrap().timeout, Duration::from_millis(100));
    }
}
