//! Calls of banks and terminals: whose account a payer means, and a payment, once however often it is told.
//!
//! Who calls proves it by a signature over the method, the path, the time and the body. Its secret is made of the store's own key
//! each time, so that nothing that is kept gives it away.

use hmac::{Hmac, Mac};
use ofd_billing::ledger::Source;
use ofd_billing::{Day, PersonalAccount, Tiyn};
use ofd_storage::accounts::{AuditAction, AuditField, AuditSubject, Company, OPERATOR, organisation};
use ofd_storage::ledger::{self, LedgerError, PersonalAccountRecord};
use ofd_storage::payment_keys::{
    self, CLIENTS_MAX, CallAnswer, KEYS_MAX, PaymentClient, PaymentKey, Revoked, VALID_KEYS_MAX, is_client_id,
};
use ofd_storage::payments::{self, CameBy, MatchedTo, Payer, Payment, PaymentError};
use ofd_storage::store::{Stamp, StoreError};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::set;
use super::standing::balance_now;
use crate::by::By;
use crate::change::ChangeError;
use crate::day::today;
use crate::keys::SiteKey;
use crate::office::Office;
use crate::typed::{Wrong, full_line};

/// A call's time may be so many seconds from ours, either way.
pub const CALL_SECONDS_MAX: u64 = 300;

/// Characters of the name of a bank or terminal.
pub const CLIENT_NAME_CHARS_MAX: usize = 100;

/// Characters of the id by which a payer's system knows its payment.
pub const CALL_ID_LEN_MAX: usize = 64;

/// The largest payment that a call may tell of: ten milliard tenge.
pub const CALL_SUM_MAX: i64 = 1_000_000_000_000;

/// Keys of a caller are made so far apart: a form that was sent twice makes one.
const MADE_APART_MS: u64 = 30_000;

/// How often a change is decided again because somebody else was faster.
const TRIES: usize = 8;

/// Digits of a payment's id that are made of what the caller calls it.
const HASH_LEN: usize = 40;

/// The secret of a key, as it is shown once: 64 hex digits.
pub fn secret(key: &SiteKey, client: &str, number: u32, salt: &str) -> String {
    hex::encode(key.derived(&format!("payment key {client} {number} {salt}")))
}

/// What a call is signed over.
pub fn signed_text(method: &str, path: &str, time: &str, body: &[u8]) -> String {
    format!("{method}\n{path}\n{time}\n{}", hex::encode(Sha256::digest(body)))
}

/// The signature of a text by a secret, in hex.
pub fn signature(secret: &str, text: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// A call as it came.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// `OFD-Key`: the caller, a point, and the number of its key.
    pub key: &'a str,
    /// `OFD-Time`: seconds of the Unix epoch.
    pub time: &'a str,
    /// What the header `OFD-Signature` says.
    pub signature: &'a str,
    /// The method of the request.
    pub method: &'a str,
    /// The path that was asked for, without a query.
    pub path: &'a str,
    /// Its body, as it came.
    pub body: &'a [u8],
}

/// Why a call is not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallRefused {
    /// The time is none.
    #[error("OFD-Time must be the seconds since 1970-01-01T00:00:00Z, as digits")]
    Time,
    /// It is too far from ours.
    #[error(
        "OFD-Time is {0} seconds from the time here; at most {CALL_SECONDS_MAX} are allowed: set the clock, and sign anew"
    )]
    Late(u64),
    /// Nobody has such a key, it was revoked, or the signature is another. Which of these a stranger is not told.
    #[error("the signature is not one of this key: check OFD-Key, its secret, and what is signed")]
    Signature,
}

