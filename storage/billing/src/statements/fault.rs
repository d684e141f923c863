//! Why a file is not taken: what is wrong, where, and what to do.

use std::fmt;

use crate::iban::Iban;
use crate::tiyn::Tiyn;

use super::charset::Charset;
use super::statement::Place;

/// Why nothing of a file is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it is wrong.
    pub place: Place,
    /// What is wrong.
    pub wrong: Wrong,
}

impl Fault {
    /// A fault of the file as a whole.
    pub(super) fn of_file(wrong: Wrong) -> Self {
        Self { place: Place::File, wrong }
    }

    /// A fault on a line, counted from 1.
    pub(super) fn on_line(line: usize, wrong: Wrong) -> Self {
        Self { place: Place::Line(line), wrong }
    }

    /// A fault at a place.
    pub(super) fn at(place: &Place, wrong: Wrong) -> Self {
        Self { place: place.clone(), wrong }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.wrong)
    }
}

impl std::error::Error for Fault {}

/// What is wrong with a file. The texts say it in English with what to do; pages say it in people's languages from the data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// There is nothing in it.
    #[error("it is empty; export the statement once more")]
    Empty,
    /// It has more bytes than are read.
    #[error("it has more than {} MiB; export a shorter period", .max / 1_048_576)]
    TooLarge {
        /// The most bytes.
        max: usize,
    },
    /// It has more entries than are read.
    #[error("there are more than {max} entries; export a shorter period")]
    TooManyEntries {
        /// The most entries.
        max: usize,
    },
    /// A text is longer than any bank writes it.
    #[error("{field} has more than {max} characters; the file is damaged, export it once more")]
    TooLong {
        /// What the file calls the text.
        field: String,
        /// The most characters.
        max: usize,
    },
    /// No format that is read.
    #[error(
        "this is no statement that can be read ({0}); export it as 1CClientBankExchange, MT940 or CAMT.053, or as a table with a mapping"
    )]
    UnknownFormat(Hint),
    /// The file ends before its end.
    #[error("the file is cut: {missing} is missing; export it once more and take the whole file")]
    Cut {
        /// What should have come.
        missing: String,
    },
    /// Something stands behind the end.
    #[error("something stands behind {end}; the file is damaged or two were joined, export it once more")]
    BehindTheEnd {
        /// What ends such a file.
        end: String,
    },
    /// Bytes that the encoding does not have.
    #[error("a character is none of {charset}; export the file once more and do not save it in an editor")]
    Bytes {
        /// The encoding it was read in.
        charset: Charset,
    },
    /// Letters that were read in a wrong encoding before the file came.
    #[error(
        "the letters are garbled ({sample}): some program took them for another encoding; export the file once more and do not save it in an editor"
    )]
    Garbled {
        /// Some of the letters.
        sample: String,
    },
    /// An encoding that is not read.
    #[error("the encoding {told} is not read; export the file in windows-1251 or UTF-8")]
    UnknownCharset {
        /// What the file calls it.
        told: String,
    },
    /// An account's number that is no IBAN.
    #[error("{text} is no number of an account; the statement must name the account by its IBAN")]
    NoIban {
        /// What stands there.
        text: String,
    },
    /// The statement is of an account that is not ours.
    #[error("the statement is of account {found}, which is none of ours ({}); take the statement of our account", list(.expected))]
    OtherAccount {
        /// Whose statement it is.
        found: Iban,
        /// Whose it may be.
        expected: Vec<Iban>,
    },
    /// An entry whose payer and payee are both somebody else.
    #[error(
        "neither payer nor payee is the account of the statement, {account}; two files were joined, or it is another's"
    )]
    OtherEntry {
        /// The account of the statement.
        account: Iban,
    },
    /// Another currency than the tenge.
    #[error("the currency is {found}; only tenge (KZT) are taken")]
    Currency {
        /// What stands there.
        found: String,
    },
    /// Something that must be told is not.
    #[error("{field} is missing; export the file once more, or ask the bank why it leaves that out")]
    Missing {
        /// What the file would call it.
        field: String,
    },
    /// Something is told twice, and differently.
    #[error("{field} is told twice and differently; the file is damaged, export it once more")]
    Twice {
        /// What the file calls it.
        field: String,
    },
    /// A sum that is none.
    #[error("{field} is {text}: {why}")]
    Sum {
        /// What the file calls it.
        field: String,
        /// What stands there.
        text: String,
        /// Why it is no sum.
        why: SumFault,
    },
    /// A day that is none.
    #[error("{field} is {text}, which is no day written as {form}")]
    Day {
        /// What the file calls it.
        field: String,
        /// What stands there.
        text: String,
        /// How days are written there.
        form: &'static str,
    },
    /// It is not told, or told both ways, whether money came or went.
    #[error(
        "it is not clear whether the money came or went ({text}); the file is damaged, export it once more"
    )]
    Direction {
        /// What stands there.
        text: String,
    },
    /// A total that is not what the entries make.
    #[error(
        "{field} is {told}, but the entries make {counted}; entries are missing or damaged, export the file once more"
    )]
    Totals {
        /// What the file calls the total.
        field: String,
        /// What it says.
        told: Tiyn,
        /// What it should be.
        counted: Tiyn,
    },
    /// A number of entries that is not how many there are.
    #[error("{field} is {told}, but there are {counted} entries; the file is damaged, export it once more")]
    Count {
        /// What the file calls the number.
        field: String,
        /// What it says.
        told: usize,
        /// How many there are.
        counted: usize,
    },
    /// The pieces of a format do not stand as they must.
    #[error("{what}; the file is damaged, export it once more")]
    Structure {
        /// What stands wrong.
        what: String,
    },
    /// XML that would make a reader do more than read.
    #[error("the XML has {what}, which no bank's statement needs; it is not read")]
    Unsafe {
        /// A document type, an entity.
        what: String,
    },
    /// The mapping names a column that the table has not, or fits itself not.
    #[error(
        "the mapping does not fit: {what}; correct the mapping, or take the file of the bank it was made for"
    )]
    Mapping {
        /// What does not fit.
        what: String,
    },
}

/// Why a text is no sum of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SumFault {
    /// Other than digits with one mark.
    #[error("that is no sum")]
    Form,
    /// More than two decimals.
    #[error("a sum in tenge has at most two decimals")]
    Decimals,
    /// Beyond the greatest sum.
    #[error("the sum is too great")]
    TooGreat,
    /// A movement below zero.
    #[error("a movement must be above zero")]
    Negative,
    /// A movement of nothing.
    #[error("a movement of nothing is none")]
    Zero,
}

/// What a file that is no statement seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Hint {
    /// A workbook of a spreadsheet, or an archive.
    #[error("it is a workbook or an archive")]
    Workbook,
    /// A PDF for people.
    #[error("it is a PDF")]
    Pdf,
    /// A page of a site.
    #[error("it is a page of a site")]
    Page,
    /// UTF-16, in which no bank writes statements.
    #[error("it is in UTF-16: save it in UTF-8")]
    Utf16,
    /// A notice or a report within the day: its entries are not final.
    #[error("it is another message than a statement")]
    OtherMessage,
    /// XML of something else.
    #[error("it is XML of something else")]
    OtherXml,
    /// Anything else; a table perhaps.
    #[error("its beginning is none of these")]
    Unknown,
}

/// Numbers with commas between.
fn list(ibans: &[Iban]) -> String {
    ibans.iter().map(Iban::as_str).collect::<Vec<_>>().join(", ")
}
