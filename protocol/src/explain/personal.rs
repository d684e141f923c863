//! What tells of a person in fields that may hold anything: values of pairs, and fields that the schema does not know.

/// Digits of a phone number, with its country or without, and of an IIN or BIN.
const DIGITS: std::ops::RangeInclusive<usize> = 10..=12;

/// What stands in a key of a pair whose value tells of a person, wherever in the key: in the languages of tills here.
const IN_KEYS: &[&str] = &[
    "customer",
    "client",
    "buyer",
    "person",
    "phone",
    "mail",
    "passport",
    "surname",
    "покупател",
    "клиент",
    "сатып алушы",
    "тұтынушы",
    "телефон",
    "почт",
    "пошта",
    "фамил",
    "паспорт",
    "тегі",
];

/// The same as a word of the key alone: within other words they mean something else.
const KEY_WORDS: &[&str] =
    &["iin", "bin", "tel", "fio", "mobile", "msisdn", "иин", "бин", "жсн", "бсн", "тел", "фио", "имя", "аты"];

/// Whether a key of a pair says that its value tells of a person.
pub(super) fn is_key(key: &str) -> bool {
    let key = key.to_lowercase();
    IN_KEYS.iter().any(|part| key.contains(part))
        || key.split(|char: char| !char.is_alphabetic()).any(|word| KEY_WORDS.contains(&word))
}

/// Whether a text holds what looks like an e-mail address, a phone number or an IIN.
pub(super) fn is_in(text: &str) -> bool {
    text.contains('@') || has_run(text) || has_phone(text)
}

pub(super) fn is_number(number: u64) -> bool {
    DIGITS.contains(&number.to_string().len())
}

/// As many digits on end as such a number has.
fn has_run(text: &str) -> bool {
    text.split(|char: char| !char.is_ascii_digit()).any(|run| DIGITS.contains(&run.len()))
}

/// A phone number as people divide it, which begins with the country or the code of a network.
fn has_phone(text: &str) -> bool {
    let is_of_phone = |char: char| char.is_ascii_digit() || "+-(). \u{a0}".contains(char);
    text.split(|char: char| !is_of_phone(char)).any(|part| {
        let groups: Vec<&str> =
            part.split(|char: char| !char.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
        let is_alone = DIGITS.contains(&groups.concat().len()) && part.len() == text.len();
        // Another number may stand before it or behind it.
        is_alone || (0..groups.len()).any(|first| is_phone_from(groups.get(first..).unwrap_or_default()))
    })
}

/// Whether some groups of digits, from the first on, make a phone number.
fn is_phone_from(groups: &[&str]) -> bool {
    let mut digits = String::new();
    for group in groups.iter().take(*DIGITS.end()) {
        digits.push_str(group);
        let is_one = match digits.len() {
            10 => digits.starts_with('7'),
            11 => digits.starts_with(['7', '8']),
            _ => false,
        };
        if is_one {
            return true;
        }
        if digits.len() > *DIGITS.end() {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_tell_of_people_are_known_in_every_language_and_others_are_not() {
        for key in
            ["customer_phone", "CustomerName", "ИИН покупателя", "e-mail", "тел", "iin", "Клиент", "ЖСН"]
        {
            assert!(is_key(key), "{key}");
        }
        for key in ["hotel", "cabin", "loyalty", "партия", "сорт", "discount", "имянины", ""]
        {
            assert!(!is_key(key), "{key}");
        }
    }

    #[test]
    fn what_looks_like_a_person_is_found_within_a_text_and_other_numbers_are_let_be() {
        for text in [
            "ИИН 900101300017",
            "тел. 87010000000",
            "для buyer@example.kz, спасибо",
            "звонить +7 (701) 000-00-00 после обеда",
            "8 701 000 00 00",
            "701 000 00 00",
            "900101 300017",
            "кв. 5 8 701 234 56 78",
            "8 701 234 56 78 кв 5",
        ] {
            assert!(is_in(text), "{text}");
        }
        for text in ["стол 12", "4870001234567", "2026-01-22 17:09:16", "партия 123456789", "12 345,67", ""]
        {
            assert!(!is_in(text), "{text}");
        }
    }
}
