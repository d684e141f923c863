//! DER as the stand writes and reads it: values of one level at a time.

use der::asn1::AnyRef;
use der::{Decode as _, Reader as _, SliceReader};
use ofd_eds::{Moment, ObjectIdentifier};

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

const BIT_STRING: u8 = 0x03;
const NULL: u8 = 0x05;
const ENUMERATED: u8 = 0x0A;
const UTF8_STRING: u8 = 0x0C;
const PRINTABLE_STRING: u8 = 0x13;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The tag of a context-specific constructed value.
pub(crate) const fn context(number: u8) -> u8 {
    0xA0 | number
}

/// The tag of a context-specific primitive value.
pub(crate) const fn context_primitive(number: u8) -> u8 {
    0x80 | number
}

/// A value with these contents.
pub(crate) fn value(tag: u8, contents: &[u8]) -> Vec<u8> {
    let bytes = contents.len().to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let significant = bytes.get(zeros..).unwrap_or_default();
    let mut written = vec![tag];
    match significant {
        [] => written.push(0),
        [short] if *short < 0x80 => written.push(*short),
        long => {
            // At most the eight bytes of a length.
            written.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            written.extend_from_slice(long);
        }
    }
    written.extend_from_slice(contents);
    written
}

/// A constructed value.
pub(crate) fn constructed(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    value(tag, &parts.concat())
}

pub(crate) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    constructed(SEQUENCE, parts)
}

/// SET OF, in the order that DER demands.
pub(crate) fn set_of(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    constructed(SET, &parts)
}

pub(crate) fn octets(contents: &[u8]) -> Vec<u8> {
    value(OCTET_STRING, contents)
}

/// A BIT STRING of whole bytes.
pub(crate) fn bits(contents: &[u8]) -> Vec<u8> {
    value(BIT_STRING, &[&[0], contents].concat())
}

/// A BIT STRING in which these bits are set, as keyUsage and failInfo are written: without zeros at the end.
pub(crate) fn named_bits(set: &[u8]) -> Vec<u8> {
    let last = set.iter().copied().max().unwrap_or_default();
    let byte = |index: u8| {
        let within = set.iter().filter(|bit| **bit / 8 == index);
        within.fold(0_u8, |byte, bit| byte | 0x80 >> (bit % 8))
    };
    let mut contents = vec![7 - last % 8];
    contents.extend((0..=last / 8).map(byte));
    value(BIT_STRING, &contents)
}

/// A non-negative INTEGER.
pub(crate) fn integer(number: u64) -> Vec<u8> {
    unsigned(&number.to_be_bytes())
}

/// A non-negative INTEGER from its magnitude.
pub(crate) fn unsigned(magnitude: &[u8]) -> Vec<u8> {
    let zeros = magnitude.iter().take_while(|byte| **byte == 0).count();
    let significant = magnitude.get(zeros..).unwrap_or_default();
    let is_padded = significant.first().is_none_or(|byte| *byte >= 0x80);
    value(INTEGER, &[if is_padded { &[0][..] } else { &[] }, significant].concat())
}

pub(crate) fn enumerated(number: u8) -> Vec<u8> {
    value(ENUMERATED, &[number])
}

pub(crate) fn yes() -> Vec<u8> {
    value(BOOLEAN, &[0xFF])
}

pub(crate) fn null() -> Vec<u8> {
    value(NULL, &[])
}

pub(crate) fn oid(identifier: ObjectIdentifier) -> Vec<u8> {
    value(OBJECT_IDENTIFIER, identifier.as_bytes())
}

/// An AlgorithmIdentifier whose parameters are NULL.
pub(crate) fn algorithm(identifier: ObjectIdentifier) -> Vec<u8> {
    sequence(&[oid(identifier), null()])
}

pub(crate) fn utf8(text: &str) -> Vec<u8> {
    value(UTF8_STRING, text.as_bytes())
}

pub(crate) fn printable(text: &str) -> Vec<u8> {
    value(PRINTABLE_STRING, text.as_bytes())
}

/// `20260701120000` of a moment.
fn digits(moment: Moment) -> String {
    moment.to_string().chars().filter(char::is_ascii_digit).collect()
}

pub(crate) fn generalized_time(moment: Moment) -> Vec<u8> {
    value(GENERALIZED_TIME, format!("{}Z", digits(moment)).as_bytes())
}

