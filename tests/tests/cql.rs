//! The store in a cluster, on a real CQL server of one node: contract, simulation, migrations, access, several gateways,
//! and the scenarios of the embedded store.

#![allow(clippy::inconsistent_digit_grouping, reason = "sums read as tenge and tiyn: 180_00")]

#[path = "cql/access.rs"]
mod access;
#[path = "cql/contract.rs"]
mod contract;
#[path = "cql/copy.rs"]
mod copy;
#[path = "cql/first_release.rs"]
mod first_release;
#[path = "cql/gateways.rs"]
mod gateways;
#[path = "cql/migrations.rs"]
mod migrations;
#[path = "cql/roaming.rs"]
mod roaming;
#[path = "cql/scenarios.rs"]
mod scenarios;
#[path = "cql/serving.rs"]
mod serving;
#[path = "cql/simulated.rs"]
mod simulated;

use ofd_storage::cql::{CqlOptions, Credentials, Replication};
use ofd_tests::cassandra::Cluster;

/// Options for a keyspace in a cluster, with a copy on every node.
fn options(cluster: &Cluster, keyspace: &str) -> CqlOptions {
    let mut options =
        CqlOptions::new(cluster.nodes(), keyspace, Replication::Everywhere(cluster.replication()));
    options.credentials = cluster
        .credentials()
        .map(|(user, password)| Credentials { user: user.to_owned(), password: password.to_owned() });
    options
}
