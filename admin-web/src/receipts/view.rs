//! What the receipt page shows (the order on receipts, item 56). Never who bought.

use ofd_office::shops::address_in;
use ofd_protocol::message::{Commodity, Operation, ParentTicket};
use ofd_protocol::register::{Line, LineKind, Receipt, TaxFact};
use ofd_protocol::types::Tiyn;
use ofd_protocol::version::PaymentType;

use super::check::{excise_stamps, goods_name, text};
use super::lookup::FoundReceipt;
use super::taxes::{self, Rate, TAX_TYPE_VAT};
use super::units;
use crate::decimal::{Decimal, wall};
use crate::format;
use crate::language::Language;
use crate::words::Words;

/// A label and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Labelled {
    /// In the page's language.
    pub(super) label: String,
    pub(super) value: String,
}

/// A line of the receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LineView {
    /// What kind of line it is, when it is more than goods.
    pub(super) mark: Option<String>,
    /// What was sold.
    pub(super) name: String,
    /// Quantity times price.
    pub(super) formula: Option<String>,
    /// The sum, below zero when it takes off.
    pub(super) sum: String,
    /// Taxes, codes, marking.
    pub(super) notes: Vec<String>,
}

/// The receipt that a return undoes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ParentView {
    /// What is known of it.
    pub(super) rows: Vec<Labelled>,
    /// Its page, when it is here.
    pub(super) href: Option<String>,
}

/// A receipt as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReceiptView {
    /// Sale, purchase or return.
    pub(super) operation: String,
    /// Whether it was made without a link.
    pub(super) is_offline: bool,
    pub(super) seller: String,
    /// Where the register stands.
    pub(super) address: String,
    pub(super) total: String,
    /// When, on the register's clock.
    pub(super) date_time: String,
    /// The same for machines.
    pub(super) date_time_iso: String,
    /// How many lines there are, in words.
    pub(super) items: String,
    pub(super) lines: Vec<LineView>,
    /// Discount and markup on the whole receipt.
    pub(super) modifiers: Vec<Labelled>,
    /// Taxes by rate.
    pub(super) taxes: Vec<Labelled>,
    /// How it was paid.
    pub(super) payments: Vec<Labelled>,
    /// Taxpayer, register, numbers.
    pub(super) details: Vec<Labelled>,
}

/// Nobody sells a million million of anything in one line, in whatever unit: a greater quantity, in thousandths, is a
/// till's mistake. The buyer is told so instead of a number that means nothing.
const QUANTITY_SHOWN_MAX: u64 = 1_000_000_000_000_000;

/// Makes the view.
pub(super) struct Composer<'a> {
    pub(super) words: Words<'a>,
    pub(super) found: &'a FoundReceipt,
    pub(super) receipt: &'a Receipt<'a>,
    pub(super) ticket_number: u64,
    pub(super) zone_offset_seconds: i32,
}

