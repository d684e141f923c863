//! What a document must hold and what cannot be right (WIRE 13.8): from a view of what came to facts.

use std::borrow::Cow;
use std::fmt;

use super::totals::{SECTION_BLANK, SECTION_CODE_LEN_MAX};
use crate::message::{
    CloseShiftRequest, Commodity, DateTimeRead, Item, ItemPart, ItemType, Modifier, Money,
    MoneyPlacementRequest, Operation, OperatorRead, PlacementOperation, ServiceRequest, Tax, TicketRequest,
};
use crate::refusal::{MalformedReceipt, Refusal};
use crate::types::{LocalDateTime, TOKEN_MAX, Tiyn};
use crate::version::{PaymentType, Version, is_whole_percent, percent_thousandths, tax_of};
use crate::warning::Warning;
use crate::wire::{Repeated, Text};

/// The greatest uint32 of the protocol (WIRE section 2).
const UINT_MAX: u32 = TOKEN_MAX;

/// VAT: what a tax without a type counts as.
const TAX_TYPE_VAT: u32 = 100;

/// Tills round a line or a tax up, down or half up: within a tiyn each is right.
const ROUNDING_MAX: i64 = 1;

/// How a document is judged.
#[derive(Clone, Copy, Debug)]
pub struct Judge {
    /// The version of the request.
    pub version: Version,
    /// The code for a receipt that lacks what makes a receipt.
    pub malformed: MalformedReceipt,
}

impl Judge {
    fn missing(self, field: impl fmt::Display) -> Refusal {
        Refusal::Missing { field: field.to_string(), code: self.malformed }
    }

    fn moment(self, field: &str, came: Option<DateTimeRead>) -> Result<LocalDateTime, Refusal> {
        let came = came.ok_or_else(|| self.missing(field))?;
        came.moment().ok_or_else(|| wrong(field, came.shown()))
    }

    fn sum(self, field: impl fmt::Display, came: Option<Money>) -> Result<Tiyn, Refusal> {
        match came {
            Some(money) => tiyn(field, money),
            None => Err(self.missing(field)),
        }
    }
}

/// The place of a field in a receipt, put into words only when a text names it.
#[derive(Clone, Copy)]
enum Path {
    Ticket,
    Item(usize),
    Part(usize, ItemType),
    Amounts(&'static str),
}

impl Path {
    fn field(self, name: &'static str) -> impl fmt::Display {
        Joined(self, name)
    }

    fn tax(self, index: usize, name: &'static str) -> impl fmt::Display {
        struct Tax(Path, usize, &'static str);
        impl fmt::Display for Tax {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let Self(path, index, name) = self;
                write!(f, "{path}.taxes[{index}].{name}")
            }
        }
        Tax(self, index, name)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ticket => f.write_str("ticket"),
            Self::Item(index) => write!(f, "ticket.items[{index}]"),
            Self::Part(index, kind) => write!(f, "ticket.items[{index}].{}", kind.part_name()),
            Self::Amounts(name) => write!(f, "ticket.amounts.{name}"),
        }
    }
}

struct Joined(Path, &'static str);

impl fmt::Display for Joined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

fn wrong(field: impl fmt::Display, value: impl fmt::Display) -> Refusal {
    Refusal::Wrong { field: field.to_string(), value: value.to_string() }
}

fn tiyn(field: impl fmt::Display, money: Money) -> Result<Tiyn, Refusal> {
    money.tiyn().ok_or_else(|| {
        let (bills, coins) = (money.bills.unwrap_or(0), money.coins.unwrap_or(0));
        wrong(field, format!("bills={bills} coins={coins}"))
    })
}

/// What kind of counters a line moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Goods.
    Commodity,
    /// A discount.
    Discount,
    /// A markup.
    Markup,
}

/// A line of a receipt that was found right.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// What it moves.
    pub kind: LineKind,
    /// Whether it takes an earlier line off again.
    pub is_storno: bool,
    /// Its sum, without the sign of a storno.
    pub sum: Tiyn,
    /// The goods, when it is goods.
    pub commodity: Option<Commodity<'a>>,
    /// The name of a discount or markup.
    pub name: Option<Text<'a>>,
    taxes: Repeated<'a, Tax>,
}

