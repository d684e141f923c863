//! Finding accounts by what people sign in with, and making them.
//!
//! An IIN or an address leads to an account by a claimed name. The claim comes before the account, so a claim whose
//! account is missing belongs to a request under way, or was left by one that died. Whoever makes an account in the
//! same moments does so under the same id, so that of two only one comes to be; later the claim is taken over.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    Account, AccountId, AuditAction, AuditEntry, AuditSubject, ConfirmedEmail, Kept, create, joined, load,
};
use ofd_storage::claims::{ClaimedName, EMAIL_FAMILY, IIN_FAMILY, name_key};
use ofd_storage::store::{Claim, RecordKind, Store, StoreError};

use crate::by::By;
use crate::change::ChangeError;
use crate::mail::Email;
use crate::office::Office;

/// A claim whose account does not bear the name after so long was left by a request that died. Requests are answered
/// much faster.
const CLAIM_SETTLES_MS: u64 = 60 * 1000;

/// An account is made under the id of a claim that is younger than this. The time between is more than a request takes
/// ([`ANSWER_WITHIN`](crate::by::ANSWER_WITHIN)), so that nobody takes a claim over while an account is made under
/// it.
const CLAIM_SHARED_MS: u64 = 35 * 1000;

/// An address as it is compared: people do not tell capitals apart in it.
pub fn email_key(address: &str) -> String {
    Email::parse(address).map_or_else(|_| address.trim().to_lowercase(), |email| email.key())
}

/// Whether a text has the form of an IIN or BIN.
pub fn is_number(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Where a claimed name leads.
enum Lead {
    /// Nobody has the name.
    Free,
    /// To an account, since when the claim stands.
    Account(Box<Kept<Account>>, u64),
    /// To an account that is not made, since when the claim stands.
    Orphan(AccountId, u64),
}

/// How long a name is claimed that no account bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    /// The account may be being made right now.
    Shared,
    /// Nobody joins in any more, and somebody may still be at it.
    Settling,
    /// Whoever claimed it is gone.
    Settled,
}

fn age(since_ms: u64, now: UnixMillis) -> Age {
    match now.0.saturating_sub(since_ms) {
        ..CLAIM_SHARED_MS => Age::Shared,
        CLAIM_SHARED_MS..CLAIM_SETTLES_MS => Age::Settling,
        CLAIM_SETTLES_MS.. => Age::Settled,
    }
}

async fn lead(office: &Office, family: &str, name: &str) -> Result<Lead, ChangeError> {
    let key = match name_key(family, name) {
        Ok(key) => key,
        // Longer than any name that could have been claimed.
        Err(StoreError::TooLarge { .. }) => return Ok(Lead::Free),
        Err(error) => return Err(error.into()),
    };
    let Some(record) = office.store.record(RecordKind::Name, &key).await? else { return Ok(Lead::Free) };
    let corrupt = || StoreError::Corrupt {
        place: format!("the claim of a name of the family {family}"),
        reason: "its owner is no account".to_owned(),
    };
    let claim = ClaimedName::decode(&record.bytes).ok_or_else(corrupt)?;
    let id = owner_of(&claim.owner).ok_or_else(corrupt)?;
    Ok(match load::<Account>(&office.store, id.stream()).await? {
        Some(account) => Lead::Account(Box::new(account), claim.since_ms),
        None => Lead::Orphan(id, claim.since_ms),
    })
}

fn owner_of(bytes: &[u8]) -> Option<AccountId> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

/// The account of a person's number.
pub async fn by_iin(office: &Office, iin: &str) -> Result<Option<Kept<Account>>, ChangeError> {
    let found = match lead(office, IIN_FAMILY, iin).await? {
        Lead::Account(account, _) => Some(*account),
        Lead::Free | Lead::Orphan(..) => None,
    };
    Ok(found.filter(|account| account.state.iin.as_deref() == Some(iin)))
}

