//! Text in a box: first smaller, then on more lines, at last cut, and never over the edge.

/// Distance of two lines, in units of the size.
pub(super) const LEADING: f32 = 1.25;
/// What stands where a text was cut.
const ELLIPSIS: char = '…';
/// Sizes are tried in these steps, in points.
const STEP: f32 = 0.5;

/// Text as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fitted {
    pub(super) size: f32,
    pub(super) lines: Vec<String>,
}

/// The largest size from `largest` down to `smallest` in which `text` goes into `width` by `height` points. `measure`
/// is the width of a character in units of the size.
pub(super) fn fit(
    text: &str,
    (width, height): (f32, f32),
    (largest, smallest): (f32, f32),
    measure: impl Fn(char) -> f32,
) -> Fitted {
    let mut size = largest;
    loop {
        let lines = lines(text, width / size, &measure);
        // The last line needs no distance to a next one.
        let room = ((height / size - 1.0) / LEADING).floor().max(0.0) + 1.0;
        if lines.len() as f32 <= room {
            return Fitted { size, lines };
        }
        if size <= smallest {
            return Fitted { size, lines: cut(lines, room as usize, width / size, &measure) };
        }
        size = (size - STEP).max(smallest);
    }
}

/// `text` in lines of at most `width`. Words of letters and digits stay whole where they fit.
fn lines(text: &str, width: f32, measure: &impl Fn(char) -> f32) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0.0;
    for word in words(text) {
        let length: f32 = word.trim_end().chars().map(measure).sum();
        if used > 0.0 && used + length > width {
            lines.push(String::new());
            used = 0.0;
        }
        for character in word.chars() {
            let advance = measure(character);
            if used > 0.0 && used + advance > width {
                // A space at the end needs no place.
                if character.is_whitespace() {
                    continue;
                }
                lines.push(String::new());
                used = 0.0;
            }
            used += advance;
            let last = lines.len() - 1;
            lines[last].push(character);
        }
    }
    lines
}

/// Words with the spaces after them; each Chinese character is a word.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (place, character) in text.char_indices() {
        if before
            .is_some_and(|before| !(before.is_ascii_graphic() && (character.is_ascii_graphic() || character == ' ')))
        {
            words.push(&text[start..place]);
            start = place;
        }
        before = Some(character);
    }
    words.push(&text[start..]);
    words
}

fn cut(mut lines: Vec<String>, most: usize, width: f32, measure: &impl Fn(char) -> f32) -> Vec<String> {
    lines.truncate(most);
    if let Some(last) = lines.last_mut() {
        while last.chars().map(measure).sum::<f32>() + measure(ELLIPSIS) > width && last.pop().is_some() {}
        last.push(ELLIPSIS);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{ProptestConfig, any, proptest};

    /// Chinese as wide as high, Latin half as wide, and one that is wider than a narrow box.
    fn measure(character: char) -> f32 {
        match character {
            '﷽' => 9.0,
            ascii if ascii.is_ascii() => 0.5,
            _ => 1.0,
        }
    }

    #[test]
    fn a_short_text_stays_large_and_a_longer_one_shrinks_onto_lines() {
        let fitted = |text: &str| fit(text, (100.0, 30.0), (10.0, 6.0), measure);
        assert_eq!(fitted("县人民医院"), Fitted { size: 10.0, lines: vec!["县人民医院".to_owned()] });
        let long = fitted(&"院".repeat(20));
        assert_eq!((long.size, long.lines.len()), (10.0, 2));
        let longer = fitted(&"院".repeat(33));
        assert!(longer.size < 10.0 && longer.lines.concat().chars().count() == 33, "{longer:?}");
        let endless = fitted(&"院".repeat(1000));
        assert_eq!(endless.size, 6.0);
        assert!(endless.lines.last().unwrap().ends_with('…'));
    }

    #[test]
    fn words_stay_whole_where_they_can() {
        assert_eq!(
            lines("Yunnan First Hospital", 6.0, &measure),
            ["Yunnan First", " Hospital"].map(str::trim).map(str::to_owned)
        );
        assert_eq!(lines("abcdefgh", 2.0, &measure), ["abcd", "efgh"]);
        assert_eq!(lines("第A1院", 2.0, &measure), ["第A1", "院"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn nothing_goes_over_the_edge(text in any::<String>(), width in 20.0_f32..400.0, height in 8.0_f32..60.0) {
            let fitted = fit(&text, (width, height), (11.0, 6.0), measure);
            let widest = fitted.lines.iter().map(|line| line.trim_end().chars().map(measure).sum::<f32>());
            assert!(widest.fold(0.0, f32::max) * fitted.size <= width.max(9.0 * fitted.size) + 0.01);
            assert!((1.0 + (fitted.lines.len() - 1) as f32 * LEADING) * fitted.size <= height.max(fitted.size) + 0.01);
        }
    }
}
