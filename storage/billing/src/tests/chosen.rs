//! What examples of docs/billing.md say of tariffs: prices, versions, choices, quotes.

use std::collections::BTreeMap;

use super::scenario::{World, day, kind, kind_name, month, number, plan_id, sum, version};
use crate::tariffs::{Chooser, Now, Per, Plan, Price, QuoteLine, TariffHistory, VatRates, quote};
use crate::{Day, Month, Tiyn};

/// `1500.00 x 10 / 28`.
pub(super) fn shares(given: &[&str]) -> Vec<String> {
    let share = |line: &&str| match line.split_whitespace().collect::<Vec<_>>().as_slice() {
        [price, "x", times, "/", of] => sum(price)
            .share(number(times), number(of))
            .map_or_else(|error| error.to_string(), |sum| sum.to_string()),
        _ => panic!("{line} is no share"),
    };
    given.iter().map(share).collect()
}

/// `1000.00 on 2025-12-31`.
pub(super) fn taxes(given: &[&str]) -> Vec<String> {
    let rates = VatRates::kazakhstan().expect("rates");
    let tax = |line: &&str| match line.split_whitespace().collect::<Vec<_>>().as_slice() {
        [of, "on", on] => {
            let rate = rates.on(day(on)).expect("a rate");
            format!("{} % {}", rate.percent(), rate.inside(sum(of)).expect("a sum"))
        }
        _ => panic!("{line} is no sum on a day"),
    };
    given.iter().map(tax).collect()
}

/// Now as examples tell it, line by line.
struct Clock {
    today: Option<Day>,
    charged: Option<Day>,
    open: Option<Month>,
}

impl Clock {
    fn new() -> Self {
        Self { today: None, charged: None, open: None }
    }

    fn tell(&mut self, words: &[&str]) -> bool {
        match words {
            ["today", today] => self.today = Some(day(today)),
            ["charged", charged] => self.charged = Some(day(charged)),
            ["open", open] => self.open = Some(month(open)),
            _ => return false,
        }
        true
    }

    fn now(&self) -> Now {
        let today = self.today.expect("a day is told");
        Now::new(today, self.charged, self.open.unwrap_or(today.month()))
    }
}

fn told<T>(result: Result<T, impl std::fmt::Display>, accepted: impl FnOnce(T) -> String) -> String {
    match result {
        Ok(value) => accepted(value),
        Err(error) => format!("refused: {error}"),
    }
}

/// Plans, `today`, `charged`, `open`, then `add PLAN VERSION`, `take-back PLAN` and `on PLAN DAY`.
pub(super) fn versions(given: &[&str]) -> Vec<String> {
    let (mut world, mut clock, mut answers) = (World::new(), Clock::new(), Vec::new());
    let mut plans: BTreeMap<String, Plan> = BTreeMap::new();
    for line in given {
        let words: Vec<&str> = line.split_whitespace().collect();
        if clock.tell(&words) {
            continue;
        }
        let plan = |plans: &mut BTreeMap<String, Plan>, id: &str| {
            let data = || world.plans[&plan_id(id)].clone();
            plans.entry(id.to_owned()).or_insert_with(|| Plan::new(data()).expect("a plan")).clone()
        };
        match words.as_slice() {
            ["add", id, words @ ..] => {
                let mut changed = plan(&mut plans, id);
                let version = version(words);
                answers.push(told(changed.add_version(version, clock.now()), |()| "accepted".to_owned()));
                plans.insert((*id).to_owned(), changed);
            }
            ["take-back", id] => {
                let mut changed = plan(&mut plans, id);
                let taken = changed.take_back(clock.now());
                answers.push(told(taken, |version| format!("taken back: from {}", version.from)));
                plans.insert((*id).to_owned(), changed);
            }
            ["on", id, on] => {
                let found = plan(&mut plans, id);
                let found = found.version_on(day(on));
                answers.push(found.map_or("none".to_owned(), |(number, _)| format!("version {number}")));
            }
            ["check", id] => {
                let data = world.plans[&plan_id(id)].clone();
                answers.push(told(Plan::new(data), |_| "accepted".to_owned()));
            }
            _ => assert!(world.tell(line), "{line} says nothing of versions"),
        }
    }
    answers
}

/// Plans, `today`, then `choose PLAN for BIN wired` and `on DAY`.
pub(super) fn choices(given: &[&str]) -> Vec<String> {
    let (mut world, mut clock, mut answers) = (World::new(), Clock::new(), Vec::new());
    let mut history = TariffHistory::default();
    for line in given {
        let words: Vec<&str> = line.split_whitespace().collect();
        if clock.tell(&words) {
            continue;
        }
        match words.as_slice() {
            ["choose", id, "for", bin, of] => {
                let plans = world.plans();
                let chooser = Chooser { bin, kind: kind(of) };
                let chosen = history.choose(&plans[&plan_id(id)], chooser, clock.now());
                answers.push(told(chosen, |from| format!("{id} from {from}")));
            }
            ["on", on] => {
                answers.push(history.on(day(on)).map_or("none".to_owned(), ToString::to_string));
            }
            _ => assert!(world.tell(line), "{line} says nothing of a choice"),
        }
    }
    answers
}

fn told_quote_line(plan: &str, line: &QuoteLine) -> String {
    let QuoteLine { kind, registers, version, from, to, days, per, price, rate, sum } = line;
    let (kind, per) = (kind_name(*kind), if *per == Per::Month { "month" } else { "day" });
    let price = if *price == Price::Free { "free".to_owned() } else { format!("at {}", price.tiyn()) };
    format!(
        "{registers} {kind} {per} {plan}/{version} {from}..{to} {days} {price}: {sum} at {} %",
        rate.percent()
    )
}

/// Plans, `month`, then `quote PLAN wired 12 sim 2`.
pub(super) fn quotes(given: &[&str]) -> Vec<String> {
    let (mut world, mut answers) = (World::new(), Vec::new());
    for line in given {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["quote", id, registers @ ..] = words.as_slice() else {
            assert!(world.tell(line), "{line} says nothing of a quote");
            continue;
        };
        let registers = registers.chunks(2).map(|pair| (kind(pair[0]), number(pair[1]))).collect();
        let (plans, month) = (world.plans(), world.month.expect("a month is told"));
        match quote(&plans[&plan_id(id)], &registers, month, &world.vat) {
            Err(error) => answers.push(format!("refused: {error}")),
            Ok(quote) => {
                assert_eq!(Tiyn::sum(quote.lines.iter().map(|line| line.sum)), Ok(quote.total));
                answers.extend(quote.lines.iter().map(|line| told_quote_line(id, line)));
                answers.push(format!("total {} vat {}", quote.total, quote.vat));
                answers.extend(quote.connection_fee.map(|fee| format!("once {fee} for each register")));
                answers.extend((quote.free_months > 0).then(|| format!("free months {}", quote.free_months)));
            }
        }
    }
    answers
}
