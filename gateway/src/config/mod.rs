//! The config file: every key with its default, unknown keys refused.

mod invoices;
mod limits;
mod people;
mod phone;
mod problems;
mod reading;
mod secret;
mod store;
mod values;

use std::net::{IpAddr, SocketAddr};
use std::num::{NonZeroU16, NonZeroU32};
use std::path::{Path, PathBuf};

use ofd_admin_web::has_phone_signing;
use ofd_admin_web::limits::LOOKUPS_MISSED_PER_MINUTE;
use ofd_admin_web::work::{WORK_MEMORY_MIB, WORK_MEMORY_MIB_MIN};
use ofd_billing::Iban;
use ofd_edge::{Imprint, TrustedProxies};
use ofd_protocol::refusal::MalformedReceipt;
use ofd_protocol::register::Policy;
use ofd_protocol::version::Version;
use serde::Deserialize;

pub use invoices::Invoices;
pub use limits::{Limits, ListenerProfile, Patience};
pub use people::{Mail, MailServer, MailTls, SignatureChecks};
pub use phone::PhoneApps;
pub use problems::{Problem, Problems};
pub use secret::Secret;
use secret::TOKEN_LEN_MIN;
pub use store::{ClusterTlsConfig, CqlConfig, StoreConfig};
pub use values::{StrictVersion, ZoneOffset};

/// A config that cannot be used: what, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path} cannot be read; check the path and its permissions")]
    Read {
        /// The file that was named.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{path}:{problems}\ndocs/config.md lists every key")]
    Wrong {
        /// The file that was named.
        path: PathBuf,
        /// All that is wrong with it, and what to do.
        problems: Problems,
    },
}

/// The whole config.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// A fleet file; creates what is absent at every start.
    #[serde(default)]
    pub bootstrap: Option<PathBuf>,
    /// How far the devices' wall time is ahead of UTC.
    #[serde(default)]
    pub time_zone: ZoneOffset,
    /// Where data are kept.
    pub store: StoreConfig,
    /// Where registers connect.
    #[serde(default)]
    pub listeners: Vec<ListenerConfig>,
    /// The site; absent: none.
    #[serde(default)]
    pub site: Option<SiteConfig>,
    /// Metrics and health; absent: none.
    #[serde(default)]
    pub metrics: Option<MetricsConfig>,
    /// Who runs this, as registers, receipts and pages name it.
    #[serde(default)]
    pub operator: Imprint,
    /// What bounds each and all.
    #[serde(default)]
    pub limits: Limits,
    /// How registers are treated.
    #[serde(default)]
    pub registers: RegistersConfig,
    /// How logs are written.
    #[serde(default)]
    pub log: LogConfig,
    /// Go on with a store that lacks what it had acknowledged. Said on the command line, once, and never in a file.
    #[serde(skip)]
    pub accept_loss: bool,
}

/// Where registers connect.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenerConfig {
    /// The name in metrics and logs.
    pub name: String,
    /// Address and port.
    #[serde(deserialize_with = "values::address")]
    pub address: SocketAddr,
    /// How patient it is.
    #[serde(default)]
    pub profile: ListenerProfile,
    /// When present, registers come over TLS.
    #[serde(default)]
    pub tls: Option<TlsConfig>,
    /// Whether a balancer stands before it that says for whom each connection comes.
    #[serde(default)]
    pub proxy_protocol: bool,
    /// Those balancers; absent: the site's.
    #[serde(default)]
    pub trusted_proxies: Option<TrustedProxies>,
}

/// Where tills connect, as their owners type it in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TillAddress {
    /// A name or an IP address.
    pub host: String,
    /// The port there.
    pub port: NonZeroU16,
    /// Which registers it is for.
    #[serde(default)]
    pub profile: ListenerProfile,
    /// Whether registers come over TLS.
    #[serde(default)]
    pub tls: bool,
}

impl TillAddress {
    fn check(&self, key: &str, problems: &mut Problems) {
        let is_part = |char: char| char.is_ascii_alphanumeric() || "-.".contains(char);
        let is_name = !self.host.is_empty() && self.host.chars().all(is_part);
        if !is_name && self.host.parse::<IpAddr>().is_err() {
            problems.add(
                format!("{key}.host"),
                "it must be a name or an IP address alone, such as \"kkm.example.kz\"; the port has a key of its own",
            );
        }
    }
}

