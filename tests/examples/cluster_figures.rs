//! What a receipt costs on a cluster, side by side with the embedded store: requests a second, statements, bytes.
//!
//! ```text
//! cargo build --release -p ofd-tests --bins
//! cargo run --release -p ofd-tests --example cluster_figures -- [seconds] [registers]
//! ```
//!
//! One node of Apache Cassandra, one gateway and the load share the machine: only ratios, statements and bytes say
//! something about another one. Docs: docs/scale.md.

use std::time::Duration;

use ofd_loadtest::{Endpoint, Options, Report, run};
use ofd_tests::cassandra::{self, Cluster, bytes_below};
use ofd_tests::process::{Setup, local};

/// Registers that sell in turn on as many connections.
const CONNECTIONS: usize = 64;

/// Receipts of a day in one shift of a busy shop.
const SHIFT_LENGTH: u64 = 50;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u32>().expect("a number"));
    let (seconds, registers) = (arguments.next().unwrap_or(20), arguments.next().unwrap_or(200));

    let setup = Setup::new(registers);
    let embedded = sell(&setup, seconds).await;
    let documents = setup.export().await;
    let raw = raw_bytes(&documents);
    println!("embedded: {}", told(&embedded.report));
    println!(
        "embedded: {} bytes on disk a document",
        bytes_below(&setup.store_path()) / documents.len() as u64
    );
    println!("a document: {raw} bytes as it came");

    let cluster = Cluster::one(cassandra::Options::default()).await;
    let keyspace = cluster.keyspace_name();
    let setup = Setup::new(registers).in_keyspace(&cluster, &keyspace);
    setup.migrate().await;
    let clustered = sell(&setup, seconds).await;
    let documents = setup.export().await.len() as u64;
    println!("cluster:  {}", told(&clustered.report));
    println!(
        "cluster:  {:.2} statements a document, {} retries, {} conflicts",
        clustered.statements / documents as f64,
        clustered.retries,
        clustered.conflicts,
    );
    cluster.stop(0).await;
    let tables = cluster.bytes_on_disk(0, &keyspace);
    for (table, bytes) in &tables {
        println!("cluster:  {table}: {bytes} bytes, {:.1} a document", *bytes as f64 / documents as f64);
    }
    println!("cluster:  {} bytes on disk a document, one copy", tables.values().sum::<u64>() / documents);
    println!(
        "ratio:    the embedded store answers {:.1} times as many",
        embedded.report.rate / clustered.report.rate
    );
}

/// What selling came to.
struct Sold {
    report: Report,
    statements: f64,
    retries: f64,
    conflicts: f64,
}

async fn sell(setup: &Setup, seconds: u32) -> Sold {
    let mut server = setup.start().await;
    let before = counters(setup).await;
    let options = Options {
        connections: CONNECTIONS,
        duration: Duration::from_secs(seconds.into()),
        shift_length: Some(SHIFT_LENGTH),
        ..Options::new(Endpoint::plain(local(setup.ports.plain)), setup.fleet_file())
    };
    let report = run(options, |_| {}).await.expect("the load begins");
    assert!(report.dead.is_none() && report.differences.is_empty(), "{report}");
    // Counters are copied every five seconds.
    tokio::time::sleep(Duration::from_secs(6)).await;
    let after = counters(setup).await;
    server.stop().await;
    let [statements, retries, conflicts] = [0, 1, 2].map(|at| after[at] - before[at]);
    Sold { report, statements, retries, conflicts }
}

async fn counters(setup: &Setup) -> [f64; 3] {
    let mut counters = [0.0; 3];
    for (counter, name) in counters.iter_mut().zip(["statements", "retries", "conflicts"]) {
        *counter = setup.metric(&format!("ofd_gateway_store_{name}_total")).await.unwrap_or(0.0);
    }
    counters
}

/// The mean length of a frame as it came: base64 has four letters for three bytes.
fn raw_bytes(documents: &[serde_json::Value]) -> u64 {
    let letters: usize = documents.iter().filter_map(|document| document["raw"].as_str()).map(str::len).sum();
    (letters / 4 * 3 / documents.len().max(1)) as u64
}

fn told(report: &Report) -> String {
    let latency = &report.latency;
    format!(
        "{:.0} requests/s, p50 {:.1} ms, p99 {:.1} ms, {} receipts, {} Z reports equal",
        report.rate,
        latency.p50_micros as f64 / 1000.0,
        latency.p99_micros as f64 / 1000.0,
        report.receipts,
        report.shifts_closed,
    )
}
