//! Charging: tables of months, and drawn ones that must add up whatever they are.

use std::collections::{BTreeMap, BTreeSet};

use super::scenario::{World, day, plan_id, told_line};
use super::seeded::{Seeded, seeds};
use super::year::drawn_organisation;
use crate::charging::{
    ChargeError, DayCharge, Item, Missing, OrganisationMonth, Rules, Service, ServiceEnd, by_rate, charge,
    difference, posting_month,
};
use crate::invoices::{Content, ContentError};
use crate::tariffs::{ConnectionKind, TariffChange, TariffHistory, quote};
use crate::{Day, Month, Tiyn};

/// Months with the lines that they have.
const MONTHS: &[(&str, &str, &[&str])] = &[
    (
        "a register that was charged for before the month and goes on",
        "month 2026-04
      plan basic 2026-01-01 wired month 1500.00
      register 1 wired basic 2026-01-01",
        &["1 month basic/1 wired 2026-04-01..2026-04-30 30 at 1500.00: 1500.00 vat 206.90 at 16 %"],
    ),
    (
        "a register whose first receipt comes behind the month",
        "month 2026-04
      plan basic 2026-01-01 wired month 1500.00
      register 1 wired basic 2026-05-01",
        &[],
    ),
    (
        "a register that was gone before the month",
        "month 2026-04
      plan basic 2026-01-01 wired month 1500.00
      register 1 wired basic 2026-01-01 to 2026-03-31 deregistered
      register 2 wired basic 2026-01-01 to 2026-04-01 moved",
        &[],
    ),
    (
        "a move on the last day, a deregistration on the first",
        "month 2026-04
      plan basic 2026-01-01 wired month 1500.00
      register 1 wired basic 2026-01-01 to 2026-04-30 moved
      register 2 wired basic 2026-01-01 to 2026-04-01 deregistered",
        &[
            "1 month basic/1 wired 2026-04-01..2026-04-29 29 at 1500.00: 1450.00 vat 200.00 at 16 %",
            "2 month basic/1 wired 2026-04-01..2026-04-01 1 at 1500.00: 50.00 vat 6.90 at 16 %",
        ],
    ),
    (
        "one that comes back on the day after it went is one line",
        "month 2026-04
      plan basic 2026-01-01 wired month 1500.00
      register 1 wired basic 2026-01-01 to 2026-04-10 deregistered
      register 1 again 2026-04-11",
        &["1 month basic/1 wired 2026-04-01..2026-04-30 30 at 1500.00: 1500.00 vat 206.90 at 16 %"],
    ),
    (
        "two changes of the plan in one month, and back",
        "month 2026-04
      plan a 2026-01-01 wired month 1000.00
      plan b 2026-01-01 wired month 2000.00
      register 1 wired a 2026-01-01
      register 1 plan b from 2026-04-11
      register 1 plan a from 2026-04-21",
        &[
            "1 month a/1 wired 2026-04-01..2026-04-10 10 at 1000.00: 333.33 vat 45.98 at 16 %",
            "1 month b/1 wired 2026-04-11..2026-04-20 10 at 2000.00: 666.67 vat 91.95 at 16 %",
            "1 month a/1 wired 2026-04-21..2026-04-30 10 at 1000.00: 333.33 vat 45.98 at 16 %",
        ],
    ),
    (
        "plan and connection change on the same day",
        "month 2026-04
      plan a 2026-01-01 wired month 1000.00
      plan b 2026-01-01 sim month 2000.00 wired month 1.00
      register 1 wired a 2026-01-01
      register 1 plan b from 2026-04-16
      register 1 kind sim from 2026-04-16",
        &[
            "1 month a/1 wired 2026-04-01..2026-04-15 15 at 1000.00: 500.00 vat 68.97 at 16 %",
            "1 month b/1 sim 2026-04-16..2026-04-30 15 at 2000.00: 1000.00 vat 137.93 at 16 %",
        ],
    ),
    (
        "a step that is left and reached again by who goes and comes",
        "month 2026-04
      plan a 2026-01-01 wired month 1:1500.00,2:1200.00
      register 1 wired a 2026-01-01
      register 2 wired a 2026-01-01 to 2026-04-10 deregistered
      register 3 wired a 2026-04-21",
        &[
            "1 month a/1 wired 2026-04-01..2026-04-10 10 at 1200.00: 400.00 vat 55.17 at 16 %",
            "1 month a/1 wired 2026-04-11..2026-04-20 10 at 1500.00: 500.00 vat 68.97 at 16 %",
            "1 month a/1 wired 2026-04-21..2026-04-30 10 at 1200.00: 400.00 vat 55.17 at 16 %",
            "2 month a/1 wired 2026-04-01..2026-04-10 10 at 1200.00: 400.00 vat 55.17 at 16 %",
            "3 month a/1 wired 2026-04-21..2026-04-30 10 at 1200.00: 400.00 vat 55.17 at 16 %",
        ],
    ),
    (
        "registers of another plan do not count for a step",
        "month 2026-04
      plan a 2026-01-01 wired month 1:1500.00,2:1200.00
      plan b 2026-01-01 wired month 1:1500.00,2:1200.00
      register 1 wired a 2026-01-01
      register 2 wired b 2026-01-01",
        &[
            "1 month a/1 wired 2026-04-01..2026-04-30 30 at 1500.00: 1500.00 vat 206.90 at 16 %",
            "2 month b/1 wired 2026-04-01..2026-04-30 30 at 1500.00: 1500.00 vat 206.90 at 16 %",
        ],
    ),
    (
        "a tiyn a month is a tiyn, posted on one day",
        "month 2026-02
      plan a 2026-01-01 wired month 0.01
      register 1 wired a 2026-01-01",
        &["1 month a/1 wired 2026-02-01..2026-02-28 28 at 0.01: 0.01 vat 0.00 at 16 %"],
    ),
    (
        "the same version in December and January has two taxes",
        "month 2026-01
      plan a 2025-12-15 wired month 1120.00
      register 1 wired a 2025-12-15",
        &["1 month a/1 wired 2026-01-01..2026-01-31 31 at 1120.00: 1120.00 vat 154.48 at 16 %"],
    ),
];

