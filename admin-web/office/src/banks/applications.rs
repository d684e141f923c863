//! Applications as records, and what the company's audit says of them.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    AUDIT_PAGE_MAX, AddedBank, AuditAction, AuditEntry, AuditField, AuditRow, AuditSubject, BankApplication,
    Company, Kept, ToldSubject, application_prefix, audit_rows, load, note,
};
use ofd_storage::erased::DynStore;
use ofd_storage::model::{self, Model};
use ofd_storage::store::{RecordKind, Stamp, Store, StoreError, StreamId};

use super::rules::{self, Decision, decide};
use crate::by::By;
use crate::change::{ChangeError, Changeable, Decided, Record, change};
use crate::office::Office;

/// Applications of one company that are looked through, decided ones included: few wait at once, so years of rejections.
pub const OF_COMPANY_MAX: usize = 2000;

/// Applications of all companies that one page looks through: a year in which every tenth of a hundred thousand companies
/// applies. Some ten megabytes are read for it.
pub const OF_ALL_MAX: usize = 10_000;

/// Records that are read from the store at once.
const READ_AT_ONCE: usize = 500;

/// Applications that were found.
#[derive(Debug)]
pub struct FoundApplications {
    /// The newest first.
    pub applications: Vec<BankApplication>,
    /// There are more than were looked through.
    pub is_cut: bool,
}

/// The applications of a company.
pub async fn of_company(store: &impl Store, bin: &str) -> Result<FoundApplications, StoreError> {
    read(store, &application_prefix(bin), OF_COMPANY_MAX, |_| true).await
}

/// Those applications of all companies that are wanted; of one company where its BIN is given.
pub async fn of_all(
    store: &impl Store,
    bin: Option<&str>,
    is_wanted: impl Fn(&BankApplication) -> bool,
) -> Result<FoundApplications, StoreError> {
    read(store, &bin.map(application_prefix).unwrap_or_default(), OF_ALL_MAX, is_wanted).await
}

/// Looks through up to `max` applications. They lie by company and id, so that the newest is found only by reading all.
async fn read(
    store: &impl Store,
    prefix: &[u8],
    max: usize,
    is_wanted: impl Fn(&BankApplication) -> bool,
) -> Result<FoundApplications, StoreError> {
    let mut found = FoundApplications { applications: Vec::new(), is_cut: false };
    let (mut left, mut after) = (max, None);
    loop {
        // Beyond the last one that counts it is only asked whether there is another.
        let limit = left.clamp(1, READ_AT_ONCE);
        let records = store.records(RecordKind::BankApplication, prefix, after.as_deref(), limit).await?;
        if left == 0 {
            found.is_cut = !records.is_empty();
            break;
        }
        for record in &records {
            let (_, application) = model::decode::<BankApplication>(record)?;
            if is_wanted(&application) {
                found.applications.push(application);
            }
        }
        left = left.saturating_sub(records.len());
        match records.last() {
            Some(last) if records.len() == limit => after = Some(last.key.to_vec()),
            _ => break,
        }
    }
    found.applications.sort_by_key(|application| std::cmp::Reverse(application.at));
    Ok(found)
}

fn key(bin: &str, id: &str) -> Vec<u8> {
    [application_prefix(bin).as_slice(), id.as_bytes()].concat()
}

/// The application of an id.
///
/// # Errors
/// [`ChangeError::NotFound`] where there is none, and those of the store.
pub async fn one(store: &impl Store, bin: &str, id: &str) -> Result<BankApplication, ChangeError> {
    let found = model::load::<BankApplication>(store, &key(bin, id)).await?;
    Ok(found.ok_or(ChangeError::NotFound)?.1)
}

/// The applications of a company, to which another one is added. What was added is all that is found afterwards.
struct ApplicationsOf<'a>(&'a str);

impl Changeable for ApplicationsOf<'_> {
    type Found = FoundApplications;
    type Next = BankApplication;

    async fn read(&self, store: &DynStore) -> Result<Option<FoundApplications>, StoreError> {
        of_company(store, self.0).await.map(Some)
    }

    async fn write(
        &self,
        store: &DynStore,
        _: FoundApplications,
        next: BankApplication,
        _: Stamp,
    ) -> Result<FoundApplications, StoreError> {
        let written = kept(store, &next).await?;
        // A colleague was faster; the next look sees that application.
        let taken = || StoreError::Conflict {
            what: "an application for a bank".to_owned(),
            expected: None,
            found: None,
        };
        Ok(FoundApplications { applications: vec![written.ok_or_else(taken)?], is_cut: false })
    }
}

