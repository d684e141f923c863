//! The receipt (WIRE section 7).

use std::fmt;

use super::common::{CashierRead, DateTimeRead, Money};
use super::domain::Domain;
use crate::wire::{Message, Repeated, Text, Texts, Value, WireError};

/// What a receipt does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Operation {
    /// The organisation buys.
    Buy,
    /// It gives back what it bought.
    BuyReturn,
    /// Goods go to the buyer for money.
    Sell,
    /// It takes back what it sold.
    SellReturn,
}

impl Operation {
    /// Every operation, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::Buy, Self::BuyReturn, Self::Sell, Self::SellReturn];

    /// The operation of a code.
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.code() == code)
    }

    /// The number that stands for it on the wire.
    pub fn code(self) -> u32 {
        match self {
            Self::Buy => 0,
            Self::BuyReturn => 1,
            Self::Sell => 2,
            Self::SellReturn => 3,
        }
    }

    /// Its place in lists over all operations.
    pub fn index(self) -> usize {
        match self {
            Self::Buy => 0,
            Self::BuyReturn => 1,
            Self::Sell => 2,
            Self::SellReturn => 3,
        }
    }

    /// Whether money comes in: a sale, or a purchase undone.
    pub fn is_income(self) -> bool {
        match self {
            Self::Sell | Self::BuyReturn => true,
            Self::Buy | Self::SellReturn => false,
        }
    }

    /// Whether it is one of the two returns.
    pub fn is_return(self) -> bool {
        match self {
            Self::SellReturn | Self::BuyReturn => true,
            Self::Buy | Self::Sell => false,
        }
    }
}

/// A receipt as it came.
#[derive(Clone, Copy, Debug, Default)]
pub struct TicketRequest<'a> {
    /// The message itself: the fingerprint is taken over it.
    pub raw: &'a [u8],
    /// 1: what it does.
    pub operation: Option<u32>,
    /// Field 2: the till's own time.
    pub date_time: Option<DateTimeRead>,
    /// 3: who made it.
    pub cashier: Option<CashierRead<'a>>,
    /// 4: the kind of trade; nothing is counted from it.
    pub domain: Option<Domain>,
    /// 5: its lines.
    pub items: Repeated<'a, Item<'a>>,
    /// 6: how it was paid.
    pub payments: Repeated<'a, Payment<'a>>,
    /// 7: taxes on the whole receipt.
    pub taxes: Repeated<'a, Tax>,
    /// 8: its sums.
    pub amounts: Option<Amounts<'a>>,
    /// 9: who bought.
    pub extension_options: Option<ExtensionOptions<'a>>,
    /// 10: the number it got while the register had no link.
    pub offline_ticket_number: Option<u32>,
    /// 11: before 200.
    pub printed_document_number_old: Option<Text<'a>>,
    /// 12: what was printed.
    pub printed_ticket: Option<Text<'a>>,
    /// 14: the register's own number of the shift.
    pub fr_shift_number: Option<u32>,
    /// 15: 125 to 203.
    pub shift_document_number: Option<u32>,
    /// 16: since 201.
    pub printed_document_number: Option<u64>,
    /// 17: since 203, what a return undoes.
    pub parent_ticket: Option<ParentTicket<'a>>,
}

impl<'a> Message<'a> for TicketRequest<'a> {
    fn begin(&mut self, message: &'a [u8]) {
        self.raw = message;
        self.items = Repeated::of(message, 5);
        self.payments = Repeated::of(message, 6);
        self.taxes = Repeated::of(message, 7);
    }

    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.u32_to(&mut self.operation),
            2 => value.message_to(&mut self.date_time)?,
            3 => value.message_to(&mut self.cashier)?,
            4 => value.message_to(&mut self.domain)?,
            5 => value.element_to(&mut self.items)?,
            6 => value.element_to(&mut self.payments)?,
            7 => value.element_to(&mut self.taxes)?,
            8 => value.message_to(&mut self.amounts)?,
            9 => value.message_to(&mut self.extension_options)?,
            10 => value.u32_to(&mut self.offline_ticket_number),
            11 => value.text_to(&mut self.printed_document_number_old),
            12 => value.text_to(&mut self.printed_ticket),
            14 => value.u32_to(&mut self.fr_shift_number),
            15 => value.u32_to(&mut self.shift_document_number),
            16 => value.u64_to(&mut self.printed_document_number),
            17 => value.message_to(&mut self.parent_ticket)?,
            _ => {}
        }
        Ok(())
    }
}