/// Who calls, where the call is signed by a key that holds.
///
/// # Errors
/// Those of the store.
pub async fn caller(
    office: &Office,
    call: Call<'_>,
) -> Result<Result<PaymentClient, CallRefused>, StoreError> {
    let is_digits = !call.time.is_empty() && call.time.bytes().all(|byte| byte.is_ascii_digit());
    let Some(time) = call.time.parse::<u64>().ok().filter(|_| is_digits) else {
        return Ok(Err(CallRefused::Time));
    };
    let (id, number) = call.key.split_once('.').unwrap_or((call.key, ""));
    let found = payment_keys::client(&office.store, id).await?;
    let key = office.key().await?;
    // A key that is not there is judged as one that is: how long it takes tells nothing.
    let number: u32 = number.parse().unwrap_or(0);
    let known = found.as_ref().and_then(|(_, client)| client.valid(number));
    let salt = known.map_or("", |known| known.salt.as_str());
    let text = signed_text(call.method, call.path, call.time, call.body);
    let expected = signature(&secret(&key, id, number, salt), &text);
    let given = call.signature.to_ascii_lowercase();
    let is_signed = bool::from(expected.as_bytes().ct_eq(given.as_bytes()));
    let is_known = known.is_some();
    let Some((_, client)) = found.filter(|_| is_signed && is_known) else {
        return Ok(Err(CallRefused::Signature));
    };
    let apart = time.abs_diff(office.now().0 / 1000);
    if apart > CALL_SECONDS_MAX {
        return Ok(Err(CallRefused::Late(apart)));
    }
    Ok(Ok(client))
}

/// Whom a payer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// By the number of a personal account.
    Account(PersonalAccount),
    /// By BIN or IIN.
    Bin(String),
}

/// An account as a payer is shown it before paying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payee {
    /// The account that is to be paid to.
    pub account: PersonalAccountRecord,
    /// The organisation's name.
    pub title: String,
    /// What there is now.
    pub balance: Tiyn,
}

/// The account that a payer means; `None` where there is none.
///
/// # Errors
/// Those of the ledger.
pub async fn payee(
    office: &Office,
    named: &Named,
    zone_offset_seconds: i32,
) -> Result<Option<Payee>, LedgerError> {
    let Some(account) = account_of(office, named).await? else { return Ok(None) };
    let known = organisation(&office.store, &account.bin).await?;
    let title = known.map_or_else(String::new, |known| known.title);
    let balance = balance_now(office, &account, zone_offset_seconds).await?;
    Ok(Some(Payee { account, title, balance }))
}

async fn account_of(office: &Office, named: &Named) -> Result<Option<PersonalAccountRecord>, StoreError> {
    match named {
        Named::Account(number) => ledger::of_number(&office.store, *number).await,
        Named::Bin(bin) => ledger::of_bin(&office.store, bin).await,
    }
}

/// A payment that a bank tells of.
#[derive(Clone, Debug)]
pub struct Told {
    /// By what its own system knows it.
    pub id: String,
    /// Whom it is for.
    pub named: Named,
    /// How much is paid, above zero.
    pub sum: Tiyn,
}

/// What became of a payment that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    /// The id of the payment here.
    pub payment: Source,
    /// The account that has it.
    pub number: PersonalAccount,
    /// Whose that is.
    pub bin: String,
    /// How much was paid, as it was taken first.
    pub sum: Tiyn,
    /// What the account came to after it; the same however often it is told.
    pub balance: Tiyn,
}

