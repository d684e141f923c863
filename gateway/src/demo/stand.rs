//! The demo's people: a test PKI and an NCALayer that signs with its keys, so that one can sign up without a real key.

use std::net::SocketAddr;
use std::sync::Arc;

use ofd_stand::ncalayer::Emulator;
use ofd_stand::ncalayer::control::Control;
use ofd_stand::{Key, Pki, Switches, serve, system_clock};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::ports::{Failure, Ports, local};

/// The demo's keys are the same at every start and known to everybody, so that who signed up can come again.
const SEED: [u8; 32] = *b"the keys of the demo are no keys";

/// Whose certificate makes the operator's first administrator.
pub(super) const ADMINISTRATOR: &str = "staff";

/// An organisation of the demo: who brings it to the site, and what it has.
pub(super) struct Brings {
    /// The key of the person who does.
    pub(super) label: &'static str,
    /// Where it works.
    pub(super) street: &'static str,
    /// Whether it registers a register by itself, beside those of the fleet.
    pub(super) registers: bool,
}

/// The demo's organisations, in the order of its fleet.
pub(super) const ORGANISATIONS: [Brings; 2] = [
    Brings { label: "head", street: "ул. Сарайшық, 44", registers: true },
    Brings { label: "entrepreneur", street: "пр. Кабанбай батыра, 17", registers: false },
];

impl Brings {
    /// BIN, or the IIN of an entrepreneur.
    pub(super) fn bin(&self, key: &Key) -> String {
        key.bin().or(key.iin()).unwrap_or_default().to_owned()
    }

    /// As certificates name it, and the site an entrepreneur.
    pub(super) fn title(&self, key: &Key) -> String {
        key.organisation().map_or_else(|| format!("ИП {}", key.full_name()), str::to_owned)
    }
}

/// The keys the demo speaks of: label, and who that is.
const INTRODUCED: [(&str, &str); 4] = [
    ("head", "head of an organisation"),
    ("employee", "an employee of that organisation: has a certificate, needs an invitation"),
    ("entrepreneur", "an individual entrepreneur"),
    (ADMINISTRATOR, "the operator's administrator"),
];

/// The test PKI of the demo, made now: its certificates are valid around this day.
pub(super) fn pki() -> Arc<Pki> {
    Arc::new(Pki::new(SEED, system_clock()()))
}

/// The IIN of the operator's first administrator.
pub(super) fn administrator(pki: &Pki) -> String {
    pki.key(ADMINISTRATOR).and_then(|key| key.iin()).unwrap_or_default().to_owned()
}

/// Sockets that are bound before anything is served: whoever finds one taken has changed nothing.
pub(super) struct Sockets {
    ncalayer: TcpListener,
    control: TcpListener,
    services: TcpListener,
}

impl Sockets {
    pub(super) async fn bind(ports: Ports, advice: &str) -> Result<Self, Failure> {
        let bind = |what: &'static str, address: SocketAddr| async move {
            TcpListener::bind(address).await.map_err(|error| {
                let help = if error.kind() == std::io::ErrorKind::AddrInUse {
                    "another program has this port; stop that one or choose another port"
                } else {
                    "see the cause"
                };
                Failure::from(format!("{what} cannot listen on {address}: {error}: {help}{advice}"))
            })
        };
        Ok(Self {
            ncalayer: bind("the emulated NCALayer", local(ports.ncalayer)).await?,
            control: bind("the page of the emulated NCALayer", local(ports.control)).await?,
            services: bind("the test PKI", local(ports.pki)).await?,
        })
    }

    /// Serves until `stop`.
    pub(super) fn serve(self, pki: &Arc<Pki>, ports: Ports, stop: &CancellationToken) -> JoinSet<()> {
        let clock = system_clock();
        let switches = Arc::new(Switches::default());
        let (emulator, handle) = Emulator::new(Arc::clone(pki), Arc::clone(&clock));
        let page = Control { handle, ncalayer: ncalayer_url(ports), services: Some(Arc::clone(&switches)) };
        let mut tasks = JoinSet::new();
        let until = || stop.clone().cancelled_owned();
        tasks.spawn(emulator.serve(self.ncalayer, until()));
        tasks.spawn(page.serve(self.control, until()));
        tasks.spawn(serve(self.services, Arc::clone(pki), switches, clock, until()));
        tasks
    }
}

/// Where the browser finds the emulated NCALayer.
pub(super) fn ncalayer_url(ports: Ports) -> String {
    format!("ws://127.0.0.1:{}/", ports.ncalayer)
}

/// What to tell of the people there are.
pub(super) fn introduction(pki: &Pki, ports: Ports) -> String {
    let mut text = format!(
        "  sign up     http://127.0.0.1:{site}/login   by password, or with a key of the emulated NCALayer, which signs for whom you choose\n\
         \x20 who signs   http://127.0.0.1:{control}/\n\
         \x20 letters     http://127.0.0.1:{site}/demo/letters   nothing is really sent\n",
        site = ports.site,
        control = ports.control,
    );
    for (label, who) in INTRODUCED {
        let Some(key) = pki.key(label) else { continue };
        let number = key.bin().or(key.iin()).unwrap_or_default();
        text.push_str(&format!("    {label:<13} {} {number}: {who}\n", key.full_name()));
    }
    text
}
