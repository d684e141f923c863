//! What banks and terminals call: whose account a payer means, and a payment.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::Response;
use ofd_billing::{PersonalAccount, Tiyn};
use ofd_office::billing::calls::{
    CALL_ID_LEN_MAX, CALL_SUM_MAX, Call, CallRefused, Named, PayError, Payee, Told, caller, pay, payee,
};
use ofd_office::billing::standing::{carry_out, present};
use ofd_storage::ledger::LedgerError;
use ofd_storage::payment_keys::PaymentClient;
use ofd_storage::payments::PaymentError;
use ofd_storage::store::StoreError;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::budget::{ClientAddress, OverBudget};
use crate::json::json;
use crate::limits::BODY_LEN_MAX;
use crate::problem::{FieldError, Kind, Problem};
use crate::site::Site;

type ApiAnswer = Result<Response, Problem>;

/// How a caller identifies itself.
const CHALLENGE: &str = "OFD-Signature";

/// An account as the API shows it.
#[derive(Serialize)]
struct PayeeView {
    account: String,
    bin: String,
    title: String,
    balance: String,
    to_pay: String,
    is_stopped: bool,
}

/// A payment as the API answers it.
#[derive(Serialize)]
struct PaidView {
    id: String,
    payment: String,
    account: String,
    bin: String,
    sum: String,
    balance: String,
}

fn over_budget(spent: OverBudget) -> Problem {
    let (kind, wait_seconds) = match spent {
        OverBudget::Address { wait_seconds } => (Kind::TooManyRequests, wait_seconds),
        OverBudget::All { wait_seconds } => (Kind::Unavailable, wait_seconds),
    };
    let detail = "this address called too often without a signature that is known; wait as Retry-After says";
    Problem::new(kind, detail).retry_after(wait_seconds)
}

/// Who calls. A caller that signed well from an address pays for itself there; whoever else comes pays by the address, so that
/// nobody spends what is a bank's.
async fn admit(
    site: &Site,
    address: IpAddr,
    headers: &HeaderMap,
    (method, uri, body): (&Method, &Uri, &[u8]),
) -> Result<PaymentClient, Problem> {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (key, time, signature) = (said("ofd-key"), said("ofd-time"), said("ofd-signature"));
    let payer = format!("{key} {address}");
    match site.programs.take(&payer) {
        Some(Ok(())) => {}
        Some(Err(wait_seconds)) => {
            let detail = "this key called too often; wait as Retry-After says";
            return Err(Problem::new(Kind::TooManyRequests, detail).retry_after(wait_seconds));
        }
        None => site.budget.take(address).map_err(over_budget)?,
    }
    if key.is_empty() || time.is_empty() || signature.is_empty() {
        let detail = "send the headers OFD-Key, OFD-Time and OFD-Signature; docs/api.md says what is signed";
        return Err(Problem::new(Kind::Unauthorized, detail).challenge(CHALLENGE));
    }
    let call = Call { key, time, signature, method: method.as_str(), path: uri.path(), body };
    match caller(&site.office, call).await? {
        Ok(client) => {
            site.programs.prove(&payer);
            Ok(client)
        }
        Err(refused) => {
            if refused == CallRefused::Signature {
                site.programs.forget(&payer);
            }
            Err(Problem::new(Kind::Unauthorized, refused.to_string()).challenge(CHALLENGE))
        }
    }
}

/// The body as the object that it must be, of these fields alone.
fn fields(headers: &HeaderMap, body: &[u8], known: &[&str]) -> Result<Map<String, Value>, Problem> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|value| value.split(';').next()).map(str::trim);
    if !media_type.is_some_and(|media_type| media_type.eq_ignore_ascii_case("application/json")) {
        let detail = "send the header Content-Type: application/json";
        return Err(Problem::new(Kind::UnsupportedMediaType, detail));
    }
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Problem::new(Kind::BadRequest, format!("the body is not JSON at line {line}, column {column}"))
    })?;
    let Value::Object(fields) = value else {
        return Err(Problem::new(Kind::BadRequest, "the body must be an object"));
    };
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        Some(other) => Err(Problem::field(other, "there is no such field here; leave it out")),
        None => Ok(fields),
    }
}

/// Whom a body means, by exactly one of both.
fn named(fields: &Map<String, Value>, errors: &mut Vec<FieldError>) -> Option<Named> {
    let mut wrong = |field: &str, detail: &str| {
        errors.push(FieldError { field: field.to_owned(), detail: detail.to_owned() });
        None
    };
    let text = |name: &str| fields.get(name).map(|value| value.as_str().unwrap_or_default());
    match (text("account"), text("bin")) {
        (Some(account), None) => match account.parse::<PersonalAccount>() {
            Ok(number) => Some(Named::Account(number)),
            Err(error) => wrong("account", &error.to_string()),
        },
        (None, Some(bin)) if bin.len() == 12 && bin.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(Named::Bin(bin.to_owned()))
        }
        (None, Some(_)) => wrong("bin", "a BIN or IIN is a text of 12 digits"),
        (None, None) => wrong("account", "it is missing; name the account, or a bin in its place"),
        (Some(_), Some(_)) => wrong("bin", "name the account or the bin, and not both"),
    }
}

/// A sum as a text in tenge with two decimals: `1500.00`.
fn sum_of(text: &str) -> Option<Tiyn> {
    let (whole, part) = text.split_once('.')?;
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = whole == "0" || !whole.starts_with('0');
    if part.len() != 2 || whole.len() > 12 || !is_digits(whole) || !is_digits(part) || !is_plain {
        return None;
    }
    let tiyn: i64 = format!("{whole}{part}").parse().ok()?;
    let sum = Tiyn::new(tiyn).ok()?;
    (tiyn > 0 && tiyn <= CALL_SUM_MAX).then_some(sum)
}

