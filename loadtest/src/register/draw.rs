//! Documents as shops make them, drawn from a register's own generator.

use std::borrow::Cow;

use ofd_protocol::types::{LocalDateTime, TIYN_PER_TENGE};
use serde::{Deserialize, Serialize};

use super::document::Document;
use super::kinds::{Operation, PaymentKind, Placement, ReportKind};
use super::receipt::{
    Adjustment, AdjustmentKind, Cashier, Line, LineKind, Parent, QUANTITY_ONE, Receipt, Tax, VAT_MILLIPERCENT,
};
use crate::random::Random;

/// What a shop sells.
struct Goods {
    name: &'static str,
    section: &'static str,
    barcode: &'static str,
    /// The price of one, in tiyn.
    price: i64,
    by_weight: bool,
    marked: bool,
}

#[rustfmt::skip] // A table reads better with a row a line.
const GOODS: [Goods; 20] = [
    Goods { name: "Сүт «Жайлау» 3,2 % 1 л", section: "1", barcode: "4870010003775", price: 46500, by_weight: false, marked: false },
    Goods { name: "Айран «Қымыз-Айран» 500 мл", section: "1", barcode: "4870010082961", price: 38900, by_weight: false, marked: false },
    Goods { name: "Нан бидай «Ақсай» 600 г", section: "2", barcode: "4870010162151", price: 17500, by_weight: false, marked: false },
    Goods { name: "Хлеб бородинский нарезной 400 г", section: "2", barcode: "4870010241344", price: 24050, by_weight: false, marked: false },
    Goods { name: "Шай үнді «Пиала» 250 г", section: "3", barcode: "4870010320537", price: 129000, by_weight: false, marked: false },
    Goods { name: "Кофе растворимый 95 г", section: "3", barcode: "4870010399724", price: 349900, by_weight: false, marked: false },
    Goods { name: "Картоп, кг", section: "4", barcode: "4870010478917", price: 24000, by_weight: true, marked: false },
    Goods { name: "Яблоки «Апорт», кг", section: "4", barcode: "4870010558107", price: 89000, by_weight: true, marked: false },
    Goods { name: "Ет сиыр еті, кг", section: "5", barcode: "4870010637291", price: 329000, by_weight: true, marked: false },
    Goods { name: "Колбаса «Докторская» 500 г", section: "5", barcode: "4870010716484", price: 215075, by_weight: false, marked: false },
    Goods { name: "Су «Асу» газдалмаған 1 л", section: "6", barcode: "4870010795670", price: 29900, by_weight: false, marked: true },
    Goods { name: "Лимонад «Дюшес» 1,5 л", section: "6", barcode: "4870010874863", price: 45033, by_weight: false, marked: true },
    Goods { name: "Жұмыртқа С1, 10 дана", section: "1", barcode: "4870010954053", price: 64900, by_weight: false, marked: false },
    Goods { name: "Масло подсолнечное 1 л", section: "3", barcode: "4870011033245", price: 92500, by_weight: false, marked: false },
    Goods { name: "Кір жуғыш ұнтақ 2 кг", section: "7", barcode: "4870011112438", price: 339900, by_weight: false, marked: false },
    Goods { name: "Пакет-майка", section: "8", barcode: "4870011191624", price: 1500, by_weight: false, marked: false },
    Goods { name: "Дәптер 48 парақ", section: "9", barcode: "4870011270817", price: 22500, by_weight: false, marked: false },
    Goods { name: "Батарейка AA, 4 шт.", section: "9", barcode: "4870011350007", price: 185000, by_weight: false, marked: false },
    Goods { name: "Құрт «Ордабасы» 100 г", section: "1", barcode: "4870011429192", price: 75001, by_weight: false, marked: false },
    Goods { name: "Шоколад «Қазақстан» 100 г", section: "3", barcode: "4870011508385", price: 64550, by_weight: false, marked: false },
];

const CASHIERS: [(u32, &str); 4] =
    [(1, "Айгүл Серікқызы"), (2, "Нұрлан Әбенов"), (3, "Ольга Ким"), (7, "Әлия Қасымова")];

/// The lower rate of VAT in thousandths of a percent, for a few goods.
const VAT_LOW_MILLIPERCENT: u32 = 5_000;

/// Notes that buyers give, in tiyn: change follows from them.
const NOTES: [i64; 5] = [500_00, 1_000_00, 2_000_00, 5_000_00, 10_000_00];

/// More lines than this are rare in shops, and load is made by receipts.
const LINES_MAX: u64 = 8;

/// The most cash that is put in or taken out at once: 50 000 tenge.
const PLACEMENT_TENGE_MAX: i64 = 50_000;

/// Of so many receipts one names its buyer.
const CUSTOMER_ONE_OF: u64 = 50;

/// What a register does in its own way for all its life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Whether its organisation pays VAT.
    pub vat: bool,
    /// Whether it sends whole percents (16) in receipts.
    pub whole_percents: bool,
    /// Whether REQNUM wraps to 0, or to 1.
    pub wraps_to_zero: bool,
    /// Whether it always asks for reg_info.
    pub asks_reg_info: bool,
    /// Whether it leaves out `taken` and a zero change.
    pub terse: bool,
}

