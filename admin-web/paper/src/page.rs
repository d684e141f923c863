//! A page: how large it is, and what is drawn where. Points, from the upper left corner.

use crate::faces::Weight;

/// A4 is 210 by 297 mm.
pub(crate) const PAGE_WIDTH: f32 = 595.28;
pub(crate) const PAGE_HEIGHT: f32 = 841.89;

/// Wide enough for a binder.
pub(crate) const MARGIN_LEFT: f32 = 62.0;
pub(crate) const MARGIN_RIGHT: f32 = 42.0;
/// The mark of a sample stands above it.
pub(crate) const MARGIN_TOP: f32 = 62.0;
/// The number of the page stands below it.
pub(crate) const MARGIN_BOTTOM: f32 = 58.0;

/// From margin to margin.
pub(crate) const TEXT_WIDTH: f32 = PAGE_WIDTH - MARGIN_LEFT - MARGIN_RIGHT;
/// Where text ends below.
pub(crate) const TEXT_BOTTOM: f32 = PAGE_HEIGHT - MARGIN_BOTTOM;

/// How dark something is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Black,
    Grey,
}

/// Something that is drawn on a page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    /// A line of text by its baseline.
    Text { x: f32, baseline: f32, size: f32, weight: Weight, ink: Ink, text: String },
    /// Filled rectangles: left, top, width, height.
    Boxes { ink: Ink, boxes: Vec<[f32; 4]> },
}

pub(crate) type Page = Vec<Item>;
