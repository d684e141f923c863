//! Messages as trees: named ones that are changed by path and written, and numbered ones that were read.

use bytes::BytesMut;
use ofd_protocol::wire::{self, Writer};

/// A value to write.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Int(u64),
    Bytes(Vec<u8>),
    Message(Fields),
}

/// A message to write; fields are named so that tests can speak of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Vec<(&'static str, u32, Value)>);

impl Fields {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn int(self, name: &'static str, number: u32, value: impl Into<u64>) -> Self {
        self.and(name, number, Value::Int(value.into()))
    }

    pub(crate) fn text(self, name: &'static str, number: u32, value: &str) -> Self {
        self.and(name, number, Value::Bytes(value.as_bytes().to_vec()))
    }

    pub(crate) fn message(self, name: &'static str, number: u32, value: Self) -> Self {
        self.and(name, number, Value::Message(value))
    }

    pub(crate) fn money(self, name: &'static str, number: u32, sum: &str) -> Self {
        self.message(name, number, money(sum))
    }

    pub(crate) fn date_time(self, name: &'static str, number: u32, at: &str) -> Self {
        self.message(name, number, date_time(at))
    }

    fn and(mut self, name: &'static str, number: u32, value: Value) -> Self {
        self.0.push((name, number, value));
        self
    }

    /// Adds a field; one of that name that is there already is replaced.
    pub(crate) fn put(&mut self, name: &'static str, number: u32, value: Value) {
        match self.0.iter_mut().find(|(found, ..)| *found == name) {
            Some(field) => field.2 = value,
            None => self.0.push((name, number, value)),
        }
    }

    /// Adds one more field of a repeated name.
    pub(crate) fn push(&mut self, name: &'static str, number: u32, value: Value) {
        self.0.push((name, number, value));
    }

    /// The message at `path`, such as `ticket.items[1].commodity`.
    pub(crate) fn at(&mut self, path: &str) -> &mut Self {
        match self.value(path) {
            Value::Message(fields) => fields,
            Value::Int(_) | Value::Bytes(_) => panic!("{path} is no message"),
        }
    }

    /// The value at `path`.
    pub(crate) fn value(&mut self, path: &str) -> &mut Value {
        let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
        let index = self.index(step).unwrap_or_else(|| panic!("there is no {step}"));
        match (rest, &mut self.0[index].2) {
            (None, value) => value,
            (Some(rest), Value::Message(fields)) => fields.value(rest),
            (Some(_), Value::Int(_) | Value::Bytes(_)) => panic!("{step} is no message"),
        }
    }

    /// Takes the field at `path` out.
    pub(crate) fn remove(&mut self, path: &str) {
        let (parent, step) = match path.rsplit_once('.') {
            Some((parent, step)) => (self.at(parent), step),
            None => (self, path),
        };
        let index = parent.index(step).unwrap_or_else(|| panic!("there is no {step}"));
        parent.0.remove(index);
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.index(name).is_some()
    }

    pub(crate) fn len_of(&self, name: &str) -> usize {
        self.0.iter().filter(|(found, ..)| *found == name).count()
    }

    /// Turns the order of fields around, in every message.
    pub(crate) fn reversed(mut self) -> Self {
        self.0.reverse();
        self
    }

    fn index(&self, step: &str) -> Option<usize> {
        let (name, nth) = match step.split_once('[') {
            Some((name, nth)) => (name, nth.trim_end_matches(']').parse::<usize>().unwrap()),
            None => (step, 0),
        };
        let mut named = self.0.iter().enumerate().filter(|(_, (found, ..))| *found == name);
        named.nth(nth).map(|(index, _)| index)
    }

    fn write(&self, w: &mut Writer<'_>) {
        for (_, number, value) in &self.0 {
            match value {
                Value::Int(value) => w.uint(*number, *value),
                Value::Bytes(value) => w.bytes(*number, value),
                Value::Message(fields) => w.message(*number, |w| fields.write(w)),
            }
        }
    }

    pub(crate) fn encoded(&self) -> Vec<u8> {
        let mut out = BytesMut::new();
        self.write(&mut Writer::new(&mut out));
        out.to_vec()
    }
}

/// `500.00` in tiyn.
pub(crate) fn tiyn(sum: &str) -> i64 {
    let (bills, coins) = sum.split_once('.').unwrap_or((sum, "00"));
    assert_eq!(coins.len(), 2, "no sum: {sum}");
    let sign = if bills.starts_with('-') { -1 } else { 1 };
    bills.parse::<i64>().unwrap() * 100 + sign * coins.parse::<i64>().unwrap()
}

