//! Whether nodes serve, asked as a client.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::policies::host_filter::AllowListHostFilter;
use scylla::policies::load_balancing::{NodeIdentifier, SingleTargetLoadBalancingPolicy};
use scylla::policies::retry::FallthroughRetryPolicy;
use scylla::statement::Consistency;
use scylla::statement::unprepared::Statement;
use tokio::net::TcpStream;

use super::CQL_PORT;

/// A node of this machine that does not take a connection by then is not there.
const CONNECTED_WITHIN: Duration = Duration::from_secs(2);

/// Longer than the server's own time limits, so that its own word comes first.
const ANSWERED_WITHIN: Duration = Duration::from_secs(12);

/// A connection that is silent for so long is asked, and given up after as long again.
const KEEPALIVE: Duration = Duration::from_secs(1);

/// How a client comes in.
#[derive(Clone, Debug)]
pub(super) struct Access {
    pub(super) user: Option<(&'static str, &'static str)>,
    pub(super) tls: Option<Arc<ClientConfig>>,
}

impl Access {
    /// A session that begins with these nodes and finds the others by itself.
    pub(super) async fn session(&self, nodes: &[Ipv4Addr]) -> Result<Session, String> {
        self.build(nodes, None).await
    }

    /// A session that connects to these nodes only: it does not wait for others that may not answer.
    pub(super) async fn session_with_only(&self, nodes: &[Ipv4Addr]) -> Result<Session, String> {
        let allowed = nodes.iter().map(|node| (*node, CQL_PORT));
        let filter = AllowListHostFilter::new(allowed).map_err(|error| error.to_string())?;
        self.build(nodes, Some(filter)).await
    }

    async fn build(
        &self,
        nodes: &[Ipv4Addr],
        filter: Option<AllowListHostFilter>,
    ) -> Result<Session, String> {
        let nodes = nodes.iter().map(|node| SocketAddr::from((*node, CQL_PORT)));
        let mut builder = SessionBuilder::new()
            .known_nodes_addr(nodes)
            .connection_timeout(CONNECTED_WITHIN)
            .keepalive_interval(KEEPALIVE)
            .keepalive_timeout(KEEPALIVE);
        if let Some(filter) = filter {
            builder = builder.host_filter(Arc::new(filter));
        }
        if let Some((user, password)) = self.user {
            builder = builder.user(user, password);
        }
        if let Some(tls) = &self.tls {
            builder = builder.tls_context(Some(Arc::clone(tls)));
        }
        builder.build().await.map_err(|error| error.to_string())
    }

    /// Creates what [`read_at`] reads, with so many copies.
    pub(super) async fn create(&self, nodes: &[Ipv4Addr]) -> Result<(), String> {
        let session = self.session(nodes).await?;
        let known = session.get_cluster_state().get_nodes_info().len();
        if known != nodes.len() {
            return Err(format!("the nodes know {known} of {}", nodes.len()));
        }
        let copies = nodes.len();
        let keyspace = format!(
            "CREATE KEYSPACE IF NOT EXISTS harness WITH replication = {{'class': 'NetworkTopologyStrategy', \
             'replication_factor': {copies}}}"
        );
        for text in
            [keyspace.as_str(), "CREATE TABLE IF NOT EXISTS harness.probe (id int PRIMARY KEY, text text)"]
        {
            session.query_unpaged(text, &[]).await.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Reads a row by each of these nodes, which must all see as many of the others as the consistency asks for.
    pub(super) async fn read_at_each(
        &self,
        nodes: &[Ipv4Addr],
        consistency: Consistency,
    ) -> Result<(), String> {
        let session = self.session_with_only(nodes).await?;
        for node in nodes {
            read_at(&session, *node, consistency).await.map_err(|error| format!("by {node}: {error}"))?;
        }
        Ok(())
    }
}

/// Reads a row by one node and no other.
pub(super) async fn read_at(
    session: &Session,
    node: Ipv4Addr,
    consistency: Consistency,
) -> Result<(), String> {
    let target = NodeIdentifier::NodeAddress(SocketAddr::from((node, CQL_PORT)));
    let mut statement = Statement::new("SELECT text FROM harness.probe WHERE id = 1");
    statement.set_load_balancing_policy(Some(SingleTargetLoadBalancingPolicy::new(target, None)));
    // Another try by itself would hide what a test looks for.
    statement.set_retry_policy(Some(Arc::new(FallthroughRetryPolicy::new())));
    statement.set_consistency(consistency);
    statement.set_request_timeout(Some(ANSWERED_WITHIN));
    session.query_unpaged(statement, &[]).await.map(drop).map_err(|error| error.to_string())
}

/// Whether somebody listens.
pub(super) async fn is_open(address: SocketAddrV4) -> bool {
    matches!(tokio::time::timeout(CONNECTED_WITHIN, TcpStream::connect(address)).await, Ok(Ok(_)))
}
