//! Where the demo listens, and what it fails with.

use std::net::SocketAddr;

/// What the demo failed with; the chain of causes is printed by main.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The ports of the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ports {
    pub(super) plain: u16,
    pub(super) tls: u16,
    pub(super) sim: u16,
    pub(super) site: u16,
    pub(super) metrics: u16,
    pub(super) ncalayer: u16,
    pub(super) control: u16,
    pub(super) pki: u16,
}

impl Ports {
    /// A real NCALayer may run on this machine, so the emulated one is on another port.
    pub(super) const USUAL: Self = Self {
        plain: 7777,
        tls: 7778,
        sim: 7779,
        site: 8080,
        metrics: 9090,
        ncalayer: 7780,
        control: 7781,
        pki: 7782,
    };

    /// Eight ports in a row; the command line keeps `base` low enough.
    pub(super) fn from_base(base: u16) -> Self {
        let port = |offset| base.saturating_add(offset);
        Self {
            plain: base,
            tls: port(1),
            sim: port(2),
            site: port(3),
            metrics: port(4),
            ncalayer: port(5),
            control: port(6),
            pki: port(7),
        }
    }
}

pub(super) fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}