/// Why a payment is not taken.
#[derive(Debug, thiserror::Error)]
pub enum PayError {
    /// There is no such account.
    #[error("there is no personal account of this number, or of this BIN; nothing was taken")]
    NoAccount,
    /// The id was told before with another sum or for another account.
    #[error("payment {id} was told before with {before}; nothing was taken now")]
    Another {
        /// The caller's id.
        id: String,
        /// The sum and the account that it has.
        before: String,
    },
    /// What posting says.
    #[error(transparent)]
    Payment(#[from] PaymentError),
    /// What the ledger says.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What the store says.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The id of a payment that was told by a caller.
fn id_of(client: &str, id: &str) -> Result<Source, PaymentError> {
    let hash: String = hex::encode(Sha256::digest(id.as_bytes())).chars().take(HASH_LEN).collect();
    Source::new(format!("call.{client}.{hash}"))
        .map_err(|_| LedgerError::Together("the id of a payment is too long").into())
}

/// Takes a payment that a bank tells of, once. The answer to the same again is the same.
///
/// # Errors
/// [`PayError`]. After one of the store the same call goes on.
pub async fn pay(
    office: &Office,
    client: &str,
    told: &Told,
    zone_offset_seconds: i32,
) -> Result<Paid, PayError> {
    let account = account_of(office, &told.named).await?.ok_or(PayError::NoAccount)?;
    let id = id_of(client, &told.id)?;
    let now = office.now();
    let date = today(now, zone_offset_seconds);
    let on = Day::new(date).map_err(LedgerError::from)?;
    let stamps = || Stamp(office.drawn());
    let known = match payments::payment(&office.store, &id).await? {
        Some((_, known)) => known,
        None => {
            let payment = payment_of(client, told, (id.clone(), account.number), (on, now.0));
            match payments::take(&office.store, payment, (date, now.0), &stamps).await {
                Ok(taken) => taken.payment,
                // Somebody told the same at the same time, on the other side of midnight or with another sum.
                Err(PaymentError::Another(_)) => {
                    let known = payments::payment(&office.store, &id).await?;
                    known.ok_or_else(|| PaymentError::Unknown(id.clone()))?.1
                }
                Err(error) => return Err(error.into()),
            }
        }
    };
    let number = known.matched.as_ref().map(|matched| matched.number);
    if known.sum != told.sum || number != Some(account.number) {
        let number = number.map(|number| number.to_string()).unwrap_or_default();
        let before = format!("{} tenge for account {number}", known.sum);
        return Err(PayError::Another { id: told.id.clone(), before });
    }
    // Whoever took it may have ended before it was posted.
    payments::post(&office.store, &known, (date, now.0), &stamps).await?;
    let balance = balance_now(office, &account, zone_offset_seconds).await?;
    let balance = payment_keys::answered(&office.store, CallAnswer { payment: id.clone(), balance }).await?;
    Ok(Paid { payment: id, number: account.number, bin: account.bin, sum: known.sum, balance })
}

fn payment_of(
    client: &str,
    told: &Told,
    (id, number): (Source, PersonalAccount),
    (on, now_ms): (Day, u64),
) -> Payment {
    let why = vec!["named-by-caller".to_owned()];
    Payment {
        id,
        came_by: CameBy::Call,
        channel: client.to_owned(),
        sum: told.sum,
        on,
        number: told.id.clone(),
        payer: Payer::default(),
        purpose: String::new(),
        mark: None,
        taken_at_ms: now_ms,
        taken_by: client.to_owned(),
        came_unmatched: false,
        matched: Some(MatchedTo { number, on, by: String::new(), why }),
    }
}

/// A key as it is shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct NewKey {
    /// What goes into `OFD-Key`.
    pub name: String,
    /// What calls are signed with; it is shown once.
    pub secret: String,
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewKey(redacted)")
    }
}

/// Why no key is made or revoked.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The id of the caller is none.
    #[error("the id is 2 to 20 letters from a to z, digits and -")]
    Id,
    /// The name is none.
    #[error("the name is none")]
    Name(Wrong),
    /// It has two keys that hold.
    #[error("{VALID_KEYS_MAX} keys of it hold: revoke one first")]
    TwoHold,
    /// One was made a moment ago, perhaps by the same form that was sent twice.
    #[error("a key of it was made a moment ago")]
    JustMade,
    /// It had more keys than are kept.
    #[error("no more keys are kept")]
    TooMany,
    /// There is no such key.
    #[error("there is no such key")]
    Unknown,
    /// Others were faster each time.
    #[error("others changed the same at the same time, each time; try again")]
    Busy,
    /// What the store says.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the audit says.
    #[error(transparent)]
    Change(#[from] ChangeError),
}

