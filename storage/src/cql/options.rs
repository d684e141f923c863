//! Where the cluster is and how it is spoken to.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;

/// A cluster and a keyspace in it.
#[derive(Clone, Debug)]
pub struct CqlOptions {
    /// Some of the cluster's nodes, `host:port`; the others are learned from them. The data centre of the first one
    /// that answers is the near one.
    pub nodes: Vec<String>,
    /// The keyspace; see [`check_keyspace`].
    pub keyspace: String,
    /// How many copies there are; used when the keyspace is created.
    pub replication: Replication,
    /// Who we are to the cluster; absent: it asks nobody.
    pub credentials: Option<Credentials>,
    /// How many copies are asked by reads that are no heads; absent: [`Replication::default_consistency`].
    pub consistency: Option<ReadConsistency>,
    /// When present, nodes are reached over TLS.
    pub tls: Option<Tls>,
    /// What is waited for.
    pub deadlines: Deadlines,
}

impl CqlOptions {
    /// Options without user and TLS.
    #[must_use]
    pub fn new(nodes: Vec<String>, keyspace: impl Into<String>, replication: Replication) -> Self {
        Self {
            nodes,
            keyspace: keyspace.into(),
            replication,
            credentials: None,
            consistency: None,
            tls: None,
            deadlines: Deadlines::default(),
        }
    }

    pub(super) fn read_consistency(&self) -> ReadConsistency {
        self.consistency.unwrap_or_else(|| self.replication.default_consistency())
    }
}

/// How many copies of everything there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replication {
    /// This many copies in every data centre.
    Everywhere(u32),
    /// This many copies in each of these data centres.
    PerDataCentre(BTreeMap<String, u32>),
}

impl Replication {
    /// What an append acknowledged is seen by: with one data centre a local quorum meets every quorum, with several
    /// it may not.
    #[must_use]
    pub fn default_consistency(&self) -> ReadConsistency {
        match self {
            Self::PerDataCentre(centres) if centres.len() > 1 => ReadConsistency::Quorum,
            Self::Everywhere(_) | Self::PerDataCentre(_) => ReadConsistency::LocalQuorum,
        }
    }
}

/// How many copies are asked by reads that are no heads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadConsistency {
    /// The greater half of the near data centre's. With several data centres a list may lack what was just written
    /// through another one; single rows and records that are not found are asked for again at a quorum of all.
    LocalQuorum,
    /// The greater half of all.
    Quorum,
}

/// User and password.
#[derive(Clone)]
pub struct Credentials {
    /// The user that nodes know.
    pub user: String,
    /// The secret beside the user.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// TLS to the nodes.
#[derive(Clone)]
pub struct Tls(pub Arc<ClientConfig>);

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

/// What is waited for, each part well below the 5 seconds of a device.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// How long a connection may take.
    pub connect: Duration,
    /// How long the answer to one statement may take.
    pub statement: Duration,
    /// How long a call of the store may take, with all its repeats.
    pub call: Duration,
    /// A node that is silent for this long is asked whether it lives, and given up after as long again.
    pub keepalive: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            statement: Duration::from_secs(3),
            call: Duration::from_millis(3800),
            keepalive: Duration::from_secs(1),
        }
    }
}

/// Keyspaces are named by letters, digits and `_`, at most this many.
pub const KEYSPACE_LEN_MAX: usize = 48;

/// Says what is wrong with the name of a keyspace; `None`: nothing. It goes into statements as it is.
#[must_use]
pub fn check_keyspace(name: &str) -> Option<&'static str> {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    match name.as_bytes() {
        [] => Some("it is empty"),
        [first, ..] if !first.is_ascii_lowercase() => Some("it must begin with a letter a-z"),
        name if name.len() > KEYSPACE_LEN_MAX => Some("it is longer than 48 characters"),
        name if !name.iter().copied().all(is_word) => Some("only a-z, 0-9 and _ may be in it"),
        _ => None,
    }
}

/// Why the cluster or the keyspace cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CqlError {
    /// No node could be reached. Trying later may help.
    #[error("no node of the cluster can be reached: {}", list(nodes))]
    Unreachable {
        /// Which were tried, and why each failed.
        nodes: Vec<(String, String)>,
    },
    /// The cluster is there and does not let us in.
    #[error("the cluster refuses user and password: {reason}; check [store] user and password_file")]
    Refused {
        /// What it says.
        reason: String,
    },
    /// There is no such keyspace, or nothing in it.
    #[error("keyspace {keyspace} holds no tables of ours; run `ofd migrate` with this config first")]
    Unmigrated {
        /// The keyspace that was named.
        keyspace: String,
    },
    /// The tables lack what this program needs.
    #[error(
        "keyspace {keyspace} has schema {found}, this program needs {needed}; run its `ofd migrate` with this config first"
    )]
    TooOld {
        /// The keyspace that was named.
        keyspace: String,
        /// The version that is there.
        found: i32,
        /// The version that is needed.
        needed: i32,
    },
    /// The tables changed so that this program must not use them.
    #[error(
        "keyspace {keyspace} has schema {found}, which only programs that know schema {oldest} may use, this one knows {known}; install the newer `ofd`, whose `ofd migrate` made it; `ofd --version` names this one"
    )]
    TooNew {
        /// The keyspace that was named.
        keyspace: String,
        /// The version that is there.
        found: i32,
        /// The oldest program that may use it.
        oldest: i32,
        /// What this program knows.
        known: i32,
    },
    /// The keyspace name cannot be used.
    #[error("keyspace {keyspace:?}: {problem}")]
    Keyspace {
        /// The name that was given.
        keyspace: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// A statement failed. Trying later may help.
    #[error("{action} failed: {reason}")]
    Statement {
        /// What was tried.
        action: String,
        /// Why it failed.
        reason: String,
    },
}

impl CqlError {
    /// Whether the same call may work later without anybody changing a file.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Statement { .. })
    }
}

fn list(nodes: &[(String, String)]) -> String {
    nodes.iter().map(|(node, why)| format!("{node}: {why}")).collect::<Vec<_>>().join("; ")
}
