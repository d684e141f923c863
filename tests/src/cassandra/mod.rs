//! A real cluster for tests: Apache Cassandra 5, one node or three, as child processes.
//!
//! Ports are fixed (CQL on 9042, between nodes 7000, nodes on 127.0.0.1, .2 and .3), so one cluster at a time runs on a
//! machine; a lock sees to it, also between processes. Java 17 or 11 and Maven are needed: a test fails without them.
//!
//! ```no_run
//! # async fn example() {
//! use ofd_tests::cassandra::{self, Cluster, Options};
//!
//! // One node that all tests of a process share, each in a keyspace of its own.
//! let cluster = cassandra::shared().await;
//! let (nodes, keyspace) = (cluster.nodes(), cluster.keyspace_name());
//!
//! // Three nodes of one's own, to be broken. Nodes are counted from 0.
//! let cluster = Cluster::three(Options::default()).await;
//! cluster.kill(1).await;
//! cluster.start(1).await;
//! # }
//! ```
//!
//! No node outlives the test process, not even after its kill -9: a watchdog holds the other end of a pipe, and the
//! next cluster ends what is left even so. With `OFD_E2E_KEEP` set, folders with logs and data stay.

mod cluster;
mod disk;
mod fetch;
mod keyspace;
mod lock;
mod node;
mod probe;
mod relay;
mod secure;
mod shared;
mod turn;

pub use cluster::Cluster;
pub use disk::bytes_below;
pub use shared::{Shared, shared};

/// Where nodes listen for CQL.
pub const CQL_PORT: u16 = 9042;

/// Where nodes listen for each other.
const STORAGE_PORT: u16 = 7000;

/// What a cluster asks of its clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Clients need a user and a password: [`Cluster::credentials`].
    pub password: bool,
    /// Clients come over TLS and check the nodes by [`Cluster::certificate`].
    pub tls: bool,
}
