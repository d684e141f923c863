//! The audit as administrators read it.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    AccountId, AuditAction, AuditActor, AuditEntry, Company, FieldChange, OPERATOR, Role, ToldSubject, load,
    note,
};
use ofd_storage::store::Stamp;

use super::support::NOW;
use super::support::people::{Browser, House};

const BIN: &str = "151140001234";
const OTHER: &str = "990940003176";
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

async fn house() -> (House, AccountId) {
    let house = House::open();
    let boss = house.person("АХМЕТОВА САУЛЕ").await;
    house.company(BIN, "ТОО «Көктем»", &[(boss, &[Role::Administrator])]).await;
    (house, boss)
}

/// A row as they were before they said what they are about.
fn row(at: UnixMillis, name: &str, action: AuditAction, subject: &str) -> AuditEntry {
    let actor = AuditActor { account: None, name: name.into(), is_operator: false };
    let subject = ToldSubject { of: None, text: subject.into() };
    AuditEntry { at, actor, address: "10.1.2.3".into(), action, subject, changes: Vec::new() }
}

async fn write(house: &House, bin: &str, rows: Vec<AuditEntry>) {
    let stream = Company::stream_of(bin).unwrap();
    let company = load::<Company>(&*house.store, stream).await.unwrap().unwrap();
    let stamp = Stamp((u128::from(company.version.0) << 32).to_be_bytes());
    note(&*house.store, &company, rows, stamp).await.unwrap();
}

fn rows_on(browser: &Browser) -> usize {
    browser.page.split("<tbody>").nth(1).map_or(0, |body| body.matches("<tr>").count())
}

#[tokio::test]
async fn a_row_says_who_when_from_where_what_before_and_after() {
    let (house, boss) = house().await;
    let changes = vec![FieldChange {
        field: "roles".into(),
        before: Some("reader".into()),
        after: Some("accountant, reader".into()),
    }];
    let row = AuditEntry {
        changes, ..row(NOW, "БЕКОВ МАРАТ", AuditAction::RolesChanged, "СЕРІКОВ БОЛАТ")
    };
    write(&house, BIN, vec![row]).await;
    let mut browser = house.sign_in(boss).await;
    for (language, action, before, after) in [
        ("en", "Roles changed", "Read only", "Accountant, Read only"),
        ("ru", "Изменены роли", "Только чтение", "Бухгалтер, Только чтение"),
        ("kk", "Рөлдер өзгертілді", "Тек оқу", "Бухгалтер, Тек оқу"),
    ] {
        browser.language = language.into();
        let page = browser.go(&format!("/c/{BIN}/audit")).await.text;
        for text in ["БЕКОВ МАРАТ", "СЕРІКОВ БОЛАТ", "10.1.2.3", "17:09", action] {
            assert!(page.contains(text), "{text} in {language}");
        }
        assert!(page.contains(&format!("<del>{before}</del> → <span>{after}</span>")), "{language}");
    }
}

#[tokio::test]
async fn an_empty_audit_says_what_will_be_in_it() {
    let (house, boss) = house().await;
    let mut browser = house.sign_in(boss).await;
    assert!(browser.go(&format!("/c/{BIN}/audit")).await.text.contains("There are no rows yet"));
}

#[tokio::test]
async fn rows_are_found_by_action_person_and_period() {
    let (house, boss) = house().await;
    let later = UnixMillis(NOW.0 + DAY_MS);
    write(
        &house,
        BIN,
        vec![
            row(NOW, "АХМЕТОВА САУЛЕ", AuditAction::Invited, "a@example.kz"),
            row(NOW, "АХМЕТОВА САУЛЕ", AuditAction::Blocked, "БЕКОВ МАРАТ"),
            row(later, "БЕКОВ МАРАТ", AuditAction::Joined, "БЕКОВ МАРАТ"),
        ],
    )
    .await;
    let mut browser = house.sign_in(boss).await;
    for (query, found) in [
        ("", 3),
        ("action=invited", 1),
        ("action=unheard", 3),
        ("person=беков", 2),
        ("person=беков&action=blocked", 1),
        ("from=22.01.2026&until=22.01.2026", 2),
        ("from=2026-01-23", 1),
        ("until=2026-01-21", 0),
    ] {
        browser.go(&format!("/c/{BIN}/audit?{query}")).await;
        assert_eq!(rows_on(&browser), found, "{query}");
    }
    let answer = browser.open(&format!("/c/{BIN}/audit?from=yesterday")).await;
    assert_eq!(answer.status, 422);
    assert!(
        answer.text.contains("Enter a date as DD.MM.YYYY") && answer.text.contains("value=\"yesterday\"")
    );
}

