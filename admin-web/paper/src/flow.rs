//! Lays out blocks on pages: breaks lines and pages, repeats heads of tables. It knows no PDF.

use qrcode::{Color, EcLevel, QrCode};

use crate::error::PaperError;
use crate::faces::{Faces, Weight};
use crate::grid::Grid;
use crate::page::{Ink, Item, MARGIN_LEFT, MARGIN_TOP, Page, TEXT_BOTTOM, TEXT_WIDTH};

/// A paper of ours has a few pages, a list of everything an organisation has some hundred.
const PAGES_MAX: usize = 1000;

/// From baseline to baseline, in parts of the letters' size.
const LEADING: f32 = 1.36;

/// How far the letters reach above the baseline, in parts of their size.
const ASCENT: f32 = 1.02;

const SIZE: f32 = 10.0;
const SIZE_SMALL: f32 = 8.5;
const SIZE_TITLE: f32 = 14.0;
const SIZE_HEADING: f32 = 11.0;

/// The letters of a table of money: sums of eight columns stand beside each other.
const SIZE_GRID: f32 = 7.8;
/// Between both sides of a pair.
const PAIR_GAP: f32 = 16.0;
/// Above each line of a side, which is signed on.
const PAIR_SPACE: f32 = 9.0;

/// Above and below the text of a cell.
const CELL_PADDING: f32 = 2.3;
/// Left and right of it.
const CELL_INDENT: f32 = 5.0;
/// How thick the lines of tables are.
const RULE: f32 = 0.5;
/// The share of labels in a table of labels and values.
const LABEL_SHARE: f32 = 0.36;
/// Where the text of a clause begins, behind its number.
const CLAUSE_INDENT: f32 = 34.0;
/// The side of a QR code with its light border: 25 mm.
const QR_SIDE: f32 = 71.0;
/// Light modules around the code that readers need (ISO/IEC 18004).
const QR_QUIET: usize = 4;

/// What stands on a paper, in order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Block {
    Title(String),
    Heading(String),
    Paragraph(String),
    Centred(String),
    Clause {
        number: String,
        text: String,
    },
    /// Labels and values.
    Fields(Vec<(String, String)>),
    /// Columns with their share of the width; the head is repeated on every page.
    Table {
        columns: Vec<(String, f32)>,
        rows: Vec<Vec<String>>,
    },
    /// A table with lines between all cells.
    Grid(Grid),
    /// A paragraph in bold.
    Strong(String),
    /// Two sides beside each other, to be signed.
    Pair {
        left: Vec<String>,
        right: Vec<String>,
    },
    /// A QR code with a text beside it.
    Qr {
        content: String,
        text: String,
    },
}

/// How a cell looks.
#[derive(Clone, Copy)]
struct Look {
    size: f32,
    weight: Weight,
    ink: Ink,
}

const PLAIN: Look = Look { size: SIZE, weight: Weight::Regular, ink: Ink::Black };

/// A cell of a row, broken into lines.
struct Cell {
    x: f32,
    /// Where its lines end, where they do not begin at `x`.
    right: Option<f32>,
    look: Look,
    lines: Vec<String>,
}

struct Flow<'a> {
    faces: &'a Faces,
    done: Vec<Page>,
    page: Page,
    /// Where the next thing begins.
    y: f32,
    /// Between the columns of a grid; none elsewhere.
    edges: Vec<f32>,
}

/// Blocks as pages. There is at least one.
pub(crate) fn pages(faces: &Faces, blocks: &[Block]) -> Result<Vec<Page>, PaperError> {
    let mut flow = Flow { faces, done: Vec::new(), page: Page::new(), y: MARGIN_TOP, edges: Vec::new() };
    for block in blocks {
        flow.block(block)?;
    }
    let Flow { mut done, page, .. } = flow;
    done.push(page);
    Ok(done)
}

