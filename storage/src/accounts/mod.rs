//! People's accounts, companies with their people, and the rows of their audit.
//!
//! An account is one stream and so is a company: the head is its state in JSON, the rows are its audit. A change is one
//! append of the new head with the rows that tell of it, so that no change is without its row, and rules over several
//! parts of a company ("the last administrator stays") hold however many people change it at once.
//!
//! `Debug` of all this shows ids, kinds and moments. Names, numbers, addresses and what people typed stay out of it, so
//! that they come into no log.

mod account;
mod agreement;
mod audit;
mod bank;
mod company;
mod id;
mod named;
mod paper;
mod profile_news;
mod program_token;
mod register_change;
mod registration;
mod shop_group;
mod subject;
#[cfg(test)]
mod tests;
mod ticket_text;
mod trade_point_change;
mod vocabulary;

pub use account::{
    Account, ConfirmedEmail, Membership, PASSWORD_WRONG_MAX, Password, PendingEmail, Proof, RecoveryCode,
    SESSIONS_MAX, Session, SessionMethod, Totp, UsedChallenge,
};
pub use agreement::{Agreement, ReadContract};
pub use audit::{AUDIT_PAGE_MAX, AuditActor, AuditEntry, AuditRow, FieldChange, audit_rows};
pub use bank::{AddedBank, ApplicationState, BankApplication, application_prefix};
pub use company::*;
pub use id::AccountId;
pub use named::{joined, organisation};
pub use paper::{
    Capacity, PAPER_PAGE_MAX, Paper, PaperFault, PaperKind, PaperSignature, PaperSigner, PaperState, paper,
    papers,
};
pub use profile_news::ProfileNews;
pub use program_token::{ProgramToken, TokenScope};
pub use register_change::{ChangeId, RegisterChange};
pub use registration::{
    ChosenPlan, ChosenShop, Delivery, DeregistrationReason, REGISTRATION_PAGE_MAX,
    REGISTRATIONS_UNDER_WAY_MAX, RegisterData, Registration, RegistrationOrder, RegistrationState, Visit,
    VisitDone, Wanted, registration, registrations,
};
pub use shop_group::ShopGroup;
pub use subject::{Kept, Subject, create, load, note, save, save_beside};
pub use ticket_text::{TicketText, TicketTextKind};
pub use trade_point_change::TradePointChange;
pub use vocabulary::{AuditAction, AuditField, AuditGroup, AuditPage, AuditSubject, AuditValue, ToldSubject};
