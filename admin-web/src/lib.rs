//! The site: the receipt page for people, the receipt check for apps, and the API of registers.
//!
//! [`Site`] is made of a store and a [`SiteConfig`]; [`router`] gives its routes, [`serve`] puts them on a socket.
//! One folder per family of pages: `handlers.rs` reads and writes, `rules.rs` decides, `view.rs` says what is shown.

mod budget;
mod decimal;
mod format;
mod language;
pub mod limits;
mod metrics;
mod ops;
mod page;
mod problem;
mod receipts;
mod registers;
mod route;
mod secret;
mod serve;
mod site;
mod words;

#[cfg(test)]
mod tests;

pub use limits::Limits;
pub use metrics::METRICS;
pub use registers::document_json;
pub use route::router;
pub use secret::{ApiToken, ApiTokenError};
pub use serve::{serve, serve_router};
pub use site::{AlwaysReady, Operator, Outside, Readiness, Site, SiteConfig, SiteError};
pub use words::WordsError;
