//! What examples of docs/billing.md say of charges and documents.

use super::scenario::{World, day, month, number, sum, told_day, told_line};
use super::schema::problems;
use crate::charging::{
    Basis, ClockWord, DayCharge, Item, Line, Missing, Origin, RunDue, compare, corrections, difference,
    posting_month, run_due,
};
use crate::invoices::{
    Act, Bill, BillFor, BillLine, Content, Head, Invoice, InvoiceSort, Number, Party, Series, Sides,
    StatementEntry, invoice_xml, reconciliation, turnovers,
};
use crate::tariffs::{ConnectionKind, VatRate};
use crate::{Day, Month, Tiyn};

fn world(given: &[&str]) -> World {
    World::of(&given.join("\n"))
}

/// A month: `line`, `total`, `day`, `unpriced`.
pub(super) fn charges(given: &[&str]) -> Vec<String> {
    let charges = world(given).charge();
    let mut answers: Vec<String> =
        charges.lines.iter().map(|line| format!("line {}", told_line(line))).collect();
    let rates = charges.rates().expect("sums");
    let vat = Tiyn::sum(rates.values().map(|rate| rate.vat)).expect("a sum");
    answers.push(format!("total {} vat {vat}", charges.total().expect("a sum")));
    let last = Day::last_of(charges.month);
    for day in Day::first_of(charges.month).to(last) {
        let of_day = Tiyn::sum(charges.of_day(day).map(|one| one.sum)).expect("a sum");
        answers.push(format!("day {day}: {of_day}"));
    }
    for line in &charges.lines {
        for day in line.from.to(line.to) {
            if let Some(share) = line.share_of(day).expect("a sum") {
                let (register, number) = (line.basis.register, share.number);
                let (before, after, sum) = (share.before, share.after, share.sum);
                answers.push(format!("why {register} {day}: day {number}, {after} - {before} = {sum}"));
            }
        }
    }
    for one in &charges.unpriced {
        let missing = match &one.missing {
            Missing::Tariff => "no tariff".to_owned(),
            Missing::Kind => "no kind of connection".to_owned(),
            Missing::Price(plan) => format!("no price of {plan}"),
            Missing::VatRate => "no rate of VAT".to_owned(),
        };
        answers.push(format!("unpriced {} {}..{}: {missing}", one.register, one.from, one.to));
    }
    answers
}

/// Runs: `charged` says up to which day all were charged, `asked` on which the job was asked last, `over` which day is over by the clock.
pub(super) fn runs(given: &[&str]) -> Vec<String> {
    let (mut charged, mut seen) = (None, None);
    let mut answers = Vec::new();
    for line in given {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["charged", on] => charged = Some(day(on)),
            ["asked", on] => seen = Some(day(on)),
            ["over", on, ref word @ ..] => {
                let word = if word == ["vouched"] { ClockWord::Vouched } else { ClockWord::Told };
                answers.push(match run_due(charged, seen, day(on), word) {
                    RunDue::Charge { day, from } => format!("charges up to {day}, from {from} on"),
                    RunDue::Nothing => "nothing is due".to_owned(),
                    RunDue::Doubtful { .. } => "waits for a person's word".to_owned(),
                });
            }
            _ => panic!("{line} says nothing of a run"),
        }
    }
    answers
}

/// A month, `then` what became known behind it: `due`, `correction`, `posts-to`, `changes`.
pub(super) fn late(given: &[&str]) -> Vec<String> {
    let at = given.iter().position(|line| *line == "then").expect("a line `then`");
    let before = world(&given[..at]);
    let mut after = before.clone();
    for line in &given[at + 1..] {
        assert!(after.tell(line), "{line} says nothing of a month");
    }
    let (posted, planned) = (before.charge().days, after.charge().days);
    let due = difference(&posted, &planned).expect("sums");
    let mut answers: Vec<String> = due.iter().map(|one| format!("due {}", told_day(one))).collect();
    let total = |days: &[DayCharge]| Tiyn::sum(days.iter().map(|one| one.sum)).expect("a sum");
    answers.push(format!("due-total {}", total(&due)));
    let open = after.open.unwrap_or(before.month.expect("a month"));
    answers.extend(due.iter().map(|one| format!("posts {} to {}", one.day, posting_month(one.day, open))));
    let lines = corrections(&due, open).expect("sums");
    answers.extend(lines.iter().map(|line| format!("correction {}", told_line(line))));
    if after.open.is_some() {
        let open_month = World { month: Some(open), up_to: None, ..after.clone() };
        let charges = open_month.charge();
        let in_open: Vec<DayCharge> = charges.days.iter().chain(&due).cloned().collect();
        let documents = Content::all_of_month(&charges, &in_open, &after.invoiced).expect("documents");
        let told = |what: &str, one: &Content| format!("{what} {}: {} vat {}", one.month, one.total, one.vat);
        answers.extend(documents.first.iter().map(|one| told("invoice", one)));
        answers.extend(documents.additional.iter().map(|one| told("additional", one)));
    }
    let compared = compare(&posted, &planned).expect("sums");
    answers.push(format!("changes {} to {}", compared.before, compared.after));
    let changed = compared.registers.iter();
    answers.extend(changed.map(|one| format!("register {}: {} to {}", one.register, one.before, one.after)));
    let all: Vec<DayCharge> = posted.iter().chain(&due).cloned().collect();
    let again = difference(&all, &planned).expect("sums");
    answers.push(if again.is_empty() { "again nothing".to_owned() } else { format!("again {again:?}") });
    answers.push(format!("taken-back {}", total(&difference(&all, &[]).expect("sums"))));
    answers
}

