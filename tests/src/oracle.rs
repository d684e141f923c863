//! Two foreign readers of the protocol, generated from `protocol/schema/kkm.proto`.
//!
//! [`lenient`] (prost) has every field optional: it reads what devices send and tells missing from zero. [`strict`]
//! (rust-protobuf) has the labels of the schema: it refuses, as tills do, an answer that lacks a required field.

use std::collections::BTreeSet;

use ofd_protocol::wire::{Field, Fields, Value as WireValue};
use prost::Message as _;
use protobuf::reflect::{MessageDescriptor, ReflectFieldRef, ReflectValueRef, RuntimeFieldType, RuntimeType};
use protobuf::{Message as _, MessageDyn, MessageFull};
use serde::Serialize;
use serde_json::Value;

/// Types made by prost, every field optional.
#[allow(missing_docs, clippy::all, clippy::pedantic)]
pub mod lenient {
    include!(concat!(env!("OUT_DIR"), "/ofd.kkm.rs"));
}

/// Types made by rust-protobuf, labels as in the schema.
#[allow(missing_docs, unused_imports, clippy::all, clippy::pedantic)]
pub mod strict {
    include!(concat!(env!("OUT_DIR"), "/strict/mod.rs"));
    pub use kkm::*;
}

/// Reads an answer as a till does.
///
/// # Errors
/// What rust-protobuf says: broken bytes, or a required field that is missing at whatever depth.
pub fn strict_response(payload: &[u8]) -> Result<strict::Response, String> {
    strict::Response::parse_from_bytes(payload).map_err(|error| error.to_string())
}

/// Reads an answer as a till does, then holds it against what no label says: the parts that its command needs, what
/// differs by version, lists that hold every type, blank texts, the widths of numbers, the report's checksum.
///
/// # Errors
/// Everything that is wrong with it, one line each.
pub fn strict_answer(version: u16, payload: &[u8]) -> Result<lenient::Response, String> {
    let strict = strict_response(payload)?;
    let response = lenient::Response::decode(payload).map_err(|error| error.to_string())?;
    let mut wrong = Wrong::default();
    plain_numbers("response", &strict, &mut wrong);
    parts(version, &response, &mut wrong);
    if let Some(service) = &response.service {
        registration(version, service.reg_info.clone().unwrap_or_default(), &mut wrong);
    }
    if let Some(report) = response.report.as_ref().and_then(|report| report.zx_report.as_ref()) {
        counters(version, report, &mut wrong);
        checksum(payload, report, &mut wrong);
    }
    wrong.0.is_empty().then_some(response).ok_or_else(|| wrong.0.join("\n"))
}

/// What prost reads, as JSON with the names of the schema; missing fields and empty lists do not appear.
pub fn to_json(message: &impl Serialize) -> Value {
    serde_json::to_value(message).unwrap_or_else(|error| Value::String(error.to_string()))
}

/// A payload of a request as JSON, for messages of failed tests.
pub fn request_json(payload: &[u8]) -> Value {
    lenient::Request::decode(payload)
        .map_or_else(|error| Value::String(error.to_string()), |read| to_json(&read))
}

/// A payload of an answer as JSON, for messages of failed tests.
pub fn response_json(payload: &[u8]) -> Value {
    lenient::Response::decode(payload)
        .map_or_else(|error| Value::String(error.to_string()), |read| to_json(&read))
}

/// Whether somewhere in a request a singular message comes twice: foreign readers merge the two, ours takes the last.
pub fn merges(payload: &[u8]) -> bool {
    merges_in(&strict::Request::descriptor(), payload)
}

/// A field of a lenient message, present or not.
pub trait Absent {
    /// Whether nothing is there to show.
    fn is_absent(&self) -> bool;
}

impl<T> Absent for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Absent for Vec<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

#[derive(Default)]
struct Wrong(Vec<String>);

impl Wrong {
    fn unless(&mut self, holds: bool, what: impl Into<String>) {
        if !holds {
            self.0.push(what.into());
        }
    }
}

/// At every depth: no field that the schema does not know, no number that a signed reader would see as negative,
/// no hundred coins.
fn plain_numbers(path: &str, message: &dyn MessageDyn, wrong: &mut Wrong) {
    for (number, _) in message.unknown_fields_dyn() {
        wrong.0.push(format!("{path}: field {number} is not in the schema"));
    }
    for field in message.descriptor_dyn().fields() {
        let path = format!("{path}.{}", field.name());
        let values: Vec<ReflectValueRef<'_>> = match field.get_reflect(message) {
            ReflectFieldRef::Optional(value) => value.value().into_iter().collect(),
            ReflectFieldRef::Repeated(values) => values.into_iter().collect(),
            ReflectFieldRef::Map(_) => Vec::new(),
        };
        for value in values {
            match value {
                ReflectValueRef::U32(value) => {
                    let max = if field.name() == "coins" { 99 } else { i32::MAX.unsigned_abs() };
                    wrong.unless(value <= max, format!("{path} is {value}, over {max}"));
                }
                ReflectValueRef::U64(value) => {
                    wrong.unless(i64::try_from(value).is_ok(), format!("{path} is {value}, over 2^63-1"));
                }
                ReflectValueRef::Message(inner) => plain_numbers(&path, &*inner, wrong),
                _ => {}
            }
        }
    }
}