#[test]
fn months_have_the_lines_of_the_table() {
    for (what, world, lines) in MONTHS {
        let charges = World::of(world).charge();
        let told: Vec<String> = charges.lines.iter().map(told_line).collect();
        assert_eq!(told, *lines, "{what}");
        assert_eq!(charges.unpriced, [], "{what}");
    }
}

#[test]
fn a_register_that_moves_is_charged_for_each_day_once_by_one_of_both() {
    let month = |register: &str| {
        World::of(&format!("month 2026-04\nplan a 2026-01-01 wired day 50.00\nregister 1 wired a {register}"))
            .charge()
    };
    // The other organisation's first receipt comes on the day of the move, then two days later.
    for (from, days) in [("2026-04-11", 30), ("2026-04-13", 28)] {
        let (former, other) = (month("2026-01-01 to 2026-04-11 moved"), month(from));
        let both: Vec<&DayCharge> = former.days.iter().chain(&other.days).collect();
        let on: BTreeSet<Day> = both.iter().map(|one| one.day).collect();
        assert_eq!((both.len(), on.len()), (days, days), "{from}");
    }
}

#[test]
fn what_is_missing_is_told_in_runs_of_days() {
    let world = World::of(
        "month 2026-02
         plan a 2026-02-03 to 2026-02-10 wired month 28.00
         register 1 wired a 2026-01-01
         register 2 wired none 2026-02-20 to 2026-02-20 deregistered
         register 2 again 2026-02-22
         register 2 plan b from 2026-02-25",
    );
    let charges = world.charge();
    let told: Vec<(u64, String, Missing)> = charges
        .unpriced
        .iter()
        .map(|one| (one.register, format!("{}..{}", one.from, one.to), one.missing.clone()))
        .collect();
    let price = |plan| Missing::Price(plan_id(plan));
    assert_eq!(
        told,
        [
            (1, "2026-02-01..2026-02-02".to_owned(), price("a")),
            (1, "2026-02-11..2026-02-28".to_owned(), price("a")),
            (2, "2026-02-20..2026-02-20".to_owned(), Missing::Tariff),
            (2, "2026-02-22..2026-02-24".to_owned(), Missing::Tariff),
            (2, "2026-02-25..2026-02-28".to_owned(), price("b")),
        ]
    );
    assert_eq!(charges.total().expect("a sum").to_string(), "8.00");
    let mut before_any_rate = World::of("month 2008-12\nplan a 2008-01-01 wired month 31.00");
    assert!(before_any_rate.tell("register 1 wired a 2008-12-30"));
    before_any_rate.registers.get_mut(&1).expect("a register").kinds[0].from = day("2008-12-31");
    before_any_rate.registers.get_mut(&1).expect("a register").tariffs =
        TariffHistory::new(vec![TariffChange { from: day("2008-01-01"), plan: plan_id("a") }])
            .expect("a history");
    let missing: Vec<Missing> =
        before_any_rate.charge().unpriced.into_iter().map(|one| one.missing).collect();
    assert_eq!(missing, [Missing::Kind, Missing::VatRate]);
}

