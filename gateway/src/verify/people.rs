//! Accounts and companies: they read, their audits have no gaps, and what they name is there.

use ofd_storage::accounts::{self, Account, AccountId, AuditRow, Company, Paper, Registration, Subject};
use ofd_storage::claims::{self, ClaimedName, EMAIL_FAMILY, IIN_FAMILY};
use ofd_storage::store::{RecordKind, Row, Store, StoreError, StreamId, StreamKind};

use super::papers;
use super::registrations;
use super::unfound::unfound;
use super::walked::{Break, PAGE, Read, Walked, each_stream, is_there, read, tell_of};

/// Walks all accounts.
pub(super) async fn accounts(
    store: &impl Store,
    walked: &mut Walked,
    on_break: &mut impl FnMut(Break),
) -> Result<(), StoreError> {
    subjects::<_, Account>(store, StreamKind::Account, walked, on_break).await
}

/// Walks all companies.
pub(super) async fn companies(
    store: &impl Store,
    walked: &mut Walked,
    on_break: &mut impl FnMut(Break),
) -> Result<(), StoreError> {
    subjects::<_, Company>(store, StreamKind::Company, walked, on_break).await
}

/// What is judged of a subject beside its audit.
trait Judged: Subject {
    /// What it names and what is not there.
    async fn joins(&self, store: &impl Store) -> Result<Vec<String>, StoreError>;

    /// What is wrong with a row that is none of the audit; `None`: it has no other kind of rows.
    async fn other_row(
        &self,
        _store: &impl Store,
        _stream: StreamId,
        _row: &Row,
    ) -> Result<Option<Vec<Break>>, StoreError> {
        Ok(None)
    }
}

impl Judged for Account {
    async fn joins(&self, store: &impl Store) -> Result<Vec<String>, StoreError> {
        judge_account(store, self).await
    }
}

impl Judged for Company {
    async fn joins(&self, store: &impl Store) -> Result<Vec<String>, StoreError> {
        judge_company(store, self).await
    }

    async fn other_row(
        &self,
        store: &impl Store,
        stream: StreamId,
        row: &Row,
    ) -> Result<Option<Vec<Break>>, StoreError> {
        if Registration::is_row(row) {
            return Ok(Some(match read(Registration::decode(stream, row))? {
                Read::Whole(found) => {
                    let wrong = registrations::named(store, self, &found).await?.into_iter();
                    wrong.map(|reason| Break::elsewhere(stream.to_string(), reason)).collect()
                }
                Read::Damaged(damage) => vec![damage],
            }));
        }
        if !Paper::is_row(row) {
            return Ok(None);
        }
        Ok(Some(match read(Paper::decode(stream, row))? {
            Read::Whole(paper) => {
                let wrong = papers::named(store, self, &paper).await?.into_iter();
                wrong.map(|reason| Break::elsewhere(stream.to_string(), reason)).collect()
            }
            Read::Damaged(damage) => vec![damage],
        }))
    }
}

async fn subjects<S: Store, T: Judged>(
    store: &S,
    kind: StreamKind,
    walked: &mut Walked,
    on_break: &mut impl FnMut(Break),
) -> Result<(), StoreError> {
    each_stream(store, kind, on_break, async |stream, on_break| {
        walked.people = walked.people.saturating_add(1);
        let mut rows = 0;
        tell_of(store, on_break, async || {
            rows = 0;
            judge::<_, T>(store, stream, &mut rows).await
        })
        .await?;
        walked.audit_rows = walked.audit_rows.saturating_add(rows);
        Ok(())
    })
    .await
}

