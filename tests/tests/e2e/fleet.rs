//! "Done when": ten thousand sales from one hundred registers with ten percent lost answers, counted by all who count.

use std::collections::BTreeMap;

use ofd_loadtest::random::Random;
use ofd_loadtest::{ClientError, Fault, Operation, Totals};
use ofd_tests::api::{Api, count, tiyn};
use ofd_tests::device::{Device, Heard, Way};
use ofd_tests::process::{Setup, within};
use serde_json::Value;
use tokio::task::JoinSet;

const REGISTERS: u32 = 100;

const SALES: usize = 100;

const LOST: f64 = 0.1;

/// What a register sold, by its own count, in the shift that was closed.
struct Day {
    id: u32,
    sold: i64,
    cash: i64,
    lost: usize,
    accepted: u64,
    closed: Totals,
}

async fn day(mut device: Device, mut random: Random) -> Day {
    device.info().await;
    device.deposit(20_000_00).await;
    let mut lost = 0;
    for _ in 0..SALES {
        let sale = device.register.draw_sale();
        let fault = match random.below(20) {
            0 => Fault::Discard,
            1 => Fault::Cut,
            _ => Fault::None,
        };
        let mut heard = device.send_with(sale, fault).await;
        while let Heard::Lost(error) = &heard {
            assert!(matches!(error, ClientError::Injected), "register {}: {error}", device.id());
            lost += 1;
            // Now and then the till takes it for an offline receipt from here on.
            device.register.lost();
            // The retry may get lost as well.
            let fault = if random.chance(LOST) { Fault::Discard } else { Fault::None };
            heard = device.exchange(fault).await;
        }
        heard.accepted();
    }
    let cash = device.totals().cash;
    let sold = *device.totals().non_nullable.of(Operation::Sell);
    let mut open = device.totals().clone();
    let state = device.register.state();
    let closing = ofd_loadtest::register::totals::Closing {
        date_time: ofd_loadtest::clock::now(),
        withdraw: false,
        mark: ofd_loadtest::register::totals::OfflineMark::Absent,
    };
    let closed = open.close(closing).unwrap();
    let accepted = state.accepted + 1;
    device.send(ofd_loadtest::Document::Close { withdraw: false }).await.accepted();
    device.expect_no_differences();
    Day { id: device.id(), sold, cash, lost, accepted, closed }
}

/// The shift as the API tells it, its documents and its Z, against the register's own count.
async fn expect_equal(api: Api, day: &Day) -> Vec<Value> {
    let id = day.id;
    let shifts = api.shifts(id).await;
    assert_eq!(shifts.len(), 1, "register {id}: {shifts:?}");
    let z = &shifts[0]["z"];
    let of = |list: &str, operation: &str| -> Value {
        let found = z[list].as_array().into_iter().flatten().find(|entry| entry["operation"] == operation);
        found.unwrap_or_else(|| panic!("no {operation} in {list} of {z}")).clone()
    };
    assert_eq!(tiyn(&of("non_nullable_sums", "SELL")["sum"]), day.sold, "register {id}");
    let tickets = of("ticket_operations", "SELL");
    assert_eq!(tickets["tickets_count"], SALES, "register {id}");
    assert_eq!(tiyn(&tickets["tickets_sum"]), day.sold, "register {id}");
    let lines = of("operations", "SELL");
    let own = day.closed.operations.of(Operation::Sell);
    assert_eq!((lines["count"].as_i64(), tiyn(&lines["sum"])), (Some(own.count), own.sum), "register {id}");
    assert_eq!(tiyn(&z["cash_sum"]), day.cash, "register {id}");
    assert_eq!(tiyn(&z["revenue"]["sum"]), day.closed.revenue, "register {id}");
    let documents = api.documents_of(id, 1).await;
    assert_eq!(u64::try_from(documents.len()).unwrap(), day.accepted, "register {id}");
    assert_eq!(shifts[0]["documents"].as_u64(), Some(day.accepted), "register {id}");
    let tickets: i64 =
        documents.iter().filter(|one| one["kind"] == "ticket").map(|one| tiyn(&one["total"])).sum();
    assert_eq!((count(&documents, "ticket"), tickets), (SALES, day.sold), "register {id}");
    let register = api.register(id).await;
    assert_eq!(tiyn(&register["non_nullable"]["sell"]), day.sold, "register {id}");
    assert_eq!((register["shift"]["open"].as_bool(), tiyn(&register["cash"])), (Some(false), day.cash));
    documents
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_sales_with_lost_answers_end_with_equal_documents_totals_and_z() {
    within(120, async {
        let setup = Setup::new(REGISTERS);
        let mut server = setup.start().await;
        let mut days = JoinSet::new();
        for (index, identity) in setup.fleet.registers().enumerate() {
            let way = [Way::Plain, Way::PlainPerRequest, Way::Tls, Way::Sim][index % 4];
            let device = Device::new(identity, [203, 204, 125][index % 3], way.endpoint(&setup));
            days.spawn(day(device, Random::new(u64::try_from(index).unwrap())));
        }
        let days = days.join_all().await;
        let lost: usize = days.iter().map(|day| day.lost).sum();
        assert!((700..2_000).contains(&lost), "{lost} answers were lost");
        let api = Api::of(&server);
        let mut listed: BTreeMap<u32, Vec<Value>> = BTreeMap::new();
        for day in &days {
            listed.insert(day.id, expect_equal(api, day).await);
        }
        server.stop().await;
        setup.verify().await;
        let mut exported: BTreeMap<u32, Vec<Value>> = BTreeMap::new();
        for mut document in setup.export().await {
            let line = document.as_object_mut().expect("a document is an object");
            assert_eq!(line.remove("shift"), Some(Value::from(1)));
            let register =
                line.remove("register").and_then(|id| id.as_u64()).expect("a line names its register");
            exported.entry(u32::try_from(register).unwrap()).or_default().push(document);
        }
        assert_eq!(exported, listed, "the export is what the API lists");
    })
    .await;
}