pub(super) fn party(bin: &str) -> Party {
    let (title, address) = (format!("ТОО «{bin}»"), "Астана, пр. Мәңгілік Ел, 1".to_owned());
    Party { bin: bin.to_owned(), title, address, bank: None, vat_certificate: None }
}

fn parsed_number(text: &str) -> Number {
    let parts: Vec<&str> = text.split('-').collect();
    let series: Series = parts[0].parse().expect("a series");
    Number { series, year: number(parts[1]), number: number(parts[2]) }
}

pub(super) fn head(number: &str, on: &str) -> Head {
    Head {
        number: parsed_number(number),
        day: day(on),
        supplier: party("990140000001"),
        recipient: party("123456789012"),
        contract: None,
    }
}

/// A month's invoice: `invoice-line`, `rounding`, `total`.
pub(super) fn contents(given: &[&str]) -> Vec<String> {
    let charges = world(given).charge();
    let content = Content::of_month(&charges, Vec::new(), &charges.days).expect("a document");
    let line = |line: &crate::invoices::ContentLine| {
        let (sum, net, own) = (line.line.sum, line.net().expect("a sum"), line.line.vat);
        format!("invoice-line {}: {net} + {} = {sum}, own vat {own}", line.number, line.vat)
    };
    let mut answers: Vec<String> = content.lines.iter().map(line).collect();
    for rate in &content.rates {
        answers.push(format!("rounding at {} %: {}", rate.rate.percent(), rate.rounding));
    }
    answers.push(format!("total {} vat {}", content.total, content.vat));
    answers
}

/// A month's invoice as XML: its lines, and what the schema has against it.
pub(super) fn xmls(given: &[&str]) -> Vec<String> {
    let charges = world(given).charge();
    let content = Content::of_month(&charges, Vec::new(), &charges.days).expect("a document");
    let issued = Day::last_of(content.month);
    let number = format!("A-{}-000001", issued.month().year());
    let invoice = Invoice::first(head(&number, &issued.to_string()), content).expect("an invoice");
    let xml = invoice_xml(&invoice, &std::collections::BTreeMap::new()).expect("sums");
    let problems = problems(&xml);
    let mut answers = vec![if problems.is_empty() { "valid".to_owned() } else { problems.join("; ") }];
    answers.extend(xml.lines().map(|line| line.trim().to_owned()));
    answers
}

/// `last A-2026-000007 on 2026-12-31` or `last none of A on 2027-01-01`, and `row A-2026-000001 …`.
pub(super) fn numbers(given: &[&str]) -> Vec<String> {
    let told = |result: Result<String, crate::invoices::NumberError>| {
        result.unwrap_or_else(|error| format!("refused: {error}"))
    };
    let answer = |line: &&str| match line.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["last", "none", "of", series, "on", on] => {
            let series: Series = series.parse().expect("a series");
            told(Number::next(&series, day(on), None).map(|number| number.to_string()))
        }
        ["last", last, "on", on] => {
            let last = parsed_number(last);
            told(Number::next(&last.series, day(on), Some(&last)).map(|number| number.to_string()))
        }
        ["row", row @ ..] => {
            let row: Vec<Number> = row.iter().map(|number| parsed_number(number)).collect();
            told(Number::check_row(&row).map(|()| "a row".to_owned()))
        }
        _ => panic!("{line} says nothing of numbers"),
    };
    given.iter().map(answer).collect()
}

/// What one line of so much at 16 % makes a document of.
pub(super) fn content(month: Month, of: Tiyn) -> Content {
    let rate = VatRate::new(16).expect("a rate");
    let basis = Basis {
        register: 1,
        item: Item::Connection,
        plan: "basic".parse().expect("an id"),
        version: 1,
        kind: ConnectionKind::Wired,
        price: of,
        step: 1,
        rate,
        free: None,
    };
    let (from, vat) = (Day::first_of(month), rate.inside(of).expect("a sum"));
    let line = Line { basis, origin: Origin::Month, from, to: from, quantity: 1, sum: of, vat };
    Content::of_lines(month, vec![line]).expect("a document")
}

