//! Payments: statements of banks as they are taken, and money that has nobody.
//!
//! A file is taken whole or not at all; of what is in it each entry that is money for an organisation becomes a payment, which is
//! posted to its personal account where the rule is sure, and lies among the unmatched where it is not. The same file again does
//! nothing, and so does the same payment in another file; what may be one that is known waits for a person.

use std::collections::BTreeMap;
use std::time::Duration;

use ofd_billing::ledger::Source;
use ofd_billing::matching::{Book, Clues, Holder, Match, Suggestion, decide};
use ofd_billing::statements::{
    self, Direction, Entry, Fault, Mark, Party, Place, Seen, Statement, marks, sort_out,
};
use ofd_billing::{Day, Iban, Month, NoMonth, PersonalAccount, Tiyn};
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{AuditAction, AuditField, AuditSubject, OPERATOR};
use ofd_storage::erased::DynStore;
use ofd_storage::leases::{self, Lease, Taken};
use ofd_storage::ledger::{self, LedgerError};
use ofd_storage::payments::{self, CameBy, MatchedTo, PURPOSE_CHARS_MAX, Payer, Payment, PaymentError};
use ofd_storage::perhaps::{self, PerhapsKnown, Said};
use ofd_storage::store::{Stamp, StoreError};
use time::Date;

use super::set;
use super::words::why_words;
use crate::banks::applications::note_once;
use crate::by::By;
use crate::change::ChangeError;
use crate::office::Office;

/// The largest file of a bank that is taken by the site: some ten thousand payments.
pub const STATEMENT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Rows of a list.
pub const PAYMENTS_PAGE: usize = 50;

/// So many payments are looked at for a page of those that have nobody, before it says how far it got.
const LOOKED_MAX: usize = 1_000;

/// The longest reason that a person gives.
pub const REASON_CHARS_MAX: usize = 500;

/// Who the operator is to its banks.
#[derive(Clone, Debug, Default)]
pub struct OwnAccounts {
    /// Its accounts: statements of others are refused.
    pub ibans: Vec<Iban>,
    /// Its BIN: what comes from itself is no payment.
    pub bin: String,
}

