//! Strict DER, walked without copying.
//!
//! Lengths and tags are read by the `der` crate. On top of it this keeps the original bytes of every value, since
//! signatures are over the bytes that came and not over what they would be if written anew.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode as _, Reader as _, SliceReader};

/// The tag of INTEGER.
pub(crate) const INTEGER: u8 = 0x02;
/// The tag of BIT STRING.
pub(crate) const BIT_STRING: u8 = 0x03;
/// The tag of OCTET STRING.
pub(crate) const OCTET_STRING: u8 = 0x04;
/// The tag of OBJECT IDENTIFIER.
pub(crate) const OID: u8 = 0x06;
/// The tag of BOOLEAN.
pub(crate) const BOOLEAN: u8 = 0x01;
/// The tag of NULL.
pub(crate) const NULL: u8 = 0x05;
/// The tag of ENUMERATED.
pub(crate) const ENUMERATED: u8 = 0x0A;
/// The tag of UTCTime.
pub(crate) const UTC_TIME: u8 = 0x17;
/// The tag of GeneralizedTime.
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
/// The tag of SEQUENCE.
pub(crate) const SEQUENCE: u8 = 0x30;
/// The tag of SET.
pub(crate) const SET: u8 = 0x31;

/// The tag of a context-specific constructed value.
pub(crate) const fn context(number: u8) -> u8 {
    0xA0 | number
}

/// The tag of a context-specific primitive value.
pub(crate) const fn context_primitive(number: u8) -> u8 {
    0x80 | number
}

/// Why bytes are not what they should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// The structure does not hold.
    #[error("{what} cannot be read: it is damaged, cut off or of another kind")]
    Malformed {
        /// What was read.
        what: &'static str,
    },
    /// Something follows where nothing may.
    #[error("{what} is followed by bytes that do not belong to it")]
    Trailing {
        /// What was read.
        what: &'static str,
    },
    /// Over a limit.
    #[error("{what} is over the limit of {limit}")]
    TooMuch {
        /// What was read.
        what: &'static str,
        /// How much is allowed.
        limit: usize,
    },
    /// A content type, version or structure that is not supported.
    #[error("{what} is of a kind that is not supported")]
    Unsupported {
        /// What was read.
        what: &'static str,
    },
}

/// One value: its tag, its contents, and all of it as it came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tlv<'a> {
    pub(crate) tag: u8,
    pub(crate) value: &'a [u8],
    pub(crate) whole: &'a [u8],
}

/// Walks over the values of one level.
pub(crate) struct Items<'a> {
    reader: SliceReader<'a>,
    what: &'static str,
}

impl<'a> Items<'a> {
    /// Over `bytes`, which are called `what` in errors.
    pub(crate) fn new(bytes: &'a [u8], what: &'static str) -> Result<Self, FormatError> {
        let reader = SliceReader::new(bytes).map_err(|_| FormatError::Malformed { what })?;
        Ok(Self { reader, what })
    }

    /// The contents of the one SEQUENCE that `bytes` are.
    pub(crate) fn sequence(bytes: &'a [u8], what: &'static str) -> Result<Self, FormatError> {
        Self::new(single(bytes, SEQUENCE, what)?.value, what)
    }

    pub(crate) fn malformed(&self) -> FormatError {
        FormatError::Malformed { what: self.what }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.reader.is_finished()
    }