/// The account that a certificate with this number opens. Besides that of the number it may be one that claimed the
/// number and was not written before the request died: the claim was made by a certificate, so this one finishes it.
pub async fn opened_by(office: &Office, iin: &str) -> Result<Option<Kept<Account>>, ChangeError> {
    let found = match lead(office, IIN_FAMILY, iin).await? {
        Lead::Account(account, _) => Some(*account),
        Lead::Free | Lead::Orphan(..) => None,
    };
    Ok(found.filter(|account| account.state.iin.as_deref().is_none_or(|known| known == iin)))
}

/// The account of a confirmed address.
pub async fn by_email(office: &Office, address: &str) -> Result<Option<Kept<Account>>, ChangeError> {
    let key = email_key(address);
    let found = match lead(office, EMAIL_FAMILY, &key).await? {
        Lead::Account(account, _) => Some(*account),
        Lead::Free | Lead::Orphan(..) => None,
    };
    Ok(found.filter(|account| holds_email(&account.state, &key)))
}

fn holds_email(account: &Account, key: &str) -> bool {
    account.email.as_ref().is_some_and(|email| email_key(&email.address) == key)
}

/// The account that a login means: an IIN its person, a BIN who brought the company, an address who confirmed it.
pub async fn by_login(office: &Office, login: &str) -> Result<Option<Kept<Account>>, ChangeError> {
    let login = login.trim();
    if !is_number(login) {
        return by_email(office, login).await;
    }
    if let Some(account) = by_iin(office, login).await? {
        return Ok(Some(account));
    }
    match joined(&office.store, login).await?.and_then(|company| company.state.registrant) {
        Some(registrant) => Ok(load(&office.store, registrant.stream()).await?),
        None => Ok(None),
    }
}

/// The same at the front door, where anybody may type any login: with as many reads of the store whether or not somebody
/// has it, so that the time tells nothing.
pub async fn by_login_alike(office: &Office, login: &str) -> Result<Option<Kept<Account>>, ChangeError> {
    let login = login.trim();
    if !is_number(login) {
        let found = by_email(office, login).await?;
        if found.is_none() {
            read_nobody(office, login).await?;
        }
        return Ok(found);
    }
    let by_iin = by_iin(office, login).await?;
    if by_iin.is_none() {
        read_nobody(office, login).await?;
    }
    let registrant = joined(&office.store, login).await?.and_then(|company| company.state.registrant);
    let by_bin = match registrant {
        Some(registrant) => load(&office.store, registrant.stream()).await?,
        None => {
            read_nobody(office, login).await?;
            None
        }
    };
    Ok(by_iin.or(by_bin))
}

/// Reads an account that nobody has, as one would be read that somebody has.
async fn read_nobody(office: &Office, login: &str) -> Result<(), ChangeError> {
    let mark = office.key().await?.mark("nobody", &[login]);
    let mut id = [0; 8];
    id.iter_mut().zip(mark.bytes()).for_each(|(to, from)| *to = from);
    load::<Account>(&office.store, AccountId::from_drawn(id).stream()).await?;
    Ok(())
}

/// What makes an account one person's.
#[derive(Clone)]
pub struct NewPerson {
    /// The number, where a certificate proved it.
    pub iin: Option<String>,
    /// The address, where the person proved to read what comes there. With a number it waits for its letter instead: an
    /// account is made under one name, so that two requests for the same person meet under one id.
    pub email: Option<String>,
    /// The full name.
    pub name: String,
}

/// What came of making an account.
#[derive(Debug)]
pub enum Created {
    /// It is there.
    New(Kept<Account>),
    /// The number has an account already: this one.
    Known(Kept<Account>),
    /// Another account has the address.
    EmailTaken,
}

