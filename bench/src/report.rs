//! Tables in Markdown.

use std::fmt::Write;

/// What a run has found.
#[derive(Debug, Default)]
pub(crate) struct Report {
    text: String,
}

impl Report {
    /// A section, with what has to be known to read it.
    pub(crate) fn section(&mut self, title: &str, about: &str) {
        eprintln!("{title}");
        write!(self.text, "\n## {title}\n\n{about}\n").unwrap();
    }

    /// A table.
    pub(crate) fn table(&mut self, header: &[&str], rows: &[Vec<String>]) {
        write!(self.text, "\n| {} |\n|{}\n", header.join(" | "), "---|".repeat(header.len())).unwrap();
        for row in rows {
            writeln!(self.text, "| {} |", row.join(" | ")).unwrap();
            eprintln!("  {}", row.join(" | "));
        }
    }

    /// A plot that lies beside the report.
    pub(crate) fn plot(&mut self, file: &str, about: &str) {
        write!(self.text, "\n![{about}]({file})\n").unwrap();
    }

    /// A sentence.
    pub(crate) fn say(&mut self, sentence: &str) {
        eprintln!("  {sentence}");
        write!(self.text, "\n{sentence}\n").unwrap();
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// Nanoseconds for people.
pub(crate) fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        short if short < 1e6 => format!("{:.0} µs", short / 1e3),
        middle if middle < 1e9 => format!("{:.2} ms", middle / 1e6),
        long => format!("{:.2} s", long / 1e9),
    }
}

/// A ratio.
pub(crate) fn ratio(value: f64) -> String {
    format!("{value:.2}")
}

/// The middle one.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