/// `first|corrected|additional NUMBER on DAY for MONTH sum SUM`, `again NUMBER` to correct the last, `act NUMBER`, and
/// `bill NUMBER on DAY advance MONTH SUM …`.
pub(super) fn documents(given: &[&str]) -> Vec<String> {
    let (mut first, mut last): (Option<Invoice>, Option<Invoice>) = (None, None);
    let mut answers = Vec::new();
    for line in given {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["act", number] => {
                let act = Act::of(first.as_ref().expect("a first"), parsed_number(number)).expect("an act");
                let (head, content) = (&act.head, &act.content);
                let invoice = &act.invoice.number;
                answers
                    .push(format!("act {} to {invoice}: {} vat {}", head.number, content.total, content.vat));
            }
            ["bill", number, "on", on, "advance", of, sums @ ..] => {
                let line = |text: &&str| BillLine {
                    what: BillFor::Advance(month(of)),
                    rate: VatRate::new(16).expect("a rate"),
                    sum: sum(text),
                };
                let lines = sums.iter().map(line).collect();
                answers.push(match Bill::new(head(number, on), "570095".to_owned(), None, lines) {
                    Ok(bill) => format!("bill {}: {} vat {}", bill.head.number, bill.total, bill.vat),
                    Err(error) => format!("refused: {error}"),
                });
            }
            [how, number, "on", on, "for", of, "sum", text] => {
                let (head, content) = (head(number, on), content(month(of), sum(text)));
                let to = || first.as_ref().expect("a first");
                let made = match *how {
                    "first" => Invoice::first(head, content),
                    "corrected" => Invoice::corrected(to(), head, content),
                    "additional" => Invoice::additional(to(), head, content),
                    "corrected-again" => Invoice::corrected(last.as_ref().expect("one"), head, content),
                    _ => panic!("{line} makes no document"),
                };
                answers.push(match &made {
                    Ok(invoice) => told_invoice(invoice),
                    Err(error) => format!("refused: {error}"),
                });
                if let Ok(invoice) = made {
                    first = first.or_else(|| Some(invoice.clone()));
                    last = Some(invoice);
                }
            }
            _ => panic!("{line} makes no document"),
        }
    }
    answers
}

fn told_invoice(invoice: &Invoice) -> String {
    let sort = match &invoice.sort {
        InvoiceSort::First => "first".to_owned(),
        InvoiceSort::Corrected(first) => format!("corrected, names {} of {}", first.number, first.day),
        InvoiceSort::Additional(first) => format!("additional, names {} of {}", first.number, first.day),
    };
    let Invoice { head, turnover, content, .. } = invoice;
    format!("{} {sort}: turnover {turnover}, {} vat {}", head.number, content.total, content.vat)
}

fn told_sides(sides: Sides) -> String {
    format!("{}/{}", sides.debit, sides.credit)
}

/// `entry DAY debit|credit SUM`, then `months FROM TO` or `days FROM TO`.
pub(super) fn statements(given: &[&str]) -> Vec<String> {
    let (mut entries, mut answers) = (Vec::new(), Vec::new());
    for line in given {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["entry", on, side, text] => {
                let (debit, credit) =
                    if *side == "debit" { (sum(text), Tiyn::ZERO) } else { (Tiyn::ZERO, sum(text)) };
                entries.push(StatementEntry { day: day(on), document: String::new(), debit, credit });
            }
            ["months", from, to] => {
                let told = turnovers(&entries, month(from), month(to)).expect("a statement");
                let row = |name: String, row: &crate::invoices::TurnoverRow| {
                    let (opening, turnover) = (told_sides(row.opening), told_sides(row.turnover));
                    format!("{name}: {opening} + {turnover} = {}", told_sides(row.closing))
                };
                answers.extend(told.rows.iter().map(|one| row(one.month.to_string(), one)));
                answers.push(row("whole".to_owned(), &told.whole));
            }
            ["days", from, to] => {
                let (supplier, customer) = (party("990140000001"), party("123456789012"));
                let act = reconciliation(supplier, customer, &entries, day(from), day(to)).expect("an act");
                answers.push(format!("opening {}", told_sides(act.opening)));
                let rows = act.rows.iter();
                answers.extend(rows.map(|row| format!("{} {}/{}", row.day, row.debit, row.credit)));
                let (turnover, closing) = (told_sides(act.turnover), told_sides(act.closing));
                answers.push(format!("turnover {turnover}"));
                answers.push(format!("closing {closing} in favour of {:?}", act.in_favour_of));
            }
            _ => panic!("{line} says nothing of an account"),
        }
    }
    answers
}
