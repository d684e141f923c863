//! Judging a receipt.

use super::line::{Line, LineKind, TaxFact};
use super::{Judge, Path, UINT_MAX, judge_operator, tiyn, wrong};
use crate::message::{Commodity, Item, ItemPart, ItemType, Modifier, Operation, Tax, TicketRequest};
use crate::refusal::{MalformedReceipt, Refusal};
use crate::register::totals::SECTION_CODE_LEN_MAX;
use crate::types::{LocalDateTime, Tiyn};
use crate::version::{PaymentType, Version, is_whole_percent, tax_of};
use crate::warning::Warning;
use crate::wire::Repeated;

/// Tills round a line or a tax up, down or half up: within a tiyn each is right.
const ROUNDING_MAX: i64 = 1;

/// Payments of one type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaymentSum {
    /// How many.
    pub count: i64,
    /// Tiyn.
    pub sum: i64,
}

/// A receipt that was found right.
#[derive(Clone, Copy, Debug)]
pub struct Receipt<'a> {
    /// As it came.
    pub ticket: TicketRequest<'a>,
    /// What it does.
    pub operation: Operation,
    /// When.
    pub date_time: LocalDateTime,
    /// amounts.total
    pub total: Tiyn,
    /// By [`PaymentType::index`].
    pub payments: [PaymentSum; 5],
    /// Cash given back; zero when left out.
    pub change: Tiyn,
    /// 0: none.
    pub offline_number: u32,
    has_line_taxes: bool,
}