impl Profile {
    /// Draws the ways of one register.
    pub fn draw(random: &mut Random) -> Self {
        Self {
            vat: random.below(3) > 0,
            whole_percents: random.below(8) == 0,
            wraps_to_zero: random.below(2) == 0,
            asks_reg_info: random.below(10) > 0,
            terse: random.below(4) == 0,
        }
    }
}

/// What is known when a document is drawn.
pub(crate) struct Situation<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) version: u16,
    pub(crate) cash: i64,
    pub(crate) last_sale: Option<&'a Parent>,
    pub(crate) last_purchase: Option<&'a Parent>,
    pub(crate) cancellable: bool,
}

/// Draws the next document; mostly sales, as in shops.
pub(crate) fn document(random: &mut Random, on: &Situation<'_>) -> Document {
    match random.below(1_000) {
        0..=24 => back(random, on, Operation::SellReturn, on.last_sale),
        25..=44 => Document::Receipt(receipt(random, on, Operation::Buy)),
        45..=54 => back(random, on, Operation::BuyReturn, on.last_purchase),
        55..=74 => Document::Placement {
            operation: Placement::Deposit,
            sum: random.between(1, PLACEMENT_TENGE_MAX) * TIYN_PER_TENGE,
        },
        75..=89 if on.cash > 0 => Document::Placement {
            operation: Placement::Withdrawal,
            sum: random.between(1, on.cash.min(PLACEMENT_TENGE_MAX * TIYN_PER_TENGE)),
        },
        90..=94 => Document::Report(ReportKind::X),
        95..=96 => Document::Report(ReportKind::Z),
        97..=102 => Document::System,
        103..=104 => Document::Nomenclature { barcode: None },
        105 if on.version >= 203 => {
            let barcode = random.pick(&GOODS).map(|goods| goods.barcode.to_owned());
            Document::Nomenclature { barcode }
        }
        106..=107 => Document::Auth { login: "kassir1".to_owned(), password: "1234".to_owned() },
        108..=112 if on.cancellable => Document::Cancel,
        _ => Document::Receipt(receipt(random, on, Operation::Sell)),
    }
}

/// A return of a part of `parent`; a sale when there is nothing to return.
fn back(random: &mut Random, on: &Situation<'_>, operation: Operation, parent: Option<&Parent>) -> Document {
    let Some(parent) = parent else { return Document::Receipt(receipt(random, on, Operation::Sell)) };
    let goods = random.pick(&GOODS).map_or("Қайтару", |goods| goods.name);
    let sum = if random.below(2) == 0 { parent.total } else { random.between(1, parent.total.max(1)) };
    let mut receipt = Receipt::new(operation).item(goods, "1", QUANTITY_ONE, sum).of(parent.clone());
    if on.profile.vat {
        receipt = receipt.taxed(VAT_MILLIPERCENT);
    }
    Document::Receipt(pay_out(random, on, receipt))
}

/// A receipt of `operation` with lines, taxes, modifiers and payments.
pub(crate) fn receipt(random: &mut Random, on: &Situation<'_>, operation: Operation) -> Receipt {
    let mut receipt = Receipt::new(operation);
    if let Some((code, name)) = random.pick(&CASHIERS) {
        receipt.cashier = Cashier { code: *code, name: Cow::Borrowed(name) };
    }
    // Taxes lie on the lines or on the whole receipt, never both.
    let taxed_lines = on.profile.vat && random.below(3) > 0;
    // Most receipts have one to three lines.
    let lines = 1 + random.below(3).max(random.below(LINES_MAX).saturating_sub(3));
    for _ in 0..lines {
        let Some(goods) = random.pick(&GOODS) else { continue };
        push_goods(random, &mut receipt, goods, taxed_lines);
    }
    if random.below(10) == 0 {
        adjust(random, &mut receipt, taxed_lines);
    }
    if on.profile.vat && !taxed_lines {
        receipt = receipt.tax_on_total(VAT_MILLIPERCENT);
    }
    if random.below(CUSTOMER_ONE_OF) == 0 {
        receipt.customer = Some("850101300123".to_owned());
    }
    match operation {
        Operation::Sell | Operation::BuyReturn => pay_in(random, on, receipt),
        Operation::Buy | Operation::SellReturn => pay_out(random, on, receipt),
    }
}

