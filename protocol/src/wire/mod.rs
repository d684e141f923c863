//! The protobuf wire format over borrowed bytes: a reader made of nom parsers, and a writer over `BytesMut`.
//!
//! Reading follows what the reference implementations do: unknown fields are skipped, a known field of another
//! wire type counts as unknown, the last of several values of a singular field wins, integers are cut to their
//! width. Nothing is allocated.

mod writer;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use nom::bytes::complete::take;
use nom::number::complete::{le_u32, le_u64};
use nom::{IResult, Parser};

pub use writer::Writer;

/// How deep deprecated groups may nest in unknown fields; messages nest as deep as the schema, 6 levels.
const GROUP_DEPTH_MAX: u8 = 32;

/// A varint is at most ten bytes long: 64 bits in groups of 7.
const VARINT_LEN_MAX: usize = 10;

/// Bytes that are not a protobuf message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// A field or length ends behind the end of its message.
    #[error("the message ends inside a field")]
    Truncated,
    /// A varint of more than 64 bits.
    #[error("an integer is longer than 64 bits")]
    Varint,
    /// A field number of 0, a reserved wire type, or a group that is not closed.
    #[error("a field key is not valid")]
    Key,
}

impl nom::error::ParseError<&[u8]> for WireError {
    fn from_error_kind(_: &[u8], _: nom::error::ErrorKind) -> Self {
        Self::Truncated
    }

    fn append(_: &[u8], _: nom::error::ErrorKind, other: Self) -> Self {
        other
    }
}

type Parsed<'a, T> = IResult<&'a [u8], T, WireError>;

/// The value of a field, by wire type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Integers, booleans, enums.
    Varint(u64),
    /// Eight bytes, the lowest first.
    Fixed64(u64),
    /// Strings, bytes and messages.
    Bytes(&'a [u8]),
    /// Four bytes, the lowest first.
    Fixed32(u32),
    /// A deprecated group, skipped.
    Group,
}

/// One field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its number, never 0.
    pub number: u32,
    /// What it holds, by its wire type.
    pub value: Value<'a>,
}

fn varint(input: &[u8]) -> Parsed<'_, u64> {
    let mut value = 0_u64;
    for (index, byte) in input.iter().take(VARINT_LEN_MAX).enumerate() {
        let bits = u64::from(byte & 0x7F);
        let shift = u32::try_from(index).unwrap_or(u32::MAX).saturating_mul(7);
        if shift == 63 && bits > 1 {
            return Err(nom::Err::Failure(WireError::Varint));
        }
        value |= bits.wrapping_shl(shift);
        if byte & 0x80 == 0 {
            let rest = input.get(index.saturating_add(1)..).unwrap_or_default();
            return Ok((rest, value));
        }
    }
    Err(nom::Err::Failure(if input.len() < VARINT_LEN_MAX {
        WireError::Truncated
    } else {
        WireError::Varint
    }))
}

fn key(input: &[u8]) -> Parsed<'_, (u32, u8)> {
    let (input, key) = varint(input)?;
    let wire_type = u8::try_from(key & 7).unwrap_or(u8::MAX);
    match u32::try_from(key >> 3) {
        // Field numbers have 29 bits, so that a key fits 32.
        Ok(number) if number > 0 && number < (1 << 29) => Ok((input, (number, wire_type))),
        Ok(_) | Err(_) => Err(nom::Err::Failure(WireError::Key)),
    }
}

fn length_delimited(input: &[u8]) -> Parsed<'_, &[u8]> {
    let (input, len) = varint(input)?;
    let len = usize::try_from(len).map_err(|_| nom::Err::Failure(WireError::Truncated))?;
    take(len).parse(input)
}

fn group(mut input: &[u8], number: u32, depth: u8) -> Parsed<'_, Value<'_>> {
    let Some(depth) = depth.checked_sub(1) else { return Err(nom::Err::Failure(WireError::Key)) };
    loop {
        let (rest, (inner, wire_type)) = key(input)?;
        if wire_type == 4 {
            return if inner == number {
                Ok((rest, Value::Group))
            } else {
                Err(nom::Err::Failure(WireError::Key))
            };
        }
        (input, _) = value(rest, inner, wire_type, depth)?;
    }
}

fn value(input: &[u8], number: u32, wire_type: u8, depth: u8) -> Parsed<'_, Value<'_>> {
    match wire_type {
        0 => varint.map(Value::Varint).parse(input),
        1 => le_u64.map(Value::Fixed64).parse(input),
        2 => length_delimited.map(Value::Bytes).parse(input),
        3 => group(input, number, depth),
        5 => le_u32.map(Value::Fixed32).parse(input),
        _ => Err(nom::Err::Failure(WireError::Key)),
    }
}

/// Takes one field off the front of a message.
fn field(input: &[u8]) -> Parsed<'_, Field<'_>> {
    let (input, (number, wire_type)) = key(input)?;
    let (input, value) = value(input, number, wire_type, GROUP_DEPTH_MAX)?;
    Ok((input, Field { number, value }))
}

