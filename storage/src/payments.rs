//! Payments as they came, each once: what a bank's statement or a bank's own call says, and whose it is.
//!
//! A payment is a record under its id, and that record is the one place where it is decided whose it is. What is posted follows
//! from the record alone ([`Payment::postings`]), each posting under a source made of the id; so whoever finds a payment that is
//! there already posts the same again, which does nothing, and a process that ended half way is finished by the next one. An entry of
//! an index leads from the month to the payment; it is written before it.

use bytes::Bytes;
use ofd_billing::ledger::{LedgerAccount, Leg, OwnAccount, Posting, Purpose, SHARDS, Source};
use ofd_billing::statements::Mark;
use ofd_billing::{Day, Month, PersonalAccount, Tiyn};
use serde::{Deserialize, Serialize};

use crate::entries::{Entry, lead};
use crate::feed::Stamps;
use crate::ledger::{self, LedgerError, MonthOf, PersonalAccountRecord, books};
use crate::store::{Record, RecordKind, Store, StoreError, Version};

/// How often a payment is decided again because somebody else changed it.
const TRIES: usize = 4;

/// Entries are read in pages.
const PAGE: usize = 256;

/// The longest purpose that is kept; banks allow some hundred letters.
pub const PURPOSE_CHARS_MAX: usize = 2_000;

/// Where a payment came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CameBy {
    /// A line of a bank's statement.
    Statement,
    /// A bank or a terminal told of it by itself.
    Call,
}

/// What is told of whoever paid, for people who look for its account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payer {
    /// The name as the bank tells it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// BIN or IIN as told.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bin: String,
    /// The account at a bank.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub iban: String,
}

/// Whose a payment is, since when and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchedTo {
    /// The number of the personal account.
    pub number: PersonalAccount,
    /// The day that it counts for there.
    pub on: Day,
    /// Who said so; empty where a rule did.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// Why, as words of the rule with what they are about, or as a person's reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<String>,
}

/// Money that came to the operator's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// By what it is known again.
    pub id: Source,
    /// Where it came from.
    pub came_by: CameBy,
    /// The operator's account at a bank, or whoever called.
    pub channel: String,
    /// How much came.
    pub sum: Tiyn,
    /// The day on which the bank booked it.
    pub on: Day,
    /// The number of the payer's document.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub number: String,
    /// Who paid, as far as it is told.
    pub payer: Payer,
    /// What for, in the payer's words.
    pub purpose: String,
    /// By what a line of a statement is known again in another file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// When it was taken, in milliseconds of the Unix epoch.
    pub taken_at_ms: u64,
    /// Who brought it: a person, or the name of a key.
    pub taken_by: String,
    /// Whether it had nobody when it came: then it lay among the unmatched until somebody said whose it is.
    pub came_unmatched: bool,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched: Option<MatchedTo>,
}

/// Why a payment is not taken.
#[derive(Debug, thiserror::Error)]
pub enum PaymentError {
    /// Another sum, day or account under an id that is known.
    #[error("payment {0} came before with another sum, day or account")]
    Another(Source),
    /// Somebody said before whose it is.
    #[error("payment {0} has its personal account already")]
    Matched(Source),
    /// There is no such payment.
    #[error("there is no payment {0}")]
    Unknown(Source),
    /// There is no such personal account.
    #[error("there is no personal account {0}")]
    NoAccount(PersonalAccount),
    /// What the ledger says.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What the store says.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What came of a payment that was brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenPayment {
    /// As it is kept.
    pub payment: Payment,
    /// Whether it was known before.
    pub before: bool,
}