fn push_goods(random: &mut Random, receipt: &mut Receipt, goods: &Goods, taxed: bool) {
    let quantity =
        if goods.by_weight { 100 + random.below(3_000) } else { QUANTITY_ONE * (1 + random.below(3)) };
    let percent = if random.below(12) == 0 { VAT_LOW_MILLIPERCENT } else { VAT_MILLIPERCENT };
    let tax = |sum| taxed.then(|| Tax::within(sum, percent));
    let mut line = Line::commodity(goods.name, "", quantity, goods.price);
    line.section = Cow::Borrowed(goods.section);
    line.barcode = Some(Cow::Borrowed(goods.barcode));
    if goods.marked {
        line.excise_stamp = Some(format!("010{}21{:013}", goods.barcode, random.below(10_u64.pow(13))));
    }
    line.tax = tax(line.sum);
    let storno = Line { kind: LineKind::StornoCommodity, ..line.clone() };
    let sum = line.sum;
    receipt.push(line);
    match random.below(40) {
        // A discount stays below a tenth, so that no line falls to zero.
        0..=2 => {
            let off = random.between(1, (sum / 10).max(1));
            let mut line = Line::modifier(LineKind::Discount, "Жеңілдік", off);
            line.tax = tax(off);
            let storno = Line { kind: LineKind::StornoDiscount, ..line.clone() };
            receipt.push(line);
            if random.below(8) == 0 {
                receipt.push(storno);
            }
        }
        3 => {
            let on_top = random.between(1, (sum / 10).max(1));
            let mut line = Line::modifier(LineKind::Markup, "Наценка за доставку", on_top);
            line.tax = tax(on_top);
            let storno = Line { kind: LineKind::StornoMarkup, ..line.clone() };
            receipt.push(line);
            if random.below(8) == 0 {
                receipt.push(storno);
            }
        }
        // The cashier takes a line back, which only makes sense where another one stays.
        4 if receipt.lines.len() > 1 => receipt.push(storno),
        _ => {}
    }
}

fn adjust(random: &mut Random, receipt: &mut Receipt, taxed: bool) {
    let sum = random.between(1, (receipt.total / 20).max(1)).min(receipt.total.saturating_sub(1));
    if sum <= 0 {
        return;
    }
    let kind = if random.below(4) == 0 { AdjustmentKind::Markup } else { AdjustmentKind::Discount };
    let taken = std::mem::replace(receipt, Receipt::new(receipt.operation));
    *receipt = match kind {
        AdjustmentKind::Markup => taken.markup(sum),
        AdjustmentKind::Discount => taken.discount(sum),
    };
    receipt.adjustment =
        Some(Adjustment { kind, sum, tax: taxed.then(|| Tax::within(sum, VAT_MILLIPERCENT)) });
}

/// Money comes in: cash with change, card, phone, or two of them.
fn pay_in(random: &mut Random, on: &Situation<'_>, mut receipt: Receipt) -> Receipt {
    let total = receipt.total;
    match random.below(20) {
        0..=6 => receipt.pay_rest(PaymentKind::Card),
        7..=11 => receipt.pay_rest(PaymentKind::Mobile),
        12 if total > 1 => {
            let by_card = random.between(1, total - 1);
            receipt = receipt.pay(PaymentKind::Card, by_card);
            let rest = receipt.unpaid();
            receipt.pay_rest_in_cash(rest)
        }
        13 if PaymentKind::Credit.is_of_version(on.version) => receipt.pay_rest(PaymentKind::Credit),
        _ => {
            let note = random.pick(&NOTES).copied().unwrap_or(total).max(1);
            let taken = total.div_euclid(note).saturating_add(1).saturating_mul(note);
            if on.profile.terse && random.below(2) == 0 {
                receipt.pay_rest(PaymentKind::Cash)
            } else {
                receipt.pay_rest_in_cash(taken)
            }
        }
    }
}

/// Money goes out: cash only when the drawer has it, else the server would refuse with 14.
fn pay_out(random: &mut Random, on: &Situation<'_>, receipt: Receipt) -> Receipt {
    if receipt.total <= on.cash && random.below(4) > 0 {
        receipt.pay_rest(PaymentKind::Cash)
    } else {
        receipt.pay_rest(PaymentKind::Card)
    }
}

/// The nonsense that tills send as offline period when they never were offline.
pub(crate) fn never_offline() -> LocalDateTime {
    LocalDateTime::new(1899, 12, 30, 0, 0, 0).unwrap_or(LocalDateTime::YEAR_2000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_receipts_are_paid_in_full_and_never_negative() {
        let mut random = Random::new(3);
        for version in [124, 200, 203, 204] {
            for round in 0..3_000 {
                let profile = Profile::draw(&mut random);
                let on = Situation {
                    profile: &profile,
                    version,
                    cash: 5_000_00,
                    last_sale: None,
                    last_purchase: None,
                    cancellable: false,
                };
                let operation = Operation::ALL[round % 4];
                let receipt = receipt(&mut random, &on, operation);
                assert_eq!(receipt.unpaid(), 0, "{receipt:?}");
                assert!(receipt.total > 0 && receipt.change.unwrap_or(0) >= 0, "{receipt:?}");
                let on_lines = receipt.lines.iter().any(|line| line.tax.is_some());
                assert!(!on_lines || receipt.taxes.is_empty());
                if operation.sign() < 0 {
                    assert!(receipt.cash() <= 5_000_00);
                }
            }
        }
    }

    #[test]
    fn barcodes_have_their_check_digit() {
        for goods in &GOODS {
            let digits: Vec<u32> = goods.barcode.chars().filter_map(|digit| digit.to_digit(10)).collect();
            let sum: u32 = digits.iter().enumerate().map(|(at, digit)| digit * [1, 3][at % 2]).sum();
            assert_eq!((digits.len(), sum % 10), (13, 0), "{}", goods.name);
        }
    }
}
