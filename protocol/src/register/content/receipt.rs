//! Judging a receipt.

use super::line::{Line, LineKind, SECTION_CODE_LEN_MAX, TaxFact};
use super::{
    Judge, Notes, Path, Shown, UINT_MAX, UINT64_MAX, judge_cashier, judge_text, judge_uint, judge_uint64,
    wrong,
};
use crate::message::{
    Commodity, Item, ItemPart, ItemType, Modifier, Money, Operation, Payment, Tax, TicketRequest,
};
use crate::refusal::Refusal;
use crate::types::{LocalDateTime, MONEY_MAX, SignedTenge, Tiyn};
use crate::version::{PaymentType, Version, is_whole_percent, tax_of};
use crate::warning::Warning;
use crate::wire::{Repeated, Text};

/// Tills round a line or a tax up, down or half up: within a tiyn each is right.
const ROUNDING_MAX: i64 = 1;

/// Payments of one type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaymentSum {
    /// How many payments of this type.
    pub count: i64,
    /// What they come to, in tiyn.
    pub sum: i64,
}

/// A receipt that was found right.
#[derive(Clone, Copy, Debug)]
pub struct Receipt<'a> {
    /// As it came.
    pub ticket: TicketRequest<'a>,
    /// What it does.
    pub operation: Operation,
    /// When the till made it, by its own clock.
    pub date_time: LocalDateTime,
    /// What is to be paid: the field amounts.total.
    pub total: Tiyn,
    /// What was paid by each type, by [`PaymentType::index`].
    pub payments: [PaymentSum; 5],
    /// Cash given back; zero when left out.
    pub change: Tiyn,
    /// The number of a receipt made without a link, or 0.
    pub offline_number: u32,
    has_line_taxes: bool,
}

impl<'a> Receipt<'a> {
    /// Judges a receipt; departures that are no reason to refuse go to `notes`.
    ///
    /// # Errors
    /// [`Refusal::Missing`], [`Refusal::Wrong`], [`Refusal::PaymentsDiffer`] or [`Refusal::SumTooLarge`], naming the
    /// field and the values.
    pub(in crate::register) fn read(
        ticket: &TicketRequest<'a>,
        judge: Judge,
        notes: &mut Notes,
    ) -> Result<Self, Refusal> {
        let code = ticket.operation.ok_or_else(|| judge.missing("ticket.operation"))?;
        let operation = Operation::from_code(code).ok_or_else(|| wrong("ticket.operation", code))?;
        let date_time = judge.moment("ticket.date_time", ticket.date_time)?;
        let cashier = ticket.cashier.ok_or_else(|| judge.missing("ticket.operator"))?;
        judge_cashier("ticket", &cashier, notes);
        if ticket.items.is_empty() {
            return Err(judge.missing("ticket.items"));
        }
        let amounts = ticket.amounts.ok_or_else(|| judge.missing("ticket.amounts.total"))?;
        let total = judge.sum("ticket.amounts.total", amounts.total)?;
        let mut receipt = Self {
            ticket: *ticket,
            operation,
            date_time,
            total,
            payments: [PaymentSum::default(); 5],
            change: Tiyn::ZERO,
            offline_number: ticket.offline_ticket_number.unwrap_or(0),
            has_line_taxes: false,
        };
        receipt.judge_items(judge, notes)?;
        receipt.judge_modifiers(judge, notes)?;
        receipt.judge_taxes(judge, notes)?;
        receipt.judge_payments(judge, notes)?;
        receipt.judge_sums(judge, notes)?;
        receipt.judge_form(judge, notes)?;
        Ok(receipt)
    }

    /// Reads a receipt that was accepted before, without judging it anew.
    pub fn read_accepted(ticket: &TicketRequest<'a>, version: Version) -> Option<Self> {
        Self::read(ticket, Judge::of_accepted(version), &mut Notes::ignored()).ok()
    }

