//! A wrong clock of the server: registers wait, the operator is told, and what is right again is served again.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use ofd_gateway::clock::{ClockGuard, Clocks, Reading, SystemClocks};
use ofd_gateway::config::Config;
use ofd_gateway::server::{self, Running, StartOptions};
use ofd_protocol::types::UnixMillis;
use ofd_tests::device::Device;
use ofd_tests::http::get;
use ofd_tests::process::{Setup, eventually, local, within};

/// The clocks of this machine, of which somebody sets the wall clock.
#[derive(Clone, Default)]
struct Set(Arc<AtomicI64>);

impl Clocks for Set {
    fn read(&self) -> Reading {
        let reading = SystemClocks.read();
        let wall = reading.wall.0.saturating_add_signed(self.0.load(Ordering::Relaxed));
        Reading { wall: UnixMillis(wall), ..reading }
    }

    fn boot_id(&self) -> Option<String> {
        Some("this one".to_owned())
    }
}

const TEN_YEARS: i64 = 10 * 365 * 24 * 3_600_000;

async fn start(setup: &Setup, clock: &Set, accepts_clock: bool) -> Running {
    let config = Config::load(&setup.config(), None).unwrap();
    let options =
        StartOptions { accepts_clock, clock: ClockGuard::new(clock.clone()), ..StartOptions::default() };
    server::start(&config, options).await.unwrap()
}

/// What the receipt under way is answered; a connection that a restart ended is opened again.
async fn again(device: &mut Device) -> Option<u32> {
    for _ in 0..5 {
        let heard = device.retry().await;
        if heard.code().is_some() {
            return heard.code();
        }
    }
    None
}

async fn code_of_a_sale(device: &mut Device) -> Option<u32> {
    let sale = device.register.draw_sale();
    match device.send(sale).await.code() {
        None => again(device).await,
        code => code,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_clock_is_wrong_nothing_is_accepted_and_everybody_is_told() {
    within(90, async {
        let (setup, clock) = (Setup::new(1), Set::default());
        let running = start(&setup, &clock, false).await;
        let mut device = Device::first(&setup, 203);
        device.sell().await;
        clock.0.store(TEN_YEARS, Ordering::Relaxed);
        let metrics = local(setup.ports.metrics);
        assert_eq!(code_of_a_sale(&mut device).await, Some(254));
        let told = get(metrics, "/readyz").await.unwrap().expect(503).text();
        assert!(told.contains("set forward by 3650 days") && told.contains("--accept-clock"), "{told}");
        eventually("the metric tells", Duration::from_secs(15), || async {
            let page = get(metrics, "/metrics").await.unwrap().text();
            page.contains("ofd_gateway_clock_held 1") && page.contains("ofd_gateway_store_ready 0")
        })
        .await;
        clock.0.store(0, Ordering::Relaxed);
        get(metrics, "/readyz").await.unwrap().expect(200);
        assert_eq!(again(&mut device).await, Some(0), "the same receipt goes through");
        running.stop().await.unwrap();
        for document in setup.export().await {
            assert!(document["accepted_at"].as_str().unwrap() < "2036", "{document}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_does_not_end_it_but_accept_clock_does() {
    within(90, async {
        for set in [TEN_YEARS, -2 * 3_600_000] {
            let (setup, clock) = (Setup::new(1), Set::default());
            let running = start(&setup, &clock, false).await;
            let mut device = Device::first(&setup, 203);
            device.sell().await;
            running.stop().await.unwrap();
            clock.0.store(set, Ordering::Relaxed);
            let running = start(&setup, &clock, false).await;
            assert_eq!(code_of_a_sale(&mut device).await, Some(254));
            running.stop().await.unwrap();
            let running = start(&setup, &clock, true).await;
            assert_eq!(again(&mut device).await, Some(0));
            running.stop().await.unwrap();
            let running = start(&setup, &clock, false).await;
            assert_eq!(code_of_a_sale(&mut device).await, Some(0));
            running.stop().await.unwrap();
        }
    })
    .await;
}