impl Payment {
    /// What is posted for it, so far. The home of each is the account that the money is for.
    ///
    /// # Errors
    /// [`LedgerError`] where its id leaves no room for a source.
    pub fn postings(&self) -> Result<Vec<Posting>, LedgerError> {
        let shard = self.shard();
        let bank = LedgerAccount::Own(OwnAccount::Bank, shard);
        let unmatched = LedgerAccount::Own(OwnAccount::Unmatched, shard);
        let matched = self.matched.as_ref();
        let mut postings = Vec::new();
        if self.came_unmatched {
            postings.push(self.posting(self.id.clone(), self.on, Purpose::Unmatched, [unmatched, bank]));
        }
        if let Some(matched) = matched {
            let home = LedgerAccount::Personal(matched.number);
            postings.push(if self.came_unmatched {
                let source = Source::new(format!("matched/{}", self.id));
                let source = source.map_err(|_| LedgerError::Together("the id of a payment is too long"))?;
                self.posting(source, matched.on, Purpose::Matched, [home, unmatched])
            } else {
                self.posting(self.id.clone(), self.on, Purpose::Payment, [home, bank])
            });
        }
        Ok(postings)
    }

    fn posting(
        &self,
        source: Source,
        on: Day,
        purpose: Purpose,
        [home, other]: [LedgerAccount; 2],
    ) -> Posting {
        let legs =
            vec![Leg { account: home, sum: self.sum }, Leg { account: other, sum: self.sum.negated() }];
        let by = self.matched.as_ref().map(|matched| matched.by.clone()).filter(|by| !by.is_empty());
        let why = serde_json::json!({ "payment": self.id, "number": self.number, "purpose": self.purpose });
        Posting { source, on: on.date(), purpose, legs, reverses: None, by, why }
    }

    /// The part of the operator's accounts that it goes to: made of the id, since it may have nobody yet.
    fn shard(&self) -> u8 {
        let add = |mixed: u32, byte: u8| mixed.wrapping_mul(31).wrapping_add(u32::from(byte));
        let mixed = self.id.as_str().bytes().fold(0, add);
        u8::try_from(mixed % u32::from(SHARDS)).unwrap_or(0)
    }

    /// Whether it moves the same money as another of its id.
    fn is_same(&self, other: &Self) -> bool {
        (self.sum, self.on, &self.channel) == (other.sum, other.on, &other.channel)
    }

    fn read(record: &Record) -> Result<Self, StoreError> {
        let corrupt = |reason: String| StoreError::Corrupt {
            place: format!("payment {}", record.key.escape_ascii()),
            reason,
        };
        let payment: Self =
            serde_json::from_slice(&record.bytes).map_err(|error| corrupt(error.to_string()))?;
        if payment.id.as_str().as_bytes() == record.key {
            Ok(payment)
        } else {
            Err(corrupt(format!("it is payment {}", payment.id)))
        }
    }

    fn write(&self) -> Result<Bytes, StoreError> {
        let corrupt = |error: serde_json::Error| StoreError::Corrupt {
            place: format!("payment {}", self.id),
            reason: error.to_string(),
        };
        serde_json::to_vec(self).map(Bytes::from).map_err(corrupt)
    }
}

/// What the keys of the payments of a day and a sum begin with: those among which one that comes again is looked for.
fn alike_prefix(on: Day, sum: Tiyn) -> String {
    format!("{}/{:02}/{:016}/", on.month(), on.date().day(), sum.get())
}

/// The key by which a payment is found from its month, in the order of days.
fn month_key(payment: &Payment) -> Vec<u8> {
    format!("{}{}", alike_prefix(payment.on, payment.sum), payment.id).into_bytes()
}

/// Where a key leads; `None` where it is none.
#[must_use]
pub fn payment_of_key(key: &[u8]) -> Option<Source> {
    let mut parts = std::str::from_utf8(key).ok()?.splitn(4, '/');
    parts.next()?.parse::<Month>().ok()?;
    let (day, sum, id) = (parts.next()?, parts.next()?, parts.next()?);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(day) && is_number(sum)).then(|| Source::new(id).ok())?
}

