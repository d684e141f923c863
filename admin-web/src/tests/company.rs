//! A company's pages: profile, contacts, attributes, head, addresses, bank accounts.

mod bank_accounts;
mod banks;
mod email;
pub(super) mod parts;
mod revision;

use std::sync::Arc;

use ofd_storage::accounts::{
    AccountId, Address, AddressKind, AuditAction, BankAccount, Company, CompanyKind, Role, organisation,
};
use ofd_storage::memory::MemoryStore;
use ofd_storage::model::Organisation;
use ofd_storage::store::{RecordKind, StoreError, Version};
use ofd_storage::through::Through;

use super::support::people::*;

const BIN: &str = "151140001234";
const OTHER: &str = "990140000021";

/// The example of Kazakhstan in the registry of IBANs: an account in the National Bank.
const IIK: &str = "KZ86125KZT5004100100";

const HOME: &str = "/c/151140001234";

struct Office {
    house: House,
    administrator: AccountId,
}

/// A company with an administrator and a reader, beside another company with people of its own.
async fn office() -> Office {
    office_in(House::open()).await
}

async fn office_in(house: House) -> Office {
    let administrator = house.person("ИВАНОВА АЙГУЛЬ").await;
    let reader = house.person("ЧИТАТЕЛЬ").await;
    let stranger = house.person("СТРАННИК").await;
    let people: [(AccountId, &[Role]); 2] =
        [(administrator, &[Role::Administrator]), (reader, &[Role::Reader])];
    house.company(BIN, "ТОО «Көктем»", &people).await;
    house.company(OTHER, "ТОО «Другое»", &[(stranger, &[Role::Administrator])]).await;
    Office { house, administrator }
}

impl Office {
    async fn browser(&self) -> Browser {
        self.house.sign_in(self.administrator).await
    }

    /// A browser of whoever has this place among the company's people.
    async fn browser_of(&self, bin: &str, place: usize) -> Browser {
        let member = self.house.company_of(bin).await.members[place].account;
        self.house.sign_in(member).await
    }

    async fn company(&self) -> Company {
        self.house.company_of(BIN).await
    }

    /// What the audit has beside looks and sessions, the newest first.
    async fn actions(&self) -> Vec<AuditAction> {
        self.house.audit(BIN).await.into_iter().map(|row| row.action).collect()
    }

    async fn organisation(&self) -> Option<Organisation> {
        organisation(&*self.house.store, BIN).await.unwrap()
    }

    async fn with_address(&self, kind: AddressKind, street: &str) -> u32 {
        let mut id = 0;
        self.house
            .change_company(BIN, |company| {
                id = company.take_id();
                company.addresses.push(Address {
                    id,
                    revision: 1,
                    kind,
                    country: "KZ".into(),
                    settlement: "710000000".into(),
                    place: "г. Астана".into(),
                    place_kz: Some("Астана қ.".into()),
                    street: street.into(),
                    email: String::new(),
                    phone: String::new(),
                });
            })
            .await;
        id
    }

    async fn with_account(&self, iik: &str, is_default: bool) -> u32 {
        let mut id = 0;
        self.house
            .change_company(BIN, |company| {
                id = company.take_id();
                company.bank_accounts.push(BankAccount {
                    id,
                    revision: 1,
                    iik: iik.into(),
                    bic: "NBRKKZKX".into(),
                    bank: "Национальный Банк".into(),
                    kbe: "17".into(),
                    kind: "current".into(),
                    is_default,
                    is_guarantee: false,
                });
            })
            .await;
        id
    }
}

const ADDRESS: [(&str, &str); 4] =
    [("kind", "legal"), ("country", "KZ"), ("settlement", "710000000"), ("street", "ул. Сарайшық, 44")];

/// The same form with other values.
fn with<'a>(form: &[(&'a str, &'a str)], others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = form.iter().filter(|(name, _)| !others.iter().any(|(other, _)| other == name));
    kept.chain(others).copied().collect()
}

