//! Random messages made from the schema itself, so that a field added there is tested from then on.

use protobuf::MessageFull;
use protobuf::reflect::{FieldDescriptor, MessageDescriptor, RuntimeFieldType, RuntimeType};

use crate::oracle::{lenient, strict};
use crate::random::Random;

/// Texts that registers send, and such as test the reader: empty, blank, long, Kazakh, with a group separator.
const TEXTS: [&str; 9] = [
    "",
    " ",
    "1",
    "796",
    "640300014538",
    "Нан «Көктем» №0",
    "ТОО «Ұлы дала елі»",
    "010487000000001521abcDEF\u{1d}93Zz12",
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\
     0123456789012345678901234567890123456789",
];

/// Which fields that need not be there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// By chance; lists hold up to three elements.
    Chance,
    /// All; lists hold one element.
    All,
}

/// A request that follows the schema, with any set of parts.
pub fn request(random: &mut Random) -> Vec<u8> {
    message(random, &strict::Request::descriptor(), Fill::Chance)
}

/// The same request as prost encodes it: fields in the order of their tags.
pub fn request_by_prost(random: &mut Random) -> Vec<u8> {
    use prost::Message;
    let drawn = request(random);
    lenient::Request::decode(drawn.as_slice()).expect("what is generated follows the schema").encode_to_vec()
}

/// A message of a type of the schema; every required field is there.
pub fn message(random: &mut Random, descriptor: &MessageDescriptor, fill: Fill) -> Vec<u8> {
    let mut out = Vec::new();
    for field in descriptor.fields() {
        let (times, kind) = match field.runtime_field_type() {
            RuntimeFieldType::Singular(kind) => {
                let there = fill == Fill::All || field.is_required() || random.chance(2, 3);
                (usize::from(there), kind)
            }
            RuntimeFieldType::Repeated(kind) => (if fill == Fill::All { 1 } else { random.below(4) }, kind),
            RuntimeFieldType::Map(..) => (0, RuntimeType::Bool),
        };
        for _ in 0..times {
            put_value(&mut out, random, &field, &kind, fill);
        }
    }
    out
}

fn put_value(
    out: &mut Vec<u8>,
    random: &mut Random,
    field: &FieldDescriptor,
    kind: &RuntimeType,
    fill: Fill,
) {
    let tag = field.number().unsigned_abs();
    match kind {
        RuntimeType::Message(inner) => put_bytes(out, tag, &message(random, inner, fill)),
        RuntimeType::String => put_bytes(out, tag, random.pick(&TEXTS).as_bytes()),
        RuntimeType::VecU8 => put_bytes(out, tag, &random.draw().to_le_bytes()),
        RuntimeType::Enum(values) => {
            let codes: Vec<i32> = values.values().map(|value| value.value()).collect();
            put_varint(out, u64::from(tag) << 3);
            put_varint(out, u64::from(random.pick(&codes).unsigned_abs()));
        }
        RuntimeType::Bool => {
            put_varint(out, u64::from(tag) << 3);
            put_varint(out, random.draw() & 1);
        }
        RuntimeType::U32 | RuntimeType::U64 | RuntimeType::I32 => {
            put_varint(out, u64::from(tag) << 3);
            put_varint(out, integer(random, field.name(), kind));
        }
        RuntimeType::I64 | RuntimeType::F32 | RuntimeType::F64 => {
            panic!("{} has a type that the protocol does not use", field.full_name())
        }
    }
}

fn integer(random: &mut Random, name: &str, kind: &RuntimeType) -> u64 {
    let pick = |random: &mut Random, numbers: &[u64]| *random.pick(numbers);
    match name {
        "coins" => random.draw() % 100,
        "year" => pick(random, &[1899, 2000, 2024, 2026, 9999]),
        "month" => 1 + random.draw() % 12,
        "day" => 1 + random.draw() % 28,
        "hour" => random.draw() % 24,
        "minute" | "second" => random.draw() % 60,
        // Negative numbers take ten bytes, as two's complement of 64 bits.
        _ if *kind == RuntimeType::I32 => {
            pick(random, &[0, 51_128_207, -71_430_411_i64 as u64, i64::from(i32::MIN) as u64])
        }
        _ if *kind == RuntimeType::U32 => {
            let any = random.draw() % (1 << 31);
            pick(random, &[0, 1, 16, 127, 128, 16_000, (1 << 31) - 1, any])
        }
        _ => {
            let any = random.draw() >> 1;
            pick(random, &[0, 1, 750, 1 << 32, (1 << 63) - 1, any])
        }
    }
}

/// Appends a field of bytes.
pub fn put_bytes(out: &mut Vec<u8>, tag: u32, bytes: &[u8]) {
    put_varint(out, u64::from(tag) << 3 | 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends a varint.
pub fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Damages bytes: flipped bits, a cut end, a slice that is gone or comes twice, foreign bytes.
pub fn damage(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..=random.below(3) {
        if bytes.is_empty() {
            return;
        }
        let from = random.below(bytes.len());
        let to = (from + 1 + random.below(24)).min(bytes.len());
        match random.below(6) {
            0 | 1 => bytes[from] ^= 1 << random.below(8),
            2 => bytes.truncate(from),
            3 => {
                let slice = bytes[from..to].to_vec();
                let at = random.below(bytes.len() + 1);
                bytes.splice(at..at, slice);
            }
            4 => drop(bytes.drain(from..to)),
            _ => bytes[from] = random.draw() as u8,
        }
    }
}
