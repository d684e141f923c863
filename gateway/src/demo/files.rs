//! What the demo keeps in its directory: fleet, certificate, config. What is there already stays.

use std::io;
use std::path::{Path, PathBuf};

use ofd_edge::World;
use ofd_stand::Pki;

use super::ports::{Failure, Ports};
use super::stand;
use crate::world::SystemWorld;

/// The fleet is the same on every machine.
pub(super) const FLEET_SEED: u64 = 20_260_101;

const REGISTERS: u32 = 6;

/// Where the demo's files are.
pub(super) struct DemoFiles {
    pub(super) config: PathBuf,
    pub(super) fleet: PathBuf,
    pub(super) certificate: PathBuf,
    pub(super) token: PathBuf,
    /// Whether no demo ran here before.
    pub(super) is_first: bool,
}

impl DemoFiles {
    /// Writes what is missing. The config is written anew, since ports may change; its API token stays.
    pub(super) fn prepare(directory: &Path, ports: Ports, pki: &Pki) -> Result<Self, Failure> {
        let at = |name: &str| directory.join(name);
        std::fs::create_dir_all(directory).map_err(|error| cannot_write(directory, &error))?;
        let (fleet, certificate, key, token) =
            (at("fleet.json"), at("certificate.pem"), at("key.pem"), at("api-token"));
        if !fleet.exists() {
            let mut made = ofd_loadtest::Fleet::of_size(REGISTERS, FLEET_SEED);
            for (organisation, brings) in made.organisations.iter_mut().zip(&stand::ORGANISATIONS) {
                let Some(key) = pki.key(brings.label) else { continue };
                (organisation.bin, organisation.title) = (brings.bin(key), brings.title(key));
            }
            made.write(&fleet)?;
        }
        if !(certificate.exists() && key.exists()) {
            let pair = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()])?;
            write_private(&key, &pair.signing_key.serialize_pem())?;
            write(&certificate, &pair.cert.pem())?;
        }
        if !token.exists() {
            write_private(&token, &hex::encode(SystemWorld.draw()))?;
        }
        let is_first = !at("store").exists();
        let config = at("ofd.toml");
        let trust = at("trust");
        pki.write_trust(&trust).map_err(|error| cannot_write(&trust, &error))?;
        write(&config, &config_text(ports, &stand::administrator(pki)))?;
        Ok(Self { config, fleet, certificate, token, is_first })
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> String {
    format!("{} cannot be written: {error}; choose another place with --directory", path.display())
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| cannot_write(path, &error))
}

/// A secret that only this user may read.
fn write_private(path: &Path, text: &str) -> Result<(), String> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let opened = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| cannot_write(path, &error))
}

fn config_text(ports: Ports, administrator: &str) -> String {
    let Ports { plain, tls, sim, site, metrics, pki, .. } = ports;
    let ncalayer = stand::ncalayer_url(ports);
    format!(
        r#"# The demo's config, written anew at every start. docs/config.md lists every key.
bootstrap = "fleet.json"

[store]
kind = "embedded"
path = "store"

[[listeners]]
name = "wired"
address = "127.0.0.1:{plain}"
profile = "wired"

[[listeners]]
name = "wired-tls"
address = "127.0.0.1:{tls}"
profile = "wired"
tls = {{ certificate = "certificate.pem", key = "key.pem" }}

[[listeners]]
name = "sim"
address = "127.0.0.1:{sim}"
profile = "sim"

[site]
address = "127.0.0.1:{site}"
public_url = "http://127.0.0.1:{site}"
api_token_file = "api-token"
ncalayer = "{ncalayer}"
phone_apps = {{ emulated = true }}
administrators = ["{administrator}"]
# Nothing here is worth a second factor, and all letters can be read by anybody.
staff_second_factor = false

[site.signatures]
trust = "trust"
ocsp = ["http://127.0.0.1:{pki}/ocsp"]
tsa = ["http://127.0.0.1:{pki}/tsp"]

[site.invoices]
payment_qr = "http://127.0.0.1:{site}/demo/bank?account={{account}}&sum={{sum}}"

[site.mail]
kind = "sink"
file = "letters.json"

[metrics]
address = "127.0.0.1:{metrics}"

[limits]
connections_max = 1000

[operator]
title = "Демо ОФД"
title_kz = "Демо ФДО"
bin = "160240001234"
address = "г. Астана, ул. Сарайшық, 44"
address_kz = "Астана қ., Сарайшық көшесі, 44"
support_phone = "+7 7172 123-456"
support_email = "help@example.kz"
"#
    )
}