/// A Time: two digits of the year until 2049, four from then on (RFC 5280).
pub(crate) fn time(moment: Moment) -> Vec<u8> {
    let digits = digits(moment);
    match digits.strip_prefix("20") {
        Some(rest) if rest < "50" => value(UTC_TIME, format!("{rest}Z").as_bytes()),
        _ => generalized_time(moment),
    }
}

/// A value that was read.
#[derive(Clone, Copy)]
pub(crate) struct Item<'a> {
    pub(crate) tag: u8,
    pub(crate) contents: &'a [u8],
    pub(crate) whole: &'a [u8],
}

/// Reads the values of one level. What is not DER, or not what was expected, is `None`.
pub(crate) struct Items<'a>(SliceReader<'a>);

impl<'a> Items<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Option<Self> {
        SliceReader::new(bytes).ok().map(Self)
    }

    /// The contents of the one SEQUENCE that `bytes` are.
    pub(crate) fn sequence(bytes: &'a [u8]) -> Option<Self> {
        let mut outer = Self::new(bytes)?;
        let inner = outer.nested()?;
        outer.is_empty().then_some(inner)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_finished()
    }

    pub(crate) fn any(&mut self) -> Option<Item<'a>> {
        let whole = self.0.tlv_bytes().ok()?;
        let contents = AnyRef::from_der(whole).ok()?.value();
        Some(Item { tag: *whole.first()?, contents, whole })
    }

    pub(crate) fn expect(&mut self, tag: u8) -> Option<Item<'a>> {
        self.any().filter(|item| item.tag == tag)
    }

    /// The next value if it has this tag; of another one nothing is read.
    pub(crate) fn optional(&mut self, tag: u8) -> Option<Item<'a>> {
        if self.0.peek_byte() == Some(tag) { self.any() } else { None }
    }

    pub(crate) fn nested(&mut self) -> Option<Self> {
        Self::new(self.expect(SEQUENCE)?.contents)
    }

    pub(crate) fn oid(&mut self) -> Option<ObjectIdentifier> {
        ObjectIdentifier::from_bytes(self.expect(OBJECT_IDENTIFIER)?.contents).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{Items, bits, enumerated, integer, named_bits, octets, set_of, time, unsigned};
    use ofd_eds::Moment;

    #[test]
    fn lengths_are_as_short_as_they_can_be() {
        assert_eq!(octets(&[]), [4, 0]);
        assert_eq!(octets(&[1; 127])[..2], [4, 127]);
        assert_eq!(octets(&[1; 128])[..3], [4, 0x81, 128]);
        assert_eq!(octets(&[1; 256])[..4], [4, 0x82, 1, 0]);
        assert_eq!(bits(&[9]), [3, 2, 0, 9]);
    }

    #[test]
    fn integers_have_no_zeros_too_many_and_no_sign() {
        assert_eq!(integer(0), [2, 1, 0]);
        assert_eq!(integer(127), [2, 1, 127]);
        assert_eq!(integer(128), [2, 2, 0, 128]);
        assert_eq!(unsigned(&[0, 0, 5]), [2, 1, 5]);
    }

    #[test]
    fn named_bits_are_counted_from_the_left_and_end_with_a_set_one() {
        assert_eq!(named_bits(&[0, 1, 4]), [3, 2, 3, 0xC8]);
        assert_eq!(named_bits(&[5, 6]), [3, 2, 1, 0x06]);
        assert_eq!(named_bits(&[15]), [3, 3, 0, 0, 1]);
    }

    #[test]
    fn sets_are_sorted() {
        assert_eq!(set_of(vec![integer(2), integer(1)]), [0x31, 6, 2, 1, 1, 2, 1, 2]);
    }

    #[test]
    fn years_have_two_digits_until_2049() {
        assert_eq!(time(Moment::from_unix(2_524_607_999)), b"\x17\x0d491231235959Z");
        assert_eq!(time(Moment::from_unix(2_524_608_000)), b"\x18\x0f20500101000000Z");
    }

    #[test]
    fn what_is_cut_off_is_not_read() {
        let whole = octets(b"word");
        assert!(Items::new(&whole).unwrap().any().is_some());
        assert!(Items::new(&whole[..5]).unwrap().any().is_none());
        assert!(Items::new(&enumerated(1)).unwrap().expect(4).is_none());
    }
}
