//! What NCALayer answers to a message: a pure function of the message, the desk and the time.

use std::time::Duration;

use ofd_eds::Moment;
use serde_json::{Value, json};

use super::desk::{Outcome, Switches};
use super::request::Members;
use super::{basics, common_utils};
use crate::{Key, Pki};

/// A client may send this to hear that somebody is there.
const HEARTBEAT: &str = "--heartbeat--";

const BASICS: &str = "kz.gov.pki.knca.basics";
const COMMON_UTILS: &str = "kz.gov.pki.knca.commonUtils";

/// The version that today's NCALayer greets with.
const VERSION: &str = "1.4";

/// The desk at the moment of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Desk<'a> {
    pub(super) pki: &'a Pki,
    pub(super) switches: &'a Switches,
    pub(super) now: Moment,
}

impl<'a> Desk<'a> {
    /// The key that the person chose.
    pub(super) fn key(&self) -> Option<&'a Key> {
        self.pki.key(&self.switches.key)
    }

    /// A signature file.
    pub(super) fn sign(&self, key: &Key, content: &[u8], is_attached: bool, has_time_stamp: bool) -> Vec<u8> {
        let stamping = has_time_stamp.then(|| self.pki.stamping(self.now));
        key.sign_cms(content, is_attached, self.now, stamping)
    }
}

/// An answer, and what is to be known about it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    /// What goes out; `None`: the connection ends without a word.
    pub(super) text: Option<String>,
    /// How long the person takes before that.
    pub(super) after: Duration,
    /// What happened, for the journal; `None`: nothing worth a line.
    pub(super) note: Option<String>,
}

/// What a module has to say.
pub(super) enum Said {
    /// An answer that needs nobody.
    Now(Value),
    /// An answer of a person, with what happened.
    Person(Value, String),
    /// The end of the connection while a person was asked.
    End,
}

/// The first thing that NCALayer says.
pub(super) fn greeting() -> String {
    json!({"result": {"version": VERSION}}).to_string()
}

/// Answers one message.
pub(super) fn answer(message: &str, desk: Desk<'_>) -> Answer {
    if message == HEARTBEAT {
        return Answer { text: Some(HEARTBEAT.to_owned()), after: Duration::ZERO, note: None };
    }
    let Ok(Value::Object(request)) = serde_json::from_str::<Value>(message) else {
        let refusal = json!({"success": false, "code": "COMMON_JSON_WRAPPING_EXCEPTION"});
        return now(&refusal, "a message that is no JSON object");
    };
    let request = Members(&request);
    let word = |name: &str| request.any(name).and_then(Value::as_str).unwrap_or_default();
    let (module, method) = (word("module"), word("method"));
    let said = match module {
        BASICS => basics::answer(method, request, desk),
        COMMON_UTILS => common_utils::answer(method, request, desk),
        _ => Said::Now(json!({"success": false, "errorCode": "MODULE_NOT_FOUND"})),
    };
    let title = format!("{} {}", short(module), short(method));
    let after = desk.switches.delay;
    match said {
        Said::Now(value) => now(&value, &title),
        Said::Person(value, what) => {
            Answer { text: Some(value.to_string()), after, note: Some(format!("{title}: {what}")) }
        }
        Said::End => {
            let note = Some(format!("{title}: {}", Outcome::Disconnect));
            Answer { text: None, after, note }
        }
    }
}

fn now(value: &Value, title: &str) -> Answer {
    let outcome = ["code", "errorCode"].iter().find_map(|name| value.get(name)).and_then(Value::as_str);
    let outcome = outcome.unwrap_or("answered");
    let details = value.get("details").or_else(|| value.get("message")).and_then(Value::as_str);
    let details = details.map(|text| format!(", {text}")).unwrap_or_default();
    Answer {
        text: Some(value.to_string()),
        after: Duration::ZERO,
        note: Some(format!("{title}: {outcome}{details}")),
    }
}

/// A word of a stranger's message, as much as fits a line.
fn short(word: &str) -> String {
    const LENGTH_MAX: usize = 60;
    let word = word.strip_prefix("kz.gov.pki.knca.").unwrap_or(word);
    word.chars().filter(|char| !char.is_control()).take(LENGTH_MAX).collect()
}
