//! An organisation's month in words, as examples and tables tell it.

use std::collections::{BTreeMap, BTreeSet};

use crate::charging::{
    Charges, DayCharge, Free, Item, KindChange, Line, OrganisationMonth, RegisterFacts, Rules, Service,
    ServiceEnd, charge,
};
use crate::tariffs::{
    Choosers, ConnectionKind, KindPrice, Per, Plan, PlanData, PlanId, PlanVersion, Price, ReceiptLimit,
    Signing, Step, TakesEffect, TariffChange, TariffHistory, Titles, Tls, VatRates,
};
use crate::{Day, Month, Tiyn};

/// A sum as it is written: `1500.00`.
pub(super) fn sum(text: &str) -> Tiyn {
    let (whole, part) = text.split_once('.').unwrap_or_else(|| panic!("{text} is no sum"));
    assert_eq!(part.len(), 2, "{text} has no two digits behind the point");
    let tiyn: i64 = format!("{whole}{part}").parse().unwrap_or_else(|_| panic!("{text} is no sum"));
    Tiyn::new(tiyn).expect("a sum")
}

pub(super) fn day(text: &str) -> Day {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

pub(super) fn month(text: &str) -> Month {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

pub(super) fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text} is no number"))
}

pub(super) fn kind(text: &str) -> ConnectionKind {
    match text {
        "wired" => ConnectionKind::Wired,
        "sim" => ConnectionKind::Sim,
        _ => panic!("{text} is no kind of connection"),
    }
}

pub(super) fn kind_name(kind: ConnectionKind) -> &'static str {
    match kind {
        ConnectionKind::Wired => "wired",
        ConnectionKind::Sim => "sim",
    }
}

pub(super) fn plan_id(text: &str) -> PlanId {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn price(text: &str) -> Price {
    if text == "free" { Price::Free } else { Price::Tiyn(sum(text)) }
}

/// `1500.00`, `free` or steps: `1:1500.00,10:1200.00`.
fn steps(text: &str) -> Vec<Step> {
    let step = |text: &str| {
        let (registers, of) = text.split_once(':').unwrap_or(("1", text));
        Step { registers: number(registers), price: price(of) }
    };
    text.split(',').map(step).collect()
}

/// `2026-01-01 [to 2026-05-31] wired month 1500.00 sim day 60.00 [free-months 1] [fee 5000.00] [limit 100 over 2.00]`.
pub(super) fn version(words: &[&str]) -> PlanVersion {
    let mut version = PlanVersion {
        from: day(words[0]),
        last: None,
        prices: Vec::new(),
        free_months: 0,
        connection_fee: None,
        receipts: None,
    };
    let mut rest = &words[1..];
    loop {
        rest = match rest {
            [] => return version,
            ["to", last, rest @ ..] => {
                version.last = Some(day(last));
                rest
            }
            ["free-months", months, rest @ ..] => {
                version.free_months = number(months);
                rest
            }
            ["fee", fee, rest @ ..] => {
                version.connection_fee = Some(sum(fee));
                rest
            }
            ["limit", receipts, "over", over, rest @ ..] => {
                version.receipts = Some(ReceiptLimit { receipts: number(receipts), over: price(over) });
                rest
            }
            [which, per, prices, rest @ ..] => {
                let per = match *per {
                    "month" => Per::Month,
                    "day" => Per::Day,
                    _ => panic!("{per} is neither month nor day"),
                };
                version.prices.push(KindPrice { kind: kind(which), per, steps: steps(prices) });
                rest
            }
            _ => panic!("{rest:?} says nothing of a version"),
        };
    }
}

pub(super) fn plan_data(id: &str) -> PlanData {
    let title = |language: &str| format!("{id} {language}");
    PlanData {
        id: plan_id(id),
        titles: Titles { ru: title("ru"), kk: title("kk"), en: title("en") },
        choosers: Choosers::All,
        tls: Tls::Included,
        kinds: Vec::new(),
        takes_effect: TakesEffect::NextDay,
        signing: Signing::Unsigned,
        versions: Vec::new(),
    }
}

/// An organisation, its registers and what they are charged by.
#[derive(Clone)]
pub(super) struct World {
    pub(super) plans: BTreeMap<PlanId, PlanData>,
    pub(super) vat: VatRates,
    pub(super) month: Option<Month>,
    pub(super) up_to: Option<Day>,
    pub(super) open: Option<Month>,
    pub(super) invoiced: BTreeSet<Month>,
    pub(super) registers: BTreeMap<u64, RegisterFacts>,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            plans: BTreeMap::new(),
            vat: VatRates::kazakhstan().expect("rates"),
            month: None,
            up_to: None,
            open: None,
            invoiced: BTreeSet::new(),
            registers: BTreeMap::new(),
        }
    }

    pub(super) fn of(text: &str) -> Self {
        let mut world = Self::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            assert!(world.tell(line), "{line} says nothing of a month");
        }
        world
    }

    /// Takes one line; `false` for one that is about something else.
    pub(super) fn tell(&mut self, line: &str) -> bool {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["month", one] => self.month = Some(month(one)),
            ["up-to", last] => self.up_to = Some(day(last)),
            ["open", first] => self.open = Some(month(first)),
            ["invoiced", one] => {
                self.invoiced.insert(month(one));
            }
            ["plan", id, "takes-effect", "next-month"] => {
                self.plan(id).takes_effect = TakesEffect::NextMonth;
            }
            ["plan", id, "for", bins @ ..] => {
                let listed = || bins.iter().map(|bin| (*bin).to_owned()).collect();
                self.plan(id).choosers =
                    if bins == ["nobody"] { Choosers::Nobody } else { Choosers::Listed(listed()) };
            }
            ["plan", id, words @ ..] => {
                let version = version(words);
                let plan = self.plan(id);
                plan.kinds = version.prices.iter().map(|price| price.kind).collect();
                plan.versions.push(version);
            }
            ["register" | "registers", registers, what @ ..] => {
                let (from, to) = registers.split_once('-').unwrap_or((registers, registers));
                for register in number::<u64>(from)..=number(to) {
                    self.register(register, what);
                }
            }
            _ => return false,
        }
        true
    }

    fn plan(&mut self, id: &str) -> &mut PlanData {
        self.plans.entry(plan_id(id)).or_insert_with(|| plan_data(id))
    }

    fn register(&mut self, register: u64, what: &[&str]) {
        let unknown = || RegisterFacts {
            register,
            services: Vec::new(),
            kinds: Vec::new(),
            tariffs: TariffHistory::default(),
            receipts: BTreeMap::new(),
        };
        let facts = self.registers.entry(register).or_insert_with(unknown);
        match what {
            ["receipts", on, receipts] => {
                facts.receipts.insert(day(on), number(receipts));
            }
            ["plan", plan, "from", from] => change_plan(facts, plan, day(from)),
            ["again", from, end @ ..] => facts.services.push(service(from, end)),
            ["first", from] => facts.services[0].from = day(from),
            ["ends", end, how] => {
                let last = facts.services.last_mut().expect("a service");
                last.end = service("2000-01-01", &["to", end, how]).end;
            }
            ["kind", of, "from", from] => facts.kinds.push(KindChange { from: day(from), kind: kind(of) }),
            [of, plan, from, end @ ..] => {
                facts.services.push(service(from, end));
                // Chosen and connected before the first receipt, as it is.
                let chosen = day("2024-01-01");
                facts.kinds.push(KindChange { from: chosen, kind: kind(of) });
                if *plan != "none" {
                    change_plan(facts, plan, chosen);
                }
            }
            _ => panic!("{what:?} says nothing of a register"),
        }
    }

    pub(super) fn charge(&self) -> Charges {
        let plans = self.plans();
        let registers: Vec<RegisterFacts> = self.registers.values().cloned().collect();
        let month = self.month.expect("a month is told");
        let organisation = OrganisationMonth {
            month,
            up_to: self.up_to.unwrap_or(Day::last_of(month)),
            registers: &registers,
            rules: Rules { plans: &plans, vat: &self.vat },
        };
        charge(&organisation).expect("it can be charged")
    }

    pub(super) fn plans(&self) -> BTreeMap<PlanId, Plan> {
        let checked = |(id, data): (&PlanId, &PlanData)| {
            (id.clone(), Plan::new(data.clone()).unwrap_or_else(|error| panic!("{id}: {error}")))
        };
        self.plans.iter().map(checked).collect()
    }
}

