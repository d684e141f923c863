//! The schema as data: which fields each message has, read from the file that vendors are given.
//!
//! Nothing that decides reads it: requests are read by [`crate::message`]. It names what stands in a frame for people.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number without a sign.
    Number,
    /// A number that may be below zero.
    Signed,
    /// Yes or no.
    Flag,
    /// Text in UTF-8.
    Text,
    /// Bytes that say nothing to people.
    Bytes,
    /// A message or an enum of this name.
    Named(&'static str),
}

/// A field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FieldDef {
    pub(super) number: u32,
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) is_repeated: bool,
}

/// What is in the braces of a name.
#[derive(Debug, Default)]
pub(super) struct Schema {
    /// Fields by message.
    pub(super) messages: HashMap<&'static str, Vec<FieldDef>>,
    /// Names by enum and number; of several names of one number the first.
    pub(super) enums: HashMap<&'static str, Vec<(u64, &'static str)>>,
}

const TEXT: &str = include_str!("../../schema/kkm.proto");

/// The schema of every version.
pub(super) static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::read(TEXT));

/// Where a line stands.
#[derive(Clone, Copy)]
enum Within {
    Nothing,
    Message(&'static str),
    Enum(&'static str),
}

fn kind_of(word: &'static str) -> Kind {
    match word {
        "uint32" | "uint64" | "fixed32" | "fixed64" => Kind::Number,
        "int32" | "int64" | "sint32" | "sint64" => Kind::Signed,
        "bool" => Kind::Flag,
        "string" => Kind::Text,
        "bytes" => Kind::Bytes,
        name => Kind::Named(name),
    }
}

impl Schema {
    /// Reads a schema whose messages and enums stand beside each other, each field on a line of its own.
    fn read(text: &'static str) -> Self {
        let (mut schema, mut within) = (Self::default(), Within::Nothing);
        for line in text.lines() {
            let line = line.split_once("//").map_or(line, |(code, _)| code);
            let words: Vec<&'static str> = line.trim().trim_end_matches(';').split_whitespace().collect();
            match (within, words.as_slice()) {
                (_, ["message", name, "{"]) => {
                    within = Within::Message(name);
                    schema.messages.entry(name).or_default();
                }
                (_, ["enum", name, "{"]) => {
                    within = Within::Enum(name);
                    schema.enums.entry(name).or_default();
                }
                (_, ["}"]) => within = Within::Nothing,
                (Within::Message(message), [label, kind, name, "=", number]) => {
                    let field = number.parse().ok().map(|number| FieldDef {
                        number,
                        name,
                        kind: kind_of(kind),
                        is_repeated: *label == "repeated",
                    });
                    schema.messages.entry(message).or_default().extend(field);
                }
                (Within::Enum(kind), [name, "=", number]) => {
                    let value = number.parse().ok().map(|number| (number, *name));
                    schema.enums.entry(kind).or_default().extend(value);
                }
                (Within::Nothing | Within::Message(_) | Within::Enum(_), _) => {}
            }
        }
        schema
    }

    /// The field of a number.
    pub(super) fn field(&self, message: &str, number: u32) -> Option<FieldDef> {
        self.messages.get(message)?.iter().find(|field| field.number == number).copied()
    }

    /// The name of an enum's value, without what all names of the enum begin with.
    pub(super) fn choice(&self, kind: &str, value: u64) -> Option<&'static str> {
        let values = self.enums.get(kind)?;
        let (_, name) = values.iter().find(|(known, _)| *known == value)?;
        let prefix: String = kind
            .chars()
            .enumerate()
            .flat_map(|(at, char)| {
                let gap = (at > 0 && char.is_ascii_uppercase()).then_some('_');
                gap.into_iter().chain(std::iter::once(char.to_ascii_uppercase()))
            })
            .chain(std::iter::once('_'))
            .collect();
        Some(name.strip_prefix(prefix.as_str()).unwrap_or(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_file_is_read() {
        let is_field = |line: &&str| {
            ["required ", "optional ", "repeated "].iter().any(|label| line.trim_start().starts_with(label))
        };
        let written = TEXT.lines().filter(is_field).count();
        let read: usize = SCHEMA.messages.values().map(Vec::len).sum();
        assert!(read > 200, "{read}");
        assert_eq!(read, written);
        for (message, fields) in &SCHEMA.messages {
            for field in fields {
                if let Kind::Named(name) = field.kind {
                    let is_known = SCHEMA.messages.contains_key(name) || SCHEMA.enums.contains_key(name);
                    assert!(is_known, "{message}.{} is a {name}, which is not there", field.name);
                }
            }
        }
    }

    #[test]
    fn values_of_enums_have_the_names_of_the_protocol() {
        assert_eq!(SCHEMA.choice("OperationType", 2), Some("SELL"));
        assert_eq!(SCHEMA.choice("PaymentType", 4), Some("MOBILE"));
        assert_eq!(SCHEMA.choice("PaymentType", 9), None);
    }
}
