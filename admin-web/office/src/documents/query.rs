//! Which documents are asked for: read once from what was typed, with what is wrong with each field.

use ofd_protocol::message::{Operation, PlacementOperation};
use ofd_protocol::register::{Day, DocumentKind};
use ofd_protocol::types::{TIYN_PER_TENGE, Tiyn};
use ofd_protocol::version::PaymentType;
use time::Date;

use super::line::DocumentLine;
use crate::day::day;
use crate::shops::{LineFilter, ShopQuery, StatusFilter};

/// Days of a period: a year, and a leap day. Figures of so many days are read at once.
pub const DAYS_MAX: i64 = 366;

/// Characters of a cashier's name that are looked for.
const CASHIER_LEN_MAX: usize = 100;

/// Characters of a sum as it may be typed.
const SUM_LEN_MAX: usize = 32;

/// The days whose documents are asked for, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
}

impl Period {
    /// Whether a day lies in it.
    pub fn has(self, day: Day) -> bool {
        self.from <= day && day <= self.to
    }

    /// How many days it has.
    pub fn days(self) -> i64 {
        self.to.number().saturating_sub(self.from.number()).saturating_add(1)
    }
}

/// What is wrong with what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryFault {
    /// It is no day of the calendar.
    NoDay,
    /// The period ends before it begins.
    EndsBefore,
    /// The period is longer than [`DAYS_MAX`].
    TooLong,
    /// It is no sum.
    NoSum,
    /// The greatest sum is below the least.
    SumsCrossed,
    /// It is none of the values that there are.
    Unknown,
    /// It is longer than anything that could be found.
    TooManyCharacters,
}

/// What kind of document is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DocumentKindFilter {
    /// Documents of every kind.
    #[default]
    Any,
    /// Receipts that do this.
    Receipt(Operation),
    /// Cash in and out.
    Cash,
    /// Cash one way.
    Placement(PlacementOperation),
    /// Cancellations of receipts.
    Cancellation,
    /// Closings of shifts.
    Close,
}

impl DocumentKindFilter {
    /// Every filter by the word for it in addresses and in the API.
    pub const ALL: [(&'static str, Self); 10] = [
        ("", Self::Any),
        ("sell", Self::Receipt(Operation::Sell)),
        ("sell_return", Self::Receipt(Operation::SellReturn)),
        ("buy", Self::Receipt(Operation::Buy)),
        ("buy_return", Self::Receipt(Operation::BuyReturn)),
        ("cash", Self::Cash),
        ("cash_in", Self::Placement(PlacementOperation::Deposit)),
        ("cash_out", Self::Placement(PlacementOperation::Withdrawal)),
        ("cancel", Self::Cancellation),
        ("close", Self::Close),
    ];

    /// The filter of a word.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, filter)| filter)
    }

    /// Whether a document is of this kind.
    pub fn has(self, line: &DocumentLine) -> bool {
        match self {
            Self::Any => true,
            Self::Receipt(operation) => line.told.operation == Some(operation),
            Self::Cash => line.kind == DocumentKind::MoneyPlacement,
            Self::Placement(operation) => line.told.placement.is_some_and(|(way, _)| way == operation),
            Self::Cancellation => line.kind == DocumentKind::CancelTicket,
            Self::Close => line.kind == DocumentKind::CloseShift,
        }
    }
}

/// What was typed, as it came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Typed<'a> {
    /// The first day; the last one, where it is left out.
    pub from: &'a str,
    /// The last day; today, where it is left out.
    pub to: &'a str,
    /// Part of the name or address of a shop.
    pub shop: &'a str,
    /// A register's id, number at the tax authority, serial number or model.
    pub register: &'a str,
    /// Part of the cashier's name.
    pub cashier: &'a str,
    /// The kind of document, by [`DocumentKindFilter::ALL`].
    pub operation: &'a str,
    /// The kind of payment, by [`PaymentType::name`].
    pub payment: &'a str,
    /// The least sum.
    pub sum_from: &'a str,
    /// The greatest sum.
    pub sum_to: &'a str,
    /// Anything: only what was made without a link.
    pub offline: &'a str,
}

/// The names of all that narrows, in addresses and in the API, in the order of pages.
pub const fn filter_names() -> [&'static str; 10] {
    ["from", "to", "operation", "payment", "shop", "register", "cashier", "sum_from", "sum_to", "offline"]
}

