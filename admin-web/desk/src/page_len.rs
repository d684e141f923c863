//! What texts come to in the bytes of a page. With all that stands around its rows a page stays below 100 KB.

/// What the rows of a part come to in bytes.
const PART_BYTES: usize = 56 * 1024;

/// What all that differs from page to page comes to in bytes on a page of a list: its rows, and what they are narrowed by.
pub const LIST_BYTES: usize = 76 * 1024;

/// A character that a page cannot have as it is takes so many bytes.
const ESCAPED: usize = 5;

/// The bytes of a text on a page.
pub fn len_on_page(text: &str) -> usize {
    let len = |char: char| if "&<>\"'".contains(char) { ESCAPED } else { char.len_utf8() };
    text.chars().map(len).fold(0, usize::saturating_add)
}

/// What texts come to on a page, with so many letters around them.
pub fn len_of<'a>(around: usize, texts: impl IntoIterator<Item = &'a str>) -> usize {
    texts.into_iter().map(len_on_page).fold(around, usize::saturating_add)
}

/// How many of these rows fit into a part, by what each comes to: one at least.
pub fn fitting(rows: impl IntoIterator<Item = usize>) -> usize {
    fitting_in(PART_BYTES, rows)
}

/// How many of these rows fit into so many bytes: one at least.
pub fn fitting_in(bytes: usize, rows: impl IntoIterator<Item = usize>) -> usize {
    let mut left = bytes;
    let fits = |len: &usize| match left.checked_sub(*len) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    rows.into_iter().take_while(fits).count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_as_many_rows_as_fit_and_one_that_is_too_long_by_itself() {
        assert_eq!(fitting([PART_BYTES / 2, PART_BYTES / 2, 1]), 2);
        assert_eq!(fitting([PART_BYTES + 1, 1]), 1);
        assert_eq!(fitting_in(10, [4, 4, 4]), 2);
        assert_eq!(len_on_page("<a>Ж"), 2 * ESCAPED + 1 + 2);
    }
}
