//! One font, with the glyphs that a form needs of it.

use krilla::text::Font;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, MetadataProvider};
use std::collections::{BTreeSet, HashMap};

/// A glyph of a typeface.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyph {
    pub(super) id: u32,
    /// In units of the size.
    pub(super) advance: f32,
}

/// A font to put into the document.
pub(super) struct Typeface {
    pub(super) font: Font,
    glyphs: HashMap<char, Glyph>,
}

impl Typeface {
    /// The face `index` of a font file, with those of the characters that it has. `None` when it can't be used.
    pub(super) fn new(data: &[u8], index: u32, wanted: &BTreeSet<char>) -> Option<Self> {
        let face = FontRef::from_index(data, index).ok()?;
        let glyphs: HashMap<char, Glyph> =
            wanted.iter().filter_map(|character| Some((*character, glyph(&face, *character)?))).collect();
        if glyphs.is_empty() {
            return None;
        }
        Some(Self { font: Font::new(data.to_vec().into(), index)?, glyphs })
    }

    pub(super) fn has(&self, character: char) -> bool {
        self.glyphs.contains_key(&character)
    }

    pub(super) fn glyph(&self, character: char) -> Option<Glyph> {
        self.glyphs.get(&character).copied()
    }
}

/// The glyph of a character, if it shows anything: some fonts have empty glyphs for what they don't draw.
fn glyph(face: &FontRef<'_>, character: char) -> Option<Glyph> {
    let id = face.charmap().map(character).filter(|id| id.to_u32() != 0)?;
    let units = f32::from(face.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
    let advance = face.glyph_metrics(Size::unscaled(), LocationRef::default()).advance_width(id)? / units;
    if !character.is_whitespace() {
        let mut ink = Ink(false);
        let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
        face.outline_glyphs().get(id)?.draw(settings, &mut ink).ok()?;
        if !ink.0 {
            return None;
        }
    }
    advance.is_finite().then_some(Glyph { id: id.to_u32(), advance })
}

/// Does an outline draw anything?
struct Ink(bool);

impl OutlinePen for Ink {
    fn move_to(&mut self, _: f32, _: f32) {}

    fn line_to(&mut self, _: f32, _: f32) {
        self.0 = true;
    }

    fn quad_to(&mut self, _: f32, _: f32, _: f32, _: f32) {
        self.0 = true;
    }

    fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, _: f32, _: f32) {
        self.0 = true;
    }

    fn close(&mut self) {}
}
