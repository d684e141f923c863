//! Papers that an organisation signs: how they are drawn up, signed, checked, and what follows.
//!
//! The bytes of a paper are fixed when it is drawn up, and are kept before anything names them; so is the file of a
//! signature. What became of a paper stands in its company, in the append that tells the audit of it. So whatever ends a
//! process between two steps leaves a paper that can be signed again, never one that is signed without a trace.

mod application;
mod judge;
mod kept;
mod recheck;
mod rules;
mod sign;
mod waiting;

pub use application::{Around, DrawnUp, application, contract_to_join, draw_up, is_current, under_way};
pub(crate) use application::{NUMBERS_MAX, facts_of, hash_of_facts, named, party, signer};
pub(crate) use kept::{called, row_of};
pub(crate) use recheck::{HERE, judge_kept, keep_doing};
pub use recheck::{RECHECK_EVERY, keep_rechecking, recheck};
pub use rules::{
    CHECKED_FOR_MS, Event, Judgement, Turned, Waits, may_connect_registers, may_sign, may_sign_for_register,
    next, waits,
};
pub(crate) use sign::{KeptSignature, closed, take};
pub use sign::{Outcome, Sent, read_contract, sign};
pub use waiting::{ask_again, being_checked};
