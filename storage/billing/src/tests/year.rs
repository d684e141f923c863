//! A year of a hundred organisations, against the second calculation that was written from docs/billing.md.

use std::collections::BTreeMap;

use super::plain::{PlainMonth, PlainRegister, PlainVersion, calendar, charge, first, tax};
use super::scenario::{World, plan_data, plan_id};
use super::seeded::{Seeded, seeds};
use crate::charging::{DayCharge, KindChange, RegisterFacts, Service, ServiceEnd, difference};
use crate::invoices::Content;
use crate::tariffs::{
    ConnectionKind, KindPrice, Per, PlanVersion, Price, ReceiptLimit, Step, TariffChange, TariffHistory,
};
use crate::{Day, Month, Tiyn};

/// From the first day of 2025 to the last of 2026: the rate of VAT changes in the middle.
const DAYS: i64 = 730;

/// An organisation that was drawn, as plain numbers.
#[derive(Clone)]
pub(super) struct Drawn {
    plans: Vec<Vec<PlainVersion>>,
    registers: Vec<PlainRegister>,
}

fn drawn_version(seeded: &mut Seeded, from: i64) -> PlainVersion {
    let mut steps = || {
        let mut price = 1 + i128::from(seeded.below(300_000));
        let mut steps = vec![(1, price)];
        for least in [3, 6].into_iter().take(usize::try_from(seeded.below(3)).expect("a few")) {
            price = 1 + price * 9 / 10;
            // Now and then all are for nothing from so many on.
            steps.push((least, if seeded.one_in(12) { 0 } else { price }));
        }
        steps
    };
    let prices = [steps(), steps()];
    PlainVersion {
        from,
        prices,
        by_month: !seeded.one_in(4),
        free_months: if seeded.one_in(3) { seeded.below(4) } else { 0 },
        fee: if seeded.one_in(3) { 1 + i128::from(seeded.below(900_000)) } else { 0 },
        limit: seeded.one_in(3).then(|| (seeded.below(500), i128::from(seeded.below(400)))),
    }
}

fn drawn_register(seeded: &mut Seeded, plans: usize) -> PlainRegister {
    let day = |seeded: &mut Seeded, least: i64| least + i64::try_from(seeded.below(300)).expect("a few");
    let mut served = Vec::new();
    let mut from = if seeded.one_in(3) { 0 } else { day(seeded, 0) };
    loop {
        if !seeded.one_in(3) {
            served.push((from, DAYS + 100));
            break;
        }
        let last = day(seeded, from);
        served.push((from, last));
        let pause = i64::try_from(seeded.below(2)).expect("a few");
        from = day(seeded, last + 1 + pause);
        if from >= DAYS || seeded.one_in(2) {
            break;
        }
    }
    let mut changes = vec![(-1, usize::try_from(seeded.below(plans as u64)).expect("an index"))];
    for _ in 0..seeded.below(4) {
        let from = changes.last().expect("one").0 + 1 + i64::try_from(seeded.below(250)).expect("a few");
        changes.push((from, usize::try_from(seeded.below(plans as u64)).expect("an index")));
    }
    let sim_from = if seeded.one_in(3) { day(seeded, 0) } else { DAYS + 100 };
    let is_served = |day: &i64| served.iter().any(|(first, last)| (first..=last).contains(&day));
    let receipts = (0..DAYS).filter(is_served).filter_map(|day| {
        let count = seeded.below(60);
        (count > 5).then_some((day, count))
    });
    let receipts = receipts.collect();
    PlainRegister { served, sim_from, plans: changes, receipts }
}

/// An organisation with plans of its own, that change twice in two years, and registers that come, go, move and change.
pub(super) fn drawn_organisation(seed: u64) -> Drawn {
    let mut seeded = Seeded::new(seed);
    let plan = |seeded: &mut Seeded| {
        let second = 20 + i64::try_from(seeded.below(350)).expect("a few");
        let third = second + 20 + i64::try_from(seeded.below(350)).expect("a few");
        // The first began long before: any first receipt was promised something.
        [0, second, third].into_iter().map(|from| drawn_version(seeded, from)).collect()
    };
    let plans: Vec<Vec<PlainVersion>> = (0..3).map(|_| plan(&mut seeded)).collect();
    let registers = (0..1 + seeded.below(9)).map(|_| drawn_register(&mut seeded, plans.len())).collect();
    Drawn { plans, registers }
}