    fn judge_items(&mut self, judge: Judge, notes: &mut Notes) -> Result<(), Refusal> {
        let (mut lines, mut taxed) = (0_i128, 0_i128);
        for (index, item) in self.ticket.items.iter().enumerate() {
            let (kind, part) = item_part(&item, index, judge)?;
            let path = Path::Part(index, kind);
            let (sum, taxes) = match part {
                ItemPart::Commodity(commodity) => {
                    (judge_commodity(&commodity, path, judge, notes)?, commodity.taxes)
                }
                ItemPart::Modifier(modifier) => (judge.sum(path.field("sum"), modifier.sum)?, modifier.taxes),
            };
            self.has_line_taxes |= !taxes.is_empty();
            lines = lines.saturating_add(sum.get().into());
            judge.together("ticket.items", lines)?;
            taxed = taxed.saturating_add(Taxed { taxes, of: sum, lines: 1 }.judge(path, judge, notes)?);
            judge.together(path.field("taxes"), taxed)?;
        }
        Ok(())
    }

    fn judge_modifiers(&mut self, judge: Judge, notes: &mut Notes) -> Result<(), Refusal> {
        let Some(amounts) = self.ticket.amounts else { return Ok(()) };
        for (name, modifier) in [("discount", amounts.discount), ("markup", amounts.markup)] {
            let Some(modifier) = modifier else { continue };
            let path = Path::Amounts(name);
            let of = judge.tiyn(path.field("sum"), modifier.sum.unwrap_or_default())?;
            let taxed = Taxed { taxes: modifier.taxes, of, lines: 1 }.judge(path, judge, notes)?;
            judge.together(path.field("taxes"), taxed)?;
        }
        if let (Some(Modifier { sum: Some(discount), .. }), Some(Modifier { sum: Some(markup), .. })) =
            (amounts.discount, amounts.markup)
        {
            let (discount, markup) = (Shown(Some(discount)), Shown(Some(markup)));
            let values = format_args!("discount {discount}, markup {markup}");
            notes.add(Warning::DiscountAndMarkup, "ticket.amounts", values);
        }
        Ok(())
    }

    fn judge_taxes(&self, judge: Judge, notes: &mut Notes) -> Result<(), Refusal> {
        let taxes = self.ticket.taxes;
        // Tills that round each line's tax by itself come to another sum than one that is made of the total.
        let lines = i64::try_from(self.ticket.items.len()).unwrap_or(i64::MAX);
        let taxed = Taxed { taxes, of: self.total, lines }.judge(Path::Ticket, judge, notes)?;
        judge.together("ticket.taxes", taxed)?;
        if let Some(tax) = taxes.iter().next().filter(|_| self.has_line_taxes) {
            notes.add(Warning::TaxesOnItemsAndReceipt, "ticket.taxes", Shown(tax.sum));
        }
        Ok(())
    }

    fn judge_payments(&mut self, judge: Judge, notes: &mut Notes) -> Result<(), Refusal> {
        let mut paid = 0_i64;
        for (index, payment) in self.ticket.payments.iter().enumerate() {
            let path = Path::Payment(index);
            if payment.kind.is_none() {
                notes.missing(Warning::PaymentTypeMissing, path.field("type"));
            }
            let code = payment.kind.unwrap_or(PaymentType::Cash.code());
            let kind = PaymentType::from_code(code).ok_or_else(|| wrong(path.field("type"), code))?;
            if !judge.version.features().report_payments.contains(&kind) {
                notes.add(Warning::PaymentKindOfOlderVersion, path.field("type"), code);
            }
            if payment.sum.is_none() {
                notes.missing(Warning::PaymentSumMissing, path.field("sum"));
            }
            judge_card(&payment, path, notes);
            let sum = judge.tiyn(path.field("sum"), payment.sum.unwrap_or_default())?.get();
            judge.together("ticket.payments", i128::from(paid).saturating_add(sum.into()))?;
            paid = paid.saturating_add(sum);
            let Some(counter) = self.payments.get_mut(kind.index()) else { continue };
            if counter.count > 0 {
                notes.add(Warning::PaymentTypeRepeated, path.field("type"), code);
            }
            counter.count = counter.count.saturating_add(1);
            counter.sum = counter.sum.saturating_add(sum);
        }
        if paid == self.total.get() {
            return Ok(());
        }
        Err(Refusal::PaymentsDiffer { payments: Tiyn::from_counter(paid), total: self.total })
    }