#[tokio::test]
async fn an_empty_company_says_what_to_do_next() {
    let office = office().await;
    let mut browser = office.browser().await;
    let page = browser.open(HOME).await;
    assert_eq!(page.status, 200);
    for part in [
        "ТОО «Көктем»",
        BIN,
        "Legal entity",
        "Add the legal address",
        "Add an account: contracts",
        "Say who leads",
    ] {
        assert!(page.text.contains(part), "{part} is not in {}", page.text);
    }
    for path in ["contacts", "attributes", "head", "addresses/new", "bank-accounts/new"] {
        assert!(page.text.contains(&format!("{HOME}/{path}\"")), "{path}");
    }
    assert!(page.text.len() < 100 * 1024);
    let welcome = browser.open(&format!("{HOME}?done=welcome")).await;
    assert!(welcome.text.contains("The organisation is registered") && welcome.text.contains("/employees\""));
    let forged = browser.open(&format!("{HOME}?done=%3Cb%3Ex")).await;
    assert!(
        !forged.text.contains("<b>x") && !forged.text.contains("class=\"done\""),
        "notices come from a closed set"
    );
}

#[tokio::test]
async fn pages_are_in_the_language_of_who_asks() {
    let office = office().await;
    office.with_address(AddressKind::Legal, "Сарайшық, 44").await;
    let mut browser = office.browser().await;
    for (language, place, heading) in [
        ("ru", "г. Астана, Сарайшық, 44", "Юридический адрес"),
        ("kk", "Астана қ., Сарайшық, 44", "Заңды мекенжай"),
    ] {
        browser.language = language.into();
        let page = browser.open(HOME).await;
        assert!(page.text.contains(place) && page.text.contains(heading), "{}", page.text);
    }
}

#[tokio::test]
async fn who_reads_sees_everything_and_changes_nothing() {
    let office = office().await;
    let address = office.with_address(AddressKind::Legal, "1").await;
    let account = office.with_account(IIK, true).await;
    let mut reader = office.browser_of(BIN, 1).await;
    let page = reader.open(HOME).await;
    assert!(page.text.contains("KZ86 125K ZT50 0410 0100"));
    assert!(
        !page.text.contains("/new\"")
            && !page.text.contains("/contacts\"")
            && !page.text.contains("/delete\"")
    );
    let csrf =
        page.text.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let before = office.company().await;
    let paths =
        ["contacts", "attributes", "head", "addresses/new", "bank-accounts/new", "banks", "banks/new"];
    let mut paths: Vec<String> = paths.iter().map(|path| format!("{HOME}/{path}")).collect();
    for part in [format!("{HOME}/addresses/{address}"), format!("{HOME}/bank-accounts/{account}")] {
        paths.extend([format!("{part}/delete"), part]);
    }
    for path in paths {
        assert_eq!(reader.open(&path).await.status, 403, "{path}");
        if path.ends_with("/banks") {
            continue;
        }
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let body = format!(
            "csrf={csrf}&email=a@example.kz&position=A&name=B&revision=1&street=A&settlement=710000000&kind=legal"
        );
        assert_eq!(reader.send("POST", &path, &kind, body).await.status, 403, "{path}");
    }
    assert_eq!(office.company().await, before);
}

#[tokio::test]
async fn another_company_and_its_parts_are_not_there() {
    let office = office().await;
    let address = office.with_address(AddressKind::Legal, "1").await;
    let account = office.with_account(IIK, true).await;
    let mut stranger = office.browser_of(OTHER, 0).await;
    for path in [
        "",
        "/contacts",
        &format!("/addresses/{address}"),
        &format!("/bank-accounts/{account}/delete"),
        "/banks",
    ] {
        assert_eq!(stranger.open(&format!("{HOME}{path}")).await.status, 404, "{path}");
        let of_own = format!("/c/{OTHER}{path}");
        let is_part = path.chars().any(|char| char.is_ascii_digit());
        assert_eq!(
            stranger.open(&of_own).await.status == 404,
            is_part,
            "{of_own}: ids count in their company alone"
        );
    }
    let mut nobody = office.house.browser();
    assert!(location(&nobody.open(HOME).await).starts_with("/login?next=%2Fc%2F"));
}

