//! Plans are kept once, the past never changes, and two clerks who change the same do not both have their way.

use futures::executor::block_on;
use ofd_billing::tariffs::VatRate;
use ofd_billing::{Month, Tiyn};
use time::macros::date;

use super::*;
use crate::memory::MemoryStore;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn now() -> Now {
    let today = day("2026-11-30");
    Now::new(today, None, Month::of(date!(2026 - 11 - 01)).unwrap())
}

fn id(text: &str) -> PlanId {
    text.parse().unwrap()
}

fn version(from: &str, tiyn: i64) -> PlanVersion {
    let steps = vec![Step { registers: 1, price: Price::Tiyn(Tiyn::new(tiyn).unwrap()) }];
    PlanVersion {
        from: day(from),
        last: None,
        prices: vec![KindPrice { kind: ConnectionKind::Wired, per: Per::Month, steps }],
        free_months: 0,
        connection_fee: None,
        receipts: None,
    }
}

fn basic() -> PlanData {
    PlanData {
        id: id("basic"),
        titles: Titles { ru: "Базовый".into(), kk: "Негізгі".into(), en: "Basic".into() },
        kinds: vec![ConnectionKind::Wired],
        versions: vec![version("2026-11-30", 150_000)],
        ..free().unwrap().data().clone()
    }
}

#[test]
fn until_plans_are_made_there_is_the_one_that_costs_nothing_and_everybody_is_on_it() {
    let store = MemoryStore::new();
    let plans = block_on(plans(&store)).unwrap();
    assert_eq!(plans.keys().map(PlanId::as_str).collect::<Vec<_>>(), [FREE]);
    let history = history(&TariffHistory::default()).unwrap();
    assert_eq!(history.on(day("2010-01-01")), Some(&id(FREE)));
    assert_eq!(may_be_chosen(&plans, "010101500123").len(), 1);
}

#[test]
fn whoever_chose_is_on_the_free_plan_until_the_choice_takes_effect() {
    let change = TariffChange { from: day("2026-12-01"), plan: id("basic") };
    let history = history(&TariffHistory::new(vec![change]).unwrap()).unwrap();
    assert_eq!(history.on(day("2026-11-30")), Some(&id(FREE)));
    assert_eq!(history.on(day("2026-12-01")), Some(&id("basic")));
}

#[test]
fn a_plan_is_made_once_and_another_of_its_id_is_refused() {
    let store = MemoryStore::new();
    for _ in 0..2 {
        assert_eq!(block_on(add_plan(&store, basic(), now())).unwrap().data(), &basic());
    }
    let other = PlanData { versions: vec![version("2026-11-30", 160_000)], ..basic() };
    for taken in [other, PlanData { id: id(FREE), ..basic() }] {
        let refused = block_on(add_plan(&store, taken, now())).unwrap_err();
        assert!(matches!(refused, TariffsError::Taken(_)), "{refused}");
    }
    let (kept, plan) = block_on(plan(&store, &id("basic"))).unwrap().unwrap();
    assert_eq!((kept, plan.data()), (Some(Version::FIRST), &basic()));
    assert_eq!(block_on(plans(&store)).unwrap().len(), 2);
}

#[test]
fn a_plan_that_began_yesterday_is_refused() {
    let store = MemoryStore::new();
    let late = PlanData { versions: vec![version("2026-11-29", 150_000)], ..basic() };
    let refused = block_on(add_plan(&store, late, now())).unwrap_err().to_string();
    assert!(refused.contains("the past never changes"), "{refused}");
    assert!(block_on(plan(&store, &id("basic"))).unwrap().is_none());
}

#[test]
fn a_version_that_overlaps_is_refused_with_both_named_and_the_same_twice_is_one() {
    let store = MemoryStore::new();
    block_on(add_plan(&store, basic(), now())).unwrap();
    let next = version("2027-01-01", 160_000);
    for _ in 0..2 {
        let (_, after) = block_on(add_version(&store, &id("basic"), &next, now())).unwrap();
        assert_eq!(after.data().versions.len(), 2);
    }
    let (early, free_of_cost) = (version("2026-12-15", 170_000), version("2027-02-01", 0));
    let refused = block_on(add_version(&store, &id("basic"), &early, now())).unwrap_err().to_string();
    assert_eq!(refused, "versions: number 2 (from 2027-01-01) and number 3 (from 2026-12-15) overlap");
    let refused = block_on(add_version(&store, &id("basic"), &free_of_cost, now())).unwrap_err().to_string();
    assert!(refused.contains("a price of zero"), "{refused}");
    let refused = block_on(add_version(&store, &id("none"), &next, now())).unwrap_err();
    assert!(matches!(refused, TariffsError::Unknown(_)), "{refused}");
    assert_eq!(block_on(plan(&store, &id("basic"))).unwrap().unwrap().1.data().versions.len(), 2);
}

#[test]
fn of_two_clerks_who_add_a_version_for_the_same_day_one_is_told_of_the_other() {
    let store = MemoryStore::new();
    block_on(add_plan(&store, basic(), now())).unwrap();
    let (one, other) = (version("2027-01-01", 160_000), version("2027-01-01", 170_000));
    block_on(add_version(&store, &id("basic"), &one, now())).unwrap();
    let refused = block_on(add_version(&store, &id("basic"), &other, now())).unwrap_err().to_string();
    assert!(refused.contains("overlap"), "{refused}");
}

#[test]
fn the_free_plan_may_come_to_cost_something_and_is_kept_from_then_on() {
    let store = MemoryStore::new();
    let mut next = free().unwrap().data().versions[0].clone();
    next.from = day("2027-01-01");
    next.prices
        .iter_mut()
        .for_each(|price| price.steps = version("2027-01-01", 100_000).prices[0].steps.clone());
    block_on(add_version(&store, &id(FREE), &next, now())).unwrap();
    let (kept, plan) = block_on(plan(&store, &id(FREE))).unwrap().unwrap();
    assert_eq!((kept, plan.data().versions.len()), (Some(Version::FIRST), 2));
}

#[test]
fn rates_of_vat_are_kazakhstans_until_one_is_added() {
    let store = MemoryStore::new();
    let of = |rates: &VatRates, at: &str| rates.on(day(at)).map(VatRate::percent);
    let rates = block_on(vat_rates(&store)).unwrap();
    assert_eq!((of(&rates, "2025-12-31"), of(&rates, "2026-01-01")), (Some(12), Some(16)));
    let next = VatPeriod { from: day("2027-01-01"), last: None, rate: VatRate::new(18).unwrap() };
    for _ in 0..2 {
        block_on(add_vat_rate(&store, next, now())).unwrap();
    }
    let rates = block_on(vat_rates(&store)).unwrap();
    assert_eq!((of(&rates, "2026-12-31"), of(&rates, "2027-01-01")), (Some(16), Some(18)));
    let past = VatPeriod { from: day("2026-11-30"), ..next };
    let refused = block_on(add_vat_rate(&store, past, now())).unwrap_err().to_string();
    assert!(refused.contains("the past never changes"), "{refused}");
}