/// Certificate and key of a TLS listener, PEM.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The certificate and the chain below it.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// The site for people and programs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteConfig {
    /// Address and port.
    #[serde(deserialize_with = "values::address")]
    pub address: SocketAddr,
    /// How people reach it; QR texts begin with it.
    pub public_url: String,
    /// The API's bearer token; better `api_token_file` or the environment's OFD_API_TOKEN.
    #[serde(default)]
    pub api_token: Option<Secret>,
    /// A file that holds the token.
    #[serde(default)]
    pub api_token_file: Option<PathBuf>,
    /// Who is believed about the client's address: addresses and networks.
    #[serde(default)]
    pub trusted_proxies: TrustedProxies,
    /// Where the browser finds NCALayer on the person's own machine.
    #[serde(default = "usual_ncalayer")]
    pub ncalayer: String,
    /// How the apps are opened that sign on a phone.
    #[serde(default)]
    pub phone_apps: PhoneApps,
    /// Where tills connect, as the site tells their owners; empty: the site's host and the ports of the listeners.
    #[serde(default)]
    pub till_addresses: Vec<TillAddress>,
    /// Who becomes the operator's administrator when signing in by certificate while the operator has none: IINs.
    #[serde(default)]
    pub administrators: Vec<String>,
    /// Whether the operator's people need a certificate, or one-time codes beside their password.
    #[serde(default = "on")]
    pub staff_second_factor: bool,
    /// Receipts that one address may look up in vain in a minute.
    #[serde(default = "usual_lookups_missed")]
    pub lookups_missed_per_minute: NonZeroU32,
    /// Receipts that one address may look up in a minute; absent: ten times those in vain.
    #[serde(default)]
    pub lookups_found_per_minute: Option<NonZeroU32>,
    /// Checks of signatures; absent: nobody can sign in by certificate.
    #[serde(default)]
    pub signatures: Option<SignatureChecks>,
    /// The folder with the versions of the contract; absent: the sample that comes with the program.
    #[serde(default)]
    pub contract: Option<PathBuf>,
    /// The operator's own accounts at banks, as IBANs: whose statements are taken.
    #[serde(default)]
    pub bank_accounts: Vec<Iban>,
    /// What invoices, acts and bills say of the operator.
    #[serde(default)]
    pub invoices: Invoices,
    /// Letters; absent: none are sent.
    #[serde(default)]
    pub mail: Option<Mail>,
    /// Memory of all costly work of the site together, in MiB: passwords, signatures, uploads.
    #[serde(default = "usual_work_memory")]
    pub work_memory_mib: u32,
    /// Where uploads lie that are too large for memory; absent: `TMPDIR`, or /var/tmp.
    #[serde(default)]
    pub upload_directory: Option<PathBuf>,
}

fn on() -> bool {
    true
}

fn usual_lookups_missed() -> NonZeroU32 {
    LOOKUPS_MISSED_PER_MINUTE
}

const fn usual_work_memory() -> u32 {
    WORK_MEMORY_MIB
}

/// More than anybody needs, and less than a number in bytes would come to by a slip.
const WORK_MEMORY_MIB_MAX: u32 = 4096;

/// Where NCALayer listens, on every machine.
fn usual_ncalayer() -> String {
    "wss://127.0.0.1:13579/".to_owned()
}

/// What has to be known of signing by phone where signatures are checked at all.
fn phone_warning(site: &SiteConfig) -> Option<String> {
    if site.public_url.starts_with("https://") {
        let what = "site.public_url: people can sign by phone once the owner of eGov Mobile has put this domain on its \
                    list of allowed ones; see site.phone_apps in docs/config.md";
        return Some(what.to_owned());
    }
    let is_offered = has_phone_signing(&site.public_url, site.phone_apps.emulated);
    (!is_offered).then(|| "site.public_url is not https: nobody can sign by an app on a phone".to_owned())
}

