//! The session: who is asked first, how long is waited, and why nobody answers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use scylla::client::execution_profile::ExecutionProfile;
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::cluster::ClusterState;
use scylla::errors::{
    ConnectionError, ConnectionPoolError, ConnectionSetupRequestErrorKind, DbError, MetadataError,
    NewSessionError,
};
use scylla::policies::load_balancing::DefaultPolicy;
use scylla::policies::retry::FallthroughRetryPolicy;
use scylla::policies::speculative_execution::SimpleSpeculativeExecutionPolicy;
use scylla::statement::{Consistency, SerialConsistency};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::options::{CqlError, CqlOptions};

/// A read that a node has not answered by then is asked of another one, too.
const SPECULATE_AFTER: Duration = Duration::from_millis(400);

/// Names of nodes are looked up, the cluster's layout is read: all that a session needs before its first statement.
const SESSION_WITHIN: Duration = Duration::from_secs(10);

/// Connects to the cluster.
pub(super) async fn connect(options: &CqlOptions) -> Result<Session, CqlError> {
    let deadlines = &options.deadlines;
    let mut builder = SessionBuilder::new()
        .known_nodes(&options.nodes)
        .connection_timeout(deadlines.connect)
        .keepalive_interval(deadlines.keepalive)
        .keepalive_timeout(deadlines.keepalive)
        .keyspaces_to_fetch([&options.keyspace])
        .default_execution_profile_handle(profile(deadlines.statement, None).into_handle());
    if let Some(credentials) = &options.credentials {
        builder = builder.user(&credentials.user, &credentials.password);
    }
    if let Some(tls) = &options.tls {
        builder = builder.tls_context(Some(Arc::clone(&tls.0)));
    }
    let session = match timeout(SESSION_WITHIN, builder.build()).await {
        Ok(Ok(session)) => session,
        Ok(Err(error)) => return Err(why_not(options, &error).await),
        Err(_) => {
            let reason = format!("no session within {SESSION_WITHIN:?}");
            return Err(CqlError::Unreachable { nodes: reasons(options, &reason).await });
        }
    };
    prefer_near(&session, options).await;
    Ok(session)
}

/// How statements are sent. The driver repeats nothing: whether a repeat is harmless is ours to know.
fn profile(statement: Duration, near: Option<String>) -> ExecutionProfile {
    let mut balancing = DefaultPolicy::builder().permit_dc_failover(true);
    if let Some(near) = near {
        balancing = balancing.prefer_datacenter(near);
    }
    // Heeded for statements that are marked idempotent; those are reads and entries of lists.
    let speculation =
        SimpleSpeculativeExecutionPolicy { max_retry_count: 1, retry_interval: SPECULATE_AFTER };
    ExecutionProfile::builder()
        .request_timeout(Some(statement))
        .consistency(Consistency::Quorum)
        .serial_consistency(Some(SerialConsistency::Serial))
        .retry_policy(Arc::new(FallthroughRetryPolicy::new()))
        .load_balancing_policy(balancing.build())
        .speculative_execution_policy(Some(Arc::new(speculation)))
        .build()
}

/// Prefers the data centre of the first configured node that is part of the cluster.
async fn prefer_near(session: &Session, options: &CqlOptions) {
    let state = session.get_cluster_state();
    for node in &options.nodes {
        let Ok(addresses) = lookup_host(node).await else { continue };
        let found = addresses.into_iter().find_map(|address| data_centre(&state, address));
        if let Some(near) = found {
            let mut handle = session.get_default_execution_profile_handle().clone();
            handle.map_to_another_profile(profile(options.deadlines.statement, Some(near)));
            return;
        }
    }
}

fn data_centre(state: &ClusterState, address: SocketAddr) -> Option<String> {
    let node = state.get_nodes_info().iter().find(|node| node.address.ip() == address.ip())?;
    node.datacenter.clone()
}

async fn why_not(options: &CqlOptions, error: &NewSessionError) -> CqlError {
    if let NewSessionError::MetadataError(MetadataError::ConnectionPoolError(ConnectionPoolError::Broken {
        last_connection_error: ConnectionError::ConnectionSetupRequestError(setup),
    })) = error
        && is_refusal(&setup.error)
    {
        return CqlError::Refused { reason: setup.error.to_string() };
    }
    CqlError::Unreachable { nodes: reasons(options, &error.to_string()).await }
}

/// What both servers say of a wrong user or password. They give the same error when they could not look, since their own
/// tables have no quorum; that passes.
const INCORRECT: &str = "incorrect";

/// Whether somebody must change user or password.
fn is_refusal(error: &ConnectionSetupRequestErrorKind) -> bool {
    match error {
        ConnectionSetupRequestErrorKind::MissingAuthentication => true,
        ConnectionSetupRequestErrorKind::DbError(DbError::AuthenticationError, reason) => {
            reason.contains(INCORRECT)
        }
        _ => false,
    }
}

/// Tries each node by itself; one that takes a connection gets the session's own reason.
async fn reasons(options: &CqlOptions, session: &str) -> Vec<(String, String)> {
    let within = options.deadlines.connect;
    let tried = options.nodes.iter().map(async |node| {
        let reason = match timeout(within, TcpStream::connect(node.as_str())).await {
            Ok(Ok(_)) => format!("it takes connections, but {session}"),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {within:?}"),
        };
        (node.clone(), reason)
    });
    join_all(tried).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_wrong_password_is_a_refusal() {
        let says = |reason: &str| {
            ConnectionSetupRequestErrorKind::DbError(DbError::AuthenticationError, reason.to_owned())
        };
        assert!(is_refusal(&says("Provided username ofd and/or password are incorrect")));
        assert!(is_refusal(&says("Username and/or password are incorrect")));
        assert!(is_refusal(&ConnectionSetupRequestErrorKind::MissingAuthentication));
        let cannot_look = "Unable to perform authentication: Cannot achieve consistency level QUORUM";
        assert!(!is_refusal(&says(cannot_look)));
        assert!(!is_refusal(&ConnectionSetupRequestErrorKind::UnableToAllocStreamId));
    }
}
