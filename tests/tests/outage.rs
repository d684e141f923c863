//! Two gateways over three nodes of a real cluster that fail in every way, under load: nothing acknowledged is lost,
//! nothing is stored twice, service goes on with two of three nodes, and comes back by itself when there were fewer.
//!
//! The figures it prints are those of docs/scale.md.

use std::time::{Duration, Instant};

use ofd_loadtest::client::Keep;
use ofd_loadtest::{Endpoint, Options, Pace};
use ofd_tests::cassandra::{self, Cluster};
use ofd_tests::process::{Server, Setup, local, within};
use ofd_tests::settled::compare;
use ofd_tests::tap::Tap;
use tokio::time::sleep;

const REGISTERS: u32 = 16;

/// While a fault lasts, and before and after it, registers sell for so long.
const CALM: Duration = Duration::from_secs(3);

/// A node that is away is away for so long: longer than a device waits, longer than a connection is given up.
const AWAY: Duration = Duration::from_secs(7);

/// Registers rest for so long between documents: a machine with two cores must have some left for nodes that start, and
/// the longer they take the more there would be to verify.
const REST: Duration = Duration::from_millis(250);

/// With two of three nodes some receipt is accepted within this time: a device has its answer in 5 s, a machine with two
/// cores that starts a third node beside them gets twice as long.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// A device that has no answer by then goes offline.
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// Two gateways over one keyspace, and what registers see of them.
struct House {
    cluster: Cluster,
    setups: [Setup; 2],
    gateways: [Server; 2],
    tap: Tap,
    figures: Vec<String>,
}

impl House {
    async fn build() -> Self {
        let cluster = Cluster::three(cassandra::Options::default()).await;
        let keyspace = cluster.keyspace_name();
        let setups = [1, 2].map(|_| Setup::new(REGISTERS).in_keyspace(&cluster, &keyspace));
        setups[0].migrate().await;
        let gateways = [setups[0].start().await, setups[1].start().await];
        let addresses = setups.iter().map(|setup| local(setup.ports.plain)).collect();
        let tap = Tap::start_over(addresses).await.expect("a relay");
        let head =
            "| what happens | seconds | receipts | longest without one | slowest answer | 254 | retries |";
        let figures = vec![head.to_owned(), "|---|---|---|---|---|---|---|".to_owned()];
        Self { cluster, setups, gateways, tap, figures }
    }

    /// Registers sell, and lose every tenth answer, while something happens; then they come to rest. Gives the longest
    /// time in which no receipt was accepted.
    async fn while_selling(&mut self, what: &str, happens: impl AsyncFnOnce(&mut Self)) -> Duration {
        let options = Options {
            connections: REGISTERS as usize,
            // The load is stopped when it is over, and by itself if it never is.
            duration: Duration::from_secs(600),
            pace: Pace::Resting(REST),
            lose_answers: 0.1,
            offline: 0.05,
            shift_length: Some(40),
            patience: Duration::from_secs(60),
            ..Options::new(
                Endpoint { keep: Keep::PerRequest, ..Endpoint::plain(self.tap.address) },
                self.setups[0].fleet_file(),
            )
        };
        let refused_before = self.count(254);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        self.tap.seen().begin_silence();
        let load = tokio::spawn(ofd_loadtest::run::run_until(options, |_| {}, async {
            // A dropped sender is a test that failed.
            let _ = stopped.await;
        }));
        let begun = Instant::now();
        sleep(CALM).await;
        happens(self).await;
        sleep(CALM).await;
        let seconds = begun.elapsed().as_secs_f64();
        let silence = self.tap.seen().take_longest_silence();
        stop.send(()).expect("the load runs");
        let report = load.await.expect("the load does not panic").expect("the load begins");
        assert_eq!(report.dead, None, "{what}: {report}");
        assert!(report.differences.is_empty(), "{what}: {report}");
        assert_eq!(report.settled, REGISTERS as usize, "{what}: {report}");
        // A copy that is read late, when its device has long had the answer, is answered 2 to nobody.
        let others: Vec<_> = report.codes.keys().filter(|code| ![0, 254].contains(*code)).collect();
        assert!(others.is_empty(), "{what}: devices saw other codes than 0 and 254: {report}");
        let slowest = Duration::from_micros(report.latency.max_micros);
        assert!(slowest < ANSWER_MAX, "{what}: {report}");
        let unavailable = self.count(254) - refused_before;
        self.figures.push(format!(
            "| {what} | {seconds:.0} | {} | {:.1} s | {:.1} s | {unavailable} | {} |",
            report.receipts,
            silence.as_secs_f64(),
            slowest.as_secs_f64(),
            report.retries,
        ));
        println!("{}", self.figures[self.figures.len() - 1]);
        silence
    }