/// The id that the caller's system has for a payment.
fn is_call_id(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte);
    (1..=CALL_ID_LEN_MAX).contains(&id.len()) && id.bytes().all(is_plain)
}

fn told(fields: &Map<String, Value>) -> Result<Told, Problem> {
    let mut errors = Vec::new();
    let named = named(fields, &mut errors);
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let id = text("id");
    if !is_call_id(id) {
        let detail = format!(
            "a text of 1 to {CALL_ID_LEN_MAX} letters, digits and -_.:/ by which you know the payment"
        );
        errors.push(FieldError { field: "id".to_owned(), detail });
    }
    let sum = sum_of(text("sum"));
    if sum.is_none() {
        let detail = "a text in tenge with two decimals, above 0.00: \"1500.00\"".to_owned();
        errors.push(FieldError { field: "sum".to_owned(), detail });
    }
    match (named, sum) {
        (Some(named), Some(sum)) if errors.is_empty() => Ok(Told { id: id.to_owned(), named, sum }),
        _ => Err(Problem::fields(errors)),
    }
}

fn of_body(body: Result<Bytes, BytesRejection>) -> Result<Bytes, Problem> {
    body.map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(failed) if failed.status().as_u16() == 413 => {
            Problem::new(Kind::TooLarge, format!("the body is longer than {BODY_LEN_MAX} bytes"))
        }
        rejection => Problem::new(Kind::BadRequest, format!("the body cannot be read: {rejection}")),
    })
}

fn ledger_problem(error: LedgerError) -> Problem {
    match error {
        LedgerError::Store(error) => error.into(),
        LedgerError::Busy => {
            Problem::new(Kind::Unavailable, "others post to the account; repeat the call").retry_after(1)
        }
        other => StoreError::Corrupt { place: "the ledger".to_owned(), reason: other.to_string() }.into(),
    }
}

fn no_account() -> Problem {
    let detail = "there is no personal account of this number, or of this BIN; nothing was taken";
    Problem::new(Kind::NotFound, detail)
}

/// Whose account a payer means, what is on it, and how much is owed. Nothing is written.
pub(super) async fn check(
    State(site): State<Arc<Site>>,
    ClientAddress(address): ClientAddress,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> ApiAnswer {
    let body = of_body(body)?;
    admit(&site, address, &headers, (&method, &uri, &body)).await?;
    let fields = fields(&headers, &body, &["account", "bin"])?;
    let mut errors = Vec::new();
    let named = named(&fields, &mut errors).ok_or_else(|| Problem::fields(errors))?;
    let zone = site.config.zone_offset_seconds;
    let found = payee(&site.office, &named, zone).await.map_err(ledger_problem)?;
    let Payee { account, title, balance } = found.ok_or_else(no_account)?;
    let standing = present(&site.office, &account.bin, zone).await.map_err(ledger_problem)?;
    Ok(json(
        "no-store",
        &PayeeView {
            account: account.number.to_string(),
            bin: account.bin,
            title,
            balance: balance.to_string(),
            to_pay: balance.negated().max(Tiyn::ZERO).to_string(),
            is_stopped: standing.is_some_and(|standing| standing.standing.stopped.is_some()),
        },
    ))
}

/// Takes a payment, once however often it is told, and lets the organisation's registers go on.
pub(super) async fn take(
    State(site): State<Arc<Site>>,
    ClientAddress(address): ClientAddress,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> ApiAnswer {
    let body = of_body(body)?;
    let client = admit(&site, address, &headers, (&method, &uri, &body)).await?;
    let told = told(&fields(&headers, &body, &["id", "account", "bin", "sum"])?)?;
    let zone = site.config.zone_offset_seconds;
    let paid = pay(&site.office, &client.id, &told, zone).await.map_err(|error| match error {
        PayError::NoAccount => no_account(),
        another @ PayError::Another { .. } => Problem::new(Kind::PaymentDiffers, another.to_string()),
        PayError::Store(error) | PayError::Payment(PaymentError::Store(error)) => error.into(),
        PayError::Ledger(error) | PayError::Payment(PaymentError::Ledger(error)) => ledger_problem(error),
        PayError::Payment(other) => {
            StoreError::Corrupt { place: "a payment".to_owned(), reason: other.to_string() }.into()
        }
    })?;
    let answer = PaidView {
        id: told.id,
        payment: paid.payment.to_string(),
        account: paid.number.to_string(),
        bin: paid.bin.clone(),
        sum: paid.sum.to_string(),
        balance: paid.balance.to_string(),
    };
    // At their port registers know of it by now. Their state follows behind the answer; should this process end, a sweep does it.
    tokio::spawn(async move {
        if let Err(error) = carry_out(&site.office, &paid.bin, zone).await {
            tracing::debug!(%error, "registers are told of a payment later: {error}");
        }
    });
    Ok(json("no-store", &answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_tenge_with_two_decimals() {
        let tiyn = |text: &str| sum_of(text).map(Tiyn::get);
        for (text, sum) in [("1500.00", 150_000), ("0.01", 1), ("10000000000.00", CALL_SUM_MAX)] {
            assert_eq!(tiyn(text), Some(sum), "{text}");
        }
        for text in [
            "",
            "1500",
            "1500.0",
            "1500.000",
            "-1.00",
            "+1.00",
            "0.00",
            "01.00",
            "1,00",
            "1e3.00",
            "10000000000.01",
            "99999999999999.00",
            " 1.00",
        ] {
            assert_eq!(tiyn(text), None, "{text}");
        }
    }
}
