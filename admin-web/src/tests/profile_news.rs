//! Whatever people change of what answers name, the registers of their organisation are told before they read that it is
//! done.

use ofd_office::change::{ChangeError, Decided};
use ofd_office::registers::change_what_answers_name;
use ofd_storage::accounts::{AccountId, AuditEntry, Company, Role};
use ofd_storage::model::{self, TradePoint};
use ofd_storage::registers;
use ofd_storage::samples::{SHOP, trade_point};
use ofd_storage::walks::{Step, Walk};

use super::support::people::House;
use super::support::*;

const BIN: &str = "151140001234";

const ADDRESS: [(&str, &str); 4] =
    [("kind", "legal"), ("country", "KZ"), ("settlement", "710000000"), ("street", "ул. Абая, 1")];

/// The version of its profile that the register's head bears.
async fn version(house: &House) -> u64 {
    registers::newest(&*house.store, ID).await.unwrap().unwrap().register.profile_version
}

/// A house whose lists are whole.
async fn house() -> House {
    let house = House::open();
    while !matches!(Walk::Holdings.step(&*house.store, NOW).await.unwrap(), Step::Completed { .. }) {}
    house
}

/// A company with a register, and its administrator.
async fn house_of_a_company() -> (House, AccountId) {
    let house = house().await;
    let administrator = house.person("ИВАНОВА АЙГУЛЬ").await;
    house.company(BIN, "ТОО «Көктем»", &[(administrator, &[Role::Administrator])]).await;
    house.blocked_register(BIN).await;
    (house, administrator)
}

#[tokio::test]
async fn a_change_of_a_companys_name_or_address_is_told_before_its_page_answers() {
    let (house, administrator) = house_of_a_company().await;
    assert_eq!(version(&house).await, 0);
    let mut browser = house.sign_in(administrator).await;
    let new = format!("/c/{BIN}/addresses/new");
    browser.go(&new).await;
    browser.submit(&new, &ADDRESS).await;
    let company = house.company_of(BIN).await;
    assert_eq!((company.addresses.len(), company.profile_news), (1, None));
    assert_eq!(version(&house).await, 1);
    // What no answer names is told to nobody.
    let postal = ADDRESS.map(|(name, value)| if name == "kind" { (name, "postal") } else { (name, value) });
    browser.go(&new).await;
    browser.submit(&new, &postal).await;
    assert_eq!((house.company_of(BIN).await.addresses.len(), version(&house).await), (2, 1));
}

#[tokio::test]
async fn what_a_process_left_untold_whoever_changes_the_company_next_tells() {
    let (house, _) = house_of_a_company().await;
    // As if its process had ended right behind the append.
    house.change_company(BIN, |company| company.title = "ТОО «Новое»".into()).await;
    assert!(house.company_of(BIN).await.profile_news.is_some());
    assert_eq!(version(&house).await, 0);
    let changed = |company: &Company| -> Decided<(Company, Vec<AuditEntry>), (), ChangeError> {
        let mut changed = company.clone();
        changed.profile.phones = "+7 701 000 00 00".into();
        Ok((Some((changed, Vec::new())), ()))
    };
    house.site.office.change_company(BIN, changed).await.unwrap();
    assert_eq!((house.company_of(BIN).await.profile_news, version(&house).await), (None, 1));
}

#[tokio::test]
async fn a_change_of_a_record_that_answers_name_is_announced_before_it_is_made_and_told_behind_it() {
    let house = house().await;
    house.blocked_register(BIN).await;
    let office = &house.site.office;
    model::create(&office.store, &trade_point(BIN, SHOP)).await.unwrap();
    let made = async {
        let company = house.company_of(BIN).await;
        assert!(company.profile_news.is_some_and(|news| news.under_way_until > NOW), "it is announced");
        assert_eq!(version(&house).await, 0);
        let key = trade_point(BIN, SHOP).id.0.into_bytes();
        let (version, point) = model::load::<TradePoint>(&office.store, &key).await?.unwrap();
        let renamed = TradePoint { title: "Склад".into(), ..point };
        Ok::<_, ChangeError>(model::replace(&office.store, version, &renamed).await?)
    };
    change_what_answers_name((&office.store, &*office.world), BIN, made).await.unwrap();
    assert_eq!((house.company_of(BIN).await.profile_news, version(&house).await), (None, 1));
}