/// Why nothing of a file was taken.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// The file is wrong: what, where, what to do.
    #[error(transparent)]
    File(#[from] Box<Fault>),
    /// Another file of this account is just being taken: both at once could not be told from each other.
    #[error("another file of the account {0} is just being taken")]
    Busy(Iban),
    /// There is no account that statements could be of.
    #[error("no account of the operator is named in the config")]
    NoAccounts,
    /// It has a day that is yet to come, or of no year that accounts are kept in.
    #[error("{0} is a day that is yet to come, or none that accounts are kept in")]
    Day(Date),
    /// What posting says.
    #[error(transparent)]
    Payment(#[from] PaymentError),
    /// What the store says.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the audit says.
    #[error(transparent)]
    Change(#[from] ChangeError),
}

/// What became of the entries of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenFile {
    /// Entries in all.
    pub entries: usize,
    /// Payments that are on personal accounts now.
    pub matched: usize,
    /// What they come to.
    pub matched_sum: Tiyn,
    /// Payments that have nobody yet.
    pub unmatched: usize,
    /// What those come to.
    pub unmatched_sum: Tiyn,
    /// What was known before.
    pub known: usize,
    /// What may be known: it waits until a person says.
    pub perhaps: Vec<Entry>,
    /// What is no payment to us: fees, what we paid, what went back.
    pub not_ours: usize,
}

/// Takes a file of a bank.
///
/// # Errors
/// [`TakeError`] says why nothing was taken; after one of the store some payments may have been: take the file again.
pub async fn take_statement(
    office: &Office,
    by: &By,
    bytes: &[u8],
    (own, today): (&OwnAccounts, Date),
) -> Result<TakenFile, TakeError> {
    if own.ibans.is_empty() {
        return Err(TakeError::NoAccounts);
    }
    let read = statements::read(bytes).map_err(Box::new)?;
    statements::check(&read, &own.ibans).map_err(Box::new)?;
    let late = read.iter().flat_map(|statement| &statement.entries).find(|entry| entry.day > today);
    if let Some(late) = late {
        return Err(TakeError::Day(late.day));
    }
    let mut taken = TakenFile::default();
    for statement in &read {
        let lease = lease(office, by, &statement.account).await?;
        let done = take_entries(office, by, statement, (own, today), &mut taken).await;
        // Should this fail, it ends by itself.
        let _ = leases::give_back(&office.store, lease).await;
        done?;
    }
    tell(office, by, &taken).await?;
    Ok(taken)
}

/// For so long an account is held at most while a file of it is taken.
const TAKEN_WITHIN: Duration = Duration::from_secs(300);

/// Holds an account while a file of it is taken: what two files of one day say of the same payment in two formats is told from each
/// other only where the one is taken behind the other.
async fn lease(office: &Office, by: &By, account: &Iban) -> Result<Lease, TakeError> {
    let holder = leases::Holder::from_drawn(office.drawn());
    let name = format!("statement/{account}");
    match leases::take(&office.store, &name, &holder, by.at, TAKEN_WITHIN).await? {
        Taken::Ours(lease) => Ok(lease),
        Taken::Others { .. } => Err(TakeError::Busy(account.clone())),
    }
}

async fn tell(office: &Office, by: &By, taken: &TakenFile) -> Result<(), ChangeError> {
    let changes = vec![
        set(AuditField::PaymentsMatched, format!("{} ({})", taken.matched, taken.matched_sum)),
        set(AuditField::PaymentsUnmatched, format!("{} ({})", taken.unmatched, taken.unmatched_sum)),
        set(AuditField::PaymentsKnown, taken.known.to_string()),
    ];
    let row = by.entry(AuditAction::StatementTaken, AuditSubject::Company, changes);
    let decide =
        |operator: &ofd_storage::accounts::Company| Ok((Some((operator.clone(), vec![row.clone()])), ()));
    office.change_company(OPERATOR, decide).await.map(|_| ())
}

async fn take_entries(
    office: &Office,
    by: &By,
    statement: &Statement,
    (own, today): (&OwnAccounts, Date),
    taken: &mut TakenFile,
) -> Result<(), TakeError> {
    let marks = marks(statement);
    let came = |entry: &Entry| entry.direction == Direction::In && !entry.is_reversal;
    let incoming = statement.entries.iter().zip(&marks).filter(|(entry, _)| came(entry));
    let incoming: Vec<(&Entry, &Mark)> = incoming.collect();
    taken.entries = taken.entries.saturating_add(statement.entries.len());
    let others = statement.entries.len().saturating_sub(incoming.len());
    taken.not_ours = taken.not_ours.saturating_add(others);
    let mut of_one_sum: BTreeMap<(Date, Tiyn), Vec<(&Entry, &Mark)>> = BTreeMap::new();
    for (entry, mark) in incoming {
        of_one_sum.entry((entry.day, entry.sum)).or_default().push((entry, mark));
    }
    for ((day, sum), entries) in of_one_sum {
        let on = Day::new(day).map_err(|NoMonth { .. }| TakeError::Day(day))?;
        // All of a day and a sum together: a kept one is at most one of them, and twins are told from each other.
        let kept = payments::alike(&office.store, on, sum).await?;
        let kept: Vec<Payment> = kept.into_iter().filter(|payment| payment.mark.is_some()).collect();
        let kept_marks: Vec<Mark> = kept.iter().filter_map(|payment| payment.mark.clone()).collect();
        let new: Vec<Mark> = entries.iter().map(|(_, mark)| (*mark).clone()).collect();
        for ((entry, mark), seen) in entries.into_iter().zip(sort_out(&new, &kept_marks)) {
            match seen {
                Seen::Known(at) => {
                    // Whoever took it may have ended before it was posted.
                    if let Some(known) = kept.get(at) {
                        let stamps = || Stamp(office.drawn());
                        payments::post(&office.store, known, (today, by.at.0), &stamps).await?;
                    }
                    taken.known = taken.known.saturating_add(1);
                }
                Seen::Perhaps(at) => {
                    let rival = kept.get(at).map(|rival| rival.id.clone());
                    let one = (entry, mark, on);
                    take_perhaps(office, by, statement, (one, rival), (own, today), taken).await?;
                }
                Seen::New => take_new(office, by, statement, (entry, mark, on), (own, today), taken).await?,
            }
        }
    }
    Ok(())
}

/// Keeps an entry that may be known beside the payment that it may be, until a person says.
async fn take_perhaps(
    office: &Office,
    by: &By,
    statement: &Statement,
    ((entry, mark, on), rival): ((&Entry, &Mark, Day), Option<Source>),
    (own, today): (&OwnAccounts, Date),
    taken: &mut TakenFile,
) -> Result<(), TakeError> {
    let Some(rival) = rival else {
        return take_new(office, by, statement, (entry, mark, on), (own, today), taken).await;
    };
    let Whose::Ours(matched) = whose(&office.store, entry, (own, on)).await? else {
        taken.not_ours = taken.not_ours.saturating_add(1);
        return Ok(());
    };
    let payment = payment_of(by, statement, (entry, mark), on, matched)?;
    let kept = perhaps::keep(&office.store, PerhapsKnown { payment, rival, said: None }).await?;
    if kept.said.is_none() {
        taken.perhaps.push(entry.clone());
        return Ok(());
    }
    // Whoever said so may have ended before it was posted.
    perhaps::finish(&office.store, &kept, (today, by.at.0), &|| Stamp(office.drawn())).await?;
    taken.known = taken.known.saturating_add(1);
    Ok(())
}

/// Whose an entry is.
enum Whose {
    /// It is a payment to us, and somebody has it, or nobody.
    Ours(Option<MatchedTo>),
    /// It is none.
    Foreign,
}

async fn whose(store: &DynStore, entry: &Entry, (own, on): (&OwnAccounts, Day)) -> Result<Whose, StoreError> {
    Ok(match decide(entry, &book(store, entry, own).await?) {
        Match::Foreign(_) => Whose::Foreign,
        Match::Sure { account, why } => {
            Whose::Ours(Some(MatchedTo { number: account, on, by: String::new(), why: why_words(&why) }))
        }
        Match::Suggestions(_) => Whose::Ours(None),
    })
}

/// Takes an entry that was never taken.
async fn take_new(
    office: &Office,
    by: &By,
    statement: &Statement,
    (entry, mark, on): (&Entry, &Mark, Day),
    (own, today): (&OwnAccounts, Date),
    taken: &mut TakenFile,
) -> Result<(), TakeError> {
    let Whose::Ours(matched) = whose(&office.store, entry, (own, on)).await? else {
        taken.not_ours = taken.not_ours.saturating_add(1);
        return Ok(());
    };
    let payment = payment_of(by, statement, (entry, mark), on, matched)?;
    let (is_matched, sum) = (payment.matched.is_some(), payment.sum);
    let stamps = || Stamp(office.drawn());
    payments::take(&office.store, payment, (today, by.at.0), &stamps).await?;
    let (count, whole) = if is_matched {
        (&mut taken.matched, &mut taken.matched_sum)
    } else {
        (&mut taken.unmatched, &mut taken.unmatched_sum)
    };
    *count = count.saturating_add(1);
    *whole = whole.plus(sum).map_err(LedgerError::from).map_err(PaymentError::from)?;
    Ok(())
}

/// The id of a payment that came in a statement.
fn id_of(mark: &Mark) -> Result<Source, PaymentError> {
    let id = Source::new(format!("bank.{}.{}", mark.fingerprint, mark.ordinal));
    id.map_err(|_| LedgerError::Together("the id of a payment is too long").into())
}

fn payment_of(
    by: &By,
    statement: &Statement,
    (entry, mark): (&Entry, &Mark),
    on: Day,
    matched: Option<MatchedTo>,
) -> Result<Payment, PaymentError> {
    let payer = Payer {
        name: entry.payer.name.clone().unwrap_or_default(),
        bin: entry.payer.bin.clone().unwrap_or_default(),
        iban: entry.payer.iban.as_ref().map(ToString::to_string).unwrap_or_default(),
    };
    Ok(Payment {
        id: id_of(mark)?,
        came_by: CameBy::Statement,
        channel: statement.account.to_string(),
        sum: entry.sum,
        on,
        number: entry.number.clone().unwrap_or_default(),
        payer,
        purpose: entry.purpose.chars().take(PURPOSE_CHARS_MAX).collect(),
        mark: Some(mark.clone()),
        taken_at_ms: by.at.0,
        taken_by: by.actor.name.clone(),
        came_unmatched: matched.is_none(),
        matched,
    })
}

/// What is known of the clues of an entry.
async fn book(store: &DynStore, entry: &Entry, own: &OwnAccounts) -> Result<Book, StoreError> {
    let clues = Clues::of(entry);
    let bins = [own.bin.clone()].into_iter().filter(|bin| !bin.is_empty());
    let mut book = Book::new(bins, own.ibans.iter().cloned());
    for clue in &clues.accounts {
        if let Some(found) = ledger::of_number(store, clue.account).await? {
            book.add_account(found.number, Holder { bin: found.bin, is_closed: false });
        }
    }
    for bin in clues.bins.iter().chain(&clues.payer_bin) {
        if let Some(found) = ledger::of_bin(store, bin).await? {
            book.add_account(found.number, Holder { bin: found.bin, is_closed: false });
        }
    }
    Ok(book)
}

/// A payment as the entry that it came as, for the rule that finds its account.
fn entry_of(payment: &Payment) -> Entry {
    let told = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let payer = Party {
        name: told(&payment.payer.name),
        bin: told(&payment.payer.bin),
        iban: payment.payer.iban.parse().ok(),
        ..Party::default()
    };
    Entry {
        place: Place::File,
        direction: Direction::In,
        is_reversal: false,
        sum: payment.sum,
        day: payment.on.date(),
        number: told(&payment.number),
        bank_reference: None,
        payer,
        payee: Party::default(),
        knp: None,
        purpose: payment.purpose.clone(),
        is_of_batch: false,
    }
}

/// Whose a payment may be that has nobody, the likeliest first.
///
/// # Errors
/// Those of the store.
pub async fn suggestions(
    store: &DynStore,
    payment: &Payment,
    own: &OwnAccounts,
) -> Result<Vec<Suggestion>, StoreError> {
    let entry = entry_of(payment);
    Ok(match decide(&entry, &book(store, &entry, own).await?) {
        // An organisation may have come to its account since.
        Match::Sure { account, why } => vec![Suggestion { account, why, doubts: Vec::new() }],
        Match::Suggestions(suggestions) => suggestions,
        Match::Foreign(_) => Vec::new(),
    })
}

/// Which payments a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of a month.
    All,
    /// Those that have nobody.
    Unmatched,
    /// Those that somebody has.
    Matched,
}

