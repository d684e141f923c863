//! The receipt as apps read it (WIRE section 14).

use std::collections::BTreeMap;

use ofd_protocol::message::Commodity;
use ofd_protocol::register::{Line, LineKind, Receipt, TaxFact};
use ofd_protocol::types::Tiyn;
use ofd_protocol::version::PaymentType;
use ofd_protocol::wire::Text;
use serde::Serialize;

use super::lookup::FoundReceipt;
use super::taxes;
use crate::characters::is_blank;
use crate::decimal::Decimal;

/// The answer to a receipt check.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CheckAnswer {
    org_title: String,
    org_id: String,
    retail_place_address: String,
    kkm_serial_number: String,
    kkm_fns_id: String,
    taxes: Vec<TaxSum>,
    ticket: Ticket,
}

#[derive(Serialize)]
struct TaxSum {
    rate: Decimal,
    sum: Decimal,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ticket {
    fiscal_id: String,
    operation_type: u32,
    total_sum: Decimal,
    taken_sum: Option<Decimal>,
    change_sum: Option<Decimal>,
    transaction_date: String,
    payments: Vec<Payment>,
    items: Vec<Item>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payment {
    payment_type: &'static str,
    sum: Decimal,
}

#[derive(Serialize)]
struct Item {
    commodity: Goods,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Goods {
    name: Option<String>,
    quantity: Option<Decimal>,
    price: Option<Decimal>,
    sum: Decimal,
    barcode: Option<String>,
    /// The first of them, for apps that know of one.
    excise_stamp: Option<String>,
    excise_stamps: Vec<String>,
    measure_unit_code: Option<String>,
    taxes: Vec<LineTax>,
}

#[derive(Serialize)]
struct LineTax {
    sum: Decimal,
    layout: Layout,
}

#[derive(Serialize)]
struct Layout {
    rate: Decimal,
}

fn tenge(sum: Tiyn) -> Decimal {
    Decimal::tenge(sum.get())
}

fn rate(percent: u32) -> Decimal {
    Decimal::thousandths(i128::from(percent))
}

/// A text that says something.
pub(super) fn text(came: Option<Text<'_>>) -> Option<String> {
    came.map(|text| text.lossy().trim().to_owned()).filter(|text| !is_blank(text))
}

/// The name of goods: what the till called them, or else their code.
pub(super) fn goods_name(commodity: &Commodity<'_>) -> Option<String> {
    text(commodity.name).or_else(|| commodity.code.map(|code| code.to_string()))
}

/// The marking codes of goods, whichever way the version has them.
pub(super) fn excise_stamps(commodity: &Commodity<'_>) -> Vec<String> {
    let stamps = commodity.excise_stamp.into_iter().chain(commodity.list_excise_stamp.iter());
    let mut found: Vec<String> = Vec::new();
    for stamp in stamps.filter_map(|stamp| text(Some(stamp))) {
        if !found.contains(&stamp) {
            found.push(stamp);
        }
    }
    found
}

/// No quantity is greater by the protocol (WIRE 13.8); a till that meant less than nothing wrote more, and its receipts
/// may lie in old stores. Theirs has no value.
const QUANTITY_MAX: u64 = i64::MAX.unsigned_abs();

fn goods(line: &Line<'_>, commodity: &Commodity<'_>) -> Goods {
    let sign = line.sign();
    let signed = |sum: i64| Decimal::tenge(sum.saturating_mul(sign));
    let quantity = commodity.quantity.filter(|quantity| *quantity <= QUANTITY_MAX);
    let quantity = quantity.map(|quantity| i128::from(quantity).saturating_mul(i128::from(sign)));
    let tax = |TaxFact { percent, sum, .. }: TaxFact| LineTax {
        sum: signed(sum),
        layout: Layout { rate: rate(percent) },
    };
    let stamps = excise_stamps(commodity);
    Goods {
        name: goods_name(commodity),
        quantity: quantity.map(Decimal::thousandths),
        price: commodity.price.and_then(|price| price.tiyn()).map(tenge),
        sum: signed(line.sum.get()),
        barcode: text(commodity.barcode),
        excise_stamp: stamps.first().cloned(),
        excise_stamps: stamps,
        measure_unit_code: text(commodity.measure_unit_code),
        taxes: line.taxes().map(tax).collect(),
    }
}

/// Taxes by rate alone: apps know no more.
fn tax_sums(receipt: &Receipt<'_>) -> Vec<TaxSum> {
    let mut sums: BTreeMap<u32, i64> = BTreeMap::new();
    for (key, sum) in taxes::by_rate(receipt) {
        let total = sums.entry(key.percent).or_insert(0);
        *total = total.saturating_add(sum);
    }
    sums.into_iter().map(|(percent, sum)| TaxSum { rate: rate(percent), sum: Decimal::tenge(sum) }).collect()
}

impl CheckAnswer {
    /// The answer for a receipt that was found.
    pub(super) fn of(found: &FoundReceipt, receipt: &Receipt<'_>, ticket_number: u64) -> Self {
        let amounts = receipt.ticket.amounts.unwrap_or_default();
        let payments = PaymentType::ALL.iter().zip(&receipt.payments).filter(|(_, sum)| sum.count > 0);
        let items = receipt.lines().filter(|line| line.kind == LineKind::Commodity);
        Self {
            org_title: found.organisation.title.clone(),
            org_id: found.organisation.bin.clone(),
            retail_place_address: found.trade_point.address.clone(),
            kkm_serial_number: found.register.serial_number.clone(),
            kkm_fns_id: found.fns_kkm_id.clone(),
            taxes: tax_sums(receipt),
            ticket: Ticket {
                fiscal_id: ticket_number.to_string(),
                operation_type: receipt.operation.code(),
                total_sum: tenge(receipt.total),
                taken_sum: amounts.taken.and_then(|sum| sum.tiyn()).map(tenge),
                change_sum: amounts.change.and_then(|sum| sum.tiyn()).map(tenge),
                transaction_date: receipt.date_time.to_string(),
                payments: payments
                    .map(|(kind, paid)| Payment { payment_type: kind.name(), sum: Decimal::tenge(paid.sum) })
                    .collect(),
                items: items
                    .filter_map(|line| line.commodity.map(|commodity| goods(&line, &commodity)))
                    .map(|commodity| Item { commodity })
                    .collect(),
            },
        }
    }
}