impl<'a> Line<'a> {
    fn of(kind: ItemType, part: ItemPart<'a>) -> Option<Self> {
        let line_kind = match kind {
            ItemType::Commodity | ItemType::StornoCommodity => LineKind::Commodity,
            ItemType::Discount | ItemType::StornoDiscount => LineKind::Discount,
            ItemType::Markup | ItemType::StornoMarkup => LineKind::Markup,
        };
        let (sum, taxes, commodity, name) = match part {
            ItemPart::Commodity(goods) => (goods.sum?, goods.taxes, Some(goods), goods.name),
            ItemPart::Modifier(modifier) => (modifier.sum?, modifier.taxes, None, modifier.name),
        };
        let is_storno = kind.is_storno();
        Some(Self { kind: line_kind, is_storno, sum: sum.tiyn()?, commodity, name, taxes })
    }

    fn of_modifier(kind: LineKind, modifier: &Modifier<'a>) -> Option<Self> {
        Some(Self {
            kind,
            is_storno: false,
            sum: modifier.sum?.tiyn()?,
            commodity: None,
            name: modifier.name,
            taxes: modifier.taxes,
        })
    }

    /// 1, or -1 for a storno.
    pub fn sign(&self) -> i64 {
        if self.is_storno { -1 } else { 1 }
    }

    /// The sum, below zero for a storno.
    pub fn signed_sum(&self) -> Option<i64> {
        self.sum.get().checked_mul(self.sign())
    }

    /// What the line adds to the receipt's total.
    fn effect(&self) -> Option<i64> {
        match self.kind {
            LineKind::Commodity | LineKind::Markup => self.signed_sum(),
            LineKind::Discount => self.signed_sum()?.checked_neg(),
        }
    }

    /// The code the line is counted under: never blank, never longer than [`SECTION_CODE_LEN_MAX`].
    pub fn section_code(&self) -> Cow<'a, str> {
        let code = self.commodity.and_then(|commodity| commodity.section_code);
        match code {
            Some(code) if !code.is_blank() => short_section_code(code),
            Some(_) | None => Cow::Borrowed(SECTION_BLANK),
        }
    }

    /// Its taxes.
    pub fn taxes(&self) -> impl Iterator<Item = TaxFact> + use<'a> {
        self.taxes.iter().filter_map(|tax| TaxFact::of(&tax))
    }
}

fn short_section_code(code: Text<'_>) -> Cow<'_, str> {
    let code = code.lossy();
    if code.len() <= SECTION_CODE_LEN_MAX {
        return code;
    }
    let end = (0..=SECTION_CODE_LEN_MAX).rev().find(|end| code.is_char_boundary(*end)).unwrap_or(0);
    Cow::Owned(code.get(..end).unwrap_or(SECTION_BLANK).to_owned())
}

/// A tax that was found right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxFact {
    /// 100 is VAT.
    pub tax_type: u32,
    /// Thousandths of a percent, whichever way it came.
    pub percent: u32,
    /// Tiyn.
    pub sum: i64,
    /// Whether the line's sum contains it.
    pub is_in_total_sum: bool,
}

impl TaxFact {
    /// `None` when type, rate or sum cannot be right.
    pub fn of(tax: &Tax) -> Option<Self> {
        let (tax_type, percent) = (tax.tax_type.unwrap_or(TAX_TYPE_VAT), tax.percent.unwrap_or(0));
        if tax_type > UINT_MAX || percent > UINT_MAX {
            return None;
        }
        let sum = tax.sum.unwrap_or_default().tiyn()?.get();
        let is_in_total_sum = tax.is_in_total_sum.unwrap_or(true);
        Some(Self { tax_type, percent: percent_thousandths(percent), sum, is_in_total_sum })
    }
}

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
            self.has_line_taxes |= !modifier.taxes.is_empty();
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
            let sum = judge.sum(format_args!("ticket.payments[{index}].sum"), payment.sum)?.get();
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
        if features.requires_domain && self.ticket.domain.is_none() {
            warnings.push(Warning::DomainMissing);
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
        Line::of_modifier(kind, &modifier)
    }

    /// The discount on the whole receipt, in tiyn.
    pub fn discount_sum(&self) -> i64 {
        self.modifier(LineKind::Discount).map_or(0, |line| line.sum.get())
    }

    /// The markup on the whole receipt, in tiyn.
    pub fn markup_sum(&self) -> i64 {
        self.modifier(LineKind::Markup).map_or(0, |line| line.sum.get())
    }

    /// Taxes on the whole receipt, when its lines have none: both would count the same tax twice.
    pub fn receipt_taxes(&self) -> impl Iterator<Item = TaxFact> + use<'a> {
        let taxes = if self.has_line_taxes { Repeated::default() } else { self.ticket.taxes };
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