fn day(number: i64) -> Day {
    let (year, month, day) = calendar(number.max(0));
    format!("{year}-{month:02}-{day:02}").parse().expect("a day")
}

fn tiyn(plain: i128) -> Tiyn {
    Tiyn::new(i64::try_from(plain).expect("64 bits")).expect("a sum")
}

fn price(plain: i128) -> Price {
    if plain == 0 { Price::Free } else { Price::Tiyn(tiyn(plain)) }
}

fn version(plain: &PlainVersion) -> PlanVersion {
    let per = if plain.by_month { Per::Month } else { Per::Day };
    let kinds = [ConnectionKind::Wired, ConnectionKind::Sim].into_iter().zip(&plain.prices);
    let prices = kinds.map(|(kind, steps)| {
        let step = |(registers, of): &(u64, i128)| Step {
            registers: u32::try_from(*registers).expect("a few"),
            price: price(*of),
        };
        KindPrice { kind, per, steps: steps.iter().map(step).collect() }
    });
    PlanVersion {
        from: day(plain.from),
        last: None,
        prices: prices.collect(),
        free_months: u8::try_from(plain.free_months).expect("a few"),
        connection_fee: (plain.fee > 0).then(|| tiyn(plain.fee)),
        receipts: plain.limit.map(|(receipts, over)| ReceiptLimit { receipts, over: price(over) }),
    }
}

fn facts(register: usize, plain: &PlainRegister, month: std::ops::Range<i64>) -> RegisterFacts {
    let service = |(from, last): &(i64, i64)| {
        let end = match *last % 3 {
            _ if *last >= DAYS => None,
            0 => Some(ServiceEnd::Deregistered(day(*last))),
            1 => Some(ServiceEnd::Disconnected(day(*last))),
            _ => Some(ServiceEnd::Moved(day(*last + 1))),
        };
        Service { from: day(*from), end }
    };
    let change = |(from, plan): &(i64, usize)| {
        let from = if *from < 0 { "2024-12-31".parse().expect("a day") } else { day(*from) };
        TariffChange { from, plan: plan_id(&format!("p{plan}")) }
    };
    RegisterFacts {
        register: register as u64,
        services: plain.served.iter().map(service).collect(),
        kinds: vec![
            KindChange { from: "2024-12-31".parse().expect("a day"), kind: ConnectionKind::Wired },
            KindChange { from: day(plain.sim_from), kind: ConnectionKind::Sim },
        ],
        tariffs: TariffHistory::new(plain.plans.iter().map(change).collect()).expect("a history"),
        receipts: plain.receipts.range(month).map(|(number, count)| (day(*number), *count)).collect(),
    }
}

impl Drawn {
    /// It in the month that is so many after December 2025 less six: half of the year lies on each side of the change of VAT.
    pub(super) fn world(&self, number: u64) -> World {
        let mut world = World::new();
        for (index, versions) in self.plans.iter().enumerate() {
            let mut data = plan_data(&format!("p{index}"));
            data.kinds = vec![ConnectionKind::Wired, ConnectionKind::Sim];
            data.versions = versions.iter().map(version).collect();
            world.plans.insert(data.id.clone(), data);
        }
        let month = Month::try_from(202_506).ok().and_then(|month| month.after(u32::try_from(number).ok()?));
        let month = month.expect("a month");
        let begins = first(i64::from(month.year()), i64::from(month.number() % 100));
        let days = begins..begins + i64::from(month.days());
        let facts = self.registers.iter().enumerate().map(|(index, plain)| facts(index, plain, days.clone()));
        world.registers = facts.map(|facts| (facts.register, facts)).collect();
        world.month = Some(month);
        world
    }
}

