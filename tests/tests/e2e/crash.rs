//! kill -9 in the middle of a load: whatever was acknowledged is stored, once, as it came.

use std::time::Duration;

use ofd_loadtest::{Endpoint, Options, run};
use ofd_tests::process::{Setup, local, within};
use ofd_tests::settled::compare;
use ofd_tests::tap::Tap;

const KILLS: usize = 5;

const REGISTERS: u32 = 24;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_acknowledged_before_a_kill_is_stored_once() {
    within(100, async {
        let setup = Setup::new(REGISTERS);
        let mut server = setup.start().await;
        let tap = Tap::start(local(setup.ports.plain)).await.unwrap();
        let options = Options {
            connections: 24,
            duration: Duration::from_secs(9),
            lose_answers: 0.1,
            offline: 0.1,
            shift_length: Some(60),
            patience: Duration::from_secs(30),
            ..Options::new(Endpoint::plain(tap.address), setup.fleet_file())
        };
        let load = tokio::spawn(async move { run(options, |_| {}).await });
        for kill in 0..KILLS {
            tokio::time::sleep(Duration::from_millis(900 + 170 * u64::try_from(kill).unwrap())).await;
            server.kill().await;
            // The next one is killed too, in the middle of its recovery.
            let mut halfway = setup.spawn(setup.serve_command());
            tokio::time::sleep(Duration::from_millis(15 * (1 + u64::try_from(kill).unwrap()))).await;
            halfway.kill().await;
            server = setup.start().await;
        }
        let report = load.await.unwrap().unwrap();
        assert_eq!(report.dead, None, "{report}");
        assert!(report.differences.is_empty(), "{report}");
        assert_eq!(report.settled, usize::try_from(REGISTERS).unwrap(), "{report}");
        assert!(report.receipts > 500 && report.retries > report.lost_on_purpose, "{report}");
        server.stop().await;
        setup.verify().await;
        let exported = setup.export().await;
        compare(&setup, &exported, &tap.seen());
    })
    .await;
}
