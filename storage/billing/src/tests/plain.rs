//! A second calculation, written from docs/billing.md alone: plain numbers, one loop over days, nothing of the code that it checks.

use std::collections::BTreeMap;

/// A version of a plan: the first day, the price for wired and SIM, whether by month, steps as (registers, percent of the price),
/// free months, fee, limit and price above it.
#[derive(Clone, Debug)]
pub(super) struct PlainVersion {
    pub(super) from: i64,
    /// Wired, then SIM: steps of (from so many registers, tiyn).
    pub(super) prices: [Vec<(u64, i128)>; 2],
    pub(super) by_month: bool,
    pub(super) free_months: u64,
    pub(super) fee: i128,
    pub(super) limit: Option<(u64, i128)>,
}

/// A register: what it was from which day. Days are numbers since 2025-01-01.
#[derive(Clone, Debug)]
pub(super) struct PlainRegister {
    /// The first day and the last one that are charged.
    pub(super) served: Vec<(i64, i64)>,
    pub(super) sim_from: i64,
    /// The index of the plan from which day.
    pub(super) plans: Vec<(i64, usize)>,
    pub(super) receipts: BTreeMap<i64, u64>,
}

const COMMON: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Year, month from 1 and day of a number of days since 2025-01-01.
pub(super) fn calendar(number: i64) -> (i64, i64, i64) {
    let (mut year, mut rest) = (2025, number);
    loop {
        for month in 1..=12 {
            let days = length(year, month);
            if rest < days {
                return (year, month, rest + 1);
            }
            rest -= days;
        }
        year += 1;
    }
}

/// How many days a month has.
pub(super) fn length(year: i64, month: i64) -> i64 {
    let leap = month == 2 && year % 4 == 0;
    COMMON[usize::try_from(month - 1).expect("a month")] + i64::from(leap)
}

/// The number of the first day of a month.
pub(super) fn first(year: i64, month: i64) -> i64 {
    let before = (2025..year).flat_map(|year| (1..=12).map(move |month| length(year, month)));
    before.chain((1..month).map(|month| length(year, month))).sum()
}

/// To the nearest whole number, halves away from zero.
fn nearest(dividend: i128, divisor: i128) -> i128 {
    let twice = dividend.abs() * 2 + divisor;
    (twice / (divisor * 2)) * dividend.signum()
}

/// Twelve percent in 2025, sixteen since.
fn percent(day: i64) -> i128 {
    if day < 365 { 12 } else { 16 }
}

pub(super) fn tax(sum: i128, percent: i128) -> i128 {
    nearest(sum * percent, 100 + percent)
}

/// The last day of a plan's free months, or the day before the first receipt.
fn free_to(first_receipt: i64, months: u64) -> i64 {
    let (year, month, day) = calendar(first_receipt);
    let index = month - 1 + i64::try_from(months).expect("a few");
    let (year, month) = (year + index / 12, index % 12 + 1);
    // Where the month has no such day, all of it is free.
    first(year, month) + (day - 1).min(length(year, month)) - 1
}

/// What a month comes to: total, VAT and the lines' sums by register.
pub(super) struct PlainMonth {
    pub(super) total: i128,
    pub(super) vat: i128,
    pub(super) registers: BTreeMap<usize, i128>,
    /// What of it is of which rate of VAT.
    pub(super) by_percent: BTreeMap<i128, i128>,
}

/// What identifies a run of days, by all that makes its price.
#[derive(Clone, PartialEq)]
struct Run {
    plan: usize,
    version: usize,
    sim: bool,
    step: u64,
    price: i128,
    percent: i128,
    free: bool,
}

pub(super) fn charge(
    plans: &[Vec<PlainVersion>],
    registers: &[PlainRegister],
    year: i64,
    month: i64,
) -> PlainMonth {
    let (from, days) = (first(year, month), length(year, month));
    let mut by_percent: BTreeMap<i128, i128> = BTreeMap::new();
    let mut of_register: BTreeMap<usize, i128> = BTreeMap::new();
    let is_served = |register: &PlainRegister, day: i64| {
        register.served.iter().any(|(first, last)| (*first..=*last).contains(&day))
    };
    let plan_on = |register: &PlainRegister, day: i64| {
        register.plans.iter().rfind(|(from, _)| *from <= day).map(|(_, plan)| *plan).expect("a plan")
    };
    let version_on = |plan: usize, day: i64| {
        plans[plan].iter().rposition(|version| version.from <= day).expect("a version")
    };
    for (index, register) in registers.iter().enumerate() {
        let first_receipt = register.served.iter().map(|(first, _)| *first).min().expect("a service");
        let mut runs: Vec<(Run, i64, i64)> = Vec::new();
        let mut add = |percent: i128, sum: i128| {
            *by_percent.entry(percent).or_default() += sum;
            *of_register.entry(index).or_default() += sum;
        };
        for day in (from..from + days).filter(|day| is_served(register, *day)) {
            let plan = plan_on(register, day);
            let number = version_on(plan, day);
            let version = &plans[plan][number];
            let sim = day >= register.sim_from;
            let on_plan =
                registers.iter().filter(|one| is_served(one, day) && plan_on(one, day) == plan).count();
            let steps = &version.prices[usize::from(sim)];
            let (step, price) = *steps.iter().rfind(|(least, _)| *least <= on_plan as u64).expect("a step");
            let promised = plans[plan].iter().rfind(|version| version.from <= first_receipt);
            let free = promised.is_some_and(|version| day <= free_to(first_receipt, version.free_months));
            let price = if free { 0 } else { price };
            if day == first_receipt {
                add(percent(day), version.fee);
            }
            if let Some((limit, over)) = version.limit.filter(|_| !free) {
                let through: u64 = register.receipts.range(from..=day).map(|(_, count)| *count).sum();
                let today = register.receipts.get(&day).copied().unwrap_or_default();
                add(percent(day), i128::from(through.saturating_sub(limit).min(today)) * over);
            }
            let run = Run { plan, version: number, sim, step, price, percent: percent(day), free };
            match runs.last_mut() {
                Some((last, _, to)) if *last == run && *to == day - 1 => *to = day,
                _ => runs.push((run, day, day)),
            }
        }
        for (run, from, to) in runs {
            let many = i128::from(to - from + 1);
            let by_month = plans[run.plan][run.version].by_month;
            let sum = if by_month { nearest(run.price * many, i128::from(days)) } else { run.price * many };
            add(run.percent, sum);
        }
    }
    let total = by_percent.values().sum();
    let vat = by_percent.iter().map(|(percent, sum)| tax(*sum, *percent)).sum();
    PlainMonth { total, vat, registers: of_register, by_percent }
}

#[test]
fn the_calendar_of_the_second_calculation_is_right() {
    assert_eq!(calendar(0), (2025, 1, 1));
    assert_eq!(calendar(365), (2026, 1, 1));
    assert_eq!(calendar(first(2028, 2) + 28), (2028, 2, 29));
    assert_eq!(free_to(first(2026, 1) + 30, 1), first(2026, 2) + 27);
    assert_eq!(free_to(first(2026, 1) + 14, 2), first(2026, 3) + 13);
    assert_eq!(free_to(first(2026, 1) + 14, 0), first(2026, 1) + 13);
    assert_eq!((nearest(-5, 10), nearest(5, 10), nearest(4, 10)), (-1, 1, 0));
}
