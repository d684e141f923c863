//! Finding accounts by what people sign in with, and making them.
//!
//! An IIN or an address leads to an account by a claimed name. The claim comes before the account, so a claim whose
//! account is missing was left by a request that died between both; whoever comes next finishes under the same id.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    Account, AccountId, AuditAction, AuditActor, AuditEntry, Company, ConfirmedEmail, FieldChange, Kept,
    create, load,
};
use ofd_storage::claims::{ClaimedName, name_key};
use ofd_storage::store::{Claim, RecordKind, Store, StoreError};

use crate::cabinet::{Ask, Failure};
use crate::mail::Email;
use crate::site::Site;

/// The family of claimed IINs.
pub(crate) const IIN_FAMILY: &str = "iin";

/// The family of claimed addresses, as [`email_key`] writes them.
pub(crate) const EMAIL_FAMILY: &str = "email";

/// A claim whose account does not bear the name after so long was left by a request that died. Requests are answered
/// much faster.
const CLAIM_SETTLES_MS: u64 = 60 * 1000;

/// An address as it is compared: people do not tell capitals apart in it.
pub(crate) fn email_key(address: &str) -> String {
    Email::parse(address).map_or_else(|_| address.trim().to_lowercase(), |email| email.key())
}

/// Whether a text has the form of an IIN or BIN.
pub(crate) fn is_number(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Where a claimed name leads.
enum Lead {
    /// Nobody has the name.
    Free,
    /// To an account, since when the claim stands.
    Account(Box<Kept<Account>>, u64),
    /// To an account that was never made.
    Orphan(AccountId),
}

async fn lead<S: Store>(site: &Site<S>, family: &str, name: &str) -> Result<Lead, Failure> {
    let key = match name_key(family, name) {
        Ok(key) => key,
        // Longer than any name that could have been claimed.
        Err(StoreError::TooLarge { .. }) => return Ok(Lead::Free),
        Err(error) => return Err(error.into()),
    };
    let Some(record) = site.store.record(RecordKind::Name, &key).await? else { return Ok(Lead::Free) };
    let corrupt = || StoreError::Corrupt {
        place: format!("the claim of a name of the family {family}"),
        reason: "its owner is no account".to_owned(),
    };
    let claim = ClaimedName::decode(&record.bytes).ok_or_else(corrupt)?;
    let id = owner_of(&claim.owner).ok_or_else(corrupt)?;
    Ok(match load::<Account>(&*site.store, id.stream()).await? {
        Some(account) => Lead::Account(Box::new(account), claim.since_ms),
        None => Lead::Orphan(id),
    })
}

fn owner_of(bytes: &[u8]) -> Option<AccountId> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

/// The account of a person's number.
pub(crate) async fn by_iin<S: Store>(site: &Site<S>, iin: &str) -> Result<Option<Kept<Account>>, Failure> {
    let found = match lead(site, IIN_FAMILY, iin).await? {
        Lead::Account(account, _) => Some(*account),
        Lead::Free | Lead::Orphan(_) => None,
    };
    Ok(found.filter(|account| account.state.iin.as_deref() == Some(iin)))
}

/// The account of a confirmed address.
pub(crate) async fn by_email<S: Store>(
    site: &Site<S>,
    address: &str,
) -> Result<Option<Kept<Account>>, Failure> {
    let key = email_key(address);
    let found = match lead(site, EMAIL_FAMILY, &key).await? {
        Lead::Account(account, _) => Some(*account),
        Lead::Free | Lead::Orphan(_) => None,
    };
    Ok(found.filter(|account| holds_email(&account.state, &key)))
}

fn holds_email(account: &Account, key: &str) -> bool {
    account.email.as_ref().is_some_and(|email| email_key(&email.address) == key)
}

/// The account that a login means: an IIN its person, a BIN who brought the company, an address who confirmed it.
pub(crate) async fn by_login<S: Store>(
    site: &Site<S>,
    login: &str,
) -> Result<Option<Kept<Account>>, Failure> {
    let login = login.trim();
    if !is_number(login) {
        return by_email(site, login).await;
    }
    if let Some(account) = by_iin(site, login).await? {
        return Ok(Some(account));
    }
    let Some(stream) = Company::stream_of(login) else { return Ok(None) };
    let company = load::<Company>(&*site.store, stream).await?;
    match company.and_then(|company| company.state.registrant) {
        Some(registrant) => Ok(load(&*site.store, registrant.stream()).await?),
        None => Ok(None),
    }
}

/// What makes an account one person's.
#[derive(Clone)]
pub(crate) struct NewPerson {
    /// The number, where a certificate proved it.
    pub(crate) iin: Option<String>,
    /// The address, where the person proved to read what comes there.
    pub(crate) email: Option<String>,
    /// The full name.
    pub(crate) name: String,
}

/// What came of making an account.
#[derive(Debug)]
pub(crate) enum Created {
    /// It is there.
    New(Kept<Account>),
    /// The number has an account already: this one.
    Known(Kept<Account>),
    /// Another account has the address.
    EmailTaken,
}

/// Makes an account. `prepare` adds to it before it is written, and returns further rows of its audit; the first row,
/// that it was made, comes by itself.
pub(crate) async fn create_account<S: Store>(
    site: &Site<S>,
    ask: &Ask,
    person: NewPerson,
    prepare: impl FnOnce(&mut Account) -> Vec<AuditEntry>,
) -> Result<Created, Failure> {
    let mut id = AccountId::from_drawn(site.config.outside.bytes());
    if let Some(iin) = &person.iin {
        match claim(site, ask, IIN_FAMILY, iin, id).await? {
            Lead::Free => {}
            Lead::Orphan(owner) => id = owner,
            Lead::Account(account, _) => return Ok(Created::Known(*account)),
        }
    }
    if let Some(email) = &person.email
        && !claim_email(site, ask, email, id).await?
    {
        return Ok(Created::EmailTaken);
    }
    let language = ask.language().code().to_owned();
    let mut account = Account::new(id, person.name, language, ask.now());
    account.iin = person.iin;
    account.email =
        person.email.map(|address| ConfirmedEmail { address: email_key(&address), since: ask.now() });
    let mut audit = vec![entry_of(ask, &account, AuditAction::AccountCreated, "", Vec::new())];
    audit.extend(prepare(&mut account));
    match create(&*site.store, account, audit, site.config.outside.stamp()).await {
        Ok(account) => Ok(Created::New(account)),
        // Somebody else finished what a lost request had begun, or was just faster.
        Err(StoreError::Conflict { .. }) => {
            Ok(Created::Known(load(&*site.store, id.stream()).await?.ok_or(Failure::Busy)?))
        }
        Err(error) => Err(error.into()),
    }
}

/// Claims a name for an account; where somebody else has it, says who.
async fn claim<S: Store>(
    site: &Site<S>,
    ask: &Ask,
    family: &str,
    name: &str,
    id: AccountId,
) -> Result<Lead, Failure> {
    let owner = id.to_string();
    match site.store.claim(family, name, owner.as_bytes(), ask.now().0, None).await? {
        Claim::Granted => Ok(Lead::Free),
        Claim::Taken { .. } => lead(site, family, name).await,
    }
}

/// Whether an account claimed an address and never came to bear it.
fn is_abandoned(account: &Account, key: &str, since_ms: u64, now: UnixMillis) -> bool {
    !holds_email(account, key) && now.0.saturating_sub(since_ms) >= CLAIM_SETTLES_MS
}

/// Claims an address for an account that exists or is about to; `false` when another account has it.
pub(crate) async fn claim_email<S: Store>(
    site: &Site<S>,
    ask: &Ask,
    address: &str,
    id: AccountId,
) -> Result<bool, Failure> {
    let key = email_key(address);
    let from = match claim(site, ask, EMAIL_FAMILY, &key, id).await? {
        Lead::Free => return Ok(true),
        Lead::Orphan(owner) => owner,
        Lead::Account(account, since_ms) => {
            if !is_abandoned(&account.state, &key, since_ms, ask.now()) {
                return Ok(account.state.id == id);
            }
            account.state.id
        }
    };
    let (owner, from) = (id.to_string(), from.to_string());
    let taken =
        site.store.claim(EMAIL_FAMILY, &key, owner.as_bytes(), ask.now().0, Some(from.as_bytes())).await?;
    Ok(taken == Claim::Granted)
}

/// Proves a number for an account that came without a certificate; `false` when another account has the number.
pub(crate) async fn claim_iin<S: Store>(
    site: &Site<S>,
    ask: &Ask,
    iin: &str,
    id: AccountId,
) -> Result<bool, Failure> {
    let from = match claim(site, ask, IIN_FAMILY, iin, id).await? {
        Lead::Free => return Ok(true),
        Lead::Orphan(owner) => owner,
        Lead::Account(account, _) => return Ok(account.state.id == id),
    };
    let (owner, from) = (id.to_string(), from.to_string());
    let taken =
        site.store.claim(IIN_FAMILY, iin, owner.as_bytes(), ask.now().0, Some(from.as_bytes())).await?;
    Ok(taken == Claim::Granted)
}

/// A row of the audit about what a person does who is only about to be signed in.
pub(crate) fn entry_of(
    ask: &Ask,
    account: &Account,
    action: AuditAction,
    subject: impl Into<String>,
    changes: Vec<FieldChange>,
) -> AuditEntry {
    let actor = AuditActor {
        account: Some(account.id),
        name: account.name.clone(),
        is_operator: ask.actor().is_operator,
    };
    AuditEntry { at: ask.now(), actor, address: ask.address(), action, subject: subject.into(), changes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_free_again_when_its_claim_led_to_nothing() {
        let since = UnixMillis(1_800_000_000_000);
        let later = |ms: u64| UnixMillis(since.0 + ms);
        let mut account = Account::new(AccountId(1), "A".into(), "ru".into(), since);
        let is_free = |account: &Account, now| is_abandoned(account, "a@example.kz", since.0, now);
        assert!(!is_free(&account, later(CLAIM_SETTLES_MS - 1)), "it may be under way");
        assert!(is_free(&account, later(CLAIM_SETTLES_MS)));
        account.email = Some(ConfirmedEmail { address: "A@example.kz".into(), since });
        assert!(!is_free(&account, later(CLAIM_SETTLES_MS)));
    }

    #[test]
    fn a_login_is_a_number_or_an_address() {
        assert!(is_number("880101300123"));
        assert!(!is_number("88010130012") && !is_number("88010130012a") && !is_number("a@example.kz"));
        assert_eq!(email_key(" Aliya@Example.KZ "), "aliya@example.kz");
    }
}