#[tokio::test]
async fn contacts_are_changed_with_an_audit() {
    let office = office().await;
    let mut browser = office.browser().await;
    let path = format!("{HOME}/contacts");
    browser.go(&path).await;
    let wrong = [("email", "no address"), ("phones", "+77172123456"), ("site", "example.kz")];
    let answer = browser.submit(&path, &wrong).await;
    assert_eq!(answer.status, 422);
    assert!(
        answer.text.contains("This is no e-mail address") && answer.text.contains("value=\"no address\"")
    );
    let answer = browser.submit(&path, &with(&wrong, &[("email", "info@example.kz")])).await;
    assert_eq!(location(&answer), format!("{HOME}?done=contacts"));
    assert!(browser.open(&location(&answer)).await.text.contains("Contacts are saved."));
    assert!(browser.page.contains("href=\"https://example.kz\""));
    let audit = office.house.audit(BIN).await;
    let fields: Vec<&str> = audit[0].changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!((audit[0].action, fields), (AuditAction::ProfileChanged, vec!["email", "phones", "site"]));
    assert_eq!(audit[0].actor.account, Some(office.administrator));
    assert_eq!(audit.len(), 1, "what was refused is no change");
}

#[tokio::test]
async fn the_second_of_two_administrators_loses_nothing_and_sees_what_changed() {
    let office = office().await;
    let (mut first, mut second) = (office.browser().await, office.browser().await);
    let path = format!("{HOME}/contacts");
    first.go(&path).await;
    second.go(&path).await;
    first.submit(&path, &[("email", "first@example.kz"), ("phones", "")]).await;
    let typed = [("email", "second@example.kz"), ("phones", "+77172123456")];
    let answer = second.submit(&path, &typed).await;
    assert_eq!(answer.status, 409);
    for part in [
        "value=\"second@example.kz\"",
        "value=\"+77172123456\"",
        "Stored now: first@example.kz",
        "ИВАНОВА АЙГУЛЬ",
    ] {
        assert!(answer.text.contains(part), "{part} is not in {}", answer.text);
    }
    assert_eq!(office.company().await.profile.email, "first@example.kz");
    let answer = second.submit(&path, &typed).await;
    assert_eq!(location(&answer), format!("{HOME}?done=contacts"), "sending again saves");
    assert_eq!(office.company().await.profile.email, "second@example.kz");
}

#[tokio::test]
async fn a_form_sent_twice_is_one_change() {
    let office = office().await;
    let mut browser = office.browser().await;
    let contacts = format!("{HOME}/contacts");
    browser.go(&contacts).await;
    let page = browser.page.clone();
    for _ in 0..2 {
        browser.page.clone_from(&page);
        let answer = browser.submit(&contacts, &[("email", "info@example.kz")]).await;
        assert_eq!(location(&answer), format!("{HOME}?done=contacts"));
    }
    let new = format!("{HOME}/addresses/new");
    browser.go(&new).await;
    let page = browser.page.clone();
    for _ in 0..2 {
        browser.page.clone_from(&page);
        assert_eq!(location(&browser.submit(&new, &ADDRESS).await), format!("{HOME}?done=address-added"));
    }
    let new = format!("{HOME}/bank-accounts/new");
    browser.go(&new).await;
    let page = browser.page.clone();
    for _ in 0..2 {
        browser.page.clone_from(&page);
        let answer = browser.submit(&new, &[("iik", IIK), ("kbe", "17"), ("account_kind", "current")]).await;
        assert_eq!(location(&answer), format!("{HOME}?done=account-added"));
    }
    use AuditAction::{AddressAdded, BankAccountAdded, ProfileChanged};
    assert_eq!(office.actions().await, [BankAccountAdded, AddressAdded, ProfileChanged]);
    let company = office.company().await;
    assert_eq!((company.addresses.len(), company.bank_accounts.len()), (1, 1));
}

