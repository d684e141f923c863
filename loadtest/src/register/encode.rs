//! Documents as bytes, by version (WIRE sections 7 to 12). Written against the protocol text alone, apart from the
//! server's own reader, so that each checks the other.

use ofd_protocol::types::{LocalDateTime, Tiyn};
use ofd_protocol::wire::Writer;

use super::document::{Document, Flight};
use super::draw::{Profile, never_offline};
use super::kinds::{PaymentKind, TAX_VAT};
use super::receipt::{AdjustmentKind, Line, LineKind, Parent, Payment, Receipt, Tax};
use super::totals::OfflineMark;
use crate::identity::Identity;

/// Thousandths in a percent.
const MILLIPERCENT: u32 = 1_000;

/// VAT payers of the common regime.
const TAXATION_STS: u32 = 100;

/// The code of pieces as a unit.
const UNIT_PIECE: &str = "796";

/// The code of kilograms as a unit.
const UNIT_KILOGRAM: &str = "166";

/// The cashier of documents that have none of their own.
const CASHIER: (u32, &str) = (1, "Айгүл Серікқызы");

/// What the encoding of a register's requests depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style<'a> {
    pub(crate) version: u16,
    pub(crate) profile: &'a Profile,
    /// The encoded own report, for CLOSE_SHIFT and REPORT.
    pub(crate) report: &'a [u8],
}

/// Writes the part of the request that the command names.
pub(crate) fn put_part(w: &mut Writer<'_>, flight: &Flight, style: Style<'_>) {
    let is_offline = flight.mark != OfflineMark::Absent;
    match &flight.document {
        Document::Receipt(receipt) => w.message(2, |w| put_receipt(w, receipt, flight, style)),
        Document::Close { withdraw } => w.message(3, |w| {
            w.date_time(1, flight.date_time);
            if is_offline {
                w.boolean(2, true);
            }
            w.uint(3, flight.label);
            w.boolean(4, *withdraw);
            if style.version >= 125 {
                w.bytes(5, style.report);
                put_cashier(w, 6, CASHIER.0, CASHIER.1);
            }
            if style.version >= 201 {
                w.uint(7, flight.number);
            }
        }),
        Document::Report(kind) => w.message(4, |w| {
            w.uint(1, kind.code());
            w.date_time(2, flight.date_time);
            if style.version >= 125 {
                w.boolean(3, false);
                w.bytes(4, style.report);
            }
        }),
        Document::Nomenclature { barcode } => w.message(5, |w| match barcode {
            Some(barcode) => w.text(2, barcode),
            None => w.uint(1, 0_u32),
        }),
        Document::Placement { operation, sum } => w.message(7, |w| {
            w.date_time(1, flight.date_time);
            w.uint(2, operation.code());
            w.money(3, Tiyn::from_counter(*sum));
            if is_offline {
                w.boolean(4, true);
            }
            w.uint(5, flight.label);
            if style.version >= 201 {
                w.uint(6, flight.number);
            }
            if style.version >= 202 {
                put_cashier(w, 7, CASHIER.0, CASHIER.1);
            }
        }),
        Document::Auth { login, password } => w.message(8, |w| {
            w.text(1, login);
            w.text(2, password);
        }),
        Document::Cancel | Document::Info | Document::System => {}
    }
}

fn put_cashier(w: &mut Writer<'_>, number: u32, code: u32, name: &str) {
    w.message(number, |w| {
        w.uint(1, code);
        w.text(2, name);
    });
}

fn put_receipt(w: &mut Writer<'_>, receipt: &Receipt, flight: &Flight, style: Style<'_>) {
    w.uint(1, receipt.operation.code());
    w.date_time(2, flight.date_time);
    put_cashier(w, 3, receipt.cashier.code, &receipt.cashier.name);
    w.message(4, |w| w.uint(1, 0_u32));
    for line in &receipt.lines {
        w.message(5, |w| {
            w.uint(1, line.kind.code());
            w.message(line.kind.code().saturating_add(1), |w| put_line(w, line, style));
        });
    }
    for payment in &receipt.payments {
        w.message(6, |w| put_payment(w, payment, flight.number, style.version));
    }
    receipt.taxes.iter().for_each(|tax| put_tax(w, 7, tax, style));
    w.message(8, |w| {
        w.money(1, Tiyn::from_counter(receipt.total));
        if let Some(taken) = receipt.taken {
            w.money(2, Tiyn::from_counter(taken));
        }
        if let Some(change) = receipt.change {
            w.money(3, Tiyn::from_counter(change));
        }
        if let Some(adjustment) = &receipt.adjustment {
            let (number, name) = match adjustment.kind {
                AdjustmentKind::Markup => (4, "Наценка"),
                AdjustmentKind::Discount => (5, "Жеңілдік"),
            };
            w.message(number, |w| {
                w.text(1, name);
                w.money(2, Tiyn::from_counter(adjustment.sum));
                if let Some(tax) = &adjustment.tax {
                    put_tax(w, 3, tax, style);
                }
            });
        }
    });
    if let Some(customer) = &receipt.customer {
        w.message(9, |w| w.text(4, customer));
    }
    if let Some(number) = flight.offline_number {
        w.uint(10, number);
        if flight.mark == OfflineMark::AfterLoss {
            w.text(12, "ФИСКАЛЬДЫ ЧЕК\nАВТОНОМДЫ РЕЖИМ\n");
        }
    }
    if style.version < 200 {
        w.text(11, &flight.number.to_string());
    }
    w.uint(14, flight.label);
    if (125..=203).contains(&style.version) {
        w.uint(15, flight.number_in_shift);
    }
    if style.version >= 201 {
        w.uint(16, flight.number);
    }
    if let Some(parent) = receipt.parent.as_ref().filter(|_| style.version >= 203) {
        w.message(17, |w| put_parent(w, parent));
    }
}

