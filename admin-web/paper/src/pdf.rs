//! Pages as PDF/A-2u.

use krilla::color::rgb;
use krilla::configure::{Configuration, Validator};
use krilla::error::KrillaError;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::{Document, SerializeSettings};
use time::Date;

use ofd_edge::Language;

use crate::error::PaperError;
use crate::faces::Faces;
use crate::page::{Ink, Item, PAGE_HEIGHT, PAGE_WIDTH, Page};

/// What the file says of itself.
pub(crate) struct About {
    pub(crate) language: Language,
    pub(crate) title: String,
    pub(crate) author: String,
    pub(crate) date: Date,
}

/// The longest title or author: PDF/A bounds texts, and nobody reads more.
const ABOUT_LEN_MAX: usize = 500;

pub(crate) fn written(faces: &Faces, pages: &[Page], about: &About) -> Result<Vec<u8>, PaperError> {
    let configuration = Configuration::new_with_validator(Validator::A2_U);
    let mut document =
        Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    document.set_metadata(metadata(faces, about));
    for page in pages {
        let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT);
        let mut drawn = document.start_page_with(settings.ok_or(PaperError::Damaged { what: "the page" })?);
        let mut surface = drawn.surface();
        for item in page {
            draw(faces, &mut surface, item);
        }
        surface.finish();
        drawn.finish();
    }
    document.finish().map_err(|error| PaperError::Pdf { why: told(&error) })
}

/// Nothing of it is made up here: no clock, no id. The writer derives the file's id from its bytes.
fn metadata(faces: &Faces, about: &About) -> Metadata {
    let short = |text: &str| faces.drawable(text).chars().take(ABOUT_LEN_MAX).collect::<String>();
    let date = DateTime::new(u16::try_from(about.date.year()).unwrap_or_default());
    let date = date.month(u8::from(about.date.month())).day(about.date.day());
    Metadata::new()
        .title(short(&about.title))
        .authors(vec![short(&about.author)])
        .language(about.language.code().to_owned())
        .creation_date(date)
}

fn draw(faces: &Faces, surface: &mut Surface<'_>, item: &Item) {
    match item {
        Item::Text { x, baseline, size, weight, ink, text } => {
            surface.set_fill(Some(fill(*ink)));
            let (start, glyphs) = (Point::from_xy(*x, *baseline), faces.glyphs(*weight, text));
            surface.draw_glyphs(start, &glyphs, faces.font(*weight), text, *size, false);
        }
        Item::Boxes { ink, boxes } => {
            surface.set_fill(Some(fill(*ink)));
            let mut path = PathBuilder::new();
            for [x, y, width, height] in boxes {
                if let Some(rect) = Rect::from_xywh(*x, *y, *width, *height) {
                    path.push_rect(rect);
                }
            }
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
    }
}

fn fill(ink: Ink) -> Fill {
    let color = match ink {
        Ink::Black => rgb::Color::new(0, 0, 0),
        // Dark enough to be read on any printer.
        Ink::Grey => rgb::Color::new(85, 85, 85),
    };
    Fill { paint: color.into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

/// An error in words: what it is about may be long, and personal.
fn told(error: &KrillaError) -> String {
    match error {
        KrillaError::Font(_, why) => format!("a font cannot be embedded: {why}"),
        KrillaError::Validation(errors) => format!("{} rules of PDF/A-2u are not kept", errors.len()),
        KrillaError::DuplicateTagId(..) | KrillaError::UnknownTagId(..) => {
            "its structure is not in order".to_owned()
        }
    }
}
