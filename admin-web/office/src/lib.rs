//! What people do at the site, without the site: no page, no request, no answer.
//!
//! Whoever wants something done, a page or the API, says what and on whose behalf; a rule decides, the store keeps it
//! with its row in the audit, and the answer is a value or an error that says what stands against it.

pub mod api_token;
pub mod banks;
pub mod billing;
pub mod by;
pub mod change;
pub mod companies;
pub mod company;
pub mod contracts;
pub mod day;
pub mod directories;
pub mod documents;
pub mod fields;
pub mod keys;
pub mod language;
pub mod mail;
pub mod metrics;
pub mod money_day;
pub mod office;
pub mod papers;
pub mod part;
pub mod people;
pub mod phone_signing;
pub mod programs;
pub mod registers;
pub mod registrations;
pub mod revision;
pub mod rights;
pub mod sessions;
pub mod shops;
pub mod sign_in;
pub mod signatures;
pub mod staff;
pub mod start;
pub mod tax_authority;
pub mod ticket_texts;
pub mod tries;
pub mod typed;
pub mod work;