    /// The tag of what comes next.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.reader.peek_byte()
    }

    pub(crate) fn any(&mut self) -> Result<Tlv<'a>, FormatError> {
        let what = self.what;
        let broken = |_| FormatError::Malformed { what };
        let whole = self.reader.tlv_bytes().map_err(broken)?;
        let value = AnyRef::from_der(whole).map_err(broken)?.value();
        let tag = *whole.first().ok_or(FormatError::Malformed { what })?;
        Ok(Tlv { tag, value, whole })
    }

    pub(crate) fn expect(&mut self, tag: u8) -> Result<Tlv<'a>, FormatError> {
        let item = self.any()?;
        if item.tag == tag { Ok(item) } else { Err(self.malformed()) }
    }

    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Tlv<'a>>, FormatError> {
        if self.peek() == Some(tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// The contents of the SEQUENCE that comes next.
    pub(crate) fn nested(&mut self, what: &'static str) -> Result<Items<'a>, FormatError> {
        Items::new(self.expect(SEQUENCE)?.value, what)
    }

    pub(crate) fn oid(&mut self) -> Result<ObjectIdentifier, FormatError> {
        let item = self.expect(OID)?;
        ObjectIdentifier::from_bytes(item.value).map_err(|_| self.malformed())
    }

    /// The magnitude of a non-negative INTEGER, without leading zeros.
    pub(crate) fn magnitude(&mut self) -> Result<&'a [u8], FormatError> {
        let item = self.expect(INTEGER)?;
        magnitude(item.value).ok_or_else(|| self.malformed())
    }

    /// The contents of an INTEGER, which may be negative: numbers of certificates are compared, not counted with.
    pub(crate) fn number(&mut self) -> Result<&'a [u8], FormatError> {
        let item = self.expect(INTEGER)?;
        shortest(item.value).ok_or_else(|| self.malformed())
    }

    /// A small INTEGER.
    pub(crate) fn small(&mut self) -> Result<u64, FormatError> {
        let bytes = self.magnitude()?;
        if bytes.len() > 8 {
            return Err(self.malformed());
        }
        Ok(bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    /// The bytes of a BIT STRING that has no unused bits.
    pub(crate) fn bits(&mut self) -> Result<&'a [u8], FormatError> {
        let item = self.expect(BIT_STRING)?;
        match item.value.split_first() {
            Some((0, bytes)) => Ok(bytes),
            _ => Err(self.malformed()),
        }
    }

    /// Everything must have been read.
    pub(crate) fn finish(self) -> Result<(), FormatError> {
        if self.is_empty() { Ok(()) } else { Err(FormatError::Trailing { what: self.what }) }
    }
}

/// The contents of an INTEGER without bytes that only repeat its sign; `None` for no contents.
fn shortest(mut value: &[u8]) -> Option<&[u8]> {
    while let [first, next, ..] = value {
        let is_surplus = (*first == 0 && *next < 0x80) || (*first == 0xFF && *next >= 0x80);
        if !is_surplus {
            break;
        }
        value = value.get(1..)?;
    }
    (!value.is_empty()).then_some(value)
}

/// The magnitude of a non-negative INTEGER's contents; `None` for a negative one or for surplus zeros.
fn magnitude(value: &[u8]) -> Option<&[u8]> {
    match value {
        [] => None,
        [0] => Some(&[]),
        [0, next, ..] if *next < 0x80 => None,
        [0, rest @ ..] => Some(rest),
        [first, ..] if *first >= 0x80 => None,
        all => Some(all),
    }
}

/// The one value with `tag` that `bytes` are.
pub(crate) fn single<'a>(bytes: &'a [u8], tag: u8, what: &'static str) -> Result<Tlv<'a>, FormatError> {
    let mut items = Items::new(bytes, what)?;
    let item = items.expect(tag)?;
    items.finish()?;
    Ok(item)
}

/// An OID and its parameters. Absent parameters and NULL are both `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identified<'a> {
    pub(crate) oid: ObjectIdentifier,
    pub(crate) parameters: Option<&'a [u8]>,
}

/// Reads an AlgorithmIdentifier.
pub(crate) fn identified<'a>(
    items: &mut Items<'a>,
    what: &'static str,
) -> Result<Identified<'a>, FormatError> {
    let mut inner = items.nested(what)?;
    let oid = inner.oid()?;
    let parameters = if inner.is_empty() { None } else { Some(inner.any()?) };
    inner.finish()?;
    let parameters = parameters.filter(|item| item.tag != NULL).map(|item| item.whole);
    Ok(Identified { oid, parameters })
}

/// The OIDs of a SEQUENCE OF OBJECT IDENTIFIER.
pub(crate) fn oids(bytes: &[u8], what: &'static str) -> Result<Vec<ObjectIdentifier>, FormatError> {
    let mut items = Items::sequence(bytes, what)?;
    let mut found = Vec::new();
    while !items.is_empty() {
        if found.len() == crate::limits::OIDS_MAX {
            return Err(FormatError::TooMuch { what, limit: crate::limits::OIDS_MAX });
        }
        found.push(items.oid()?);
    }
    Ok(found)
}
