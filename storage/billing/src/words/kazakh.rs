//! Numbers in Kazakh: one word for each digit, whatever is counted.
//!
//! A hundred and a thousand are said with their `бір`, as documents do: a word may then not be written before them.

use super::triples::{Triple, joined, triples, word};

const ONES: [&str; 10] = ["", "бір", "екі", "үш", "төрт", "бес", "алты", "жеті", "сегіз", "тоғыз"];

const TENS: [&str; 10] = ["", "он", "жиырма", "отыз", "қырық", "елу", "алпыс", "жетпіс", "сексен", "тоқсан"];

const POWERS: [&str; 5] = ["", "мың", "миллион", "миллиард", "триллион"];

/// The number in words, without a capital.
pub(super) fn number(number: u64) -> String {
    let groups: Vec<String> = triples(number).into_iter().map(group).collect();
    if groups.is_empty() { "нөл".to_owned() } else { groups.join(" ") }
}

/// A group of three digits with the name of its power.
fn group(triple: Triple) -> String {
    let Triple { power, hundreds, tens, ones } = triple;
    let hundred = if hundreds == 0 { "" } else { "жүз" };
    joined(&[word(&ONES, hundreds), hundred, word(&TENS, tens), word(&ONES, ones), word(&POWERS, power)])
}
