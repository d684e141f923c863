//! Rust read just far enough: code apart from comments and literals, and where functions begin and end.

/// A string literal and the line it begins on, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// Without its quotes; escapes as they are written.
    pub text: String,
    /// From 1.
    pub line: usize,
    /// Where its first quote stands in the code.
    pub at: usize,
}

/// A source with its literals apart.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The source, byte for byte, with blanks for comments and for what is in literals. Quotes stay.
    pub code: String,
    /// Its string literals, in their order.
    pub literals: Vec<Literal>,
}

impl Source {
    /// Takes a source apart.
    pub fn new(text: &str) -> Self {
        let mut source = Self::default();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (len, kind) = token(rest, source.code.chars().next_back());
            let (taken, after) = rest.split_at(len.max(first.len_utf8()));
            match kind {
                Kind::Code => source.code.push_str(taken),
                Kind::Comment => blank(taken, &mut source.code),
                Kind::Text { open, close } => {
                    let inner = &taken[open..taken.len() - close];
                    let line = 1 + source.code.matches('\n').count();
                    let at = source.code.len();
                    source.literals.push(Literal { text: inner.to_owned(), line, at });
                    source.code.push_str(&taken[..open]);
                    blank(inner, &mut source.code);
                    source.code.push_str(&taken[taken.len() - close..]);
                }
            }
            rest = after;
        }
        source
    }

    /// The words of the code (identifiers, keywords, numbers), each with its place.
    pub fn words(&self) -> impl Iterator<Item = (usize, &str)> {
        let is_word = |char: char| char.is_alphanumeric() || char == '_';
        let mut at = 0;
        std::iter::from_fn(move || {
            let from = at + self.code.get(at..)?.find(is_word)?;
            let rest = &self.code[from..];
            let to = from + rest.find(|char| !is_word(char)).unwrap_or(rest.len());
            at = to;
            Some((from, &self.code[from..to]))
        })
    }

    /// The line of a place, from 1.
    pub fn line(&self, at: usize) -> usize {
        1 + self.code[..at].matches('\n').count()
    }

    /// The functions that have a body: name, first line, number of lines.
    pub fn functions(&self) -> Vec<(String, usize, usize)> {
        let mut found = Vec::new();
        let words: Vec<(usize, &str)> = self.words().collect();
        for pair in words.windows(2) {
            let [(at, "fn"), (name_at, name)] = *pair else { continue };
            // A function pointer type has no name: its next word is not right behind.
            if !self.code[at + 2..name_at].chars().all(char::is_whitespace) {
                continue;
            }
            if let Some(end) = body_end(&self.code[name_at..]) {
                let (first, last) = (self.line(at), self.line(name_at + end));
                found.push((name.to_owned(), first, last + 1 - first));
            }
        }
        found
    }
}

/// How far it is from a function's name to the end of its body; `None` when it has none.
fn body_end(code: &str) -> Option<usize> {
    let (mut braces, mut others) = (0_usize, 0_usize);
    for (at, char) in code.char_indices() {
        match char {
            '(' | '[' => others += 1,
            ')' | ']' => others = others.saturating_sub(1),
            ';' if braces == 0 && others == 0 => return None,
            '{' => braces += 1,
            '}' if braces <= 1 => return (braces == 1).then_some(at),
            '}' => braces -= 1,
            _ => {}
        }
    }
    None
}

enum Kind {
    Code,
    Comment,
    Text { open: usize, close: usize },
}

/// The length of what stands at the front, and what it is. `before` tells a raw string's `r` from a name's end.
fn token(rest: &str, before: Option<char>) -> (usize, Kind) {
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), Kind::Comment);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), Kind::Comment);
    }
    let in_name = before.is_some_and(|char| char.is_alphanumeric() || char == '_');
    if !in_name && let Some((len, open, close)) = raw_string(rest) {
        return (len, Kind::Text { open, close });
    }
    if rest.starts_with('"') {
        return (quoted(rest, '"'), Kind::Text { open: 1, close: 1 });
    }
    if let Some(inner) = rest.strip_prefix('\'') {
        // A lifetime has no second quote after one character.
        let mut chars = inner.chars();
        let (first, second) = (chars.next(), chars.next());
        if first == Some('\\') || second == Some('\'') {
            return (quoted(rest, '\''), Kind::Comment);
        }
    }
    (rest.chars().next().map_or(0, char::len_utf8), Kind::Code)
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, char) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if char == '\\' {
            escaped = true;
        } else if char == quote {
            return at + 1;
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> Option<(usize, usize, usize)> {
    let body = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = body.len() - body.trim_start_matches('#').len();
    let inner = body.get(hashes..)?.strip_prefix('"')?;
    let open = rest.len() - inner.len();
    let end = format!("\"{}", "#".repeat(hashes));
    let len = open + inner.find(&end)? + end.len();
    Some((len, open, end.len()))
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// As many blanks as bytes, so that places in code and source are the same; line ends stay.
fn blank(text: &str, code: &mut String) {
    code.extend(text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_no_code() {
        let text = r##"let a = "todo!() \" {"; // todo!()
/* todo!() /* { */ */ let b = r#"x"{"#; let c: &'a str = '{'; let d = '\''; let e = b"y";"##;
        let source = Source::new(text);
        assert_eq!(source.code.len(), text.len());
        assert!(!source.code.contains("todo"));
        assert!(!source.code.contains('{'));
        assert!(source.code.contains("&'a str"));
        let literals: Vec<_> = source.literals.iter().map(|one| (one.text.as_str(), one.line)).collect();
        assert_eq!(literals, [("todo!() \\\" {", 1), ("x\"{", 2), ("y", 2)]);
    }

    #[test]
    fn functions_are_measured_from_their_name_to_their_last_brace() {
        let text = "trait T { fn none(&self, a: [u8; 3]); }\nfn two() {\n}\nfn four(f: fn(u8) -> u8)\nwhere\n{\n    \
                    if a { b } // }\n}\n";
        let functions = Source::new(text).functions();
        let found: Vec<_> =
            functions.iter().map(|(name, first, lines)| (name.as_str(), *first, *lines)).collect();
        assert_eq!(found, [("two", 2, 2), ("four", 4, 5)]);
    }

    #[test]
    fn words_are_whole() {
        let source = Source::new("use ofd_protocol::wire; // x\n\"in text\" r#type");
        let words: Vec<_> = source.words().map(|(_, word)| word).collect();
        assert_eq!(words, ["use", "ofd_protocol", "wire", "r", "type"]);
    }
}