/// Makes an account. `prepare` adds to it before it is written, and returns further rows of its audit; the first row,
/// that it was made, comes by itself.
pub async fn create_account(
    office: &Office,
    by: &By,
    person: NewPerson,
    prepare: impl FnOnce(&mut Account) -> Vec<AuditEntry>,
) -> Result<Created, ChangeError> {
    let drawn = AccountId::from_drawn(office.drawn());
    let email = person.email.filter(|_| person.iin.is_none()).map(|address| email_key(&address));
    let name = person.iin.as_deref().map(|iin| (IIN_FAMILY, iin));
    let name = name.or(email.as_deref().map(|address| (EMAIL_FAMILY, address)));
    let met = |account| if person.iin.is_some() { Created::Known(account) } else { Created::EmailTaken };
    let id = match name {
        Some(name) => match claim_for_new(office, by, name, drawn).await? {
            ForNew::Under(id) => id,
            ForNew::Met(account) => return Ok(met(*account)),
        },
        None => drawn,
    };
    let language = by.language.code().to_owned();
    let mut account = Account::new(id, person.name, language, by.at);
    account.iin.clone_from(&person.iin);
    account.email = email.clone().map(|address| ConfirmedEmail { address, since: by.at });
    let mut audit =
        vec![by.entry_of(&account, AuditAction::AccountCreated, AuditSubject::Account, Vec::new())];
    audit.extend(prepare(&mut account));
    match create(&office.store, account, audit, office.stamp()).await {
        Ok(account) => Ok(Created::New(account)),
        // Somebody else finished what a lost request had begun, or was just faster.
        Err(StoreError::Conflict { .. }) => {
            Ok(met(load(&office.store, id.stream()).await?.ok_or(ChangeError::Busy)?))
        }
        Err(error) => Err(error.into()),
    }
}

/// A name and its family.
type Name<'a> = (&'static str, &'a str);

/// Claims a name for an account; where somebody else has it, says who.
async fn claim(
    office: &Office,
    by: &By,
    (family, name): Name<'_>,
    id: AccountId,
) -> Result<Lead, ChangeError> {
    let owner = id.to_string();
    match office.store.claim(family, name, owner.as_bytes(), by.at.0, None).await? {
        Claim::Granted => Ok(Lead::Free),
        Claim::Taken { .. } => lead(office, family, name).await,
    }
}

/// Takes a claim over that led to nothing; `false` when somebody else was faster.
async fn take_over(
    office: &Office,
    by: &By,
    (family, name): Name<'_>,
    (from, to): (AccountId, AccountId),
) -> Result<bool, ChangeError> {
    let (from, to) = (from.to_string(), to.to_string());
    let taken = office.store.claim(family, name, to.as_bytes(), by.at.0, Some(from.as_bytes())).await?;
    Ok(taken == Claim::Granted)
}

/// Whether an account claimed a name and never came to bear it. Of a number it is not while the account has none: a
/// sign-in by the certificate still finishes that (see [`opened_by`]).
fn is_abandoned(account: &Account, (family, name): Name<'_>, since_ms: u64, now: UnixMillis) -> bool {
    let may_come = if family == IIN_FAMILY {
        account.iin.as_deref().is_none_or(|iin| iin == name)
    } else {
        holds_email(account, name)
    };
    !may_come && age(since_ms, now) == Age::Settled
}

/// How a name stands for an account that is about to be made.
enum ForNew {
    /// The account is made under this id.
    Under(AccountId),
    /// There is one already.
    Met(Box<Kept<Account>>),
}

async fn claim_for_new(
    office: &Office,
    by: &By,
    name: Name<'_>,
    drawn: AccountId,
) -> Result<ForNew, ChangeError> {
    let from = match claim(office, by, name, drawn).await? {
        Lead::Free => return Ok(ForNew::Under(drawn)),
        Lead::Orphan(owner, since_ms) => match age(since_ms, by.at) {
            Age::Shared => return Ok(ForNew::Under(owner)),
            Age::Settling => return Err(ChangeError::Busy),
            Age::Settled => owner,
        },
        Lead::Account(account, since_ms) => {
            if !is_abandoned(&account.state, name, since_ms, by.at) {
                return Ok(ForNew::Met(account));
            }
            account.state.id
        }
    };
    if take_over(office, by, name, (from, drawn)).await? {
        Ok(ForNew::Under(drawn))
    } else {
        Err(ChangeError::Busy)
    }
}