    fn judge_sums(&mut self, judge: Judge, notes: &mut Notes) -> Result<(), Refusal> {
        let Some(amounts) = self.ticket.amounts else { return Ok(()) };
        let has_cash = self.cash() > 0;
        match amounts.taken {
            Some(taken) => {
                judge.tiyn("ticket.amounts.taken", taken)?;
            }
            None if has_cash => notes.missing(Warning::TakenMissing, "ticket.amounts.taken"),
            None => {}
        }
        match amounts.change {
            Some(change) => self.change = judge.tiyn("ticket.amounts.change", change)?,
            None if has_cash => notes.missing(Warning::ChangeMissing, "ticket.amounts.change"),
            None => {}
        }
        let lines = self.lines().map(|line| i128::from(line.effect())).fold(0, i128::saturating_add);
        if lines != i128::from(self.total.get()) {
            let lines = SignedTenge(i64::try_from(lines).unwrap_or(i64::MAX));
            let values = format_args!("{lines} ≠ amounts.total {}", self.total);
            notes.add(Warning::ItemSumsDiffer, "ticket.items", values);
        }
        Ok(())
    }

    fn judge_form(&self, judge: Judge, notes: &mut Notes) -> Result<(), Refusal> {
        let (ticket, features) = (&self.ticket, judge.version.features());
        match ticket.domain {
            Some(domain) => {
                for (name, money) in domain.sums() {
                    judge.tiyn(format_args!("ticket.domain.{name}"), money)?;
                }
                judge_uint("ticket.domain.type", domain.kind, notes);
            }
            None if features.requires_domain => notes.missing(Warning::DomainMissing, "ticket.domain"),
            None => {}
        }
        match ticket.parent_ticket {
            Some(parent) => {
                // Nothing counts it: what the other receipt came to is on record with that one.
                let is_wrong = |sum: &Money| sum.tiyn().is_none_or(|sum| sum > MONEY_MAX);
                if let Some(total) = parent.total.filter(is_wrong) {
                    let field = "ticket.parent_ticket.total";
                    notes.add(Warning::NumberOutOfRange, field, Shown(Some(total)));
                }
            }
            None if features.requires_parent_ticket && self.operation.is_return() => {
                notes.missing(Warning::ParentTicketMissing, "ticket.parent_ticket");
            }
            None => {}
        }
        judge_uint("ticket.offline_ticket_number", ticket.offline_ticket_number, notes);
        judge_uint("ticket.fr_shift_number", ticket.fr_shift_number, notes);
        judge_uint("ticket.shift_document_number", ticket.shift_document_number, notes);
        judge_uint64("ticket.printed_document_number", ticket.printed_document_number, notes);
        judge_text("ticket.printed_ticket", ticket.printed_ticket, notes);
        Ok(())
    }

    /// Its lines, and the modifiers of the whole receipt after them.
    pub fn lines(&self) -> impl Iterator<Item = Line<'a>> + use<'a> {
        let items = self.ticket.items.iter().filter_map(|item| {
            let kind = ItemType::from_code(item.kind?)?;
            Line::of(kind, item.part(kind)?)
        });
        items.chain(self.modifier(LineKind::Discount)).chain(self.modifier(LineKind::Markup))
    }

