//! The site: the receipt page for people, the receipt check for apps, and the API of registers.
//!
//! [`site_over`] makes it of a store and a [`SiteConfig`]; [`router`] gives its routes, [`serve`] puts them on a socket.
//! One folder per family of pages: `handlers.rs` reads and answers, `view.rs` says what is shown. What is done lies in the
//! crate `office`, what all pages share in `desk`.

mod account;
mod agreement;
mod assets;
mod audit;
mod company;
mod documents;
mod help;
mod home;
mod jobs;
mod login;
mod money;
mod operator;
mod ops;
mod papers;
mod people;
mod phone_signing;
mod plan_words;
mod programs;
mod receipts;
mod registers;
mod registrations;
mod router;
mod shops;
mod sign_in;
pub mod signatures;
mod signup;
mod staff;
mod start;
mod texts;
mod vocabulary;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use ofd_desk::serve::serve_until;
use ofd_desk::{
    budget, cabinet, characters, decimal, format, json, long_page, page, page_len, problem, qr, routes,
    sheet, site, words,
};
use ofd_office::{day, directories, language, part, revision, rights, typed};
use ofd_storage::erased::DynStore;
use tokio::net::TcpListener;

pub use ofd_desk::limits;
pub use ofd_office as office;
pub use ofd_office::{mail, work};

pub use jobs::recheck_papers;
pub use limits::Limits;
pub use mail::Mailer;
pub use money::{standing_step, standing_sweep};
pub use ofd_desk::metrics::every_metric;
pub use ofd_desk::serve::serve_router;
pub use ofd_office::api_token::{ApiToken, ApiTokenError};
pub use ofd_office::by::By;
pub use ofd_office::contracts::{Contracts, ContractsError};
pub use ofd_office::phone_signing::{AppLinks, has_phone_signing};
pub use ofd_office::registers::{RegisterError, Turns, carry_over, change_register};
pub use ofd_office::registrations::models::{Imported, ModelsError, import_models, read_models};
pub use ofd_office::signatures::Signatures;
pub use registers::document_json;
pub use router::router;
pub use site::{PeopleConfig, Site, SiteConfig, SiteError, TillPort};
pub use words::WordsError;
pub use work::{Work, WorkConfig};

/// A site that serves what is in `store`.
///
/// # Errors
/// [`SiteError`] when the config cannot be used.
pub fn site_over(store: impl Into<DynStore>, config: SiteConfig) -> Result<Arc<Site>, SiteError> {
    Site::new(store, texts::dictionary()?, config)
}

/// Serves `site` on `listener` until `shutdown` is done; then stops accepting and finishes what is in flight.
pub async fn serve(listener: TcpListener, site: Arc<Site>, shutdown: impl Future<Output = ()>) {
    let (limits, proxies) = (site.config.limits, site.config.trusted_proxies.clone());
    serve_until(listener, router(site), limits, proxies, shutdown).await;
}