/// Metrics and health.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsConfig {
    /// Address and port.
    #[serde(deserialize_with = "values::address")]
    pub address: SocketAddr,
}

/// What is wrong with who runs this.
fn check_imprint(imprint: &Imprint, problems: &mut Problems) {
    if !imprint.bin.is_empty()
        && let Err(error) = ofd_storage::model::check_bin(&imprint.bin)
    {
        problems.add("operator.bin", error.to_string());
    }
    let phone = &imprint.support_phone;
    if !phone.is_empty() && !phone.chars().any(|char| char.is_ascii_digit()) {
        problems
            .add("operator.support_phone", "it is no phone number; write one such as \"+7 7172 123-456\"");
    }
    let email = &imprint.support_email;
    if !email.is_empty() && ofd_admin_web::mail::Email::parse(email).is_err() {
        problems
            .add("operator.support_email", "it is no mail address; write one such as \"help@example.kz\"");
    }
    for (key, url) in [("offer_url", &imprint.offer_url), ("privacy_url", &imprint.privacy_url)] {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if !url.is_empty() && rest.is_none_or(|rest| rest.is_empty() || rest.contains([' ', '"', '<'])) {
            problems.add(format!("operator.{key}"), "it must begin with https:// or http:// and name a page");
        }
    }
}

/// How registers are treated.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegistersConfig {
    /// Whether every fiscal command hands out a new token.
    pub rotate_tokens: bool,
    /// Versions whose written rules are enforced, such as 204.
    pub strict_versions: Vec<StrictVersion>,
    /// The code for a receipt that lacks what makes a receipt: 13, or 15 by the letter.
    #[serde(deserialize_with = "values::malformed_receipt")]
    pub malformed_receipt: MalformedReceipt,
}

impl Default for RegistersConfig {
    fn default() -> Self {
        Self {
            rotate_tokens: true,
            strict_versions: Vec::new(),
            malformed_receipt: MalformedReceipt::default(),
        }
    }
}

/// How logs are written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// `text` for people, `json` for machines.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug`, or a filter such as `info,ofd_gateway=debug`.
    pub filter: String,
}

/// Libraries speak only of what somebody should look at. The driver warns of a keepalive as short as devices need it.
const FILTER: &str = "info,fjall=warn,lsm_tree=warn,scylla=warn,scylla::client::session_builder=error";

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: FILTER.into() }
    }
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Lines that people read on a terminal.
    Text,
    /// A line of JSON for each event.
    Json,
}

/// The environment's API token.
pub const API_TOKEN_ENV: &str = "OFD_API_TOKEN";

impl Config {
    /// Reads a config file and the secrets it names. `env_token` is the environment's OFD_API_TOKEN.
    ///
    /// # Errors
    /// [`ConfigError`], naming the file, and each place and what to do.
    pub fn load(path: &Path, env_token: Option<String>) -> Result<Self, ConfigError> {
        match Self::inspect(path, env_token)? {
            (Some(config), problems) if problems.is_empty() => Ok(config),
            (_, problems) => Err(ConfigError::Wrong { path: path.to_owned(), problems }),
        }
    }