fn judge_operator(operator: &OperatorRead<'_>, warnings: &mut Vec<Warning>) {
    if operator.code.is_none() {
        warnings.push(Warning::OperatorCodeMissing);
    }
    if operator.name.is_some_and(|name| !name.is_utf8()) {
        warnings.push(Warning::TextNotUtf8);
    }
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
        tiyn(&field("sum"), tax.sum.unwrap_or_default())?;
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

/// A placement that was found right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Which way.
    pub operation: PlacementOperation,
    /// When.
    pub date_time: LocalDateTime,
    /// How much.
    pub sum: Tiyn,
    /// Made without a link.
    pub is_offline: bool,
}

impl Placement {
    /// Judges a placement.
    ///
    /// # Errors
    /// As [`Receipt::read`].
    pub fn read(
        request: &MoneyPlacementRequest<'_>,
        judge: Judge,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, Refusal> {
        let date_time = judge.moment("money_placement.date_time", request.date_time)?;
        let code = request.operation.ok_or_else(|| judge.missing("money_placement.operation"))?;
        let operation =
            PlacementOperation::from_code(code).ok_or_else(|| wrong("money_placement.operation", code))?;
        let sum = judge.sum("money_placement.sum", request.sum)?;
        match &request.operator {
            Some(operator) => judge_operator(operator, warnings),
            None if judge.version.features().requires_placement_operator => {
                warnings.push(Warning::OperatorMissing);
            }
            None => {}
        }
        Ok(Self { operation, date_time, sum, is_offline: request.is_offline.unwrap_or(false) })
    }

    /// What it adds to the cash in the drawer.
    pub fn cash_flow(&self) -> i64 {
        match self.operation {
            PlacementOperation::Deposit => self.sum.get(),
            PlacementOperation::Withdrawal => self.sum.get().saturating_neg(),
        }
    }
}

/// A closing that was found right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Close {
    /// When.
    pub(super) close_time: LocalDateTime,
    /// Made without a link.
    pub(super) is_offline: bool,
    /// The register's own number of the shift; 0: none.
    pub(super) label: u32,
    /// Whether all cash is taken out first.
    pub(super) withdraw_money: bool,
}

impl Close {
    /// Judges a closing.
    ///
    /// # Errors
    /// As [`Receipt::read`].
    pub(super) fn read(
        request: &CloseShiftRequest<'_>,
        judge: Judge,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, Refusal> {
        let close_time = judge.moment("close_shift.close_time", request.close_time)?;
        let requires_report = judge.version.features().requires_close_report;
        if requires_report && request.z_report.is_none() {
            warnings.push(Warning::ZReportMissing);
        }
        match &request.operator {
            Some(operator) => judge_operator(operator, warnings),
            None if requires_report => warnings.push(Warning::OperatorMissing),
            None => {}
        }
        Ok(Self {
            close_time,
            is_offline: request.is_offline.unwrap_or(false),
            label: request.fr_shift_number.unwrap_or(0),
            withdraw_money: request.withdraw_money.unwrap_or(false),
        })
    }
}

/// Notes what the service part of a fiscal command lacks. It is information, never a reason to refuse by itself.
pub(super) fn judge_service(
    service: Option<&ServiceRequest<'_>>,
    version: Version,
    warnings: &mut Vec<Warning>,
) {
    let features = version.features();
    let Some(service) = service else {
        if features.requires_service {
            warnings.push(Warning::ServicePartMissing);
        }
        return;
    };
    if features.requires_security_stats && service.security_stats.is_none() {
        warnings.push(Warning::SecurityStatsMissing);
    }
    if features.requires_service && service.reg_info.is_none() {
        warnings.push(Warning::RegInfoMissing);
    }
}
