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
mod company;
mod gate;
mod home;
pub mod limits;
mod login;
mod metrics;
mod operator;
mod ops;
mod page;
mod people;
mod proxies;
mod receipts;
mod registers;
mod rights;
mod router;
mod routes;
mod secret;
mod serve;
mod shares;
mod sign_in;
pub mod signatures;
mod signup;
mod site;
mod staff;
mod texts;
mod vocabulary;
pub mod work;

#[cfg(test)]
mod tests;

use ofd_desk::{characters, compression, day, decimal, format, json, problem, qr, words};
use ofd_office::{directories, language};

pub use ofd_office::mail;

pub use limits::Limits;
pub use mail::Mailer;
pub use metrics::METRICS;
pub use proxies::{TrustedProxies, TrustedProxy, TrustedProxyError};
pub use registers::document_json;
pub use router::router;
pub use secret::{ApiToken, ApiTokenError};
pub use serve::{serve, serve_router};
pub use signatures::Signatures;
pub use site::{AlwaysReady, Operator, Outside, PeopleConfig, Readiness, Site, SiteConfig, SiteError};
pub use words::WordsError;
pub use work::{Work, WorkConfig};
