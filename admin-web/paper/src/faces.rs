//! The fonts that are part of every paper: which glyph a letter has, and how wide a text is.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

use crate::error::PaperError;

/// Regular letters, with those of Kazakh.
const REGULAR: &[u8] = include_bytes!("../fonts/NotoSans-Regular.ttf");

/// The same letters in bold.
const BOLD: &[u8] = include_bytes!("../fonts/NotoSans-Bold.ttf");

/// Stands for a letter that the fonts do not have: a name with one is seen to miss it.
const ABSENT: char = '\u{fffd}';

/// How heavy letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// Both fonts, ready to be measured.
pub(crate) struct Faces {
    regular: Face,
    bold: Face,
}

struct Face {
    font: Font,
    read: FontRef<'static>,
}

impl Face {
    fn new(bytes: &'static [u8]) -> Result<Self, PaperError> {
        let damaged = PaperError::Damaged { what: "a font" };
        let font = Font::new(bytes.into(), 0).ok_or(damaged)?;
        let read = FontRef::new(bytes).map_err(|_| PaperError::Damaged { what: "a font" })?;
        Ok(Self { font, read })
    }

    fn has(&self, letter: char) -> bool {
        self.read.charmap().map(letter).is_some_and(|glyph| glyph.to_u32() != 0)
    }

    /// Glyph and width, in parts of the font's size.
    fn glyph(&self, letter: char) -> (u32, f32) {
        let glyph = self.read.charmap().map(letter).unwrap_or_default();
        let metrics = self.read.glyph_metrics(Size::unscaled(), LocationRef::default());
        (glyph.to_u32(), metrics.advance_width(glyph).unwrap_or_default() / self.font.units_per_em())
    }
}

impl Faces {
    pub(crate) fn new() -> Result<Self, PaperError> {
        Ok(Self { regular: Face::new(REGULAR)?, bold: Face::new(BOLD)? })
    }

    fn face(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    pub(crate) fn font(&self, weight: Weight) -> Font {
        self.face(weight).font.clone()
    }

    /// A text with nothing in it but letters that can be drawn: what moves a cursor is a space, what is only a hint is left
    /// out.
    pub(crate) fn drawable(&self, text: &str) -> String {
        let drawn = |letter: char| match letter {
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => None,
            letter if letter.is_control() || letter.is_whitespace() && letter != '\u{a0}' => Some(' '),
            letter if self.regular.has(letter) && self.bold.has(letter) => Some(letter),
            _ => Some(ABSENT),
        };
        text.chars().filter_map(drawn).collect()
    }

    /// How wide a text is in a size, in points.
    pub(crate) fn width(&self, weight: Weight, size: f32, text: &str) -> f32 {
        let face = self.face(weight);
        text.chars().map(|letter| face.glyph(letter).1 * size).sum()
    }

    /// The glyphs of a line.
    pub(crate) fn glyphs(&self, weight: Weight, text: &str) -> Vec<KrillaGlyph> {
        let face = self.face(weight);
        let glyph = |(at, letter): (usize, char)| {
            let (id, width) = face.glyph(letter);
            let range = at..at.saturating_add(letter.len_utf8());
            KrillaGlyph::new(GlyphId::new(id), width, 0.0, 0.0, 0.0, range, None)
        };
        text.char_indices().map(glyph).collect()
    }
}