/// What kind of line an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemType {
    /// A line of goods.
    Commodity,
    /// Goods taken off again.
    StornoCommodity,
    /// A markup on what stands before it.
    Markup,
    /// A markup taken off again.
    StornoMarkup,
    /// A discount on what stands before it.
    Discount,
    /// A discount taken off again.
    StornoDiscount,
}

impl ItemType {
    /// The type of a code, 1 to 6.
    pub fn from_code(code: u32) -> Option<Self> {
        match code {
            1 => Some(Self::Commodity),
            2 => Some(Self::StornoCommodity),
            3 => Some(Self::Markup),
            4 => Some(Self::StornoMarkup),
            5 => Some(Self::Discount),
            6 => Some(Self::StornoDiscount),
            _ => None,
        }
    }

    /// The name of the part that the type needs, as the schema has it.
    pub fn part_name(self) -> &'static str {
        match self {
            Self::Commodity => "commodity",
            Self::StornoCommodity => "storno_commodity",
            Self::Markup => "markup",
            Self::StornoMarkup => "storno_markup",
            Self::Discount => "discount",
            Self::StornoDiscount => "storno_discount",
        }
    }

    /// Whether the line takes an earlier one off again.
    pub fn is_storno(self) -> bool {
        match self {
            Self::StornoCommodity | Self::StornoMarkup | Self::StornoDiscount => true,
            Self::Commodity | Self::Markup | Self::Discount => false,
        }
    }
}

/// A line of a receipt as it came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Item<'a> {
    /// 1: which of the parts counts.
    pub kind: Option<u32>,
    /// Field 2 of the message on the wire.
    pub commodity: Option<Commodity<'a>>,
    /// 3: the same part with its tags shifted by one.
    pub storno_commodity: Option<Shifted<Commodity<'a>>>,
    /// Field 4 of the message on the wire.
    pub markup: Option<Modifier<'a>>,
    /// Field 5 of the message on the wire.
    pub storno_markup: Option<Modifier<'a>>,
    /// Field 6 of the message on the wire.
    pub discount: Option<Modifier<'a>>,
    /// Field 7 of the message on the wire.
    pub storno_discount: Option<Modifier<'a>>,
}

/// The part of an item that its type names.
#[derive(Clone, Copy, Debug)]
pub enum ItemPart<'a> {
    /// Goods, or goods taken off.
    Commodity(Commodity<'a>),
    /// A discount or markup, or one taken off.
    Modifier(Modifier<'a>),
}

impl<'a> Item<'a> {
    /// The part that `kind` needs, if it is there.
    pub fn part(&self, kind: ItemType) -> Option<ItemPart<'a>> {
        match kind {
            ItemType::Commodity => self.commodity.map(ItemPart::Commodity),
            ItemType::StornoCommodity => {
                self.storno_commodity.map(|Shifted(commodity)| ItemPart::Commodity(commodity))
            }
            ItemType::Markup => self.markup.map(ItemPart::Modifier),
            ItemType::StornoMarkup => self.storno_markup.map(ItemPart::Modifier),
            ItemType::Discount => self.discount.map(ItemPart::Modifier),
            ItemType::StornoDiscount => self.storno_discount.map(ItemPart::Modifier),
        }
    }
}

impl<'a> Message<'a> for Item<'a> {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.u32_to(&mut self.kind),
            2 => value.message_to(&mut self.commodity)?,
            3 => value.message_to(&mut self.storno_commodity)?,
            4 => value.message_to(&mut self.markup)?,
            5 => value.message_to(&mut self.storno_markup)?,
            6 => value.message_to(&mut self.discount)?,
            7 => value.message_to(&mut self.storno_discount)?,
            _ => {}
        }
        Ok(())
    }
}

