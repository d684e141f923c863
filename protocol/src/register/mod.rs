//! The server's side of the conversation with a register, as one pure function (WIRE section 13).
//!
//! [`needs`] says what the rules want to know beside the register's state, [`decide`] decides. Time and the next
//! token are arguments; nothing is read and nothing is written here.

mod accept;
mod answers;
mod asked;
mod change;
mod content;
mod decide;
mod figures;
mod fingerprint;
mod identity;
mod known;
mod rebuild;
mod recount;
mod report;
mod retry;
mod state;
mod totals;
mod unconfirmed;
mod unpaid;
mod untaken;

pub use accept::chain;
pub use answers::{refusal_answer, unavailable_answer};
pub use asked::{
    Accepted, Confirmed, Context, Decision, Drawn, Facts, Incoming, Needs, Policy, SHIFT_DOCUMENTS_MAX,
    SHIFT_LENGTH_MAX_SECONDS,
};
pub use change::{Change, Final};
pub use content::{Line, LineKind, PaymentSum, Receipt, SECTION_CODE_LEN_MAX, TaxFact};
pub use decide::{decide, needs};
pub use figures::{APART_MAX_SECONDS, Day, Figures, counts_at};
pub use fingerprint::Fingerprint;
pub use identity::OfflineKey;
pub use known::{Amendment, Known, amendment, amendment_digests};
pub use rebuild::{Rebuild, StoredDocument};
pub use recount::{Recount, Uncountable};
pub use report::{TOLD_AHEAD_MAX_SECONDS, Telling, empty_report};
pub use retry::replayed;
pub use state::{
    ClosedShift, DocumentKind, LastDocument, Memory, OpenShift, Phase, Register, Status, StatusName, Stop,
    Tokens, WarningCount,
};
pub use totals::{
    Counter, Lifetime, PlacementCounter, SECTIONS_MAX, ShiftTotals, TAX_RATES_MAX, TaxCounter, TicketCounter,
};
pub use unconfirmed::{Sought, UNCONFIRMED_FOR_MS, UNCONFIRMED_MAX, Unconfirmed, UnconfirmedList};
pub use untaken::UNCONFIRMED_KEPT_FOR_MS;