#[test]
fn a_year_of_a_hundred_organisations_equals_the_second_calculation_to_the_tiyn() {
    let (mut total, mut lines) = (0_i128, 0);
    for seed in seeds(100) {
        let drawn = drawn_organisation(seed);
        for number in 1..=12 {
            let world = drawn.world(number);
            let month = world.month.expect("a month");
            let charges = world.charge();
            let plain = plain(&drawn, month);
            let told = format!("seed {seed}, {month}");
            assert_eq!(charges.unpriced, [], "{told}");
            assert_eq!(charges.total(), Ok(tiyn(plain.total)), "{told}");
            let rates = charges.rates().expect("sums");
            assert_eq!(Tiyn::sum(rates.values().map(|rate| rate.vat)), Ok(tiyn(plain.vat)), "{told}");
            let mut of_register: BTreeMap<usize, Tiyn> = BTreeMap::new();
            for line in &charges.lines {
                let sum =
                    of_register.entry(usize::try_from(line.basis.register).expect("an id")).or_default();
                *sum = sum.plus(line.sum).expect("a sum");
            }
            let plain_registers: BTreeMap<usize, Tiyn> =
                plain.registers.iter().map(|(index, sum)| (*index, tiyn(*sum))).collect();
            assert_eq!(of_register, plain_registers, "{told}");
            if let Ok(content) = Content::of_month(&charges, Vec::new(), &charges.days) {
                assert_eq!((content.total, content.vat), (tiyn(plain.total), tiyn(plain.vat)), "{told}");
            }
            total += plain.total;
            lines += charges.lines.len();
        }
    }
    // What is compared is something.
    if std::env::var("OFD_BILLING_SEED").is_err() {
        assert!(total > 100_000_000 && lines > 3_000, "{total} tiyn in {lines} lines");
        assert_eq!(first(2026, 1), 365);
    }
}

/// What the second calculation says of a month of it.
fn plain(drawn: &Drawn, month: Month) -> PlainMonth {
    let (year, in_year) = (i64::from(month.number() / 100), i64::from(month.number() % 100));
    charge(&drawn.plans, &drawn.registers, year, in_year)
}

#[test]
fn what_became_known_after_the_close_equals_the_second_calculation_as_well() {
    let mut corrected = 0;
    for seed in seeds(300) {
        let mut seeded = Seeded::new(seed);
        let all = drawn_organisation(seed);
        // When the month was closed, the first receipts of one register were not known: it seemed to begin some days later.
        let mut known = all.clone();
        let late = usize::try_from(seeded.below(all.registers.len() as u64)).expect("an index");
        let (first, last) = &mut known.registers[late].served[0];
        let begins = *first;
        *first = (*first + 1 + i64::try_from(seeded.below(20)).expect("a few")).min(*last);
        let seemed = *first;
        // The month in which it began, where that is one of these.
        let (year, in_year, _) = calendar(begins);
        let number =
            u64::try_from((year - 2025) * 12 + in_year - 6).ok().filter(|one| (1..=11).contains(one));
        let number = number.unwrap_or_else(|| 1 + seeded.below(11));
        known.registers[late].receipts.retain(|day, _| *day < begins || seemed <= *day);
        let (closed, open) = (known.world(number), all.world(number + 1));
        let (month, told) = (closed.month.expect("a month"), format!("seed {seed}, {number}"));
        let (at_close, since) = (closed.charge(), all.world(number).charge());
        let due = difference(&at_close.days, &since.days).expect("sums");
        let charges = open.charge();
        let posted: Vec<DayCharge> = charges.days.iter().chain(&due).cloned().collect();
        let is_invoiced = Content::of_month(&at_close, Vec::new(), &at_close.days).is_ok();
        let invoiced = is_invoiced.then_some(month).into_iter().collect();
        let documents = Content::all_of_month(&charges, &posted, &invoiced).expect("documents");

        let (before, after, next) =
            (plain(&known, month), plain(&all, month), plain(&all, open.month.expect("a month")));
        let of = |sums: &PlainMonth, percent| sums.by_percent.get(&percent).copied().unwrap_or_default();
        let grown = [12, 16].map(|percent| (percent, of(&after, percent) - of(&before, percent)));
        let more: i128 = grown.iter().map(|(_, sum)| *sum).sum();
        let own = documents.first.as_ref().map_or(Tiyn::ZERO, |content| content.total);
        let additional = Tiyn::sum(documents.additional.iter().map(|content| content.total)).expect("a sum");
        if is_invoiced {
            assert_eq!((own, additional), (tiyn(next.total), tiyn(more)), "{told}");
            let vat: i128 = grown.iter().map(|(percent, sum)| tax(*sum, *percent)).sum();
            let written = Tiyn::sum(documents.additional.iter().map(|content| content.vat));
            assert_eq!(written, Ok(tiyn(vat)), "{told}");
        } else {
            assert_eq!((own, documents.additional.len()), (tiyn(next.total + more), 0), "{told}");
        }
        corrected += usize::from(!due.is_empty());
    }
    if std::env::var("OFD_BILLING_SEED").is_err() {
        assert!(corrected > 40, "{corrected} months were corrected");
    }
}