/// Puts an application in, as `wish` makes it of those that are there, with its row in the company's audit. Repeating it
/// is harmless, and completes what an interruption left.
pub async fn put_in<E>(
    office: &Office,
    by: &By,
    bin: &str,
    wish: impl Fn(&FoundApplications) -> Result<BankApplication, E>,
) -> Result<Result<(), E>, ChangeError> {
    let decide = |found: &FoundApplications| -> Decided<BankApplication, Result<(), E>, ChangeError> {
        Ok(match wish(found) {
            Ok(application) => (Some(application), Ok(())),
            Err(refusal) => (None, Err(refusal)),
        })
    };
    let what = ApplicationsOf(bin);
    let (found, outcome) = change((&office.store, || office.stamp()), &what, decide).await?;
    if outcome.is_err() {
        return Ok(outcome);
    }
    for application in &found.applications {
        let changes = [
            AuditField::Bic.change("", &application.bic),
            AuditField::Name.change("", &application.name),
            AuditField::Comment.change("", &application.comment),
        ];
        let changes = changes.into_iter().flatten().collect();
        let row = by.entry(AuditAction::BankApplied, subject(application), changes);
        note_once(office, &application.bin, row, application.at).await?;
    }
    Ok(Ok(()))
}

/// Writes an application, and returns it as it is kept: whoever sent the same before has made it already. `None` where
/// the id belongs to another one.
async fn kept(
    store: &impl Store,
    application: &BankApplication,
) -> Result<Option<BankApplication>, StoreError> {
    if model::create(store, application).await? {
        return Ok(Some(application.clone()));
    }
    let known = model::load::<BankApplication>(store, &application.key()).await?;
    let is_same = |known: &BankApplication| {
        (&known.bic, &known.name, &known.comment)
            == (&application.bic, &application.name, &application.comment)
    };
    Ok(known.map(|(_, known)| known).filter(is_same))
}

/// Decides an application: its record first, then the bank, then the audit of the company. Each later step is repeated
/// harmlessly when the same decision comes again, so an interruption is mended by pressing the button once more.
pub async fn settle_decision(
    office: &Office,
    by: &By,
    (bin, id): (&str, &str),
    decision: &Decision,
) -> Result<Result<BankApplication, (BankApplication, rules::Decided)>, ChangeError> {
    let (name, key) = (&by.actor.name, key(bin, id));
    let settle = |(_, found): &(_, BankApplication)| -> Decided<BankApplication, _, ChangeError> {
        Ok(match decide(found, decision, (by.at, name)) {
            Ok(changed) => (changed, Ok(())),
            Err(decided) => (None, Err(decided)),
        })
    };
    let with = (&office.store, || office.stamp());
    let ((_, application), outcome) = change(with, &Record::new(&key), settle).await?;
    if let Err(decided) = outcome {
        return Ok(Err((application, decided)));
    }
    let row = match decision {
        Decision::Approve => {
            let (bic, title) = (application.bic.clone(), application.name.clone());
            let added = AddedBank { bic, name: title, since: by.at, by: name.clone() };
            model::create(&office.store, &added).await?;
            by.entry(AuditAction::BankApproved, subject(&application), Vec::new())
        }
        Decision::Reject { reason } => {
            let changes = AuditField::Reason.change("", reason).into_iter().collect();
            by.entry(AuditAction::BankRejected, subject(&application), changes)
        }
    };
    note_once(office, bin, row, application.at).await?;
    Ok(Ok(application))
}

/// What the audit calls an application.
fn subject(application: &BankApplication) -> ToldSubject {
    let text = format!("{} {}", application.bic, application.name);
    AuditSubject::BankApplication(application.id.clone()).called(text)
}

/// The newest rows of a company's audit, to which one is added.
struct Newest(StreamId);

impl Changeable for Newest {
    type Found = (Kept<Company>, Vec<AuditRow>);
    type Next = AuditEntry;

    async fn read(&self, store: &DynStore) -> Result<Option<Self::Found>, StoreError> {
        let Some(company) = load::<Company>(store, self.0).await? else { return Ok(None) };
        Ok(Some((company, audit_rows(store, self.0, None, AUDIT_PAGE_MAX).await?)))
    }

    async fn write(
        &self,
        store: &DynStore,
        (company, rows): Self::Found,
        next: AuditEntry,
        stamp: Stamp,
    ) -> Result<Self::Found, StoreError> {
        Ok((note(store, &company, vec![next], stamp).await?, rows))
    }
}