impl<'a> Typed<'a> {
    /// Reads what has these names.
    pub fn read(get: impl Fn(&'static str) -> &'a str) -> Self {
        Self {
            from: get("from"),
            to: get("to"),
            shop: get("shop"),
            register: get("register"),
            cashier: get("cashier"),
            operation: get("operation"),
            payment: get("payment"),
            sum_from: get("sum_from"),
            sum_to: get("sum_to"),
            offline: get("offline"),
        }
    }
}

/// Which documents are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentQuery {
    /// Of which days.
    pub period: Period,
    /// Of which shops; `None`: of all.
    pub shop: Option<ShopQuery>,
    /// Of which registers; `None`: of all.
    pub register: Option<ShopQuery>,
    /// The same as it was typed, where it may be an id.
    pub register_id: Option<u32>,
    /// In small letters; empty: whoever it was.
    pub cashier: String,
    /// Of what kind.
    pub kind: DocumentKindFilter,
    /// Paid so, in part at least.
    pub payment: Option<PaymentType>,
    /// Of this sum at least.
    pub sum_from: Option<Tiyn>,
    /// Of this sum at most.
    pub sum_to: Option<Tiyn>,
    /// Only those made without a link.
    pub is_offline_only: bool,
}

/// A day of the calendar as registers count it.
pub fn day_of(date: Date) -> Option<Day> {
    Day::new(u32::try_from(date.year()).ok()?, u8::from(date.month()).into(), date.day().into())
}

