//! The program behind a caller, as far as the user's agent could tell.

use std::sync::Arc;
use tokio::sync::OnceCell;
use ukey_formats::text::one_line;

/// Longest text of a program, in bytes: what a record keeps.
const TEXT_MAX: usize = 255;
/// Longest name of a script, in characters.
const SCRIPT_MAX: usize = 60;

/// An executable: device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Executable {
    pub device: u64,
    pub inode: u64,
}

/// What is known of a program; by default nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Program {
    text: String,
    executable: Option<Executable>,
}

impl Program {
    /// As an agent tells it: where its executable is, what an interpreter runs, and which file it is where that alone
    /// says whose program it is. The texts are cleaned and bounded; without a path nothing is believed.
    pub(crate) fn new(path: &str, script: &str, executable: Option<Executable>) -> Self {
        let path = one_line(path, usize::MAX);
        if !path.starts_with('/') {
            return Self::default();
        }
        let text = match one_line(script, SCRIPT_MAX) {
            script if script.is_empty() => end_of(&path, TEXT_MAX),
            script => {
                let script = format!(" ({script})");
                end_of(&path, TEXT_MAX.saturating_sub(script.len())) + &script
            }
        };
        Self { text, executable }
    }

    /// For the record: path, and the script in brackets; empty when unknown.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Which file it is, where that alone says whose program it is.
    pub(crate) fn executable(&self) -> Option<Executable> {
        self.executable
    }
}

/// A text, or its last bytes after a mark: the name of a program is at the end of its path.
fn end_of(text: &str, bytes: usize) -> String {
    const MARK: &str = "…";
    if text.len() <= bytes {
        return text.to_owned();
    }
    let start = (text.len() + MARK.len()).saturating_sub(bytes);
    let start = (start..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    format!("{MARK}{}", text.get(start..).unwrap_or_default())
}

/// A caller's program: found out once, then the same as long as it is there. Shared by its copies.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProgramOnce(Arc<OnceCell<Program>>);

impl ProgramOnce {
    /// What is known so far.
    pub(crate) fn known(&self) -> Option<&Program> {
        self.0.get()
    }

    /// Keeps what `ask` says, unless something is known already or nobody could be asked. Those who look for it at the same
    /// time wait for one answer.
    pub(crate) async fn find(&self, ask: impl Future<Output = Option<Program>>) {
        // Without an answer it stays unknown, for the next time.
        let _ = self.0.get_or_try_init(async || ask.await.ok_or(())).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_name_at_the_end_of_a_long_path_is_kept() {
        let path = format!("/{}/orders", "药".repeat(200));
        let text = Program::new(&path, "", None).text().to_owned();
        assert!(text.starts_with("…药") && text.ends_with("/orders") && text.len() <= TEXT_MAX, "{text}");
        assert_eq!(Program::new("/usr/bin/python3", "orders.py", None).text(), "/usr/bin/python3 (orders.py)");
    }

    #[test]
    fn what_has_no_path_is_nothing() {
        let executable = Some(Executable { device: 1, inode: 2 });
        for path in ["", "orders", "\u{202e}\n", "(unreachable)/x"] {
            assert_eq!(Program::new(path, "x", executable), Program::default());
        }
    }

    proptest! {
        #[test]
        fn any_texts_become_one_bounded_line(path in any::<String>(), script in any::<String>()) {
            let program = Program::new(&format!("/{path}"), &script, None);
            prop_assert!(program.text().len() <= TEXT_MAX);
            prop_assert!(!program.text().chars().any(char::is_control));
        }
    }
}