impl<'a> Receipt<'a> {
    /// Judges a receipt; departures that are no reason to refuse go to `warnings`.
    ///
    /// # Errors
    /// [`Refusal::Missing`], [`Refusal::Wrong`], [`Refusal::PaymentsDiffer`] or [`Refusal::SumTooLarge`], naming the
    /// field and the values.
    pub fn read(
        ticket: &TicketRequest<'a>,
        judge: Judge,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, Refusal> {
        let code = ticket.operation.ok_or_else(|| judge.missing("ticket.operation"))?;
        let operation = Operation::from_code(code).ok_or_else(|| wrong("ticket.operation", code))?;
        let date_time = judge.moment("ticket.date_time", ticket.date_time)?;
        let operator = ticket.operator.ok_or_else(|| judge.missing("ticket.operator"))?;
        judge_operator(&operator, warnings);
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
        receipt.judge_items(judge, warnings)?;
        receipt.judge_modifiers(warnings)?;
        receipt.judge_taxes(warnings)?;
        receipt.judge_payments(judge, warnings)?;
        receipt.judge_sums(warnings)?;
        receipt.judge_form(judge, warnings)?;
        Ok(receipt)
    }

    /// Reads a receipt that was accepted before, without judging it anew.
    pub fn read_accepted(ticket: &TicketRequest<'a>, version: Version) -> Option<Self> {
        let judge = Judge { version, malformed: MalformedReceipt::default() };
        Self::read(ticket, judge, &mut Vec::new()).ok()
    }

    fn judge_items(&mut self, judge: Judge, warnings: &mut Vec<Warning>) -> Result<(), Refusal> {
        for (index, item) in self.ticket.items.iter().enumerate() {
            let (kind, part) = item_part(&item, index, judge)?;
            let path = Path::Part(index, kind);
            match part {
                ItemPart::Commodity(commodity) => {
                    judge_commodity(&commodity, path, judge, warnings)?;
                    self.has_line_taxes |= !commodity.taxes.is_empty();
                }
                ItemPart::Modifier(modifier) => {
                    let sum = judge.sum(path.field("sum"), modifier.sum)?;
                    judge_taxes(&modifier.taxes, sum, path, warnings)?;
                    self.has_line_taxes |= !modifier.taxes.is_empty();
                }
            }
        }
        Ok(())
    }

    fn judge_modifiers(&mut self, warnings: &mut Vec<Warning>) -> Result<(), Refusal> {
        let Some(amounts) = self.ticket.amounts else { return Ok(()) };
        for (name, modifier) in [("discount", amounts.discount), ("markup", amounts.markup)] {
            let Some(modifier) = modifier else { continue };
            let path = Path::Amounts(name);
            let sum = tiyn(path.field("sum"), modifier.sum.unwrap_or_default())?;
            judge_taxes(&modifier.taxes, sum, path, warnings)?;
        }
        let is_some =
            |modifier: Option<Modifier<'_>>| modifier.is_some_and(|modifier| modifier.sum.is_some());
        if is_some(amounts.discount) && is_some(amounts.markup) {
            warnings.push(Warning::DiscountAndMarkup);
        }
        Ok(())
    }

    fn judge_taxes(&self, warnings: &mut Vec<Warning>) -> Result<(), Refusal> {
        judge_taxes(&self.ticket.taxes, self.total, Path::Ticket, warnings)?;
        if self.has_line_taxes && !self.ticket.taxes.is_empty() {
            warnings.push(Warning::TaxesOnItemsAndReceipt);
        }
        Ok(())
    }

    fn judge_payments(&mut self, judge: Judge, warnings: &mut Vec<Warning>) -> Result<(), Refusal> {
        let mut paid = 0_i64;
        for (index, payment) in self.ticket.payments.iter().enumerate() {
            if payment.kind.is_none() {
                warnings.push(Warning::PaymentTypeMissing);
            }
            let code = payment.kind.unwrap_or(PaymentType::Cash.code());
            let kind = PaymentType::from_code(code)
                .ok_or_else(|| wrong(format_args!("ticket.payments[{index}].type"), code))?;
            if !judge.version.features().report_payments.contains(&kind) {
                warnings.push(Warning::PaymentTypeRetired);
            }
            if payment.sum.is_none() {
                warnings.push(Warning::PaymentSumMissing);
            }
            let field = format_args!("ticket.payments[{index}].sum");
            let sum = tiyn(field, payment.sum.unwrap_or_default())?.get();
            let too_large = || Refusal::SumTooLarge { field: "ticket.payments".into() };
            paid = paid.checked_add(sum).ok_or_else(too_large)?;
            let counter = self.payments.get_mut(kind.index()).ok_or_else(too_large)?;
            if counter.count > 0 {
                warnings.push(Warning::PaymentTypeRepeated);
            }
            counter.count = counter.count.saturating_add(1);
            counter.sum = counter.sum.checked_add(sum).ok_or_else(too_large)?;
        }
        if paid == self.total.get() {
            return Ok(());
        }
        Err(Refusal::PaymentsDiffer { payments: Tiyn::from_counter(paid), total: self.total })
    }

    fn judge_sums(&mut self, warnings: &mut Vec<Warning>) -> Result<(), Refusal> {
        let Some(amounts) = self.ticket.amounts else { return Ok(()) };
        let has_cash = self.cash() > 0;
        match amounts.taken {
            Some(taken) => {
                tiyn("ticket.amounts.taken", taken)?;
            }
            None if has_cash => warnings.push(Warning::TakenMissing),
            None => {}
        }
        match amounts.change {
            Some(change) => self.change = tiyn("ticket.amounts.change", change)?,
            None if has_cash => warnings.push(Warning::ChangeMissing),
            None => {}
        }
        let of_lines = self.lines().try_fold(0_i64, |sum, line| sum.checked_add(line.effect()?));
        match of_lines {
            Some(sum) if sum == self.total.get() => {}
            Some(_) => warnings.push(Warning::ItemSumsDiffer),
            None => return Err(Refusal::SumTooLarge { field: "ticket.items".into() }),
        }
        Ok(())
    }

    fn judge_form(&self, judge: Judge, warnings: &mut Vec<Warning>) -> Result<(), Refusal> {
        let features = judge.version.features();
        match self.ticket.domain {
            Some(domain) => {
                for (name, money) in domain.sums() {
                    tiyn(format_args!("ticket.domain.{name}"), money)?;
                }
            }
            None if features.requires_domain => warnings.push(Warning::DomainMissing),
            None => {}
        }
        match self.ticket.parent_ticket {
            Some(parent) => {
                tiyn("ticket.parent_ticket.total", parent.total.unwrap_or_default())?;
            }
            None if features.requires_parent_ticket && self.operation.is_return() => {
                warnings.push(Warning::ParentTicketMissing);
            }
            None => {}
        }
        if self.ticket.printed_ticket.is_some_and(|text| !text.is_utf8()) {
            warnings.push(Warning::TextNotUtf8);
        }
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

fn judge_commodity(
    commodity: &Commodity<'_>,
    path: Path,
    judge: Judge,
    warnings: &mut Vec<Warning>,
) -> Result<(), Refusal> {
    let sum = judge.sum(path.field("sum"), commodity.sum)?;
    match commodity.price {
        Some(price) => {
            let price = tiyn(path.field("price"), price)?;
            if commodity.quantity.is_some_and(|quantity| !is_line_sum(price, quantity, sum)) {
                warnings.push(Warning::LineSumDiffers);
            }
        }
        None => warnings.push(Warning::PriceMissing),
    }
    if commodity.quantity.is_none() {
        warnings.push(Warning::QuantityMissing);
    }
    if commodity.name.is_none() && commodity.code.is_none() {
        warnings.push(Warning::CommodityNameMissing);
    }
    match commodity.section_code {
        None => warnings.push(Warning::SectionCodeMissing),
        Some(code) if code.lossy().len() > SECTION_CODE_LEN_MAX => warnings.push(Warning::SectionCodeTooLong),
        Some(_) => {}
    }
    if judge.version.features().requires_measure_unit && commodity.measure_unit_code.is_none() {
        warnings.push(Warning::MeasureUnitMissing);
    }
    if [commodity.name, commodity.section_code].into_iter().flatten().any(|text| !text.is_utf8()) {
        warnings.push(Warning::TextNotUtf8);
    }
    judge_taxes(&commodity.taxes, sum, path, warnings)
}

/// Whether the sum is price times quantity, within the rounding of tills.
fn is_line_sum(price: Tiyn, quantity: u64, sum: Tiyn) -> bool {
    let thousandths = i128::from(price.get()).saturating_mul(i128::from(quantity));
    let exact = thousandths.saturating_sub(i128::from(sum.get()).saturating_mul(1000));
    exact.abs() <= i128::from(ROUNDING_MAX).saturating_mul(1000)
}

fn judge_taxes(
    taxes: &Repeated<'_, Tax>,
    of: Tiyn,
    path: Path,
    warnings: &mut Vec<Warning>,
) -> Result<(), Refusal> {
    let mut seen = [(0_u32, u32::MAX); 4];
    for (index, tax) in taxes.iter().enumerate() {
        let field = |name: &'static str| path.tax(index, name);
        for (name, value) in [("tax_type", tax.tax_type), ("percent", tax.percent)] {
            if let Some(value) = value.filter(|value| *value > UINT_MAX) {
                return Err(wrong(field(name), value));
            }
        }
        tiyn(field("sum"), tax.sum.unwrap_or_default())?;
        if tax.tax_type.is_none() || tax.percent.is_none() || tax.sum.is_none() {
            warnings.push(Warning::TaxPartMissing);
        }
        if tax.percent.is_some_and(is_whole_percent) {
            warnings.push(Warning::TaxPercentWhole);
        }
        let Some(fact) = TaxFact::of(&tax) else { continue };
        let expected = tax_of(of.get(), fact.percent, fact.is_in_total_sum);
        if expected.is_none_or(|expected| expected.abs_diff(fact.sum) > ROUNDING_MAX.unsigned_abs()) {
            warnings.push(Warning::TaxSumDiffers);
        }
        if seen.contains(&(fact.tax_type, fact.percent)) {
            warnings.push(Warning::TaxRepeated);
        } else if let Some(free) = seen.get_mut(index) {
            *free = (fact.tax_type, fact.percent);
        }
    }
    Ok(())
}
