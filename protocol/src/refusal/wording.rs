//! What the text of a refusal may look like, whatever it says: one line, not too long, no word that tills misread.

/// A result text is at most this long.
pub const TEXT_LEN_MAX: usize = 500;

/// Words that some tills take for a broken link, to repeat the request for ever (any case, any part of a word).
/// No text of the codes 1 to 19 may hold one; 254 and 255 must hold [`RETRY_WORD`].
pub const FORBIDDEN_WORDS: &[&str] = &[
    "connection",
    "timeout",
    "time-out",
    "time out",
    "network",
    "empty response",
    "unknown",
    "соединен",
    "подключен",
    "связь",
    "связи",
    "сеть",
    "сети",
    "таймаут",
    "тайм-аут",
    "время ожидания",
    "пустой ответ",
    "неизвест",
    "байланыс",
    "қосылым",
    "қосылу",
    "желі",
    "күту уақыты",
    "бос жауап",
    "белгісіз",
];

/// Without it there are tills that never repeat a 254 or 255, so that the receipt is lost.
pub const RETRY_WORD: &str = "timeout";

/// Whether a text holds a word that some tills take for a broken link.
pub fn has_forbidden_word(text: &str) -> bool {
    let text = text.to_lowercase();
    FORBIDDEN_WORDS.iter().any(|word| text.contains(word))
}

/// What stands between the languages of a text.
const BETWEEN_LANGUAGES: &str = " / ";

/// The parts of a reason that is given in Russian, Kazakh and English, in one line as texts are; `None`: it is one text, as
/// a person typed it.
pub fn reason_in_languages(reason: &str) -> Option<[&str; 3]> {
    let parts: Vec<&str> = reason.split(BETWEEN_LANGUAGES).map(str::trim).collect();
    parts.try_into().ok().filter(|parts: &[&str; 3]| parts.iter().all(|part| !part.is_empty()))
}

/// The texts of all languages as the one line that a till shows.
pub(super) fn one_line(texts: &[String; 3]) -> String {
    let text = texts.join(BETWEEN_LANGUAGES);
    if text.len() <= TEXT_LEN_MAX {
        return text;
    }
    // Only values of a request make a text that long; each language keeps its beginning, which names the field. What a
    // short one leaves of its share the longer ones have.
    let mut by_length = [0, 1, 2];
    by_length.sort_by_key(|index| texts.get(*index).map_or(0, String::len));
    let (mut left, mut short) = (TEXT_LEN_MAX.saturating_sub(6), [""; 3]);
    for (index, to_go) in by_length.into_iter().zip([3, 2, 1]) {
        let Some((text, to)) = texts.get(index).zip(short.get_mut(index)) else { continue };
        *to = cut(text, left.checked_div(to_go).unwrap_or(0));
        left = left.saturating_sub(to.len());
    }
    short.join(BETWEEN_LANGUAGES)
}

/// The beginning of a text: at most so many bytes, cut between two characters.
pub(super) fn cut(text: &str, len_max: usize) -> &str {
    let mut end = text.len().min(len_max);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default()
}
