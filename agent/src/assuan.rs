//! The Assuan protocol as far as pinentry speaks it (libassuan manual, "Client responses" and "Server responses"):
//! pure functions on lines.

/// Longest line in bytes, its line feed included.
pub(crate) const LINE_MAX: usize = 1000;

/// A command that would be longer than [`LINE_MAX`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LineTooLong;

/// A line that breaks the protocol.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// What the server answered, in one line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// The command was done.
    Ok,
    /// It failed, with this libgpg-error code; the source of the error, in the upper bits, is cut off.
    Error(u16),
    /// Data; the still escaped bytes start at this offset of the line.
    Data(usize),
    /// A status line or a comment: nothing that matters here.
    Remark,
    /// The answer that follows comes out of a password store instead of a person's hands.
    FromStore,
    /// The server asks for something; pinentry has no reason to.
    Inquiry,
}

/// Builds a command line with its line feed, `text` escaped.
///
/// # Errors
/// [`LineTooLong`] when it doesn't fit a line.
pub(crate) fn command(name: &str, text: &str) -> Result<String, LineTooLong> {
    let mut line = String::with_capacity(LINE_MAX);
    line.push_str(name);
    if !text.is_empty() {
        line.push(' ');
        escape(text, &mut line);
    }
    line.push('\n');
    if line.len() > LINE_MAX { Err(LineTooLong) } else { Ok(line) }
}

/// Appends `text` with `%` and control characters written as `%XX`.
fn escape(text: &str, line: &mut String) {
    for character in text.chars() {
        if character == '%' || character.is_ascii_control() {
            line.push_str(&format!("%{:02X}", u32::from(character)));
        } else {
            line.push(character);
        }
    }
}

/// Reads the start of a reply, given without its line feed.
///
/// # Errors
/// [`Malformed`] when it is none of Assuan's responses.
pub(crate) fn parse(line: &[u8]) -> Result<Reply, Malformed> {
    if let Some(rest) = line.strip_prefix(b"ERR ") {
        return error_code(rest).map(Reply::Error);
    }
    match line {
        b"S PASSWORD_FROM_CACHE" => Ok(Reply::FromStore),
        [b'#', ..] | [] | b"S" => Ok(Reply::Remark),
        [b'S', b' ', ..] => Ok(Reply::Remark),
        [b'D', b' ', ..] => Ok(Reply::Data(2)),
        _ if line == b"OK" || line.starts_with(b"OK ") => Ok(Reply::Ok),
        _ if line.starts_with(b"INQUIRE ") => Ok(Reply::Inquiry),
        _ => Err(Malformed),
    }
}

/// The decimal number at the start, its lower 16 bits (`GPG_ERR_CODE_MASK`).
fn error_code(text: &[u8]) -> Result<u16, Malformed> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = str::from_utf8(&text[..digits]).ok().and_then(|digits| digits.parse::<u32>().ok());
    match number.map(|number| number & 0xffff) {
        // Code 0 is "no error" and makes no sense after ERR.
        None | Some(0) => Err(Malformed),
        Some(code) => u16::try_from(code).map_err(|_| Malformed),
    }
}

/// Decodes `%XX` in place and returns the decoded length. In place, so that a PIN gets no second copy.
///
/// # Errors
/// [`Malformed`] at a `%` without two hexadecimal digits.
pub(crate) fn unescape(data: &mut [u8]) -> Result<usize, Malformed> {
    let (mut from, mut to) = (0, 0);
    while from < data.len() {
        let mut byte = data[from];
        from += 1;
        if byte == b'%' {
            let [high, low] = data.get(from..from + 2).ok_or(Malformed)? else { return Err(Malformed) };
            byte = hex(*high).ok_or(Malformed)? << 4 | hex(*low).ok_or(Malformed)?;
            from += 2;
        }
        data[to] = byte;
        to += 1;
    }
    Ok(to)
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn replies_are_told_apart() {
        for (line, reply) in [
            (&b"OK"[..], Ok(Reply::Ok)),
            (b"OK Pleased to meet you", Ok(Reply::Ok)),
            (b"ERR 83886179 Operation cancelled <Pinentry>", Ok(Reply::Error(99))),
            (b"ERR 83886142 Timeout", Ok(Reply::Error(62))),
            (b"ERR 83886246 locale problem", Ok(Reply::Error(166))),
            (b"D secret", Ok(Reply::Data(2))),
            (b"D ", Ok(Reply::Data(2))),
            (b"S PIN_REPEATED", Ok(Reply::Remark)),
            (b"S PASSWORD_FROM_CACHE", Ok(Reply::FromStore)),
            (b"# comment", Ok(Reply::Remark)),
            (b"", Ok(Reply::Remark)),
            (b"INQUIRE QUALITY x", Ok(Reply::Inquiry)),
            (b"OKAY", Err(Malformed)),
            (b"ERR", Err(Malformed)),
            (b"ERR x", Err(Malformed)),
            (b"ERR 0 fine", Err(Malformed)),
            (b"ERR 99999999999", Err(Malformed)),
            (b"hello", Err(Malformed)),
        ] {
            assert_eq!(parse(line), reply, "{}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn a_bad_escape_is_refused() {
        for bad in [&b"%"[..], b"a%2", b"%zz", b"%2g"] {
            assert_eq!(unescape(&mut bad.to_vec()), Err(Malformed));
        }
    }

    #[test]
    fn a_line_is_bounded_with_its_escapes() {
        assert_eq!(command("GETPIN", ""), Ok("GETPIN\n".to_owned()));
        assert_eq!(command("SETDESC", "5 %\r\n中"), Ok("SETDESC 5 %25%0D%0A中\n".to_owned()));
        assert!(command("SETDESC", &"a".repeat(LINE_MAX - "SETDESC \n".len())).is_ok());
        assert_eq!(command("SETDESC", &"%".repeat(400)), Err(LineTooLong));
    }

    proptest! {
        #[test]
        fn what_is_escaped_comes_back(text in any::<String>()) {
            let mut line = String::new();
            escape(&text, &mut line);
            prop_assert!(!line.contains(['\n', '\r', '\0']));
            let mut bytes = line.into_bytes();
            let length = unescape(&mut bytes).unwrap();
            prop_assert_eq!(&bytes[..length], text.as_bytes());
        }

        #[test]
        fn any_line_is_parsed_or_refused(line in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Ok(Reply::Data(start)) = parse(&line) {
                let mut data = line[start..].to_vec();
                prop_assert!(unescape(&mut data).unwrap_or_default() <= data.len());
            }
        }
    }
}
