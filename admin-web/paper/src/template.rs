//! Texts of papers as people write them: a few `name: value` lines, then each language behind a line such as `[ru]`.
//!
//! `# ` begins the title, `## ` a heading, `1.2. ` a numbered clause, `label | value` a line of a table of two columns, `> ` a line
//! in the middle. Other lines are paragraphs; lines that follow each other without an empty one between are one paragraph or
//! clause. `{name}` is replaced.

use ofd_edge::Language;

use crate::error::TextError;

/// How long a text may be: a contract of a hundred pages in three languages has half of it.
const TEXT_LEN_MAX: usize = 1 << 20;

/// Lines at the top are few.
const HEADER_LINES_MAX: usize = 16;

/// One thing that a text says, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Title(String),
    Heading(String),
    Clause { number: String, text: String },
    Paragraph(String),
    Centred(String),
    Field { label: String, value: String },
}

/// A part with the line it begins in, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) line: usize,
    pub(crate) part: Part,
}

/// A `name: value` at the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) line: usize,
    pub(crate) name: String,
    pub(crate) value: String,
}

/// A text that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) header: Vec<Header>,
    languages: Vec<(Language, Vec<Placed>)>,
}

impl Template {
    pub(crate) fn parse(text: &str) -> Result<Self, TextError> {
        if text.len() > TEXT_LEN_MAX {
            return Err(TextError::TooLong { limit: TEXT_LEN_MAX });
        }
        let mut read = Self { header: Vec::new(), languages: Vec::new() };
        let mut goes_on = false;
        for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let (number, line) = (at.saturating_add(1), line.trim());
            let wrong = |what| TextError::Line { line: number, what };
            if let Some(code) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                let language = Language::ALL.into_iter().find(|language| language.code() == code);
                let language = language.ok_or_else(|| wrong("a language is [ru], [kk] or [en]"))?;
                if read.language(language).is_some() {
                    return Err(wrong("this language was begun before"));
                }
                read.languages.push((language, Vec::new()));
                goes_on = false;
                continue;
            }
            match read.languages.last_mut() {
                None if line.is_empty() => {}
                None => {
                    let (name, value) = line.split_once(':').ok_or_else(|| wrong("no `name: value`"))?;
                    if read.header.len() >= HEADER_LINES_MAX {
                        return Err(wrong("too many lines above the first language"));
                    }
                    let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
                    read.header.push(Header { line: number, name, value });
                }
                Some(_) if line.is_empty() => goes_on = false,
                Some((_, parts)) => {
                    if !(goes_on && continued(parts.last_mut(), line)) {
                        parts.push(Placed { line: number, part: part(line).map_err(wrong)? });
                    }
                    goes_on = true;
                }
            }
        }
        Ok(read)
    }

    /// What stands at the top under a name.
    pub(crate) fn value(&self, name: &'static str) -> Result<&Header, TextError> {
        self.header.iter().find(|one| one.name == name).ok_or(TextError::Missing { name })
    }

    pub(crate) fn language(&self, language: Language) -> Option<&[Placed]> {
        self.languages.iter().find(|(one, _)| *one == language).map(|(_, parts)| parts.as_slice())
    }
}

/// A line of its own.
fn part(line: &str) -> Result<Part, &'static str> {
    if let Some(title) = line.strip_prefix("# ") {
        return Ok(Part::Title(title.trim().to_owned()));
    }
    if let Some(heading) = line.strip_prefix("## ") {
        return Ok(Part::Heading(heading.trim().to_owned()));
    }
    if let Some(text) = line.strip_prefix("> ") {
        return Ok(Part::Centred(text.trim().to_owned()));
    }
    if line.starts_with('#') {
        return Err("a title begins with `# `, a heading with `## `");
    }
    if let Some((label, value)) = line.split_once(" | ") {
        return Ok(Part::Field { label: label.trim().to_owned(), value: value.trim().to_owned() });
    }
    Ok(match numbered(line) {
        Some((number, text)) => Part::Clause { number: number.to_owned(), text: text.to_owned() },
        None => Part::Paragraph(line.to_owned()),
    })
}

/// `1.2. Text` as number and text.
fn numbered(line: &str) -> Option<(&str, &str)> {
    let (number, text) = line.split_once(' ')?;
    let inner = number.strip_suffix('.')?;
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (inner.len() <= 16 && inner.split('.').all(is_number)).then(|| (inner, text.trim()))
}

/// Adds a line to the paragraph or clause before it, if it is none of its own.
fn continued(last: Option<&mut Placed>, line: &str) -> bool {
    let Some(Placed { part: Part::Paragraph(text) | Part::Clause { text, .. }, .. }) = last else {
        return false;
    };
    let Ok(Part::Paragraph(more)) = part(line) else { return false };
    text.push(' ');
    text.push_str(&more);
    true
}

/// `text` with every `{name}` replaced by what `value` has for it; a name that it does not know is given back.
pub(crate) fn filled(text: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}').ok_or_else(|| behind.to_owned())?;
        whole.push_str(before);
        whole.push_str(&value(name).ok_or_else(|| name.to_owned())?);
        rest = after;
    }
    whole.push_str(rest);
    Ok(whole)
}
