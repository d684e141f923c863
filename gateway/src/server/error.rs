//! Why a process does not start, as whoever starts it is told.

use std::net::SocketAddr;

use ofd_storage::cql::CqlError;
use ofd_storage::model;
use ofd_storage::store::StoreError;

use crate::fleet::FleetError;
use crate::listen::TlsError;
use crate::site;

/// Why the process does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store did not open.
    #[error("{store} cannot be opened")]
    Store {
        /// The store as people call it.
        store: String,
        /// What the store said.
        #[source]
        source: StoreError,
    },
    /// The cluster, or its keyspace.
    #[error("{store} cannot be opened")]
    Cluster {
        /// The store as people call it.
        store: String,
        /// What the store said.
        #[source]
        source: CqlError,
    },
    /// A copy that is not finished.
    #[error("{store} must not be served from")]
    NotWhole {
        /// The store as people call it.
        store: String,
        /// What the store said.
        #[source]
        source: model::NotWhole,
    },
    /// A file of `[store] tls`.
    #[error("store.tls")]
    ClusterTls(#[from] TlsError),
    /// The fleet file.
    #[error(transparent)]
    Fleet(#[from] FleetError),
    /// The fleet cannot be created.
    #[error("the fleet file could not be applied")]
    Bootstrap(#[source] StoreError),
    /// An address is taken.
    #[error("{what} cannot listen on {address}: {}", bind_advice(source))]
    Bind {
        /// What was to listen there.
        what: String,
        /// The address of the config.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A listener's TLS.
    #[error("listener {name}")]
    Tls {
        /// The listener's name in the config.
        name: String,
        /// Why not; boxed, since it holds two paths.
        #[source]
        source: Box<TlsError>,
    },
    /// The site cannot be set up.
    #[error(transparent)]
    Site(#[from] site::SiteStartError),
    /// Nothing can be counted.
    #[error("metrics cannot be recorded: {0}")]
    Metrics(String),
}

impl StartError {
    /// Whether the same may work later without anybody changing a file.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Cluster { source, .. } => source.is_passing(),
            Self::Store { source, .. }
            | Self::Bootstrap(source)
            | Self::NotWhole { source: model::NotWhole::Store(source), .. } => matches!(
                source,
                StoreError::Conflict { .. } | StoreError::Unknown { .. } | StoreError::Unavailable { .. }
            ),
            Self::NotWhole { source: model::NotWhole::HalfCopied { .. }, .. }
            | Self::ClusterTls(_)
            | Self::Fleet(_)
            | Self::Bind { .. }
            | Self::Tls { .. }
            | Self::Site(_)
            | Self::Metrics(_) => false,
        }
    }
}

fn bind_advice(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            "another program has this port; stop that one or choose another port"
        }
        std::io::ErrorKind::PermissionDenied => {
            "this user may not; ports below 1024 need a right of their own"
        }
        std::io::ErrorKind::AddrNotAvailable => "this machine has no such address",
        _ => "see the cause",
    }
}
