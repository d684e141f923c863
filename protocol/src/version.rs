//! Protocol versions and all that differs between them, in one table.

use serde::{Deserialize, Serialize};

use crate::types::TIYN_PER_TENGE;

/// The versions we speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Version {
    /// Protocol version 1.2.4.
    V124,
    /// Protocol version 1.2.5.
    V125,
    /// Protocol version 2.0.0.
    V200,
    /// Protocol version 2.0.1.
    V201,
    /// Protocol version 2.0.2.
    V202,
    /// Protocol version 2.0.3.
    V203,
    /// Protocol version 2.0.4.
    V204,
}

/// What result code 18 means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code18 {
    /// No meaning was given to it yet.
    Unused,
    /// The catalogue has no such barcode. We say that in the catalogue's own result and never send 18.
    ElementNotFoundByBarcode,
    /// The register was taken off the books.
    Deregistered,
}

/// What differs between versions.
#[derive(Clone, Copy, Debug)]
pub struct Features {
    /// VERSION in the header.
    pub code: u16,
    /// What 18 means; where it is not [`Code18::Deregistered`], a deregistered register gets 15.
    pub code_18: Code18,
    /// Whether there is 19 for a register that its organisation disconnected; else 15.
    pub has_disconnected_code: bool,
    /// Whether there is 17 for a buyer who is the seller; else 13.
    pub has_same_taxpayer_code: bool,
    /// Whether CANCEL_TICKET is a command; else 5.
    pub has_cancel_ticket: bool,
    /// Whether the payment QR commands exist; else 4.
    pub has_payment_qr: bool,
    /// Payment types that reports list. Tills take another one in an answer for a broken message.
    pub report_payments: &'static [PaymentType],
    /// Whether a good can be asked for by its barcode.
    pub has_barcode_lookup: bool,
    /// Whether registration data carry Kazakh addresses; in 202 their tag was another field.
    pub has_address_kz: bool,
    /// Whether positions are signed in registration data.
    pub has_signed_position: bool,
    /// Whether answers carry the operator's own block.
    pub has_ofd_block: bool,
    /// Whether a service part is required with fiscal commands.
    pub requires_service: bool,
    /// Whether goods need a measure unit.
    pub requires_measure_unit: bool,
    /// Whether a placement needs its cashier.
    pub requires_placement_cashier: bool,
    /// Whether a closing needs its own report and its cashier.
    pub requires_close_report: bool,
    /// Whether a return names the receipt it undoes.
    pub requires_parent_ticket: bool,
    /// Whether the place of the register is required.
    pub requires_security_stats: bool,
    /// Whether the kind of trade is required.
    pub requires_domain: bool,
}

/// How a receipt is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaymentType {
    /// Notes and coins in the drawer.
    Cash,
    /// Paid by a bank card.
    Card,
    /// Credit; of versions before 201.
    Credit,
    /// Tare; of versions before 201.
    Tare,
    /// Paid from a telephone.
    Mobile,
}

impl PaymentType {
    /// Every type in the order of their codes, which is their place in counters.
    pub const ALL: [Self; 5] = [Self::Cash, Self::Card, Self::Credit, Self::Tare, Self::Mobile];

    /// The type of a code.
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The number that stands for it on the wire.
    pub fn code(self) -> u32 {
        match self {
            Self::Cash => 0,
            Self::Card => 1,
            Self::Credit => 2,
            Self::Tare => 3,
            Self::Mobile => 4,
        }
    }

    /// Its place in counters over all types.
    pub fn index(self) -> usize {
        match self {
            Self::Cash => 0,
            Self::Card => 1,
            Self::Credit => 2,
            Self::Tare => 3,
            Self::Mobile => 4,
        }
    }

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Card => "card",
            Self::Credit => "credit",
            Self::Tare => "tare",
            Self::Mobile => "mobile",
        }
    }
}

const PAYMENTS_BEFORE_201: &[PaymentType] = &PaymentType::ALL;
const PAYMENTS_SINCE_201: &[PaymentType] = &[PaymentType::Cash, PaymentType::Card, PaymentType::Mobile];

impl Version {
    /// Every version, oldest first.
    pub const ALL: [Self; 7] =
        [Self::V124, Self::V125, Self::V200, Self::V201, Self::V202, Self::V203, Self::V204];

    /// The newest of them.
    pub const NEWEST: Self = Self::V204;

