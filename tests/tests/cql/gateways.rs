//! Two gateways over one keyspace: a device may come to either, and to both at once.

use std::time::{Duration, Instant};

use ofd_loadtest::{Document, Identity, Placement, Register, ReportKind, clock};
use ofd_protocol::types::Token;
use ofd_tests::api::{Api, count, token};
use ofd_tests::cassandra::{self, Cluster};
use ofd_tests::device::{Device, Heard, Way};
use ofd_tests::http::get;
use ofd_tests::process::{Server, Setup, local, within};
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// A change made anywhere is felt everywhere within this time.
const FELT_WITHIN: Duration = Duration::from_secs(2);

/// Two gateways with one fleet file over one keyspace.
pub(crate) struct Pair {
    pub(crate) setups: [Setup; 2],
    pub(crate) servers: [Server; 2],
}

impl Pair {
    /// Starts both at once over a keyspace that is new.
    pub(crate) async fn start(cluster: &Cluster, registers: u32) -> Self {
        let keyspace = cluster.keyspace_name();
        let setups = [1, 2].map(|_| Setup::new(registers).in_keyspace(cluster, &keyspace));
        setups[0].migrate().await;
        let (one, other) = tokio::join!(setups[0].start(), setups[1].start());
        Self { setups, servers: [one, other] }
    }

    pub(crate) fn api(&self, at: usize) -> Api {
        Api::of(&self.servers[at])
    }

    pub(crate) fn device(&self, identity: &Identity, version: u16, way: Way, at: usize) -> Device {
        Device::new(identity.clone(), version, way.endpoint(&self.setups[at]))
    }

    /// How often a gateway found that the other one had been faster.
    pub(crate) async fn conflicts(&self) -> f64 {
        let mut sum = 0.0;
        for setup in &self.setups {
            sum += setup.metric("ofd_gateway_conflicts_total").await.unwrap_or(0.0);
        }
        sum
    }

    /// Ends both; the store is whole. Gives all documents.
    pub(crate) async fn end(mut self) -> Vec<Value> {
        for server in &mut self.servers {
            server.stop().await;
        }
        self.setups[0].verify().await;
        self.setups[1].export().await
    }
}

async fn sell(device: &mut Device) -> Heard {
    let sale = device.register.draw_sale();
    device.send(sale).await
}

/// Sells while a change is made elsewhere. Whatever is asked after the change was answered is answered by `code`; how
/// long after that answer this was first heard, if it was not before.
async fn felt<T>(device: &mut Device, change: JoinHandle<(Instant, T)>, code: u32) -> (Duration, T) {
    let mut first = None;
    loop {
        let is_over = change.is_finished();
        let heard = sell(device).await;
        if heard.code() == Some(code) {
            first.get_or_insert_with(Instant::now);
        }
        if is_over {
            assert_eq!(heard.code(), Some(code), "{heard:?}");
            break;
        }
        assert!(matches!(heard.code(), Some(0 | 2 | 15 | 18 | 19)), "{heard:?}");
        // Refusals are quick: a thousand a second would meet the register's own limit.
        sleep(Duration::from_millis(2)).await;
    }
    let (answered, given) = change.await.expect("the change is made");
    (first.expect("it was heard").saturating_duration_since(answered), given)
}

/// Makes a change through a site, at the same time as other things.
fn begin(
    api: Api,
    id: u32,
    change: &'static str,
    reason: Option<&'static str>,
) -> JoinHandle<(Instant, Value)> {
    tokio::spawn(async move {
        let answer = api.change_busy(id, change, reason).await;
        (Instant::now(), answer)
    })
}

