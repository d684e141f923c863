//! The counters once more, straight from the stored bytes and the words of WIRE section 10.

use std::collections::BTreeMap;

use ofd_protocol::register::DocumentKind;

use super::answer::{Pair, Placements, Taxes, Tickets, Zx};
use super::server::{Server, Stored};
use super::tree::Seen;

/// What counts, signed.
#[derive(Default)]
struct Counted {
    shift: Signed,
    /// Since registration: receipts, their sums, placements, cash.
    tickets: [i64; 4],
    sums: [i64; 4],
    placements: [i64; 2],
    cash: i64,
}

#[derive(Default)]
struct Signed {
    sections: BTreeMap<String, [(i64, i64); 4]>,
    operations: [(i64, i64); 4],
    discounts: [(i64, i64); 4],
    markups: [(i64, i64); 4],
    taxes: Taxes,
    start_sums: [i64; 4],
    tickets: [Receipts; 4],
    placements: [(i64, i64, i64); 2],
}

#[derive(Default)]
struct Receipts {
    count: i64,
    sum: i64,
    payments: BTreeMap<u64, (i64, i64)>,
    offline: i64,
    discount: i64,
    markup: i64,
    change: i64,
}

/// The report of a closed shift, recomputed from every document that was stored until its end.
///
/// What is not a counter (times, kind) is left as in `like`.
pub(crate) fn recomputed(server: &Server, shift: u32, like: &Zx) -> Zx {
    let mut counted = Counted::default();
    let mut current = 0;
    for (place, stored) in &server.documents {
        if place.shift > shift {
            break;
        }
        if place.shift != current {
            current = place.shift;
            counted.shift = Signed { start_sums: counted.sums, ..Signed::default() };
        }
        counted.count(stored);
    }
    counted.report(shift, like)
}

fn part(stored: &Stored, number: u32) -> Seen {
    Seen::read(&stored.raw[18..]).part(number)
}

fn optional_money(seen: &Seen, number: u32) -> i64 {
    if seen.has(number) { seen.money(number) } else { 0 }
}

impl Counted {
    fn count(&mut self, stored: &Stored) {
        match stored.kind {
            DocumentKind::Ticket if stored.is_cancelled => {}
            DocumentKind::Ticket => self.ticket(&part(stored, 2)),
            DocumentKind::MoneyPlacement => {
                let placement = part(stored, 7);
                let is_offline = placement.int(4).unwrap_or(0) != 0;
                self.placement(placement.required(2) as usize, placement.money(3), is_offline);
            }
            DocumentKind::CloseShift => {
                let close = part(stored, 3);
                if close.int(4).unwrap_or(0) != 0 && self.cash > 0 {
                    self.placement(1, self.cash, close.int(2).unwrap_or(0) != 0);
                }
            }
            DocumentKind::CancelTicket => {}
        }
    }

    fn placement(&mut self, operation: usize, sum: i64, is_offline: bool) {
        let counter = &mut self.shift.placements[operation];
        *counter = (counter.0 + 1, counter.1 + sum, counter.2 + i64::from(is_offline));
        self.placements[operation] += 1;
        self.cash += if operation == 0 { sum } else { -sum };
    }

    fn ticket(&mut self, ticket: &Seen) {
        let operation = ticket.required(1) as usize;
        for item in ticket.messages(5) {
            let kind = item.required(1);
            let part = item.part(kind as u32 + 1);
            let sign = if kind % 2 == 0 { -1 } else { 1 };
            self.shift.line(operation, kind, sign, &part);
        }
        let amounts = ticket.part(8);
        let total = amounts.money(1);
        for (number, kind) in [(4, 3), (5, 5)] {
            if let Some(modifier) = amounts.message(number) {
                self.shift.line(operation, kind, 1, &modifier);
            }
        }
        for tax in ticket.messages(7) {
            self.shift.tax(operation, &tax, total, 1);
        }
        let receipts = &mut self.shift.tickets[operation];
        receipts.count += 1;
        receipts.sum += total;
        let mut cash = 0;
        for payment in ticket.messages(6) {
            let counter = receipts.payments.entry(payment.required(1)).or_default();
            *counter = (counter.0 + 1, counter.1 + payment.money(2));
            if payment.required(1) == 0 {
                cash += payment.money(2);
            }
        }
        receipts.offline += i64::from(ticket.int(10).unwrap_or(0) != 0);
        receipts.change += optional_money(&amounts, 3);
        receipts.markup += amounts.message(4).map_or(0, |modifier| modifier.money(2));
        receipts.discount += amounts.message(5).map_or(0, |modifier| modifier.money(2));
        self.tickets[operation] += 1;
        self.sums[operation] += total;
        self.cash += if operation == 1 || operation == 2 { cash } else { -cash };
    }

