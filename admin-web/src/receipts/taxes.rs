//! The taxes of a receipt by rate.

use std::collections::BTreeMap;

use ofd_protocol::register::{Line, LineKind, Receipt, TaxFact};

pub(super) const TAX_TYPE_VAT: u32 = 100;

/// What taxes are summed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rate {
    /// 100 is VAT.
    pub(super) tax_type: u32,
    /// Thousandths of a percent.
    pub(super) percent: u32,
    /// Whether sums contain the tax.
    pub(super) is_in_total_sum: bool,
}

/// Which way a line moves the receipt: a storno takes back, so does a discount.
pub(super) fn sign(line: &Line<'_>) -> i64 {
    match line.kind {
        LineKind::Commodity | LineKind::Markup => line.sign(),
        LineKind::Discount => line.sign().saturating_neg(),
    }
}

/// The taxes of the lines, or those on the whole receipt where lines have none, in tiyn by rate.
pub(super) fn by_rate(receipt: &Receipt<'_>) -> BTreeMap<Rate, i64> {
    let of_lines = receipt.lines().flat_map(|line| {
        let sign = sign(&line);
        line.taxes().map(move |tax| (tax, sign))
    });
    let of_receipt = receipt.receipt_taxes().map(|tax| (tax, 1));
    let mut sums = BTreeMap::new();
    for (tax, sign) in of_lines.chain(of_receipt) {
        let TaxFact { tax_type, percent, sum, is_in_total_sum } = tax;
        let total: &mut i64 = sums.entry(Rate { tax_type, percent, is_in_total_sum }).or_insert(0);
        *total = total.saturating_add(sum.saturating_mul(sign));
    }
    sums
}
