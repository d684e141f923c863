//! Pages that are long by what they show: such a page shows a part, and leads to the next one.

use crate::cabinet::Ask;
use crate::words::Words;
use ofd_office::typed::plain_number;

/// What the rows of a part come to in bytes: with all that stands around them a page stays below 100 KB.
const PART_BYTES: usize = 56 * 1024;

/// The parameter of where a part begins.
const FROM: &str = "from";

/// A character that a page cannot have as it is takes so many bytes.
const ESCAPED: usize = 5;

/// Where a part of something lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its first row, counted from 0.
    pub from: usize,
    /// How many rows it has.
    pub count: usize,
    /// How many there are in all.
    pub of: usize,
}

/// A part as a page says it.
#[derive(Clone, Debug)]
pub struct PartView {
    /// Which rows are shown.
    pub text: String,
    /// Where the first part is, where this is another one.
    pub first: Option<String>,
    /// Where the next part is.
    pub next: Option<String>,
}

/// From which row on an address asks for.
pub fn asked_from(ask: &Ask) -> usize {
    plain_number(ask.parameter(FROM)).and_then(|from| usize::try_from(from).ok()).unwrap_or(0)
}

/// The bytes of a text on a page.
pub fn len_on_page(text: &str) -> usize {
    let len = |char: char| if "&<>\"'".contains(char) { ESCAPED } else { char.len_utf8() };
    text.chars().map(len).fold(0, usize::saturating_add)
}

/// How many of these rows fit into a part, by what each comes to: one at least.
pub fn fitting(rows: impl IntoIterator<Item = usize>) -> usize {
    let mut left = PART_BYTES;
    let fits = |len: &usize| match left.checked_sub(*len) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    rows.into_iter().take_while(fits).count().max(1)
}

impl Part {
    /// What a page says of it; `None`: it is all there is.
    pub fn view(self, words: &Words<'_>, ask: &Ask) -> Option<PartView> {
        let Self { from, count, of } = self;
        let end = from.saturating_add(count).min(of);
        let rows = [("first", from.saturating_add(1)), ("last", end), ("count", of)];
        let rows = rows.map(|(name, row)| (name, row.to_string()));
        (count < of).then(|| PartView {
            text: words.say_values("part-shown", &rows.each_ref().map(|(name, row)| (*name, row.as_str()))),
            first: (from > 0).then(|| ask.path().to_owned()),
            next: (end < of).then(|| format!("{}?{FROM}={end}", ask.path())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_as_many_rows_as_fit_and_one_that_is_too_long_by_itself() {
        assert_eq!(fitting([PART_BYTES / 2, PART_BYTES / 2, 1]), 2);
        assert_eq!(fitting([PART_BYTES + 1, 1]), 1);
        assert_eq!(len_on_page("<a>Ж"), 2 * ESCAPED + 1 + 2);
    }
}