impl Composer<'_> {
    /// The view of the receipt.
    pub(super) fn compose(&self) -> ReceiptView {
        let receipt = self.receipt;
        let count = receipt.ticket.items.len();
        let lines: Vec<Line<'_>> = receipt.lines().collect();
        let (items, modifiers) = lines.split_at_checked(count).unwrap_or((&lines, &[]));
        ReceiptView {
            operation: self.words.say(operation_key(receipt.operation)),
            is_offline: !self.found.offline_numbers.is_empty(),
            seller: self.words.organisation(&self.found.organisation.title),
            address: address_in(&self.found.trade_point, self.language()).to_owned(),
            total: self.sum(receipt.total.get()),
            date_time: format::moment(self.language(), receipt.date_time),
            date_time_iso: receipt.date_time.to_string(),
            items: self.words.say_count("items", goods_count(items)),
            lines: items.iter().map(|line| self.line(line)).collect(),
            modifiers: modifiers
                .iter()
                .filter(|line| line.sum > Tiyn::ZERO)
                .map(|line| self.modifier(line))
                .collect(),
            taxes: taxes::by_rate(receipt).into_iter().map(|(rate, sum)| self.tax(rate, sum)).collect(),
            payments: self.payments(),
            details: self.details(),
        }
    }

    fn language(&self) -> Language {
        self.words.language
    }

    fn sum(&self, tiyn: i64) -> String {
        format::sum(self.language(), tiyn)
    }

    fn labelled(&self, key: &str, value: impl Into<String>) -> Labelled {
        Labelled { label: self.words.say(key), value: value.into() }
    }

    fn line(&self, line: &Line<'_>) -> LineView {
        let mark = match (line.kind, line.is_storno) {
            (LineKind::Commodity, false) => None,
            (LineKind::Commodity, true) => Some("storno"),
            (LineKind::Discount, false) => Some("discount"),
            (LineKind::Discount, true) => Some("storno-discount"),
            (LineKind::Markup, false) => Some("markup"),
            (LineKind::Markup, true) => Some("storno-markup"),
        };
        let sign = taxes::sign(line);
        let mut notes: Vec<String> = line.taxes().map(|tax| self.tax_note(tax, sign)).collect();
        if let Some(commodity) = &line.commodity {
            notes.extend(self.codes(commodity));
        }
        LineView {
            mark: mark.map(|key| self.words.say(key)),
            name: self.line_name(line),
            formula: line.commodity.and_then(|commodity| self.formula(line, &commodity)),
            sum: self.sum(effect(line)),
            notes,
        }
    }

    fn line_name(&self, line: &Line<'_>) -> String {
        match &line.commodity {
            Some(commodity) => goods_name(commodity).unwrap_or_else(|| self.words.say("no-name")),
            None => text(line.name).unwrap_or_default(),
        }
    }

    fn formula(&self, line: &Line<'_>, commodity: &Commodity<'_>) -> Option<String> {
        let (quantity, price) = (commodity.quantity?, commodity.price?.tiyn()?);
        if quantity > QUANTITY_SHOWN_MAX {
            let unclear = self.words.say("quantity-unclear");
            return Some(format!("{unclear} × {}", self.sum(price.get())));
        }
        let signed = i128::from(quantity).saturating_mul(i128::from(line.sign()));
        let quantity = format::quantity(self.language(), signed);
        let unit = text(commodity.measure_unit_code).map(|code| match units::text_key(&code) {
            Some(key) => self.words.say_number(key, &Decimal::thousandths(signed).text()),
            None => self.words.say_with("unit-other", &code),
        });
        let unit = unit.map(|unit| format!("\u{a0}{unit}")).unwrap_or_default();
        Some(format!("{quantity}{unit} × {}", self.sum(price.get())))
    }

    fn codes(&self, commodity: &Commodity<'_>) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(ntin) = text(commodity.ntin) {
            notes.push(self.words.say_with("ntin", &ntin));
        }
        if let Some(barcode) = text(commodity.barcode) {
            notes.push(self.words.say_with("barcode", &barcode));
        }
        notes.extend(excise_stamps(commodity).iter().map(|stamp| self.words.say_with("marking", stamp)));
        notes
    }

    fn tax_label(&self, rate: Rate) -> String {
        let key = match (rate.tax_type == TAX_TYPE_VAT, rate.is_in_total_sum) {
            (true, true) => "vat-included",
            (true, false) => "vat-added",
            (false, true) => "tax-included",
            (false, false) => "tax-added",
        };
        self.words.say_with(key, &format::percent(self.language(), rate.percent))
    }

    fn tax_note(&self, tax: TaxFact, sign: i64) -> String {
        let TaxFact { tax_type, percent, sum, is_in_total_sum } = tax;
        let label = self.tax_label(Rate { tax_type, percent, is_in_total_sum });
        format!("{label}: {}", self.sum(sum.saturating_mul(sign)))
    }

    fn tax(&self, rate: Rate, sum: i64) -> Labelled {
        Labelled { label: self.tax_label(rate), value: self.sum(sum) }
    }

    fn modifier(&self, line: &Line<'_>) -> Labelled {
        let key = if line.kind == LineKind::Discount { "receipt-discount" } else { "receipt-markup" };
        let name = text(line.name).map(|name| format!(" ({name})")).unwrap_or_default();
        Labelled { label: format!("{}{name}", self.words.say(key)), value: self.sum(effect(line)) }
    }

    fn payments(&self) -> Vec<Labelled> {
        let paid = PaymentType::ALL.iter().zip(&self.receipt.payments).filter(|(_, paid)| paid.count > 0);
        let mut rows: Vec<Labelled> =
            paid.map(|(kind, paid)| self.labelled(payment_key(*kind), self.sum(paid.sum))).collect();
        let amounts = self.receipt.ticket.amounts.unwrap_or_default();
        let given = [("taken", amounts.taken), ("change", amounts.change)];
        for (key, sum) in given {
            let sum = sum.and_then(|sum| sum.tiyn()).filter(|sum| *sum > Tiyn::ZERO);
            rows.extend(sum.map(|sum| self.labelled(key, self.sum(sum.get()))));
        }
        rows
    }

    fn details(&self) -> Vec<Labelled> {
        let (found, ticket) = (self.found, &self.receipt.ticket);
        let mut rows = vec![
            self.labelled("bin", &found.organisation.bin),
            self.labelled("fns-kkm-id", &found.fns_kkm_id),
            self.labelled("serial-number", &found.register.serial_number),
            self.labelled("kkm-id", found.register.id.to_string()),
            self.labelled("fiscal-sign", self.ticket_number.to_string()),
        ];
        for number in &found.offline_numbers {
            rows.push(self.labelled("offline-number", number.to_string()));
        }
        let printed = ticket.printed_document_number.or(ticket.shift_document_number.map(u64::from));
        let printed = printed.filter(|number| *number != 0).map(|number| number.to_string());
        let printed = printed.or_else(|| text(ticket.printed_document_number_old));
        let number = printed.unwrap_or_else(|| found.place.number.to_string());
        rows.push(self.labelled("receipt-number", number));
        let shift = ticket.fr_shift_number.filter(|number| *number != 0).unwrap_or(found.place.shift);
        rows.push(self.labelled("shift", shift.to_string()));
        if let Some(name) = ticket.cashier.and_then(|cashier| text(cashier.name)) {
            rows.push(self.labelled("cashier", name));
        }
        if let Some(at) = wall(found.document.accepted_at, self.zone_offset_seconds) {
            rows.push(self.labelled("accepted-at", format::moment(self.language(), at)));
        }
        rows
    }

    /// What a return says of the receipt that it undoes; `href` leads to that, when it is here.
    pub(super) fn parent(&self, parent: &ParentTicket<'_>, href: Option<String>) -> ParentView {
        let mut rows = Vec::new();
        if let Some(number) = text(parent.parent_ticket_number) {
            rows.push(self.labelled("fiscal-sign", number));
        }
        if let Some(at) = parent.date_time.and_then(|at| at.moment()) {
            rows.push(self.labelled("date-time", format::moment(self.language(), at)));
        }
        if let Some(total) = parent.total.and_then(|total| total.tiyn()) {
            rows.push(self.labelled("total", self.sum(total.get())));
        }
        if let Some(id) = text(parent.kgd_kkm_id) {
            rows.push(self.labelled("fns-kkm-id", id));
        }
        ParentView { rows, href }
    }
}

/// What a line adds to the total, in tiyn.
fn effect(line: &Line<'_>) -> i64 {
    line.sum.get().saturating_mul(taxes::sign(line))
}

/// Lines of goods, without those that only take others off.
fn goods_count(lines: &[Line<'_>]) -> u64 {
    let goods = lines.iter().filter(|line| line.kind == LineKind::Commodity && !line.is_storno);
    u64::try_from(goods.count()).unwrap_or(u64::MAX)
}

/// The key of an operation's text.
pub(crate) fn operation_key(operation: Operation) -> &'static str {
    match operation {
        Operation::Buy => "operation-buy",
        Operation::BuyReturn => "operation-buy-return",
        Operation::Sell => "operation-sell",
        Operation::SellReturn => "operation-sell-return",
    }
}

/// The key of a payment kind's text.
pub(crate) fn payment_key(kind: PaymentType) -> &'static str {
    match kind {
        PaymentType::Cash => "payment-cash",
        PaymentType::Card => "payment-card",
        PaymentType::Credit => "payment-credit",
        PaymentType::Tare => "payment-tare",
        PaymentType::Mobile => "payment-mobile",
    }
}
