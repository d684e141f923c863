//! Devices that come to another gateway with every request, as behind a balancer.

use std::time::{Duration, Instant};

use ofd_loadtest::random::Random;
use ofd_loadtest::{
    Answer, Client, ClientError, Document, Fault, Identity, Operation, Placement, Receipt, ReportKind, clock,
};
use ofd_tests::cassandra;
use ofd_tests::device::{Device, Heard, Way};
use ofd_tests::process::{eventually, within};
use tokio::task::JoinSet;

use crate::gateways::Pair;

/// A device that sends every request, and every retry, to another gateway than the one before.
struct Roamer {
    device: Device,
    elsewhere: Client,
    random: Random,
    loses: f64,
    lost: usize,
}

impl Roamer {
    fn new(pair: &Pair, identity: &Identity, version: u16, way: Way, loses: f64) -> Self {
        let device = pair.device(identity, version, way, 0);
        let elsewhere = Client::new(way.endpoint(&pair.setups[1]));
        Self { device, elsewhere, random: Random::new(u64::from(identity.id.0)), loses, lost: 0 }
    }

    /// The device, on its way to the other gateway.
    fn there(&mut self) -> &mut Device {
        std::mem::swap(&mut self.device.client, &mut self.elsewhere);
        &mut self.device
    }

    fn fault(&mut self) -> Fault {
        match (self.random.chance(self.loses), self.random.chance(0.5)) {
            (false, _) => Fault::None,
            (true, false) => Fault::Discard,
            (true, true) => Fault::Cut,
        }
    }

    async fn send(&mut self, document: Document) -> Answer {
        self.device.register.begin(document, clock::now()).unwrap_or_else(|error| panic!("{error}"));
        self.exchange().await
    }

    /// Sends what is under way until an answer is heard, which must be a 0.
    async fn exchange(&mut self) -> Answer {
        loop {
            let fault = self.fault();
            match self.there().exchange(fault).await {
                Heard::Accepted(answer) => return answer,
                Heard::Lost(ClientError::Injected) => {
                    self.lost += 1;
                    // Now and then the till takes it for an offline receipt from here on.
                    self.device.register.lost();
                }
                other => panic!("register {}: {other:?}", self.device.id()),
            }
        }
    }

    async fn sell(&mut self) {
        let sale = self.device.register.draw_sale();
        self.send(sale).await;
    }

    /// A whole shift.
    async fn day(&mut self, version: u16) {
        self.send(Document::Info).await;
        self.send(Document::Placement { operation: Placement::Deposit, sum: 5_000_00 }).await;
        for _ in 0..7 {
            self.sell().await;
        }
        self.send(Document::Report(ReportKind::X)).await;
        for _ in 0..4 {
            let sale = self.device.register.draw_sale();
            self.device.make_offline(sale);
        }
        while self.device.register.drain().unwrap_or_else(|error| panic!("{error}")) {
            self.exchange().await;
        }
        if version < 204 {
            self.sell().await;
            self.send(Document::Cancel).await;
        }
        let bought = Receipt::new(Operation::Buy).item("Ет", "3", 1_500, 2_000_00);
        self.send(Document::Receipt(bought.pay_rest_in_cash(3_000_00))).await;
        self.send(Document::Placement { operation: Placement::Withdrawal, sum: 100_00 }).await;
        self.send(Document::Report(ReportKind::X)).await;
        self.send(Document::Close { withdraw: true }).await;
        for kind in [ReportKind::Z, ReportKind::X] {
            self.send(Document::Report(kind)).await;
        }
        self.send(Document::System).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_that_changes_gateways_with_every_request_hears_nothing_but_zeros() {
    const DAYS: usize = 3;
    let cluster = cassandra::shared().await;
    within(120, async {
        let tills = [
            (203, Way::Plain, 0.0),
            (204, Way::Tls, 0.0),
            (125, Way::PlainPerRequest, 0.2),
            (202, Way::Sim, 0.2),
            (203, Way::Plain, 0.4),
            (204, Way::TlsPerRequest, 0.2),
        ];
        let pair = Pair::start(&cluster, u32::try_from(tills.len()).unwrap()).await;
        let mut days = JoinSet::new();
        for (identity, (version, way, loses)) in pair.setups[0].fleet.registers().zip(tills) {
            let mut roamer = Roamer::new(&pair, &identity, version, way, loses);
            days.spawn(async move {
                for _ in 0..DAYS {
                    roamer.day(version).await;
                }
                roamer
            });
        }
        let roamers = days.join_all().await;
        let mut documents = 0;
        for mut roamer in roamers {
            // Every X and Z was compared with the device's own counters.
            roamer.device.expect_no_differences();
            let (id, known) = (roamer.device.id(), roamer.device.register.state().accepted);
            let one = pair.api(0).documents(id).await;
            assert_eq!(one, pair.api(1).documents(id).await);
            assert_eq!(u64::try_from(one.len()).unwrap(), known, "register {id}");
            assert_eq!(roamer.lost > 0, roamer.loses > 0.0, "register {id} lost {} answers", roamer.lost);
            documents += one.len();
        }
        println!("{documents} documents by turns at two gateways, {} conflicts", pair.conflicts().await);
        assert_eq!(pair.end().await.len(), documents);
    })
    .await;
}

/// How many statements both gateways sent to the cluster until now, and a few that they send by themselves. The numbers
/// are copied every few seconds: one that changes holds what was before.
async fn statements(pair: &Pair) -> f64 {
    const NAME: &str = "ofd_gateway_store_statements_total";
    let mut sum = 0.0;
    for setup in &pair.setups {
        let before = setup.metric(NAME).await;
        eventually("the number is copied", Duration::from_secs(20), async || {
            setup.metric(NAME).await != before
        })
        .await;
        sum += setup.metric(NAME).await.unwrap_or(0.0);
    }
    sum
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_that_changes_gateways_costs_no_more_after_many_shifts() {
    const SHIFTS: usize = 100;
    const SALES: u32 = 400;
    /// A look at the head and the write; to look for the newest shift would cost twelve more. Readers of the feed look in
    /// bursts, which what is taken off evens out but roughly.
    const STATEMENTS_MAX: f64 = 5.0;
    let cluster = cassandra::shared().await;
    within(120, async {
        let pair = Pair::start(&cluster, 1).await;
        let identity = pair.setups[0].fleet.registers().next().expect("a register");
        let mut roamer = Roamer::new(&pair, &identity, 203, Way::Plain, 0.0);
        for _ in 0..SHIFTS {
            roamer.device.close_shift().await;
        }
        // Each gateway learns where the register is.
        roamer.sell().await;
        roamer.sell().await;
        let (before, begun) = (statements(&pair).await, Instant::now());
        for _ in 0..SALES {
            roamer.sell().await;
        }
        let (sold, since) = (statements(&pair).await - before, begun.elapsed());
        // What gateways ask for by themselves in as long a time.
        let before = statements(&pair).await;
        tokio::time::sleep(since).await;
        let alone = statements(&pair).await - before;
        let each = (sold - alone) / f64::from(SALES);
        println!("{each:.1} statements for a receipt that comes to the other gateway, after {SHIFTS} shifts");
        assert!(each < STATEMENTS_MAX, "{each}");
        roamer.device.expect_no_differences();
        pair.end().await;
    })
    .await;
}