/// Goods on a receipt as they came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Commodity<'a> {
    /// 1: the shop's code.
    pub code: Option<u64>,
    /// Field 2 of the message on the wire.
    pub name: Option<Text<'a>>,
    /// 3: the section it counts under.
    pub section_code: Option<Text<'a>>,
    /// Field 4: thousandths of a unit.
    pub quantity: Option<u64>,
    /// 5: of one unit.
    pub price: Option<Money>,
    /// 6: of the line.
    pub sum: Option<Money>,
    /// Field 7 of the message on the wire.
    pub taxes: Repeated<'a, Tax>,
    /// 8: the marking code, until 202.
    pub excise_stamp: Option<Text<'a>>,
    /// Field 11 of the message on the wire.
    pub product_id: Option<Text<'a>>,
    /// Field 12: the GTIN of the goods.
    pub barcode: Option<Text<'a>>,
    /// Field 13 of the message on the wire.
    pub measure_unit_code: Option<Text<'a>>,
    /// 14: marking codes, since 203.
    pub list_excise_stamp: Texts<'a>,
    /// 15: the number in the national catalogue, since 203.
    pub ntin: Option<Text<'a>>,
    /// 16: product, work or service, 204.
    pub commodity_type: Option<u32>,
}

impl<'a> Message<'a> for Commodity<'a> {
    fn begin(&mut self, message: &'a [u8]) {
        self.taxes = Repeated::of(message, 7);
        self.list_excise_stamp = Texts::of(message, 14);
    }

    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.u64_to(&mut self.code),
            2 => value.text_to(&mut self.name),
            3 => value.text_to(&mut self.section_code),
            4 => value.u64_to(&mut self.quantity),
            5 => value.message_to(&mut self.price)?,
            6 => value.message_to(&mut self.sum)?,
            7 => value.element_to(&mut self.taxes)?,
            8 => value.text_to(&mut self.excise_stamp),
            11 => value.text_to(&mut self.product_id),
            12 => value.text_to(&mut self.barcode),
            13 => value.text_to(&mut self.measure_unit_code),
            15 => value.text_to(&mut self.ntin),
            16 => value.u32_to(&mut self.commodity_type),
            _ => {}
        }
        Ok(())
    }
}

/// A part whose tags are one less than in its twin: a storno line has no code and begins with the name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shifted<M>(pub M);

impl<'a> Message<'a> for Shifted<Commodity<'a>> {
    fn begin(&mut self, message: &'a [u8]) {
        self.0.taxes = Repeated::of(message, 6);
        self.0.list_excise_stamp = Texts::of(message, 13);
    }

    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        self.0.field(number.saturating_add(1), value)
    }
}

/// A discount or markup as it came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Modifier<'a> {
    /// Field 1 of the message on the wire.
    pub name: Option<Text<'a>>,
    /// Field 2 of the message on the wire.
    pub sum: Option<Money>,
    /// Field 3 of the message on the wire.
    pub taxes: Repeated<'a, Tax>,
}

impl<'a> Message<'a> for Modifier<'a> {
    fn begin(&mut self, message: &'a [u8]) {
        self.taxes = Repeated::of(message, 3);
    }

    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.text_to(&mut self.name),
            2 => value.message_to(&mut self.sum)?,
            3 => value.element_to(&mut self.taxes)?,
            _ => {}
        }
        Ok(())
    }
}

/// A tax as it came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tax {
    /// 1: 100 is VAT.
    pub tax_type: Option<u32>,
    /// Field 2 of the message on the wire.
    pub taxation_type: Option<u32>,
    /// 3: thousandths of a percent; some tills send whole percents.
    pub percent: Option<u32>,
    /// Field 4 of the message on the wire.
    pub sum: Option<Money>,
    /// 5: whether the line's sum contains it.
    pub is_in_total_sum: Option<bool>,
}

impl<'a> Message<'a> for Tax {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.u32_to(&mut self.tax_type),
            2 => value.u32_to(&mut self.taxation_type),
            3 => value.u32_to(&mut self.percent),
            4 => value.message_to(&mut self.sum)?,
            5 => value.bool_to(&mut self.is_in_total_sum),
            _ => {}
        }
        Ok(())
    }
}

/// A payment as it came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Payment<'a> {
    /// 1: cash 0, card 1, credit 2, tare 3, mobile 4.
    pub kind: Option<u32>,
    /// Field 2 of the message on the wire.
    pub sum: Option<Money>,
    /// 3: since 203.
    pub card: Option<Card<'a>>,
    /// 4: since 203.
    pub mobile: Option<Mobile<'a>>,
}

