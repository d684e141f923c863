//! Documents of money as people file and sign them: invoices, acts of completed works, bills, acts of reconciliation; in Russian and
//! Kazakh, in the order in which such documents are read here.

mod act;
mod bill;
mod invoice;
mod reconciliation;
mod said;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use ofd_billing::charging::Line;
use ofd_billing::invoices::{Head, PaperLanguage, line_text};
use ofd_billing::tariffs::{PlanId, Titles};
use ofd_edge::Language;
use time::Date;

use self::said::number_line;
use crate::decoration::decorated;
use crate::error::PaperError;
use crate::faces::Faces;
use crate::flow::{self, Block};
use crate::pdf::{self, About};

pub use act::act;
pub use bill::{BillPaper, bill};
pub use invoice::invoice;
pub use reconciliation::reconciliation;

/// What plans are called, by their ids.
pub type PlanTitles = BTreeMap<PlanId, Titles>;

/// The language of a file.
fn language(language: PaperLanguage) -> Language {
    match language {
        PaperLanguage::Russian => Language::Russian,
        PaperLanguage::Kazakh => Language::Kazakh,
    }
}

/// A document of these blocks as PDF. Its day is that of the document: the same input gives the same bytes.
fn written(
    blocks: &[Block],
    of: PaperLanguage,
    (title, author): (String, &str),
    date: Date,
) -> Result<Vec<u8>, PaperError> {
    let (faces, language) = (Faces::new()?, language(of));
    let pages = flow::pages(&faces, blocks)?;
    let pages = decorated(&faces, pages, language, &title, false);
    let about = About { language, title, author: author.to_owned(), date };
    pdf::written(&faces, &pages, &about)
}

/// The title of a document with its number and day.
fn titled(name: &str, head: &Head, of: PaperLanguage) -> String {
    format!("{name} {}", number_line(&head.number.to_string(), head.day.date(), of))
}

/// What a line is for and why it is that sum. A plan without titles is called by its id.
fn line_of(line: &Line, titles: &PlanTitles, of: PaperLanguage) -> String {
    let plan = &line.basis.plan;
    let unnamed = || Titles { ru: plan.to_string(), kk: plan.to_string(), en: plan.to_string() };
    line_text(line, &titles.get(plan).cloned().unwrap_or_else(unnamed), of)
}
