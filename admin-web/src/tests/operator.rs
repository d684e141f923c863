//! The operator's look at organisations: found by number, and written down before it is shown.

use ofd_storage::accounts::{AccountId, AuditAction, Company, OPERATOR, Role};
use ofd_storage::model::{Organisation, create};
use ofd_storage::store::{Append, Store};

use super::support::people::House;

const BIN: &str = "151140001234";
const OTHER: &str = "990940003176";

async fn house() -> (House, AccountId, AccountId) {
    let house = House::open();
    let boss = house.person("АХМЕТОВА САУЛЕ").await;
    let support = house.person("ҚОЛДАУ ҚЫЗМЕТІ").await;
    let inspector = house.person("САЛЫҚ ИНСПЕКТОРЫ").await;
    house.company(BIN, "ТОО «Көктем»", &[(boss, &[Role::Administrator])]).await;
    let staff: &[(AccountId, &[Role])] = &[(support, &[Role::Support]), (inspector, &[Role::TaxInspector])];
    house.company(OPERATOR, "ОФД", staff).await;
    (house, support, inspector)
}

async fn organisation(house: &House, bin: &str, title: &str) {
    let (bin, title) = (bin.to_owned(), title.to_owned());
    let organisation =
        Organisation { bin, title, address: String::new(), address_kz: None, okved: "47111".into() };
    assert!(create(&*house.store, &organisation).await.unwrap());
}

/// The list with something typed into its search.
fn asked(typed: &str) -> String {
    format!("/operator/companies?q={}", form_urlencoded::byte_serialize(typed.as_bytes()).collect::<String>())
}

#[tokio::test]
async fn organisations_are_found_by_the_first_digits() {
    let (house, support, _) = house().await;
    organisation(&house, OTHER, "ТОО «Басқа»").await;
    organisation(&house, "990940009999", "ТОО «Үшінші»").await;
    let mut browser = house.sign_in(support).await;
    let page = browser.go("/operator/companies").await.text;
    assert!(
        page.contains("ТОО «Басқа»") && page.contains("ТОО «Көктем»"),
        "all of them, while nothing is asked for"
    );
    let page = browser.go("/operator/companies?q=99+0940").await.text;
    assert!(page.contains("ТОО «Басқа»") && page.contains("ТОО «Үшінші»") && page.contains(OTHER));
    assert!(!page.contains("ТОО «Көктем»"));
    let page = browser.go("/operator/companies?q=9909400031").await.text;
    assert!(page.contains("ТОО «Басқа»") && !page.contains("ТОО «Үшінші»"));
    let page = browser.go(&format!("/operator/companies?q={BIN}")).await.text;
    assert!(page.contains("ТОО «Көктем»"), "one without registers is found as well");
    assert!(browser.go("/operator/companies?q=777").await.text.contains("There is no such organisation"));
    assert!(!browser.go(&format!("/operator/companies?q={OPERATOR}")).await.text.contains("ОФД</td>"));
    assert!(!browser.go(&asked("ОФД")).await.text.contains("ОФД</td>"), "it is none of them");
}

#[tokio::test]
async fn an_organisation_whose_registers_were_changed_has_not_joined_for_all_that() {
    let (house, support, _) = house().await;
    house.blocked_register(OTHER).await;
    let mut browser = house.sign_in(support).await;
    assert!(browser.go("/operator/companies?q=9909").await.text.contains("ТОО «Из файла»"));
    for page in ["", "/audit"] {
        let answer = browser.open(&format!("/operator/companies/{OTHER}{page}")).await;
        assert_eq!(answer.status, 404);
        assert!(answer.text.contains("have not signed up"), "{}", answer.text);
    }
    let actions: Vec<AuditAction> = house.audit(OTHER).await.iter().map(|entry| entry.action).collect();
    assert_eq!(actions, [AuditAction::RegisterBlocked], "nothing was shown, so nothing was looked at");
}

#[tokio::test]
async fn organisations_are_found_by_the_beginning_of_any_word_of_their_name() {
    let (house, support, _) = house().await;
    organisation(&house, OTHER, "ТОО «Басқа дүкен»").await;
    let mut browser = house.sign_in(support).await;
    for (typed, is_found) in
        [("бас", true), ("дүк", true), ("тоо дүкен", true), ("асқа", false), ("бас көк", false)]
    {
        let page = browser.go(&asked(typed)).await.text;
        assert_eq!(page.contains(OTHER), is_found, "{typed}");
        assert!(page.contains(&format!("value=\"{typed}\"")), "what was typed stays");
    }
}

#[tokio::test]
async fn organisations_are_told_apart_by_whether_their_people_have_come() {
    let (house, support, _) = house().await;
    organisation(&house, OTHER, "ТОО «Басқа»").await;
    let mut browser = house.sign_in(support).await;
    let here = browser.go("/operator/companies?people=here").await.text;
    assert!(here.contains(BIN) && !here.contains(OTHER));
    let absent = browser.go("/operator/companies?people=absent").await.text;
    assert!(absent.contains(OTHER) && !absent.contains(BIN));
    let any = browser.go("/operator/companies?people=whatever").await.text;
    assert!(any.contains(OTHER) && any.contains(BIN), "a word that is none of ours narrows nothing");
}

