//! Tagged parts of a head: what came to a register's state after the first release.
//!
//! The register as the first release knew it comes first in a head and never changes. Whatever is added to the state
//! later is a field that serde leaves out (`#[serde(skip)]`), and a part here, under a tag of its own. A part that
//! holds nothing is not written; one that this program does not know is kept as it came and written again, so a
//! program that is older than the head loses nothing of it.

use ofd_protocol::register::{Phase, Register, UnconfirmedList, WarningCount};
use ofd_protocol::warning::Warning;
use postcard::Error;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// One part. Tags with bit 0 set are of one shift: the next one begins without them.
#[derive(Serialize, Deserialize)]
pub(super) struct TaggedPart {
    tag: u16,
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
}

/// A part's bytes.
type Encoded = Result<Vec<u8>, Error>;

/// What is known of one part. A tag is never reused.
struct Part {
    tag: u16,
    /// `None`: there is nothing to keep.
    write: fn(&Register) -> Option<Encoded>,
    read: fn(&mut Register, &[u8]) -> Result<(), Error>,
}

/// Every part but the warnings, which are one each.
const PARTS: &[Part] = &[
    // The stop for an unpaid service.
    Part {
        tag: 0x0010,
        write: |register| register.status.unpaid.as_ref().map(encode),
        read: |register, bytes| {
            register.status.unpaid = Some(decode(bytes)?);
            Ok(())
        },
    },
    // The date_time of the open shift's first document without an offline mark.
    Part {
        tag: 0x0011,
        write: |register| Some(encode(&register.open_shift()?.first_online_at?)),
        read: |register, bytes| {
            if let Phase::Open(open) = &mut register.phase {
                open.first_online_at = Some(decode(bytes)?);
            }
            Ok(())
        },
    },
    // The documents whose answer was never taken; they go on over a close.
    Part {
        tag: 0x0012,
        write: |register| {
            (register.unconfirmed != UnconfirmedList::default()).then(|| encode(&register.unconfirmed))
        },
        read: |register, bytes| {
            register.unconfirmed = decode(bytes)?;
            Ok(())
        },
    },
    // The version of what answers need apart from the state; it goes on over a close.
    Part {
        tag: 0x0014,
        write: |register| (register.profile_version != 0).then(|| encode(&register.profile_version)),
        read: |register, bytes| {
            register.profile_version = decode(bytes)?;
            Ok(())
        },
    },
];

/// A part of its own for each warning that the first form of heads does not know: this bit, and the code shifted by one.
const WARNING: u16 = 0x8000;

/// The parts of a register.
pub(super) fn of(register: &Register) -> Result<Vec<TaggedPart>, Error> {
    let mut parts = Vec::new();
    for part in PARTS {
        if let Some(bytes) = (part.write)(register) {
            parts.push(TaggedPart { tag: part.tag, bytes: bytes? });
        }
    }
    for (warning, count) in register.warnings.iter().filter(|(warning, _)| !warning.is_of_first_heads()) {
        let tag = WARNING | (u16::from(warning.code()) << 1);
        // The other document comes after what the first form of heads has of a warning.
        parts.push(TaggedPart { tag, bytes: encode(&(count, count.what))? });
    }
    let later = register.later_parts.iter();
    parts.extend(later.map(|(tag, bytes)| TaggedPart { tag: *tag, bytes: bytes.clone() }));
    Ok(parts)
}

/// Adds the parts that were read to the register that they belong to.
pub(super) fn add(register: &mut Register, parts: Vec<TaggedPart>) -> Result<(), Error> {
    for TaggedPart { tag, bytes } in parts {
        if let Some(part) = PARTS.iter().find(|part| part.tag == tag) {
            (part.read)(register, &bytes)?;
        } else if let Some(warning) = warning_of(tag) {
            let (count, rest) = postcard::take_from_bytes::<WarningCount>(&bytes)?;
            let what = if rest.is_empty() { None } else { decode(rest)? };
            register.warnings.insert(warning, WarningCount { what, ..count });
        } else {
            register.later_parts.insert(tag, bytes);
        }
    }
    Ok(())
}

fn warning_of(tag: u16) -> Option<Warning> {
    let code = u8::try_from((tag & !WARNING) >> 1).ok().filter(|_| tag & WARNING != 0 && tag & 1 == 0)?;
    Warning::from_code(code).filter(|warning| !warning.is_of_first_heads())
}

fn encode<T: Serialize>(value: &T) -> Encoded {
    postcard::to_stdvec(value)
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    postcard::from_bytes(bytes)
}
