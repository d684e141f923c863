//! The site: what it is made of.

use std::fmt;
use std::sync::{Arc, OnceLock};

use axum::http::HeaderValue;
use ofd_protocol::ticket_number::TicketNumberKey;
use ofd_protocol::types::{Token, UnixMillis};
use ofd_storage::store::{Health, Stamp, Store, StoreError};

use crate::budget::Budget;
use crate::limits::Limits;
use crate::page::{STYLE, content_security_policy};
use crate::secret::ApiToken;
use crate::words::{Dictionary, WordsError};

/// Time and chance, which come from outside.
pub struct Outside {
    /// Now.
    pub now: Box<dyn Fn() -> UnixMillis + Send + Sync>,
    /// Fresh random bytes: a token and a stamp are made of them.
    pub draw: Box<dyn Fn() -> [u8; 20] + Send + Sync>,
}

impl Outside {
    /// A token and a stamp that nobody else has.
    pub(crate) fn token_and_stamp(&self) -> (Token, Stamp) {
        let [a, b, c, d, stamp @ ..] = (self.draw)();
        (Token::from_drawn(u32::from_be_bytes([a, b, c, d])), Stamp(stamp))
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outside")
    }
}

/// What else must be well for this process to serve, beside the store.
pub trait Readiness: Send + Sync + 'static {
    /// Why it is not ready, each reason with what helps; nothing when it is.
    fn reasons_not_ready(&self) -> Vec<String>;
}

/// Ready whenever the store is.
#[derive(Clone, Copy, Debug, Default)]
pub struct AlwaysReady;

impl Readiness for AlwaysReady {
    fn reasons_not_ready(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The operator of fiscal data, as receipts name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// Its name.
    pub title: String,
    /// The same in Kazakh.
    pub title_kz: String,
    /// Its site.
    pub url: String,
}

/// What the site is set up with.
pub struct SiteConfig {
    /// Where the site is reached from outside, as QR texts have it: `https://ofd.example`.
    pub public_url: String,
    /// The operator.
    pub operator: Operator,
    /// The token of the API; without one the API is switched off.
    pub api_token: Option<ApiToken>,
    /// The store's key of ticket numbers. Empty until the store is open; so long every page and the API say 503.
    pub ticket_number_key: Arc<OnceLock<TicketNumberKey>>,
    /// How far the devices' wall time is ahead of UTC.
    pub zone_offset_seconds: i32,
    /// What bounds clients.
    pub limits: Limits,
    /// Time and chance.
    pub outside: Outside,
    /// What else must be well.
    pub readiness: Arc<dyn Readiness>,
}

/// Why a site cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The address is none.
    #[error("public_url is {0:?}; it must be http:// or https:// with a host, and no ? or #")]
    PublicUrl(String),
    /// The texts of pages are broken.
    #[error(transparent)]
    Words(#[from] WordsError),
    /// The style sheet cannot be named in a header.
    #[error("the style sheet's hash is no header value")]
    Style,
}

/// The site over a store.
pub struct Site<S> {
    pub(crate) store: Arc<S>,
    pub(crate) config: SiteConfig,
    pub(crate) dictionary: Dictionary,
    pub(crate) budget: Budget,
    pub(crate) policy: HeaderValue,
}

impl<S> fmt::Debug for Site<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("public_url", &self.config.public_url).finish_non_exhaustive()
    }
}

impl<S: Store> Site<S> {
    /// A site that serves what is in `store`.
    ///
    /// # Errors
    /// [`SiteError`] when the config cannot be used.
    pub fn new(store: Arc<S>, mut config: SiteConfig) -> Result<Arc<Self>, SiteError> {
        let url = config.public_url.trim_end_matches('/').to_owned();
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let is_url = host.is_some_and(|host| {
            !host.is_empty()
                && host.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#\"'<>\\".contains(&byte))
        });
        if !is_url {
            return Err(SiteError::PublicUrl(config.public_url));
        }
        config.public_url = url;
        let policy = content_security_policy(STYLE).map_err(|_| SiteError::Style)?;
        let budget = Budget::new(&config.limits);
        Ok(Arc::new(Self { store, config, dictionary: Dictionary::new()?, budget, policy }))
    }

    /// Whether the store is open.
    pub(crate) fn is_open(&self) -> bool {
        self.config.ticket_number_key.get().is_some()
    }

    pub(crate) fn ticket_number_key(&self) -> Result<&TicketNumberKey, StoreError> {
        let key = self.config.ticket_number_key.get();
        key.ok_or_else(|| StoreError::Unavailable { reason: "it is not open yet".to_owned() })
    }

    /// Why the site cannot serve now; nothing when it can. What `/readyz` says, here and on other addresses.
    pub async fn reasons_not_ready(&self) -> Vec<String> {
        let mut reasons = self.config.readiness.reasons_not_ready();
        if let Health::ReadOnly(reason) = self.store.health().await {
            reasons.push(reason);
        }
        reasons
    }
}
