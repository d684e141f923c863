//! Characters that must not reach a reader as they came: devices send names with anything in them (WIRE 13.12).

/// What is shown where a character was that cannot be shown.
const REPLACEMENT: char = '\u{FFFD}';

/// Whether a character turns what stands beside it around: a name with one could show another sum than it has.
fn turns_text(char: char) -> bool {
    matches!(char, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// What stands on a page in a character's place; `None` where it stays as it is.
fn replaced(char: char) -> Option<char> {
    match char {
        '\n' | '\r' => None,
        '\t' => Some(' '),
        char if char.is_control() || turns_text(char) => Some(REPLACEMENT),
        _ => None,
    }
}

/// A text as a page may have it: control characters other than line breaks are replaced.
pub fn on_page(text: String) -> String {
    if text.chars().all(|char| replaced(char).is_none()) {
        return text;
    }
    text.chars().map(|char| replaced(char).unwrap_or(char)).collect()
}

/// Whether nothing of a text can be seen.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|char| char.is_whitespace() || char.is_control())
}

/// Escapes in JSON what JSON itself lets through: DEL and the controls behind it. They can only stand inside texts.
pub fn escaped_json(json: String) -> String {
    let is_raw = |char: char| matches!(char, '\u{7F}'..='\u{9F}');
    if !json.contains(is_raw) {
        return json;
    }
    let mut out = String::with_capacity(json.len().saturating_mul(2));
    for char in json.chars() {
        if is_raw(char) {
            out.push_str(&format!("\\u{:04x}", u32::from(char)));
        } else {
            out.push(char);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_pages_control_characters_are_replaced_and_line_breaks_stay() {
        let shown = |text: &str| on_page(text.to_owned());
        assert_eq!(shown("Хлеб\0\u{1b}[2J\u{7f}\u{85}"), "Хлеб\u{fffd}\u{fffd}[2J\u{fffd}\u{fffd}");
        assert_eq!(shown("a\tb\r\nc\nd"), "a b\r\nc\nd");
        assert_eq!(shown("Сыр \u{202e}00,1"), "Сыр \u{fffd}00,1");
        assert_eq!(shown("Қазақша — «as it is»\u{a0}₸"), "Қазақша — «as it is»\u{a0}₸");
    }

    #[test]
    fn what_cannot_be_seen_is_blank() {
        assert!(is_blank("") && is_blank(" \u{a0}\t\n\0\u{9f}"));
        assert!(!is_blank("\0a"));
    }

    #[test]
    fn json_has_no_control_character_as_it_is() {
        let text = "a\0\u{1f}\u{7f}\u{85}\u{9f}\u{a0}\"";
        let json = escaped_json(serde_json::to_string(text).unwrap());
        assert_eq!(json, "\"a\\u0000\\u001f\\u007f\\u0085\\u009f\u{a0}\\\"\"");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text, "nothing is lost");
    }
}