fn put_line(w: &mut Writer<'_>, line: &Line, style: Style<'_>) {
    // The storno of goods has the same fields as the goods, each a number lower.
    let shift = match line.kind {
        LineKind::Commodity => 0,
        LineKind::StornoCommodity => 1,
        LineKind::Markup | LineKind::StornoMarkup | LineKind::Discount | LineKind::StornoDiscount => {
            w.text(1, &line.name);
            w.money(2, Tiyn::from_counter(line.sum));
            line.tax.iter().for_each(|tax| put_tax(w, 3, tax, style));
            return;
        }
    };
    let field = |number: u32| number.saturating_sub(shift);
    w.text(field(2), &line.name);
    w.text(field(3), &line.section);
    w.uint(field(4), line.quantity);
    w.money(field(5), Tiyn::from_counter(line.price));
    w.money(field(6), Tiyn::from_counter(line.sum));
    line.tax.iter().for_each(|tax| put_tax(w, field(7), tax, style));
    if let Some(stamp) = line.excise_stamp.as_ref().filter(|_| style.version <= 202) {
        w.text(field(8), stamp);
    }
    if let Some(barcode) = &line.barcode {
        w.text(field(12), barcode);
    }
    if style.version >= 201 {
        let whole = line.quantity.is_multiple_of(super::receipt::QUANTITY_ONE);
        w.text(field(13), if whole { UNIT_PIECE } else { UNIT_KILOGRAM });
    }
    if let Some(stamp) = line.excise_stamp.as_ref().filter(|_| style.version >= 203) {
        w.text(field(14), stamp);
    }
}

fn put_tax(w: &mut Writer<'_>, number: u32, tax: &Tax, style: Style<'_>) {
    let whole = tax.percent.checked_div(MILLIPERCENT).unwrap_or(0);
    let percent = if style.profile.whole_percents { whole } else { tax.percent };
    w.message(number, |w| {
        w.uint(1, TAX_VAT);
        w.uint(2, TAXATION_STS);
        w.uint(3, percent);
        w.money(4, Tiyn::from_counter(tax.sum));
        w.boolean(5, tax.included);
    });
}

fn put_payment(w: &mut Writer<'_>, payment: &Payment, number: u64, version: u16) {
    w.uint(1, payment.kind.code());
    w.money(2, Tiyn::from_counter(payment.sum));
    if version >= 203 && payment.kind == PaymentKind::Card {
        w.message(3, |w| {
            w.text(1, "TERM0001");
            w.uint(4, number.saturating_add(100_000_000_000));
        });
    }
}

fn put_parent(w: &mut Writer<'_>, parent: &Parent) {
    w.text(1, &parent.number);
    w.date_time(2, parent.date_time);
    w.text(3, &parent.fns_kkm_id);
    w.money(4, Tiyn::from_counter(parent.total));
    w.boolean(5, parent.offline);
}

/// Writes the service part that changes from request to request; `fixed` is the encoded rest of it.
pub(crate) fn put_service(
    w: &mut Writer<'_>,
    fixed: &[u8],
    offline: Option<OfflinePeriod>,
    asks: AsksRegInfo,
) {
    w.message(6, |w| {
        let never = never_offline();
        let period = offline.unwrap_or(OfflinePeriod { begin: never, end: never });
        w.message(4, |w| {
            w.date_time(1, period.begin);
            w.date_time(2, period.end);
        });
        w.boolean(7, asks == AsksRegInfo::Yes);
        w.encoded(fixed);
    });
}

/// Since when, and until when, the register had no link.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OfflinePeriod {
    pub(crate) begin: LocalDateTime,
    pub(crate) end: LocalDateTime,
}

/// Whether get_reg_info is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AsksRegInfo {
    Yes,
    No,
}

/// What the fixed fields of a service part say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    pub(crate) fns_kkm_id: &'a str,
    pub(crate) serial_number: &'a str,
    pub(crate) kkm_id: u32,
    pub(crate) title: &'a str,
    pub(crate) address: &'a str,
    pub(crate) bin: &'a str,
    pub(crate) okved: &'a str,
}

impl Identity {
    pub(crate) fn about(&self) -> About<'_> {
        About {
            fns_kkm_id: &self.fns_kkm_id,
            serial_number: &self.serial_number,
            kkm_id: self.id.0,
            title: &self.title,
            address: &self.address,
            bin: &self.bin,
            okved: &self.okved,
        }
    }
}

/// Writes the fields of the service part that never change.
pub(crate) fn put_fixed_service(w: &mut Writer<'_>, about: About<'_>, version: u16) {
    w.message(1, |w| {
        w.uint(1, 120_u32);
        w.uint(2, 35_u32);
        w.uint(3, 0_u32);
    });
    w.message(3, |w| {
        w.message(1, |w| {
            w.uint(1, 43_238_949_u32);
            w.uint(2, 76_889_709_u32);
            if version >= 203 {
                w.text(3, "MANUAL");
            }
        });
        w.text(2, "Linux 6.1");
    });
    w.message(11, |w| {
        w.message(1, |w| {
            w.text(1, "ofd-load");
            w.text(2, env!("CARGO_PKG_VERSION"));
        });
        w.text(3, "Linux");
    });
    w.message(12, |w| {
        w.message(1, |w| {
            w.text(3, about.fns_kkm_id);
            w.text(4, about.serial_number);
            w.text(5, &about.kkm_id.to_string());
        });
        w.message(2, |w| {
            w.text(1, about.title);
            w.text(2, about.address);
            w.text(3, about.bin);
            w.text(5, about.okved);
        });
    });
}
