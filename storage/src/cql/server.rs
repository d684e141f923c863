//! Which server answers: ScyllaDB has shards, and speaks of itself in a table that Cassandra has not.

use std::fmt;

use scylla::client::session::Session;
use scylla::statement::Consistency;
use scylla::statement::unprepared::Statement;

use super::read::all;

/// The server and its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Server {
    Scylla(String),
    Cassandra(String),
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scylla(version) => write!(f, "ScyllaDB {version}"),
            Self::Cassandra(version) => write!(f, "Apache Cassandra {version}"),
        }
    }
}

/// Tablets are on by default from these releases on, of the open and of the enterprise line.
const TABLETS_FROM: [(u32, u32); 2] = [(6, 0), (2024, 2)];

/// Conditional writes work on tablets from this release on.
const CONDITIONS_ON_TABLETS_FROM: (u32, u32) = (2025, 4);

impl Server {
    /// Whether a keyspace must say that it wants no tablets. Servers before them do not know the word.
    pub(super) fn must_do_without_tablets(&self) -> bool {
        let Self::Scylla(version) = self else { return false };
        let mut numbers = version.split(['.', '-', '~']).map_while(|part| part.parse().ok());
        let release: (u32, u32) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        let [open, enterprise] = TABLETS_FROM;
        let knows_tablets = if release.0 < 2000 { release >= open } else { release >= enterprise };
        knows_tablets && release < CONDITIONS_ON_TABLETS_FROM
    }

    /// Zstandard in large blocks, in the server's own words.
    pub(super) fn compression(&self) -> &'static str {
        match self {
            Self::Scylla(_) => "{'sstable_compression': 'ZstdCompressor', 'chunk_length_in_kb': '64'}",
            Self::Cassandra(_) => "{'class': 'ZstdCompressor', 'chunk_length_in_kb': '64'}",
        }
    }
}

/// Asks the server who it is. That it has shards is told by every connection; its version only to whom may read it.
pub(super) async fn detect(session: &Session) -> Server {
    let state = session.get_cluster_state();
    let has_shards = state.get_nodes_info().iter().any(|node| node.sharder().is_some());
    let unknown = || "of unknown version".to_owned();
    match ask(session, "SELECT version FROM system.versions WHERE key = 'local'").await {
        Some(version) => Server::Scylla(version),
        None if has_shards => Server::Scylla(unknown()),
        None => {
            let version = ask(session, "SELECT release_version FROM system.local WHERE key = 'local'").await;
            Server::Cassandra(version.unwrap_or_else(unknown))
        }
    }
}

async fn ask(session: &Session, text: &str) -> Option<String> {
    let mut statement = Statement::new(text);
    statement.set_consistency(Consistency::One);
    let result = session.query_unpaged(statement, ()).await.ok()?;
    let rows: Vec<(String,)> = all(result).ok()?;
    rows.into_iter().next().map(|(version,)| version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tablets_are_refused_only_where_they_are_and_lack_conditional_writes() {
        let without = |version: &str| Server::Scylla(version.into()).must_do_without_tablets();
        assert!(!without("5.4.9"));
        assert!(without("6.0.0") && without("6.2.3"));
        assert!(!without("2023.1.0") && !without("2024.1.12"));
        assert!(without("2024.2.0") && without("2025.1.4") && without("2025.3.0~rc1"));
        assert!(!without("2025.4.0") && !without("2026.1.0-dev"));
        assert!(!Server::Cassandra("5.0.9".into()).must_do_without_tablets());
    }
}
