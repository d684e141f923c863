//! Names of subjects and issuers, and when two are the same (RFC 5280 section 7.1).

use der::asn1::ObjectIdentifier;

use crate::limits::NAME_ATTRIBUTES_MAX;
use crate::oid;
use crate::tlv::{FormatError, Items, SEQUENCE, SET};

const WHAT: &str = "the name in a certificate";

/// Tags of the strings that names are made of.
const UTF8: u8 = 0x0C;
const NUMERIC: u8 = 0x12;
const PRINTABLE: u8 = 0x13;
const TELETEX: u8 = 0x14;
const IA5: u8 = 0x16;
const VISIBLE: u8 = 0x1A;
const UNIVERSAL: u8 = 0x1C;
const BMP: u8 = 0x1E;

/// A name as it is compared: each level as its attributes in one order, texts without their kind of string, letters'
/// case and surplus spaces.
#[derive(Clone, Debug, Default)]
pub(crate) struct Name {
    levels: Vec<Vec<u8>>,
    /// Addresses among the attributes, which constraints on names speak of.
    mails: Vec<String>,
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.levels == other.levels
    }
}

impl Eq for Name {}

impl Name {
    /// Reads a Name, which is a SEQUENCE with its tag.
    pub(crate) fn read(der: &[u8]) -> Result<Self, FormatError> {
        let (mut levels, mut mails) = (Vec::<Vec<Vec<u8>>>::new(), Vec::new());
        walk(der, |level, id, tag, value| {
            let text = text(tag, value);
            if let Some(mail) = text.as_ref().filter(|_| id == oid::EMAIL) {
                mails.push(mail.clone());
            }
            let attribute = comparable(id, (tag, value), text.as_deref());
            match levels.get_mut(level) {
                Some(attributes) => attributes.push(attribute),
                None => levels.push(vec![attribute]),
            }
        })?;
        let levels = levels.into_iter().map(|mut attributes| {
            attributes.sort();
            attributes.concat()
        });
        Ok(Self { levels: levels.collect(), mails })
    }

    /// Whether it says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// Whether it lies in the subtree of `base`, as the base itself does.
    pub(crate) fn is_within(&self, base: &Self) -> bool {
        self.levels.starts_with(&base.levels)
    }

    pub(crate) fn mails(&self) -> &[String] {
        &self.mails
    }
}

/// An attribute as it is compared. Each part has its length before it, so that none runs into the next.
fn comparable(id: ObjectIdentifier, (tag, value): (u8, &[u8]), text: Option<&str>) -> Vec<u8> {
    let letters = text.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase());
    let (kind, body) = letters.as_ref().map_or((tag, value), |letters| (0, letters.as_bytes()));
    let mut out = vec![kind];
    for part in [id.as_bytes(), body] {
        out.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

/// Calls `hear` with level, kind, tag and value of every attribute.
pub(crate) fn walk(
    der: &[u8],
    mut hear: impl FnMut(usize, ObjectIdentifier, u8, &[u8]),
) -> Result<(), FormatError> {
    let mut names = Items::sequence(der, WHAT)?;
    let (mut count, mut level) = (0, 0);
    while !names.is_empty() {
        let mut set = Items::new(names.expect(SET)?.value, WHAT)?;
        if set.is_empty() {
            return Err(set.malformed());
        }
        while !set.is_empty() {
            count += 1;
            if count > NAME_ATTRIBUTES_MAX {
                return Err(FormatError::TooMuch { what: WHAT, limit: NAME_ATTRIBUTES_MAX });
            }
            let mut attribute = Items::new(set.expect(SEQUENCE)?.value, WHAT)?;
            let id = attribute.oid()?;
            let value = attribute.any()?;
            attribute.finish()?;
            hear(level, id, value.tag, value.value);
        }
        level += 1;
    }
    Ok(())
}

/// The letters of a string; `None` for what is no text.
pub(crate) fn text(tag: u8, value: &[u8]) -> Option<String> {
    match tag {
        UTF8 | PRINTABLE | IA5 | NUMERIC | VISIBLE => std::str::from_utf8(value).ok().map(str::to_owned),
        TELETEX => Some(value.iter().copied().map(char::from).collect()),
        BMP => {
            let (units, rest) = value.as_chunks::<2>();
            let units = units.iter().copied().map(u16::from_be_bytes);
            let letters: Result<String, _> = char::decode_utf16(units).collect();
            letters.ok().filter(|_| rest.is_empty())
        }
        UNIVERSAL => {
            let (letters, rest) = value.as_chunks::<4>();
            let letters = letters.iter().copied().map(u32::from_be_bytes).map(char::from_u32);
            letters.collect::<Option<String>>().filter(|_| rest.is_empty())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{BMP, Name, PRINTABLE, UTF8};
    use crate::ber::write;
    use crate::oid;
    use crate::tlv::{OID, SEQUENCE, SET};

    fn wrap(tag: u8, body: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        write(tag, body, &mut out).unwrap();
        out
    }

    /// A name of one attribute on each level.
    fn name(levels: &[(der::asn1::ObjectIdentifier, u8, &[u8])]) -> Name {
        let level = |(id, tag, value): &(der::asn1::ObjectIdentifier, u8, &[u8])| {
            let attribute = [wrap(OID, id.as_bytes()), wrap(*tag, value)].concat();
            wrap(SET, &wrap(SEQUENCE, &attribute))
        };
        Name::read(&wrap(SEQUENCE, &levels.iter().flat_map(level).collect::<Vec<_>>())).unwrap()
    }

    #[test]
    fn case_spaces_and_kinds_of_strings_make_no_other_name() {
        let one = name(&[(oid::COMMON_NAME, UTF8, "Орталық CA".as_bytes())]);
        let bmp: Vec<u8> = "орталық  ca".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for other in [
            name(&[(oid::COMMON_NAME, UTF8, "  ОРТАЛЫҚ   ca ".as_bytes())]),
            name(&[(oid::COMMON_NAME, BMP, &bmp)]),
        ] {
            assert_eq!(one, other);
        }
        let printable = name(&[(oid::COMMON_NAME, PRINTABLE, b"Good CA")]);
        assert_eq!(printable, name(&[(oid::COMMON_NAME, UTF8, b"good ca")]));
    }

    #[test]
    fn other_letters_kinds_of_attribute_or_order_make_another_name() {
        let (cn, o) = (oid::COMMON_NAME, oid::ORGANISATION);
        let one = name(&[(o, UTF8, b"A"), (cn, UTF8, b"B")]);
        for other in [
            name(&[(cn, UTF8, b"B"), (o, UTF8, b"A")]),
            name(&[(o, UTF8, b"A"), (cn, UTF8, b"C")]),
            name(&[(o, UTF8, b"A"), (o, UTF8, b"B")]),
            name(&[(o, UTF8, b"A")]),
            name(&[]),
        ] {
            assert_ne!(one, other);
        }
        assert!(one.is_within(&name(&[(o, UTF8, b"a")])));
        assert!(one.is_within(&name(&[])) && name(&[]).is_empty());
        assert!(!name(&[(o, UTF8, b"A")]).is_within(&one));
    }
}