/// Payments of a month, and where the list goes on; it may have found nothing and go on all the same.
///
/// # Errors
/// Those of the store.
pub async fn list(
    store: &DynStore,
    (month, wanted): (Month, Wanted),
    sought: &str,
    after: Option<&[u8]>,
    limit: usize,
) -> Result<(Vec<Payment>, Option<Vec<u8>>), StoreError> {
    let sought = sought.to_lowercase();
    let (mut found, mut after, mut looked) = (Vec::new(), after.map(<[u8]>::to_vec), 0_usize);
    while found.len() < limit && looked < LOOKED_MAX {
        let (page, next) =
            payments::of_month(store, month, after.as_deref(), limit.saturating_sub(found.len())).await?;
        looked = looked.saturating_add(limit);
        found.extend(page.into_iter().filter(|payment| is_wanted(payment, wanted, &sought)));
        after = next.map(|next| next.to_vec());
        if after.is_none() {
            break;
        }
    }
    Ok((found, after))
}

fn is_wanted(payment: &Payment, wanted: Wanted, sought: &str) -> bool {
    let is_of = match wanted {
        Wanted::All => true,
        Wanted::Unmatched => payment.matched.is_none(),
        Wanted::Matched => payment.matched.is_some(),
    };
    let Payer { name, bin, iban } = &payment.payer;
    let account = payment.matched.as_ref().map(|matched| matched.number.to_string()).unwrap_or_default();
    let texts = [name, bin, iban, &payment.purpose, &payment.number, &account];
    is_of && (sought.is_empty() || texts.iter().any(|text| text.to_lowercase().contains(sought)))
}

