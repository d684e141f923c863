//! Numbers within texts that people wrote, and the words before them.

/// How many words before a number are looked at.
const WORDS_BEFORE: usize = 4;

/// How many characters before a number are looked at.
const CHARS_BEFORE: usize = 60;

/// Words between a label and its number, which say nothing: `лицевой счёт номер 10000004`.
const FILLERS: [&str; 8] = ["номер", "nomer", "no", "n", "нөмірі", "нөмір", "ном", "nr"];

/// Labels of a personal account of one word.
const ACCOUNT_WORDS: [&str; 7] = ["лс", "жш", "ls", "лицсчет", "лицсчёт", "licschet", "account"];

/// Labels of a personal account of two words: how the first and the second may begin.
const ACCOUNT_PAIRS: [(&str, &str); 9] = [
    ("л", "с"),
    ("l", "s"),
    ("лиц", "сч"),
    ("лицев", "сч"),
    ("licev", "sch"),
    ("жеке", "шот"),
    ("дербес", "шот"),
    ("жеке", "есеп"),
    ("personal", "account"),
];

/// Labels of an invoice, in the cases that people put them in. Beginnings alone would take a meter (`счётчик`) for one.
const INVOICE_WORDS: [&str; 24] = [
    "счет",
    "счёт",
    "счета",
    "счёта",
    "счету",
    "счёту",
    "счетом",
    "счётом",
    "сч",
    "счф",
    "фактура",
    "фактуры",
    "фактуре",
    "фактуру",
    "инвойс",
    "инвойсу",
    "шот",
    "шоты",
    "шотына",
    "шотқа",
    "schet",
    "scheta",
    "schetu",
    "invoice",
];

/// Whether a text is a BIN or an IIN: twelve digits whose last checks the others.
///
/// The check is that of the state: digits times 1 to 11, by 11; where the rest is 10, times 3 to 11 and then 1 and 2; where it is 10
/// again, no such number is given out.
#[must_use]
pub fn is_bin(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|char| char.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| digits.len() == 12) else { return false };
    let Some((check, body)) = digits.split_last() else { return false };
    let rest = |weights: [u32; 11]| {
        body.iter().zip(weights).map(|(digit, weight)| digit.saturating_mul(weight)).sum::<u32>() % 11
    };
    let rest = match rest([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) {
        10 => rest([3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]),
        rest => rest,
    };
    rest != 10 && rest == *check
}

/// An invoice's number as it is compared: letters and digits alone, in capitals, and letters of both alphabets that look alike as one,
/// since payers type `ОFD` and `OFD`.
#[must_use]
pub fn invoice_key(number: &str) -> String {
    number.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_uppercase).map(latin).collect()
}

/// The Latin letter that a Cyrillic one looks like.
fn latin(char: char) -> char {
    const ALIKE: [(char, char); 14] = [
        ('А', 'A'),
        ('В', 'B'),
        ('Е', 'E'),
        ('К', 'K'),
        ('М', 'M'),
        ('Н', 'H'),
        ('О', 'O'),
        ('Р', 'P'),
        ('С', 'C'),
        ('Т', 'T'),
        ('У', 'Y'),
        ('Х', 'X'),
        ('І', 'I'),
        ('Ү', 'Y'),
    ];
    ALIKE.iter().find(|(cyrillic, _)| *cyrillic == char).map_or(char, |(_, latin)| *latin)
}

/// A piece of a text between blanks and signs: letters and digits, with dashes and slashes inside of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'text> {
    /// As it stands in the text.
    pub(super) text: &'text str,
    /// Where it begins, in bytes.
    pub(super) from: usize,
    /// Whether digits go on behind a dot or a comma, as in sums and days, or stand before one so.
    pub(super) is_part: bool,
}

impl Piece<'_> {
    /// Whether it is digits alone.
    pub(super) fn is_digits(&self) -> bool {
        self.text.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// The pieces of a text, in order.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let is_inside = |char: char| char.is_alphanumeric() || matches!(char, '-' | '/' | '_' | '–');
    let mut rest = text;
    let mut from = 0_usize;
    while let Some(begin) = rest.find(char::is_alphanumeric) {
        let (_, behind) = rest.split_at(begin);
        let end = behind.find(|char| !is_inside(char)).unwrap_or(behind.len());
        let (piece, next) = behind.split_at(end);
        let bare = piece.trim_end_matches(|char: char| !char.is_alphanumeric());
        let at = from.saturating_add(begin);
        let before = text.get(..at).unwrap_or_default();
        let goes_on = |mut chars: std::str::Chars<'_>, back: bool| {
            let mut next = || if back { chars.next_back() } else { chars.next() };
            matches!(next(), Some('.' | ',')) && next().is_some_and(|char| char.is_ascii_digit())
        };
        let is_part = goes_on(next.chars(), false) || goes_on(before.chars(), true);
        pieces.push(Piece { text: bare, from: at, is_part });
        from = at.saturating_add(end);
        rest = next;
    }
    pieces
}

