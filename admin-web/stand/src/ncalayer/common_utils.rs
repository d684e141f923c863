//! The module `kz.gov.pki.knca.commonUtils`: old, and still what many pages use.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ofd_eds::{Certificate, Moment, Scheme};
use serde_json::{Value, json};

use super::asked::{Desk, Said};
use super::desk::Outcome;
use super::filter::{STORAGE, STORAGES, is_for};
use super::pem::pem;
use super::request::Members;
use crate::Key;

/// For signing documents (emailProtection).
const SIGNING: &str = "1.3.6.1.5.5.7.3.4";

/// For login (clientAuth). Keys of GOST 34.10-2015 do both and need not have it.
const LOGIN: &str = "1.3.6.1.5.5.7.3.2";

/// The whole country's time, five hours before UTC, in which NCALayer writes dates.
const ZONE_SECONDS: i64 = 5 * 3600;

/// What a person is asked for.
enum Task {
    /// Nothing but to choose a key.
    KeyInfo,
    /// To sign something, or to sign in by it.
    Sign { content: Vec<u8>, is_attached: bool, has_time_stamp: bool, purpose: Option<&'static str> },
}

/// Answers a request to the module.
pub(super) fn answer(method: &str, request: Members<'_>, desk: Desk<'_>) -> Said {
    let none = Vec::new();
    let args = request.any("args").and_then(Value::as_array).unwrap_or(&none);
    let said = match method {
        // Files of keys are no tokens, and the emulated person has no token.
        "getActiveTokens" => Said::Now(json!({"code": "200", "responseObject": []})),
        "changeLocale" => Said::Now(json!({"code": "200"})),
        "getKeyInfo" => asked(&[args.first()], |_| Some(Task::KeyInfo), method, desk),
        "createCAdESFromBase64" => asked(&four(args), |rest| signing(rest, false), method, desk),
        "createCMSSignatureFromBase64" => asked(&four(args), |rest| signing(rest, true), method, desk),
        _ => Said::Now(failure(&format!("the emulator has no method {method}"))),
    };
    match said {
        Said::Now(value) => Said::Now(with_uuid(value, request)),
        Said::Person(value, what) => Said::Person(with_uuid(value, request), what),
        Said::End => Said::End,
    }
}

fn with_uuid(mut value: Value, request: Members<'_>) -> Value {
    if let (Some(object), Some(uuid)) = (value.as_object_mut(), request.any("uuid")) {
        object.insert("uuid".to_owned(), uuid.clone());
    }
    value
}

fn failure(message: &str) -> Value {
    json!({"code": "500", "message": message})
}

fn four(args: &[Value]) -> [Option<&Value>; 4] {
    [args.first(), args.get(1), args.get(2), args.get(3)]
}

/// The arguments after the storage: kind of key, base64, whether it is attached.
fn signing(rest: &[Option<&Value>], has_time_stamp: bool) -> Option<Task> {
    let [Some(Value::String(kind)), Some(Value::String(data)), Some(Value::Bool(is_attached))] = *rest else {
        return None;
    };
    let purpose = match kind.as_str() {
        "SIGNATURE" => Some(SIGNING),
        "AUTHENTICATION" => Some(LOGIN),
        _ => None,
    };
    let content = STANDARD.decode(data).ok()?;
    Some(Task::Sign { content, is_attached: *is_attached, has_time_stamp, purpose })
}

fn asked(
    args: &[Option<&Value>],
    task: impl FnOnce(&[Option<&Value>]) -> Option<Task>,
    method: &str,
    desk: Desk<'_>,
) -> Said {
    let mismatch = || format!("java.lang.IllegalArgumentException: argument type mismatch. Method: {method}");
    let Some((Some(Value::String(storage)), rest)) = args.split_first() else {
        return Said::Now(failure(&mismatch()));
    };
    match storage.as_str() {
        STORAGE => {}
        "" => return Said::Now(failure("storageName.param.empty")),
        known if STORAGES.contains(&known) => return Said::Now(failure("storage.empty")),
        _ => return Said::Now(failure("storage.unknown")),
    }
    match task(rest) {
        Some(task) => by_person(task, desk),
        None => Said::Now(failure(&mismatch())),
    }
}

fn by_person(task: Task, desk: Desk<'_>) -> Said {
    let label = &desk.switches.key;
    let cancelled = |what: String| Said::Person(failure("action.canceled"), what);
    match desk.switches.outcome {
        Outcome::Cancel => return cancelled("cancelled".to_owned()),
        Outcome::Disconnect => return Said::End,
        // A failure without message is recorded too, and pages must bear it.
        Outcome::Error(fault) => return Said::Person(json!({"code": "500"}), fault.as_str().to_owned()),
        Outcome::Sign => {}
    }
    let Some(key) = desk.key() else { return cancelled(format!("cancelled: there is no key {label}")) };
    match task {
        Task::KeyInfo => {
            let value = json!({"code": "200", "responseObject": key_info(key)});
            Said::Person(value, format!("told of the key {label}"))
        }
        Task::Sign { content, is_attached, has_time_stamp, purpose } => {
            let is_offered = purpose.is_none_or(|purpose| is_for(key, purpose));
            if !desk.switches.ignores_filters && !is_offered {
                return cancelled(format!(
                    "cancelled: the key {label} is not offered, it is of another kind"
                ));
            }
            let cms = desk.sign(key, &content, is_attached, has_time_stamp);
            let value = json!({"code": "200", "responseObject": STANDARD.encode(cms)});
            Said::Person(value, format!("signed with the key {label}"))
        }
    }
}

fn key_info(key: &Key) -> Value {
    let (serial, certificate) = (key.serial(), Certificate::read(key.certificate()).ok());
    json!({
        "alias": serial.to_lowercase(),
        "keyId": serial.to_lowercase(),
        "algorithm": algorithm(key),
        "subjectCn": certificate.and_then(|read| read.subject().common_name.clone()),
        "subjectDn": key.subject_name(),
        "issuerCn": key.issuer_common_name(),
        "issuerDn": key.issuer_name(),
        "serialNumber": serial,
        "certNotAfter": date(key.not_after()),
        "certNotBefore": date(key.not_before()),
        "authorityKeyIdentifier": key.authority_key(),
        "pem": pem("CERTIFICATE", key.certificate()),
    })
}

/// How NCALayer spells these is not recorded; pages do better to read `pem`.
fn algorithm(key: &Key) -> &'static str {
    match key.scheme() {
        Scheme::RsaSha256 | Scheme::RsaSha384 | Scheme::RsaSha512 => "RSA",
        Scheme::Gost2015 | Scheme::Gost2004 => "ECGOST3410-2015",
    }
}

/// `dd.MM.yyyy HH:mm:ss`, local time.
fn date(moment: Moment) -> String {
    let local = Moment::from_unix(moment.unix().saturating_add(ZONE_SECONDS)).to_string();
    let part = |range: std::ops::Range<usize>| local.get(range).unwrap_or_default();
    format!("{}.{}.{} {}", part(8..10), part(5..7), part(0..4), part(11..19))
}

#[cfg(test)]
mod tests {
    use ofd_eds::Moment;

    use super::date;

    #[test]
    fn dates_are_of_the_countrys_time() {
        // 2026-07-03T20:51:51Z is the next day in Kazakhstan.
        assert_eq!(date(Moment::from_unix(1_783_111_911)), "04.07.2026 01:51:51");
    }
}
