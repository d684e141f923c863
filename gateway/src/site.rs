//! The site as part of this process.

use std::sync::Arc;

use ofd_admin_web::limits::LOOKUPS_FOUND_PER_MISSED;
use ofd_admin_web::mail::Sink;
use ofd_admin_web::office::billing::Issuer;
use ofd_admin_web::office::billing::payments::OwnAccounts;
use ofd_admin_web::signatures::SignaturesConfigError;
use ofd_admin_web::work::{default_upload_directory, step_back};
use ofd_admin_web::{
    ApiToken, ApiTokenError, Contracts, ContractsError, Limits, Mailer, PeopleConfig, Signatures, Site,
    SiteError, TillPort, Work, WorkConfig, site_over,
};
use ofd_edge::World;
use ofd_eds::NONCE_BYTES;
use ofd_storage::erased::DynStore;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio_util::sync::CancellationToken;

use crate::config::{Config, ListenerConfig, ListenerProfile, Mail, SiteConfig};
use crate::readiness::UntilStopped;
use crate::service::LateKey;
use crate::world::SystemWorld;

/// Why there is no site.
#[derive(Debug, thiserror::Error)]
pub enum SiteStartError {
    /// The token for programs is no token.
    #[error("site.api_token")]
    Token(#[from] ApiTokenError),
    /// The checks of signatures.
    #[error("site.signatures")]
    Signatures(#[from] SignaturesConfigError),
    /// The versions of the contract.
    #[error("site.contract")]
    Contract(#[from] ContractsError),
    /// The mail server.
    #[error("{0}")]
    Mail(String),
    /// The threads of the site.
    #[error("the threads of the site cannot be started")]
    Threads(#[source] std::io::Error),
    /// Anything else that the site is made of.
    #[error("the site cannot be set up")]
    Site(#[from] SiteError),
}

/// The site's own threads. Registers and site share a process and no thread: a page that takes long, and a thousand that
/// take short, run when no register wants the processor.
pub struct SiteThreads {
    runtime: Option<Runtime>,
}

/// Pages run after whatever serves registers, and before the mathematics of passwords and signatures.
const PAGES_NICE: i32 = 5;

/// Processors for each thread that serves pages; there is always one.
const CORES_PER_THREAD: usize = 4;

/// Threads that wait for files and disk reads of pages.
const BLOCKING_THREADS_MAX: usize = 8;

impl SiteThreads {
    /// Starts them.
    ///
    /// # Errors
    /// The system gives none.
    pub fn start() -> Result<Self, SiteStartError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let runtime = Builder::new_multi_thread()
            .worker_threads((cores / CORES_PER_THREAD).max(1))
            .max_blocking_threads(BLOCKING_THREADS_MAX)
            .thread_name("ofd-site")
            .on_thread_start(|| step_back(PAGES_NICE))
            .enable_all()
            .build();
        Ok(Self { runtime: Some(runtime.map_err(SiteStartError::Threads)?) })
    }

    /// Where the site's tasks run; on the caller's threads once these are gone.
    pub fn handle(&self) -> Handle {
        self.runtime.as_ref().map_or_else(Handle::current, |runtime| runtime.handle().clone())
    }
}

impl Drop for SiteThreads {
    fn drop(&mut self) {
        // Not waited for: they may wait for a disk, and whoever drops this may be a task itself.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// What the site has in common with the process it is a part of.
pub struct Around {
    /// The key of ticket numbers, once the store is open.
    pub key: LateKey,
    /// Time and chance.
    pub world: Arc<dyn World>,
    /// The end of the process.
    pub stop: CancellationToken,
    /// Of the process's open files it may take so many for connections.
    pub connections_max: usize,
}

/// Builds the site of a config over a store, which may open later.
///
/// # Errors
/// [`SiteStartError`].
pub fn build(
    config: &Config,
    site: &SiteConfig,
    store: impl Into<DynStore>,
    people: PeopleConfig,
    Around { key, world, stop, connections_max }: Around,
) -> Result<Arc<Site>, SiteStartError> {
    let token = site.api_token.as_ref().map(|token| ApiToken::new(token.expose())).transpose()?;
    let site = ofd_admin_web::SiteConfig {
        public_url: site.public_url.clone(),
        imprint: config.imprint(),
        api_token: token,
        ticket_number_key: key,
        zone_offset_seconds: config.time_zone.0,
        till_ports: till_ports(config, site),
        own: OwnAccounts { ibans: site.bank_accounts.clone(), bin: config.imprint().bin },
        issuer: issuer(config),
        limits: Limits { connections_max, ..limits(site) },
        trusted_proxies: site.trusted_proxies.clone(),
        world,
        readiness: Arc::new(UntilStopped(stop)),
        people,
    };
    Ok(site_over(store, site)?)
}

/// Who issues invoices, acts and bills.
pub fn issuer(config: &Config) -> Issuer {
    let of_site = |site: &SiteConfig| site.invoices.issuer(&config.imprint(), &site.bank_accounts);
    config.site.as_ref().map(of_site).unwrap_or_default()
}

/// Where registers connect, as their owners type it into a till: what the config names, else where this process listens.
fn till_ports(config: &Config, site: &SiteConfig) -> Vec<TillPort> {
    let named = site.till_addresses.iter().map(|address| TillPort {
        host: Some(address.host.clone()),
        port: address.port.get(),
        is_tls: address.tls,
        is_for_sim: address.profile == ListenerProfile::Sim,
    });
    if !site.till_addresses.is_empty() {
        return named.collect();
    }
    let port = |listener: &ListenerConfig| TillPort {
        host: None,
        port: listener.address.port(),
        is_tls: listener.tls.is_some(),
        is_for_sim: listener.profile == ListenerProfile::Sim,
    };
    config.listeners.iter().map(port).collect()
}

/// What bounds the site's clients.
fn limits(site: &SiteConfig) -> Limits {
    let missed = site.lookups_missed_per_minute;
    let usual = missed.saturating_mul(LOOKUPS_FOUND_PER_MISSED);
    Limits {
        lookups_missed_per_minute: missed,
        lookups_found_per_minute: site.lookups_found_per_minute.unwrap_or(usual),
        ..Limits::default()
    }
}

/// What people need who sign in. Made before the store is opened: what is wrong with it leaves nothing behind.
///
/// # Errors
/// The trust directory, an address or the mail server cannot be used.
pub fn people(site: &SiteConfig) -> Result<PeopleConfig, SiteStartError> {
    Ok(PeopleConfig {
        signatures: signatures(site)?,
        mailer: mailer(site)?,
        ncalayer: site.ncalayer.clone(),
        phone_apps: site.phone_apps.to_site(),
        administrators: site.administrators.clone(),
        staff_second_factor: site.staff_second_factor,
        contracts: contracts(site)?,
    })
}

/// The versions of the contract that a config names.
fn contracts(site: &SiteConfig) -> Result<Contracts, SiteStartError> {
    let contracts = match &site.contract {
        Some(folder) => Contracts::read(folder)?,
        None => Contracts::sample()?,
    };
    let seconds = i64::try_from(SystemWorld.now().0 / 1000).unwrap_or_default();
    let today = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH).date();
    for warning in contracts.warnings(today) {
        tracing::warn!("site.contract: {warning}");
    }
    Ok(contracts)
}

/// The checks of signatures that a config names.
fn signatures(site: &SiteConfig) -> Result<Signatures, SiteStartError> {
    let mut config = WorkConfig { memory_mib: site.work_memory_mib, ..WorkConfig::usual() };
    config.upload_directory = site.upload_directory.clone().unwrap_or_else(default_upload_directory);
    let work = Work::start(&config).map_err(SiteStartError::Threads)?;
    if let Some(trouble) = work.upload_directory_trouble() {
        tracing::warn!("site.upload_directory: {trouble}");
    }
    let Some(checks) = &site.signatures else { return Ok(Signatures::none(work)) };
    let nonce = || SystemWorld.bytes::<NONCE_BYTES>();
    let mut warn = |warning: &str| tracing::warn!("site.signatures: {warning}");
    Ok(Signatures::new(&checks.to_site(), work, Box::new(nonce), &mut warn)?)
}

fn mailer(site: &SiteConfig) -> Result<Mailer, SiteStartError> {
    Ok(match &site.mail {
        None => Mailer::Off,
        Some(Mail::Sink { file: None }) => Mailer::Sink(Arc::new(Sink::default())),
        Some(Mail::Sink { file: Some(file) }) => {
            let opened = Sink::in_file(file.clone()).map_err(|error| {
                let file = file.display();
                SiteStartError::Mail(format!("site.mail.file: {file} cannot be read: {error}; move it away"))
            });
            Mailer::Sink(Arc::new(opened?))
        }
        Some(Mail::Smtp(server)) => {
            let opened = server.open().map_err(|problem| SiteStartError::Mail(problem.to_string()));
            Mailer::Smtp(Arc::new(opened?))
        }
    })
}

/// Serves the site until the process goes down. Runs on [`SiteThreads`], which wait for the socket's connections as well.
pub async fn serve(socket: std::io::Result<std::net::TcpListener>, site: Arc<Site>, stop: CancellationToken) {
    match socket.and_then(TcpListener::from_std) {
        Ok(socket) => ofd_admin_web::serve(socket, site, async move { stop.cancelled().await }).await,
        Err(error) => tracing::error!(%error, "the site cannot be served: its socket is lost"),
    }
}

/// Asks again about signatures under papers, until the process goes down.
pub async fn recheck_papers(site: Arc<Site>, stop: CancellationToken) {
    ofd_admin_web::recheck_papers(site, async move { stop.cancelled().await }).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits_of(more: &str) -> (u32, u32) {
        let text = format!("address = \"127.0.0.1:8080\"\npublic_url = \"http://127.0.0.1:8080\"\n{more}");
        let limits = limits(&toml::from_str(&text).unwrap());
        (limits.lookups_missed_per_minute.get(), limits.lookups_found_per_minute.get())
    }

    #[test]
    fn tills_are_told_the_ports_of_this_process_unless_the_config_names_others() {
        let told = |named: &str| {
            let text = format!(
                "[store]\nkind = \"embedded\"\npath = \"data\"\n[[listeners]]\nname = \"wired\"\naddress = \"127.0.0.1:7777\"\n\
                 [site]\naddress = \"127.0.0.1:8080\"\npublic_url = \"https://ofd.example.kz\"\n{named}"
            );
            let config: Config = toml::from_str(&text).unwrap();
            let site = config.site.clone().unwrap();
            till_ports(&config, &site)
        };
        let own = TillPort { host: None, port: 7777, is_tls: false, is_for_sim: false };
        assert_eq!(told(""), [own]);
        let named = "[[site.till_addresses]]\nhost = \"kkm.example.kz\"\nport = 7001\n\
                     [[site.till_addresses]]\nhost = \"10.1.2.3\"\nport = 7002\nprofile = \"sim\"\ntls = true\n";
        let of = |host: &str, port, is_tls, is_for_sim| TillPort {
            host: Some(host.into()),
            port,
            is_tls,
            is_for_sim,
        };
        assert_eq!(told(named), [of("kkm.example.kz", 7001, false, false), of("10.1.2.3", 7002, true, true)]);
    }

    #[test]
    fn ten_times_as_many_look_ups_may_find_as_be_in_vain_unless_the_config_says_otherwise() {
        assert_eq!(limits_of(""), (60, 600));
        assert_eq!(limits_of("lookups_missed_per_minute = 7"), (7, 70));
        assert_eq!(limits_of("lookups_missed_per_minute = 7\nlookups_found_per_minute = 8"), (7, 8));
    }
}