    fn report(&self, shift: u32, like: &Zx) -> Zx {
        let totals = &self.shift;
        let revenue = |operation: usize| totals.tickets[operation].sum;
        let types: Vec<u64> = like.tickets[0].payments.keys().copied().collect();
        let ticket = |operation: usize| {
            let receipts = &totals.tickets[operation];
            Tickets {
                total_count: unsigned(self.tickets[operation]),
                count: unsigned(receipts.count),
                sum: receipts.sum.max(0),
                payments: types
                    .iter()
                    .map(|kind| (*kind, pair(receipts.payments.get(kind).copied().unwrap_or_default())))
                    .collect(),
                offline: unsigned(receipts.offline),
                discount: receipts.discount.max(0),
                markup: receipts.markup.max(0),
                change: receipts.change.max(0),
            }
        };
        let placement = |operation: usize| {
            let (count, sum, offline) = totals.placements[operation];
            Placements {
                total_count: unsigned(self.placements[operation]),
                count: unsigned(count),
                sum,
                offline: unsigned(offline),
            }
        };
        let result = |operation: usize| {
            let (count, sum) = totals.operations[operation];
            (count, sum - totals.discounts[operation].1 + totals.markups[operation].1)
        };
        Zx {
            shift: shift.into(),
            sections: totals.sections.iter().map(|(code, sums)| (code.clone(), sums.map(pair))).collect(),
            operations: totals.operations.map(pair),
            discounts: totals.discounts.map(pair),
            markups: totals.markups.map(pair),
            total_result: std::array::from_fn(|operation| pair(result(operation))),
            taxes: totals.taxes.iter().map(|(rate, sums)| (*rate, sums.map(positive))).collect(),
            start_sums: totals.start_sums,
            tickets: std::array::from_fn(ticket),
            placements: std::array::from_fn(placement),
            cash: self.cash.max(0),
            revenue: revenue(2) + revenue(1) - revenue(3) - revenue(0),
            sums: self.sums,
            ..like.clone()
        }
    }
}

impl Signed {
    fn line(&mut self, operation: usize, kind: u64, sign: i64, part: &Seen) {
        let (sum_tag, section_tag, tax_tag) = match kind {
            1 => (6, 3, 7),
            2 => (5, 2, 6),
            _ => (2, 0, 3),
        };
        let sum = part.money(sum_tag) * sign;
        let counters = match kind {
            1 | 2 => &mut self.operations,
            3 | 4 => &mut self.markups,
            _ => &mut self.discounts,
        };
        counters[operation].0 += sign;
        counters[operation].1 += sum;
        if section_tag != 0 {
            let code = part.text(section_tag).unwrap_or_default();
            let code = if code.trim().is_empty() { "0".to_owned() } else { code.trim().to_owned() };
            let section = &mut self.sections.entry(code).or_default()[operation];
            *section = (section.0 + sign, section.1 + sum);
        }
        let is_discount = kind >= 5;
        for tax in part.messages(tax_tag) {
            let sign = if is_discount { -sign } else { sign };
            self.tax(operation, &tax, part.money(sum_tag) * sign, sign);
        }
    }

    fn tax(&mut self, operation: usize, tax: &Seen, turnover: i64, sign: i64) {
        let percent = tax.required(3);
        let percent = if (1..=100).contains(&percent) { percent * 1000 } else { percent };
        let counter = &mut self.taxes.entry((tax.required(1), percent)).or_default()[operation];
        let sum = tax.money(4) * sign;
        let contained = if tax.required(5) != 0 { sum } else { 0 };
        *counter = (counter.0 + turnover, counter.1 + sum, counter.2 + turnover - contained);
    }
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count.max(0)).unwrap()
}

fn pair((count, sum): (i64, i64)) -> Pair {
    (unsigned(count), sum.max(0))
}

fn positive((turnover, sum, without): (i64, i64, i64)) -> (i64, i64, i64) {
    (turnover.max(0), sum.max(0), without.max(0))
}
