//! What a help text is made of.

use super::topics::HelpPage;
use crate::language::Language;

/// A piece of a line: plain, or a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span<'a> {
    pub(super) text: &'a str,
    pub(super) href: Option<&'a str>,
}

/// A part of a page, top down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block<'a> {
    Heading(&'a str),
    Text(Vec<Span<'a>>),
    Items(Vec<Vec<Span<'a>>>),
    Steps(Vec<Vec<Span<'a>>>),
    /// The table of all refusals.
    Refusals,
}

impl HelpPage {
    fn source(&self, language: Language) -> &'static str {
        match language {
            Language::Kazakh => self.kazakh,
            Language::Russian => self.russian,
            Language::English => self.english,
        }
    }

    /// What it is called.
    pub(super) fn title(&self, language: Language) -> &'static str {
        let first = self.source(language).lines().next().unwrap_or_default();
        first.trim_start_matches("# ").trim()
    }

    /// What it says below its title.
    pub(super) fn blocks(&self, language: Language) -> Vec<Block<'static>> {
        let mut blocks = Vec::new();
        for line in self.source(language).lines().skip(1).map(str::trim).filter(|line| !line.is_empty()) {
            if line == "{refusals}" {
                blocks.push(Block::Refusals);
            } else if let Some(heading) = line.strip_prefix("## ") {
                blocks.push(Block::Heading(heading));
            } else if let Some(item) = line.strip_prefix("- ") {
                match blocks.last_mut() {
                    Some(Block::Items(items)) => items.push(spans(item)),
                    _ => blocks.push(Block::Items(vec![spans(item)])),
                }
            } else if let Some(step) = step(line) {
                match blocks.last_mut() {
                    Some(Block::Steps(steps)) => steps.push(spans(step)),
                    _ => blocks.push(Block::Steps(vec![spans(step)])),
                }
            } else {
                blocks.push(Block::Text(spans(line)));
            }
        }
        blocks
    }
}

/// What a numbered step says.
fn step(line: &str) -> Option<&str> {
    let (number, step) = line.split_once(". ")?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(step)
}

/// A line in pieces. What only looks like a link stays plain.
fn spans(line: &str) -> Vec<Span<'_>> {
    let (mut spans, mut rest) = (Vec::new(), line);
    let plain = |text| Span { text, href: None };
    while let Some((before, text, href, behind)) = link(rest) {
        spans.extend(Some(plain(before)).filter(|span| !span.text.is_empty()));
        spans.push(Span { text, href: Some(href) });
        rest = behind;
    }
    spans.extend(Some(plain(rest)).filter(|span| !span.text.is_empty()));
    spans
}

/// The first link of a line: what stands before it, its text, where it leads, what stands behind.
fn link(line: &str) -> Option<(&str, &str, &str, &str)> {
    let (before, rest) = line.split_once('[')?;
    let (text, rest) = rest.split_once("](")?;
    let (href, behind) = rest.split_once(')')?;
    Some((before, text, href, behind))
}

#[cfg(test)]
mod tests {
    use super::super::topics::PAGES;
    use super::*;

    #[test]
    fn a_line_is_read_into_text_and_links() {
        let plain = |text| Span { text, href: None };
        let link = |text, href| Span { text, href: Some(href) };
        assert_eq!(spans("a [b](/c), d"), [plain("a "), link("b", "/c"), plain(", d")]);
        assert_eq!(spans("[b](/c)[d](/e)"), [link("b", "/c"), link("d", "/e")]);
        assert_eq!(spans("a [b] (c)"), [plain("a [b] (c)")]);
        assert_eq!(spans(""), []);
        assert_eq!(step("12. go"), Some("go"));
        assert_eq!(step("The code is 2. Go"), None);
    }

    #[test]
    fn a_page_says_the_same_in_every_language_and_leads_to_pages_that_are_there() {
        for page in PAGES {
            let shape = |language: Language| {
                let kind = |block: &Block<'_>| match block {
                    Block::Heading(_) => ("heading", 1),
                    Block::Text(_) => ("text", 1),
                    Block::Items(items) => ("items", items.len()),
                    Block::Steps(steps) => ("steps", steps.len()),
                    Block::Refusals => ("refusals", 1),
                };
                page.blocks(language).iter().map(kind).collect::<Vec<_>>()
            };
            for language in Language::ALL {
                let what = format!("{} in {}", page.name, language.code());
                assert!(page.source(language).starts_with("# "), "{what} begins with its title");
                assert!(!page.title(language).is_empty(), "{what}");
                assert_eq!(shape(language), shape(Language::Russian), "{what}");
                for block in page.blocks(language) {
                    let spans = match block {
                        Block::Text(spans) => spans,
                        Block::Items(lines) | Block::Steps(lines) => lines.concat(),
                        Block::Heading(_) | Block::Refusals => continue,
                    };
                    for href in spans.iter().filter_map(|span| span.href) {
                        let topic = href.strip_prefix("/help/").unwrap_or(href);
                        assert!(PAGES.iter().any(|known| known.name == topic), "{what} leads to {href}");
                    }
                }
            }
        }
    }
}
