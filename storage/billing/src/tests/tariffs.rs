//! Tariffs as data: what is kept is read back as it was, and what may not be is refused however it comes.

use std::collections::BTreeSet;

use super::scenario::{World, day, month, plan_data, plan_id, version};
use crate::Tiyn;
use crate::tariffs::{
    Choosers, ConnectionKind, Now, PeriodsError, Plan, PlanData, PlanError, PlanId, Price, PriceError,
    TakesEffect, TariffHistory, VatPeriod, VatRate, VatRates,
};

fn data(words: &str) -> PlanData {
    let words: Vec<&str> = words.split_whitespace().collect();
    let kinds = vec![ConnectionKind::Wired];
    PlanData { kinds, versions: vec![version(&words)], ..plan_data("basic") }
}

fn now(today: &str) -> Now {
    Now::new(day(today), None, day(today).month())
}

#[test]
fn a_plan_is_kept_as_json_and_read_back_as_it_was() {
    let world = World::of(
        "plan basic 2026-01-01 to 2026-05-31 wired month 1:1500.00,10:free sim day 60.00 fee 5000.00
         plan basic 2026-06-01 wired month 1600.00 sim day 65.00 free-months 2 limit 1000 over 1.50",
    );
    let plan = world.plans()[&plan_id("basic")].clone();
    let text = serde_json::to_string(&plan).expect("JSON");
    assert_eq!(serde_json::from_str::<Plan>(&text).expect("a plan"), plan);
    assert!(text.contains(r#""from":"2026-01-01","last":"2026-05-31""#), "{text}");
    assert!(
        text.contains(r#"{"registers":1,"price":{"tiyn":150000}},{"registers":10,"price":"free"}"#),
        "{text}"
    );
    assert!(text.contains(r#""tls":"included""#), "{text}");
}

#[test]
fn a_record_with_what_may_not_be_is_refused_when_it_is_read() {
    let good = serde_json::to_string(&Plan::new(data("2026-01-01 wired month 1500.00")).expect("a plan"));
    let good = good.expect("JSON");
    for (from, to) in [
        ("150000", "0"),
        ("150000", "-150000"),
        ("150000", "9223372036854775807"),
        (r#""registers":1"#, r#""registers":0"#),
        ("2026-01-01", "2026-02-30"),
        (r#""id":"basic""#, r#""id":"Basic""#),
        (r#""basic ru""#, r#""""#),
        (r#""kinds":["wired"]"#, r#""kinds":[]"#),
        (r#""choosers":"all""#, r#""choosers":{"listed":["12345678901"]}"#),
        (r#""free_months":0"#, r#""free_months":25"#),
    ] {
        assert!(good.contains(from), "{from}");
        assert!(serde_json::from_str::<Plan>(&good.replacen(from, to, 1)).is_err(), "{from} as {to}");
    }
    assert!(
        serde_json::from_str::<TariffHistory>(
            r#"[{"from":"2026-02-01","plan":"a"},{"from":"2026-02-01","plan":"b"}]"#
        )
        .is_err()
    );
    assert!(serde_json::from_str::<VatRates>(r#"[{"from":"2026-02-01","rate":51}]"#).is_err());
    assert!(serde_json::from_str::<VatRates>("[]").is_err());
    assert!("a-plan-with-a-name-of-more-than-40-letters".parse::<PlanId>().is_err());
}

#[test]
fn a_new_plan_begins_today_at_the_earliest() {
    assert!(Plan::first(data("2026-03-10 wired month 1500.00"), now("2026-03-10")).is_ok());
    let past = Plan::first(data("2026-03-09 wired month 1500.00"), now("2026-03-10"));
    assert!(matches!(past, Err(PlanError::Versions(PeriodsError::Past { .. }))), "{past:?}");
    let none = PlanData { versions: Vec::new(), ..data("2026-03-10 wired month 1500.00") };
    assert_eq!(Plan::first(none, now("2026-03-10")), Err(PlanError::Versions(PeriodsError::Empty)));
}

#[test]
fn a_refused_version_leaves_the_plan_as_it_was() {
    let mut plan = Plan::new(data("2026-01-01 wired month 1500.00")).expect("a plan");
    let before = plan.clone();
    for words in [
        "2026-03-10 wired month 1600.00",
        "2026-06-01 wired month 0.00",
        "2026-06-01 to 2026-05-01 wired month 1600.00",
        "2026-06-01 wired month 1600.00 fee 0.00",
        "2026-06-01 wired month 1600.00 limit 10 over 0.00",
        "2026-06-01 wired month 1600.00 sim month 1600.00",
        "2026-06-01 wired month 1600.00 wired month 1600.00",
        "2026-06-01 wired month 1600.00 free-months 25",
    ] {
        let words: Vec<&str> = words.split_whitespace().collect();
        assert!(plan.add_version(version(&words), now("2026-03-10")).is_err(), "{words:?}");
        assert_eq!(plan, before);
    }
}

#[test]
fn greatest_prices_never_overflow() {
    let greatest = Tiyn::new(Price::MAX).expect("a sum");
    let mut over = data("2026-01-01 wired month 1500.00");
    over.versions[0].prices[0].steps[0].price =
        Price::Tiyn(greatest.plus(Tiyn::new(1).expect("one")).expect("a sum"));
    let error = Plan::new(over).expect_err("it is too much");
    assert!(matches!(error, PlanError::Price { version: 1, error: PriceError::TooHigh(_) }), "{error}");
    // As many registers as a month can hold at the greatest price, and one that is too many: told, never wrapped.
    let plan = "plan dear 2026-01-01 wired day 10000000.00 limit 0 over 10000000.00";
    let mut world = World::of(&format!("month 2026-01\n{plan}\nregisters 1-20 wired dear 2026-01-01"));
    assert_eq!(world.charge().total().expect("a sum"), Tiyn::new(20 * 31 * Price::MAX).expect("a sum"));
    assert!(world.tell("register 1 receipts 2026-01-02 18446744073709551615"));
    let plans = world.plans();
    let registers: Vec<_> = world.registers.values().cloned().collect();
    let organisation = crate::charging::OrganisationMonth {
        month: month("2026-01"),
        up_to: day("2026-01-31"),
        registers: &registers,
        rules: crate::charging::Rules { plans: &plans, vat: &world.vat },
    };
    assert_eq!(
        crate::charging::charge(&organisation),
        Err(crate::charging::ChargeError::Sum(crate::TiynError))
    );
}

#[test]
fn a_closed_list_keeps_nobody_from_what_one_has() {
    let mut plan = Plan::new(data("2026-01-01 wired month 1500.00")).expect("a plan");
    assert!(plan.may_be_chosen_by("123456789012"));
    plan.set_choosers(Choosers::Nobody).expect("nobody");
    assert!(!plan.may_be_chosen_by("123456789012"));
    let listed = BTreeSet::from(["123456789012".to_owned()]);
    plan.set_choosers(Choosers::Listed(listed)).expect("a list");
    assert!(plan.may_be_chosen_by("123456789012") && !plan.may_be_chosen_by("210987654321"));
    let bad = BTreeSet::from(["12345678901x".to_owned()]);
    assert!(plan.set_choosers(Choosers::Listed(bad)).is_err());
    assert!(plan.may_be_chosen_by("123456789012"), "what was refused changed nothing");
}

#[test]
fn choices_wait_for_the_next_day_or_month_over_the_end_of_a_year() {
    assert_eq!(TakesEffect::NextDay.first_day(day("2026-12-31")), Some(day("2027-01-01")));
    assert_eq!(TakesEffect::NextMonth.first_day(day("2026-12-01")), Some(day("2027-01-01")));
    assert_eq!(TakesEffect::NextMonth.first_day(day("2199-12-01")), None);
}

#[test]
fn a_rate_of_vat_is_added_behind_the_others_and_never_into_the_past() {
    let mut rates = VatRates::kazakhstan().expect("rates");
    let rate =
        |from: &str| VatPeriod { from: day(from), last: None, rate: VatRate::new(18).expect("a rate") };
    assert!(rates.add(rate("2026-03-10"), now("2026-03-10")).is_err());
    assert!(rates.add(rate("2025-12-31"), now("2025-06-01")).is_err(), "before the last rate");
    rates.add(rate("2027-01-01"), now("2026-03-10")).expect("a rate");
    let on = |day_: &str| rates.on(day(day_)).map(VatRate::percent);
    assert_eq!(on("2008-12-31"), None);
    assert_eq!((on("2025-12-31"), on("2026-01-01")), (Some(12), Some(16)));
    assert_eq!((on("2026-12-31"), on("2027-01-01")), (Some(16), Some(18)));
    let none = VatRate::new(0).expect("a rate");
    assert_eq!(none.inside(Tiyn::new(100).expect("a sum")), Ok(Tiyn::ZERO));
}
