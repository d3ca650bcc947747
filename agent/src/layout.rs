//! Lines that every pinentry can show: Qt and curses break none by themselves, and push the buttons off the screen.

/// Longest line, in columns of a terminal; also about what a GTK dialog shows before it breaks lines itself.
const COLUMNS: usize = 56;
/// Start of a continued line: no-break spaces, for curses drops plain ones. No other line begins so, hence no part of a
/// text can pose as a line of the dialog.
const INDENT: &str = "\u{a0}\u{a0}\u{a0}\u{a0}";
/// Characters that don't begin a line in Chinese (GB/T 15834).
const NOT_FIRST: &str = "，。、；：？！）》”’…,.;:?!)";

/// Breaks a line into lines of at most [`COLUMNS`] columns, joined by line feeds, all but the first indented.
pub(crate) fn wrap(line: &str) -> String {
    let mut wrapped = String::with_capacity(line.len() + 16);
    let mut rest = line;
    let mut room = COLUMNS;
    while let Some(end) = break_point(rest, room) {
        wrapped.push_str(rest[..end].trim_end());
        wrapped.push('\n');
        wrapped.push_str(INDENT);
        rest = rest[end..].trim_start();
        room = COLUMNS - INDENT.chars().count();
    }
    wrapped.push_str(rest);
    wrapped
}

/// Joins the lines of a dialog's text for a place that breaks lines itself: the first paragraph, which is the
/// catalogue's and broken there, and every line that [`wrap`] broke.
#[cfg(feature = "desktop")]
pub(crate) fn unwrap_lines(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut in_first = true;
    for (number, line) in text.split('\n').enumerate() {
        in_first &= !line.is_empty();
        let (rest, continued) = match line.strip_prefix(INDENT) {
            Some(rest) => (rest, true),
            None => (line, in_first && number > 0),
        };
        if continued {
            // Between words the break took a space.
            if joined.chars().last().is_some_and(|last| columns(last) == 1) {
                joined.push(' ');
            }
        } else if number > 0 {
            joined.push('\n');
        }
        joined.push_str(rest);
    }
    joined
}

/// Byte offset at which a line that is longer than `room` columns is broken; `None` when it fits.
fn break_point(line: &str, room: usize) -> Option<usize> {
    let (mut used, mut good, mut last) = (0, None, None);
    let mut previous = None;
    for (offset, character) in line.char_indices() {
        if used >= room / 2 && previous.is_some_and(|previous| breaks_between(previous, character)) {
            good = Some(offset);
        }
        used += columns(character);
        if used > room {
            // A word that fills half the line is cut; a first character is always taken, so that this ends.
            return good.or(last).or(Some(offset + character.len_utf8()));
        }
        last = Some(offset).filter(|offset| *offset > 0);
        previous = Some(character);
    }
    None
}

fn breaks_between(before: char, after: char) -> bool {
    let wide = columns(before) == 2 || columns(after) == 2;
    (before == ' ' || wide) && !NOT_FIRST.contains(after) && !"（《“(".contains(before)
}

/// Columns of a terminal that a character takes: two from Hangul Jamo on, where the East Asian blocks are. Narrow ones
/// beyond only make a line shorter than it could be.
fn columns(character: char) -> usize {
    if character >= '\u{1100}' && !('\u{2000}'..'\u{2e80}').contains(&character) { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn chinese_breaks_between_characters_and_english_between_words() {
        let chinese = wrap(&format!("用途：{}。", "药".repeat(26)));
        assert_eq!(chinese, format!("用途：{}\n{INDENT}药。", "药".repeat(25)));
        let english = wrap("order ".repeat(12).trim_end());
        assert_eq!(english, format!("{}\n{INDENT}order order order", ["order"; 9].join(" ")));
        assert_eq!(wrap("short"), "short");
        assert_eq!(wrap(""), "");
    }

    #[test]
    #[cfg(feature = "desktop")]
    fn broken_lines_are_joined_again() {
        for line in ["order ".repeat(40).trim_end(), &format!("用途：{}。", "药".repeat(80)), "short", ""] {
            assert_eq!(unwrap_lines(&format!("first\n\n{}", wrap(line))), format!("first\n\n{line}"));
        }
        assert_eq!(
            unwrap_lines("请核对后按按钮，\n不同意就不要按。\n\nUKey：一\n单位：二"),
            "请核对后按按钮，不同意就不要按。\n\nUKey：一\n单位：二"
        );
        assert_eq!(unwrap_lines("to complete\nthe signature"), "to complete the signature");
    }

    proptest! {
        #[test]
        fn every_line_fits_and_nothing_but_spaces_is_lost(line in "[a-z 药，（）“%<]{0,300}") {
            let wrapped = wrap(&line);
            for (number, part) in wrapped.split('\n').enumerate() {
                prop_assert!(part.chars().map(columns).sum::<usize>() <= COLUMNS, "{part}");
                prop_assert!(number == 0 || part.starts_with(INDENT));
            }
            let bare = |text: &str| text.replace([' ', '\u{a0}', '\n'], "");
            prop_assert_eq!(bare(&wrapped), bare(&line));
        }
    }
}
