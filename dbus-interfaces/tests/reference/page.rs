//! A page of `docs/reference`, as far as tests read Markdown.

use std::fs;
use std::path::{Path, PathBuf};

/// One file.
pub(crate) struct Page {
    /// Its name without `.md`.
    pub(crate) name: String,
    pub(crate) text: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference")
}

impl Page {
    pub(crate) fn of(name: &str) -> Self {
        let path = folder().join(format!("{name}.md"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { name: name.to_owned(), text }
    }

    pub(crate) fn all() -> Vec<Self> {
        let names = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        names.map(|name| Self::of(name.strip_suffix(".md").unwrap())).collect()
    }

    /// What follows this mark at the beginning of lines.
    pub(crate) fn headings(&self, mark: &str) -> Vec<String> {
        self.text.lines().filter_map(|line| line.strip_prefix(mark)).map(ToOwned::to_owned).collect()
    }

    /// The rows of every table whose first column has this name. Of the first cell only what is in code marks, if any.
    pub(crate) fn table(&self, header: &str) -> impl Iterator<Item = Vec<String>> {
        let mut rows = Vec::new();
        // The first cell of the table that this line is in.
        let mut table = None;
        for line in self.text.lines() {
            let Some(line) = line.strip_prefix('|') else {
                table = None;
                continue;
            };
            let cells: Vec<_> = line.trim_end_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
            match &table {
                None => table = Some(cells[0].clone()),
                Some(first) if first == header && !line.starts_with("---") => rows.push(cells),
                Some(_) => {}
            }
        }
        rows.into_iter().map(|mut row| {
            if let Some(code) = codes(&row[0]).into_iter().next() {
                row[0] = code;
            }
            row
        })
    }

    /// Everything in code marks.
    pub(crate) fn codes(&self) -> Vec<String> {
        self.text.lines().flat_map(codes).collect()
    }

    /// Targets of links.
    pub(crate) fn links(&self) -> Vec<String> {
        let targets = self.text.split("](").skip(1);
        targets.map(|rest| rest.split(')').next().unwrap().to_owned()).collect()
    }

    /// Is there such a file, and such a heading in it?
    pub(crate) fn leads(&self, link: &str) -> bool {
        let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
        let path = if file.is_empty() { folder().join(format!("{}.md", self.name)) } else { folder().join(file) };
        if anchor.is_empty() {
            return path.exists();
        }
        let Ok(text) = fs::read_to_string(path) else { return false };
        text.lines().filter(|line| line.starts_with('#')).any(|line| anchor_of(line.trim_start_matches('#')) == anchor)
    }
}

/// A cell that is all code, without the marks.
pub(crate) fn plain(cell: &str) -> &str {
    cell.trim_matches('`')
}

/// What is in code marks in a line.
pub(crate) fn codes(line: &str) -> Vec<String> {
    line.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

/// As hosts of repositories make them.
fn anchor_of(heading: &str) -> String {
    let kept = heading.trim().to_lowercase().replace(' ', "-");
    kept.chars().filter(|character| character.is_alphanumeric() || "-_".contains(*character)).collect()
}