impl Flow<'_> {
    fn block(&mut self, block: &Block) -> Result<(), PaperError> {
        match block {
            Block::Title(text) => {
                let look = Look { size: SIZE_TITLE, weight: Weight::Bold, ink: Ink::Black };
                self.centred(text, look)?;
                self.space(6.0);
            }
            Block::Heading(text) => self.heading(text)?,
            Block::Paragraph(text) => {
                self.lines(text, MARGIN_LEFT, TEXT_WIDTH, PLAIN)?;
                self.space(5.0);
            }
            Block::Centred(text) => {
                self.centred(text, Look { ink: Ink::Grey, ..PLAIN })?;
                self.space(5.0);
            }
            Block::Clause { number, text } => {
                self.clause(number, text)?;
                self.space(4.0);
            }
            Block::Fields(fields) => {
                self.fields(fields)?;
                self.space(8.0);
            }
            Block::Table { columns, rows } => {
                self.table(columns, rows)?;
                self.space(8.0);
            }
            Block::Grid(grid) => {
                self.grid(grid)?;
                self.space(8.0);
            }
            Block::Strong(text) => {
                self.lines(text, MARGIN_LEFT, TEXT_WIDTH, Look { weight: Weight::Bold, ..PLAIN })?;
                self.space(6.0);
            }
            Block::Pair { left, right } => self.pair(left, right)?,
            Block::Qr { content, text } => self.qr(content, text)?,
        }
        Ok(())
    }

    fn space(&mut self, height: f32) {
        self.y += height;
    }

    fn room(&self) -> f32 {
        TEXT_BOTTOM - self.y
    }

    fn new_page(&mut self) -> Result<(), PaperError> {
        if self.done.len().saturating_add(1) >= PAGES_MAX {
            return Err(PaperError::TooLong { limit: PAGES_MAX });
        }
        self.done.push(std::mem::take(&mut self.page));
        self.y = MARGIN_TOP;
        Ok(())
    }

    /// Goes on to a new page where this height does not fit any more.
    fn need(&mut self, height: f32) -> Result<(), PaperError> {
        if self.room() < height && self.y > MARGIN_TOP { self.new_page() } else { Ok(()) }
    }

    fn put(&mut self, x: f32, top: f32, look: Look, text: &str) {
        if text.is_empty() {
            return;
        }
        let baseline = top + look.size * ASCENT;
        let Look { size, weight, ink } = look;
        self.page.push(Item::Text { x, baseline, size, weight, ink, text: text.to_owned() });
    }

    fn rule(&mut self, left: f32, top: f32, width: f32) {
        self.page.push(Item::Boxes { ink: Ink::Grey, boxes: vec![[left, top, width, RULE]] });
    }

    fn lines(&mut self, text: &str, x: f32, width: f32, look: Look) -> Result<(), PaperError> {
        for line in broken(self.faces, text, width, look) {
            self.need(look.size * LEADING)?;
            self.put(x, self.y, look, &line);
            self.space(look.size * LEADING);
        }
        Ok(())
    }

    fn centred(&mut self, text: &str, look: Look) -> Result<(), PaperError> {
        for line in broken(self.faces, text, TEXT_WIDTH, look) {
            self.need(look.size * LEADING)?;
            let width = self.faces.width(look.weight, look.size, &line);
            self.put(MARGIN_LEFT + (TEXT_WIDTH - width) / 2.0, self.y, look, &line);
            self.space(look.size * LEADING);
        }
        Ok(())
    }

    fn heading(&mut self, text: &str) -> Result<(), PaperError> {
        let look = Look { size: SIZE_HEADING, weight: Weight::Bold, ink: Ink::Black };
        self.space(6.0);
        // Never the last line of a page: two of what it is about come along.
        self.need(SIZE_HEADING * LEADING + 2.0 * SIZE * LEADING)?;
        self.lines(text, MARGIN_LEFT, TEXT_WIDTH, look)?;
        self.space(4.0);
        Ok(())
    }

    fn clause(&mut self, number: &str, text: &str) -> Result<(), PaperError> {
        self.need(SIZE * LEADING)?;
        let number = self.faces.drawable(&format!("{number}."));
        self.put(MARGIN_LEFT, self.y, PLAIN, &number);
        self.lines(text, MARGIN_LEFT + CLAUSE_INDENT, TEXT_WIDTH - CLAUSE_INDENT, PLAIN)
    }

    fn fields(&mut self, fields: &[(String, String)]) -> Result<(), PaperError> {
        let label_width = TEXT_WIDTH * LABEL_SHARE;
        for (label, value) in fields {
            let label = self.cell(label, MARGIN_LEFT, label_width, Look { ink: Ink::Grey, ..PLAIN });
            let value = self.cell(value, MARGIN_LEFT + label_width, TEXT_WIDTH - label_width, PLAIN);
            self.row(vec![label, value], &[])?;
        }
        Ok(())
    }

    fn table(&mut self, columns: &[(String, f32)], rows: &[Vec<String>]) -> Result<(), PaperError> {
        let head = Look { size: SIZE_SMALL, weight: Weight::Bold, ink: Ink::Black };
        let look = Look { size: SIZE_SMALL, ..PLAIN };
        let whole: f32 = columns.iter().map(|(_, share)| share).sum();
        let mut x = MARGIN_LEFT;
        let mut places = Vec::new();
        for (_, share) in columns {
            let width = TEXT_WIDTH * share / whole.max(f32::EPSILON);
            places.push((x, width));
            x += width;
        }
        let titles = columns.iter().zip(&places);
        let titles: Vec<Cell> =
            titles.map(|((title, _), (x, width))| self.cell(title, *x, *width, head)).collect();
        // The head never stands alone at the foot of a page.
        self.need(height(&titles, 0) + SIZE_SMALL * LEADING + 2.0 * CELL_PADDING)?;
        self.head(&titles);
        for row in rows {
            let cells =
                row.iter().zip(&places).map(|(text, (x, width))| self.cell(text, *x, *width, look)).collect();
            self.row(cells, &titles)?;
        }
        Ok(())
    }

    fn grid(&mut self, grid: &Grid) -> Result<(), PaperError> {
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
    fn pair(&mut self, left: &[String], right: &[String]) -> Result<(), PaperError> {
        let look = Look { size: SIZE_SMALL, ..PLAIN };
        let width = (TEXT_WIDTH - PAIR_GAP) / 2.0;
        let split = |side: &[String]| -> Vec<Vec<String>> {
            side.iter().map(|line| broken(self.faces, line, width, look)).collect()
        };
        let sides = [(MARGIN_LEFT, split(left)), (MARGIN_LEFT + width + PAIR_GAP, split(right))];
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

    fn cell(&self, text: &str, x: f32, width: f32, look: Look) -> Cell {
        let lines = broken(self.faces, text, width - 2.0 * CELL_INDENT, look);
        Cell { x: x + CELL_INDENT, right: None, look, lines }
    }

    fn head(&mut self, cells: &[Cell]) {
        if cells.is_empty() {
            return;
        }
        self.rule(MARGIN_LEFT, self.y, TEXT_WIDTH);
        self.piece(cells, 0, usize::MAX);
    }

    /// A row of a table, on one page where one page can hold it, else line by line over several.
    fn row(&mut self, cells: Vec<Cell>, head: &[Cell]) -> Result<(), PaperError> {
        let (whole, over) = (height(&cells, 0), TEXT_BOTTOM - MARGIN_TOP - height(head, 0));
        if self.room() < whole && whole <= over {
            self.new_page()?;
            self.head(head);
        }
        let tallest = cells.iter().map(|cell| cell.look.size * LEADING).fold(1.0_f32, f32::max);
        let mut from = 0;
        loop {
            let left =
                cells.iter().map(|cell| cell.lines.len().saturating_sub(from)).max().unwrap_or_default();
            let mut fit = 0_usize;
            let mut used = 2.0 * CELL_PADDING;
            while fit < left && used + tallest <= self.room() {
                (fit, used) = (fit.saturating_add(1), used + tallest);
            }
            if fit > 0 {
                self.piece(&cells, from, fit);
                from = from.saturating_add(fit);
            }
            if fit >= left {
                return Ok(());
            }
            self.new_page()?;
            self.head(head);
        }
    }

    /// `count` lines of a row, beginning with line `from`.
    fn piece(&mut self, cells: &[Cell], from: usize, count: usize) {
        let (mut tallest, above) = (0.0_f32, self.y);
        for cell in cells {
            let step = cell.look.size * LEADING;
            let mut top = self.y + CELL_PADDING;
            for line in cell.lines.iter().skip(from).take(count) {
                let x = match cell.right {
                    Some(right) => right - self.faces.width(cell.look.weight, cell.look.size, line),
                    None => cell.x,
                };
                self.put(x, top, cell.look, line);
                top += step;
            }
            tallest = tallest.max(top - self.y + CELL_PADDING);
        }
        self.space(tallest);
        self.rule(MARGIN_LEFT, self.y, TEXT_WIDTH);
        let boxes = self.edges.iter().map(|x| [*x, above, RULE, tallest + RULE]).collect::<Vec<_>>();
        if !boxes.is_empty() {
            self.page.push(Item::Boxes { ink: Ink::Grey, boxes });
        }
    }

    /// A text that fits no code is printed without one: it can be typed.
    fn qr(&mut self, content: &str, text: &str) -> Result<(), PaperError> {
        self.space(4.0);
        let Ok(code) = QrCode::with_error_correction_level(content, EcLevel::M) else {
            return self.lines(text, MARGIN_LEFT, TEXT_WIDTH, PLAIN);
        };
        self.need(QR_SIDE)?;
        let top = self.y;
        let across = code.width().saturating_add(QR_QUIET.saturating_mul(2));
        let module = QR_SIDE / u16::try_from(across).map_or(1.0, f32::from);
        let place = |at: usize| u16::try_from(at.saturating_add(QR_QUIET)).map_or(0.0, f32::from) * module;
        let mut boxes = Vec::new();
        for (row, colors) in code.to_colors().chunks(code.width().max(1)).enumerate() {
            let mut column = 0_usize;
            for run in colors.chunk_by(|one, next| one == next) {
                if run.first() == Some(&Color::Dark) {
                    let width = u16::try_from(run.len()).map_or(0.0, f32::from) * module;
                    boxes.push([MARGIN_LEFT + place(column), top + place(row), width, module]);
                }
                column = column.saturating_add(run.len());
            }
        }
        self.page.push(Item::Boxes { ink: Ink::Black, boxes });
        let beside = MARGIN_LEFT + QR_SIDE + CELL_INDENT;
        let look = Look { size: SIZE_SMALL, ..PLAIN };
        for line in broken(self.faces, text, TEXT_WIDTH - QR_SIDE - CELL_INDENT, look).iter().take(6) {
            self.put(beside, self.y, look, line);
            self.space(SIZE_SMALL * LEADING);
        }
        self.y = self.y.max(top + QR_SIDE);
        Ok(())
    }
}

/// How high a row is from a line on.
fn height(cells: &[Cell], from: usize) -> f32 {
    let of = |cell: &Cell| {
        let lines = u16::try_from(cell.lines.len().saturating_sub(from)).unwrap_or(u16::MAX);
        f32::from(lines) * cell.look.size * LEADING + 2.0 * CELL_PADDING
    };
    cells.iter().map(of).fold(0.0, f32::max)
}

/// A text as lines that fit a width. A word that is wider than that is broken where it must be; nothing leaves the page.
fn broken(faces: &Faces, text: &str, width: f32, look: Look) -> Vec<String> {
    let text = faces.drawable(text);
    let wide = |text: &str| faces.width(look.weight, look.size, text);
    let space = wide(" ");
    let mut lines: Vec<String> = Vec::new();
    let (mut line, mut used) = (String::new(), 0.0_f32);
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let needed = wide(word);
        if !line.is_empty() && used + space + needed > width {
            lines.push(std::mem::take(&mut line));
            used = 0.0;
        }
        if !line.is_empty() {
            line.push(' ');
            used += space;
        }
        if needed <= width {
            line.push_str(word);
            used += needed;
            continue;
        }
        for letter in word.chars() {
            let needed = wide(letter.encode_utf8(&mut [0; 4]));
            if !line.is_empty() && used + needed > width {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            line.push(letter);
            used += needed;
        }
    }
    lines.push(line);
    lines
}