/// The fields of a message in their order; ends after the first error.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// The fields of `message`.
    pub fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    /// The bytes not yet read.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        match field(self.rest) {
            Ok((rest, field)) => {
                self.rest = rest;
                Some(Ok(field))
            }
            Err(error) => {
                self.rest = &[];
                Some(Err(match error {
                    nom::Err::Error(error) | nom::Err::Failure(error) => error,
                    nom::Err::Incomplete(_) => WireError::Truncated,
                }))
            }
        }
    }
}

/// A message that is read from borrowed bytes.
pub trait Message<'a>: Default {
    /// Gets the whole message before its first field is read. A message with [`Repeated`] fields keeps it, to walk them later.
    fn begin(&mut self, _message: &'a [u8]) {}

    /// Takes one field; unknown ones are ignored.
    ///
    /// # Errors
    /// [`WireError`] when a nested message does not read.
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError>;
}

/// Reads a message.
///
/// # Errors
/// [`WireError`] when the bytes are not a protobuf message, at any depth that the schema knows.
pub fn read<'a, M: Message<'a>>(message: &'a [u8]) -> Result<M, WireError> {
    let mut out = M::default();
    out.begin(message);
    for field in Fields::new(message) {
        let Field { number, value } = field?;
        out.field(number, value)?;
    }
    Ok(out)
}

impl<'a> Value<'a> {
    /// Sets an integer of 32 bits.
    pub fn u32_to(self, to: &mut Option<u32>) {
        if let Self::Varint(value) = self {
            *to = u32::try_from(value & u64::from(u32::MAX)).ok();
        }
    }

    /// Sets an integer of 64 bits.
    pub fn u64_to(self, to: &mut Option<u64>) {
        if let Self::Varint(value) = self {
            *to = Some(value);
        }
    }

    /// Sets a boolean.
    pub fn bool_to(self, to: &mut Option<bool>) {
        if let Self::Varint(value) = self {
            *to = Some(value != 0);
        }
    }

    /// Sets a string.
    pub fn text_to(self, to: &mut Option<Text<'a>>) {
        if let Self::Bytes(bytes) = self {
            *to = Some(Text(bytes));
        }
    }

    /// Takes bytes as they came; a value of another wire type is passed over.
    pub fn bytes_to(self, to: &mut Option<&'a [u8]>) {
        if let Self::Bytes(bytes) = self {
            *to = Some(bytes);
        }
    }

    /// Reads and sets a nested message.
    ///
    /// # Errors
    /// [`WireError`] when it does not read.
    pub fn message_to<M: Message<'a>>(self, to: &mut Option<M>) -> Result<(), WireError> {
        if let Self::Bytes(bytes) = self {
            *to = Some(read(bytes)?);
        }
        Ok(())
    }

    /// Checks and counts one element of a repeated message field.
    ///
    /// # Errors
    /// [`WireError`] when it does not read.
    pub fn element_to<M: Message<'a>>(self, to: &mut Repeated<'a, M>) -> Result<(), WireError> {
        if let Self::Bytes(bytes) = self {
            read::<M>(bytes)?;
            to.len = to.len.saturating_add(1);
        }
        Ok(())
    }
}

/// A string as it came. Strings of the protocol are UTF-8; the few tills that send another encoding are stored as
/// sent and shown with replacement characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text<'a>(pub &'a [u8]);

impl<'a> Text<'a> {
    /// The text, with replacement characters where it is not UTF-8.
    pub fn lossy(self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.0)
    }

    /// Whether the bytes are UTF-8.
    pub fn is_utf8(self) -> bool {
        std::str::from_utf8(self.0).is_ok()
    }

    /// Whether nothing but white space is in it.
    pub fn is_blank(self) -> bool {
        self.lossy().trim().is_empty()
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.lossy(), f)
    }
}

/// The elements of a repeated message field, read anew at every walk and kept nowhere.
///
/// Each was read once when its message was, so the walk meets no errors.
#[derive(Clone, Copy)]
pub struct Repeated<'a, M> {
    message: &'a [u8],
    number: u32,
    len: usize,
    kind: PhantomData<fn() -> M>,
}

impl<'a, M: Message<'a>> Repeated<'a, M> {
    /// The elements of field `number` of `message`; [`Value::element_to`] counts them.
    pub fn of(message: &'a [u8], number: u32) -> Self {
        Self { message, number, len: 0, kind: PhantomData }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Walks the elements in their order.
    pub fn iter(&self) -> impl Iterator<Item = M> + use<'a, M> {
        let (number, len) = (self.number, self.len);
        let message = if len == 0 { &[] } else { self.message };
        Fields::new(message).filter_map(move |field| match field {
            Ok(Field { number: found, value: Value::Bytes(bytes) }) if found == number => read(bytes).ok(),
            Ok(_) | Err(_) => None,
        })
    }
}

impl<M> Default for Repeated<'_, M> {
    fn default() -> Self {
        Self { message: &[], number: 0, len: 0, kind: PhantomData }
    }
}