/// What stands right before a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// `л/с`, `лицевой счёт`, `жеке шот`.
    Account,
    /// `счёт №`, `счёту на оплату`, `invoice`.
    Invoice,
    /// Anything else, or nothing.
    None,
}

/// What the words before a place say of the number there.
pub(super) fn label(text: &str, at: usize) -> Label {
    let all = text.get(..at).unwrap_or_default();
    let begin = all.char_indices().rev().nth(CHARS_BEFORE).map_or(0, |(begin, _)| begin);
    let before = all.get(begin..).unwrap_or_default().to_lowercase();
    let words = before.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut last: Vec<&str> = words.rev().take(WORDS_BEFORE).collect();
    while last.first().is_some_and(|word| FILLERS.contains(word)) {
        last.remove(0);
    }
    // `счёту на оплату № 15`.
    if let ["оплату" | "oplatu" | "төлемге", "на" | "na", ..] = last.as_slice() {
        last.drain(..2);
    }
    let word = last.first().copied().unwrap_or_default();
    let before = last.get(1).copied().unwrap_or_default();
    let begins = |word: &str, with: &str| {
        if with.chars().count() == 1 { word == with } else { word.starts_with(with) }
    };
    let is_pair = |(one, other): &(&str, &str)| begins(before, one) && begins(word, other);
    if ACCOUNT_WORDS.contains(&word) || ACCOUNT_PAIRS.iter().any(is_pair) {
        Label::Account
    } else if INVOICE_WORDS.contains(&word) {
        Label::Invoice
    } else {
        Label::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bin_is_checked_as_the_state_does() {
        for text in ["051340000011", "061340000013", "971340001319", "911308400023"] {
            assert!(is_bin(text), "{text}");
        }
        for text in ["", "051340000012", "05134000001", "0513400000111", "05134000001a", "٠51340000011"] {
            assert!(!is_bin(text), "{text}");
        }
    }

    #[test]
    fn numbers_of_invoices_are_compared_by_what_they_look_like() {
        assert_eq!(invoice_key("OFD-2026-000123"), "OFD2026000123");
        assert_eq!(invoice_key("ОFD 2026/000123"), "OFD2026000123");
        assert_eq!(invoice_key("сч-15"), invoice_key("СЧ15"));
    }

    #[test]
    fn words_before_a_number_say_what_it_is() {
        let of = |text: &str| label(text, text.find(|char: char| char.is_ascii_digit()).expect("a digit"));
        for text in [
            "л/с 1",
            "Л.С. № 1",
            "лс1",
            "на лицевой счёт номер 1",
            "лицевого счета: 1",
            "лиц. счет 1",
            "ЖШ 1",
            "жеке шот № 1",
            "дербес шотына 1",
            "ls 1",
            "licevoj schet N 1",
            "personal account 1",
        ] {
            assert_eq!(of(text), Label::Account, "{text}");
        }
        for text in [
            "счёт № 1",
            "по счету на оплату N 1",
            "Счет-фактура 1",
            "schetu na oplatu 1",
            "инвойс 1",
            "шот 1",
        ] {
            assert_eq!(of(text), Label::Invoice, "{text}");
        }
        for text in ["договор 1", "за 1", "пульс 1", "класс 1", "счётчик 1", "1"] {
            assert_eq!(of(text), Label::None, "{text}");
        }
    }

    #[test]
    fn a_text_falls_into_pieces() {
        let found: Vec<_> = pieces("Оплата 6846,59 по сч.№OFD-2026/1, от 30.11.2026; л/с 1000 0004.")
            .iter()
            .map(|piece| (piece.text, piece.is_part))
            .collect();
        assert_eq!(
            found,
            [
                ("Оплата", false),
                ("6846", true),
                ("59", true),
                ("по", false),
                ("сч", false),
                ("OFD-2026/1", false),
                ("от", false),
                ("30", true),
                ("11", true),
                ("2026", true),
                ("л/с", false),
                ("1000", false),
                ("0004", false),
            ]
        );
    }
}
