//! Who is let in, and what is said when nobody is.

use std::time::{Duration, Instant};

use ofd_storage::cql::{CqlError, CqlOptions, CqlStore, Credentials, Extent, Replication, migrate};
use ofd_storage::store::{Health, Store};
use ofd_tests::cassandra::{Cluster, Options};

use crate::options;

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_cannot_be_reached_is_told_node_by_node() {
    // Nobody listens at the first; the second is no address of anybody's.
    let nodes = vec!["127.0.0.1:9".to_owned(), "no-such-host.invalid:9042".to_owned()];
    let options = CqlOptions::new(nodes, "ofd", Replication::Everywhere(3));
    let begun = Instant::now();
    let error = CqlStore::open(options).await.expect_err("nobody is there");
    assert!(error.is_passing(), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let CqlError::Unreachable { nodes } = &error else { panic!("{error}") };
    let [first, second] = &nodes[..] else { panic!("{error}") };
    assert_eq!(first.0, "127.0.0.1:9");
    assert!(first.1.contains("refused"), "{error}");
    assert_eq!(second.0, "no-such-host.invalid:9042");
    assert!(!second.1.is_empty(), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_with_a_password_lets_in_who_knows_it_and_says_so_to_others() {
    let cluster = Cluster::one(Options { password: true, ..Options::default() }).await;
    let good = options(&cluster, &cluster.keyspace_name());
    migrate(&good, Extent::Expand, |_| ()).await.expect("with the password");
    let store = CqlStore::open(good.clone()).await.expect("with the password");
    assert_eq!(store.health().await, Health::Ready);
    let wrong = Credentials { user: "cassandra".into(), password: "guess".into() };
    for credentials in [None, Some(wrong)] {
        let shown = format!("{credentials:?}");
        assert!(!shown.contains("guess"), "{shown}");
        let error = CqlStore::open(CqlOptions { credentials, ..good.clone() }).await.expect_err("let in");
        assert!(matches!(error, CqlError::Refused { .. }), "{shown}: {error}");
        assert!(!error.is_passing() && error.to_string().contains("password_file"), "{error}");
    }
}
