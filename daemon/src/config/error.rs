use std::path::{Path, PathBuf};

/// A configuration that can't be used. The text names the file and, for a typo, the line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("{path}: cannot be read: {source}", path = path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path}, line {line}: {message}", path = path.display())]
    Syntax { path: PathBuf, line: usize, message: String },
    #[error("{path}: {message}", path = path.display())]
    Value { path: PathBuf, message: String },
}

impl ConfigError {
    /// From the TOML reader's error, with the line that it points at.
    pub(super) fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> Self {
        let offset = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = text.as_bytes()[..offset].iter().filter(|byte| **byte == b'\n').count() + 1;
        let message = error.message().lines().collect::<Vec<_>>().join(" ");
        Self::Syntax { path: path.to_owned(), line, message }
    }
}