/// Adds a row to a company's audit unless one says the same since then.
pub(crate) async fn note_once(
    office: &Office,
    bin: &str,
    row: AuditEntry,
    since: UnixMillis,
) -> Result<(), ChangeError> {
    let is_there = |rows: &[AuditRow]| {
        rows.iter().any(|known| {
            let known = &known.entry;
            known.action == row.action && known.subject.is_same(&row.subject) && known.at >= since
        })
    };
    note_unless(office, bin, row.clone(), is_there).await
}

/// Adds a row to a company's audit unless the newest rows, the newest first, say that it is there.
pub(crate) async fn note_unless(
    office: &Office,
    bin: &str,
    row: AuditEntry,
    is_there: impl Fn(&[AuditRow]) -> bool,
) -> Result<(), ChangeError> {
    let what = Newest(Company::stream_of(bin).ok_or(ChangeError::NotFound)?);
    let decide = |(_, rows): &(_, Vec<AuditRow>)| -> Decided<AuditEntry, (), ChangeError> {
        Ok(((!is_there(rows)).then(|| row.clone()), ()))
    };
    change((&office.store, || office.stamp()), &what, decide).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use ofd_storage::accounts::ApplicationState;
    use ofd_storage::memory::MemoryStore;

    use super::*;

    const BIN: &str = "151140001234";

    fn application(bin: &str, number: usize) -> BankApplication {
        BankApplication {
            id: format!("{number:016x}"),
            bin: bin.into(),
            company: "ТОО «Көктем»".into(),
            bic: "NEWBKZKA".into(),
            name: "АО «Новый банк»".into(),
            comment: String::new(),
            at: UnixMillis(1_800_000_000_000 + u64::try_from(number).unwrap()),
            by: "ИВАНОВА".into(),
            state: ApplicationState::Waiting,
        }
    }

    async fn with(count: usize) -> MemoryStore {
        let store = MemoryStore::new();
        for number in 0..count {
            assert!(model::create(&store, &application(BIN, number)).await.unwrap());
        }
        store
    }

    async fn ids(store: &MemoryStore, max: usize) -> (Vec<String>, bool) {
        let found = read(store, &application_prefix(BIN), max, |_| true).await.unwrap();
        (found.applications.into_iter().map(|one| one.id).collect(), found.is_cut)
    }

    #[tokio::test]
    async fn applications_are_read_to_the_last_and_shown_from_the_newest() {
        let count = 2 * READ_AT_ONCE + 1;
        let store = with(count).await;
        let newest_first: Vec<String> = (0..count).rev().map(|number| application(BIN, number).id).collect();
        assert_eq!(ids(&store, OF_COMPANY_MAX).await, (newest_first.clone(), false));
        assert_eq!(ids(&store, count).await, (newest_first, false), "just so many are not too many");
        let (read, is_cut) = ids(&store, count - 1).await;
        assert!(read.len() == count - 1 && is_cut);
        assert_eq!(ids(&with(READ_AT_ONCE).await, OF_COMPANY_MAX).await.0.len(), READ_AT_ONCE);
    }

    #[tokio::test]
    async fn all_companies_are_looked_through_or_one() {
        let store = with(2).await;
        let other = application("990140000021", 7);
        model::create(&store, &other).await.unwrap();
        let found = of_all(&store, None, |_| true).await.unwrap();
        assert_eq!((found.applications.len(), found.is_cut), (3, false));
        let found = of_all(&store, Some("990140000021"), |_| true).await.unwrap();
        assert_eq!(found.applications, [other]);
        let found = of_all(&store, None, |one| one.id.ends_with('1')).await.unwrap();
        assert_eq!(found.applications, [application(BIN, 1)]);
    }

    #[tokio::test]
    async fn an_application_is_made_once_and_another_one_with_its_id_is_not() {
        let store = MemoryStore::new();
        let first = application(BIN, 1);
        assert_eq!(kept(&store, &first).await.unwrap(), Some(first.clone()));
        let later =
            BankApplication { at: UnixMillis(first.at.0 + 1), by: "ДРУГАЯ".into(), ..first.clone() };
        assert_eq!(kept(&store, &later).await.unwrap(), Some(first.clone()), "it was made before");
        for other in [
            BankApplication { bic: "OTHRKZKA".into(), ..first.clone() },
            BankApplication { name: "Other".into(), ..first.clone() },
            BankApplication { comment: "Other".into(), ..first.clone() },
        ] {
            assert_eq!(kept(&store, &other).await.unwrap(), None);
        }
        assert_eq!(one(&store, BIN, &first.id).await.unwrap(), first);
    }
}
