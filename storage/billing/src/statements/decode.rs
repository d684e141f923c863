//! Letters from bytes: what is wrong is told, never replaced.

use encoding_rs::{IBM866, WINDOWS_1251};

use super::charset::Charset;
use super::fault::{Fault, Hint, Wrong};

/// The mark that UTF-8 may begin with.
const MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

/// The one byte that windows-1251 has no letter for.
const NONE_IN_1251: u8 = 0x98;

/// Garbled letters come in pairs; so many in a row are no coincidence.
const GARBLED_PAIRS: usize = 3;

/// How many garbled letters are shown.
const SAMPLE: usize = 12;

/// The letters of KZ-1048 (СТ РК 1048-2002), Kazakhstan's windows-1251: where they stand the latter has letters of other languages,
/// which banks of Kazakhstan do not write.
const KAZAKH: [(char, char); 16] = [
    ('Ќ', 'Қ'),
    ('Ћ', 'Һ'),
    ('ќ', 'қ'),
    ('ћ', 'һ'),
    ('Ў', 'Ұ'),
    ('ў', 'ұ'),
    ('Ј', 'Ә'),
    ('Ґ', 'Ө'),
    ('Є', 'Ғ'),
    ('Ї', 'Ү'),
    ('ґ', 'ө'),
    ('є', 'ғ'),
    ('ј', 'ә'),
    ('Ѕ', 'Ң'),
    ('ѕ', 'ң'),
    ('ї', 'ү'),
];

/// The text of a file. Bytes that are good UTF-8 are that, whatever is told: Cyrillic letters of another encoding never look so by chance.
///
/// # Errors
/// A [`Fault`] with the line of the first byte that the encoding does not have, of letters that are garbled, or of control characters.
pub(super) fn decode(bytes: &[u8], told: Option<Charset>) -> Result<String, Fault> {
    if bytes.starts_with(&[0xFE, 0xFF]) || bytes.starts_with(&[0xFF, 0xFE]) {
        return Err(Fault::of_file(Wrong::UnknownFormat(Hint::Utf16)));
    }
    let marked = bytes.strip_prefix(MARK);
    let bytes = marked.unwrap_or(bytes);
    let wrong = |charset, at| {
        let before = bytes.get(..at).unwrap_or_default();
        Fault::on_line(line_of(before), Wrong::Bytes { charset })
    };
    let (text, charset) = match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), Charset::Utf8),
        Err(error) if marked.is_some() || told == Some(Charset::Utf8) => {
            return Err(wrong(Charset::Utf8, error.valid_up_to()));
        }
        Err(_) if told == Some(Charset::Dos) => {
            let text = IBM866.decode_without_bom_handling(bytes).0;
            (text.into_owned(), Charset::Dos)
        }
        Err(_) => {
            if let Some(at) = bytes.iter().position(|byte| *byte == NONE_IN_1251) {
                return Err(wrong(Charset::Windows1251, at));
            }
            let text = WINDOWS_1251.decode_without_bom_handling(bytes).0;
            (text.into_owned(), Charset::Windows1251)
        }
    };
    for (index, line) in text.split('\n').enumerate() {
        look_at(line, charset).map_err(|wrong| Fault::on_line(index.saturating_add(1), wrong))?;
    }
    Ok(if charset == Charset::Windows1251 { text.chars().map(kazakh).collect() } else { text })
}

/// The letter that a bank of Kazakhstan means.
fn kazakh(char: char) -> char {
    KAZAKH.iter().find(|(other, _)| *other == char).map_or(char, |(_, kazakh)| *kazakh)
}

/// The line that what follows these bytes stands on.
fn line_of(before: &[u8]) -> usize {
    before.iter().filter(|byte| **byte == b'\n').count().saturating_add(1)
}

/// Whether a line's letters can be what was written.
fn look_at(line: &str, charset: Charset) -> Result<(), Wrong> {
    // First what explains more: letters that were garbled may look as control characters.
    if let Some(sample) = garbled(line) {
        return Err(Wrong::Garbled { sample });
    }
    let is_bad = |char: char| char.is_control() && !matches!(char, '\t' | '\r');
    if line.chars().any(is_bad) { Err(Wrong::Bytes { charset }) } else { Ok(()) }
}

/// Letters that were UTF-8 and were read as something else (`РџР»Р°`, `ÐŸÐ»Ð°`), or that a program gave up (U+FFFD).
fn garbled(line: &str) -> Option<String> {
    let sample = |from: usize| line.chars().skip(from.saturating_sub(2)).take(SAMPLE).collect();
    if let Some(at) = line.chars().position(|char| char == char::REPLACEMENT_CHARACTER) {
        return Some(sample(at));
    }
    let (mut pairs, mut before) = (0_usize, None);
    for (at, char) in line.chars().enumerate() {
        before = match before {
            Some(lead) if follows(lead, char) => {
                pairs = pairs.saturating_add(1);
                if pairs == GARBLED_PAIRS {
                    return Some(sample(at.saturating_sub(GARBLED_PAIRS * 2)));
                }
                None
            }
            Some(_) | None if leads(char) => {
                pairs = if before.is_some() { 0 } else { pairs };
                Some(char)
            }
            _ => {
                pairs = 0;
                None
            }
        };
    }
    None
}

