//! The simulation over a real cluster: equal seeds, equal journals.

use ofd_tests::cassandra;
use ofd_tests::simulation::{InCluster, InMemory, SimOptions, run};

use crate::options;

/// A statement takes milliseconds, so a run is shorter than those in memory.
const STEPS: u32 = 5_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_gives_the_same_journal_on_a_cluster_as_in_memory() {
    let cluster = cassandra::shared().await;
    for seed in [100, 101] {
        let sim = SimOptions::of_seed(seed, STEPS);
        let keyspace = options(&cluster, &cluster.keyspace_name());
        let both =
            tokio::task::spawn_blocking(move || (run(&sim, InMemory), run(&sim, InCluster::new(keyspace))));
        let (in_memory, in_cluster) = both.await.expect("both runs come to their end");
        assert_eq!(in_memory.violation, None, "seed {seed}");
        assert_eq!(in_cluster.violation, None, "seed {seed}: {}", in_cluster.journal.tail(60));
        println!("{:?}", in_cluster.tally);
        assert!(in_cluster.tally.documents > 50, "seed {seed}: {:?}", in_cluster.tally);
        assert!(in_cluster.journal == in_memory.journal, "seed {seed}: the journals differ");
    }
}