    fn count(&self, code: u32) -> u64 {
        self.tap.seen().codes.get(&code).copied().unwrap_or(0)
    }

    /// Everything that was acknowledged is stored, once, as it came, and the chain of every register holds.
    async fn expect_whole(&mut self) {
        let begun = Instant::now();
        let verified = self.setups[1].verify().await;
        let took = begun.elapsed().as_secs_f64();
        let exported = self.setups[0].export().await;
        let seen = self.tap.seen();
        compare(&self.setups[0], &exported, &seen);
        self.figures.push(format!(
            "\n{} receipts acknowledged, {} found; {} in {took:.0} s",
            seen.receipts.len(),
            exported.iter().filter(|document| document["ticket_number"].is_string()).count(),
            verified.text.trim(),
        ));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_whatever_fails() {
    within(900, async {
        let mut house = House::build().await;
        let calm = house.while_selling("nothing", async |_| sleep(AWAY).await).await;
        assert!(calm < Duration::from_secs(4), "{calm:?}");

        let killed = house
            .while_selling("a node is killed with kill -9 and comes back", async |house| {
                house.cluster.kill(1).await;
                sleep(AWAY).await;
                house.cluster.start(1).await;
            })
            .await;
        assert!(killed < SILENCE_MAX, "{killed:?}");

        let paused = house
            .while_selling("a node stands still (SIGSTOP) and goes on", async |house| {
                house.cluster.pause(2).await;
                sleep(AWAY).await;
                house.cluster.resume(2);
            })
            .await;
        assert!(paused < SILENCE_MAX, "{paused:?}");

        let cut = house
            .while_selling("a node is cut off from all and comes back", async |house| {
                house.cluster.cut(0).await;
                sleep(AWAY).await;
                house.cluster.join(0).await;
            })
            .await;
        assert!(cut < SILENCE_MAX, "{cut:?}");

        let rolling = house
            .while_selling("every node is restarted in turn", async |house| {
                for node in 0..3 {
                    house.cluster.stop(node).await;
                    house.cluster.start(node).await;
                }
            })
            .await;
        assert!(rolling < SILENCE_MAX, "{rolling:?}");

        let gateway = house
            .while_selling("a gateway is killed with kill -9 and comes back", async |house| {
                house.gateways[0].kill().await;
                sleep(CALM).await;
                house.gateways[0] = house.setups[0].start().await;
            })
            .await;
        assert!(gateway < SILENCE_MAX, "{gateway:?}");

        let refused = house.count(254);
        let quorum = house
            .while_selling("two nodes stand still and go on", async |house| {
                house.cluster.pause(1).await;
                house.cluster.pause(2).await;
                sleep(AWAY).await;
                house.cluster.resume(1);
                house.cluster.resume(2);
                sleep(AWAY).await;
            })
            .await;
        // Without a quorum nothing may be accepted, and whoever asks is told so.
        assert!(quorum > AWAY / 2, "{quorum:?}");
        assert!(quorum < AWAY + SILENCE_MAX, "it comes back by itself: {quorum:?}");
        assert!(house.count(254) > refused, "registers are told to come later");

        house.expect_whole().await;
        println!("{}", house.figures.join("\n"));
        for gateway in &mut house.gateways {
            gateway.stop().await;
        }
    })
    .await;
}
