//! Registering registers (KKM): what an organisation says of one, the application it signs, what the tax authority answers,
//! and the register that comes of it.
//!
//! A registration is one row beside the audit of its company, so each change of it is told in the same append. What lies
//! elsewhere is written around that append, each step so that it may be repeated: claims and notes before it, the register
//! with its shop behind it. Wherever a process ends, a note leads back to what is left to do.

mod answer;
mod change;
mod changes;
mod chosen;
mod claims;
mod draft;
mod exchange;
mod fields;
mod in_shop;
mod left;
mod making;
pub mod models;
mod orders;
mod paper;
mod plans;
mod queue;
mod rules;
mod sign;
mod token;
mod visits;
mod waiting;
mod work;

pub use answer::{AnswerOutcome, answer};
pub(crate) use change::{Next, change_registration};
pub use change::{find, under_way};
pub(crate) use changes::without_met_wish;
pub use changes::{ChangeOutcome, Settings, Settled, change_own, read_settings, registration_of, settle};
pub use draft::{Begun, DraftOutcome, Edited, begin, drop_draft, edit, first_key};
pub use exchange::{exchange, keep_exchanging};
pub use fields::{
    ALIAS_LEN_MAX, Known, NEW_SHOP, RegisterRead, SERIAL_LEN_MAX, SHOP_ADDRESS, alias, read_register, rnm,
    years,
};
pub(crate) use in_shop::in_shop;
pub use left::{Left, left};
pub use orders::want;
pub use paper::{DrawnFor, application_of, draw_up, is_current, is_open};
pub(crate) use plans::{note_plan, on_plan, plan_row};
pub use plans::{plan_on_paper, plan_titles};
pub use queue::{Queue, QueueFound, QueueQuery, queue};
pub use rules::{Event, Turned, next};
pub use sign::{SignOutcome, sign};
pub use token::{TokenOutcome, TokenShown, reissue, show};
pub use visits::{
    COMMENT_LEN_MAX, PERSON_LEN_MAX, VisitOutcome, ask_visit, close_visit, no_visit, read_visit, visits_of,
};
pub use waiting::go_on_again;
pub use work::{go_on, keep_going};