    fn modifier(&self, kind: LineKind) -> Option<Line<'a>> {
        let amounts = self.ticket.amounts?;
        let modifier = match kind {
            LineKind::Discount => amounts.discount?,
            LineKind::Markup => amounts.markup?,
            LineKind::Commodity => return None,
        };
        let mut line = Line::of_modifier(kind, &modifier)?;
        if self.counts_receipt_taxes() {
            // The tax of the whole receipt is one of its total, which is net of the modifier already.
            line.leave_taxes_out();
        }
        Some(line)
    }

    /// The discount on the whole receipt, in tiyn.
    pub fn discount_sum(&self) -> i64 {
        self.modifier(LineKind::Discount).map_or(0, |line| line.sum.get())
    }

    /// The markup on the whole receipt, in tiyn.
    pub fn markup_sum(&self) -> i64 {
        self.modifier(LineKind::Markup).map_or(0, |line| line.sum.get())
    }

    fn counts_receipt_taxes(&self) -> bool {
        !self.has_line_taxes && !self.ticket.taxes.is_empty()
    }

    /// Taxes on the whole receipt, when its lines have none: both would count the same tax twice.
    pub fn receipt_taxes(&self) -> impl Iterator<Item = TaxFact> + use<'a> {
        let taxes = if self.counts_receipt_taxes() { self.ticket.taxes } else { Repeated::default() };
        taxes.iter().filter_map(|tax| TaxFact::of(&tax))
    }

    /// What was paid in cash, net of change, in tiyn.
    pub fn cash(&self) -> i64 {
        self.payments.get(PaymentType::Cash.index()).map_or(0, |payment| payment.sum)
    }

    /// What the receipt adds to the cash in the drawer.
    pub fn cash_flow(&self) -> i64 {
        if self.operation.is_income() { self.cash() } else { self.cash().saturating_neg() }
    }
}

fn item_part<'a>(item: &Item<'a>, index: usize, judge: Judge) -> Result<(ItemType, ItemPart<'a>), Refusal> {
    let field = Path::Item(index).field("type");
    let code = item.kind.ok_or_else(|| judge.missing(&field))?;
    let kind = ItemType::from_code(code).ok_or_else(|| wrong(&field, code))?;
    let part = item.part(kind).ok_or_else(|| judge.missing(Path::Part(index, kind)))?;
    Ok((kind, part))
}

fn judge_card(payment: &Payment<'_>, path: Path, notes: &mut Notes) {
    let Some(card) = payment.card else { return };
    judge_uint(path.field("card.pos_autorization_code"), card.pos_authorization_code, notes);
    judge_uint64(path.field("card.pos_rrn"), card.pos_rrn, notes);
    judge_uint64(path.field("card.pos_receipt_number"), card.pos_receipt_number, notes);
}

/// Judges goods without their taxes, and returns their sum.
fn judge_commodity(
    commodity: &Commodity<'_>,
    path: Path,
    judge: Judge,
    notes: &mut Notes,
) -> Result<Tiyn, Refusal> {
    let sum = judge.sum(path.field("sum"), commodity.sum)?;
    let quantity = commodity.quantity;
    if let Some(quantity) = quantity.filter(|quantity| *quantity > UINT64_MAX && !judge.is_accepted) {
        return Err(wrong(path.field("quantity"), quantity));
    }
    match commodity.price {
        Some(price) => {
            let price = judge.tiyn(path.field("price"), price)?;
            if let Some(quantity) = quantity.filter(|quantity| !is_line_sum(price, *quantity, sum)) {
                let (whole, thousandths) = (quantity.div_euclid(1000), quantity.rem_euclid(1000));
                let values = format_args!("{sum} ≠ {price} × {whole}.{thousandths:03}");
                notes.add(Warning::LineSumDiffers, path.field("sum"), values);
            }
        }
        None => notes.missing(Warning::PriceMissing, path.field("price")),
    }
    if quantity.is_none() {
        notes.missing(Warning::QuantityMissing, path.field("quantity"));
    }
    if commodity.name.is_none_or(Text::is_blank) && commodity.code.is_none() {
        notes.missing(Warning::CommodityNameMissing, path.field("name"));
    }
    let section_code = commodity.section_code;
    match section_code.map(Text::lossy) {
        None => notes.missing(Warning::SectionCodeMissing, path.field("section_code")),
        Some(code) if code.trim().len() > SECTION_CODE_LEN_MAX => {
            notes.add(Warning::SectionCodeTooLong, path.field("section_code"), code);
        }
        Some(_) => {}
    }
    if judge.version.features().requires_measure_unit && commodity.measure_unit_code.is_none() {
        notes.missing(Warning::MeasureUnitMissing, path.field("measure_unit_code"));
    }
    judge_uint64(path.field("code"), commodity.code, notes);
    judge_uint(path.field("commodity_type"), commodity.commodity_type, notes);
    judge_text(path.field("name"), commodity.name, notes);
    judge_text(path.field("section_code"), section_code, notes);
    Ok(sum)
}