/// All payments of a day and a sum: those that one that comes again may be.
///
/// # Errors
/// Those of the store.
pub async fn alike(store: &impl Store, on: Day, sum: Tiyn) -> Result<Vec<Payment>, StoreError> {
    let prefix = alike_prefix(on, sum);
    let (mut payments, mut after) = (Vec::new(), None::<Bytes>);
    loop {
        let kind = RecordKind::PaymentOfMonth;
        let entries = store.records(kind, prefix.as_bytes(), after.as_deref(), PAGE).await?;
        payments.extend(read_all(store, &entries).await?);
        match entries.last().filter(|_| entries.len() == PAGE) {
            Some(last) => after = Some(last.key.clone()),
            None => return Ok(payments),
        }
    }
}

/// The payments that entries lead to. An entry comes before its payment, and may have stayed alone.
async fn read_all(store: &impl Store, entries: &[Record]) -> Result<Vec<Payment>, StoreError> {
    let mut payments = Vec::with_capacity(entries.len());
    for id in entries.iter().filter_map(|entry| payment_of_key(&entry.key)) {
        payments.extend(payment(store, &id).await?.map(|(_, payment)| payment));
    }
    Ok(payments)
}

/// A payment as it is kept; `None` where none has this id.
///
/// # Errors
/// Those of the store.
pub async fn payment(store: &impl Store, id: &Source) -> Result<Option<(Version, Payment)>, StoreError> {
    let record = store.record(RecordKind::Payment, id.as_str().as_bytes()).await?;
    record.map(|record| Ok((record.version, Payment::read(&record)?))).transpose()
}