/// The part that goes with the command, and texts with refusals.
fn parts(version: u16, response: &lenient::Response, wrong: &mut Wrong) {
    let result = response.result.clone().unwrap_or_default();
    let text = result.result_text.unwrap_or_default();
    let code = result.result_code.unwrap_or_default();
    if code != 0 {
        wrong.unless(!text.trim().is_empty(), format!("refusal {code} has no result_text"));
        return;
    }
    let (has, part) = match response.command() {
        lenient::Command::Ticket => (response.ticket.is_some(), "ticket"),
        lenient::Command::CloseShift | lenient::Command::Report => (response.report.is_some(), "report"),
        lenient::Command::Info => {
            (response.report.is_some() && response.service.is_some(), "report and service")
        }
        lenient::Command::Nomenclature => (response.nomenclature.is_some(), "nomenclature"),
        lenient::Command::Auth => (response.auth.is_some(), "auth"),
        lenient::Command::QrGenerate | lenient::Command::QrGetStatus => (response.qr.is_some(), "qr"),
        lenient::Command::System
        | lenient::Command::MoneyPlacement
        | lenient::Command::CancelTicket
        | lenient::Command::Reserved => (true, ""),
    };
    wrong.unless(has, format!("an answer to {:?} with result 0 needs its {part}", response.command()));
    if let Some(ticket) = &response.ticket {
        let number = ticket.ticket_number();
        let fits = (12..=18).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && !number.starts_with('0');
        wrong
            .unless(fits, format!("ticket_number is {number:?}, not 12 to 18 digits without a leading zero"));
        let text = String::from_utf8_lossy(ticket.qr_code());
        wrong.unless(text.contains(&format!("?i={number}&f=")), format!("qr_code {text:?} lacks the number"));
    }
    wrong.unless(version >= 204 || response.qr.is_none(), "qr before 204");
}

/// Registration data (WIRE section 12): whole for the version, none of it blank.
fn registration(version: u16, info: lenient::ResponseRegInfo, wrong: &mut Wrong) {
    let (kkm, pos, org) =
        (info.kkm.unwrap_or_default(), info.pos.unwrap_or_default(), info.org.unwrap_or_default());
    for (name, text) in [
        ("kkm.fns_kkm_id", &kkm.fns_kkm_id),
        ("kkm.serial_number", &kkm.serial_number),
        ("kkm.kkm_id", &kkm.kkm_id),
        ("pos.title", &pos.title),
        ("pos.address", &pos.address),
        ("org.title", &org.title),
        ("org.address", &org.address),
        ("org.inn", &org.inn),
        ("org.okved", &org.okved),
    ] {
        wrong.unless(is_told(text), format!("reg_info.{name} is blank"));
    }
    for (name, text) in [
        ("kkm.point_of_payment_number", &kkm.point_of_payment_number),
        ("kkm.terminal_number", &kkm.terminal_number),
    ] {
        wrong.unless(text.is_none() || is_told(text), format!("reg_info.{name} is sent without a value"));
    }
    if version >= 203 {
        wrong.unless(is_told(&pos.address_kz), "reg_info.pos.address_kz is blank");
        wrong.unless(is_told(&org.address_kz), "reg_info.org.address_kz is blank");
        wrong.unless(pos.latitude.is_some(), "reg_info.pos.latitude is missing");
        wrong.unless(pos.longitude.is_some(), "reg_info.pos.longitude is missing");
    } else if version == 202 {
        wrong.unless(org.address_kz.is_none(), "reg_info.org has tag 6, which was tenantId in 202");
    }
    let ofd = info.ofd.unwrap_or_default();
    for (name, text) in [("title", &ofd.title), ("title_kz", &ofd.title_kz), ("url", &ofd.url)] {
        if version >= 204 {
            wrong.unless(is_told(text), format!("reg_info.ofd.{name} is blank"));
        } else {
            wrong.unless(text.is_none(), format!("reg_info.ofd.{name} before 204"));
        }
    }
}

fn is_told(text: &Option<String>) -> bool {
    text.as_ref().is_some_and(|text| !text.trim().is_empty())
}