#[test]
fn a_register_that_is_there_twice_is_refused() {
    let world = World::of("month 2026-02\nplan a 2026-01-01 wired month 1.00\nregister 1 wired a 2026-01-01");
    let plans = world.plans();
    let registers: Vec<_> = std::iter::repeat_n(world.registers[&1].clone(), 2).collect();
    let rules = Rules { plans: &plans, vat: &world.vat };
    let month = world.month.expect("a month");
    let organisation = OrganisationMonth { month, up_to: day("2026-02-28"), registers: &registers, rules };
    assert_eq!(charge(&organisation), Err(ChargeError::Twice(1)));
}

#[test]
fn a_day_says_what_it_is_of_its_line_and_has_a_key_of_its_own() {
    for seed in seeds(24) {
        let charges = drawn_organisation(seed).world(1 + seed % 12).charge();
        let keys: BTreeSet<String> = charges.days.iter().map(DayCharge::key).collect();
        assert_eq!(keys.len(), charges.days.len(), "seed {seed}");
        for line in &charges.lines {
            let grows = matches!(line.basis.item, Item::ByMonth | Item::ByDay);
            assert_eq!(line.share_of(line.from.previous().expect("a day")), Ok(None), "seed {seed}");
            for (day, number) in line.from.to(line.to).zip(1..) {
                let Some(share) = line.share_of(day).expect("a sum") else {
                    assert!(!grows, "seed {seed}: {line:?}");
                    continue;
                };
                let is_of = |one: &&DayCharge| one.basis == line.basis;
                let posted = Tiyn::sum(charges.of_day(day).filter(is_of).map(|one| one.sum));
                assert_eq!((share.number, Ok(share.sum)), (number, posted), "seed {seed}: {line:?}");
            }
        }
    }
    let key = World::of("month 2026-02\nplan a 2026-01-01 wired month 1.00\nregister 1 wired a 2026-02-28");
    assert_eq!(key.charge().days[0].key(), "2026-02-28/1/month/a/1/wired/100/1/16");
}

