//! A number in groups of three digits, as both languages say them.

/// A group of three digits that is not empty: how many thousands stand above it, and its hundreds, tens and ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Triple {
    /// Which power of a thousand the group counts: 0 for ones, 1 for thousands.
    pub(super) power: usize,
    /// From 0 to 9.
    pub(super) hundreds: usize,
    /// From 0 to 9.
    pub(super) tens: usize,
    /// From 0 to 9.
    pub(super) ones: usize,
}

/// The groups of a number from the greatest on, without those of zeros.
pub(super) fn triples(number: u64) -> Vec<Triple> {
    let mut groups = Vec::new();
    let (mut rest, mut power) = (number, 0);
    while rest > 0 {
        let digit = |of: u64| usize::try_from(rest / of % 10).unwrap_or_default(); // a digit fits
        let triple = Triple { power, hundreds: digit(100), tens: digit(10), ones: digit(1) };
        if rest % 1000 > 0 {
            groups.push(triple);
        }
        rest /= 1000;
        power += 1;
    }
    groups.reverse();
    groups
}

/// The word of a table at a place; tables are as long as their digits reach, so that there always is one.
pub(super) fn word(table: &[&'static str], at: usize) -> &'static str {
    table.get(at).copied().unwrap_or_default()
}

/// Words with a space between them, without those that are empty.
pub(super) fn joined(words: &[&str]) -> String {
    let words: Vec<&str> = words.iter().copied().filter(|word| !word.is_empty()).collect();
    words.join(" ")
}