/// Makes a key of a caller, who is made with the first one, and says it this once.
///
/// # Errors
/// [`KeyError`].
pub async fn make_key(office: &Office, by: &By, id: &str, name: &str) -> Result<NewKey, KeyError> {
    if !is_client_id(id) {
        return Err(KeyError::Id);
    }
    for _ in 0..TRIES {
        let found = payment_keys::client(&office.store, id).await?;
        let (version, mut client) = match found {
            Some((version, client)) => (Some(version), client),
            None => {
                let name = full_line(name, CLIENT_NAME_CHARS_MAX).map_err(KeyError::Name)?;
                if payment_keys::clients(&office.store).await?.len() >= CLIENTS_MAX {
                    return Err(KeyError::TooMany);
                }
                (None, PaymentClient { id: id.to_owned(), name, keys: Vec::new() })
            }
        };
        let newest = client.keys.iter().map(|key| key.made_at_ms).max();
        if newest.is_some_and(|newest| by.at.0.saturating_sub(newest) < MADE_APART_MS) {
            return Err(KeyError::JustMade);
        }
        if client.valid_count() >= VALID_KEYS_MAX {
            return Err(KeyError::TwoHold);
        }
        if client.keys.len() >= KEYS_MAX {
            return Err(KeyError::TooMany);
        }
        let number = client.keys.iter().map(|key| key.number).max().unwrap_or(0).saturating_add(1);
        let salt = hex::encode(office.drawn::<16>());
        let (made_at_ms, made_by) = (by.at.0, by.actor.name.clone());
        client.keys.push(PaymentKey { number, salt: salt.clone(), made_at_ms, made_by, revoked: None });
        if payment_keys::save(&office.store, version, &client).await? {
            let name = format!("{id}.{number}");
            note(office, by, AuditAction::PaymentKeyMade, &name).await?;
            let secret = secret(&office.key().await?, id, number, &salt);
            return Ok(NewKey { name, secret });
        }
    }
    Err(KeyError::Busy)
}

/// Ends a key. One that was ended before stays so.
///
/// # Errors
/// [`KeyError`].
pub async fn revoke_key(office: &Office, by: &By, id: &str, number: u32) -> Result<(), KeyError> {
    for _ in 0..TRIES {
        let found = payment_keys::client(&office.store, id).await?;
        let (version, mut client) = found.ok_or(KeyError::Unknown)?;
        let key = client.keys.iter_mut().find(|key| key.number == number).ok_or(KeyError::Unknown)?;
        if key.revoked.is_some() {
            return Ok(());
        }
        key.revoked = Some(Revoked { at_ms: by.at.0, by: by.actor.name.clone() });
        if payment_keys::save(&office.store, Some(version), &client).await? {
            return Ok(note(office, by, AuditAction::PaymentKeyRevoked, &format!("{id}.{number}")).await?);
        }
    }
    Err(KeyError::Busy)
}

/// Tells the operator's audit of a key.
async fn note(office: &Office, by: &By, action: AuditAction, key: &str) -> Result<(), ChangeError> {
    let changes = vec![set(AuditField::PaymentKey, key.to_owned())];
    let row = by.entry(action, AuditSubject::Company.called(key), changes);
    let decide = |operator: &Company| Ok((Some((operator.clone(), vec![row.clone()])), ()));
    office.change_company(OPERATOR, decide).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_of_a_key_is_its_own() {
        let key = SiteKey::new([1; 32]);
        let one = secret(&key, "halyk", 1, "aa");
        assert_eq!((one.len(), &one), (64, &secret(&key, "halyk", 1, "aa")));
        for other in [
            secret(&key, "halyk", 2, "aa"),
            secret(&key, "kaspi", 1, "aa"),
            secret(&key, "halyk", 1, "ab"),
            secret(&SiteKey::new([2; 32]), "halyk", 1, "aa"),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn every_part_of_a_call_is_signed() {
        let text = |method, path, time, body: &str| signed_text(method, path, time, body.as_bytes());
        let one = signature("s", &text("POST", "/a", "1", "{}"));
        for other in [
            signature("s", &text("PUT", "/a", "1", "{}")),
            signature("s", &text("POST", "/b", "1", "{}")),
            signature("s", &text("POST", "/a", "2", "{}")),
            signature("s", &text("POST", "/a", "1", "{ }")),
            signature("t", &text("POST", "/a", "1", "{}")),
        ] {
            assert_ne!(one, other);
        }
        // What RFC 4231 says of HMAC-SHA-256 in its second case.
        let known = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature("Jefe", "what do ya want for nothing?"), known);
    }
}
