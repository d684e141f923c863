//! Applications as records, and what the company's audit says of them.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    AUDIT_PAGE_MAX, AddedBank, AuditAction, AuditEntry, BankApplication, Company, application_prefix,
    audit_rows, load, note,
};
use ofd_storage::model;
use ofd_storage::store::{RecordKind, Store, StoreError, Version};

use super::rules::{Decided, Decision, decide};
use crate::cabinet::{Ask, Failure, entry, field_change};
use crate::site::Site;
use crate::words::Words;

/// Applications of one company that are read at once, decided ones included.
const OF_COMPANY_MAX: usize = 200;

/// Applications of all companies that one page looks through.
pub(super) const OF_ALL_MAX: usize = 2000;

/// People who decide one application at once are few; so often it is read again.
const TRIES_MAX: usize = 5;

/// The applications of a company, the newest first.
pub(super) async fn of_company(store: &impl Store, bin: &str) -> Result<Vec<BankApplication>, StoreError> {
    read(store, &application_prefix(bin), OF_COMPANY_MAX).await
}

/// The applications of all companies, the newest first.
pub(super) async fn of_all(store: &impl Store) -> Result<Vec<BankApplication>, StoreError> {
    read(store, b"", OF_ALL_MAX).await
}

async fn read(store: &impl Store, prefix: &[u8], max: usize) -> Result<Vec<BankApplication>, StoreError> {
    let records = store.records(RecordKind::BankApplication, prefix, None, max).await?;
    let read = records.iter().map(|record| model::decode::<BankApplication>(record).map(|(_, found)| found));
    let mut read = read.collect::<Result<Vec<_>, _>>()?;
    read.sort_by_key(|application| std::cmp::Reverse(application.at));
    Ok(read)
}

/// One application.
pub(super) async fn one(
    store: &impl Store,
    bin: &str,
    id: &str,
) -> Result<(Version, BankApplication), Failure> {
    let key = [application_prefix(bin).as_slice(), id.as_bytes()].concat();
    model::load::<BankApplication>(store, &key).await?.ok_or(Failure::NotFound)
}

/// Puts an application in, with its row in the company's audit. Repeating it is harmless, and completes what an
/// interruption left.
pub(super) async fn put_in<S: Store>(
    site: &Site<S>,
    ask: &Ask,
    application: &BankApplication,
) -> Result<(), Failure> {
    model::create(&*site.store, application).await?;
    let changes = [("bic", &application.bic), ("name", &application.name), ("comment", &application.comment)];
    let changes = changes.into_iter().filter_map(|(field, value)| field_change(field, "", value)).collect();
    let row = entry(ask, AuditAction::BankApplied, subject(application), changes);
    note_once(site, &application.bin, row, application.at).await
}

/// Decides an application: its record first, then the bank, then the audit of the company. Each later step is repeated
/// harmlessly when the same decision comes again, so an interruption is mended by pressing the button once more.
pub(super) async fn settle_decision<S: Store>(
    site: &Site<S>,
    ask: &Ask,
    (bin, id): (&str, &str),
    decision: &Decision,
) -> Result<Result<BankApplication, (BankApplication, Decided)>, Failure> {
    let by = ask.actor().name;
    let mut outcome = None;
    for _ in 0..TRIES_MAX {
        let (version, found) = one(&*site.store, bin, id).await?;
        match decide(&found, decision, (ask.now(), &by)) {
            Err(decided) => return Ok(Err((found, decided))),
            Ok(None) => outcome = Some(found),
            Ok(Some(changed)) => match model::replace(&*site.store, version, &changed).await {
                Ok(_) => outcome = Some(changed),
                Err(StoreError::Conflict { .. }) => continue,
                Err(error) => return Err(error.into()),
            },
        }
        break;
    }
    let application = outcome.ok_or(Failure::Busy)?;
    let row = match decision {
        Decision::Approve => {
            let (bic, name) = (application.bic.clone(), application.name.clone());
            model::create(&*site.store, &AddedBank { bic, name, since: ask.now(), by }).await?;
            entry(ask, AuditAction::BankApproved, subject(&application), Vec::new())
        }
        Decision::Reject { reason } => {
            let changes = field_change("reason", "", reason).into_iter().collect();
            entry(ask, AuditAction::BankRejected, subject(&application), changes)
        }
    };
    note_once(site, bin, row, application.at).await?;
    Ok(Ok(application))
}

/// What the audit calls an application.
fn subject(application: &BankApplication) -> String {
    format!("{} {}", application.bic, application.name)
}

/// Adds a row to the company's audit unless one says the same since the application was made.
async fn note_once<S: Store>(
    site: &Site<S>,
    bin: &str,
    row: AuditEntry,
    since: UnixMillis,
) -> Result<(), Failure> {
    let stream = Company::stream_of(bin).ok_or(Failure::NotFound)?;
    for _ in 0..TRIES_MAX {
        let company = load::<Company>(&*site.store, stream).await?.ok_or(Failure::NotFound)?;
        let rows = audit_rows(&*site.store, stream, None, AUDIT_PAGE_MAX).await?;
        let is_there = rows.iter().any(|known| {
            known.entry.action == row.action && known.entry.subject == row.subject && known.entry.at >= since
        });
        if is_there {
            return Ok(());
        }
        match note(&*site.store, &company, vec![row.clone()], site.config.outside.stamp()).await {
            Ok(_) => return Ok(()),
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::Busy)
}

/// An application as pages show it.
pub(super) struct ApplicationView {
    pub(super) bic: String,
    pub(super) name: String,
    pub(super) comment: String,
    pub(super) company: String,
    pub(super) bin: String,
    /// When and by whom it was made.
    pub(super) made: String,
    pub(super) state: String,
    /// How the state is marked: a class of the badge.
    pub(super) mark: &'static str,
    /// When and by whom it was decided.
    pub(super) decided: Option<String>,
    /// Why it was rejected.
    pub(super) reason: Option<String>,
    /// Where it is decided, while it waits.
    pub(super) decide: Option<[String; 2]>,
}

impl ApplicationView {
    pub(super) fn of<S: Store>(site: &Site<S>, ask: &Ask, application: &BankApplication) -> Self {
        use ofd_storage::accounts::ApplicationState::{Approved, Rejected, Waiting};
        let words: Words<'_> = site.texts(ask);
        let when_by = |at, by: &str| {
            let when = site.moment(ask, at);
            words.say_values("company-when-by", &[("when", &when), ("who", by)])
        };
        let (state, mark, decided, reason) = match &application.state {
            Waiting => ("company-bank-waiting", "warn", None, None),
            Approved { at, by } => ("company-bank-approved", "", Some(when_by(*at, by)), None),
            Rejected { at, by, reason } => {
                ("company-bank-rejected", "bad", Some(when_by(*at, by)), Some(reason.clone()))
            }
        };
        let path = format!("/operator/banks/{}/{}", application.bin, application.id);
        let is_waiting = application.state == Waiting;
        Self {
            bic: application.bic.clone(),
            name: application.name.clone(),
            comment: application.comment.clone(),
            company: application.company.clone(),
            bin: application.bin.clone(),
            made: when_by(application.at, &application.by),
            state: words.say(state),
            mark,
            decided,
            reason,
            decide: is_waiting.then(|| [format!("{path}/approve"), format!("{path}/reject")]),
        }
    }
}