pub(crate) fn money(sum: &str) -> Fields {
    let sum = u64::try_from(tiyn(sum)).unwrap();
    Fields::new().int("bills", 1, sum / 100).int("coins", 2, sum % 100)
}

pub(crate) fn date_time(at: &str) -> Fields {
    let [year, month, day, hour, minute, second] = super::time::parts(at);
    let date = Fields::new().int("year", 1, year).int("month", 2, month).int("day", 3, day);
    let time = Fields::new().int("hour", 1, hour).int("minute", 2, minute).int("second", 3, second);
    Fields::new().message("date", 1, date).message("time", 2, time)
}

/// A message that was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen(Vec<(u32, Raw)>);

#[derive(Clone, Debug, PartialEq)]
enum Raw {
    Int(u64),
    Bytes(Vec<u8>),
}

impl Seen {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let fields = wire::Fields::new(bytes).map(|field| {
            let field = field.expect("a protobuf message");
            let raw = match field.value {
                wire::Value::Varint(value) => Raw::Int(value),
                wire::Value::Bytes(bytes) => Raw::Bytes(bytes.to_vec()),
                wire::Value::Fixed64(_) | wire::Value::Fixed32(_) | wire::Value::Group => {
                    panic!("field {} has a type that the protocol never uses", field.number)
                }
            };
            (field.number, raw)
        });
        Self(fields.collect())
    }

    fn all(&self, number: u32) -> impl Iterator<Item = &Raw> {
        self.0.iter().filter(move |(found, _)| *found == number).map(|(_, raw)| raw)
    }

    fn bytes(&self, number: u32) -> Option<&[u8]> {
        assert!(self.all(number).count() <= 1, "field {number} is there more than once");
        self.all(number).next().map(|raw| match raw {
            Raw::Bytes(bytes) => bytes.as_slice(),
            Raw::Int(_) => panic!("field {number} is an integer"),
        })
    }

    pub(crate) fn has(&self, number: u32) -> bool {
        self.all(number).next().is_some()
    }

    pub(crate) fn int(&self, number: u32) -> Option<u64> {
        assert!(self.all(number).count() <= 1, "field {number} is there more than once");
        self.all(number).next().map(|raw| match raw {
            Raw::Int(value) => *value,
            Raw::Bytes(_) => panic!("field {number} is no integer"),
        })
    }

    pub(crate) fn text(&self, number: u32) -> Option<String> {
        self.bytes(number).map(|bytes| String::from_utf8(bytes.to_vec()).expect("UTF-8"))
    }

    pub(crate) fn message(&self, number: u32) -> Option<Self> {
        self.bytes(number).map(Self::read)
    }

    /// The encoded message in field `number`.
    pub(crate) fn encoded(&self, number: u32) -> Option<Vec<u8>> {
        self.bytes(number).map(<[u8]>::to_vec)
    }

    pub(crate) fn messages(&self, number: u32) -> Vec<Self> {
        let read = |raw: &Raw| match raw {
            Raw::Bytes(bytes) => Self::read(bytes),
            Raw::Int(_) => panic!("field {number} is an integer"),
        };
        self.all(number).map(read).collect()
    }

    /// An integer that is required.
    pub(crate) fn required(&self, number: u32) -> u64 {
        self.int(number).unwrap_or_else(|| panic!("field {number} is not there"))
    }

    /// A text that is required and not blank.
    pub(crate) fn words(&self, number: u32) -> String {
        let text = self.text(number).unwrap_or_else(|| panic!("field {number} is not there"));
        assert!(!text.trim().is_empty(), "field {number} is blank");
        text
    }

    /// A message that is required.
    pub(crate) fn part(&self, number: u32) -> Self {
        self.message(number).unwrap_or_else(|| panic!("field {number} is not there"))
    }

    /// Money that is required, both halves of it, in tiyn.
    pub(crate) fn money(&self, number: u32) -> i64 {
        let money = self.part(number);
        let (bills, coins) = (money.required(1), money.required(2));
        assert!(coins < 100, "{coins} coins in field {number}");
        i64::try_from(bills).unwrap() * 100 + i64::try_from(coins).unwrap()
    }

    /// A date and time that is required, all of its parts but the seconds.
    pub(crate) fn date_time(&self, number: u32) -> String {
        let (date, time) = (self.part(number).part(1), self.part(number).part(2));
        let (year, month, day) = (date.required(1), date.required(2), date.required(3));
        let (hour, minute, second) = (time.required(1), time.required(2), time.int(3).unwrap_or(0));
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}
