//! `[store]` of the config: a directory of this process, or a cluster.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ofd_storage::cql::{ReadConsistency, Replication, check_keyspace};
use ofd_storage::embedded::{MEMORY_BYTES, MEMORY_BYTES_MIN};
use serde::de::{Error, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};

use super::Secret;
use super::problems::{Problem, Problems};

/// Where data are kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum StoreConfig {
    /// The store lies in a directory of this process.
    Embedded {
        /// The directory; relative paths begin at the config file.
        path: PathBuf,
        /// Every document is walked once in so many days; 0: never.
        #[serde(default = "usual_scrub_days")]
        scrub_days: u16,
        /// What all that it keeps in memory may take, in MiB.
        #[serde(default = "usual_memory")]
        memory_mib: u64,
    },
    /// In a cluster: ScyllaDB, or Apache Cassandra 5.
    Cql(Box<CqlConfig>),
}

/// Backups that are kept for some weeks still have what is found to be damaged.
fn usual_scrub_days() -> u16 {
    7
}

const MIB: u64 = 1024 * 1024;

/// More than any machine has: a slip.
const MEMORY_MIB_MAX: u64 = 1024 * 1024;

fn usual_memory() -> u64 {
    MEMORY_BYTES / MIB
}

/// A cluster and a keyspace in it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CqlConfig {
    /// Some of the cluster's nodes, `host:port`.
    pub nodes: Vec<String>,
    /// The keyspace that all gateways share.
    pub keyspace: String,
    /// How many copies there are; used when the keyspace is created.
    #[serde(deserialize_with = "replication")]
    pub replication: Replication,
    /// Who we are to the cluster.
    #[serde(default)]
    pub user: Option<String>,
    /// A file that holds the user's password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// What the file holds.
    #[serde(skip)]
    pub password: Option<Secret>,
    /// How many copies are asked by reads that are no heads.
    #[serde(default, deserialize_with = "consistency")]
    pub consistency: Option<ReadConsistency>,
    /// When present, nodes are reached over TLS.
    #[serde(default)]
    pub tls: Option<ClusterTlsConfig>,
}

/// TLS to the nodes of a cluster; all files are PEM.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterTlsConfig {
    /// The authorities that sign the nodes' certificates.
    pub ca: PathBuf,
    /// Our own certificate and the chain below it, for a cluster that asks for one.
    #[serde(default)]
    pub certificate: Option<PathBuf>,
    /// Its private key.
    #[serde(default)]
    pub key: Option<PathBuf>,
}

fn wrong(key: &str, problem: impl Into<String>) -> Problem {
    Problem::new(format!("store.{key}"), problem)
}

impl fmt::Display for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded { path, .. } => write!(f, "the store at {}", path.display()),
            Self::Cql(cluster) => write!(f, "keyspace {} of the cluster", cluster.keyspace),
        }
    }
}

impl StoreConfig {
    /// Relative paths begin at `base`.
    pub(super) fn resolve_paths(&mut self, base: &Path) {
        match self {
            Self::Embedded { path, .. } => *path = base.join(&*path),
            Self::Cql(cluster) => {
                let tls = cluster.tls.iter_mut().flat_map(|tls| {
                    [Some(&mut tls.ca), tls.certificate.as_mut(), tls.key.as_mut()].into_iter().flatten()
                });
                tls.chain(&mut cluster.password_file).for_each(|path| *path = base.join(&*path));
            }
        }
    }