    /// As [`Config::load`], telling what is wrong beside what could be read all the same.
    ///
    /// # Errors
    /// [`ConfigError::Read`].
    pub fn inspect(path: &Path, env_token: Option<String>) -> Result<(Option<Self>, Problems), ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let mut problems = Problems::default();
        let Some(mut config) = reading::read::<Self>(&text, &mut problems) else {
            return Ok((None, problems));
        };
        config.resolve_paths(path.parent().unwrap_or(Path::new("")));
        problems.add_from(config.resolve_token(env_token));
        config.store.check(&mut problems);
        problems.add_from(config.store.read_password());
        if let Some(Mail::Smtp(server)) = config.site.as_mut().and_then(|site| site.mail.as_mut()) {
            problems.add_from(server.read_password().and_then(|()| server.open().map(|_| ())));
        }
        config.check_listeners(&mut problems);
        config.check_addresses(&mut problems);
        config.check_site(&mut problems);
        check_imprint(&config.operator, &mut problems);
        config.limits.check(&mut problems);
        Ok((Some(config), problems))
    }

    /// Relative paths begin at the config file, wherever the program was started.
    fn resolve_paths(&mut self, base: &Path) {
        self.store.resolve_paths(base);
        if let Some(bootstrap) = &mut self.bootstrap {
            *bootstrap = base.join(&*bootstrap);
        }
        for tls in self.listeners.iter_mut().filter_map(|listener| listener.tls.as_mut()) {
            tls.certificate = base.join(&tls.certificate);
            tls.key = base.join(&tls.key);
        }
        let Some(site) = &mut self.site else { return };
        if let Some(file) = &mut site.api_token_file {
            *file = base.join(&*file);
        }
        if let Some(signatures) = &mut site.signatures {
            signatures.trust = base.join(&signatures.trust);
        }
        if let Some(contract) = &mut site.contract {
            *contract = base.join(&*contract);
        }
        match &mut site.mail {
            Some(Mail::Smtp(server)) => server.resolve_paths(base),
            Some(Mail::Sink { file: Some(file) }) => *file = base.join(&*file),
            Some(Mail::Sink { file: None }) | None => {}
        }
        if let Some(directory) = &mut site.upload_directory {
            *directory = base.join(&*directory);
        }
    }

    /// The token of the environment wins over the file's, so that the file may be shared.
    fn resolve_token(&mut self, env_token: Option<String>) -> Result<(), Problem> {
        let Some(site) = &mut self.site else { return Ok(()) };
        if let Some(token) = env_token {
            site.api_token = Some(Secret::new(token));
        } else if let Some(file) = &site.api_token_file {
            let token = std::fs::read_to_string(file).map_err(|error| {
                Problem::new("site.api_token_file", format!("{} cannot be read: {error}", file.display()))
            })?;
            site.api_token = Some(Secret::new(token.trim().to_owned()));
        }
        let advice = format!(
            "set it, or {API_TOKEN_ENV}, to a long random text, such as `openssl rand -hex 32` prints"
        );
        match &site.api_token {
            Some(token) if token.is_placeholder() => {
                Err(Problem::new("site.api_token", format!("it is empty or still a placeholder; {advice}")))
            }
            Some(token) if token.is_weak() => Err(Problem::new(
                "site.api_token",
                format!(
                    "it can be guessed: under {TOKEN_LEN_MIN} characters, or of a few different ones; {advice}"
                ),
            )),
            Some(_) | None => Ok(()),
        }
    }

    fn check_listeners(&self, problems: &mut Problems) {
        if self.listeners.is_empty() {
            problems.add(
                "listeners",
                "there is none, so no register could connect; add [[listeners]] with a name and an address",
            );
        }
        for (index, listener) in self.listeners.iter().enumerate() {
            let key = format!("listeners[{index}].name");
            if listener.name.trim().is_empty() {
                problems.add(key, "it is empty; name the listener");
            } else if self.listeners.iter().take(index).any(|other| other.name == listener.name) {
                problems.add(key, "another listener has this name");
            }
            self.check_proxies(index, listener, problems);
        }
    }

    /// One address can be had once.
    fn check_addresses(&self, problems: &mut Problems) {
        let listeners = self.listeners.iter().enumerate();
        let listeners =
            listeners.map(|(index, listener)| (format!("listeners[{index}].address"), listener.address));
        let site = self.site.iter().map(|site| ("site.address".to_owned(), site.address));
        let metrics = self.metrics.iter().map(|metrics| ("metrics.address".to_owned(), metrics.address));
        let all: Vec<(String, SocketAddr)> = listeners.chain(site).chain(metrics).collect();
        for (index, (key, address)) in all.iter().enumerate() {
            let meets = |(_, other): &&(String, SocketAddr)| {
                let is_any = address.ip().is_unspecified() || other.ip().is_unspecified();
                address.port() != 0
                    && address.port() == other.port()
                    && (is_any || address.ip() == other.ip())
            };
            if let Some((other, at)) = all.iter().take(index).find(meets) {
                problems.add(
                    key,
                    format!(
                        "{address} is taken already by {other} = \"{at}\"; give one of them another port"
                    ),
                );
            }
        }
    }

    fn check_site(&self, problems: &mut Problems) {
        let Some(site) = &self.site else { return };
        let is_url = ["http://", "https://"].iter().any(|scheme| {
            site.public_url
                .strip_prefix(scheme)
                .is_some_and(|rest| !rest.is_empty() && !rest.contains(['?', '#', ' ']))
        });
        if !is_url {
            problems.add("site.public_url", "it must be http:// or https:// with a host and no query");
        }
        if !["ws://", "wss://"].iter().any(|scheme| site.ncalayer.starts_with(scheme)) {
            problems.add("site.ncalayer", "it must begin with ws:// or wss://");
        }
        site.phone_apps.check(problems);
        site.invoices.check(problems);
        for (index, address) in site.till_addresses.iter().enumerate() {
            address.check(&format!("site.till_addresses[{index}]"), problems);
        }
        if !(WORK_MEMORY_MIB_MIN..=WORK_MEMORY_MIB_MAX).contains(&site.work_memory_mib) {
            let problem = format!(
                "it is {}; it must be {WORK_MEMORY_MIB_MIN} to {WORK_MEMORY_MIB_MAX}, and {WORK_MEMORY_MIB} is usual",
                site.work_memory_mib
            );
            problems.add("site.work_memory_mib", problem);
        }
        for (index, iin) in site.administrators.iter().enumerate() {
            if let Err(error) = ofd_storage::model::check_bin(iin) {
                problems.add(format!("site.administrators[{index}]"), error.to_string());
            }
        }
    }

    /// The balancers that are believed on a listener; `None`: it is reached without one.
    pub fn proxies_of<'a>(&'a self, listener: &'a ListenerConfig) -> Option<&'a TrustedProxies> {
        let of_site = || self.site.as_ref().map(|site| &site.trusted_proxies);
        let trusted = listener.trusted_proxies.as_ref().or_else(of_site);
        trusted.filter(|_| listener.proxy_protocol)
    }

    fn check_proxies(&self, index: usize, listener: &ListenerConfig, problems: &mut Problems) {
        if listener.proxy_protocol && self.proxies_of(listener).is_none_or(TrustedProxies::is_empty) {
            problems.add(
                format!("listeners[{index}].proxy_protocol"),
                "nobody is trusted to name clients, so nobody could connect; name the balancers in trusted_proxies of this listener or of [site]",
            );
        }
        if !listener.proxy_protocol && listener.trusted_proxies.is_some() {
            problems.add(
                format!("listeners[{index}].trusted_proxies"),
                "it means nothing without proxy_protocol = true; add that, or leave this out",
            );
        }
    }

    /// What is allowed and hardly ever wanted.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.store.warnings();
        if let Some(SiteConfig { mail: Some(Mail::Sink { .. }), .. }) = &self.site {
            let what = "site.mail.kind is \"sink\": letters reach nobody, and anybody can read them at /demo/letters";
            warnings.push(what.to_owned());
        }
        if self.site.as_ref().is_some_and(|site| !site.staff_second_factor) {
            let what = "site.staff_second_factor is false: a password alone lets the operator's people see every organisation; set it to true";
            warnings.push(what.to_owned());
        }
        warnings.extend(self.site.as_ref().filter(|site| site.signatures.is_some()).and_then(phone_warning));
        warnings
    }

    /// What the operator set for all registers.
    pub fn policy(&self) -> Policy {
        let versions = self.registers.strict_versions.iter().map(|strict| strict.0);
        let mut strict_versions: Vec<Version> = versions.collect();
        strict_versions.dedup();
        let site = self.site.as_ref().map_or("", |site| site.public_url.trim_end_matches('/'));
        Policy {
            rotate_tokens: self.registers.rotate_tokens,
            strict_versions,
            malformed_receipt: self.registers.malformed_receipt,
            zone_offset_seconds: self.time_zone.0,
            receipt_site: format!("{site}/"),
        }
    }

    /// Who runs this; its url is the site's when none is set.
    pub fn imprint(&self) -> Imprint {
        let mut imprint = self.operator.clone();
        if imprint.url.trim().is_empty() {
            imprint.url = self.site.as_ref().map_or_else(String::new, |site| site.public_url.clone());
        }
        imprint
    }
}
