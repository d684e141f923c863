//! The site as part of this process.

use std::sync::Arc;

use ofd_admin_web::{ApiToken, ApiTokenError, Limits, Outside, Site, SiteError};
use ofd_storage::store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::{Config, SiteConfig};
use crate::service::{LateKey, SystemWorld, World};

/// Why there is no site.
#[derive(Debug, thiserror::Error)]
pub enum SiteStartError {
    /// The token.
    #[error("site.api_token")]
    Token(#[from] ApiTokenError),
    /// The rest.
    #[error("the site cannot be set up")]
    Site(#[from] SiteError),
}

/// Not ready while the process goes down.
struct UntilStopped(CancellationToken);

impl ofd_admin_web::Readiness for UntilStopped {
    fn reasons_not_ready(&self) -> Vec<String> {
        if self.0.is_cancelled() { vec!["the process is going down".to_owned()] } else { Vec::new() }
    }
}

/// Builds the site of a config over a store, which may open later, with its key.
///
/// # Errors
/// [`SiteStartError`].
pub fn build<S: Store>(
    config: &Config,
    site: &SiteConfig,
    store: Arc<S>,
    key: LateKey,
    stop: CancellationToken,
) -> Result<Arc<Site<S>>, SiteStartError> {
    let token = site.api_token.as_ref().map(|token| ApiToken::new(token.expose())).transpose()?;
    let operator = config.operator();
    let world = SystemWorld;
    let outside = Outside { now: Box::new(move || world.now()), draw: Box::new(move || world.draw()) };
    let site = ofd_admin_web::SiteConfig {
        public_url: site.public_url.clone(),
        operator: ofd_admin_web::Operator {
            title: operator.title,
            title_kz: operator.title_kz,
            url: operator.url,
        },
        api_token: token,
        ticket_number_key: key,
        zone_offset_seconds: config.time_zone.0,
        limits: Limits::default(),
        outside,
        readiness: Arc::new(UntilStopped(stop)),
    };
    Ok(Site::new(store, site)?)
}

/// Serves the site until the process goes down.
pub async fn serve<S: Store>(socket: TcpListener, site: Arc<Site<S>>, stop: CancellationToken) {
    ofd_admin_web::serve(socket, site, async move { stop.cancelled().await }).await;
}
