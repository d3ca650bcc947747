use std::io;
use std::path::{Path, PathBuf};

/// Why a file of texts is left out. The text names the file and, where one can be told, the line.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It, or a folder of them, can't be read.
    #[error("{path}: cannot be read: {source}", path = path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A line says something that can't be meant.
    #[error("{path}, line {line}: {message}", path = path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// The file as a whole can't be used.
    #[error("{path}: {message}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
}

impl Problem {
    /// From the TOML reader's error, with the line that it points at.
    pub(crate) fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> Self {
        let offset = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = text.as_bytes()[..offset].iter().filter(|byte| **byte == b'\n').count() + 1;
        // The message may quote the file.
        let message = ukey_formats::text::one_line(error.message(), 300);
        Self::Line { path: path.to_owned(), line, message }
    }

    pub(crate) fn file(path: &Path, message: impl Into<String>) -> Self {
        Self::File { path: path.to_owned(), message: message.into() }
    }
}
