//! The site: what it is made of.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::HeaderValue;
use axum::http::header::InvalidHeaderValue;
use ofd_edge::{Imprint, Readiness, TrustedProxies, World};
use ofd_office::api_token::ApiToken;
use ofd_office::billing::Issuer;
use ofd_office::billing::payments::OwnAccounts;
use ofd_office::by::By;
use ofd_office::contracts::Contracts;
use ofd_office::mail::Mailer;
use ofd_office::office::{Office, OperatorPeople};
use ofd_office::people::acting::Acting;
use ofd_office::phone_signing::{AppLinks, CALLS_MAX, SIGNING_FOR_MS, has_phone_signing};
use ofd_office::rights::Right;
use ofd_office::signatures::Signatures;
use ofd_protocol::ticket_number::TicketNumberKey;
use ofd_storage::erased::DynStore;
use ofd_storage::store::{Health, Store, StoreError};

use crate::budget::{SecretBudget, SessionBudget, SiteBudget};
use crate::limits::Limits;
use crate::lookups::Lookups;
use crate::places::Places;
use crate::routes::Menus;
use crate::words::{Dictionary, WordsError};

/// What the site is set up with.
pub struct SiteConfig {
    /// Where the site is reached from outside, as QR texts have it: `https://ofd.example`.
    pub public_url: String,
    /// Who runs it.
    pub imprint: Imprint,
    /// The token of the API; without one the API is switched off.
    pub api_token: Option<ApiToken>,
    /// The store's key of ticket numbers. Empty until the store is open; so long every page and the API say 503.
    pub ticket_number_key: Arc<OnceLock<TicketNumberKey>>,
    /// How far the devices' wall time is ahead of UTC.
    pub zone_offset_seconds: i32,
    /// Where registers connect, as people type it into a till.
    pub till_ports: Vec<TillPort>,
    /// Who the operator is to its banks.
    pub own: OwnAccounts,
    /// Who issues invoices, acts and bills.
    pub issuer: Issuer,
    /// What bounds clients.
    pub limits: Limits,
    /// Who is believed about the client's address.
    pub trusted_proxies: TrustedProxies,
    /// Time and chance.
    pub world: Arc<dyn World>,
    /// What else must be well.
    pub readiness: Arc<dyn Readiness>,
    /// Signing in, and what people need for it.
    pub people: PeopleConfig,
}

/// A port at which registers connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TillPort {
    /// The name or address that is typed into a till; `None`: the host of the site.
    pub host: Option<String>,
    /// Its number, as it is typed into a till.
    pub port: u16,
    /// Whether it speaks TLS.
    pub is_tls: bool,
    /// Whether it is for registers with a SIM card.
    pub is_for_sim: bool,
}

/// What people need who sign in. Of it, and of time and chance, the [`Office`] has its own handles from then on: they lead
/// to the same.
pub struct PeopleConfig {
    /// What judges signatures, with the trust and the lists it judges by.
    pub signatures: Signatures,
    /// What sends letters, where any are sent.
    pub mailer: Mailer,
    /// Where the browser finds NCALayer: `wss://127.0.0.1:13579/`.
    pub ncalayer: String,
    /// How the apps are opened that sign on a phone.
    pub phone_apps: AppLinks,
    /// Who becomes the operator's first administrator when signing in by certificate: IINs.
    pub administrators: Vec<String>,
    /// Whether the operator's people need a certificate, or one-time codes beside their password.
    pub staff_second_factor: bool,
    /// The versions of the contract that organisations join.
    pub contracts: Contracts,
}

/// Why a site cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The address is none.
    #[error("public_url is {0:?}; it must be http:// or https:// with a host, and no ? or #")]
    PublicUrl(String),
    /// NCALayer's address is none.
    #[error("ncalayer is {0:?}; it must be an address that begins with ws:// or wss://")]
    Ncalayer(String),
    /// The texts of pages are broken.
    #[error(transparent)]
    Words(#[from] WordsError),
    /// What pages may load cannot be said in a header.
    #[error("ncalayer cannot stand in the header Content-Security-Policy")]
    Policy,
}

/// Lets a page show itself and nothing else: no script, no foreign picture, no frame around it. A page where something
/// is signed also runs our one script, which speaks to NCALayer.
///
/// A page that shows a paper has it within itself, and the script fetches what is signed from us.
fn content_security_policy(
    ncalayer: Option<&str>,
    has_paper: bool,
) -> Result<HeaderValue, InvalidHeaderValue> {
    let own = if has_paper { "'self' " } else { "" };
    let mut script = ncalayer.map_or_else(String::new, |url| {
        format!(" script-src 'self'; connect-src {own}{};", url.trim_end_matches('/'))
    });
    if has_paper {
        script.push_str(" object-src 'self'; frame-src 'self';");
    }
    HeaderValue::try_from(format!(
        "default-src 'none'; style-src 'self';{script} img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ))
}

/// Something that waits to be done, said above the pages of whom it waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    /// What it is.
    pub text: String,
    /// Where it is done, and what the link there says.
    pub link: Option<(String, String)>,
}

/// Finds what stands above the page of a path, for a person who acts for somebody there.
pub type BannerOf = fn(&Site, &By, &Acting, &str) -> Option<Banner>;

/// The site over a store.
pub struct Site {
    /// What people get done, whichever page asks for it.
    pub office: Office,
    /// What it was set up with.
    pub config: SiteConfig,
    /// The texts of all pages.
    pub dictionary: Dictionary,
    /// How many pages addresses may open, and all of them together.
    pub budget: SiteBudget,
    /// How many pages a session may open.
    pub sessions: SessionBudget,
    /// How often a program may ask with a token of its organisation.
    pub programs: SessionBudget,
    /// How often an app on a phone may call by one secret.
    pub phone_calls: SecretBudget,
    /// How many receipts an address may look up.
    pub lookups: Lookups,
    /// Places for requests in flight.
    pub places: Places,
    /// What pages may load and whom they may speak to, as a header.
    pub policy: HeaderValue,
    /// The same for pages where something is signed: they run the one script and speak to NCALayer.
    pub signing_policy: HeaderValue,
    /// The same for pages that show a paper: signed there, and looked at.
    pub paper_policy: [HeaderValue; 2],
    banner: OnceLock<BannerOf>,
    menus: OnceLock<Menus<Right>>,
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("public_url", &self.config.public_url).finish_non_exhaustive()
    }
}

