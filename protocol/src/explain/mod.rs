//! A frame field by field, for people: what each field is called, what stands in it, and which part of docs/wire.md says so.
//!
//! Names and kinds come from the schema. What the schema does not know is shown by its number: nothing that came is left out.

mod personal;
mod rules;
mod schema;

use std::collections::HashMap;

use self::rules::{is_personal, is_typed, section};
use self::schema::{FieldDef, Kind, SCHEMA};
use crate::types::LocalDateTime;
use crate::wire::{Field, Fields, Value, read};

/// Something that a till says by a name of its own.
const PAIR: &str = "KeyValuePair";

/// The field of a pair that names it.
const PAIR_KEY: u32 = 1;

/// Messages in messages, from the envelope: the schema has six levels.
const DEPTH_MAX: usize = 8;

/// Fields of one frame that are told at once; a receipt of a hundred lines has some two thousand.
pub const FIELDS_MAX: usize = 5_000;

/// What stands in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A message; its fields follow.
    Message,
    /// A number without a sign.
    Number(u64),
    /// A number that may be below zero.
    Signed(i64),
    /// Yes or no.
    Flag(bool),
    /// A text; bytes that are no UTF-8 are replaced.
    Text(String),
    /// A value of an enum: its number, and its name where there is one.
    Choice(u64, Option<&'static str>),
    /// A sum as it came: tenge, and tiyn, which may be more than 99.
    Money(u64, u32),
    /// A time of the till.
    Moment(LocalDateTime),
    /// Bytes that are no text.
    Bytes(Vec<u8>),
    /// Something that tells of a person, or opens a door: it is there, and is not shown.
    Hidden,
    /// So many bytes that should be a message and cannot be read as one. What they hold is not known, so it is not shown.
    Unreadable(usize),
}

/// A field of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The way to it from the envelope: `ticket.items[2].commodity.price`. A field without a name is called by its number.
    pub path: String,
    /// How deep it lies: 0 in the envelope itself.
    pub depth: usize,
    /// Its number in its message.
    pub number: u32,
    /// Whether the schema knows it.
    pub is_known: bool,
    /// What stands in it.
    pub shown: Shown,
    /// The part of docs/wire.md by which it is read.
    pub section: &'static str,
}

/// Whether what tells of people is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Personal {
    /// That it is there, and no more.
    Hidden,
    /// As it came.
    Shown,
}

/// The fields of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// In the order in which they came: [`FIELDS_MAX`] at most.
    pub fields: Vec<Explained>,
    /// How many there are in all.
    pub count: usize,
}

/// Tells the fields of a request, which is the payload of a frame, from the one on before which so many came.
pub fn explain(payload: &[u8], from: usize, personal: Personal) -> Explanation {
    let mut telling = Telling { from, personal, explanation: Explanation::default() };
    let at = At { message: Some("Request"), path: "", depth: 0, is_personal: false };
    walk(payload, &at, &mut telling);
    telling.explanation
}

/// What is told, and what was told so far.
struct Telling {
    from: usize,
    personal: Personal,
    explanation: Explanation,
}

impl Telling {
    /// Counts a field, which is made where it is to be told.
    fn tell(&mut self, field: impl FnOnce(Personal) -> Explained) {
        let Explanation { fields, count } = &mut self.explanation;
        if *count >= self.from && fields.len() < FIELDS_MAX {
            fields.push(field(self.personal));
        }
        *count = count.saturating_add(1);
    }
}

/// Where the walk is.
struct At<'a> {
    /// The message; `None` within one that is not known.
    message: Option<&'static str>,
    path: &'a str,
    depth: usize,
    /// It lies in something that tells of people.
    is_personal: bool,
}

fn walk(bytes: &[u8], at: &At<'_>, telling: &mut Telling) {
    let is_pair_of_person = at.message == Some(PAIR) && is_pair_of_person(bytes);
    let mut seen: HashMap<u32, usize> = HashMap::new();
    for field in Fields::new(bytes) {
        let Ok(field) = field else {
            telling.tell(|_| broken(bytes, at));
            return;
        };
        let known = at.message.and_then(|message| SCHEMA.field(message, field.number));
        let count = seen.entry(field.number).or_default();
        let place = *count;
        *count = count.saturating_add(1);
        let message = at.message.unwrap_or("");
        let is_of_pair = is_pair_of_person && field.number != PAIR_KEY;
        let is_hidden = at.is_personal || is_of_pair || is_of_people(message, known);
        let inner = inner(known, field.value, at.depth);
        let path = || path(at, (field.number, known), place);
        telling.tell(|personal| Explained {
            path: path(),
            depth: at.depth,
            number: field.number,
            is_known: known.is_some(),
            shown: match (&inner, shown(known, field.value)) {
                (Some(_), _) => Shown::Message,
                (None, _) if is_hidden && personal == Personal::Hidden => Shown::Hidden,
                // Nobody knows what it is, or anything may be typed there, so what it looks like counts.
                (None, shown)
                    if known.is_none_or(|known| message == PAIR || is_typed(message, known.name)) =>
                {
                    guarded(shown, personal)
                }
                (None, shown) => shown,
            },
            section: section(message, known.map_or("", |known| known.name)),
        });
        if let Some((message, bytes)) = inner {
            let (path, depth) = (path(), at.depth.saturating_add(1));
            walk(bytes, &At { message: Some(message), path: &path, depth, is_personal: is_hidden }, telling);
        }
    }
}

