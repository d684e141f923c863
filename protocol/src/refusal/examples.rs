//! A refusal of each kind, for guides that say what a till may show.

use super::{MalformedReceipt, Refusal};
use crate::message::Command;
use crate::types::{LocalDateTime, RegisterId, Tiyn};
use crate::version::Version;
use crate::warning::Warning;

/// What stands for a field, a value or a reason that depends on the document.
const ANY: &str = "…";

impl Refusal {
    /// One of each kind, with usual values.
    pub fn examples() -> Vec<Self> {
        let field = || ANY.to_owned();
        let sum = |tiyn| Tiyn::new(tiyn).unwrap_or_default();
        let mut all = vec![
            Self::Unreadable,
            Self::VersionUnsupported { version: 100 },
            Self::RegisterAbsent { register: RegisterId(1234) },
            Self::TlsExcluded,
            Self::TokenWrong,
            Self::CommandAbsent { code: 99 },
            Self::CommandUnsupported { command: Command::Nomenclature },
            Self::PartMissing { part: "ticket" },
            Self::RequestNumberReused { request: 17 },
            Self::RetryDiffers { request: 17 },
            Self::Blocked { reason: String::new() },
            Self::Unpaid { reason: String::new() },
            Self::Deregistered { reason: String::new() },
            Self::Disconnected,
            Self::Missing { field: field(), code: MalformedReceipt::default() },
            Self::Wrong { field: field(), value: ANY.to_owned() },
            Self::PaymentsDiffer { payments: sum(90_000), total: sum(100_000) },
            Self::SumTooLarge { field: field(), sum: ANY.to_owned() },
            Self::SameTaxpayer,
            Self::ShiftFull { documents: 100_000 },
            Self::CashShort { cash: 50_000, wanted: sum(80_000) },
            Self::CannotCancel,
        ];
        let strict = Warning::ALL.iter().copied().find(|warning| warning.is_refused_when_strict());
        all.extend(strict.map(|warning| {
            let (version, value) = (Version::NEWEST.code(), Some(ANY.to_owned()));
            Self::Strict { version, warning, field: field(), value }
        }));
        let opened_at = LocalDateTime::new(2026, 1, 22, 9, 0, 0);
        all.extend(opened_at.map(|opened_at| Self::ShiftTooLong { opened_at }));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kinds by number: a new one compiles only once it has one, and then is missed below.
    fn number(refusal: &Refusal) -> usize {
        match refusal {
            Refusal::Unreadable => 0,
            Refusal::VersionUnsupported { .. } => 1,
            Refusal::RegisterAbsent { .. } => 2,
            Refusal::TlsExcluded => 3,
            Refusal::TokenWrong => 4,
            Refusal::CommandAbsent { .. } => 5,
            Refusal::CommandUnsupported { .. } => 6,
            Refusal::PartMissing { .. } => 7,
            Refusal::RequestNumberReused { .. } => 8,
            Refusal::RetryDiffers { .. } => 9,
            Refusal::Blocked { .. } => 10,
            Refusal::Unpaid { .. } => 11,
            Refusal::Deregistered { .. } => 12,
            Refusal::Disconnected => 13,
            Refusal::Missing { .. } => 14,
            Refusal::Wrong { .. } => 15,
            Refusal::PaymentsDiffer { .. } => 16,
            Refusal::SumTooLarge { .. } => 17,
            Refusal::Strict { .. } => 18,
            Refusal::SameTaxpayer => 19,
            Refusal::ShiftTooLong { .. } => 20,
            Refusal::ShiftFull { .. } => 21,
            Refusal::CashShort { .. } => 22,
            Refusal::CannotCancel => 23,
        }
    }

    #[test]
    fn there_is_one_of_each_kind() {
        let mut numbers: Vec<usize> = Refusal::examples().iter().map(number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..24).collect::<Vec<_>>());
    }
}