/// Whether the sum is price times quantity, within the rounding of tills.
fn is_line_sum(price: Tiyn, quantity: u64, sum: Tiyn) -> bool {
    let thousandths = i128::from(price.get()).saturating_mul(i128::from(quantity));
    let exact = thousandths.saturating_sub(i128::from(sum.get()).saturating_mul(1000));
    exact.abs() <= i128::from(ROUNDING_MAX).saturating_mul(1000)
}

/// Taxes of a sum.
struct Taxed<'a> {
    taxes: Repeated<'a, Tax>,
    of: Tiyn,
    /// How many lines the sum is made of: each may have been rounded.
    lines: i64,
}

impl Taxed<'_> {
    /// Judges the taxes, and returns what they and what they are of come to together.
    fn judge(&self, path: Path, judge: Judge, notes: &mut Notes) -> Result<i128, Refusal> {
        let mut together = 0_i128;
        let mut seen = [(0_u32, u32::MAX); 4];
        let rounding = ROUNDING_MAX.saturating_mul(self.lines.max(1)).unsigned_abs();
        for (index, tax) in self.taxes.iter().enumerate() {
            let field = |name: &'static str| path.tax(index, name);
            for (name, value) in [("tax_type", tax.tax_type), ("percent", tax.percent)] {
                if let Some(value) = value.filter(|value| *value > UINT_MAX) {
                    return Err(wrong(field(name), value));
                }
            }
            let sum = judge.tiyn(field("sum"), tax.sum.unwrap_or_default())?;
            together = together.saturating_add(sum.max(self.of).get().into());
            judge_uint(field("taxation_type"), tax.taxation_type, notes);
            let parts = [("tax_type", tax.tax_type.is_none()), ("percent", tax.percent.is_none())];
            for (name, _) in parts.into_iter().chain([("sum", tax.sum.is_none())]).filter(|part| part.1) {
                notes.missing(Warning::TaxPartMissing, field(name));
            }
            if let Some(percent) = tax.percent.filter(|percent| is_whole_percent(*percent)) {
                notes.add(Warning::TaxPercentWhole, field("percent"), percent);
            }
            let Some(fact) = TaxFact::of(&tax) else { continue };
            let expected = tax_of(self.of.get(), fact.percent, fact.is_in_total_sum);
            if expected.is_none_or(|expected| expected.abs_diff(fact.sum) > rounding) {
                let expected = SignedTenge(expected.unwrap_or(i64::MAX));
                notes.add(Warning::TaxSumDiffers, field("sum"), format_args!("{sum} ≠ {expected}"));
            }
            if seen.contains(&(fact.tax_type, fact.percent)) {
                notes.add(Warning::TaxRepeated, field("percent"), fact.percent);
            } else if let Some(free) = seen.get_mut(index) {
                *free = (fact.tax_type, fact.percent);
            }
        }
        Ok(together)
    }
}
