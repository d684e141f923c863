//! Receipts as tills send them, written by hand.

use bytes::BytesMut;
use ofd_protocol::message::Operation;
use ofd_protocol::types::{LocalDateTime, Tiyn};
use ofd_protocol::wire::Writer;

use super::at;

fn tiyn(sum: i64) -> Tiyn {
    Tiyn::new(sum).unwrap()
}

/// A line of goods.
#[derive(Clone, Debug)]
pub(crate) struct Goods {
    pub(crate) name: String,
    pub(crate) section: String,
    pub(crate) quantity: u64,
    pub(crate) price: i64,
    pub(crate) sum: i64,
    pub(crate) vat: Option<i64>,
    pub(crate) unit: &'static str,
    pub(crate) barcode: Option<&'static str>,
    pub(crate) stamps: Vec<&'static str>,
    pub(crate) is_storno: bool,
}

impl Goods {
    pub(crate) fn new(name: &str, quantity: u64, price: i64, sum: i64) -> Self {
        let (name, unit) = (name.to_owned(), "796");
        Self {
            name,
            section: "1".to_owned(),
            quantity,
            price,
            sum,
            vat: None,
            unit,
            barcode: None,
            stamps: Vec::new(),
            is_storno: false,
        }
    }

    pub(crate) fn storno(self) -> Self {
        Self { is_storno: true, ..self }
    }

    fn write(&self, w: &mut Writer<'_>) {
        let shift = u32::from(self.is_storno);
        w.uint(1, if self.is_storno { 2_u32 } else { 1 });
        w.message(if self.is_storno { 3 } else { 2 }, |w| {
            w.text(2 - shift, &self.name);
            w.text(3 - shift, &self.section);
            w.uint(4 - shift, self.quantity);
            w.money(5 - shift, tiyn(self.price));
            w.money(6 - shift, tiyn(self.sum));
            if let Some(vat) = self.vat {
                w.message(7 - shift, |w| write_vat(w, vat));
            }
            if let Some(barcode) = self.barcode {
                w.text(12 - shift, barcode);
            }
            w.text(13 - shift, self.unit);
            for stamp in &self.stamps {
                w.text(14 - shift, stamp);
            }
        });
    }
}

fn write_vat(w: &mut Writer<'_>, sum: i64) {
    w.uint(1, 100_u32);
    w.uint(3, 16_000_u32);
    w.money(4, tiyn(sum));
    w.boolean(5, true);
}