    /// The version of a header; `None` for one we do not speak.
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.code() == code)
    }

    /// VERSION in the header.
    pub fn code(self) -> u16 {
        self.features().code
    }

    /// The newest one, as people write it: 2.0.4.
    pub fn newest_name() -> String {
        Self::NEWEST.code().to_string().chars().map(String::from).collect::<Vec<_>>().join(".")
    }

    /// What this version does otherwise than the others.
    pub fn features(self) -> &'static Features {
        match self {
            Self::V124 => &V124,
            Self::V125 => &V125,
            Self::V200 => &V200,
            Self::V201 => &V201,
            Self::V202 => &V202,
            Self::V203 => &V203,
            Self::V204 => &V204,
        }
    }
}

const V124: Features = Features {
    code: 124,
    code_18: Code18::Unused,
    has_disconnected_code: false,
    has_same_taxpayer_code: false,
    has_cancel_ticket: true,
    has_payment_qr: false,
    report_payments: PAYMENTS_BEFORE_201,
    has_barcode_lookup: false,
    has_address_kz: true,
    has_signed_position: true,
    has_ofd_block: false,
    requires_service: false,
    requires_measure_unit: false,
    requires_placement_cashier: false,
    requires_close_report: false,
    requires_parent_ticket: false,
    requires_security_stats: false,
    requires_domain: false,
};
const V125: Features = Features { code: 125, requires_close_report: true, ..V124 };
const V200: Features = Features { code: 200, requires_service: true, ..V125 };
const V201: Features =
    Features { code: 201, report_payments: PAYMENTS_SINCE_201, requires_measure_unit: true, ..V200 };
const V202: Features = Features {
    code: 202,
    has_same_taxpayer_code: true,
    has_address_kz: false,
    requires_placement_cashier: true,
    ..V201
};
const V203: Features = Features {
    code: 203,
    code_18: Code18::ElementNotFoundByBarcode,
    has_barcode_lookup: true,
    has_address_kz: true,
    requires_parent_ticket: true,
    requires_security_stats: true,
    ..V202
};
const V204: Features = Features {
    code: 204,
    code_18: Code18::Deregistered,
    has_disconnected_code: true,
    has_cancel_ticket: false,
    has_payment_qr: true,
    has_signed_position: false,
    has_ofd_block: true,
    requires_domain: true,
    ..V203
};

/// Thousandths of a percent in one percent.
pub const PERCENT_SCALE: u32 = 1000;

/// Whether a tax rate as it came is in whole percents (1 to 100), as some tills send it.
pub fn is_whole_percent(percent: u32) -> bool {
    (1..=100).contains(&percent)
}

/// A tax rate in thousandths of a percent, whichever way the till sent it.
pub fn percent_thousandths(percent: u32) -> u32 {
    if is_whole_percent(percent) { percent.saturating_mul(PERCENT_SCALE) } else { percent }
}

/// The tax contained in `sum` tiyn (or added to it), rounded half up to the tiyn; `None` on overflow.
pub fn tax_of(sum: i64, percent_thousandths: u32, is_included: bool) -> Option<i64> {
    let hundred = i128::from(PERCENT_SCALE).checked_mul(i128::from(TIYN_PER_TENGE))?;
    let percent = i128::from(percent_thousandths);
    let whole = if is_included { hundred.checked_add(percent)? } else { hundred };
    let doubled = i128::from(sum).checked_mul(percent)?.checked_mul(2)?.checked_add(whole)?;
    i64::try_from(doubled.checked_div_euclid(whole.checked_mul(2)?)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_by_their_code() {
        for version in Version::ALL {
            assert_eq!(Version::from_code(version.code()), Some(version));
        }
        for code in [0, 100, 123, 126, 199, 205, 2000] {
            assert_eq!(Version::from_code(code), None);
        }
    }

    #[test]
    fn the_newest_version_is_named_as_people_write_it() {
        assert_eq!(Version::newest_name(), "2.0.4");
        assert_eq!(Version::ALL.into_iter().max_by_key(|version| version.code()), Some(Version::NEWEST));
    }

    #[test]
    fn code_18_means_two_things() {
        assert_eq!(Version::V203.features().code_18, Code18::ElementNotFoundByBarcode);
        assert_eq!(Version::V204.features().code_18, Code18::Deregistered);
    }

    #[test]
    fn a_tax_is_taken_out_of_a_sum_or_added_to_it() {
        assert_eq!(tax_of(69_690, 16_000, true), Some(9_612));
        assert_eq!(tax_of(14_992, 16_000, true), Some(2_068));
        assert_eq!(tax_of(10_000, 16_000, false), Some(1_600));
        assert_eq!(tax_of(i64::MAX, u32::MAX, false), None);
        assert_eq!(
            (percent_thousandths(16), percent_thousandths(16_000), percent_thousandths(0)),
            (16_000, 16_000, 0)
        );
    }
}
