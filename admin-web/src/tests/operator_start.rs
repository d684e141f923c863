//! The page on which the operator's people land: what waits for them, and what is ill.

use std::sync::Arc;

use ofd_edge::Readiness;
use ofd_storage::accounts::{AccountId, ApplicationState, BankApplication, OPERATOR, Role};
use ofd_storage::model::{LastScrub, Model, SCRUB_KEY};
use ofd_storage::store::{RecordKind, Store};
use ofd_storage::walks::{Step, Walk};

use super::support::people::House;

const START: &str = "/operator/start";

/// A process that cannot take documents.
struct Crowded;

impl Readiness for Crowded {
    fn reasons_not_ready(&self) -> Vec<String> {
        vec!["every place for a register is taken".to_owned()]
    }
}

async fn people(house: &House) -> [AccountId; 3] {
    let [chief, billing, inspector] =
        [house.person("ӘКІМШІ").await, house.person("БИЛЛИНГ").await, house.person("ИНСПЕКТОР").await];
    let people: &[(AccountId, &[Role])] = &[
        (chief, &[Role::OperatorAdministrator]),
        (billing, &[Role::Billing]),
        (inspector, &[Role::TaxInspector]),
    ];
    house.company(OPERATOR, "ОФД", people).await;
    [chief, billing, inspector]
}

async fn apply_for_banks(house: &House, numbers: std::ops::Range<u32>) {
    for index in numbers {
        let application = BankApplication {
            id: format!("{index:016x}"),
            bin: "151140001234".into(),
            company: "ТОО «Көктем»".into(),
            bic: "ZZZZKZKX".into(),
            name: "Жаңа банк".into(),
            comment: String::new(),
            at: house.now(),
            by: "X".into(),
            state: ApplicationState::Waiting,
        };
        let bytes = serde_json::to_vec(&application).unwrap().into();
        let key = application.key();
        house.store.put_record(BankApplication::KIND, &key, None, bytes).await.unwrap();
    }
}

async fn walk_all(house: &House) {
    for walk in Walk::ALL {
        while !matches!(walk.step(&*house.store, house.now()).await.unwrap(), Step::Completed { .. }) {}
    }
}

#[tokio::test]
async fn each_sees_the_queues_that_he_may_work_off_with_how_many_wait() {
    let house = House::open();
    let [chief, billing, inspector] = people(&house).await;
    apply_for_banks(&house, 0..3).await;
    let queues =
        ["href=\"/operator/registrations\"", "href=\"/operator/visits\"", "href=\"/operator/banks\""];
    for (who, expected) in
        [(chief, [true, true, true]), (billing, [false, false, true]), (inspector, [false, false, false])]
    {
        let page = house.sign_in(who).await.go(START).await.text;
        let main = page.split("<main").nth(1).unwrap();
        assert_eq!(queues.map(|queue| main.contains(queue)), expected);
        assert_eq!(main.contains("<strong>3</strong>"), expected[2], "{main}");
    }
    apply_for_banks(&house, 3..51).await;
    let page = house.sign_in(billing).await.go(START).await.text;
    assert!(page.contains("<strong>50+</strong>"), "{page}");
}

#[tokio::test]
async fn what_is_ill_is_said_and_that_nothing_is() {
    let house = House::open();
    let [chief, ..] = people(&house).await;
    let mut browser = house.sign_in(chief).await;
    let page = browser.go(START).await.text;
    assert!(page.contains("index of organisations’ names is still being made"), "{page}");
    walk_all(&house).await;
    let page = browser.go(START).await.text;
    assert!(page.contains("Nothing that this process knows of") && !page.contains("being made"), "{page}");
    let last = LastScrub { finished_at: house.now(), breaks: 2 };
    let bytes = serde_json::to_vec(&last).unwrap().into();
    house.store.put_record(RecordKind::Store, SCRUB_KEY, None, bytes).await.unwrap();
    assert!(browser.go(START).await.text.contains("found damaged places: 2"));
}

#[tokio::test]
async fn what_a_process_says_of_itself_stands_there_in_its_own_words() {
    let house = House::with(|config| config.readiness = Arc::new(Crowded));
    let [chief, ..] = people(&house).await;
    let page = house.sign_in(chief).await.go(START).await.text;
    assert!(page.contains("<li lang=\"en\">every place for a register is taken</li>"), "{page}");
}