#[test]
fn a_quote_is_what_the_month_will_cost() {
    for seed in seeds(24) {
        let mut seeded = Seeded::new(seed);
        let mut world = drawn_organisation(seed).world(1 + seed % 12);
        let (wired, sim) = (1 + seeded.below(5), seeded.below(5));
        world.registers.clear();
        // Registers that came long ago: nothing is free any more, and no fee comes.
        for version in &mut world.plans.get_mut(&plan_id("p0")).expect("a plan").versions {
            (version.free_months, version.connection_fee, version.receipts) = (0, None, None);
        }
        let mut tell = |from: u64, to: u64, kind: &str| {
            if from <= to {
                assert!(world.tell(&format!("registers {from}-{to} {kind} p0 2025-01-01")));
            }
        };
        tell(1, wired, "wired");
        tell(wired + 1, wired + sim, "sim");
        let count = |registers: u64| u32::try_from(registers).expect("a few");
        let registers =
            BTreeMap::from([(ConnectionKind::Wired, count(wired)), (ConnectionKind::Sim, count(sim))]);
        let (plans, month) = (world.plans(), world.month.expect("a month"));
        let told = quote(&plans[&plan_id("p0")], &registers, month, &world.vat).expect("a quote");
        let charges = world.charge();
        let vat = Tiyn::sum(charges.rates().expect("sums").values().map(|rate| rate.vat));
        assert_eq!((Ok(told.total), Ok(told.vat)), (charges.total(), vat), "seed {seed}");
    }
}

#[test]
fn days_are_posted_in_their_month_or_to_the_first_open_one() {
    let month = |number| Month::try_from(number).expect("a month");
    assert_eq!(posting_month(day("2026-02-28"), month(202_602)), month(202_602));
    assert_eq!(posting_month(day("2026-02-28"), month(202_603)), month(202_603));
    assert_eq!(posting_month(day("2026-04-01"), month(202_603)), month(202_604));
}

/// The same organisation with nothing known that came after a day.
fn as_known_on(world: &World, last: Day) -> World {
    let mut known = world.clone();
    known.up_to = Some(last);
    for facts in known.registers.values_mut() {
        facts.services.retain(|service| service.from <= last);
        for service in &mut facts.services {
            let told = |end: &ServiceEnd| match end {
                ServiceEnd::Deregistered(day) | ServiceEnd::Disconnected(day) | ServiceEnd::Moved(day) => {
                    *day <= last
                }
            };
            *service = Service { end: service.end.filter(told), ..*service };
        }
        facts.kinds.retain(|change| change.from <= last);
        facts.receipts.retain(|day, _| *day <= last);
        let changes: Vec<TariffChange> =
            facts.tariffs.changes().iter().filter(|change| change.from <= last).cloned().collect();
        facts.tariffs = TariffHistory::new(changes).expect("a history");
    }
    for plan in known.plans.values_mut() {
        // The last version that has begun ends nowhere yet, and one at least stays: a plan has one.
        let begun = plan.versions.iter().filter(|version| version.from <= last).count().max(1);
        plan.versions.truncate(begun);
    }
    known
}

#[test]
fn days_add_up_to_lines_and_lines_to_the_whole_whatever_is_drawn() {
    for seed in seeds(240) {
        let world = drawn_organisation(seed).world(1 + seed % 12);
        let charges = world.charge();
        for line in &charges.lines {
            let is_of =
                |one: &&DayCharge| one.basis == line.basis && (line.from..=line.to).contains(&one.day);
            let of = || charges.days.iter().filter(is_of);
            assert_eq!(Tiyn::sum(of().map(|one| one.sum)), Ok(line.sum), "seed {seed}: {line:?}");
            assert_eq!(Tiyn::sum(of().map(|one| one.vat)), Ok(line.vat), "seed {seed}: {line:?}");
            assert_eq!(line.basis.sum(line.quantity, charges.month), Ok(line.sum), "seed {seed}: {line:?}");
            assert_eq!(line.basis.rate.inside(line.sum), Ok(line.vat), "seed {seed}: {line:?}");
        }
        let total = charges.total().expect("a sum");
        assert_eq!(Tiyn::sum(charges.days.iter().map(|one| one.sum)), Ok(total), "seed {seed}");
        let rates = by_rate(charges.days.iter().map(|one| (one.basis.rate, one.sum, one.vat)));
        let of_lines = charges.rates().expect("sums").into_iter().filter(|(_, sums)| sums.sum != Tiyn::ZERO);
        assert!(of_lines.eq(rates.expect("sums")), "seed {seed}");
        match Content::of_month(&charges, Vec::new(), &charges.days) {
            Ok(content) => {
                assert_eq!(content.total, total, "seed {seed}");
                for rate in &content.rates {
                    let lines = content.lines.iter().filter(|line| line.line.basis.rate == rate.rate);
                    let vat = Tiyn::sum(lines.map(|line| line.vat)).expect("a sum");
                    assert_eq!(Ok(vat), rate.rate.inside(rate.sum), "seed {seed}");
                }
            }
            Err(error) => assert_eq!((error, total), (ContentError::Empty, Tiyn::ZERO), "seed {seed}"),
        }
    }
}