#[tokio::test]
async fn attributes_make_the_kbe_of_accounts() {
    let office = office().await;
    office.with_account(IIK, true).await;
    let mut browser = office.browser().await;
    let path = format!("{HOME}/attributes");
    browser.go(&path).await;
    assert!(browser.page.contains("name=\"is_resident\" value=\"yes\" checked"), "{}", browser.page);
    let typed = [
        ("registered_on", "2015-11-02"),
        ("legal_form", "20"),
        ("sector", "6"),
        ("ownership", "private"),
        ("size", "small"),
        ("oked", "56.10.1"),
    ];
    let wrong = browser.submit(&path, &with(&typed, &[("oked", "34111")])).await;
    assert!(wrong.status == 422 && wrong.text.contains("A code of OKED has five digits"), "{}", wrong.text);
    assert!(wrong.text.contains("value=\"34111\""), "what was typed stands there");
    let answer = browser.submit(&path, &with(&typed, &[("registered_on", "2999-01-01")])).await;
    assert_eq!(answer.status, 422);
    assert!(
        answer.text.contains("This date is still to come")
            && answer.text.contains("<option value=\"6\" selected>")
    );
    assert_eq!(location(&browser.submit(&path, &typed).await), format!("{HOME}?done=attributes"));
    let company = office.company().await;
    assert_eq!(company.bank_accounts[0].kbe, "26", "not ticked: no resident");
    use AuditAction::{BankAccountChanged, ProfileChanged};
    assert_eq!(office.actions().await, [BankAccountChanged, ProfileChanged]);
    let page = browser.go(HOME).await;
    assert!(page.text.contains("2\u{a0}Nov 2015") && page.text.contains("KBe 26"), "{}", page.text);
    let named = ofd_storage::accounts::organisation(&*office.house.store, BIN).await.unwrap().unwrap();
    assert!(page.text.contains("56101") && named.okved == "56101", "tills are told it: {named:?}");
    let row = &office.house.audit(BIN).await[1];
    assert!(
        row.changes.iter().any(|change| change.field == "oked" && change.after.as_deref() == Some("56101"))
    );
}

#[tokio::test]
async fn the_head_is_chosen_among_employees_or_typed() {
    let office = office().await;
    let mut browser = office.browser().await;
    let path = format!("{HOME}/head");
    browser.go(&path).await;
    assert!(browser.page.contains("value=\"Director\""), "the usual position stands there");
    let employee = office.administrator.to_string();
    let both = [("employee", employee.as_str()), ("name", "ПЕТРОВ"), ("position", "Директор")];
    let answer = browser.submit(&path, &both).await;
    assert!(answer.status == 422 && answer.text.contains("Leave only one"), "{}", answer.text);
    let stranger = office.house.company_of(OTHER).await.members[0].account.to_string();
    let answer = browser.submit(&path, &[("employee", stranger.as_str()), ("position", "Директор")]).await;
    assert!(
        answer.status == 422 && !answer.text.contains("СТРАННИК"),
        "people of other companies are nobody's head here"
    );
    let answer = browser.submit(&path, &with(&both, &[("name", "")])).await;
    assert_eq!(location(&answer), format!("{HOME}?done=head"));
    let head = office.company().await.profile.head;
    assert_eq!((head.account, head.name.as_str()), (Some(office.administrator), "ИВАНОВА АЙГУЛЬ"));
    browser.go(&path).await;
    let typed =
        [("employee", ""), ("name", "ПЕТРОВ ПЁТР"), ("iin", "123456789012"), ("position", "Президент")];
    let answer = browser.submit(&path, &typed).await;
    assert!(answer.status == 422 && answer.text.contains("typing error in the IIN"), "{}", answer.text);
    assert_eq!(
        location(&browser.submit(&path, &with(&typed, &[("iin", "")])).await),
        format!("{HOME}?done=head")
    );
    assert_eq!(office.company().await.profile.head.account, None);
}

#[tokio::test]
async fn an_entrepreneur_is_his_own_head() {
    let office = office().await;
    office.house.change_company(BIN, |company| company.kind = CompanyKind::Entrepreneur).await;
    let mut browser = office.browser().await;
    let page = browser.go(HOME).await;
    assert!(page.text.contains("Individual entrepreneur") && !page.text.contains("/head\""));
    assert_eq!(browser.open(&format!("{HOME}/head")).await.status, 404);
}