/// Takes a payment that came, once, and posts it. One that is known stays as it is.
///
/// # Errors
/// [`PaymentError`]; after [`StoreError::Unknown`] bring it again.
pub async fn take(
    store: &impl Store,
    payment: Payment,
    at: (time::Date, u64),
    stamps: &impl Stamps,
) -> Result<TakenPayment, PaymentError> {
    for _ in 0..TRIES {
        if let Some((_, known)) = self::payment(store, &payment.id).await? {
            if !known.is_same(&payment) {
                return Err(PaymentError::Another(payment.id));
            }
            post(store, &known, at, stamps).await?;
            return Ok(TakenPayment { payment: known, before: true });
        }
        let entry = Entry { kind: RecordKind::PaymentOfMonth, key: month_key(&payment) };
        lead(store, [entry]).await?;
        let key = payment.id.as_str().as_bytes();
        match store.put_record(RecordKind::Payment, key, None, payment.write()?).await {
            Ok(_) => {
                post(store, &payment, at, stamps).await?;
                return Ok(TakenPayment { payment, before: false });
            }
            // Somebody else took it, or this did: the next round reads it.
            Err(StoreError::Conflict { .. } | StoreError::Unknown { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(LedgerError::Busy.into())
}

/// Says whose a payment is that had nobody, and posts that. Saying the same again is `Ok`.
///
/// # Errors
/// [`PaymentError`] where it is another's already.
pub async fn match_to(
    store: &impl Store,
    id: &Source,
    matched: MatchedTo,
    at: (time::Date, u64),
    stamps: &impl Stamps,
) -> Result<Payment, PaymentError> {
    if ledger::of_number(store, matched.number).await?.is_none() {
        return Err(PaymentError::NoAccount(matched.number));
    }
    for _ in 0..TRIES {
        let (version, known) = payment(store, id).await?.ok_or_else(|| PaymentError::Unknown(id.clone()))?;
        match &known.matched {
            Some(before) if before.number == matched.number => {
                post(store, &known, at, stamps).await?;
                return Ok(known);
            }
            Some(_) => return Err(PaymentError::Matched(id.clone())),
            None => {}
        }
        let next = Payment { matched: Some(matched.clone()), ..known };
        let key = id.as_str().as_bytes();
        match store.put_record(RecordKind::Payment, key, Some(version), next.write()?).await {
            Ok(_) => {
                post(store, &next, at, stamps).await?;
                return Ok(next);
            }
            Err(StoreError::Conflict { .. } | StoreError::Unknown { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(LedgerError::Busy.into())
}

/// Posts what a payment comes to; what was posted before is not posted again.
///
/// # Errors
/// [`PaymentError`] says why it did not land.
pub async fn post(
    store: &impl Store,
    payment: &Payment,
    at: (time::Date, u64),
    stamps: &impl Stamps,
) -> Result<(), PaymentError> {
    let month = Month::of(payment.on.date()).map_err(LedgerError::from)?;
    let books = books(store, month).await?;
    for posting in payment.postings()? {
        let opened = match posting.home() {
            Some(LedgerAccount::Personal(number)) => {
                let account: Option<PersonalAccountRecord> = ledger::of_number(store, number).await?;
                account.ok_or(PaymentError::NoAccount(number))?.opened
            }
            _ => books.opened,
        };
        ledger::post(store, books, opened, vec![posting], at, stamps).await?;
    }
    Ok(())
}

/// The sources of what a payment comes to that is in no account: whoever took it ended before, and whoever brings it again
/// posts it.
async fn unposted(store: &impl Store, payment: &Payment) -> Result<Vec<Source>, PaymentError> {
    let month = payment.on.month();
    let mut missing = Vec::new();
    let postings = payment.postings()?;
    let books = if postings.is_empty() { None } else { ledger::kept_books(store).await? };
    for posting in postings {
        let (Some(books), Some(account)) = (books, posting.home()) else {
            missing.push(posting.source);
            continue;
        };
        let opened = match account {
            LedgerAccount::Personal(number) => {
                ledger::of_number(store, number).await?.ok_or(PaymentError::NoAccount(number))?.opened
            }
            LedgerAccount::Own(..) => books.opened,
        };
        if ledger::find(store, MonthOf { account, opened }, month, &posting.source).await?.is_none() {
            missing.push(posting.source);
        }
    }
    Ok(missing)
}

/// Up to `limit` payments of a month in the order of days, those behind the key `after`, and the key to go on behind; none
/// where these are the last.
///
/// # Errors
/// Those of the store.
pub async fn of_month(
    store: &impl Store,
    month: Month,
    after: Option<&[u8]>,
    limit: usize,
) -> Result<(Vec<Payment>, Option<Bytes>), StoreError> {
    let prefix = format!("{month}/").into_bytes();
    let entries = store.records(RecordKind::PaymentOfMonth, &prefix, after, limit).await?;
    let next = entries.last().filter(|_| entries.len() == limit).map(|last| last.key.clone());
    Ok((read_all(store, &entries).await?, next))
}

/// What does not fit of a record of a payment; empty where all does.
///
/// # Errors
/// Those of the store that are not damage.
pub async fn misfit(store: &impl Store, record: &Record) -> Result<Vec<String>, StoreError> {
    let payment = match Payment::read(record) {
        Ok(payment) => payment,
        Err(StoreError::Corrupt { reason, .. }) => return Ok(vec![reason]),
        Err(error) => return Err(error),
    };
    let mut wrong = Vec::new();
    if payment.sum <= Tiyn::ZERO {
        wrong.push(format!("its sum is {}", payment.sum));
    }
    if !payment.came_unmatched && payment.matched.is_none() {
        wrong.push("it has nobody, and did not come so".to_owned());
    }
    if let Some(matched) = &payment.matched
        && ledger::of_number(store, matched.number).await?.is_none()
    {
        wrong.push(format!("there is no personal account {}, whose it is", matched.number));
        return Ok(wrong);
    }
    match unposted(store, &payment).await {
        Ok(sources) => wrong.extend(sources.iter().map(|source| format!("{source} is not posted"))),
        Err(PaymentError::Store(error) | PaymentError::Ledger(LedgerError::Store(error))) => {
            return Err(error);
        }
        Err(error) => wrong.push(error.to_string()),
    }
    Ok(wrong)
}

#[cfg(test)]
mod tests;
