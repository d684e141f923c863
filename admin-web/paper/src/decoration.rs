//! What stands on every page beside its text: the mark of a sample above, title and number below.

use ofd_edge::Language;

use crate::faces::{Faces, Weight};
use crate::page::{Ink, Item, MARGIN_LEFT, MARGIN_RIGHT, PAGE_HEIGHT, PAGE_WIDTH, Page};
use crate::words;

const SIZE_DECORATION: f32 = 8.0;
/// Baseline of the mark.
const MARK_AT: f32 = 38.0;
/// Baseline of title and number.
const FOOT_AT: f32 = PAGE_HEIGHT - 34.0;

/// Pages with the mark of a sample above and title and number below.
pub(crate) fn decorated(
    faces: &Faces,
    mut pages: Vec<Page>,
    language: Language,
    title: &str,
    is_sample: bool,
) -> Vec<Page> {
    let count = pages.len();
    let right = PAGE_WIDTH - MARGIN_RIGHT;
    let title = faces.drawable(title);
    for (at, page) in pages.iter_mut().enumerate() {
        let text = |x, baseline, weight, text| Item::Text {
            x,
            baseline,
            size: SIZE_DECORATION,
            weight,
            ink: Ink::Grey,
            text,
        };
        let number = format!("{} / {count}", at.saturating_add(1));
        let number_at = right - faces.width(Weight::Regular, SIZE_DECORATION, &number);
        let mut short = title.clone();
        while !short.is_empty()
            && MARGIN_LEFT + faces.width(Weight::Regular, SIZE_DECORATION, &short)
                > number_at - SIZE_DECORATION
        {
            short.pop();
        }
        page.push(text(MARGIN_LEFT, FOOT_AT, Weight::Regular, short));
        page.push(text(number_at, FOOT_AT, Weight::Regular, number));
        if is_sample {
            let mark = words::sample(language).to_owned();
            let width = faces.width(Weight::Bold, SIZE_DECORATION, &mark);
            page.push(text(MARGIN_LEFT.max((PAGE_WIDTH - width) / 2.0), MARK_AT, Weight::Bold, mark));
        }
    }
    pages
}