#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub(crate) operation: Operation,
    pub(crate) date_time: LocalDateTime,
    pub(crate) cashier: &'static str,
    pub(crate) goods: Vec<Goods>,
    pub(crate) discount: Option<(&'static str, i64, Option<i64>)>,
    pub(crate) receipt_discount: Option<i64>,
    pub(crate) receipt_vat: Option<i64>,
    pub(crate) card: i64,
    pub(crate) total: i64,
    pub(crate) taken: Option<i64>,
    pub(crate) change: Option<i64>,
    pub(crate) offline: u32,
    pub(crate) buyer: Option<(&'static str, &'static str, &'static str)>,
    pub(crate) parent: Option<(String, LocalDateTime, i64)>,
}

impl Default for Ticket {
    fn default() -> Self {
        Self {
            operation: Operation::Sell,
            date_time: at(17, 9, 16),
            cashier: "Айгүл",
            goods: Vec::new(),
            discount: None,
            receipt_discount: None,
            receipt_vat: None,
            card: 0,
            total: 0,
            taken: None,
            change: None,
            offline: 0,
            buyer: None,
            parent: None,
        }
    }
}

impl Ticket {
    /// The usual sale: two lines with VAT, 696.90 in cash of 1000.
    pub(crate) fn usual() -> Self {
        let mut bread = Goods::new("Хлеб «Бородинский» 400 г", 2_000, 27_350, 54_700);
        bread.vat = Some(7_545);
        bread.barcode = Some("4870001234567");
        let mut apples = Goods::new("Яблоки апорт", 500, 29_980, 14_990);
        apples.vat = Some(2_068);
        apples.unit = "166";
        Self {
            goods: vec![bread, apples],
            total: 69_690,
            taken: Some(100_000),
            change: Some(30_310),
            ..Self::default()
        }
    }

    pub(crate) fn of(goods: Vec<Goods>, total: i64) -> Self {
        Self { goods, total, taken: Some(total), change: Some(0), ..Self::default() }
    }

    pub(crate) fn payload(&self) -> Vec<u8> {
        let mut out = BytesMut::new();
        let mut w = Writer::new(&mut out);
        w.uint(1, 1_u32);
        w.message(2, |w| self.write(w));
        out.to_vec()
    }

    fn write(&self, w: &mut Writer<'_>) {
        w.uint(1, self.operation.code());
        w.date_time(2, self.date_time);
        w.message(3, |w| {
            w.uint(1, 1_u32);
            w.text(2, self.cashier);
        });
        for goods in &self.goods {
            w.message(5, |w| goods.write(w));
        }
        if let Some((name, sum, vat)) = self.discount {
            w.message(5, |w| {
                w.uint(1, 5_u32);
                w.message(6, |w| {
                    w.text(1, name);
                    w.money(2, tiyn(sum));
                    if let Some(vat) = vat {
                        w.message(3, |w| write_vat(w, vat));
                    }
                });
            });
        }
        self.write_payments(w);
        if let Some(vat) = self.receipt_vat {
            w.message(7, |w| write_vat(w, vat));
        }
        w.message(8, |w| {
            w.money(1, tiyn(self.total));
            self.taken.into_iter().for_each(|taken| w.money(2, tiyn(taken)));
            self.change.into_iter().for_each(|change| w.money(3, tiyn(change)));
            if let Some(discount) = self.receipt_discount {
                w.message(5, |w| w.money(2, tiyn(discount)));
            }
        });
        self.write_rest(w);
    }

    fn write_payments(&self, w: &mut Writer<'_>) {
        for (kind, sum) in [(0_u32, self.total - self.card), (1, self.card)] {
            if sum > 0 {
                w.message(6, |w| {
                    w.uint(1, kind);
                    w.money(2, tiyn(sum));
                });
            }
        }
    }

    fn write_rest(&self, w: &mut Writer<'_>) {
        if let Some((email, phone, iin)) = self.buyer {
            w.message(9, |w| {
                w.text(1, email);
                w.text(2, phone);
                w.text(4, iin);
            });
        }
        if self.offline != 0 {
            w.uint(10, self.offline);
        }
        w.uint(16, 84_u32);
        if let Some((number, date_time, total)) = &self.parent {
            w.message(17, |w| {
                w.text(1, number);
                w.date_time(2, *date_time);
                w.text(3, super::FNS_KKM_ID);
                w.money(4, tiyn(*total));
                w.boolean(5, false);
            });
        }
    }
}

pub(crate) fn close_shift(date_time: LocalDateTime) -> Vec<u8> {
    let mut out = BytesMut::new();
    let mut w = Writer::new(&mut out);
    w.uint(1, 2_u32);
    w.message(3, |w| w.date_time(1, date_time));
    out.to_vec()
}

/// MONEY_PLACEMENT, a deposit.
pub(crate) fn placement(date_time: LocalDateTime, sum: i64) -> Vec<u8> {
    cash(0, date_time, sum)
}

/// MONEY_PLACEMENT: 0 is a deposit, 1 a withdrawal.
pub(crate) fn cash(operation: u32, date_time: LocalDateTime, sum: i64) -> Vec<u8> {
    let mut out = BytesMut::new();
    let mut w = Writer::new(&mut out);
    w.uint(1, 6_u32);
    w.message(7, |w| {
        w.date_time(1, date_time);
        w.uint(2, operation);
        w.money(3, tiyn(sum));
    });
    out.to_vec()
}

/// CANCEL_TICKET, of the last receipt.
pub(crate) fn cancel() -> Vec<u8> {
    let mut out = BytesMut::new();
    Writer::new(&mut out).uint(1, 7_u32);
    out.to_vec()
}