/// Claims a name for an account that is there; `false` when another account has it.
async fn claim_for(office: &Office, by: &By, name: Name<'_>, id: AccountId) -> Result<bool, ChangeError> {
    let from = match claim(office, by, name, id).await? {
        Lead::Free => return Ok(true),
        Lead::Orphan(owner, since_ms) => match age(since_ms, by.at) {
            // An account may come to be under this claim; whoever asks comes back and then knows.
            Age::Shared | Age::Settling => return Err(ChangeError::Busy),
            Age::Settled => owner,
        },
        Lead::Account(account, since_ms) => {
            if !is_abandoned(&account.state, name, since_ms, by.at) {
                return Ok(account.state.id == id);
            }
            account.state.id
        }
    };
    take_over(office, by, name, (from, id)).await
}

/// Claims an address for an account; `false` when another account has it.
pub async fn claim_email(
    office: &Office,
    by: &By,
    address: &str,
    id: AccountId,
) -> Result<bool, ChangeError> {
    claim_for(office, by, (EMAIL_FAMILY, &email_key(address)), id).await
}

/// Claims a number for an account that came without a certificate; `false` when another account has the number.
pub async fn claim_iin(office: &Office, by: &By, iin: &str, id: AccountId) -> Result<bool, ChangeError> {
    claim_for(office, by, (IIN_FAMILY, iin), id).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_free_again_when_its_claim_led_to_nothing() {
        let since = UnixMillis(1_800_000_000_000);
        let later = |ms: u64| UnixMillis(since.0 + ms);
        let mut account = Account::new(AccountId(1), "A".into(), "ru".into(), since);
        let name = (EMAIL_FAMILY, "a@example.kz");
        let is_free = |account: &Account, now| is_abandoned(account, name, since.0, now);
        assert!(!is_free(&account, later(CLAIM_SETTLES_MS - 1)), "it may be under way");
        assert!(is_free(&account, later(CLAIM_SETTLES_MS)));
        account.email = Some(ConfirmedEmail { address: "A@example.kz".into(), since });
        assert!(!is_free(&account, later(CLAIM_SETTLES_MS)));
    }

    #[test]
    fn a_number_is_free_again_when_its_account_got_another_one() {
        let since = UnixMillis(1_800_000_000_000);
        let settled = UnixMillis(since.0 + CLAIM_SETTLES_MS);
        let mut account = Account::new(AccountId(1), "A".into(), "ru".into(), since);
        let is_free =
            |account: &Account, now| is_abandoned(account, (IIN_FAMILY, "880101300123"), since.0, now);
        assert!(!is_free(&account, settled), "a sign-in by the certificate finishes it");
        account.iin = Some("880101300123".into());
        assert!(!is_free(&account, settled));
        account.iin = Some("900101300124".into());
        assert!(!is_free(&account, UnixMillis(settled.0 - 1)) && is_free(&account, settled));
    }

    #[test]
    fn no_request_is_under_way_under_a_claim_that_is_taken_over() {
        let answer = u64::try_from(crate::by::ANSWER_WITHIN.as_millis()).unwrap();
        assert!(CLAIM_SHARED_MS + answer < CLAIM_SETTLES_MS);
        let at = |ms: u64| age(1000, UnixMillis(1000 + ms));
        assert_eq!((at(0), at(CLAIM_SHARED_MS - 1)), (Age::Shared, Age::Shared));
        assert_eq!((at(CLAIM_SHARED_MS), at(CLAIM_SETTLES_MS - 1)), (Age::Settling, Age::Settling));
        assert_eq!(at(CLAIM_SETTLES_MS), Age::Settled);
    }

    #[test]
    fn a_login_is_a_number_or_an_address() {
        assert!(is_number("880101300123"));
        assert!(!is_number("88010130012") && !is_number("88010130012a") && !is_number("a@example.kz"));
        assert_eq!(email_key(" Aliya@Example.KZ "), "aliya@example.kz");
    }
}