impl Site {
    /// A site that serves what is in `store`, and speaks by `dictionary`.
    ///
    /// # Errors
    /// [`SiteError`] when the config cannot be used.
    pub fn new(
        store: impl Into<DynStore>,
        dictionary: Dictionary,
        mut config: SiteConfig,
    ) -> Result<Arc<Self>, SiteError> {
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
        let policy = content_security_policy(None, false).map_err(|_| SiteError::Policy)?;
        let ncalayer = config.people.ncalayer.clone();
        let is_socket = ncalayer.starts_with("ws://") || ncalayer.starts_with("wss://");
        if !is_socket || !ncalayer.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"';,".contains(&byte)) {
            return Err(SiteError::Ncalayer(ncalayer));
        }
        let with =
            |ncalayer, has_paper| content_security_policy(ncalayer, has_paper).map_err(|_| SiteError::Policy);
        let signing_policy = with(Some(&ncalayer), false)?;
        let paper_policy = [with(Some(&ncalayer), true)?, with(None, true)?];
        let (budget, lookups) = (SiteBudget::new(&config.limits), Lookups::new(&config.limits));
        let sessions = SessionBudget::new(&config.limits);
        let programs = SessionBudget::of_programs();
        let phone_calls = SecretBudget::new(
            NonZeroU32::new(CALLS_MAX).unwrap_or(NonZeroU32::MIN),
            Duration::from_millis(SIGNING_FOR_MS),
        );
        let places = Places::new(&config.limits);
        let people = &config.people;
        let operator = OperatorPeople {
            administrators: people.administrators.clone(),
            title: config.imprint.title.clone(),
            needs_second_factor: people.staff_second_factor,
        };
        let (world, judges) = (
            Arc::clone(&config.world),
            (people.signatures.clone(), people.mailer.clone(), people.contracts.clone()),
        );
        let office = Office::new(store.into(), world, judges, operator).in_zone(config.zone_offset_seconds);
        let site = Self {
            office,
            config,
            dictionary,
            budget,
            sessions,
            programs,
            phone_calls,
            lookups,
            places,
            policy,
            signing_policy,
            paper_policy,
            banner: OnceLock::new(),
            menus: OnceLock::new(),
        };
        Ok(Arc::new(site))
    }

    /// Says what stands above pages for whom: who puts the site together knows.
    pub fn show_banner(&self, banner: BannerOf) {
        self.banner.get_or_init(|| banner);
    }

    /// What stands above the page of a path, for a person who acts for somebody there.
    pub fn banner(&self, by: &By, acting: &Acting, path: &str) -> Option<Banner> {
        self.banner.get().and_then(|banner| banner(self, by, acting, path))
    }

    /// Says which pages stand in menus: who puts the routes together knows.
    pub fn show_menus(&self, menus: Menus<Right>) {
        self.menus.get_or_init(|| menus);
    }

    /// The pages that stand in menus.
    pub fn menus(&self) -> &Menus<Right> {
        static NONE: Menus<Right> = Menus::none();
        self.menus.get().unwrap_or(&NONE)
    }

    /// Whether people reach the site over TLS.
    pub fn is_tls(&self) -> bool {
        self.config.public_url.starts_with("https://")
    }

    /// Whether people may sign by an app on a phone.
    pub fn has_phone_signing(&self) -> bool {
        has_phone_signing(&self.config.public_url, self.config.people.phone_apps.is_emulated)
    }

    /// Whether the store is open.
    pub fn is_open(&self) -> bool {
        self.config.ticket_number_key.get().is_some()
    }

    /// The store's key of ticket numbers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] while the store is not open yet.
    pub fn ticket_number_key(&self) -> Result<&TicketNumberKey, StoreError> {
        let key = self.config.ticket_number_key.get();
        key.ok_or_else(|| StoreError::Unavailable { reason: "it is not open yet".to_owned() })
    }

    /// Why the site cannot serve now; nothing when it can. What `/readyz` says, here and on other addresses.
    pub async fn reasons_not_ready(&self) -> Vec<String> {
        let mut reasons = self.config.readiness.reasons_not_ready();
        if let Health::ReadOnly(reason) = self.office.store.health().await {
            reasons.push(reason);
        }
        reasons
    }
}
