//! A list as a paper: what it is of, and a table that goes over as many pages as it needs.

use ofd_edge::{Imprint, Language};
use time::Date;

use crate::decoration::decorated;
use crate::error::PaperError;
use crate::faces::Faces;
use crate::flow::{self, Block};
use crate::pdf::{self, About};
use crate::words;

/// A list, such as that of an organisation's registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPaper {
    /// The language its texts are in.
    pub language: Language,
    /// What it is a list of.
    pub title: String,
    /// The day it tells of.
    pub date: Date,
    /// Who makes it.
    pub operator: Imprint,
    /// What stands above the table: labels and values.
    pub about: Vec<(String, String)>,
    /// The columns: what each is called, and how wide it is beside the others.
    pub columns: Vec<(String, u16)>,
    /// The rows, each with a text for every column.
    pub rows: Vec<Vec<String>>,
}

/// A list as PDF.
pub fn list(paper: &ListPaper) -> Result<Vec<u8>, PaperError> {
    let faces = Faces::new()?;
    let about = paper.about.iter().map(|(label, value)| (label.clone(), words::or_dash(value)));
    let columns = paper.columns.iter().map(|(title, share)| (title.clone(), f32::from(*share)));
    let blocks = [
        Block::Title(paper.title.clone()),
        Block::Centred(format!("{}, {}", paper.operator.title, words::day(paper.date))),
        Block::Fields(about.collect()),
        Block::Table { columns: columns.collect(), rows: paper.rows.clone() },
    ];
    let pages = flow::pages(&faces, &blocks)?;
    let pages = decorated(&faces, pages, paper.language, &paper.title, false);
    let (title, author) = (paper.title.clone(), paper.operator.title.clone());
    let about = About { language: paper.language, title, author, date: paper.date };
    pdf::written(&faces, &pages, &about)
}
