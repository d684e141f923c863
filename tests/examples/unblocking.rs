//! How soon a stopped register sells after its organisation's bank told of the payment: from the beginning of the call to the first
//! accepted receipt, over real sockets of this machine.
//!
//! ```text
//! cargo run -p ofd-tests --example unblocking -- [registers]
//! ```
//!
//! Docs: docs/scale.md.

use std::time::Duration;

use ofd_loadtest::Fleet;
use ofd_tests::debtors::{pay_and_sell, stop_all};
use ofd_tests::device::Device;
use ofd_tests::process::{Setup, local};
use tokio::task::JoinSet;

/// What is promised of 99 in a hundred.
const WITHIN: Duration = Duration::from_secs(2);

/// So many organisations pay at once.
const AT_ONCE: usize = 8;

/// The bank calls from so many addresses: each may call 20 times a second.
const ADDRESSES: usize = 100;

#[tokio::main]
async fn main() {
    let registers: u32 = std::env::args().nth(1).map_or(1_000, |text| text.parse().expect("a number"));
    let setup = Setup::with_fleet(Fleet::generate(registers, 1, 1, 20_261_201));
    let (accounts, bank) = stop_all(&setup).await;
    let _server = setup.start().await;
    println!("{registers} registers are stopped on {}", local(setup.ports.plain));

    let mut work = Device::fleet(&setup, 203).into_iter().zip(accounts).enumerate();
    let (mut took, mut running) = (Vec::new(), JoinSet::new());
    loop {
        while running.len() < AT_ONCE {
            let Some((number, (mut device, account))) = work.next() else { break };
            let bank = bank.clone();
            running.spawn(async move {
                let sale = device.register.draw_sale();
                assert_eq!(device.send(sale).await.code(), Some(15), "it is stopped before");
                let from = u8::try_from(number % ADDRESSES).unwrap_or(0) + 1;
                pay_and_sell(&bank, &format!("n{number}"), account, &mut device, from).await
            });
        }
        let Some(done) = running.join_next().await else { break };
        took.push(done.expect("a debtor"));
    }
    took.sort_unstable();
    let of =
        |part: usize| took.get((took.len() * part / 1000).min(took.len() - 1)).copied().unwrap_or_default();
    println!(
        "from the call to the first receipt: {} measured, p50 {:?}, p99 {:?}, longest {:?}",
        took.len(),
        of(500),
        of(990),
        of(1000)
    );
    assert!(of(990) < WITHIN, "p99 is above {WITHIN:?}");
}
