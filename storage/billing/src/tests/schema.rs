//! Documents of XML held against storage/billing/schema/invoice.xsd, as far as that schema goes: sequences, counts, patterns, lists.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::Event;

const SCHEMA: &str = include_str!("../../schema/invoice.xsd");

/// An element with what is in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: BTreeMap<String, String>,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// The first element of this name in it.
    pub(super) fn child(&self, name: &str) -> &Self {
        self.children
            .iter()
            .find(|child| child.name == name)
            .unwrap_or_else(|| panic!("no {name} in {}", self.name))
    }
}

/// Reads a document; whatever is not well formed fails the test.
pub(super) fn read(xml: &str) -> Element {
    let mut reader = Reader::from_str(xml);
    let mut open = vec![Element::default()];
    let begun = |start: &quick_xml::events::BytesStart<'_>| {
        let pair = |one: Result<quick_xml::events::attributes::Attribute<'_>, _>| {
            let one = one.expect("an attribute");
            (one.key.as_ref().to_owned(), one.value.into_owned())
        };
        let attributes = start.attributes().map(pair).collect();
        Element { name: start.name().as_ref().to_owned(), attributes, ..Element::default() }
    };
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Eof => break,
            Event::Start(start) => open.push(begun(&start)),
            Event::Empty(start) => open.last_mut().expect("a parent").children.push(begun(&start)),
            Event::End(_) => {
                let done = open.pop().expect("it was begun");
                open.last_mut().expect("a parent").children.push(done);
            }
            Event::Text(text) => open.last_mut().expect("a parent").text.push_str(&text),
            Event::GeneralRef(of) => {
                let char =
                    quick_xml::escape::resolve_predefined_entity(&of).expect("an entity that all know");
                open.last_mut().expect("a parent").text.push_str(char);
            }
            _ => {}
        }
    }
    assert_eq!(open.len(), 1, "something is not closed");
    open.pop().and_then(|mut document| document.children.pop()).expect("an element")
}

/// What the schema has against a document.
pub(super) fn problems(xml: &str) -> Vec<String> {
    let (schema, document) = (read(SCHEMA), read(xml));
    let mut problems = Vec::new();
    let namespace = schema.attribute("targetNamespace");
    if document.attribute("xmlns") != namespace {
        problems.push(format!("{} is not of {namespace:?}", document.name));
    }
    let root = schema.child("xs:element");
    if root.attribute("name") == Some(&document.name) {
        of_type(&schema, root.attribute("type").expect("a type"), &document, &mut problems);
    } else {
        problems.push(format!("{} is no document of the schema", document.name));
    }
    problems
}

fn of_type(schema: &Element, name: &str, element: &Element, problems: &mut Vec<String>) {
    let called = |one: &&Element| one.attribute("name") == Some(name);
    let of = |kind: &str| schema.children.iter().filter(|one| one.name == kind).find(called);
    if let Some(simple) = of("xs:simpleType") {
        let facets = &simple.child("xs:restriction").children;
        if !element.children.is_empty() || !facets_hold(facets, &element.text) {
            problems.push(format!("{} is {:?}, which is no {name}", element.name, element.text));
        }
        return;
    }
    let complex = of("xs:complexType").unwrap_or_else(|| panic!("the schema has no type {name}"));
    if !element.text.trim().is_empty() {
        problems.push(format!("{} has text of its own", element.name));
    }
    let mut children = element.children.iter().peekable();
    for wanted in &complex.child("xs:sequence").children {
        let name = wanted.attribute("name").expect("a name");
        let least: usize = wanted.attribute("minOccurs").map_or(1, |count| count.parse().expect("a number"));
        let most = if wanted.attribute("maxOccurs") == Some("unbounded") { usize::MAX } else { 1 };
        let mut count = 0;
        while count < most
            && let Some(child) = children.next_if(|child| child.name == name)
        {
            of_type(schema, wanted.attribute("type").expect("a type"), child, problems);
            count += 1;
        }
        if count < least {
            problems.push(format!("{} lacks {name}", element.name));
        }
    }
    problems.extend(children.map(|child| format!("{} has {} out of place", element.name, child.name)));
}

fn facets_hold(facets: &[Element], text: &str) -> bool {
    let value = |facet: &Element| facet.attribute("value").expect("a value").to_owned();
    let listed: Vec<String> =
        facets.iter().filter(|facet| facet.name == "xs:enumeration").map(value).collect();
    let holds = |facet: &Element| match facet.name.as_str() {
        "xs:enumeration" => true,
        "xs:pattern" => matches(&atoms(&value(facet)), &text.chars().collect::<Vec<_>>()),
        "xs:minLength" => text.chars().count() >= value(facet).parse().expect("a number"),
        other => panic!("the schema has {other}, which is not looked at"),
    };
    facets.iter().all(holds) && (listed.is_empty() || listed.iter().any(|one| one == text))
}

/// A piece of a pattern: which characters, and how often at least and at most.
type Atom = (Vec<char>, usize, usize);

/// A pattern of plain characters, `[0-9]`, `\.`, `?` and `{1,2}`.
fn atoms(pattern: &str) -> Vec<Atom> {
    let (mut atoms, mut rest): (Vec<Atom>, _) = (Vec::new(), pattern);
    while let Some(first) = rest.chars().next() {
        rest = &rest[first.len_utf8()..];
        match first {
            '[' => {
                let (set, behind) = rest.split_once(']').expect("a set");
                let set = if set == "0-9" { "0123456789" } else { set };
                atoms.push((set.chars().collect(), 1, 1));
                rest = behind;
            }
            '\\' => {
                atoms.push((rest.chars().take(1).collect(), 1, 1));
                rest = &rest[1..];
            }
            '?' => atoms.last_mut().expect("something before").1 = 0,
            '{' => {
                let (counts, behind) = rest.split_once('}').expect("counts");
                let (least, most) = counts.split_once(',').unwrap_or((counts, counts));
                let last = atoms.last_mut().expect("something before");
                (last.1, last.2) = (least.parse().expect("a number"), most.parse().expect("a number"));
                rest = behind;
            }
            plain => atoms.push((vec![plain], 1, 1)),
        }
    }
    atoms
}

fn matches(atoms: &[Atom], text: &[char]) -> bool {
    let Some(((set, least, most), behind)) = atoms.split_first() else { return text.is_empty() };
    let fit = text.iter().take(*most).take_while(|char| set.contains(char)).count();
    (*least..=fit).any(|count| matches(behind, &text[count..]))
}

#[test]
fn what_is_not_of_the_schema_is_found() {
    assert_eq!(problems("<x/>").len(), 2);
    let bare = "<invoice xmlns=\"urn:ofd:invoice:1\"><number>1</number><date>yesterday</date></invoice>";
    let problems = problems(bare);
    assert!(problems.iter().any(|what| what.contains("yesterday")), "{problems:?}");
    assert!(problems.iter().any(|what| what == "invoice lacks total"), "{problems:?}");
    for (text, is_sum) in
        [("0.00", true), ("-12.30", true), ("12.3", false), ("1,00", false), ("--1.00", false)]
    {
        assert_eq!(
            matches(&atoms("-?[0-9]{1,14}\\.[0-9]{2}"), &text.chars().collect::<Vec<_>>()),
            is_sum,
            "{text}"
        );
    }
}
