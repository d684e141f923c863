//! Pages that are long by what they show: such a page shows a part, and leads to the next one.

use crate::cabinet::Ask;
use crate::cabinet::list::address;
pub use crate::page_len::{fitting, len_of, len_on_page};
use crate::words::Words;
use ofd_office::typed::plain_number;

/// The parameter of where a part begins.
const FROM: &str = "from";

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

impl Part {
    /// The part that an address asks for of rows that come to so many bytes each. Behind the last one it begins anew.
    pub fn asked(ask: &Ask, lens: &[usize]) -> Self {
        Self::beginning(asked_from(ask), lens)
    }

    fn beginning(from: usize, lens: &[usize]) -> Self {
        let of = lens.len();
        let from = if from < of { from } else { 0 };
        let count = fitting(lens.iter().copied().skip(from)).min(of.saturating_sub(from));
        Self { from, count, of }
    }

    /// The part of what stands behind so many rows of all.
    #[must_use]
    pub fn behind(self, rows: usize) -> Self {
        let before = rows.saturating_sub(self.from);
        Self {
            from: self.from.saturating_sub(rows),
            count: self.count.saturating_sub(before),
            of: self.of.saturating_sub(rows),
        }
    }

    /// Leaves the rows of the part, of all that there are.
    #[must_use]
    pub fn of<T>(self, rows: impl IntoIterator<Item = T>) -> Vec<T> {
        rows.into_iter().skip(self.from).take(self.count).collect()
    }

    /// What a page says of it; `None`: it is all there is.
    pub fn view(self, words: &Words<'_>, ask: &Ask) -> Option<PartView> {
        self.narrowed(words, ask, &[])
    }

    /// The same of rows that parameters of these names narrow.
    pub fn narrowed(self, words: &Words<'_>, ask: &Ask, names: &[&'static str]) -> Option<PartView> {
        let at = |from: Option<(&str, &str)>| address(ask, ask.path(), names.iter().copied(), from);
        let Self { from, count, of } = self;
        let end = from.saturating_add(count).min(of);
        let rows = [("first", from.saturating_add(1)), ("last", end), ("count", of)];
        let rows = rows.map(|(name, row)| (name, row.to_string()));
        (count < of).then(|| PartView {
            text: words.say_values("part-shown", &rows.each_ref().map(|(name, row)| (*name, row.as_str()))),
            first: (from > 0).then(|| at(None)),
            next: (end < of).then(|| at(Some((FROM, &end.to_string())))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_begins_where_it_is_asked_for_and_behind_the_last_row_anew() {
        let lens = [30_000; 5];
        let part = Part::beginning(2, &lens);
        assert_eq!(part, Part { from: 2, count: 1, of: 5 });
        assert_eq!(part.of(0..5), [2]);
        assert_eq!(Part::beginning(5, &lens).from, 0);
        let whole = Part { from: 2, count: 4, of: 9 };
        assert_eq!(whole.behind(3), Part { from: 0, count: 3, of: 6 });
        assert_eq!(whole.behind(1), Part { from: 1, count: 4, of: 8 });
        assert_eq!(whole.behind(7).count, 0);
        assert_eq!(Part::beginning(0, &[]), Part { from: 0, count: 0, of: 0 });
    }
}
