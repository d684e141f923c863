//! Receipts: short words for the usual ones, and a builder for the others.

use super::draft::{Draft, cashier};
use super::tree::{Fields, Value, money};

pub(crate) const BUY: u32 = 0;
pub(crate) const BUY_RETURN: u32 = 1;
pub(crate) const SELL: u32 = 2;
pub(crate) const SELL_RETURN: u32 = 3;

/// A receipt with no items, payments and taxes yet, and a total of 0.
pub(crate) fn receipt(operation: u32) -> Draft {
    let amounts =
        Fields::new().money("total", 1, "0.00").money("taken", 2, "0.00").money("change", 3, "0.00");
    let mut content = Fields::new()
        .int("operation", 1, operation)
        .date_time("date_time", 2, "00:00")
        .message("operator", 3, cashier())
        .message("domain", 4, Fields::new().int("type", 1, 0_u32))
        .message("amounts", 8, amounts);
    if operation == SELL_RETURN || operation == BUY_RETURN {
        let parent = Fields::new()
            .text("parent_ticket_number", 1, "123456789012345")
            .date_time("date_time", 2, "09:00-1")
            .text("kgd_kkm_id", 3, "640300014538")
            .money("total", 4, "500.00")
            .int("is_offline", 5, 0_u32);
        content = content.message("parent_ticket", 17, parent);
    }
    Draft::new(1, "ticket", 2, content)
}

fn simple(operation: u32, sum: &str) -> Draft {
    receipt(operation).goods("1", sum).cash(sum).total(sum)
}

pub(crate) fn sale(sum: &str) -> Draft {
    simple(SELL, sum)
}

pub(crate) fn sale_return(sum: &str) -> Draft {
    simple(SELL_RETURN, sum)
}

pub(crate) fn buy(sum: &str) -> Draft {
    simple(BUY, sum)
}

pub(crate) fn buy_return(sum: &str) -> Draft {
    simple(BUY_RETURN, sum)
}

pub(crate) fn card_sale(sum: &str) -> Draft {
    receipt(SELL).goods("1", sum).card(sum).total(sum)
}

fn goods(section_code: &str, sum: &str, shift: u32) -> Fields {
    let mut goods = Fields::new();
    if shift == 0 {
        goods = goods.int("code", 1, 77_u32);
    }
    goods
        .text("name", 2 - shift, "Хлеб")
        .text("section_code", 3 - shift, section_code)
        .int("quantity", 4 - shift, 1000_u32)
        .money("price", 5 - shift, sum)
        .money("sum", 6 - shift, sum)
        .text("measure_unit_code", 13 - shift, "796")
}

fn modifier(sum: &str) -> Fields {
    Fields::new().text("name", 1, "Скидка").money("sum", 2, sum)
}

fn tax(percent: u32, sum: &str, is_in_total_sum: bool) -> Value {
    let tax = Fields::new().int("tax_type", 1, 100_u32).int("percent", 3, percent).money("sum", 4, sum).int(
        "is_in_total_sum",
        5,
        u64::from(is_in_total_sum),
    );
    Value::Message(tax)
}

/// The parts of an item by its type: name, and the tag of taxes in it.
const PARTS: [(&str, u32); 6] = [
    ("commodity", 7),
    ("storno_commodity", 6),
    ("markup", 3),
    ("storno_markup", 3),
    ("discount", 3),
    ("storno_discount", 3),
];

impl Draft {
    fn item(mut self, kind: u32, part: Fields) -> Self {
        let (name, _) = PARTS[kind as usize - 1];
        let item = Fields::new().int("type", 1, kind).message(name, kind + 1, part);
        self.content().push("items", 5, Value::Message(item));
        self
    }

    pub(crate) fn goods(self, section_code: &str, sum: &str) -> Self {
        self.item(1, goods(section_code, sum, 0))
    }

    pub(crate) fn storno(self, section_code: &str, sum: &str) -> Self {
        self.item(2, goods(section_code, sum, 1))
    }

    pub(crate) fn markup(self, sum: &str) -> Self {
        self.item(3, modifier(sum))
    }

    pub(crate) fn storno_markup(self, sum: &str) -> Self {
        self.item(4, modifier(sum))
    }

    pub(crate) fn discount(self, sum: &str) -> Self {
        self.item(5, modifier(sum))
    }

    pub(crate) fn storno_discount(self, sum: &str) -> Self {
        self.item(6, modifier(sum))
    }

    fn line_tax(mut self, tax: Value) -> Self {
        let last = self.content().len_of("items") - 1;
        let item = self.content().at(&format!("items[{last}]"));
        let (name, number) = *PARTS.iter().find(|(name, _)| item.has(name)).unwrap();
        item.at(name).push("taxes", number, tax);
        self
    }

    /// A tax of the last item, which its sum contains.
    pub(crate) fn tax(self, percent: u32, sum: &str) -> Self {
        self.line_tax(tax(percent, sum, true))
    }

    /// A tax of the last item, which comes on top of its sum.
    pub(crate) fn tax_on_top(self, percent: u32, sum: &str) -> Self {
        self.line_tax(tax(percent, sum, false))
    }

    /// A tax of the whole receipt, which its total contains.
    pub(crate) fn receipt_tax(mut self, percent: u32, sum: &str) -> Self {
        self.content().push("taxes", 7, tax(percent, sum, true));
        self
    }

    /// A tax of the whole receipt, which comes on top of its total.
    pub(crate) fn receipt_tax_on_top(mut self, percent: u32, sum: &str) -> Self {
        self.content().push("taxes", 7, tax(percent, sum, false));
        self
    }

    pub(crate) fn receipt_discount(mut self, sum: &str) -> Self {
        self.content().at("amounts").put("discount", 5, Value::Message(modifier(sum)));
        self
    }

    pub(crate) fn receipt_markup(mut self, sum: &str) -> Self {
        self.content().at("amounts").put("markup", 4, Value::Message(modifier(sum)));
        self
    }

    /// A tax of the discount on the whole receipt.
    pub(crate) fn receipt_discount_tax(mut self, percent: u32, sum: &str) -> Self {
        self.content().at("amounts.discount").push("taxes", 3, tax(percent, sum, true));
        self
    }

    pub(crate) fn paid(mut self, kind: u32, sum: &str) -> Self {
        let payment = Fields::new().int("type", 1, kind).money("sum", 2, sum);
        self.content().push("payments", 6, Value::Message(payment));
        self
    }

    pub(crate) fn cash(mut self, sum: &str) -> Self {
        self.content().at("amounts").put("taken", 2, Value::Message(money(sum)));
        self.paid(0, sum)
    }

    pub(crate) fn card(self, sum: &str) -> Self {
        self.paid(1, sum)
    }

    pub(crate) fn change(mut self, sum: &str) -> Self {
        self.content().at("amounts").put("change", 3, Value::Message(money(sum)));
        self
    }

    pub(crate) fn total(mut self, sum: &str) -> Self {
        self.content().at("amounts").put("total", 1, Value::Message(money(sum)));
        self
    }
}