impl<'a, M: Message<'a> + fmt::Debug> fmt::Debug for Repeated<'a, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// The strings of a repeated string field.
#[derive(Clone, Copy, Default)]
pub struct Texts<'a> {
    message: &'a [u8],
    number: u32,
}

impl<'a> Texts<'a> {
    /// The strings of field `number` of `message`.
    pub fn of(message: &'a [u8], number: u32) -> Self {
        Self { message, number }
    }

    /// Walks the strings in their order.
    pub fn iter(&self) -> impl Iterator<Item = Text<'a>> + use<'a> {
        let number = self.number;
        Fields::new(self.message).filter_map(move |field| match field {
            Ok(Field { number: found, value: Value::Bytes(bytes) }) if found == number => Some(Text(bytes)),
            Ok(_) | Err(_) => None,
        })
    }
}

impl fmt::Debug for Texts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;

    #[derive(Default, Debug)]
    struct Sample<'a> {
        number: Option<u32>,
        wide: Option<u64>,
        text: Option<Text<'a>>,
        inner: Option<Inner>,
        list: Repeated<'a, Inner>,
    }

    #[derive(Default, Debug, PartialEq)]
    struct Inner {
        number: Option<u32>,
    }

    impl<'a> Message<'a> for Inner {
        fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
            if number == 1 {
                value.u32_to(&mut self.number);
            }
            Ok(())
        }
    }

    impl<'a> Message<'a> for Sample<'a> {
        fn begin(&mut self, message: &'a [u8]) {
            self.list = Repeated::of(message, 5);
        }

        fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
            match number {
                1 => value.u32_to(&mut self.number),
                2 => value.u64_to(&mut self.wide),
                3 => value.text_to(&mut self.text),
                4 => value.message_to(&mut self.inner)?,
                5 => value.element_to(&mut self.list)?,
                _ => {}
            }
            Ok(())
        }
    }

    fn written(write: impl FnOnce(&mut Writer<'_>)) -> BytesMut {
        let mut out = BytesMut::new();
        write(&mut Writer::new(&mut out));
        out
    }

    #[test]
    fn what_is_written_is_read_back() {
        for len in [0_usize, 1, 127, 128, 129, 16_383, 16_384, 70_000] {
            let long = "ә".repeat(len);
            let bytes = written(|w| {
                w.uint(1, 300_u32);
                w.uint(2, u64::MAX);
                w.text(3, &long);
                w.message(4, |w| w.uint(1, 7_u32));
                for number in 0..3_u32 {
                    w.message(5, |w| {
                        w.uint(1, number);
                        w.text(9, &long);
                    });
                }
                w.int(9, -1);
            });
            let sample: Sample<'_> = read(&bytes).unwrap();
            assert_eq!((sample.number, sample.wide), (Some(300), Some(u64::MAX)));
            assert_eq!(sample.text.unwrap().lossy(), long);
            assert_eq!(sample.inner, Some(Inner { number: Some(7) }));
            let list: Vec<_> = sample.list.iter().map(|inner| inner.number).collect();
            assert_eq!((sample.list.len(), list), (3, vec![Some(0), Some(1), Some(2)]));
        }
    }

    #[test]
    fn every_cut_through_a_message_is_an_error_or_a_shorter_message() {
        let bytes = written(|w| w.message(4, |w| w.uint(1, 70_000_u32)));
        for cut in 1..bytes.len() {
            assert!(read::<Sample<'_>>(&bytes[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn a_known_field_of_another_wire_type_counts_as_unknown() {
        let bytes = written(|w| {
            w.text(1, "five");
            w.uint(3, 5_u32);
        });
        let sample: Sample<'_> = read(&bytes).unwrap();
        assert_eq!((sample.number, sample.text), (None, None));
    }

    #[test]
    fn unknown_groups_are_skipped_when_they_are_closed() {
        let closed = [0x53, 0x08, 0x05, 0x54, 0x08, 0x09]; // group 10 { 1: 5 }, 1: 9
        assert_eq!(read::<Sample<'_>>(&closed).unwrap().number, Some(9));
        assert_eq!(read::<Sample<'_>>(&closed[..3]).unwrap_err(), WireError::Truncated);
        assert_eq!(read::<Sample<'_>>(&[0x53, 0x5C]).unwrap_err(), WireError::Key);
        let deep = [0x53_u8; 200];
        assert_eq!(read::<Sample<'_>>(&deep).unwrap_err(), WireError::Key);
    }

    #[test]
    fn integers_beyond_64_bits_and_keys_beyond_29_are_errors() {
        let mut long = vec![0x08];
        long.extend([0xFF; 9]);
        long.push(0x02);
        assert_eq!(read::<Sample<'_>>(&long).unwrap_err(), WireError::Varint);
        assert_eq!(read::<Sample<'_>>(&[0x00, 0x01]).unwrap_err(), WireError::Key);
        assert_eq!(read::<Sample<'_>>(&[0x80, 0x80, 0x80, 0x80, 0x10, 0x01]).unwrap_err(), WireError::Key);
        assert_eq!(read::<Sample<'_>>(&[0x0E]).unwrap_err(), WireError::Key);
    }
}
