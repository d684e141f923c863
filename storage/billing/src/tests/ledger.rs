//! What examples of docs/billing.md say of the ledger.

use std::collections::BTreeMap;

use serde_json::Value;
use time::Date;

use super::scenario::{day, month, sum};
use crate::PersonalAccount;
use crate::Tiyn;
use crate::ledger::{EntryOf, LedgerAccount, Leg, MonthHead, OwnAccount, Posting, Purpose, Source, reversal};

/// An account as examples name it.
fn account(word: &str) -> LedgerAccount {
    match OwnAccount::ALL.into_iter().find(|own| own.name() == word) {
        Some(own) => LedgerAccount::Own(own, 0),
        None => {
            let number = word.strip_prefix("personal-").map_or(0, |serial| serial.parse().expect("a serial"));
            LedgerAccount::Personal(PersonalAccount::of_serial(number).expect("an account"))
        }
    }
}

fn name(of: LedgerAccount) -> String {
    match of {
        LedgerAccount::Own(own, _) => own.name().to_owned(),
        LedgerAccount::Personal(_) => "personal".to_owned(),
    }
}

/// `payment/1 2026-11-30 personal 100.00 bank -100.00`
fn posting(line: &str) -> Posting {
    let mut words = line.split(' ');
    let source = Source::new(words.next().expect("a source")).expect("a source");
    let on: Date = day(words.next().expect("a day")).date();
    let words: Vec<&str> = words.collect();
    let leg = |pair: &[&str]| Leg { account: account(pair[0]), sum: sum(pair[1]) };
    let legs = words.chunks(2).map(leg).collect();
    Posting { source, on, purpose: Purpose::Correction, legs, reverses: None, by: None, why: Value::Null }
}

/// Postings one by one, `today DAY` first, `back SOURCE` for one that takes another back: what is refused, and the balances.
pub(super) fn postings(given: &[&str]) -> Vec<String> {
    let (mut today, mut kept, mut balances) = (Date::MAX, Vec::<Posting>::new(), BTreeMap::new());
    let mut answers = Vec::new();
    for line in given {
        if let Some(word) = line.strip_prefix("today ") {
            today = day(word).date();
            continue;
        }
        let one = match line.strip_prefix("back ") {
            Some(source) => {
                let of = kept.iter().find(|kept| kept.source.as_str() == source).expect("a posting");
                reversal(of, today, None, Value::Null).expect("a reversal")
            }
            None => posting(line),
        };
        if let Err(refused) = one.check(today) {
            answers.push(format!("refused: {refused}"));
            continue;
        }
        if kept.iter().any(|kept| kept.source == one.source) {
            answers.push(format!("{} did nothing", one.source));
            continue;
        }
        for leg in &one.legs {
            let balance = balances.entry(leg.account).or_insert(Tiyn::ZERO);
            *balance = balance.plus(leg.sum).expect("a sum");
        }
        kept.push(one);
    }
    answers.extend(balances.iter().map(|(of, balance)| format!("{} {balance}", name(*of))));
    answers.push(format!("all {}", Tiyn::sum(balances.values().copied()).expect("a sum")));
    answers
}

/// A month of a personal account: `month 2026-11`, `before 5.00`, postings, `carried`, `close`.
pub(super) fn months(given: &[&str]) -> Vec<String> {
    let (mut before, mut head, mut answers) = (Tiyn::ZERO, None::<MonthHead>, Vec::new());
    for line in given {
        if let Some(word) = line.strip_prefix("month ") {
            head = Some(MonthHead::new(account("personal"), month(word)));
            continue;
        }
        let at = head.clone().expect("a month");
        let next = match *line {
            "carried" => Ok(at.carried(&at.outbox)),
            "close" => at.close(before, 0),
            line => match line.strip_prefix("before ") {
                Some(word) => {
                    before = sum(word);
                    Ok(at)
                }
                None => at.take(vec![EntryOf::Posting(posting(line))], 0).map(|taken| taken.head),
            },
        };
        match next {
            Ok(next) => head = Some(next),
            Err(refused) => answers.push(format!("refused: {refused}")),
        }
    }
    let head = head.expect("a month");
    answers.push(format!("entries {} credit {} debit {}", head.entries, head.credit, head.debit));
    answers.extend(head.closed.map(|closed| format!("closed {}", closed.balance)));
    answers
}
