//! What requests to the API may say.

use ofd_office::registers::RegisterError;
use ofd_protocol::types::RegisterId;
use serde_json::Value;

use crate::problem::{FieldError, Kind, Problem};
use crate::typed::plain_number;

/// Entries of one page.
pub(crate) const LIMIT_MAX: usize = 1000;

/// A reason is shown on the till beside the text of the refusal.
pub(crate) const REASON_CHARS_MAX: usize = 500;

/// The register of an address.
pub(super) fn register_id(text: &str) -> Result<RegisterId, Problem> {
    plain_number(text).map(RegisterId).ok_or_else(|| no_such_register(text))
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// No register of this id, or none that the token may see.
pub(super) fn no_such_register(id: impl std::fmt::Display) -> Problem {
    Problem::new(Kind::NotFound, format!("there is no register {id}"))
}

/// What a program is told.
pub(super) fn problem(error: RegisterError) -> Problem {
    let text = error.to_string();
    match error {
        RegisterError::NoSuchRegister(_) | RegisterError::NoSuchShift(_) => {
            Problem::new(Kind::NotFound, text)
        }
        RegisterError::BeingCreated | RegisterError::Busy => {
            Problem::new(Kind::Unavailable, text).retry_after(1)
        }
        RegisterError::Final(_) => Problem::new(Kind::Deregistered, text),
        // A conflict with others is told as that.
        RegisterError::Store(error) => error.into(),
    }
}

/// The shift of an address.
pub(super) fn shift_number(text: &str) -> Result<u32, Problem> {
    plain_number(text).ok_or_else(|| no_such_shift(text))
}

/// The register has no such shift.
pub(super) fn no_such_shift(number: impl std::fmt::Display) -> Problem {
    Problem::new(Kind::NotFound, format!("the register has no shift {number}; shifts count from 1"))
}

/// Where a page of a list begins and how long it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// The last number already seen.
    pub(super) after: u32,
    /// How many entries at most.
    pub(super) limit: usize,
}

impl Page {
    /// Reads `after` and `limit`; both may be left out.
    pub(super) fn read<'a>(parameter: impl Fn(&str) -> Option<&'a str>) -> Result<Self, Problem> {
        let mut errors = Vec::new();
        let mut wrong = |field: &str, value: &str, range: String| {
            let detail = format!("{field} is {value:?}; it must be a whole number {range}");
            errors.push(FieldError { field: field.to_owned(), detail });
        };
        let mut page = Self { after: 0, limit: LIMIT_MAX };
        if let Some(text) = parameter("after") {
            match text.parse().ok().filter(|_| is_digits(text)) {
                Some(after) => page.after = after,
                None => wrong("after", text, format!("from 0 to {}, the last one already seen", u32::MAX)),
            }
        }
        if let Some(text) = parameter("limit") {
            match text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit) && is_digits(text)) {
                Some(limit) => page.limit = limit,
                None => wrong("limit", text, format!("from 1 to {LIMIT_MAX}")),
            }
        }
        if errors.is_empty() { Ok(page) } else { Err(Problem::fields(errors)) }
    }
}

/// The reason of a block or deregistration, from a body such as `{"reason": "…"}`.
pub(super) fn reason(content_type: Option<&str>, body: &[u8]) -> Result<String, Problem> {
    let media_type = content_type.and_then(|value| value.split(';').next()).map(str::trim);
    if !media_type.is_some_and(|media_type| media_type.eq_ignore_ascii_case("application/json")) {
        let detail = "send the header Content-Type: application/json and a body such as {\"reason\": \"…\"}";
        return Err(Problem::new(Kind::UnsupportedMediaType, detail));
    }
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Problem::new(
            Kind::BadRequest,
            format!("the body is not JSON at line {line}, column {column}; send {{\"reason\": \"…\"}}"),
        )
    })?;
    let Value::Object(fields) = value else {
        return Err(Problem::new(Kind::BadRequest, "the body must be an object: {\"reason\": \"…\"}"));
    };
    if let Some(other) = fields.keys().find(|name| *name != "reason") {
        return Err(Problem::field(other, "there is no such field here; leave it out"));
    }
    let wrong = |detail: String| Err(Problem::field("reason", detail));
    let reason = match fields.get("reason") {
        Some(Value::String(reason)) => reason.trim(),
        Some(_) => return wrong("it must be a text".to_owned()),
        None => return wrong("it is missing; say why, the till shows it".to_owned()),
    };
    let length = reason.chars().count();
    if length == 0 {
        return wrong("it is empty; say why, the till shows it".to_owned());
    }
    if length > REASON_CHARS_MAX {
        return wrong(format!("it has {length} characters; at most {REASON_CHARS_MAX} are allowed"));
    }
    if reason.chars().any(char::is_control) {
        return wrong("it has a line break or another control character; the till shows one line".to_owned());
    }
    Ok(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(after: Option<&str>, limit: Option<&str>) -> Option<(u32, usize)> {
        Page::read(|name| if name == "after" { after } else { limit })
            .ok()
            .map(|page| (page.after, page.limit))
    }

    #[test]
    fn a_page_is_bounded() {
        assert_eq!(page(None, None), Some((0, 1000)));
        assert_eq!(page(Some("17"), Some("1")), Some((17, 1)));
        for wrong in ["0", "1001", "-1", "+5", "", "ten", "1.5"] {
            assert_eq!(page(None, Some(wrong)), None, "{wrong}");
        }
        for wrong in ["-1", "+1", "", "x", "4294967296"] {
            assert_eq!(page(Some(wrong), None), None, "{wrong}");
        }
    }

    #[test]
    fn a_reason_is_one_line_that_says_something() {
        let read = |body: &str| reason(Some("application/json; charset=utf-8"), body.as_bytes()).ok();
        assert_eq!(read("{\"reason\": \" долг за май \"}").as_deref(), Some("долг за май"));
        let long = format!("{{\"reason\": \"{}\"}}", "ж".repeat(REASON_CHARS_MAX + 1));
        for wrong in [
            "",
            "[]",
            "{}",
            "{\"reason\": \" \"}",
            "{\"reason\": 5}",
            "{\"reason\": \"a\\nb\"}",
            long.as_str(),
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(
            read(&format!("{{\"reason\": \"{}\"}}", "ж".repeat(500))).map(|text| text.len()),
            Some(1000)
        );
        assert_eq!(read("{\"reason\": \"a\", \"until\": \"b\"}"), None);
        assert!(reason(None, b"{\"reason\": \"a\"}").is_err());
        assert!(reason(Some("text/plain"), b"{\"reason\": \"a\"}").is_err());
    }

    #[test]
    fn ids_are_plain_numbers_from_1() {
        assert_eq!(register_id("203539").ok(), Some(RegisterId(203_539)));
        for wrong in ["0", "+1", "-1", "", "1a", "4294967296"] {
            assert!(register_id(wrong).is_err() && shift_number(wrong).is_err(), "{wrong}");
        }
    }
}