impl<'a> Message<'a> for Payment<'a> {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.u32_to(&mut self.kind),
            2 => value.message_to(&mut self.sum)?,
            3 => value.message_to(&mut self.card)?,
            4 => value.message_to(&mut self.mobile)?,
            _ => {}
        }
        Ok(())
    }
}

/// What the bank terminal said.
#[derive(Clone, Copy, Debug, Default)]
pub struct Card<'a> {
    /// Field 1 of the message on the wire.
    pub pos_terminal_id: Option<Text<'a>>,
    /// Field 2 of the message on the wire.
    pub pos_card_type: Option<Text<'a>>,
    /// Field 3 of the message on the wire.
    pub pos_authorization_code: Option<u32>,
    /// Field 4 of the message on the wire.
    pub pos_rrn: Option<u64>,
    /// Field 5 of the message on the wire.
    pub pos_receipt_number: Option<u64>,
}

impl<'a> Message<'a> for Card<'a> {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.text_to(&mut self.pos_terminal_id),
            2 => value.text_to(&mut self.pos_card_type),
            3 => value.u32_to(&mut self.pos_authorization_code),
            4 => value.u64_to(&mut self.pos_rrn),
            5 => value.u64_to(&mut self.pos_receipt_number),
            _ => {}
        }
        Ok(())
    }
}

/// A payment by phone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mobile<'a> {
    /// Field 1 of the message on the wire.
    pub qr_type: Option<Text<'a>>,
    /// Field 2 of the message on the wire.
    pub qr_id: Option<Text<'a>>,
}

impl<'a> Message<'a> for Mobile<'a> {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.text_to(&mut self.qr_type),
            2 => value.text_to(&mut self.qr_id),
            _ => {}
        }
        Ok(())
    }
}

/// The sums of a receipt as they came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Amounts<'a> {
    /// Field 1 of the message on the wire.
    pub total: Option<Money>,
    /// 2: cash the buyer gave.
    pub taken: Option<Money>,
    /// 3: cash given back.
    pub change: Option<Money>,
    /// 4: on the whole receipt.
    pub markup: Option<Modifier<'a>>,
    /// 5: on the whole receipt.
    pub discount: Option<Modifier<'a>>,
}

impl<'a> Message<'a> for Amounts<'a> {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.message_to(&mut self.total)?,
            2 => value.message_to(&mut self.taken)?,
            3 => value.message_to(&mut self.change)?,
            4 => value.message_to(&mut self.markup)?,
            5 => value.message_to(&mut self.discount)?,
            _ => {}
        }
        Ok(())
    }
}

/// Who bought. Never shown to anyone but the organisation.
#[derive(Clone, Copy, Default)]
pub struct ExtensionOptions<'a> {
    /// Field 1 of the message on the wire.
    pub customer_email: Option<Text<'a>>,
    /// Field 2 of the message on the wire.
    pub customer_phone: Option<Text<'a>>,
    /// Field 4 of the message on the wire.
    pub customer_iin_or_bin: Option<Text<'a>>,
}

impl fmt::Debug for ExtensionOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExtensionOptions(redacted)")
    }
}

impl<'a> Message<'a> for ExtensionOptions<'a> {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.text_to(&mut self.customer_email),
            2 => value.text_to(&mut self.customer_phone),
            4 => value.text_to(&mut self.customer_iin_or_bin),
            _ => {}
        }
        Ok(())
    }
}

/// The receipt that a return undoes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ParentTicket<'a> {
    /// Field 1 of the message on the wire.
    pub parent_ticket_number: Option<Text<'a>>,
    /// Field 2 of the message on the wire.
    pub date_time: Option<DateTimeRead>,
    /// 3: the register's number at the tax authority.
    pub kgd_kkm_id: Option<Text<'a>>,
    /// Field 4 of the message on the wire.
    pub total: Option<Money>,
    /// Field 5 of the message on the wire.
    pub is_offline: Option<bool>,
}

impl<'a> Message<'a> for ParentTicket<'a> {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.text_to(&mut self.parent_ticket_number),
            2 => value.message_to(&mut self.date_time)?,
            3 => value.text_to(&mut self.kgd_kkm_id),
            4 => value.message_to(&mut self.total)?,
            5 => value.bool_to(&mut self.is_offline),
            _ => {}
        }
        Ok(())
    }
}