/// Why a payment does not become somebody's.
#[derive(Debug, thiserror::Error)]
pub enum MatchError {
    /// Somebody said before whose it is.
    #[error("the payment has its personal account already")]
    Matched,
    /// There is no such personal account.
    #[error("there is no such personal account")]
    NoAccount,
    /// There is no such payment.
    #[error("there is no such payment")]
    Unknown,
    /// What posting says.
    #[error(transparent)]
    Payment(PaymentError),
    /// What the audit says.
    #[error(transparent)]
    Change(#[from] ChangeError),
}

impl From<PaymentError> for MatchError {
    fn from(error: PaymentError) -> Self {
        match error {
            PaymentError::Matched(_) => Self::Matched,
            PaymentError::NoAccount(_) => Self::NoAccount,
            PaymentError::Unknown(_) => Self::Unknown,
            other => Self::Payment(other),
        }
    }
}

/// Says whose a payment is that has nobody, by a person, with the reason.
///
/// # Errors
/// [`MatchError`].
pub async fn match_payment(
    office: &Office,
    by: &By,
    id: &Source,
    (number, reason): (PersonalAccount, &str),
    today: Date,
) -> Result<Payment, MatchError> {
    let no_day = |error: NoMonth| MatchError::Payment(LedgerError::from(error).into());
    let on = Day::new(today).map_err(no_day)?;
    let why = vec![reason.chars().take(REASON_CHARS_MAX).collect()];
    let matched = MatchedTo { number, on, by: by.actor.name.clone(), why };
    let stamps = || Stamp(office.drawn());
    let payment = payments::match_to(&office.store, id, matched, (today, by.at.0), &stamps).await?;
    let changes = vec![
        set(AuditField::PersonalAccount, number.to_string()),
        set(AuditField::PaymentSum, payment.sum.to_string()),
        set(AuditField::Reason, reason.to_owned()),
    ];
    // Whoever says the same again, since the first time was cut off, writes the row that is missing.
    let subject = AuditSubject::Company.called(id.as_str());
    let row = by.entry(AuditAction::PaymentMatched, subject, changes);
    note_once(office, OPERATOR, row, UnixMillis(0)).await?;
    Ok(payment)
}

/// Says of an entry that may be known whether it is, with its row in the operator's audit.
///
/// # Errors
/// [`MatchError`]; [`MatchError::Matched`] where the opposite was said before.
pub async fn say_perhaps(
    office: &Office,
    by: &By,
    id: &Source,
    said: Said,
    today: Date,
) -> Result<(), MatchError> {
    let stamps = || Stamp(office.drawn());
    let name = by.actor.name.as_str();
    let one = perhaps::say(&office.store, id, (said, name), (today, by.at.0), &stamps).await?;
    let action = match said {
        Said::Another => AuditAction::PaymentSaidAnother,
        Said::Same => AuditAction::PaymentSaidSame,
    };
    let changes = vec![set(AuditField::PaymentSum, one.payment.sum.to_string())];
    let row = by.entry(action, AuditSubject::Company.called(id.as_str()), changes);
    note_once(office, OPERATOR, row, UnixMillis(0)).await?;
    Ok(())
}
