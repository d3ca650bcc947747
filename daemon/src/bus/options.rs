//! The option dictionaries, read strictly: an unknown key, a wrong type or a value out of range is `InvalidArgument`.

use super::dictionary::Value;
use std::time::Duration;
use ukey_dbus::options::{
    PROMPT, PROMPT_AUTO, PROMPT_NEVER, REASON, REASON_MAX, REQUEST, REQUEST_TOKEN_MAX, TIMEOUT_DEFAULT_MS,
    TIMEOUT_MAX_MS, TIMEOUT_MIN_MS, TIMEOUT_MS,
};
use ukey_dbus::{Error, ErrorKind};
use ukey_formats::text::one_line;

pub(super) use super::dictionary::RawOptions;

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
pub(super) fn text(key: &str, value: Value) -> Result<String, Error> {
    match value {
        Value::Text(text) => Ok(text),
        _ => Err(invalid(format!("option {key} must be a string"))),
    }
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
                TIMEOUT_MS => options.timeout = timeout(&value)?,
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

fn timeout(value: &Value) -> Result<Duration, Error> {
    match value {
        Value::Small(ms) if (TIMEOUT_MIN_MS..=TIMEOUT_MAX_MS).contains(ms) => Ok(Duration::from_millis((*ms).into())),
        Value::Small(_) => Err(invalid(format!("{TIMEOUT_MS} must be {TIMEOUT_MIN_MS} to {TIMEOUT_MAX_MS}"))),
        _ => Err(invalid(format!("option {TIMEOUT_MS} must be an unsigned 32-bit number"))),
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
    use std::collections::HashMap;

    fn parse(key: &str, value: Value) -> Result<CallOptions, Error> {
        CallOptions::parse(RawOptions(HashMap::from([(key.to_owned(), value)])))
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (key, value) in [
            ("reasno", Value::from("x")),
            ("reason", Value::Small(5)),
            ("reason", Value::from("字".repeat(121))),
            ("prompt", Value::from("maybe")),
            ("timeout-ms", Value::Small(99)),
            ("timeout-ms", Value::from("5")),
            ("request", Value::from("a/b")),
            ("request", Value::from("")),
        ] {
            let error = parse(key, value).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{key}: {error}");
        }
    }

    #[test]
    fn a_reason_is_one_clean_line() {
        assert_eq!(parse("reason", Value::from("药品\n订单\u{202e}")).unwrap().reason, "药品 订单");
        assert_eq!(parse("timeout-ms", Value::Small(100)).unwrap().timeout, Duration::from_millis(100));
    }
}