#[tokio::test]
async fn looks_of_the_operator_on_one_day_are_one_row_and_can_be_left_out() {
    let (house, boss) = house().await;
    let look = |at, subject: &str| {
        let entry = row(at, "ҚОЛДАУ ҚЫЗМЕТІ", AuditAction::Looked, subject);
        AuditEntry { actor: AuditActor { is_operator: true, ..entry.actor }, ..entry }
    };
    let minute = |minutes: u64| UnixMillis(NOW.0 + minutes * 60_000);
    let mut rows = vec![row(NOW, "АХМЕТОВА САУЛЕ", AuditAction::Invited, "a@example.kz")];
    rows.extend((1..30).map(|at| look(minute(at), if at % 2 == 0 { "audit" } else { "card" })));
    rows.push(row(minute(40), "АХМЕТОВА САУЛЕ", AuditAction::Blocked, "БЕКОВ МАРАТ"));
    rows.push(look(minute(50), "card"));
    write(&house, BIN, rows).await;
    let mut browser = house.sign_in(boss).await;
    let at = format!("/c/{BIN}/audit");
    let page = browser.go(&at).await.text;
    assert_eq!(rows_on(&browser), 4, "two of what was done, and the looks before and after");
    for text in ["(29 times)", "Audit log, Organisation profile", "17:10:18 – 17:38:18"] {
        assert!(page.contains(text), "{text} is not in {page}");
    }
    let without = browser.go(&format!("{at}?without_looks=yes")).await.text;
    assert_eq!(rows_on(&browser), 2);
    assert!(!without.contains("Organisation profile") && without.contains("value=\"yes\" checked"));
    let file = browser.open(&format!("{at}.csv")).await.text;
    assert_eq!(file.matches("\"Viewed by operator\"").count(), 30, "the file has each");
    assert!(!browser.open(&format!("{at}.csv?without_looks=yes")).await.text.contains("Viewed by operator"));
}