async fn judge<S: Store, T: Judged>(
    store: &S,
    stream: StreamId,
    rows: &mut u64,
) -> Result<Vec<Break>, StoreError> {
    let broken = |reason: String| Break::elsewhere(stream.to_string(), reason);
    let mut state = match read(accounts::load::<T>(store, stream).await)? {
        Read::Whole(Some(kept)) => kept.state,
        // In a cluster a list may name a stream that never came to be.
        Read::Whole(None) if store.is_shared() => return Ok(Vec::new()),
        Read::Whole(None) => return Ok(vec![broken("its head is missing".to_owned())]),
        Read::Damaged(damage) => return Ok(vec![damage]),
    };
    let mut wrong: Vec<Break> = state.joins(store).await?.into_iter().map(&broken).collect();
    let next = *state.audit_next();
    let mut expected = next;
    let mut after = None;
    loop {
        let page = match read(store.rows(stream, b"", after.as_deref(), PAGE).await)? {
            Read::Whole(page) => page,
            Read::Damaged(damage) => {
                wrong.push(damage);
                return Ok(wrong);
            }
        };
        let Some(last) = page.last() else { break };
        after = Some(last.key.clone());
        for row in &page {
            *rows = rows.saturating_add(1);
            if let Some(found) = state.other_row(store, stream, row).await? {
                wrong.extend(found);
                continue;
            }
            let number = match read(AuditRow::decode(stream, row))? {
                Read::Whole(row) => row.number,
                Read::Damaged(damage) => {
                    wrong.push(damage);
                    continue;
                }
            };
            if number >= next {
                // In a store that others write to it was added after the head was read.
                if !store.is_shared() {
                    wrong.push(broken(format!("its head counts {next} audit rows, row {number} is there")));
                }
                continue;
            }
            // The newest row comes first.
            if number.saturating_add(1) != expected {
                wrong.push(broken(missing(number.saturating_add(1), expected)));
            }
            expected = number;
        }
    }
    if expected != 0 {
        wrong.push(broken(missing(0, expected)));
    }
    Ok(wrong)
}

/// Audit rows from `first` up to `end`, which is not one of them.
fn missing(first: u64, end: u64) -> String {
    match end.saturating_sub(first) {
        0 | 1 => format!("audit row {first} is missing"),
        _ => format!("audit rows {first} to {} are missing", end.saturating_sub(1)),
    }
}

/// Names come before the account that bears them, so an account bears none that is not its own.
async fn judge_account(store: &impl Store, account: &Account) -> Result<Vec<String>, StoreError> {
    let mut wrong = Vec::new();
    let iin = account.iin.as_deref().map(|iin| (IIN_FAMILY, iin));
    let email = account.email.as_ref().map(|email| (EMAIL_FAMILY, email.address.as_str()));
    for (family, name) in [iin, email].into_iter().flatten() {
        match owner_of(store, family, name).await? {
            Some(owner) if owner == account.id => {}
            Some(owner) => wrong.push(format!("its {family} is claimed by account {owner}")),
            None => wrong.push(format!("its {family} is not claimed for it")),
        }
    }
    Ok(wrong)
}

async fn owner_of(store: &impl Store, family: &str, name: &str) -> Result<Option<AccountId>, StoreError> {
    let Ok(key) = claims::name_key(family, name) else { return Ok(None) };
    let record = match store.record(RecordKind::Name, &key).await {
        Err(StoreError::Corrupt { .. }) => None,
        found => found?,
    };
    let owner = record.and_then(|record| ClaimedName::decode(&record.bytes));
    Ok(owner.and_then(|name| account_of(&name.owner)))
}

/// The account that owns a name of the families of people.
pub(super) fn account_of(owner: &[u8]) -> Option<AccountId> {
    std::str::from_utf8(owner).ok()?.parse().ok()
}

/// A company names people, and they are there. The other way about an account may list a company that it never came to:
/// the list grows first.
async fn judge_company(store: &impl Store, company: &Company) -> Result<Vec<String>, StoreError> {
    let members = company.members.iter().map(|member| ("one of its people", member.account));
    let others = [("who brought it", company.registrant), ("its head", company.profile.head.account)];
    let others = others.into_iter().filter_map(|(what, account)| Some((what, account?)));
    let mut wrong = unfound(store, company.titled()).await?;
    for (what, account) in members.chain(others) {
        if !is_there(store.head(account.stream()).await)? {
            wrong.push(format!("{what}, account {account}, is missing"));
        }
    }
    Ok(wrong)
}