#[tokio::test]
async fn a_settlement_is_found_without_script_and_nothing_typed_is_lost() {
    let office = office().await;
    let mut browser = office.browser().await;
    let new = format!("{HOME}/addresses/new");
    browser.go(&new).await;
    let typed = with(&ADDRESS, &[("kind", "actual"), ("settlement", ""), ("settlement_query", "алматы")]);
    let answer = browser.submit(&new, &with(&typed, &[("find", "yes")])).await;
    assert_eq!(answer.status, 200, "a search is no mistake");
    for part in ["value=\"750000000\"", "value=\"ул. Сарайшық, 44\"", "<option value=\"actual\" selected>"]
    {
        assert!(answer.text.contains(part), "{part} is not in {}", answer.text);
    }
    assert!(office.company().await.addresses.is_empty());
    let answer = browser.submit(&new, &typed).await;
    assert!(answer.status == 422 && answer.text.contains("Choose the settlement"), "{}", answer.text);
    let answer = browser.submit(&new, &with(&typed, &[("settlement", "750000000")])).await;
    assert_eq!(location(&answer), format!("{HOME}?done=address-added"));
    assert_eq!(office.company().await.addresses[0].place, "г. Алматы");
    browser.go(&new).await;
    for (query, text) in [("йййй", "Nothing was found"), ("а", "These are not all")] {
        let searched = with(&typed, &[("settlement_query", query), ("find", "yes")]);
        assert!(browser.submit(&new, &searched).await.text.contains(text), "{query}");
    }
}

#[tokio::test]
async fn an_address_abroad_is_typed() {
    let office = office().await;
    let mut browser = office.browser().await;
    let new = format!("{HOME}/addresses/new");
    browser.go(&new).await;
    let typed = [("kind", "postal"), ("country", "DE"), ("place", ""), ("street", "Unter den Linden 1")];
    let answer = browser.submit(&new, &typed).await;
    assert!(
        answer.status == 422 && answer.text.contains("<details class=\"field\" open>"),
        "{}",
        answer.text
    );
    browser.submit(&new, &with(&typed, &[("place", "Berlin")])).await;
    let address = &office.company().await.addresses[0];
    assert_eq!(
        (address.country.as_str(), address.place.as_str(), address.settlement.as_str()),
        ("DE", "Berlin", "")
    );
}

#[tokio::test]
async fn receipts_follow_the_legal_address() {
    let office = office().await;
    let mut browser = office.browser().await;
    let new = format!("{HOME}/addresses/new");
    browser.go(&new).await;
    browser.submit(&new, &ADDRESS).await;
    let organisation = office.organisation().await.unwrap();
    assert_eq!(organisation.address, "г. Астана, ул. Сарайшық, 44");
    assert_eq!(organisation.address_kz.as_deref(), Some("Астана қ., ул. Сарайшық, 44"));
    let one = format!("{HOME}/addresses/{}", office.company().await.addresses[0].id);
    browser.go(&one).await;
    browser.submit(&one, &with(&ADDRESS, &[("street", "ул. Абая, 1")])).await;
    assert_eq!(office.organisation().await.unwrap().address, "г. Астана, ул. Абая, 1");
}

/// A store whose process ends before it has written a record of an organisation.
struct WithoutRecords(Arc<MemoryStore>);

impl Through for WithoutRecords {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.0
    }

    async fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: bytes::Bytes,
    ) -> Result<Version, StoreError> {
        match kind {
            RecordKind::Organisation => Err(StoreError::Unavailable { reason: "the process ended".into() }),
            _ => ofd_storage::store::Store::put_record(&*self.0, kind, key, expected, bytes).await,
        }
    }
}

#[tokio::test]
async fn a_process_that_ends_behind_a_change_leaves_no_receipt_with_the_former_address() {
    let office = office_in(House::over(WithoutRecords)).await;
    let mut browser = office.browser().await;
    let new = format!("{HOME}/addresses/new");
    browser.go(&new).await;
    browser.submit(&new, &ADDRESS).await;
    assert_eq!(office.company().await.addresses.len(), 1, "the change itself was made");
    assert_eq!(office.organisation().await.unwrap().address, "г. Астана, ул. Сарайшық, 44");
}

