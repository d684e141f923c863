//! What an organisation's registers stored over a period: documents and shifts of many registers in the order of time, and
//! what they come to.
//!
//! Figures of days say between which documents of a register those of a day lie, so that reading begins where the period is.
//! What was accepted since they were last counted is read besides, so nothing is missing.

mod backwards;
mod find;
mod line;
mod merge;
mod query;
mod reach;
mod returned;
mod shifts;
mod told;
mod totals;

pub use find::{Bounds, Cursor, Found, READ_MAX, documents};
pub use line::DocumentLine;
pub use query::{
    DAYS_MAX, DocumentKindFilter, DocumentQuery, Period, QueryFault, Typed, day_of, filter_names,
};
pub use returned::{Looked, Returned, returned_by};
pub use shifts::{ShiftOfRegister, ShiftsFound, shifts};
pub use told::{Paid, ParentOf, Told};
pub use totals::{Total, TotalName, Totals, TotalsOf};