/// The way to a field from the envelope; `place`: how many of its number came before it.
fn path(at: &At<'_>, (number, known): (u32, Option<FieldDef>), place: usize) -> String {
    let name = known.map_or_else(|| format!("#{number}"), |known| known.name.to_owned());
    let dot = if at.path.is_empty() { "" } else { "." };
    let is_repeated = known.is_some_and(|known| known.is_repeated);
    let index = if is_repeated || place > 0 { format!("[{place}]") } else { String::new() };
    format!("{}{dot}{name}{index}", at.path)
}

/// Whether a field tells of a person, or is what a message that does should be.
fn is_of_people(message: &str, known: Option<FieldDef>) -> bool {
    let kind = match known.map(|known| known.kind) {
        Some(Kind::Named(name)) => name,
        Some(Kind::Number | Kind::Signed | Kind::Flag | Kind::Text | Kind::Bytes) | None => "",
    };
    is_personal(message, known.map_or("", |known| known.name)) || is_personal(kind, "")
}

/// Whether a pair's value tells of a person, by what its key says.
fn is_pair_of_person(pair: &[u8]) -> bool {
    Fields::new(pair).any(|field| match field {
        Ok(Field { number: PAIR_KEY, value: Value::Bytes(key) }) => {
            personal::is_key(&String::from_utf8_lossy(key))
        }
        Ok(_) | Err(_) => false,
    })
}

/// Hides what holds something like an e-mail address, a phone number or an IIN.
fn guarded(shown: Shown, personal: Personal) -> Shown {
    let looks_personal = match &shown {
        Shown::Text(text) => personal::is_in(text),
        Shown::Number(number) => personal::is_number(*number),
        Shown::Bytes(bytes) => personal::is_in(&String::from_utf8_lossy(bytes)),
        Shown::Message
        | Shown::Signed(_)
        | Shown::Flag(_)
        | Shown::Choice(..)
        | Shown::Money(..)
        | Shown::Moment(_)
        | Shown::Hidden
        | Shown::Unreadable(_) => false,
    };
    if looks_personal && personal == Personal::Hidden { Shown::Hidden } else { shown }
}

/// A message that cannot be read further.
fn broken(bytes: &[u8], at: &At<'_>) -> Explained {
    let shown = Shown::Unreadable(bytes.len());
    let path = if at.path.is_empty() { "?".to_owned() } else { format!("{}.?", at.path) };
    let section = section(at.message.unwrap_or(""), "");
    Explained { path, depth: at.depth, number: 0, is_known: false, shown, section }
}

/// The message in a field, where its own fields are told. Sums and times are told as one value.
fn inner(known: Option<FieldDef>, value: Value<'_>, depth: usize) -> Option<(&'static str, &[u8])> {
    let (Kind::Named(name), Value::Bytes(bytes)) = (known?.kind, value) else { return None };
    let is_one_value = is_plain(name, bytes) && value_of(name, bytes).is_some();
    let is_told = SCHEMA.messages.contains_key(name) && !is_one_value && depth < DEPTH_MAX;
    is_told.then_some((name, bytes))
}

/// Whether a message holds each of its own fields once at most, and nothing else: then one value tells all of it.
fn is_plain(name: &str, bytes: &[u8]) -> bool {
    let mut seen = Vec::new();
    Fields::new(bytes).all(|field| {
        let Ok(field) = field else { return false };
        let Some(known) = SCHEMA.field(name, field.number) else { return false };
        let is_new = !seen.contains(&field.number);
        seen.push(field.number);
        is_new
            && match (known.kind, field.value) {
                (Kind::Named(inner), Value::Bytes(bytes)) => is_plain(inner, bytes),
                (Kind::Number, Value::Varint(_)) => true,
                _ => false,
            }
    })
}

/// A sum or a time that can be read.
fn value_of(name: &str, bytes: &[u8]) -> Option<Shown> {
    match name {
        "Money" => {
            let money: crate::message::Money = read(bytes).ok()?;
            Some(Shown::Money(money.bills.unwrap_or(0), money.coins.unwrap_or(0)))
        }
        "DateTime" => {
            let moment: crate::message::DateTimeRead = read(bytes).ok()?;
            moment.moment().map(Shown::Moment)
        }
        _ => None,
    }
}

fn shown(known: Option<FieldDef>, value: Value<'_>) -> Shown {
    match (known.map(|known| known.kind), value) {
        (Some(Kind::Named(name)), Value::Bytes(bytes)) => {
            value_of(name, bytes).unwrap_or(Shown::Unreadable(bytes.len()))
        }
        (Some(Kind::Named(name)), Value::Varint(value)) => Shown::Choice(value, SCHEMA.choice(name, value)),
        (Some(Kind::Flag), Value::Varint(value)) => Shown::Flag(value != 0),
        (Some(Kind::Signed), Value::Varint(value)) => Shown::Signed(value.cast_signed()),
        (_, Value::Varint(value) | Value::Fixed64(value)) => Shown::Number(value),
        (_, Value::Fixed32(value)) => Shown::Number(value.into()),
        (Some(Kind::Text), Value::Bytes(bytes)) => Shown::Text(String::from_utf8_lossy(bytes).into_owned()),
        (Some(Kind::Bytes), Value::Bytes(bytes)) => Shown::Bytes(bytes.to_vec()),
        (_, Value::Bytes(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) if !text.chars().any(char::is_control) => Shown::Text(text.to_owned()),
            Ok(_) | Err(_) => Shown::Bytes(bytes.to_vec()),
        },
        (_, Value::Group) => Shown::Bytes(Vec::new()),
    }
}

#[cfg(test)]
mod tests;