    /// Reads the password, if a file is named.
    pub(super) fn read_password(&mut self) -> Result<(), Problem> {
        let Self::Cql(cluster) = self else { return Ok(()) };
        let Some(file) = &cluster.password_file else { return Ok(()) };
        let text = std::fs::read_to_string(file)
            .map_err(|error| wrong("password_file", format!("{} cannot be read: {error}", file.display())))?;
        // Editors end a file with a line break; anything else may belong to the password.
        let password = text.trim_end_matches(['\r', '\n']);
        if password.is_empty() {
            let problem = format!("{} is empty; write the password of store.user into it", file.display());
            return Err(wrong("password_file", problem));
        }
        cluster.password = Some(Secret::new(password.to_owned()));
        Ok(())
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        match self {
            Self::Embedded { memory_mib, .. } => {
                let min = MEMORY_BYTES_MIN / MIB;
                if !(min..=MEMORY_MIB_MAX).contains(memory_mib) {
                    let usual = usual_memory();
                    let problem =
                        format!("it is {memory_mib}; it must be {min} or more, and {usual} is usual");
                    problems.add("store.memory_mib", problem);
                }
            }
            Self::Cql(cluster) => cluster.check(problems),
        }
    }

    /// What is allowed and hardly ever wanted.
    pub(super) fn warnings(&self) -> Vec<String> {
        let Self::Cql(cluster) = self else { return Vec::new() };
        let warn = |place: String, copies: u32| Some(format!("{place}: {}", copies_warning(copies)?));
        match &cluster.replication {
            Replication::Everywhere(copies) => {
                warn("store.replication".into(), *copies).into_iter().collect()
            }
            Replication::PerDataCentre(centres) => {
                let of_centre =
                    |(name, copies): (&String, &u32)| warn(format!("store.replication.{name}"), *copies);
                centres.iter().filter_map(of_centre).collect()
            }
        }
    }
}

fn copies_warning(copies: u32) -> Option<String> {
    match copies {
        // It is no warning, but refused.
        0 => None,
        1 => Some("with 1 copy registers are not served while a node is down, and what its disk loses is lost; 3 let one node fail".into()),
        even if even % 2 == 0 => {
            let (fail, fewer, more) = (even / 2 - 1, even - 1, even.saturating_add(1));
            Some(format!(
                "{even} copies let {fail} of their nodes fail, as {fewer} would; {more} let {} fail",
                even / 2
            ))
        }
        _ => None,
    }
}

impl CqlConfig {
    fn check(&self, problems: &mut Problems) {
        if self.nodes.is_empty() {
            problems.add("store.nodes", "it is empty; name one node or more, such as [\"127.0.0.1:9042\"]");
        }
        for (index, node) in self.nodes.iter().enumerate() {
            let key = format!("store.nodes[{index}]");
            if let Some(problem) = check_node(node) {
                problems.add(key, format!("{node:?}: {problem}"));
            } else if self.nodes.iter().take(index).any(|other| other == node) {
                problems.add(key, format!("{node:?} stands twice"));
            }
        }
        if let Some(problem) = check_keyspace(&self.keyspace) {
            problems.add("store.keyspace", format!("{:?}: {problem}", self.keyspace));
        }
        problems.add_from(check_replication(&self.replication));
        match (&self.user, &self.password_file) {
            (Some(user), _) if user.trim().is_empty() => {
                problems.add("store.user", "it is empty; name the user, or leave the key out");
            }
            (Some(_), None) => problems.add(
                "store.password_file",
                "there is a user and no password_file; name the file that holds its password",
            ),
            (None, Some(_)) => problems.add(
                "store.user",
                "there is a password_file and no user; name the user whose password it holds",
            ),
            (Some(_), Some(_)) | (None, None) => {}
        }
        match self.tls.as_ref().map(|tls| (&tls.certificate, &tls.key)) {
            Some((Some(_), None)) => {
                problems.add("store.tls.key", "a certificate needs its private key; name its file");
            }
            Some((None, Some(_))) => {
                problems.add("store.tls.certificate", "a private key needs its certificate; name its file");
            }
            Some((Some(_), Some(_)) | (None, None)) | None => {}
        }
    }
}

