//! XML as a tree of elements, one part of a document at a time: nothing in it is expanded, and it is bounded.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::fault::{Fault, Wrong};
use super::statement::Place;
use super::sums::shown;

/// How deep elements may lie in each other: statements have about twelve.
const DEPTH_MAX: usize = 40;

/// How many elements one part may have.
const ELEMENTS_MAX: usize = 300_000;

/// An element with what lies in it. Names are without their prefixes.
#[derive(Clone, Debug, Default)]
pub(super) struct Element {
    /// The name without its prefix.
    pub(super) name: String,
    /// The line that it begins on.
    pub(super) line: usize,
    /// The text right in it.
    pub(super) text: String,
    /// Attributes: the names as they stand, and the values.
    pub(super) attributes: Vec<(String, String)>,
    /// The elements right in it, in order.
    pub(super) children: Vec<Element>,
}

impl Element {
    /// The first child of a name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of a name.
    pub(super) fn all<'this>(&'this self, name: &'this str) -> impl Iterator<Item = &'this Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The element that a path of names leads to, by the first child of each name.
    pub(super) fn at(&self, path: &str) -> Option<&Self> {
        path.split('/').try_fold(self, |element, name| element.child(name))
    }

    /// The text at a path, without what surrounds it; `None` when there is none.
    pub(super) fn told(&self, path: &str) -> Option<&str> {
        self.at(path).map(|element| element.text.trim()).filter(|text| !text.is_empty())
    }

    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Where it stands, for people.
    pub(super) fn place(&self) -> Place {
        Place::Element(self.name.clone(), self.line)
    }

    /// A fault at this element.
    pub(super) fn fault(&self, wrong: Wrong) -> Fault {
        Fault { place: self.place(), wrong }
    }
}

/// What is done with an element that is over.
pub(super) trait Taker {
    /// Takes an element that ended, with the names of those around it. What is given back stays in the tree; `None` takes it out.
    ///
    /// # Errors
    /// A [`Fault`] ends the reading.
    fn take(&mut self, element: Element, around: &[&str]) -> Result<Option<Element>, Fault>;
}

/// Reads a document to its end, and gives its root with what `taker` left of it.
///
/// # Errors
/// A [`Fault`] of XML that is not well formed, is cut, has a document type or entities of its own, or is beyond the limits.
pub(super) fn read(text: &str, taker: &mut impl Taker) -> Result<Element, Fault> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().enable_all_checks(true);
    let mut lines = Lines { text, at: 0, line: 1 };
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut kept = 0_usize;
    loop {
        let line = lines.line_at(usize::try_from(reader.buffer_position()).unwrap_or(text.len()));
        let wrong = |what: String| Fault::on_line(line, Wrong::Structure { what });
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => return Err(not_well_formed(&error, line, &open)),
        };
        let ended = match event {
            Event::Start(start) | Event::Empty(start) if root.is_some() => {
                let name = start.name().as_ref().to_owned();
                return Err(wrong(format!("the element {} stands behind the document", shown(&name))));
            }
            Event::Start(start) => {
                open.push(begun(&start, line)?);
                None
            }
            Event::Empty(start) => Some(begun(&start, line)?),
            Event::End(_) => open.pop(),
            Event::Text(text) => {
                add_text(&mut open, &text.xml10_content()).map_err(wrong)?;
                None
            }
            Event::CData(data) => {
                add_text(&mut open, &data.xml10_content()).map_err(wrong)?;
                None
            }
            Event::GeneralRef(reference) => {
                let char = resolved(&reference).map_err(|wrong| Fault::on_line(line, wrong))?;
                add_text(&mut open, char.encode_utf8(&mut [0; 4])).map_err(wrong)?;
                None
            }
            Event::DocType(_) => {
                return Err(Fault::on_line(line, Wrong::Unsafe { what: "a document type (DTD)".to_owned() }));
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => None,
            Event::Eof => break,
        };
        let Some(element) = ended else {
            kept = kept.saturating_add(1);
            if open.len() > DEPTH_MAX || kept > ELEMENTS_MAX {
                return Err(wrong("there are too many elements in each other".to_owned()));
            }
            continue;
        };
        let around: Vec<&str> = open.iter().map(|element| element.name.as_str()).collect();
        let Some(element) = taker.take(element, &around)? else {
            kept = open.len();
            continue;
        };
        match open.last_mut() {
            Some(parent) => {
                kept = kept.saturating_add(1);
                parent.children.push(element);
            }
            None => root = Some(element),
        }
    }
    match (root, open.last()) {
        (Some(root), None) => Ok(root),
        (_, Some(element)) => Err(cut(lines.line_at(text.len()), &element.name)),
        (None, None) => Err(cut(lines.line_at(text.len()), "Document")),
    }
}

/// Lines by places in the text, counted once.
struct Lines<'text> {
    text: &'text str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of a place, which is never before the last that was asked for.
    fn line_at(&mut self, place: usize) -> usize {
        let passed = self.text.as_bytes().get(self.at..place).unwrap_or_default();
        self.line = self.line.saturating_add(passed.iter().filter(|byte| **byte == b'\n').count());
        self.at = self.at.max(place);
        self.line
    }
}

fn cut(line: usize, name: &str) -> Fault {
    Fault::on_line(line, Wrong::Cut { missing: format!("</{}>", shown(name)) })
}

/// What is told of XML that cannot be read: a document that ends early is cut, any other is damaged.
fn not_well_formed(error: &quick_xml::Error, line: usize, open: &[Element]) -> Fault {
    use quick_xml::errors::IllFormedError::MissingEndTag;
    let ends_early = matches!(error, quick_xml::Error::Syntax(_))
        || matches!(error, quick_xml::Error::IllFormed(MissingEndTag(_)));
    match open.first() {
        Some(root) if ends_early => cut(line, &root.name),
        _ => Fault::on_line(line, Wrong::Structure { what: format!("the XML is not well formed ({error})") }),
    }
}

/// An element by its first tag.
fn begun(start: &BytesStart<'_>, line: usize) -> Result<Element, Fault> {
    let name = start.local_name().as_ref().to_owned();
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let bad = |error: &dyn std::fmt::Display| {
            let what = format!("an attribute of {} is not well formed ({error})", shown(&name));
            Fault::on_line(line, Wrong::Structure { what })
        };
        let attribute = attribute.map_err(|error| bad(&error))?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| bad(&error))?;
        attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    Ok(Element { name, line, attributes, ..Element::default() })
}

/// Adds text to the innermost element. Outside of the root there may be blanks alone.
fn add_text(open: &mut [Element], text: &str) -> Result<(), String> {
    match open.last_mut() {
        Some(element) => {
            element.text.push_str(text);
            Ok(())
        }
        None if text.trim().is_empty() => Ok(()),
        None => Err(format!("«{}» stands outside of the document", shown(text.trim()))),
    }
}

/// The character of a reference. Only the five of XML and numbers are known: others need a document type.
fn resolved(reference: &BytesRef<'_>) -> Result<char, Wrong> {
    let name = reference.xml10_content();
    let unknown = || Wrong::Unsafe { what: format!("the entity &{};", shown(&name)) };
    match reference.resolve_char_ref() {
        Ok(Some(char)) if !char.is_control() || matches!(char, '\t' | '\n' | '\r') => Ok(char),
        Ok(None) => match name.as_ref() {
            "amp" => Ok('&'),
            "lt" => Ok('<'),
            "gt" => Ok('>'),
            "quot" => Ok('"'),
            "apos" => Ok('\''),
            _ => Err(unknown()),
        },
        _ => Err(unknown()),
    }
}
