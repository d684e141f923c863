//! Numbers in Russian: thousands are feminine, all above them masculine, and each has three forms.

use super::triples::{Triple, joined, triples, word};

/// From 1 to 19, as the masculine tenge, million and milliard are counted.
const ONES: [&str; 20] = [
    "",
    "один",
    "два",
    "три",
    "четыре",
    "пять",
    "шесть",
    "семь",
    "восемь",
    "девять",
    "десять",
    "одиннадцать",
    "двенадцать",
    "тринадцать",
    "четырнадцать",
    "пятнадцать",
    "шестнадцать",
    "семнадцать",
    "восемнадцать",
    "девятнадцать",
];

const TENS: [&str; 10] = [
    "",
    "",
    "двадцать",
    "тридцать",
    "сорок",
    "пятьдесят",
    "шестьдесят",
    "семьдесят",
    "восемьдесят",
    "девяносто",
];

const HUNDREDS: [&str; 10] =
    ["", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот"];

/// Powers of a thousand: behind one, behind two to four, behind more.
const POWERS: [[&str; 3]; 5] = [
    ["", "", ""],
    ["тысяча", "тысячи", "тысяч"],
    ["миллион", "миллиона", "миллионов"],
    ["миллиард", "миллиарда", "миллиардов"],
    ["триллион", "триллиона", "триллионов"],
];

/// The number in words, without a capital.
pub(super) fn number(number: u64) -> String {
    let groups: Vec<String> = triples(number).into_iter().map(group).collect();
    if groups.is_empty() { "ноль".to_owned() } else { groups.join(" ") }
}

/// A group of three digits with the name of its power, in the case and the gender that go together.
fn group(triple: Triple) -> String {
    let Triple { power, hundreds, tens, ones } = triple;
    // From 10 to 19 there is one word, and behind it what is behind many.
    let (tens, ones) = if tens == 1 { (0, 10 + ones) } else { (tens, ones) };
    let feminine = power == 1;
    let last = match ones {
        1 if feminine => "одна",
        2 if feminine => "две",
        _ => word(&ONES, ones),
    };
    let form = match ones {
        1 => 0,
        2..=4 => 1,
        _ => 2,
    };
    let power = POWERS.get(power).and_then(|forms| forms.get(form)).copied().unwrap_or_default();
    joined(&[word(&HUNDREDS, hundreds), word(&TENS, tens), last, power])
}
