//! What NCALayer answers to a message: a pure function of the message, the desk and the time.

use std::time::Duration;

use serde_json::{Value, json};

use super::asked::{Desk, Said};
use super::desk::Outcome;
use super::request::Members;
use super::{basics, common_utils};

/// A client may send this to hear that somebody is there.
const HEARTBEAT: &str = "--heartbeat--";

const BASICS: &str = "kz.gov.pki.knca.basics";
const COMMON_UTILS: &str = "kz.gov.pki.knca.commonUtils";

/// The version that today's NCALayer greets with.
const VERSION: &str = "1.4";

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
