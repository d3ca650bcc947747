//! Numbers of the menu's lines. A line keeps its number while it is there, and a number is never given again: a click on
//! a menu that has changed meanwhile does what was read, or nothing.

use super::model::{Entry, EntryKind};
use crate::desktop::actions::Action;
use std::collections::HashMap;

/// The numbers in use.
#[derive(Debug, Default)]
pub(super) struct Ids {
    by_name: HashMap<String, i32>,
    last: i32,
}

/// A line with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) id: i32,
    pub(super) label: String,
    pub(super) kind: LineKind,
}

/// What a line is; see [`EntryKind`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LineKind {
    Button(Action),
    Text,
    Separator,
    Menu(Vec<Line>),
}

impl Ids {
    /// Numbers a menu, and forgets the lines that are not in it. 0 is the menu itself.
    pub(super) fn number(&mut self, menu: &[Entry]) -> Vec<Line> {
        let mut used = HashMap::new();
        let lines = self.lines(menu, &mut used);
        self.by_name = used;
        lines
    }

    fn lines(&mut self, entries: &[Entry], used: &mut HashMap<String, i32>) -> Vec<Line> {
        let mut lines = Vec::with_capacity(entries.len());
        for entry in entries {
            let id = match self.by_name.get(&entry.name) {
                // Two lines of one name would share what they do.
                Some(id) if !used.contains_key(&entry.name) => *id,
                _ => {
                    self.last += 1;
                    self.last
                }
            };
            used.insert(entry.name.clone(), id);
            let kind = match &entry.kind {
                EntryKind::Button(action) => LineKind::Button(action.clone()),
                EntryKind::Text => LineKind::Text,
                EntryKind::Separator => LineKind::Separator,
                EntryKind::Menu(inner) => LineKind::Menu(self.lines(inner, used)),
            };
            lines.push(Line { id, label: entry.label.clone(), kind });
        }
        lines
    }
}

/// The line with this number.
pub(super) fn find(lines: &[Line], id: i32) -> Option<&Line> {
    lines.iter().find_map(|line| match &line.kind {
        _ if line.id == id => Some(line),
        LineKind::Menu(inner) => find(inner, id),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn button(name: &str) -> Entry {
        let kind = EntryKind::Button(Action::CopyBinding(name.to_owned()));
        Entry { name: name.to_owned(), label: name.to_owned(), kind }
    }

    fn ids_of(lines: &[Line]) -> Vec<i32> {
        lines.iter().map(|line| line.id).collect()
    }

    #[test]
    fn a_line_keeps_its_number_and_a_number_is_never_given_again() {
        let mut ids = Ids::default();
        assert_eq!(ids_of(&ids.number(&[button("a"), button("b")])), [1, 2]);
        let lines = ids.number(&[button("c"), button("b")]);
        assert_eq!(ids_of(&lines), [3, 2]);
        assert_eq!(find(&lines, 1), None);
        assert_eq!(ids_of(&ids.number(&[button("a"), button("c")])), [4, 3]);
    }

    #[test]
    fn lines_of_one_name_have_numbers_of_their_own() {
        let lines = Ids::default().number(&[button("a"), button("a")]);
        assert_eq!(ids_of(&lines), [1, 2]);
    }

    #[test]
    fn lines_inside_are_found() {
        let inner = Entry { name: "m".to_owned(), label: String::new(), kind: EntryKind::Menu(vec![button("a")]) };
        let lines = Ids::default().number(&[inner, button("b")]);
        assert_eq!(find(&lines, 2).unwrap().label, "a");
        assert_eq!(find(&lines, 3).unwrap().label, "b");
        assert_eq!(find(&lines, 0), None);
    }
}
