//! The site: the receipt page for people, the receipt check for apps, and the API of registers.
//!
//! [`Site`] is made of a store and a [`SiteConfig`]; [`router`] gives its routes, [`serve`] puts them on a socket.
//! One folder per family of pages: `handlers.rs` reads and writes, `rules.rs` decides, `view.rs` says what is shown.

mod account;
mod any_origin;
mod assets;
mod audit;
mod budget;
mod cabinet;
mod change;
mod company;
mod forwarded;
mod gate;
mod home;
pub mod limits;
mod login;
mod metrics;
mod office;
mod operator;
mod ops;
mod page;
mod part;
mod people;
mod receipts;
mod registers;
mod revision;
mod rights;
mod router;
mod routes;
mod serve;
mod sign_in;
pub mod signatures;
mod signup;
mod site;
mod staff;
mod texts;
mod typed;
mod vocabulary;

#[cfg(test)]
mod tests;

use ofd_desk::{characters, compression, cookies, day, decimal, format, json, problem, qr, sheet, words};
use ofd_office::{directories, language};

pub use ofd_office::{mail, work};

pub use limits::Limits;
pub use mail::Mailer;
pub use metrics::every_metric;
pub use ofd_office::api_token::{ApiToken, ApiTokenError};
pub use office::registers::{By, RegisterError, Turns, carry_over, change_register};
pub use registers::document_json;
pub use router::router;
pub use serve::{serve, serve_router};
pub use signatures::Signatures;
pub use site::{PeopleConfig, Site, SiteConfig, SiteError};
pub use words::WordsError;
pub use work::{Work, WorkConfig};
