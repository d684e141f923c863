//! Tables with lines between all cells, as documents of money have them, and places to sign beside each other.

use super::{CELL_INDENT, Cell, Flow, LEADING, Look, PLAIN, SIZE_SMALL, height};
use crate::error::PaperError;
use crate::faces::Weight;
use crate::page::{MARGIN_LEFT, TEXT_WIDTH};

/// The letters of a table of money: sums of eight columns stand beside each other.
const SIZE_GRID: f32 = 7.8;

/// Between both sides of a pair.
const PAIR_GAP: f32 = 16.0;

/// Above each line of a side, which is signed on.
const PAIR_SPACE: f32 = 9.0;

/// A column of a grid.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    /// What it is called.
    title: String,
    /// Its share of the width.
    share: f32,
    /// Whether its texts end at its right edge, as sums do.
    is_right: bool,
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

impl Flow<'_> {
    pub(super) fn grid(&mut self, grid: &Grid) -> Result<(), PaperError> {
        let look = Look { size: SIZE_GRID, ..PLAIN };
        let bold = Look { weight: Weight::Bold, ..look };
        let whole: f32 = grid.columns.iter().map(|column| column.share).sum();
        let mut edges = vec![MARGIN_LEFT];
        let mut x = MARGIN_LEFT;
        for column in &grid.columns {
            x += TEXT_WIDTH * column.share / whole.max(f32::EPSILON);
            edges.push(x);
        }
        let places: Vec<(f32, f32)> =
            edges.iter().zip(edges.iter().skip(1)).map(|(left, right)| (*left, right - left)).collect();
        let cells = |flow: &Self, texts: &[String], look: Look, is_head: bool| -> Vec<Cell> {
            let of = texts.iter().zip(&places).zip(&grid.columns);
            of.map(|((text, (x, width)), column)| {
                let cell = flow.cell(text, *x, *width, look);
                let right = (column.is_right && !is_head).then_some(x + width - CELL_INDENT);
                Cell { right, ..cell }
            })
            .collect()
        };
        let titles: Vec<String> = grid.columns.iter().map(|column| column.title.clone()).collect();
        let head = cells(self, &titles, bold, true);
        // The head never stands alone at the foot of a page.
        self.need(height(&head, 0) + 2.0 * SIZE_SMALL * LEADING)?;
        self.edges = edges;
        self.head(&head);
        for row in &grid.rows {
            let row = cells(self, row, look, false);
            self.row(row, &head)?;
        }
        for total in &grid.totals {
            let total = cells(self, total, bold, false);
            self.row(total, &head)?;
        }
        self.edges = Vec::new();
        Ok(())
    }

    /// Lines of two sides beside each other, on one page.
    pub(super) fn pair(&mut self, left: &[String], right: &[String]) -> Result<(), PaperError> {
        let look = Look { size: SIZE_SMALL, ..PLAIN };
        let width = (TEXT_WIDTH - PAIR_GAP) / 2.0;
        let broken = |side: &[String]| -> Vec<Vec<String>> {
            side.iter().map(|line| super::broken(self.faces, line, width, look)).collect()
        };
        let sides = [(MARGIN_LEFT, broken(left)), (MARGIN_LEFT + width + PAIR_GAP, broken(right))];
        let tall = |side: &[Vec<String>]| -> f32 {
            side.iter()
                .map(|lines| lines.iter().map(|_| SIZE_SMALL * LEADING).sum::<f32>() + PAIR_SPACE)
                .sum()
        };
        let whole = sides.iter().map(|(_, side)| tall(side)).fold(0.0, f32::max);
        self.need(whole)?;
        let top = self.y;
        for (x, side) in sides {
            let mut y = top;
            for lines in side {
                y += PAIR_SPACE;
                for line in lines {
                    self.put(x, y, look, &line);
                    y += SIZE_SMALL * LEADING;
                }
            }
        }
        self.y = top + whole;
        Ok(())
    }
}