/// A sum in tenge as people type it: `1 234,5`, `1234.50`.
fn sum_of(text: &str) -> Option<Tiyn> {
    if text.chars().count() > SUM_LEN_MAX {
        return None;
    }
    let text: String = text.chars().filter(|char| !char.is_whitespace() && *char != '₸').collect();
    let (whole, part) = text.split_once([',', '.']).unwrap_or((&text, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(part) || part.len() > 2 {
        return None;
    }
    let coins: i64 = format!("{part:0<2}").parse().ok()?;
    Tiyn::new(whole.parse::<i64>().ok()?.checked_mul(TIYN_PER_TENGE)?.checked_add(coins)?)
}

impl DocumentQuery {
    /// Reads what was typed on a day.
    ///
    /// # Errors
    /// What is wrong, with the name of the field.
    pub fn read(typed: Typed<'_>, today: Day) -> Result<Self, Vec<(&'static str, QueryFault)>> {
        let mut faults = Vec::new();
        let mut note = |field: &'static str, fault: QueryFault| faults.push((field, fault));
        let mut days = [("from", typed.from), ("to", typed.to)].map(|(field, text)| {
            if text.is_empty() {
                return None;
            }
            let read = day(text).and_then(day_of);
            if read.is_none() {
                note(field, QueryFault::NoDay);
            }
            read
        });
        if typed.to.is_empty() {
            days[1] = Some(days[0].map_or(today, |from| from.max(today)));
        }
        let [from, to] = days;
        let period =
            to.map_or(Period { from: today, to: today }, |to| Period { from: from.unwrap_or(to), to });
        if period.to < period.from {
            note("to", QueryFault::EndsBefore);
        } else if period.days() > DAYS_MAX {
            note("to", QueryFault::TooLong);
        }
        let mut sums = [("sum_from", typed.sum_from), ("sum_to", typed.sum_to)].map(|(field, text)| {
            if text.is_empty() {
                return None;
            }
            let read = sum_of(text);
            if read.is_none() {
                note(field, QueryFault::NoSum);
            }
            read
        });
        if let [Some(least), Some(greatest)] = sums
            && greatest < least
        {
            note("sum_to", QueryFault::SumsCrossed);
            sums = [None, None];
        }
        let kind = DocumentKindFilter::of_name(typed.operation);
        if kind.is_none() {
            note("operation", QueryFault::Unknown);
        }
        let payment = PaymentType::ALL.into_iter().find(|way| way.name() == typed.payment);
        if payment.is_none() && !typed.payment.is_empty() {
            note("payment", QueryFault::Unknown);
        }
        if typed.cashier.chars().count() > CASHIER_LEN_MAX {
            note("cashier", QueryFault::TooManyCharacters);
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let sought =
            |text: &str| (!text.is_empty()).then(|| ShopQuery::new(text, StatusFilter::Any, LineFilter::Any));
        let is_plain = typed.register.bytes().all(|byte| byte.is_ascii_digit());
        let [sum_from, sum_to] = sums;
        Ok(Self {
            period,
            shop: sought(typed.shop),
            register: sought(typed.register),
            register_id: typed.register.parse().ok().filter(|_| is_plain),
            cashier: typed.cashier.to_lowercase(),
            kind: kind.unwrap_or_default(),
            payment,
            sum_from,
            sum_to,
            is_offline_only: !typed.offline.is_empty(),
        })
    }

    /// All of the longest period that ends today.
    #[must_use]
    pub fn lately(today: Day) -> Self {
        let from = today.plus(1_i64.saturating_sub(DAYS_MAX));
        Self {
            period: Period { from, to: today },
            shop: None,
            register: None,
            register_id: None,
            cashier: String::new(),
            kind: DocumentKindFilter::Any,
            payment: None,
            sum_from: None,
            sum_to: None,
            is_offline_only: false,
        }
    }

    /// Whether a document is one of those asked for; whose it is was judged before.
    pub fn takes(&self, line: &DocumentLine) -> bool {
        let is_sum = |bound: Option<Tiyn>, is: fn(&Tiyn, &Tiyn) -> bool| {
            bound.is_none_or(|bound| line.sum.is_some_and(|sum| is(&sum, &bound)))
        };
        self.period.has(Day::of(line.at))
            && self.kind.has(line)
            && self.payment.is_none_or(|way| line.told.paid_by.iter().any(|paid| paid.way == way))
            && (self.cashier.is_empty() || line.told.cashier.to_lowercase().contains(&self.cashier))
            && is_sum(self.sum_from, Tiyn::ge)
            && is_sum(self.sum_to, Tiyn::le)
            && (!self.is_offline_only || line.told.is_offline)
    }

    /// Whether figures of days tell what all that is asked for comes to.
    pub fn is_of_figures(&self) -> bool {
        let is_counted = match self.kind {
            DocumentKindFilter::Any
            | DocumentKindFilter::Receipt(_)
            | DocumentKindFilter::Cash
            | DocumentKindFilter::Placement(_) => true,
            DocumentKindFilter::Cancellation | DocumentKindFilter::Close => false,
        };
        let is_by_sum = self.sum_from.is_some() || self.sum_to.is_some();
        is_counted && self.cashier.is_empty() && !is_by_sum && !self.is_offline_only
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day_at(text: &str) -> Day {
        day(text).and_then(day_of).unwrap()
    }

    fn read(typed: Typed<'_>) -> Result<DocumentQuery, Vec<(&'static str, QueryFault)>> {
        DocumentQuery::read(typed, day_at("22.01.2026"))
    }

    #[test]
    fn a_period_is_today_unless_days_are_typed_and_has_at_most_a_year() {
        for (from, to, expected) in [
            ("", "", Ok(("2026-01-22", "2026-01-22"))),
            ("01.01.2026", "", Ok(("2026-01-01", "2026-01-22"))),
            ("", "05.01.2026", Ok(("2026-01-05", "2026-01-05"))),
            ("2025-01-22", "2026-01-22", Ok(("2025-01-22", "2026-01-22"))),
            ("22.01.2025", "23.01.2026", Err(("to", QueryFault::TooLong))),
            ("01.01.2021", "01.01.2026", Err(("to", QueryFault::TooLong))),
            ("02.01.2026", "01.01.2026", Err(("to", QueryFault::EndsBefore))),
            ("30.02.2026", "", Err(("from", QueryFault::NoDay))),
            ("", "yesterday", Err(("to", QueryFault::NoDay))),
        ] {
            let period = read(Typed { from, to, ..Typed::default() })
                .map(|query| (query.period.from.to_string(), query.period.to.to_string()));
            let expected =
                expected.map(|(from, to)| (from.to_owned(), to.to_owned())).map_err(|fault| vec![fault]);
            assert_eq!(period, expected, "{from} to {to}");
        }
    }

    #[test]
    fn a_sum_is_read_as_people_type_it() {
        for (text, tiyn) in
            [("0", Some(0)), ("696,90", Some(69_690)), ("1 234.5", Some(123_450)), ("₸ 7", Some(700))]
        {
            assert_eq!(sum_of(text).map(Tiyn::get), tiyn, "{text}");
        }
        for text in ["", "-1", "1,234", "1.2.3", "x", "99999999999999999999", &"1".repeat(40)] {
            assert_eq!(sum_of(text), None, "{text}");
        }
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let typed = Typed {
            from: "x",
            operation: "steal",
            payment: "shells",
            sum_from: "much",
            sum_to: "1",
            ..Typed::default()
        };
        let fields: Vec<_> = read(typed).unwrap_err().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["from", "sum_from", "operation", "payment"]);
        let crossed = Typed { sum_from: "2", sum_to: "1", ..Typed::default() };
        assert_eq!(read(crossed).unwrap_err(), [("sum_to", QueryFault::SumsCrossed)]);
        let long = "к".repeat(CASHIER_LEN_MAX + 1);
        let long = Typed { cashier: &long, ..Typed::default() };
        assert_eq!(read(long).unwrap_err(), [("cashier", QueryFault::TooManyCharacters)]);
    }

    #[test]
    fn figures_tell_only_what_they_count() {
        for (typed, is) in [
            (Typed::default(), true),
            (Typed { operation: "sell", payment: "card", shop: "x", ..Typed::default() }, true),
            (Typed { operation: "cash_in", ..Typed::default() }, true),
            (Typed { operation: "close", ..Typed::default() }, false),
            (Typed { cashier: "a", ..Typed::default() }, false),
            (Typed { sum_from: "1", ..Typed::default() }, false),
            (Typed { offline: "yes", ..Typed::default() }, false),
        ] {
            assert_eq!(read(typed).unwrap().is_of_figures(), is, "{typed:?}");
        }
    }
}
