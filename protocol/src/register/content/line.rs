//! Lines of a receipt and their taxes, as facts.

use std::borrow::Cow;

use super::UINT_MAX;
use crate::message::{Commodity, ItemPart, ItemType, Modifier, Tax};
use crate::types::Tiyn;
use crate::version::percent_thousandths;
use crate::wire::{Repeated, Text};

/// A section code is at most this long in counters.
pub const SECTION_CODE_LEN_MAX: usize = 64;

/// The code a blank section code counts under.
pub(in crate::register) const SECTION_BLANK: &str = "0";

/// VAT: what a tax without a type counts as.
const TAX_TYPE_VAT: u32 = 100;

/// What kind of counters a line moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// A line of goods, or its reversal.
    Commodity,
    /// A discount on a line or on the receipt.
    Discount,
    /// A markup on a line or on the receipt.
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
    pub(super) fn of(kind: ItemType, part: ItemPart<'a>) -> Option<Self> {
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

    pub(super) fn of_modifier(kind: LineKind, modifier: &Modifier<'a>) -> Option<Self> {
        Some(Self {
            kind,
            is_storno: false,
            sum: modifier.sum?.tiyn()?,
            commodity: None,
            name: modifier.name,
            taxes: modifier.taxes,
        })
    }

    pub(super) fn leave_taxes_out(&mut self) {
        self.taxes = Repeated::default();
    }

    /// 1, or -1 for a storno.
    pub fn sign(&self) -> i64 {
        if self.is_storno { -1 } else { 1 }
    }

    /// The sum, below zero for a storno.
    pub fn signed_sum(&self) -> i64 {
        self.sum.get().saturating_mul(self.sign())
    }

    /// What the line adds to the receipt's total.
    pub(super) fn effect(&self) -> i64 {
        match self.kind {
            LineKind::Commodity | LineKind::Markup => self.signed_sum(),
            LineKind::Discount => self.signed_sum().saturating_neg(),
        }
    }

    /// The code the line is counted under: trimmed, never blank, never longer than [`SECTION_CODE_LEN_MAX`].
    pub fn section_code(&self) -> Cow<'a, str> {
        let code = self.commodity.and_then(|commodity| commodity.section_code);
        match code {
            Some(code) if !code.is_blank() => short_section_code(code),
            Some(_) | None => Cow::Borrowed(SECTION_BLANK),
        }
    }

    /// The taxes that it names, as they count.
    pub fn taxes(&self) -> impl Iterator<Item = TaxFact> + use<'a> {
        self.taxes.iter().filter_map(|tax| TaxFact::of(&tax))
    }
}

fn short_section_code(code: Text<'_>) -> Cow<'_, str> {
    let code = match code.lossy() {
        Cow::Borrowed(code) => Cow::Borrowed(code.trim()),
        Cow::Owned(code) => Cow::Owned(code.trim().to_owned()),
    };
    if code.len() <= SECTION_CODE_LEN_MAX {
        return code;
    }
    let end = (0..=SECTION_CODE_LEN_MAX).rev().find(|end| code.is_char_boundary(*end)).unwrap_or(0);
    Cow::Owned(code.get(..end).unwrap_or_default().trim_end().to_owned())
}

/// A tax that was found right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxFact {
    /// 100 is VAT.
    pub tax_type: u32,
    /// Thousandths of a percent, whichever way it came.
    pub percent: u32,
    /// The tax in tiyn.
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
