//! A question on the terminal that has to be answered with yes.

use crate::context::{Context, Format, write_out};
use crate::error::Error;
use std::io::{self, BufRead, IsTerminal};

/// Asks `question`. Where there is nobody to ask, the answer is the error `unasked`.
///
/// # Errors
/// `unasked`, or `Declined` when the answer is not a clear yes.
pub(crate) fn agreed(context: &Context, question: &str, unasked: Error) -> Result<(), Error> {
    if context.format == Format::Json || !io::stdin().is_terminal() {
        return Err(unasked);
    }
    write_out(question.as_bytes())?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(|source| Error::Read { path: "-".into(), source })?;
    if is_yes(&answer) { Ok(()) } else { Err(Error::Declined) }
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "是" | "好")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_yes_is_one() {
        for answer in ["y\n", " YES ", "是"] {
            assert!(is_yes(answer), "{answer}");
        }
        for answer in ["", "\n", "n", "no", "yeah", "否", "不是"] {
            assert!(!is_yes(answer), "{answer}");
        }
    }
}