#[tokio::test]
async fn a_long_audit_comes_in_pages_without_a_gap() {
    let (house, boss) = house().await;
    let rows = (0..120).map(|index| row(NOW, "A", AuditAction::Invited, &format!("<{index}>")));
    write(&house, BIN, rows.collect()).await;
    let mut browser = house.sign_in(boss).await;
    let mut uri = format!("/c/{BIN}/audit?action=invited");
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let page = browser.go(&uri).await.text;
        assert!(!page.contains("<0>"), "what people typed is text, never markup");
        let subjects = page.split("<strong>&#60;").skip(1);
        seen.extend(subjects.map(|rest| rest.split("&#62;").next().unwrap().parse::<u32>().unwrap()));
        pages += 1;
        let Some(next) = page.split("<a href=\"").find(|rest| rest.contains("rel=\"next\">Older")) else {
            break;
        };
        uri = next.split('"').next().unwrap().replace("&#38;", "&");
        assert!(uri.contains("action=invited"), "the filter goes on");
    }
    assert_eq!(pages, 3);
    assert_eq!(seen, (0..120).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_search_through_very_many_rows_stops_and_offers_to_go_on() {
    let (house, boss) = house().await;
    write(&house, BIN, vec![row(NOW, "A", AuditAction::Blocked, "НУЖНЫЙ")]).await;
    write(&house, BIN, (0..2100).map(|_| row(NOW, "A", AuditAction::Invited, "x")).collect()).await;
    let mut browser = house.sign_in(boss).await;
    let page = browser.go(&format!("/c/{BIN}/audit?action=blocked")).await.text;
    assert!(page.contains("The last 2000 rows were looked at") && !page.contains("НУЖНЫЙ"));
    let next = page.split("<a href=\"").find(|rest| rest.contains("rel=\"next\"")).unwrap();
    let next = next.split('"').next().unwrap().replace("&#38;", "&");
    assert!(browser.go(&next).await.text.contains("НУЖНЫЙ"));
}

#[tokio::test]
async fn the_file_is_for_spreadsheets_and_runs_nothing() {
    let (house, boss) = house().await;
    let changes = vec![
        FieldChange { field: "phone".into(), before: None, after: Some("+7 701".into()) },
        FieldChange { field: "name".into(), before: Some("=HYPERLINK(\"x\")".into()), after: None },
    ];
    let changed = AuditEntry { changes, ..row(NOW, "@SUM(A1)", AuditAction::ProfileChanged, "") };
    write(&house, BIN, vec![row(NOW, "A", AuditAction::Invited, "a;b"), changed]).await;
    let mut browser = house.sign_in(boss).await;
    let answer = browser.open(&format!("/c/{BIN}/audit.csv")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(
        answer.headers["content-disposition"],
        format!("attachment; filename=\"audit-{BIN}.csv\"").as_str()
    );
    let lines: Vec<&str> = answer.text.split("\r\n").collect();
    assert!(lines[0].starts_with('\u{feff}') && lines[0].contains("\"When\";\"Who\""));
    assert_eq!(lines.len(), 5, "a head, a line for each changed field, one for the row without, the end");
    assert!(lines[1].contains("\"'@SUM(A1)\"") && lines[1].ends_with("\"Phone\";\"\";\"'+7 701\""));
    assert!(lines[2].ends_with("\"Full name\";\"'=HYPERLINK(\"\"x\"\")\";\"\""), "{}", lines[2]);
    assert!(lines[3].contains("\"a;b\""));
    let narrowed = browser.open(&format!("/c/{BIN}/audit.csv?action=invited")).await;
    assert_eq!(narrowed.text.split("\r\n").count(), 3);
    assert_eq!(browser.open(&format!("/c/{BIN}/audit.csv?from=x")).await.status, 422);
}

#[tokio::test]
async fn only_administrators_of_the_company_read_its_audit() {
    let (house, boss) = house().await;
    let reader = house.person("СЕРІКОВ БОЛАТ").await;
    house.company(OTHER, "ТОО «Басқа»", &[(boss, &[Role::Accountant]), (reader, &[Role::Reader])]).await;
    let mut browser = house.sign_in(boss).await;
    for page in ["audit", "audit.csv"] {
        assert_eq!(browser.open(&format!("/c/{OTHER}/{page}")).await.status, 403, "accountant");
        let mut stranger = house.sign_in(reader).await;
        assert_eq!(stranger.open(&format!("/c/{BIN}/{page}")).await.status, 404, "stranger");
        assert_eq!(stranger.open(&format!("/operator/{page}")).await.status, 404);
    }
}

#[tokio::test]
async fn the_operator_reads_its_own_audit() {
    let (house, boss) = house().await;
    house.company(OPERATOR, "ОФД", &[(boss, &[Role::OperatorAdministrator])]).await;
    write(&house, OPERATOR, vec![row(NOW, "A", AuditAction::Blocked, "ҚЫЗМЕТКЕР")]).await;
    write(&house, BIN, vec![row(NOW, "A", AuditAction::Blocked, "ЧУЖОЙ")]).await;
    let mut browser = house.sign_in(boss).await;
    let page = browser.go("/operator/audit").await.text;
    assert!(page.contains("Operator’s audit log") && page.contains("ҚЫЗМЕТКЕР") && !page.contains("ЧУЖОЙ"));
    let file = browser.open("/operator/audit.csv").await;
    assert!(file.text.contains("ҚЫЗМЕТКЕР") && !file.text.contains("ЧУЖОЙ"));
}
