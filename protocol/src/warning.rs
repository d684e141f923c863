//! What a register does against its version's rules without being refused (WIRE 13.8).

use serde::{Deserialize, Serialize};

macro_rules! warnings {
    ($($(#[$doc:meta])* $name:ident = $code:literal $text:literal $judged:expr,)*) => {
        /// A departure from the written rules that is accepted and counted, per register.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "u8", into = "u8")]
        pub enum Warning { $($(#[$doc])* $name,)* }

        impl Warning {
            /// Every warning, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stored code. Never reused.
            pub fn code(self) -> u8 {
                match self { $(Self::$name => $code,)* }
            }

            /// The name in the API and in docs/warnings.md.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Whether a strict version refuses a document for it.
            pub fn is_refused_when_strict(self) -> bool {
                match self { $(Self::$name => $judged,)* }
            }
        }
    };
}

warnings! {
    /// No service part on a fiscal command (since 200).
    ServicePartMissing = 1 "service-part-missing" true,
    /// No security_stats in the service part (since 203).
    SecurityStatsMissing = 2 "security-stats-missing" true,
    /// No reg_info in the service part.
    RegInfoMissing = 3 "reg-info-missing" true,
    /// No domain (204).
    DomainMissing = 4 "domain-missing" true,
    /// The cashier has no code.
    CashierCodeMissing = 5 "operator-code-missing" true,
    /// No cashier on a closing (since 125) or placement (since 202).
    CashierMissing = 6 "operator-missing" true,
    /// A closing without the register's own report (since 125).
    ZReportMissing = 7 "z-report-missing" true,
    /// Goods with neither a name nor a code.
    CommodityNameMissing = 8 "commodity-name-missing" true,
    /// Goods without a section code.
    SectionCodeMissing = 9 "section-code-missing" true,
    /// Goods without a quantity.
    QuantityMissing = 10 "quantity-missing" true,
    /// Goods without a price.
    PriceMissing = 11 "price-missing" true,
    /// Goods without a measure unit (since 201).
    MeasureUnitMissing = 12 "measure-unit-missing" true,
    /// A payment without a type, counted as cash.
    PaymentTypeMissing = 13 "payment-type-missing" true,
    /// A kind of payment that only older versions have.
    PaymentKindOfOlderVersion = 14 "payment-kind-of-older-version" true,
    /// Two payments of one type.
    PaymentTypeRepeated = 15 "payment-type-repeated" true,
    /// Paid in cash without `taken`.
    TakenMissing = 16 "taken-missing" true,
    /// Paid in cash without `change`.
    ChangeMissing = 17 "change-missing" true,
    /// The sums of the lines do not make the total.
    ItemSumsDiffer = 18 "item-sums-differ" true,
    /// Quantity times price is not the sum of the line.
    LineSumDiffers = 19 "line-sum-differs" true,
    /// A tax is not what its rate makes of its sum.
    TaxSumDiffers = 20 "tax-sum-differs" true,
    /// A tax without type, rate or sum.
    TaxPartMissing = 21 "tax-part-missing" true,
    /// A rate in whole percents.
    TaxPercentWhole = 22 "tax-percent-whole" true,
    /// One rate twice in a list of taxes.
    TaxRepeated = 23 "tax-repeated" true,
    /// Taxes on the lines and on the receipt; those on the lines are counted.
    TaxesOnItemsAndReceipt = 24 "taxes-on-items-and-receipt" true,
    /// A discount and a markup on the whole receipt.
    DiscountAndMarkup = 25 "discount-and-markup" true,
    /// A return that does not name what it undoes (since 203).
    ParentTicketMissing = 26 "parent-ticket-missing" true,
    /// A string that is not UTF-8.
    TextNotUtf8 = 27 "text-not-utf8" true,
    /// A section code of over 64 bytes, counted under its beginning.
    SectionCodeTooLong = 28 "section-code-too-long" true,
    /// Over 1000 sections in a shift; what is beyond is counted under section 0.
    SectionsOverLimit = 29 "sections-over-limit" false,
    /// Over 100 tax rates in a shift; what is beyond is not counted.
    TaxRatesOverLimit = 34 "tax-rates-over-limit" false,
    /// The register's own shift number is not ours.
    ShiftNumberDiffers = 30 "shift-number-differs" false,
    /// A payment without a sum, counted as nothing.
    PaymentSumMissing = 33 "payment-sum-missing" true,
    /// A printed document number that does not grow within the shift.
    PrintedNumberNotGrowing = 31 "printed-number-not-growing" false,
    /// Documents made without a link took the cash below zero.
    CashBelowZero = 32 "cash-below-zero" false,
    /// A retry that lies over ten minutes apart from its document: it may have been another buyer's.
    PossibleLoss = 40 "possible-loss" false,
    /// A document that equals one whose answer was never taken, but came too late to be told for that one.
    PossibleDouble = 41 "possible-double" false,
    /// A shift was opened or closed at a time that lies over 15 minutes after the server's clock.
    ClockWrong = 50 "clock-wrong" false,
    /// A number that nothing counts is greater than the protocol has it.
    NumberOutOfRange = 51 "number-out-of-range" true,
    /// A counter stays at its end, where a document would take it beyond.
    CounterFull = 52 "counter-full" false,
    /// The register says another serial number than the one on record: its token may be in a copy of it.
    SerialNumberDiffers = 53 "serial-number-differs" false,
}

/// The greatest code that programs of the first release know; they cannot read a head in which they find a greater one.
const FIRST_HEADS_MAX: u8 = 34;

impl Warning {
    /// Whether the first form of heads may hold it.
    pub fn is_of_first_heads(self) -> bool {
        self.code() <= FIRST_HEADS_MAX
    }

    /// The warning of a stored code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|warning| warning.code() == code)
    }
}

impl From<Warning> for u8 {
    fn from(warning: Warning) -> Self {
        warning.code()
    }
}

impl TryFrom<u8> for Warning {
    type Error = String;

    fn try_from(code: u8) -> Result<Self, Self::Error> {
        Self::from_code(code).ok_or_else(|| format!("there is no warning {code}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_unique() {
        let codes: std::collections::BTreeSet<u8> =
            Warning::ALL.iter().map(|warning| warning.code()).collect();
        let names: std::collections::BTreeSet<&str> =
            Warning::ALL.iter().map(|warning| warning.name()).collect();
        assert_eq!((codes.len(), names.len()), (Warning::ALL.len(), Warning::ALL.len()));
        assert_eq!(Warning::from_code(0), None);
    }
}
