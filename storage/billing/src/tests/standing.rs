//! What examples of docs/billing.md say of forecasts, notices and stops.

use super::scenario::{World, day, sum};
use crate::charging::Rules;
use crate::standing::{
    Costs, Known, Notice, NoticeKind, NoticeWay, Promise, Standing, State, aged, forecast, judge, promised,
};
use crate::{Day, Tiyn};

/// A month as charges have it, then `charged DAY balance SUM`: `ends`.
pub(super) fn forecasts(given: &[&str]) -> Vec<String> {
    let is_question = |line: &&&str| line.starts_with("charged ");
    let world: Vec<&str> = given.iter().filter(|line| !is_question(line)).copied().collect();
    let world = World::of(&world.join("\n"));
    let answer = |line: &&str| match line.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["charged", charged, "balance", balance] => {
            let plans = world.plans();
            let rules = Rules { plans: &plans, vat: &world.vat };
            let registers: Vec<_> = world.registers.values().cloned().collect();
            let costs = Costs::of(day(charged), &registers, rules).expect("costs");
            match forecast(sum(balance), &costs).expect("a sum") {
                Some(ends) => format!("ends {ends}"),
                None => format!("covers {}", costs.last()),
            }
        }
        _ => panic!("{line} says nothing of a forecast"),
    };
    given.iter().filter(is_question).map(answer).collect()
}

/// What happens on a day.
enum Event {
    Pays(Tiyn),
    Promises(Day),
    /// Whether letters go from then on.
    Mail(bool),
}

/// `balance SUM cost SUM`, then events by day, told day by day up to `until DAY`.
pub(super) fn standings(given: &[&str]) -> Vec<String> {
    let (mut balance, mut cost, mut events, mut days) = (Tiyn::ZERO, Tiyn::ZERO, Vec::new(), None);
    for line in given {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["balance", of, "cost", each] => (balance, cost) = (sum(of), sum(each)),
            [on, "pays", of] => events.push((day(on), Event::Pays(sum(of)))),
            [on, "promises", until] => events.push((day(on), Event::Promises(day(until)))),
            [on, "mail", is] => events.push((day(on), Event::Mail(*is == "goes"))),
            ["from", first, "to", last] => days = Some((day(first), day(last))),
            _ => panic!("{line} says nothing of a standing"),
        }
    }
    let (first, last) = days.expect("days");
    let (mut standing, mut answers, mut mail_goes) = (Standing::default(), Vec::new(), true);
    for today in first.to(last) {
        // The day before was charged in the night; from the first day on.
        if today > first {
            balance = balance.minus(cost).expect("a sum");
        }
        let costs = Costs { charged: today.previous().expect("a day"), days: vec![cost; 90] };
        for (_, event) in events.iter().filter(|(on, _)| *on == today) {
            match event {
                Event::Pays(sum) => balance = balance.plus(*sum).expect("a sum"),
                Event::Mail(goes) => mail_goes = *goes,
                Event::Promises(until) => {
                    let promise = Promise { until: *until, by: String::new(), reason: String::new() };
                    match promised(&standing, (balance, today), promise) {
                        Ok(next) => standing = next,
                        Err(refused) => answers.push(format!("{today} refused: {refused}")),
                    }
                }
            }
        }
        let was_stopped = standing.stopped.is_some();
        let judged = judge(&standing, Known { today, balance, costs: &costs }).expect("a sum");
        standing = judged.standing;
        if let (Some(kind), true) = (judged.notice, mail_goes) {
            let ends = judged.ends.expect("a day");
            answers.push(format!("{today} notice {}: ends {ends}", kind.days()));
            standing.notices.push(Notice { kind, on: today, way: NoticeWay::Letter });
        }
        match judged.state {
            State::Stopped(since) if !was_stopped => {
                answers.push(format!("{since} stopped, {} owed", balance.negated()));
            }
            State::Good | State::Ends(_) | State::Grace(_) | State::Promised(_) if was_stopped => {
                answers.push(format!("{today} goes on, balance {balance}"));
            }
            _ => {}
        }
    }
    answers
}

/// `balance SUM charged SUM SUM SUM`: the debt by age.
pub(super) fn ages(given: &[&str]) -> Vec<String> {
    let answer = |line: &&str| match line.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["balance", balance, "charged", present, before, second] => {
            let aged = aged(sum(balance), [sum(present), sum(before), sum(second)]).expect("a sum");
            format!(
                "present {} before {} second {} older {}",
                aged.present, aged.before, aged.second, aged.older
            )
        }
        _ => panic!("{line} says nothing of a debt"),
    };
    given.iter().map(answer).collect()
}

#[test]
fn nobody_is_stopped_without_a_notice_however_long_the_money_is_gone() {
    let mut standing = Standing::default();
    for today in day("2026-02-01").to(day("2026-12-31")) {
        let costs = Costs { charged: today.previous().expect("a day"), days: vec![sum("50.00"); 60] };
        let known = Known { today, balance: sum("-5000.00"), costs: &costs };
        let judged = judge(&standing, known).expect("a sum");
        assert_eq!((judged.state, judged.notice), (State::Grace(None), Some(NoticeKind::Day)));
        standing = judged.standing;
    }
}

#[test]
fn a_clock_that_is_set_back_ends_no_stop_and_begins_none() {
    let costs =
        |today: Day| Costs { charged: today.previous().expect("a day"), days: vec![sum("50.00"); 60] };
    let told = Notice { kind: NoticeKind::Day, on: day("2026-02-10"), way: NoticeWay::Letter };
    let ended = Standing { ended: Some(day("2026-02-10")), notices: vec![told], ..Standing::default() };
    let at = |standing: &Standing, today| {
        let today = day(today);
        judge(standing, Known { today, balance: sum("-900.00"), costs: &costs(today) }).expect("a sum")
    };
    assert_eq!(at(&ended, "2026-01-01").state, State::Grace(Some(day("2026-02-17"))));
    let stopped = at(&ended, "2026-02-17");
    assert_eq!(stopped.state, State::Stopped(day("2026-02-17")));
    assert_eq!(at(&stopped.standing, "2026-01-01").state, State::Stopped(day("2026-02-17")));
}