/// What the first bytes of Cyrillic letters in UTF-8 look like in windows-1251 and in Latin-1.
fn leads(char: char) -> bool {
    matches!(char, 'Р' | 'С' | 'Т' | 'У' | 'Ð' | 'Ñ' | 'Ò' | 'Ó')
}

/// Whether a character looks as a second byte does, behind the first: those from 0x80 to 0xBF.
fn follows(lead: char, char: char) -> bool {
    if matches!(lead, 'Ð' | 'Ñ' | 'Ò' | 'Ó') {
        // Latin-1 has controls there, windows-1252 signs and a few letters.
        return matches!(char, '\u{80}'..='\u{BF}' | '\u{2010}'..='\u{2044}' | '€' | '™' | 'ˆ' | '˜' | 'ƒ')
            || matches!(char, 'Œ' | 'œ' | 'Š' | 'š' | 'Ž' | 'ž' | 'Ÿ');
    }
    matches!(char, '\u{A0}' | '¤' | '¦' | '§' | '©' | '«'..='®' | '°' | '±' | 'µ'..='·' | '»')
        || matches!(char, '\u{2010}'..='\u{2044}' | '€' | '™' | '№' | 'Ё' | 'ё' | 'Ґ' | 'ґ')
        || matches!(char, 'Ђ'..='Џ' | 'ђ'..='џ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes_1251(text: &str) -> Vec<u8> {
        let (bytes, _, replaced) = WINDOWS_1251.encode(text);
        assert!(!replaced, "{text} has letters that windows-1251 has not");
        bytes.into_owned()
    }

    #[test]
    fn letters_come_out_of_each_encoding() {
        let text = "Оплата по счёту № 15, «Ромашка»";
        assert_eq!(decode(text.as_bytes(), None).as_deref(), Ok(text));
        assert_eq!(decode(&[MARK, text.as_bytes()].concat(), Some(Charset::Utf8)).as_deref(), Ok(text));
        assert_eq!(decode(&bytes_1251(text), None).as_deref(), Ok(text));
        let (dos, _, _) = (IBM866.encode("Оплата").0.into_owned(), 0, 0);
        assert_eq!(decode(&dos, Some(Charset::Dos)).as_deref(), Ok("Оплата"));
    }

    #[test]
    fn kazakh_letters_of_1251_are_kazakh() {
        assert_eq!(decode(&bytes_1251("Ќазаќстан јґїѕ"), None).as_deref(), Ok("Қазақстан әөүң"));
        // In UTF-8 each letter is itself.
        assert_eq!(decode("Ќ".as_bytes(), None).as_deref(), Ok("Ќ"));
    }

    #[test]
    fn bytes_that_the_encoding_has_not_are_told_with_their_line() {
        let cut = [b"1\n2\n".as_slice(), &[0xD0, b'\n']].concat();
        let fault = decode(&cut, Some(Charset::Utf8)).expect_err("no UTF-8");
        assert_eq!(fault, Fault::on_line(3, Wrong::Bytes { charset: Charset::Utf8 }));
        let fault = decode(&[b'a', b'\n', 0xCE, 0x98], None).err().map(|fault| fault.place);
        assert_eq!(fault, None, "that is a letter of UTF-8");
        let fault = decode(&[b'a', b'\n', 0xCE, 0xCE, 0x98], None).expect_err("no windows-1251");
        assert_eq!(fault, Fault::on_line(2, Wrong::Bytes { charset: Charset::Windows1251 }));
        assert!(decode(b"a\0b", None).is_err());
        assert!(decode(&[0xFF, 0xFE, b'1', 0], None).is_err());
    }

    #[test]
    fn garbled_letters_are_noticed_and_good_ones_are_not() {
        for text in ["Оплата", "Плательщик", "Қазақстан", "за услуги"] {
            let as_1251 = WINDOWS_1251.decode_without_bom_handling(text.as_bytes()).0.into_owned();
            let as_1252 =
                encoding_rs::WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0.into_owned();
            for garbled in [as_1251, as_1252] {
                let fault = decode(garbled.as_bytes(), None).expect_err("garbled");
                assert!(matches!(fault.wrong, Wrong::Garbled { .. }), "{garbled}: {fault}");
            }
        }
        assert!(decode("Пла\u{FFFD}а".as_bytes(), None).is_err());
        for text in ["ТОО «Рёв»", "СЁСТРЫ", "С»Р»", "Уєтел", "РСТУ", "Ñandú", "СССР № 1"]
        {
            assert_eq!(decode(text.as_bytes(), None).as_deref(), Ok(text));
        }
    }
}
