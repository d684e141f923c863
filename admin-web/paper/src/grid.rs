//! Tables with lines between all cells, as documents of money have them.

/// A column of a grid.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    /// What it is called.
    pub(crate) title: String,
    /// Its share of the width.
    pub(crate) share: f32,
    /// Whether its texts end at its right edge, as sums do.
    pub(crate) is_right: bool,
}

impl Column {
    /// A column of texts.
    pub(crate) fn left(title: &str, share: f32) -> Self {
        Self { title: title.to_owned(), share, is_right: false }
    }

    /// A column of numbers.
    pub(crate) fn right(title: &str, share: f32) -> Self {
        Self { title: title.to_owned(), share, is_right: true }
    }
}

/// A table with lines between all cells; the head is repeated on every page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grid {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<String>>,
    /// Rows below, in bold.
    pub(crate) totals: Vec<Vec<String>>,
}
