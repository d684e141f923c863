//! The frame of a document as people read it: field by field, with the rule of each.

use ofd_protocol::explain::{Explained, Explanation, Personal, Shown, explain};
use ofd_protocol::frame;
use ofd_protocol::types::{TIYN_PER_TENGE, Tiyn};
use ofd_storage::registers::Document;

use crate::format;
use crate::long_page::{Part, fitting, len_on_page};
use crate::words::Words;

/// Bytes of a field that are shown; a picture or a signature says no more by its thousandth.
const BYTES_SHOWN_MAX: usize = 64;

/// Characters of a text that are shown.
const TEXT_SHOWN_MAX: usize = 500;

/// A field on the page.
pub(super) struct FieldRow {
    pub(super) path: String,
    pub(super) number: String,
    pub(super) value: String,
    pub(super) section: &'static str,
    pub(super) is_known: bool,
    /// It only holds other fields.
    pub(super) is_heading: bool,
}

/// Letters of a field's row on the page beside what is in it.
const ROW_LEN: usize = 400;

/// The fields of a document from one on, as many as a page takes.
pub(super) fn rows(words: &Words<'_>, document: &Document, from: usize) -> (Vec<FieldRow>, Part) {
    let payload = frame::whole(&document.raw).map(|frame| frame.payload).unwrap_or_default();
    let told = |from| (from, explain(payload, from, Personal::Hidden));
    // Behind the last one nothing is asked for.
    let (from, Explanation { fields, count: of }) =
        Some(told(from)).filter(|(_, told)| from < told.count).unwrap_or_else(|| told(0));
    let mut rows: Vec<FieldRow> = fields.into_iter().map(|field| row(words, field)).collect();
    rows.truncate(fitting(rows.iter().map(|row| {
        [len_on_page(&row.path), len_on_page(&row.value)].into_iter().fold(ROW_LEN, usize::saturating_add)
    })));
    let count = rows.len();
    (rows, Part { from, count, of })
}

fn row(words: &Words<'_>, field: Explained) -> FieldRow {
    FieldRow {
        number: if field.number == 0 { String::new() } else { field.number.to_string() },
        is_heading: field.shown == Shown::Message,
        value: value(words, &field.shown),
        path: field.path,
        section: field.section,
        is_known: field.is_known,
    }
}

/// What stands in a field.
fn value(words: &Words<'_>, shown: &Shown) -> String {
    match shown {
        Shown::Message => String::new(),
        Shown::Number(number) => number.to_string(),
        Shown::Signed(number) => number.to_string(),
        Shown::Flag(true) => words.say("documents-yes"),
        Shown::Flag(false) => words.say("documents-no"),
        Shown::Text(text) => cut(text),
        Shown::Choice(number, Some(name)) => format!("{number} ({name})"),
        Shown::Choice(number, None) => number.to_string(),
        Shown::Money(bills, coins) => match Tiyn::from_wire(*bills, *coins) {
            Some(sum) => format::sum(words.language, sum.get()),
            // Tiyn beyond a tenge are no sum, and are shown as they came.
            None => format!("{bills} + {coins}/{TIYN_PER_TENGE}"),
        },
        Shown::Moment(at) => format::moment(words.language, *at),
        Shown::Bytes(bytes) => {
            let shown: Vec<u8> = bytes.iter().copied().take(BYTES_SHOWN_MAX).collect();
            let more = if bytes.len() > BYTES_SHOWN_MAX { "…" } else { "" };
            format!("{}{more} ({})", hex::encode(shown), bytes.len())
        }
        Shown::Hidden => words.say("documents-hidden"),
        Shown::Unreadable(len) => words.say_with("documents-unreadable", &len.to_string()),
    }
}

fn cut(text: &str) -> String {
    let shown: String = text.chars().take(TEXT_SHOWN_MAX).collect();
    if shown.len() < text.len() { format!("{shown}…") } else { shown }
}
