//! Drawing on one page: text, lines, boxes. Coordinates are points from the top left corner.

use super::fit::{Fitted, LEADING, fit};
use super::typeface::{Glyph, Typeface};
use krilla::color::luma;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::paint::{Fill, LineCap, Stroke};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};

/// Height of a Chinese character above the base line, in units of the size.
const ASCENT: f32 = 0.86;

/// What stands in the text of a page for a tick, which is drawn; every Chinese font has it.
pub(super) const TICK: &str = "√";

/// A rectangle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

impl Area {
    pub(super) fn new(left: f32, top: f32, width: f32, height: f32) -> Self {
        Self { left, top, width, height }
    }

    pub(super) fn right(self) -> f32 {
        self.left + self.width
    }

    pub(super) fn bottom(self) -> f32 {
        self.top + self.height
    }

    /// Without this much at the left and right.
    pub(super) fn padded(self, padding: f32) -> Self {
        Self { left: self.left + padding, width: self.width - 2.0 * padding, ..self }
    }
}

/// A page with the typefaces for what is drawn on it.
pub(super) struct Canvas<'a, 'b> {
    surface: &'a mut Surface<'b>,
    typefaces: &'a [Typeface],
}

impl<'a, 'b> Canvas<'a, 'b> {
    pub(super) fn new(surface: &'a mut Surface<'b>, typefaces: &'a [Typeface]) -> Self {
        Self { surface, typefaces }
    }

    fn find(&self, character: char) -> Option<(usize, Glyph)> {
        self.typefaces.iter().enumerate().find_map(|(place, typeface)| Some((place, typeface.glyph(character)?)))
    }

    fn advance(&self, character: char) -> f32 {
        self.find(character).map_or(0.0, |(_, glyph)| glyph.advance)
    }

    /// Width of a text in points.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|character| self.advance(character)).sum::<f32>() * size
    }

    /// Draws a text from `left` on its base line.
    pub(super) fn text(&mut self, place: (f32, f32), size: f32, text: &str) {
        self.draw_text(place, size, text, Fill::default());
    }

    fn draw_text(&mut self, (left, base): (f32, f32), size: f32, text: &str, fill: Fill) {
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(fill));
        let mut left = left;
        for (typeface, run) in self.runs(text) {
            let glyphs: Vec<KrillaGlyph> = run
                .char_indices()
                .filter_map(|(place, character)| {
                    let glyph = self.typefaces[typeface].glyph(character)?;
                    let range = place..place + character.len_utf8();
                    Some(KrillaGlyph::new(GlyphId::new(glyph.id), glyph.advance, 0.0, 0.0, 0.0, range, None))
                })
                .collect();
            let font = self.typefaces[typeface].font.clone();
            self.surface.draw_glyphs(Point::from_xy(left, base), &glyphs, font, run, size, false);
            left += glyphs.iter().map(|glyph| glyph.x_advance).sum::<f32>() * size;
        }
    }

    /// The text in pieces of one typeface each.
    fn runs<'t>(&self, text: &'t str) -> Vec<(usize, &'t str)> {
        let mut runs: Vec<(usize, &str)> = Vec::new();
        let mut start = 0;
        for (place, character) in text.char_indices() {
            let typeface = self.find(character).map_or(0, |(typeface, _)| typeface);
            match runs.last_mut() {
                Some((last, run)) if *last == typeface => *run = &text[start..place + character.len_utf8()],
                _ => {
                    start = place;
                    runs.push((typeface, &text[place..place + character.len_utf8()]));
                }
            }
        }
        runs
    }

    /// Draws a text in the middle of an area.
    pub(super) fn centred(&mut self, area: Area, size: f32, text: &str) {
        let left = area.left + (area.width - self.width(text, size)) / 2.0;
        self.text((left, middle(area, size)), size, text);
    }

    /// Draws a text at the left of an area, in the middle of its height.
    pub(super) fn beside(&mut self, area: Area, size: f32, text: &str) {
        self.text((area.left, middle(area, size)), size, text);
    }

    /// Draws a text into an area as large as it goes, between two sizes.
    pub(super) fn fitted(&mut self, area: Area, sizes: (f32, f32), text: &str) {
        let Fitted { size, lines } = fit(text, (area.width, area.height), sizes, |character| self.advance(character));
        let height = (lines.len() - 1) as f32 * LEADING * size + size;
        let mut base = area.top + (area.height - height) / 2.0 + ASCENT * size;
        for line in lines {
            self.text((area.left, base), size, &line);
            base += LEADING * size;
        }
    }

    /// Draws lines of text from the top of an area.
    pub(super) fn lines(&mut self, area: Area, size: f32, leading: f32, lines: &[&str]) {
        let mut base = area.top + ASCENT * size;
        for line in lines {
            self.text((area.left, base), size, line);
            base += leading;
        }
    }

    /// Draws the outline of an area.
    pub(super) fn frame(&mut self, area: Area, width: f32) {
        let mut path = PathBuilder::new();
        if let Some(rect) = Rect::from_xywh(area.left, area.top, area.width, area.height) {
            path.push_rect(rect);
        }
        self.stroke(path, width);
    }

    /// Draws a line.
    pub(super) fn line(&mut self, from: (f32, f32), to: (f32, f32), width: f32) {
        self.polyline(&[from, to], width);
    }

    /// A box to tick, ticked or not, before what is at `left`; gives where the words begin. Drawn, since few fonts
    /// have such characters.
    pub(super) fn tick_box(&mut self, (left, base): (f32, f32), size: f32, ticked: bool) -> f32 {
        let side = size * 0.9;
        if ticked {
            // White, and under the tick: for who reads or searches the text.
            let unseen = Fill { paint: luma::Color::white().into(), ..Fill::default() };
            self.draw_text((left, base), size * 0.5, TICK, unseen);
        }
        self.frame(Area::new(left, base - side * 0.92, side, side), 0.7);
        if ticked {
            let at = |x: f32, y: f32| (left + side * x, base - side * 0.92 + side * y);
            self.polyline(&[at(0.14, 0.5), at(0.42, 0.82), at(0.98, -0.12)], 1.5);
        }
        left + side + size * 0.3
    }

    fn polyline(&mut self, points: &[(f32, f32)], width: f32) {
        let mut path = PathBuilder::new();
        for (place, (x, y)) in points.iter().enumerate() {
            if place == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
        }
        self.stroke(path, width);
    }

    fn stroke(&mut self, path: PathBuilder, width: f32) {
        let Some(path) = path.finish() else { return };
        self.surface.set_fill(None);
        let paint = luma::Color::black().into();
        self.surface.set_stroke(Some(Stroke { paint, width, line_cap: LineCap::Round, ..Stroke::default() }));
        self.surface.draw_path(&path);
    }
}

/// Base line of a text in the middle of an area's height.
fn middle(area: Area, size: f32) -> f32 {
    area.top + (area.height - size) / 2.0 + ASCENT * size
}
