//! Tariffs: plans with versions that begin at a day, rates of VAT by date, and which plan a register had on which day.
//!
//! What was once charged by stays as it was: a version is added behind the others and begins after the day that is.

mod history;
mod periods;
mod plan;
mod price;
mod quote;
mod vat;

pub use history::{ChoiceError, Chooser, TariffChange, TariffHistory};
pub use periods::{Now, PeriodName, PeriodsError};
pub use plan::{Choosers, NoPlanId, Plan, PlanData, PlanError, PlanId, Signing, TakesEffect, Titles, Tls};
pub use price::{ConnectionKind, KindPrice, Per, PlanVersion, Price, PriceError, ReceiptLimit, Step};
pub use quote::{Quote, QuoteError, QuoteLine, quote};
pub use vat::{NoVatRate, VatPeriod, VatRate, VatRates};
