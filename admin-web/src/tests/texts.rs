//! Words that people misread, and what stands there instead.

use ofd_storage::accounts::{Address, AddressKind, CompanyKind, OPERATOR, Role};

use super::support::people::{House, location};
use super::support::{Goods, Shop, Ticket, get};
use crate::directories::account_types;
use crate::language::Language::{self, English, Kazakh, Russian};
use crate::texts::{dictionary, source};

const BIN: &str = "151140001234";
const TRADER: &str = "900101350121";

#[test]
fn labels_say_what_they_mean() {
    let dictionary = dictionary().unwrap();
    for (language, key, text) in [
        (Russian, "company-kind", "Вид"),
        (Kazakh, "company-kind", "Түрі"),
        (Kazakh, "company-since", "Сайтта тіркелген күні"),
        (Russian, "company-attributes", "Регистрационные сведения"),
        (Russian, "staff-any-role", "Любая"),
        (Russian, "staff-any-state", "Любое"),
        (Russian, "signature-failed", "Не пройдена"),
        (Russian, "audit-field-bank-name", "Название банка"),
        (Russian, "company-bank-approved", "Одобрена"),
        (Russian, "audit-bank-approved", "Заявка на банк одобрена"),
        (Russian, "staff-no-role-invited", "Выберите хотя бы одну роль."),
        (Russian, "operator-search", "БИН, ИИН или название"),
        (Russian, "staff-rights", "Права сотрудника"),
        (Russian, "offline", "Оформлен без связи"),
        (Kazakh, "account-sessions", "Кірген құрылғылар"),
        (Kazakh, "menu-staff", "Қызметкерлер"),
        (English, "audit-looked", "Viewed by operator"),
        (English, "audit-page-card", "Organisation profile"),
    ] {
        assert_eq!(dictionary.words(language).say(key), text, "{key} in {}", language.code());
    }
    assert!(
        dictionary
            .words(Russian)
            .say_count("login-password-wrong", 5)
            .starts_with("Неверный логин или пароль.")
    );
    assert_eq!(account_types().find("current").unwrap().names.of(Russian), "Текущий счёт");
}

#[test]
fn one_thing_has_one_name_in_all_texts_of_a_language() {
    let never: [(Language, &[&str]); 3] = [
        (Russian, &["омпани", "утвержд", "Утверд", " счет ", "Автономный\n"]),
        (Kazakh, &["омпания", "ерсонал", "чекте басыл", "чектерде басыл", "Тіркеліп қойғансыз"]),
        (English, &["ompany", "Looked at by", "card of the"]),
    ];
    for (language, words) in never {
        // Names of what is put into a text are no text, and nobody reads notes.
        let texts: String = source(language)
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| {
                line.split_once(" = ").map_or(line, |(_, text)| text).replace("{ $company }", "") + "\n"
            })
            .collect();
        for word in words {
            let found = texts.lines().find(|line| format!("{line}\n").contains(word));
            assert_eq!(found, None, "{word:?} in {}", language.code());
        }
    }
}

#[tokio::test]
async fn units_take_the_form_of_their_number() {
    let shop = Shop::open().await;
    let goods = vec![
        Goods { unit: "796", ..Goods::new("Bread", 1_000, 10_000, 10_000) },
        Goods { unit: "796", ..Goods::new("Milk", 2_000, 10_000, 20_000) },
        Goods { unit: "778", ..Goods::new("Tea", 1_500, 10_000, 15_000) },
        Goods { unit: "5114", ..Goods::new("Haircut", 5_000, 10_000, 50_000) },
    ];
    let total = 95_000;
    let paper =
        shop.accept(&Ticket { goods, total, taken: Some(total), ..Ticket::default() }.payload()).await;
    let site = shop.site();
    let english = get(&site, &format!("{}&lang=en", paper.page()), &[]).await.text;
    for formula in ["1\u{a0}pc ×", "2\u{a0}pcs ×", "1.5\u{a0}packs ×", "5\u{a0}services ×"] {
        assert!(english.contains(formula), "{formula}");
    }
    let russian = get(&site, &format!("{}&lang=ru", paper.page()), &[]).await.text;
    assert!(russian.contains("1\u{a0}шт. ×") && russian.contains("5\u{a0}услуг ×"), "{russian}");
}