#[tokio::test]
async fn the_only_legal_address_stays() {
    let office = office().await;
    let id = office.with_address(AddressKind::Legal, "1").await;
    let mut browser = office.browser().await;
    assert!(!browser.go(HOME).await.text.contains("/delete\""));
    let delete = format!("{HOME}/addresses/{id}/delete");
    let page = browser.go(&delete).await;
    assert!(page.text.contains("cannot be deleted") && !page.text.contains("Yes, delete"));
    let csrf = browser.hidden("/sign-out");
    let body = format!("csrf={}&revision=1", csrf[0].1);
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let again = location(&browser.send("POST", &delete, &kind, body).await);
    assert_eq!(browser.open(&again).await.status, 409);
    let one = format!("{HOME}/addresses/{id}");
    browser.go(&one).await;
    let answer = browser.submit(&one, &with(&ADDRESS, &[("kind", "postal")])).await;
    assert!(
        answer.status == 422 && answer.text.contains("This is the only legal address"),
        "{}",
        answer.text
    );
    assert_eq!(office.company().await.addresses.len(), 1);
    let other = office.with_address(AddressKind::Legal, "2").await;
    browser.go(&delete).await;
    assert_eq!(location(&browser.submit(&delete, &[]).await), format!("{HOME}?done=address-deleted"));
    let left = office.company().await.addresses;
    assert!(left.len() == 1 && left[0].id == other);
    assert_eq!(office.actions().await, [AuditAction::AddressDeleted]);
}

#[tokio::test]
async fn deleting_twice_is_harmless() {
    let office = office().await;
    office.with_address(AddressKind::Legal, "1").await;
    let id = office.with_address(AddressKind::Postal, "2").await;
    let mut browser = office.browser().await;
    let delete = format!("{HOME}/addresses/{id}/delete");
    browser.go(&delete).await;
    let page = browser.page.clone();
    assert_eq!(location(&browser.submit(&delete, &[]).await), format!("{HOME}?done=address-deleted"));
    browser.page = page;
    assert_eq!(location(&browser.submit(&delete, &[]).await), format!("{HOME}?done=gone"));
    assert_eq!(browser.open(&delete).await.status, 404);
}

#[tokio::test]
async fn an_address_that_changed_meanwhile_is_neither_overwritten_nor_deleted() {
    let office = office().await;
    office.with_address(AddressKind::Legal, "1").await;
    let id = office.with_address(AddressKind::Postal, "2").await;
    let (mut first, mut second, mut third) =
        (office.browser().await, office.browser().await, office.browser().await);
    let one = format!("{HOME}/addresses/{id}");
    first.go(&one).await;
    second.go(&one).await;
    third.go(&format!("{one}/delete")).await;
    let postal = with(&ADDRESS, &[("kind", "postal")]);
    first.submit(&one, &with(&postal, &[("street", "first")])).await;
    let answer =
        second.submit(&one, &with(&postal, &[("street", "second"), ("phone", "+77172123456")])).await;
    assert_eq!(answer.status, 409);
    for part in ["value=\"second\"", "Stored now: first", "Stored now: nothing", "ИВАНОВА АЙГУЛЬ"]
    {
        assert!(answer.text.contains(part), "{part} is not in {}", answer.text);
    }
    let answer = third.submit(&format!("{one}/delete"), &[]).await;
    assert!(answer.status == 409 && answer.text.contains("Astana, first"), "{}", answer.text);
    assert_eq!(office.company().await.addresses.len(), 2);
    let answer = third.submit(&format!("{one}/delete"), &[]).await;
    assert_eq!(location(&answer), format!("{HOME}?done=address-deleted"), "asked again, one may");
}

#[tokio::test]
async fn ids_that_are_none_lead_nowhere() {
    let office = office().await;
    let mut browser = office.browser().await;
    for path in
        ["addresses/0", "addresses/x", "addresses/99999999999", "bank-accounts/7", "bank-accounts/-1/delete"]
    {
        assert_eq!(browser.open(&format!("{HOME}/{path}")).await.status, 404, "{path}");
    }
}