fn change_plan(facts: &mut RegisterFacts, plan: &str, from: Day) {
    let mut changes = facts.tariffs.changes().to_vec();
    changes.push(TariffChange { from, plan: plan_id(plan) });
    facts.tariffs = TariffHistory::new(changes).expect("changes in their order");
}

fn service(from: &str, end: &[&str]) -> Service {
    let end = match end {
        [] => None,
        ["to", last, "deregistered"] => Some(ServiceEnd::Deregistered(day(last))),
        ["to", last, "disconnected"] => Some(ServiceEnd::Disconnected(day(last))),
        ["to", first, "moved"] => Some(ServiceEnd::Moved(day(first))),
        _ => panic!("{end:?} is no end"),
    };
    Service { from: day(from), end }
}

fn item_name(item: Item) -> &'static str {
    match item {
        Item::ByMonth => "month",
        Item::ByDay => "day",
        Item::Connection => "connection",
        Item::ReceiptsOver => "receipts",
    }
}

/// A line as examples tell it.
pub(super) fn told_line(line: &Line) -> String {
    let Line { basis, from, to, quantity, sum, vat, .. } = line;
    let price = match basis.free {
        None => format!("at {}", basis.price),
        Some(Free::Price) => "free".to_owned(),
        Some(Free::Until(day)) => format!("free until {day}"),
    };
    let (register, item) = (basis.register, item_name(basis.item));
    let plan = format!("{}/{} {}", basis.plan, basis.version, kind_name(basis.kind));
    format!(
        "{register} {item} {plan} {from}..{to} {quantity} {price}: {sum} vat {vat} at {} %",
        basis.rate.percent()
    )
}

/// What a day comes to, as examples tell it.
pub(super) fn told_day(one: &DayCharge) -> String {
    let DayCharge { day, basis, sum, vat } = one;
    format!(
        "{day} {} {} {}/{}: {sum} vat {vat}",
        basis.register,
        item_name(basis.item),
        basis.plan,
        basis.version
    )
}
