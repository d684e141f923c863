//! The module `kz.gov.pki.knca.basics`, which pages of today sign with.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::asked::{Desk, Said};
use super::desk::{Encoding, Fault, Outcome, Shape};
use super::filter::Filter;
use super::pem::pem;
use super::request::{JsonFault, Members, texts};
use crate::Key;

/// The most texts that are signed at once.
const ITEMS_MAX: usize = 100;

/// A request to sign, as far as it is followed.
struct Sign<'a> {
    contents: Vec<Vec<u8>>,
    came_as_list: bool,
    is_attached: bool,
    has_time_stamp: bool,
    wants_certificate: bool,
    filter: Filter<'a>,
}

/// What the module cannot do.
struct Refusal {
    fault: Fault,
    what: String,
}

impl From<JsonFault> for Refusal {
    fn from(fault: JsonFault) -> Self {
        Self { fault: Fault::Invocation, what: fault.0 }
    }
}

impl Refusal {
    fn params(what: impl Into<String>) -> Self {
        Self { fault: Fault::InvalidSigningParams, what: what.into() }
    }

    fn answer(&self) -> Value {
        match self.fault {
            // These words are recorded.
            Fault::Invocation => json!({
                "status": false,
                "code": self.fault.as_str(),
                "message": "An invoked method threw an exception.",
                "details": self.what,
            }),
            Fault::InvalidSigningParams | Fault::SigningFailure | Fault::General => {
                json!({"status": false, "code": self.fault.as_str(), "message": self.what})
            }
        }
    }
}

/// Answers a request to the module.
pub(super) fn answer(method: &str, request: Members<'_>, desk: Desk<'_>) -> Said {
    if method != "sign" {
        let what = format!("java.lang.NoSuchMethodException: {method}");
        return Said::Now(Refusal { fault: Fault::Invocation, what }.answer());
    }
    let read = request.needed_object("args").map_err(Refusal::from).and_then(Sign::read);
    match read {
        Ok(sign) => by_person(&sign, desk),
        Err(refusal) => Said::Now(refusal.answer()),
    }
}

impl<'a> Sign<'a> {
    fn read(args: Members<'a>) -> Result<Self, Refusal> {
        let (format, data) = (args.needed_text("format")?, args.needed("data")?);
        let params = args.needed_object("signingParams")?;
        let filter = Filter::read(args)?;
        if format != "cms" {
            return Err(Refusal::params(format!("the emulator signs the format cms alone, not {format}")));
        }
        if params.flag("digested", false)? {
            return Err(Refusal::params("the emulator signs contents, not digests: leave out digested"));
        }
        let items = match data {
            Value::String(text) => vec![text.as_str()],
            Value::Array(items) => texts(items, "data")?,
            _ => return Err(JsonFault::is_not("data", "a string").into()),
        };
        if items.is_empty() || items.len() > ITEMS_MAX {
            return Err(Refusal::params(format!("data holds {} texts, not 1 to {ITEMS_MAX}", items.len())));
        }
        let decodes = params.flag("decode", false)?;
        let contents = items.into_iter().map(|item| content(item, decodes)).collect::<Result<_, _>>()?;
        Ok(Self {
            contents,
            came_as_list: data.is_array(),
            is_attached: params.flag("encapsulate", true)?,
            has_time_stamp: params.object("tsaProfile")?.is_some(),
            wants_certificate: params.flag("outputCert", false)?,
            filter,
        })
    }
}

/// Without `decode` NCALayer signs the very text, even if it is base64.
fn content(item: &str, decodes: bool) -> Result<Vec<u8>, Refusal> {
    if !decodes {
        return Ok(item.as_bytes().to_vec());
    }
    let digits: String = item.chars().filter(|char| !char.is_ascii_whitespace()).collect();
    STANDARD.decode(digits).map_err(|error| Refusal::params(format!("data is not base64: {error}")))
}

fn by_person(sign: &Sign<'_>, desk: Desk<'_>) -> Said {
    let closed = || json!({"status": true, "body": {}});
    match desk.switches.outcome {
        Outcome::Cancel => Said::Person(closed(), "cancelled".to_owned()),
        Outcome::Disconnect => Said::End,
        Outcome::Error(fault) => {
            let what = "the emulator was told to fail".to_owned();
            Said::Person(Refusal { fault, what }.answer(), fault.as_str().to_owned())
        }
        Outcome::Sign => {
            let label = &desk.switches.key;
            let excluded = |key: &&Key| desk.switches.ignores_filters || sign.filter.excludes(key).is_none();
            let Some(key) = desk.key().filter(excluded) else {
                // NCALayer does not offer the key, and all that is left to the person is to close the window.
                let why =
                    desk.key().and_then(|key| sign.filter.excludes(key)).unwrap_or("there is no such key");
                return Said::Person(closed(), format!("cancelled: the key {label} is not offered, {why}"));
            };
            Said::Person(signed(sign, key, desk), format!("signed with the key {label}"))
        }
    }
}

fn signed(sign: &Sign<'_>, key: &Key, desk: Desk<'_>) -> Value {
    let signature = |content: &Vec<u8>| {
        let cms = desk.sign(key, content, sign.is_attached, sign.has_time_stamp);
        match desk.switches.encoding {
            Encoding::Pem => pem("CMS", &cms),
            Encoding::Base64 => STANDARD.encode(&cms),
        }
    };
    let signatures: Vec<String> = sign.contents.iter().map(signature).collect();
    if sign.wants_certificate {
        let certificate = pem("CERTIFICATE", key.certificate());
        let result = json!({"signatures": signatures, "certificate": certificate});
        return json!({"status": true, "body": {"result": result}});
    }
    let result = match (desk.switches.shape, sign.came_as_list, signatures.as_slice()) {
        (Shape::AsData, false, [one]) => json!(one),
        _ => json!(signatures),
    };
    json!({"status": true, "body": {"result": result}})
}
