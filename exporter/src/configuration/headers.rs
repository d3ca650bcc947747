//! Lists of names and values in a variable: `api-key=key,other=a%20b`.

use crate::error::Error;

/// Reads W3C baggage as far as OpenTelemetry uses it: pairs, percent-encoded values, no metadata.
pub(super) fn pairs(name: &str, list: &str) -> Result<Vec<(String, String)>, Error> {
    let pairs = list.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            match (key.trim(), decoded(value.trim())) {
                (key, Some(value)) if !key.is_empty() && pair.contains('=') => Ok((key.to_owned(), value)),
                // What it was may be a secret.
                _ => Err(Error::setting(name, "must be name=value pairs with commas between them")),
            }
        })
        .collect()
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' { hex(rest.next()?)? << 4 | hex(rest.next()?)? } else { byte });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    u8::try_from(char::from(digit).to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_opentelemetry_writes_them() {
        let read = pairs("X", " api-key = k1 , other=a%20%E5%8C%BB=b,").unwrap();
        assert_eq!(read, [("api-key".into(), "k1".into()), ("other".into(), "a 医=b".into())]);
        for wrong in ["secret", "=secret", "a=%zz", "a=%4"] {
            let error = pairs("X", wrong).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