/// What is wrong with the address of a node.
fn check_node(node: &str) -> Option<&'static str> {
    const NO_PORT: &str = "it is no host and port; write it as host:9042, an IPv6 address as [::1]:9042";
    if let Ok(address) = node.parse::<SocketAddr>() {
        return (address.port() == 0).then_some("port 0 is none; nodes usually listen on 9042");
    }
    let Some((host, port)) = node.rsplit_once(':') else { return Some(NO_PORT) };
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    if host.is_empty() || !host.bytes().all(is_host) {
        return Some(NO_PORT);
    }
    match port.parse::<u16>() {
        Ok(1..) => None,
        Ok(0) | Err(_) => Some("its port must be 1 to 65535; nodes usually listen on 9042"),
    }
}

fn check_replication(replication: &Replication) -> Result<(), Problem> {
    const NO_COPY: &str = "0 copies keep nothing; 3 is usual";
    match replication {
        Replication::Everywhere(0) => Err(wrong("replication", NO_COPY)),
        Replication::Everywhere(_) => Ok(()),
        Replication::PerDataCentre(centres) if centres.is_empty() => {
            Err(wrong("replication", "no data centre is named; write { dc1 = 3 }, or 3 for all of them"))
        }
        Replication::PerDataCentre(centres) => {
            for (name, copies) in centres {
                let key = format!("replication.{name}");
                // They go into a statement; and these two mean something else there.
                let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
                if name.is_empty() || !name.bytes().all(is_word) {
                    let problem = "a data centre is named by letters, digits, `.`, `-` and `_`, as `nodetool status` shows it";
                    return Err(wrong(&key, problem));
                }
                if ["class", "replication_factor"].contains(&name.as_str()) {
                    return Err(wrong(&key, "this is no data centre; for all of them write replication = 3"));
                }
                if *copies == 0 {
                    return Err(wrong(&key, NO_COPY));
                }
            }
            Ok(())
        }
    }
}

/// `3`, or `{ dc1 = 3, dc2 = 3 }`.
fn replication<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Replication, D::Error> {
    struct Copies;

    impl<'de> Visitor<'de> for Copies {
        type Value = Replication;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(
                "a number of copies such as 3, or one for each data centre such as { dc1 = 3, dc2 = 3 }",
            )
        }

        fn visit_i64<E: Error>(self, copies: i64) -> Result<Replication, E> {
            let known = u32::try_from(copies).map(Replication::Everywhere);
            known.map_err(|_| E::custom(format!("replication is {copies}; 3 is usual")))
        }

        fn visit_u64<E: Error>(self, copies: u64) -> Result<Replication, E> {
            let known = u32::try_from(copies).map(Replication::Everywhere);
            known.map_err(|_| E::custom(format!("replication is {copies}; 3 is usual")))
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Replication, A::Error> {
            let centres = BTreeMap::<String, u32>::deserialize(MapAccessDeserializer::new(map))?;
            Ok(Replication::PerDataCentre(centres))
        }
    }

    deserializer.deserialize_any(Copies)
}

/// `"local_quorum"` or `"quorum"`.
fn consistency<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ReadConsistency>, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "local_quorum" => Ok(Some(ReadConsistency::LocalQuorum)),
        "quorum" => Ok(Some(ReadConsistency::Quorum)),
        other => Err(D::Error::custom(format!(
            "consistency is {other:?}; it may be \"local_quorum\" or \"quorum\""
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_a_host_and_a_port() {
        for good in ["127.0.0.1:9042", "[::1]:9042", "scylla-1.example:19042", "node_1:1"] {
            assert_eq!(check_node(good), None, "{good}");
        }
        for bad in [
            "",
            ":9042",
            "127.0.0.1",
            "::1",
            "::1:9042",
            "node:0",
            "127.0.0.1:0",
            "node:99999",
            "node:",
            " n:1",
            "cql://n:1",
        ] {
            assert!(check_node(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn only_an_odd_number_of_copies_above_one_goes_without_a_warning() {
        for (copies, words) in [(1, "1 copy"), (2, "let 0"), (4, "let 1"), (6, "let 2")] {
            assert!(copies_warning(copies).is_some_and(|text| text.contains(words)), "{copies}");
        }
        assert!([3, 5, 7].into_iter().all(|copies| copies_warning(copies).is_none()));
    }
}