#[tokio::test]
async fn a_long_list_goes_on_where_it_stopped_and_comes_whole_as_a_file() {
    let (house, support, _) = house().await;
    for index in 0..51 {
        organisation(&house, &format!("8801{index:08}"), "ТОО").await;
    }
    let mut browser = house.sign_in(support).await;
    let shown = |page: &str| page.matches("href=\"/operator/companies/8801").count();
    let page = browser.go("/operator/companies?q=8801").await.text;
    assert_eq!(shown(&page), 50);
    let next = page.split("href=\"").find(|rest| rest.contains("rel=\"next\"")).unwrap();
    let next = next.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
    let last = browser.go(&next).await.text;
    assert_eq!(shown(&last), 1);
    assert!(!last.contains("rel=\"next\"") && last.contains("To the beginning"));
    let file = browser.open("/operator/companies.csv?q=8801").await;
    assert_eq!(file.headers["content-disposition"], "attachment; filename=\"organisations.csv\"");
    assert_eq!(file.text.matches("\"8801").count(), 51);
    assert!(file.text.starts_with("\u{feff}\"BIN"), "{}", file.text);
    let made_up = browser.go("/operator/companies?q=8801&after=nowhere").await.text;
    assert_eq!(shown(&made_up), 50, "a cursor that is none begins anew");
}

#[tokio::test]
async fn every_look_is_in_the_companys_audit() {
    let (house, support, _) = house().await;
    let mut browser = house.sign_in(support).await;
    let card = format!("/operator/companies/{BIN}");
    let page = browser.go(&card).await.text;
    assert!(
        page.contains("ТОО «Көктем»")
            && page.contains("АХМЕТОВА САУЛЕ")
            && page.contains("This view is recorded")
    );
    let page = browser.go(&format!("{card}/audit")).await.text;
    assert!(page.contains("Viewed by operator") && page.contains("Organisation profile"));
    browser.go(&format!("{card}/audit?action=looked")).await;
    let rows = house.audit(BIN).await;
    let subjects: Vec<&str> = rows.iter().map(|row| row.subject.text.as_str()).collect();
    assert_eq!(subjects, ["audit", "audit", "card"]);
    for row in rows {
        assert_eq!((row.action, row.actor.account), (AuditAction::Looked, Some(support)));
        assert!(row.actor.is_operator && !row.address.is_empty());
    }
    let boss = house.company_of(BIN).await.members[0].account;
    let mut boss = house.sign_in(boss).await;
    assert!(
        boss.go(&format!("/c/{BIN}/audit")).await.text.contains("ҚОЛДАУ ҚЫЗМЕТІ"),
        "the company sees who looked"
    );
}

#[tokio::test]
async fn a_look_that_cannot_be_written_down_is_not_shown() {
    let (house, support, _) = house().await;
    let mut browser = house.sign_in(support).await;
    browser.go("/operator/companies").await;
    // A head that is no company can be neither read nor changed.
    let stream = Company::stream_of(BIN).unwrap();
    let head = house.store.head(stream).await.unwrap().unwrap();
    let (stamp, bytes) = (ofd_storage::store::Stamp([9; 16]), "{}".into());
    let damage = Append {
        stream,
        expected: Some(head.version),
        stamp,
        head: bytes,
        rows: Vec::new(),
        notes: Vec::new(),
    };
    house.store.append(damage).await.unwrap();
    for page in ["", "/audit"] {
        let answer = browser.open(&format!("/operator/companies/{BIN}{page}")).await;
        assert_eq!(answer.status, 500);
        assert!(!answer.text.contains("АХМЕТОВА"));
    }
}

#[tokio::test]
async fn what_is_no_company_has_no_card() {
    let (house, support, _) = house().await;
    organisation(&house, OTHER, "ТОО «Басқа»").await;
    let mut browser = house.sign_in(support).await;
    for page in ["", "/audit"] {
        for bin in [OPERATOR, "777777777777", "abc", "15114000123", "0"] {
            assert_eq!(browser.open(&format!("/operator/companies/{bin}{page}")).await.status, 404, "{bin}");
        }
        let answer = browser.open(&format!("/operator/companies/{OTHER}{page}")).await;
        assert_eq!(answer.status, 404);
        assert!(answer.text.contains("have not signed up"), "its registers are known, its people are not");
    }
}

#[tokio::test]
async fn an_inspector_sees_cards_and_no_audit() {
    let (house, _, inspector) = house().await;
    let mut browser = house.sign_in(inspector).await;
    let card = format!("/operator/companies/{BIN}");
    assert!(!browser.go(&card).await.text.contains("Audit log"));
    assert_eq!(browser.open(&format!("{card}/audit")).await.status, 403);
    assert_eq!(house.audit(BIN).await.len(), 1, "what was refused is no look");
}

#[tokio::test]
async fn administrators_of_companies_are_no_operators() {
    let (house, _, _) = house().await;
    let boss = house.company_of(BIN).await.members[0].account;
    let mut browser = house.sign_in(boss).await;
    for page in ["", &format!("/{BIN}"), &format!("/{BIN}/audit")] {
        assert_eq!(browser.open(&format!("/operator/companies{page}")).await.status, 404);
    }
    assert!(house.audit(BIN).await.is_empty());
}