#[test]
fn a_day_never_needs_what_comes_after_it() {
    for seed in seeds(36) {
        let world = drawn_organisation(seed).world(1 + seed % 12);
        let whole = world.charge();
        let month = world.month.expect("a month");
        for day in Day::first_of(month).to(Day::last_of(month)) {
            let known = as_known_on(&world, day).charge();
            let then: Vec<&DayCharge> = known.days.iter().collect();
            let now: Vec<&DayCharge> = whole.days.iter().filter(|one| one.day <= day).collect();
            assert_eq!(then, now, "seed {seed}, {day}");
        }
    }
}

#[test]
fn any_order_and_any_interruption_end_with_the_same() {
    for seed in seeds(36) {
        let mut seeded = Seeded::new(seed);
        let world = drawn_organisation(seed).world(1 + seed % 12);
        let planned = world.charge().days;
        let days: Vec<Day> = {
            let month = world.month.expect("a month");
            Day::first_of(month).to(Day::last_of(month)).collect()
        };
        let mut posted: Vec<DayCharge> = Vec::new();
        for day in seeded.shuffled(days) {
            // A run over one day, which falls down behind a drawn number of its charges.
            let of_day = |days: &[DayCharge]| -> Vec<DayCharge> {
                days.iter().filter(|one| one.day == day).cloned().collect()
            };
            let due = difference(&of_day(&posted), &of_day(&planned)).expect("sums");
            let landed = usize::try_from(seeded.below(due.len() as u64 + 1)).expect("a count");
            posted.extend(due.into_iter().take(landed));
        }
        // The next run finishes what was interrupted, and the one after it has nothing to do.
        let due = difference(&posted, &planned).expect("sums");
        posted.extend(due);
        assert_eq!(difference(&posted, &planned), Ok(Vec::new()), "seed {seed}");
        posted.sort();
        assert_eq!(posted, planned, "seed {seed}");
        let back = difference(&posted, &[]).expect("sums");
        let sums: BTreeMap<bool, Tiyn> = BTreeMap::from([
            (true, Tiyn::sum(posted.iter().map(|one| one.sum)).expect("a sum")),
            (false, Tiyn::sum(back.iter().map(|one| one.sum.negated())).expect("a sum")),
        ]);
        assert_eq!(sums[&true], sums[&false], "seed {seed}");
    }
}

#[test]
fn knowledge_that_comes_late_ends_with_the_same_sums_as_if_it_had_been_there() {
    for seed in seeds(36) {
        let world = drawn_organisation(seed).world(1 + seed % 12);
        let month = world.month.expect("a month");
        let (mut posted, mut seeded) = (Vec::new(), Seeded::new(seed));
        // Runs on days of the month, each by what was known; the last by everything.
        for day in Day::first_of(month).to(Day::last_of(month)) {
            if !seeded.one_in(4) {
                continue;
            }
            let mut known = as_known_on(&world, day);
            // A register that nothing was heard of yet.
            let silent = known.registers.keys().copied().find(|_| seeded.one_in(3));
            known.registers.retain(|register, _| Some(*register) != silent);
            posted.extend(difference(&posted, &known.charge().days).expect("sums"));
        }
        let planned = world.charge().days;
        posted.extend(difference(&posted, &planned).expect("sums"));
        assert_eq!(difference(&posted, &planned), Ok(Vec::new()), "seed {seed}");
        let total = |days: &[DayCharge]| Tiyn::sum(days.iter().map(|one| one.sum)).expect("a sum");
        assert_eq!(total(&posted), total(&planned), "seed {seed}");
    }
}
