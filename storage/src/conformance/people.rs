//! Accounts, companies with their audit, and applications, on top of streams and records.

use ofd_protocol::types::UnixMillis;

use super::case::{Backend, Case};
use crate::accounts::{
    Account, AccountId, ApplicationState, AuditAction, AuditActor, AuditEntry, AuditSubject, BankApplication,
    Company, CompanyKind, application_prefix, audit_rows, create, load, note, save,
};
use crate::model::{self, Organisation};
use crate::store::{RecordKind, Stamp, Store};

const NOW: UnixMillis = UnixMillis(1_790_000_000_000);
const BIN: &str = "151140001234";

pub(super) async fn all<B: Backend>(backend: &mut B) {
    a_change_and_its_audit_are_there_together(&backend.fresh().await).await;
    an_account_and_a_company_with_one_number_are_apart(&backend.fresh().await).await;
    applications_are_listed_by_company_and_all_together(&backend.fresh().await).await;
    organisations_are_found_by_the_beginning_of_any_word(&backend.fresh().await).await;
}

fn company() -> Company {
    Company::new(BIN.into(), "ТОО «Көктем»".into(), CompanyKind::LegalEntity, NOW)
}

fn told(action: AuditAction, subject: &str) -> AuditEntry {
    let actor = AuditActor { account: Some(AccountId(7)), name: "ТЕСТОВ".into(), is_operator: false };
    let (address, subject) = ("10.0.0.1".into(), AuditSubject::Company.called(subject));
    AuditEntry { at: NOW, actor, address, action, subject, changes: Vec::new() }
}

fn stamp(number: u8) -> Stamp {
    Stamp([number; 16])
}

async fn a_change_and_its_audit_are_there_together<S: Store>(store: &S) {
    let case = Case::new("a change and its audit are there together", store);
    let entry = |subject| vec![told(AuditAction::ProfileChanged, subject)];
    let created = case.ok("create", create(store, company(), entry("0"), stamp(1)).await);
    let twice = create(store, company(), entry("lost"), stamp(2)).await;
    case.is_conflict(twice, (None, Some(1)));
    let mut changed = created.state.clone();
    changed.profile.email = "a@b.kz".into();
    let saved = case.ok("save", save(store, &created, changed, entry("1"), stamp(3)).await);
    let late = save(store, &created, created.state.clone(), entry("lost"), stamp(4)).await;
    case.is_conflict(late, (Some(1), Some(2)));
    let noted = case.ok("note", note(store, &saved, entry("2"), stamp(5)).await);
    let stream = crate::accounts::Subject::stream(&company());
    case.same("company", case.ok("load", load::<Company>(store, stream).await), Some(noted));
    let rows = case.ok("rows", audit_rows(store, stream, None, 10).await);
    let subjects = rows.iter().map(|row| row.entry.subject.text.as_str()).collect::<Vec<_>>();
    case.same("the newest first, without what was refused", subjects, vec!["2", "1", "0"]);
    let older = case.ok("rows", audit_rows(store, stream, Some(2), 1).await);
    case.same("a further page", older.iter().map(|row| row.number).collect::<Vec<_>>(), vec![1]);
}

async fn an_account_and_a_company_with_one_number_are_apart<S: Store>(store: &S) {
    let case = Case::new("an account and a company with one number are apart", store);
    let id = AccountId(BIN.parse().unwrap_or_default());
    let account = Account::new(id, "ТЕСТОВ".into(), "ru".into(), NOW);
    case.ok("create", create(store, account, vec![told(AuditAction::AccountCreated, "")], stamp(1)).await);
    case.ok("create", create(store, company(), Vec::new(), stamp(2)).await);
    let name = case.ok("load", load::<Account>(store, id.stream()).await).map(|kept| kept.state.name);
    case.same("account", name, Some("ТЕСТОВ".to_owned()));
    case.same("audit of it", case.ok("rows", audit_rows(store, id.stream(), None, 9).await).len(), 1);
    let stream = crate::accounts::Subject::stream(&company());
    case.same("audit of the company", case.ok("rows", audit_rows(store, stream, None, 9).await).len(), 0);
}

async fn organisations_are_found_by_the_beginning_of_any_word<S: Store>(store: &S) {
    let case = Case::new("organisations are found by the beginning of any word", store);
    let organisation = |bin: &str, title: &str| Organisation {
        bin: bin.into(),
        title: title.into(),
        address: String::new(),
        address_kz: None,
        okved: String::new(),
    };
    for (bin, title) in [("000000000019", "ТОО «Көктем»"), ("000000000027", "ИП Кок-Жайляу")]
    {
        case.check("it is new", case.ok("create", model::create(store, &organisation(bin, title)).await));
    }
    case.ok("create", create(store, company(), Vec::new(), stamp(2)).await);
    let found = async |prefix: &str, after: Option<&[u8]>, limit| {
        let records = store.records(RecordKind::TitleWord, prefix.as_bytes(), after, limit).await;
        let keys = case.ok("records", records).into_iter().map(|record| record.key);
        keys.map(|key| String::from_utf8_lossy(&key).into_owned()).collect::<Vec<_>>()
    };
    let all = ["кок/000000000027", "коктем/000000000019", &format!("коктем/{BIN}")].map(str::to_owned);
    case.same("the beginning of words", found("ко", None, 9).await, all.to_vec());
    case.same("a page", found("ко", None, 1).await, all.iter().take(1).cloned().collect());
    case.same(
        "the next page",
        found("ко", Some(all[0].as_bytes()), 9).await,
        all.iter().skip(1).cloned().collect(),
    );
    let too = found("тоо", None, 9).await;
    case.same("one word", too, vec!["тоо/000000000019".to_owned(), format!("тоо/{BIN}")]);
    case.same("a number", found("00000000002", None, 9).await, vec!["000000000027/000000000027".to_owned()]);
    case.same("no word", found("кокт ", None, 9).await, Vec::new());
}

async fn applications_are_listed_by_company_and_all_together<S: Store>(store: &S) {
    let case = Case::new("applications are listed by company and all together", store);
    for (bin, id) in
        [(BIN, "0000000000000002"), ("000000000019", "0000000000000009"), (BIN, "0000000000000001")]
    {
        let application = BankApplication {
            id: id.into(),
            bin: bin.into(),
            company: "ТОО".into(),
            bic: "HSBKKZKX".into(),
            name: "Банк".into(),
            comment: String::new(),
            at: NOW,
            by: "ТЕСТОВ".into(),
            state: ApplicationState::Rejected {
                at: NOW, by: "ОПЕРАТОР".into(), reason: "double".into()
            },
        };
        case.check("it is new", case.ok("create", model::create(store, &application).await));
    }
    let ids = async |prefix: &[u8]| {
        let records = store.records(RecordKind::BankApplication, prefix, None, 9).await;
        let records = case.ok("records", records);
        let ids =
            records.iter().map(|record| case.ok("decode", model::decode::<BankApplication>(record)).1.id);
        ids.map(|id| id.trim_start_matches('0').to_owned()).collect::<Vec<_>>().join(" ")
    };
    case.same("one company's", ids(&application_prefix(BIN)).await, "1 2".to_owned());
    case.same("all", ids(b"").await, "9 1 2".to_owned());
}