#[tokio::test]
async fn a_sole_trader_is_called_one_in_kazakh_too() {
    let shop = Shop::on(ofd_storage::memory::MemoryStore::new(), "ИП АХМЕТОВА").await;
    let paper = shop.accept(&Ticket::usual().payload()).await;
    let page = get(&shop.site(), &format!("{}&lang=kk", paper.page()), &[]).await.text;
    assert!(page.contains("ЖК АХМЕТОВА") && !page.contains("ИП АХМЕТОВА"));

    let house = House::open();
    let boss = house.person("АХМЕТОВА САУЛЕ").await;
    house.company(TRADER, "ИП АХМЕТОВА САУЛЕ", &[(boss, &[Role::Administrator])]).await;
    house.change_company(TRADER, |company| company.kind = CompanyKind::Entrepreneur).await;
    let mut browser = house.sign_in(boss).await;
    for (language, title, other) in
        [("kk", "ЖК АХМЕТОВА", "ИП АХМЕТОВА"), ("ru", "ИП АХМЕТОВА", "ЖК АХМЕТОВА")]
    {
        browser.language = language.into();
        for page in ["/cabinet".to_owned(), format!("/c/{TRADER}"), format!("/c/{TRADER}/employees")] {
            let page = browser.go(&page).await.text;
            assert!(page.contains(title) && !page.contains(other), "{language}: {page}");
        }
    }
}

#[tokio::test]
async fn an_address_of_the_directory_is_told_in_the_pages_language() {
    let house = House::open();
    let boss = house.person("АХМЕТОВА САУЛЕ").await;
    let support = house.person("ҚОЛДАУ").await;
    house.company(BIN, "ТОО «Көктем»", &[(boss, &[Role::Administrator])]).await;
    house.company(OPERATOR, "ОФД", &[(support, &[Role::OperatorAdministrator])]).await;
    let mut boss = house.sign_in(boss).await;
    let new = format!("/c/{BIN}/addresses/new");
    boss.go(&new).await;
    let typed = [("kind", "legal"), ("country", "KZ"), ("settlement", "111010000"), ("street", "Абая, 1")];
    location(&boss.submit(&new, &typed).await);
    let mut support = house.sign_in(support).await;
    for (language, told) in [
        ("ru", "Акмолинская область, Кокшетау г.а., г. Кокшетау, Абая, 1"),
        ("kk", "Ақмола облысы, Көкшетау қ.ә., Көкшетау қ., Абая, 1"),
        ("en", "Akmola region, Kokshetau city administration, Kokshetau, Абая, 1"),
    ] {
        (boss.language, support.language) = (language.into(), language.into());
        for page in [format!("/c/{BIN}"), format!("/c/{BIN}/audit")] {
            let shown = boss.go(&page).await.text;
            assert!(shown.contains(told), "{told} on {page}: {shown}");
        }
        let shown = support.go(&format!("/operator/companies/{BIN}")).await.text;
        assert!(shown.contains(told), "{told} in the operator's view: {shown}");
    }
    // What was kept before villages were in the directory is shown as it was.
    house
        .change_company(BIN, |company| {
            company.addresses.push(Address {
                id: 99,
                revision: 1,
                kind: AddressKind::Postal,
                country: "DE".into(),
                settlement: String::new(),
                place: "Berlin".into(),
                place_kz: None,
                street: "1".into(),
                email: String::new(),
                phone: String::new(),
            });
        })
        .await;
    assert!(support.go(&format!("/operator/companies/{BIN}")).await.text.contains("Berlin, 1"));
}

#[tokio::test]
async fn whoever_was_faster_in_another_window_is_told_so_and_not_that_it_was_somebody_else() {
    let house = House::open();
    let (boss, clerk) = (house.person("АХМЕТОВА САУЛЕ").await, house.person("БЕКОВ МАРАТ").await);
    house.company(BIN, "ТОО «Көктем»", &[(boss, &[Role::Administrator]), (clerk, &[Role::Reader])]).await;
    let (mut first, mut second) = (house.sign_in(boss).await, house.sign_in(boss).await);
    for (page, one, other) in [
        (format!("/c/{BIN}/contacts"), ("email", "a@example.kz"), ("email", "b@example.kz")),
        (format!("/c/{BIN}/employees/{clerk}"), ("role", "accountant"), ("role", "cashier_manager")),
    ] {
        first.go(&page).await;
        second.go(&page).await;
        location(&first.submit(&page, &[one]).await);
        let slower = second.submit(&page, &[other]).await.text;
        assert!(slower.contains("You changed this in another window already"), "{page}: {slower}");
    }
}

#[tokio::test]
async fn who_invites_without_a_role_is_not_told_to_block_anybody() {
    let house = House::open();
    let boss = house.person("АХМЕТОВА САУЛЕ").await;
    house.company(BIN, "ТОО «Көктем»", &[(boss, &[Role::Administrator])]).await;
    let mut browser = house.sign_in(boss).await;
    let page = format!("/c/{BIN}/employees/invite");
    browser.go(&page).await;
    let answer = browser.submit(&page, &[("email", "new@example.kz")]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("Choose at least one role.") && !answer.text.contains("block the employee"));
}