/// The longest and the median.
fn figures(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let (median, longest) = (times[times.len() / 2], times[times.len() - 1]);
    format!("median {:.1} ms, longest {:.1} ms", median.as_secs_f64() * 1e3, longest.as_secs_f64() * 1e3)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_made_at_one_gateway_is_felt_at_the_other_one_within_two_seconds() {
    const ROUNDS: usize = 8;
    let cluster = cassandra::shared().await;
    within(90, async {
        let pair = Pair::start(&cluster, 2).await;
        let identities: Vec<Identity> = pair.setups[0].fleet.registers().collect();
        let mut times = Vec::new();
        for (at, elsewhere) in [(0, 1), (1, 0)] {
            let api = pair.api(at);
            let mut device = pair.device(&identities[at], 204, Way::Plain, elsewhere);
            let id = device.id();
            device.info().await;
            device.deposit(1_000_00).await;
            for _ in 0..ROUNDS {
                for (change, reason, code) in [
                    ("block", Some("долг"), 15),
                    ("unblock", None, 0),
                    ("disconnect", None, 19),
                    ("connect", None, 0),
                ] {
                    let (time, _) = felt(&mut device, begin(api, id, change, reason), code).await;
                    times.push(time);
                }
                let (time, answer) = felt(&mut device, begin(api, id, "reset-token", None), 2).await;
                times.push(time);
                assert_eq!(device.heard[12..16], device.asked[12..16], "a refusal tells no token");
                device.register.reset_token(Token(token(&answer)));
                // Good at both.
                copy_of(&pair, &device, at).await;
                device.sell().await;
            }
            device.close_shift().await;
            device.expect_no_differences();
            let change = begin(api, id, "deregister", Some("снята с учёта"));
            times.push(felt(&mut device, change, 18).await.0);
        }
        assert!(times.iter().all(|time| *time < FELT_WITHIN), "{times:?}");
        println!("{} changes felt at the other gateway: {}", times.len(), figures(times));
        pair.end().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_till_that_never_pauses_is_changed_from_either_gateway_however_old_it_is() {
    const SHIFTS: usize = 60;
    let cluster = cassandra::shared().await;
    within(90, async {
        let pair = Pair::start(&cluster, 1).await;
        let mut device = Device::first(&pair.setups[0], 203);
        let id = device.id();
        // To find the newest of many shifts takes as long as many documents.
        for _ in 0..SHIFTS {
            device.close_shift().await;
        }
        let (mut times, mut sold) = (Vec::new(), 0);
        for at in [0, 1, 0, 1, 0, 1] {
            let since = Instant::now();
            let change = begin(pair.api(at), id, "block", Some("долг"));
            while !change.is_finished() {
                sold += usize::from(sell(&mut device).await.code() == Some(0));
            }
            let (answered, _) = change.await.expect("it is blocked");
            times.push(answered - since);
            pair.api(1 - at).change(id, "unblock", None).await;
        }
        println!("blocked while it sold {sold} times without a pause: {}", figures(times));
        device.close_shift().await;
        device.expect_no_differences();
        pair.end().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_command_is_answered_by_what_a_gateway_remembers_of_before_a_change() {
    let cluster = cassandra::shared().await;
    within(90, async {
        let pair = Pair::start(&cluster, 1).await;
        let identity = pair.setups[0].fleet.registers().next().expect("a register");
        let mut device = pair.device(&identity, 203, Way::Plain, 1);
        let id = device.id();
        device.info().await;
        for _ in 0..2 {
            let sale = device.register.draw_sale();
            for document in [
                Document::System,
                Document::Info,
                Document::Report(ReportKind::X),
                Document::Report(ReportKind::Z),
                Document::Nomenclature { barcode: None },
                sale,
                Document::Placement { operation: Placement::Deposit, sum: 1_000_00 },
                Document::Cancel,
                Document::Close { withdraw: false },
            ] {
                device.sell().await;
                pair.api(0).change(id, "block", Some("долг")).await;
                assert_eq!(device.send(document.clone()).await.code(), Some(15), "{document:?}");
                pair.api(0).change(id, "unblock", None).await;
                device.send(document).await.accepted();
            }
            // Also right after a shift was closed, when the next change begins a stream.
            pair.api(0).change(id, "block", Some("долг")).await;
            assert_eq!(sell(&mut device).await.code(), Some(15));
            pair.api(0).change(id, "unblock", None).await;
            device.ping().await;
        }
        device.expect_no_differences();
        pair.end().await;
    })
    .await;
}

/// Every kind of document that is stored, in the order of a shift.
const KINDS: [&str; 6] = ["placement", "ticket", "cancel", "offline ticket", "close", "close of nothing"];

/// The next document of a register as a frame, under way until its answer is taken.
fn frame_of(device: &mut Device, kind: &str) -> Vec<u8> {
    let sale = device.register.draw_sale();
    let document = match kind {
        "placement" => Document::Placement { operation: Placement::Deposit, sum: 1_000_00 },
        "cancel" => Document::Cancel,
        "close" => Document::Close { withdraw: true },
        "close of nothing" => Document::Close { withdraw: false },
        _ => sale,
    };
    if kind == "offline ticket" {
        device.make_offline(document);
        assert_eq!(device.register.drain(), Ok(true));
    } else {
        device.register.begin(document, clock::now()).unwrap_or_else(|error| panic!("{error}"));
    }
    device.register.request(clock::now()).expect("something is under way").to_vec()
}

/// Sends a frame to both gateways at once, or to the second a little later. Gives how long both answers took, and how
/// many of them asked to come later.
async fn race(rivals: &mut [Device; 2], frame: &[u8], later: Duration) -> (Duration, usize) {
    let [first, second] = rivals;
    let since = Instant::now();
    let (one, other) = tokio::join!(first.ask(frame), async {
        if !later.is_zero() {
            sleep(later).await;
        }
        second.ask(frame).await
    });
    let took = since.elapsed();
    let mut told_later = 0;
    for (rival, read) in rivals.iter_mut().zip([one, other]) {
        let mut code = read.expect("an answer").code();
        told_later += usize::from(code == 254);
        for _ in 0..20 {
            if code != 254 {
                break;
            }
            sleep(Duration::from_millis(50)).await;
            code = rival.ask(frame).await.expect("an answer").code();
        }
        assert_eq!(code, 0);
    }
    (took, told_later)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_to_both_gateways_at_once_is_stored_once_and_answered_alike() {
    const ROUNDS: usize = 40;
    let cluster = cassandra::shared().await;
    within(120, async {
        let pair = Pair::start(&cluster, 1).await;
        let identity = pair.setups[0].fleet.registers().next().expect("a register");
        let mut device = pair.device(&identity, 203, Way::Plain, 0);
        device.info().await;
        let mut rivals = [0, 1].map(|at| pair.device(&identity, 203, Way::Plain, at));
        let (mut times, mut told_later) = (Vec::new(), 0);
        for round in 0..ROUNDS {
            // Half of the time both at once, else one of them while the other's write is under way.
            let later = Duration::from_millis(u64::try_from(round.saturating_sub(ROUNDS / 2) % 5).unwrap());
            for kind in KINDS {
                let ping = device.ping_frame();
                for rival in &mut rivals {
                    // Its connection is open before the race begins.
                    rival.ask(&ping).await.expect("an answer");
                }
                let frame = frame_of(&mut device, kind);
                let (took, more) = race(&mut rivals, &frame, later).await;
                times.push(took);
                told_later += more;
                let [one, other] = &rivals;
                assert_eq!(one.heard, other.heard, "round {round}: {kind}");
                let heard = one.heard.clone();
                for rival in &mut rivals {
                    rival.ask(&frame).await.expect("an answer");
                    assert_eq!(rival.heard, heard, "round {round}: {kind} once more");
                }
                device.register.take(&heard);
                device.expect_no_differences();
                rivals.reverse();
            }
        }
        let answers = 2 * times.len();
        let conflicts = pair.conflicts().await;
        println!(
            "{answers} answers to simultaneous requests, {told_later} of them 254, {conflicts} conflicts; both had \
             theirs after: {}",
            figures(times)
        );
        assert!(conflicts > 0.0, "the gateways never met");
        let [one, other] = [pair.api(0).documents(device.id()).await, pair.api(1).documents(device.id()).await];
        assert_eq!(one, other);
        assert_eq!(one.len(), ROUNDS * KINDS.len());
        assert_eq!(count(&one, "ticket"), ROUNDS * 2);
        assert_eq!(pair.end().await.len(), one.len());
    })
    .await;
}

/// What two tills with one memory send at once.
fn two_documents(one: &mut Register, other: &mut Register, round: usize) -> [Document; 2] {
    let (sale, _) = (one.draw_sale(), other.draw_sale());
    let another = other.draw_sale();
    let deposit = |sum| Document::Placement { operation: Placement::Deposit, sum };
    match round % 5 {
        0 | 1 => [sale, another],
        2 => [sale, deposit(700_00)],
        3 => [deposit(500_00), deposit(600_00)],
        _ => [Document::Close { withdraw: false }, another],
    }
}

/// A copy of a device, its memory included, at a gateway where its token is good.
async fn copy_of(pair: &Pair, device: &Device, at: usize) -> Device {
    let (identity, version) = (device.register.identity().clone(), device.register.state().version);
    let mut copy = pair.device(&identity, version, Way::Plain, at);
    copy.register = Register::with_state(identity, device.register.state().clone());
    let ping = copy.ping_frame();
    assert_eq!(copy.ask(&ping).await.expect("an answer").code(), 0);
    copy
}

/// Sends a document, again where the gateway asks for that.
async fn send_until_settled(device: &mut Device, document: Document) -> Heard {
    let mut heard = device.send(document).await;
    while matches!(heard, Heard::Later(_)) {
        sleep(Duration::from_millis(50)).await;
        heard = device.retry().await;
    }
    heard
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_documents_with_one_token_and_number_at_two_gateways_one_is_accepted() {
    const ROUNDS: usize = 30;
    let cluster = cassandra::shared().await;
    within(90, async {
        let pair = Pair::start(&cluster, 1).await;
        let identity = pair.setups[0].fleet.registers().next().expect("a register");
        let mut device = pair.device(&identity, 203, Way::Plain, 0);
        device.info().await;
        let mut accepted_at = [0, 0];
        for round in 0..ROUNDS {
            let (mut one, mut other) = (copy_of(&pair, &device, 0).await, copy_of(&pair, &device, 1).await);
            let [first, second] = two_documents(&mut one.register, &mut other.register, round);
            let (one_heard, other_heard) =
                tokio::join!(send_until_settled(&mut one, first), send_until_settled(&mut other, second));
            let (at, winner) = match (one_heard.code(), other_heard.code()) {
                (Some(0), Some(9)) => (0, one),
                (Some(9), Some(0)) => (1, other),
                _ => panic!("round {round}: {one_heard:?}\n{other_heard:?}"),
            };
            accepted_at[at] += 1;
            device = winner;
            device.expect_no_differences();
        }
        // Its counters hold what was accepted and nothing else.
        device.report(ReportKind::X).await;
        device.close_shift().await;
        device.expect_no_differences();
        println!("accepted at either gateway: {accepted_at:?}, {} conflicts", pair.conflicts().await);
        assert_eq!(pair.end().await.len(), ROUNDS + 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_tills_with_one_token_the_later_one_goes_on_and_the_other_learns_it() {
    const TILLS: u32 = 12;
    let cluster = cassandra::shared().await;
    within(90, async {
        let pair = Pair::start(&cluster, TILLS).await;
        for mut device in Device::fleet(&pair.setups[0], 203) {
            device.sell().await;
            let (mut one, mut other) = (copy_of(&pair, &device, 0).await, copy_of(&pair, &device, 1).await);
            // Another document under another REQNUM and a token that is still good is a document (WIRE 13.3).
            other.register.begin(Document::System, clock::now()).expect("it is idle");
            other.register.resume();
            let [first, second] = two_documents(&mut one.register, &mut other.register, 0);
            let (one_heard, other_heard) =
                tokio::join!(send_until_settled(&mut one, first), send_until_settled(&mut other, second));
            one_heard.accepted();
            other_heard.accepted();
            assert_ne!(one.token(), other.token());
            // The earlier one's new token was never the register's kept one: it was replaced before it was used.
            let mut codes = [sell(&mut one).await.code(), sell(&mut other).await.code()];
            codes.sort_unstable();
            assert_eq!(codes, [Some(0), Some(2)]);
            assert_eq!(count(&pair.api(0).documents(device.id()).await, "ticket"), 4);
        }
        assert_eq!(pair.end().await.len(), 4 * TILLS as usize);
    })
    .await;
}

/// What a server's log says that it created: organisations, trade points, registers.
fn created(server: &Server) -> [usize; 3] {
    let log = server.log();
    assert!(!log.contains("kept as it is"), "{log}");
    let Some((_, told)) = log.split_once(" created ") else { return [0; 3] };
    let mut numbers = told.split_whitespace().filter_map(|word| word.parse().ok());
    [(); 3].map(|()| numbers.next().unwrap_or_else(|| panic!("three numbers: {log}")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_gateways_that_start_for_the_first_time_at_once_create_everything_once() {
    const REGISTERS: u32 = 60;
    let cluster = cassandra::shared().await;
    within(120, async {
        let mut pair = Pair::start(&cluster, REGISTERS).await;
        let [one, other] = [created(&pair.servers[0]), created(&pair.servers[1])];
        let organisations = &pair.setups[0].fleet.organisations;
        let points = organisations.iter().map(|one| one.trade_points.len()).sum();
        let expected = [organisations.len(), points, REGISTERS as usize];
        let sums = [0, 1, 2].map(|at| one[at] + other[at]);
        assert_eq!(sums, expected, "{one:?} and {other:?}");
        println!("created by the first {one:?}, by the second {other:?}");

        // One key of ticket numbers: what one made the other one finds.
        let fleets = pair.setups.each_ref().map(|setup| Device::fleet(setup, 203));
        for (at, fleet) in fleets.into_iter().enumerate() {
            for mut device in fleet.into_iter().skip(at * 10).take(10) {
                let qr = device.sell().await.ticket.expect("a receipt has a number").qr;
                device.expect_no_differences();
                let (_, query) = qr.split_once('?').expect("a QR text has a query");
                for setup in &pair.setups {
                    let page = get(local(setup.ports.site), &format!("/?{query}")).await.expect("a page");
                    page.expect(200);
                }
            }
        }
        for (setup, server) in pair.setups.iter().zip(&mut pair.servers) {
            server.stop().await;
            *server = setup.start().await;
            assert_eq!(created(server), [0; 3], "everything is there");
        }
        assert_eq!(pair.end().await.len(), 20);
    })
    .await;
}
