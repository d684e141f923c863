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
        assert!(in_cluster.tally.documents > 50, "seed {seed}: {:?}", in_cluster.tally);
        expect_same(seed, &in_memory.journal.to_string(), &in_cluster.journal.to_string());
    }
}

/// Names the first line that differs, with what came before it.
fn expect_same(seed: u64, in_memory: &str, in_cluster: &str) {
    let lines = || in_memory.lines().zip(in_cluster.lines());
    let Some(at) = lines().position(|(one, other)| one != other) else {
        assert_eq!(in_memory.len(), in_cluster.len(), "seed {seed}: one journal goes on");
        return;
    };
    let before: Vec<&str> = in_memory.lines().take(at).collect();
    let before = before[at.saturating_sub(12)..].join("\n");
    let (one, other) = lines().nth(at).expect("a line that differs");
    panic!("seed {seed}: the journals differ after\n{before}\nin memory:  {one}\nin cluster: {other}");
}