/// Lists of a report that hold every type (WIRE section 10), and section codes that are not blank.
fn counters(version: u16, report: &lenient::ZxReport, wrong: &mut Wrong) {
    const OPERATIONS: [i32; 4] = [0, 1, 2, 3];
    let payments: &[i32] = if version < 201 { &[0, 1, 2, 3, 4] } else { &[0, 1, 4] };
    let mut all = |name: &str, found: Vec<i32>, expected: &[i32]| {
        let once: BTreeSet<i32> = found.iter().copied().collect();
        let holds = once.len() == found.len() && once.iter().eq(expected);
        wrong.unless(holds, format!("{name} holds types {found:?}, not each of {expected:?} once"));
    };
    let operations = |list: &[lenient::Operation]| list.iter().map(|one| one.operation() as i32).collect();
    let sums = |list: &[lenient::NonNullableSum]| list.iter().map(|one| one.operation() as i32).collect();
    all("operations", operations(&report.operations), &OPERATIONS);
    all("discounts", operations(&report.discounts), &OPERATIONS);
    all("markups", operations(&report.markups), &OPERATIONS);
    all("total_result", operations(&report.total_result), &OPERATIONS);
    all("start_shift_non_nullable_sums", sums(&report.start_shift_non_nullable_sums), &OPERATIONS);
    all("non_nullable_sums", sums(&report.non_nullable_sums), &OPERATIONS);
    for section in &report.sections {
        let code = section.section_code();
        all(&format!("sections[{code}]"), operations(&section.operations), &OPERATIONS);
    }
    for tax in &report.taxes {
        let found = tax.operations.iter().map(|one| one.operation() as i32).collect();
        all(&format!("taxes[{}, {}]", tax.tax_type(), tax.percent()), found, &OPERATIONS);
    }
    let found = report.ticket_operations.iter().map(|one| one.operation() as i32).collect();
    all("ticket_operations", found, &OPERATIONS);
    for operation in &report.ticket_operations {
        let found = operation.payments.iter().map(|one| one.payment() as i32).collect();
        all(&format!("payments of {:?}", operation.operation()), found, payments);
    }
    let found = report.money_placements.iter().map(|one| one.operation() as i32).collect();
    all("money_placements", found, &[0, 1]);
    let blank = report.sections.iter().any(|section| section.section_code().trim().is_empty());
    wrong.unless(!blank, "a section code is blank");
}

/// The checksum is taken anew over the bytes as they came, with field 18 emptied.
fn checksum(payload: &[u8], report: &lenient::ZxReport, wrong: &mut Wrong) {
    let part = |message: &[u8], tag: u32| -> Vec<u8> {
        let found = Fields::new(message).flatten().filter(|field| field.number == tag).last();
        match found.map(|field| field.value) {
            Some(WireValue::Bytes(bytes)) => bytes.to_vec(),
            _ => Vec::new(),
        }
    };
    let whole = part(&part(payload, 4), 2);
    let sum = report.checksum();
    let last = [&[0x92, 0x01, 0x08], sum.as_bytes()].concat();
    let Some(before) = whole.strip_suffix(last.as_slice()) else {
        wrong.0.push(format!("the checksum {sum:?} is not the last field, or not of 8 characters"));
        return;
    };
    let expected = format!("{:08X}", crc32(&[before, &[0x92, 0x01, 0x00]].concat()));
    wrong.unless(sum == expected, format!("the checksum is {sum}, the bytes give {expected}"));
}

/// CRC-32 (ISO-HDLC), bit by bit: another way than the product's.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

fn merges_in(descriptor: &MessageDescriptor, message: &[u8]) -> bool {
    let mut seen = BTreeSet::new();
    Fields::new(message).flatten().any(|Field { number, value }| {
        let field = u64::from(number).try_into().ok().and_then(|number| descriptor.field_by_number(number));
        let (Some(field), WireValue::Bytes(bytes)) = (field, value) else { return false };
        match field.runtime_field_type() {
            RuntimeFieldType::Singular(RuntimeType::Message(inner)) => {
                !seen.insert(number) || merges_in(&inner, bytes)
            }
            RuntimeFieldType::Repeated(RuntimeType::Message(inner)) => merges_in(&inner, bytes),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_standard_crc_32() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_message_that_comes_twice_is_told_from_one_that_comes_once() {
        let amounts = [0x42, 0x04, 0x0A, 0x02, 0x08, 0x05];
        let ticket = |parts: &[&[u8]]| {
            let body = parts.concat();
            [&[0x12, u8::try_from(body.len()).unwrap()], body.as_slice()].concat()
        };
        assert!(!merges(&ticket(&[&amounts])));
        assert!(merges(&ticket(&[&amounts, &amounts])));
        // Two elements of a repeated field are no merge.
        let item = [0x2A, 0x02, 0x08, 0x01];
        assert!(!merges(&ticket(&[&item, &item])));
    }
}
