//! Tables for a terminal: columns aligned by display width, so that Chinese text lines up.

use crate::style::{Paint, Style};
use unicode_width::UnicodeWidthStr;

/// Spaces between two columns.
const GAP: &str = "  ";

/// One field of a table.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// A field in this style.
    pub(crate) fn styled(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }

    fn width(&self) -> usize {
        self.text.width()
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::styled(text, Style::Plain)
    }
}

/// A table: the header first, then rows.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table with these column titles.
    pub(crate) fn new(titles: impl IntoIterator<Item = String>) -> Self {
        Self { rows: vec![titles.into_iter().map(|title| Cell::styled(title, Style::Title)).collect()] }
    }

    /// A table without titles, as for `name  value` lists.
    pub(crate) fn untitled() -> Self {
        Self { rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, row: impl IntoIterator<Item = Cell>) {
        self.rows.push(row.into_iter().collect());
    }

    /// The lines, each ended by a newline; `indent` spaces before each.
    pub(crate) fn render(&self, paint: Paint, indent: usize) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|column| self.rows.iter().filter_map(|row| row.get(column)).map(Cell::width).max().unwrap_or(0))
            .collect();
        let mut lines = String::new();
        for row in &self.rows {
            // Padding waits for the next field with text, so that no line ends in spaces.
            let mut padding = " ".repeat(indent);
            for (cell, width) in row.iter().zip(&widths) {
                if !cell.text.is_empty() {
                    lines.push_str(&padding);
                    lines.push_str(&paint.apply(cell.style, &cell.text));
                    padding.clear();
                }
                padding.push_str(&" ".repeat(width - cell.width()));
                padding.push_str(GAP);
            }
            lines.push('\n');
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_columns_line_up() {
        let mut table = Table::new(["名称".to_owned(), "Key".to_owned()]);
        table.push(["县人民医院".into(), "A1".into()]);
        table.push(["abc".into(), "B2".into()]);
        let text = table.render(Paint::Off, 0);
        assert_eq!(text, "名称        Key\n县人民医院  A1\nabc         B2\n");
        for line in text.lines() {
            let second = line.rsplit("  ").next().unwrap();
            assert_eq!(line.strip_suffix(second).unwrap().width(), 12);
        }
    }

    #[test]
    fn no_line_ends_in_spaces() {
        let mut table = Table::untitled();
        table.push(["a".into(), "".into()]);
        table.push(["".into(), "b".into()]);
        assert_eq!(table.render(Paint::Off, 2), "  a\n     b\n");
    }

    #[test]
    fn colour_does_not_move_columns() {
        let mut table = Table::untitled();
        table.push([Cell::styled("bad", Style::Bad), "x".into()]);
        table.push(["longer".into(), "y".into()]);
        assert_eq!(table.render(Paint::On, 0), "\u{1b}[31mbad\u{1b}[0m     x\nlonger  y\n");
    }
}
