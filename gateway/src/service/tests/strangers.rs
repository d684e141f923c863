//! Whose budget pays: what strangers spend is never a register's.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;

use bytes::BytesMut;
use ofd_loadtest::{Outcome, clock};
use ofd_protocol::wire::{Fields, Value};
use ofd_storage::registers::raise_profile_version;
use ofd_storage::store::Stamp;
use tokio_util::codec::Encoder;

use super::*;
use crate::budget::Allowance;
use crate::codec::{FrameCodec, Outgoing};
use crate::lane::quota;
use crate::testing::{self, answer_bytes, options};
use crate::world::SystemWorld;

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1));
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 66));

fn from(address: IpAddr) -> Origin {
    Origin { address, is_tls: false }
}

/// Some registers and one gateway with limits of its own.
struct Shop {
    service: Service<Counting, SystemWorld>,
    store: Arc<Counting>,
    registers: Vec<ofd_loadtest::Register>,
}

impl Shop {
    async fn open(registers: u32, limit: impl FnOnce(&mut ServiceOptions)) -> Self {
        let store = Arc::new(Counting::default());
        let registers = testing::create(&store, registers, &SystemWorld).await;
        let mut options = options();
        limit(&mut options);
        let service = Service::new(Arc::clone(&store), SystemWorld, TicketNumberKey([7; 32]), options);
        Self { service, store, registers }
    }

    fn sale(&mut self, index: usize) -> Bytes {
        let register = &mut self.registers[index];
        let sale = register.draw_sale();
        register.begin(sale, clock::now()).unwrap();
        Bytes::copy_from_slice(register.request(clock::now()).unwrap())
    }

    /// Sells, and takes whatever the answer is.
    async fn sell(&mut self, index: usize) -> Outcome {
        let frame = self.sale(index);
        let reply = self.service.handle(&frame, from(HOME)).await;
        assert_eq!(reply.standing, Standing::Register);
        let answer = answer_bytes(&reply);
        self.registers[index].take(&answer)
    }

    async fn expect_sale(&mut self, index: usize) {
        let outcome = self.sell(index).await;
        assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
    }

    /// A ping under a register's id with a token that it does not have.
    fn guess(&self, index: usize, guess: u32) -> Bytes {
        let state = self.registers[index].state();
        let token = state.token.0.wrapping_add(1 + guess) & 0x7FFF_FFFF;
        ping(self.registers[index].identity().id.0, token)
    }

    async fn heads(&self, act: impl Future<Output = ()>) -> u64 {
        let before = self.store.heads.load(Ordering::Relaxed);
        act.await;
        self.store.heads.load(Ordering::Relaxed) - before
    }
}

fn ping(id: u32, token: u32) -> Bytes {
    let header = Header { register: RegisterId(id), token: Token(token), ..EMPTY_HEADER };
    let mut frame = BytesMut::new();
    let payload = Bytes::from_static(&[8, 0]);
    FrameCodec.encode(&Outgoing { header, payload }, &mut frame).unwrap();
    frame.freeze()
}

/// The result code of an answer.
fn code(reply: &Reply) -> u32 {
    let inner_of = |message, number: u32| {
        let mut fields = Fields::new(message).map(Result::unwrap);
        fields.find(|field| field.number == number).expect("every answer has a result").value
    };
    let Value::Bytes(result) = inner_of(&reply.answer.payload, 2) else { panic!("{reply:?}") };
    let Value::Varint(code) = inner_of(result, 1) else { panic!("{reply:?}") };
    u32::try_from(code).unwrap()
}

#[tokio::test]
async fn what_strangers_send_under_its_id_takes_neither_requests_nor_places_of_a_register() {
    let tight = |options: &mut ServiceOptions| {
        options.lanes.requests = quota(NonZeroU32::MIN, NonZeroU32::new(5).unwrap());
        options.lanes.depth_max = 1;
    };
    let mut shop = Shop::open(1, tight).await;
    shop.expect_sale(0).await;
    for guess in 0..500 {
        let reply = shop.service.handle(&shop.guess(0, guess), from(ELSEWHERE)).await;
        assert_eq!((code(&reply), reply.standing), (2, Standing::Stranger));
    }
    for _ in 0..4 {
        shop.expect_sale(0).await;
    }
    // That there is such a limit at all is seen here.
    assert!(matches!(shop.sell(0).await, Outcome::Later(_)));
}

#[tokio::test]
async fn wrong_tokens_are_paid_by_their_address_over_all_registers() {
    let few = |options: &mut ServiceOptions| options.strangers.wrong_tokens = Allowance::per_second(0, 3);
    let mut shop = Shop::open(5, few).await;
    let mut codes = Vec::new();
    for index in 0..5 {
        let reply = shop.service.handle(&shop.guess(index, 9), from(ELSEWHERE)).await;
        assert_eq!(reply.standing, Standing::Stranger);
        codes.push(code(&reply));
    }
    assert_eq!(codes, [2, 2, 2, 254, 254]);
    let other = shop.service.handle(&shop.guess(0, 9), from(HOME)).await;
    assert_eq!(code(&other), 2, "another address has its own");
    // Registers of that address that are not known yet are none the worse for it.
    let id = shop.registers[4].identity().id.0;
    let token = shop.registers[4].state().token.0;
    let honest = shop.service.handle(&ping(id, token), from(ELSEWHERE)).await;
    assert_eq!((code(&honest), honest.standing), (0, Standing::Register));
    shop.expect_sale(4).await;
}

#[tokio::test]
async fn tokens_that_are_not_known_are_judged_within_the_budget_of_their_address() {
    let few = |options: &mut ServiceOptions| options.strangers.unknown_tokens = Allowance::per_second(0, 2);
    let mut shop = Shop::open(3, few).await;
    for index in 0..2 {
        shop.expect_sale(index).await;
    }
    let frame = shop.sale(2);
    let reply = shop.service.handle(&frame, from(HOME)).await;
    assert_eq!((code(&reply), reply.standing), (254, Standing::Stranger));
    shop.expect_sale(0).await;
    shop.expect_sale(1).await;
    let reply = shop.service.handle(&frame, from(ELSEWHERE)).await;
    assert_eq!(code(&reply), 0, "another address has its own");
}

#[tokio::test]
async fn a_wrong_token_costs_one_read_of_a_head_and_none_beyond_the_budget() {
    let few = |options: &mut ServiceOptions| options.strangers.unknown_tokens = Allowance::per_second(0, 4);
    let mut shop = Shop::open(1, few).await;
    shop.expect_sale(0).await;
    for (guess, reads) in [(0, 1), (1, 1), (2, 1), (3, 1), (4, 0), (5, 0)] {
        let frame = shop.guess(0, guess);
        let asked = async { drop(shop.service.handle(&frame, from(ELSEWHERE)).await) };
        assert_eq!(shop.heads(asked).await, reads, "guess {guess}");
    }
}

#[tokio::test]
async fn a_register_is_known_and_its_budgets_go_on_when_its_profile_is_read_anew() {
    let tight = |options: &mut ServiceOptions| {
        options.lanes.requests = quota(NonZeroU32::MIN, NonZeroU32::new(2).unwrap());
    };
    let mut shop = Shop::open(1, tight).await;
    shop.expect_sale(0).await;
    let id = RegisterId(shop.registers[0].identity().id.0);
    let lane = shop.service.lanes.find(id).unwrap();
    let before = lane.profile();
    raise_profile_version(&*shop.store, id, &|| Stamp(SystemWorld.bytes())).await.unwrap();
    shop.expect_sale(0).await;
    assert!(!Arc::ptr_eq(&before, &lane.profile()), "it was read anew");
    assert!(matches!(shop.sell(0).await, Outcome::Later(_)), "two at once, whatever was read meanwhile");
}

#[tokio::test]
async fn a_register_stores_so_much_in_an_hour_and_then_only_asks() {
    let mut shop = Shop::open(2, |options| options.lanes.stored = Allowance::per_hour(4_000)).await;
    let mut stored = 0;
    for _ in 0..50 {
        let frame = shop.sale(0);
        let reply = shop.service.handle(&frame, from(HOME)).await;
        let answer = answer_bytes(&reply);
        match shop.registers[0].take(&answer) {
            Outcome::Accepted(_) => stored += frame.len(),
            Outcome::Later(answer) => {
                assert_eq!((answer.code, reply.standing), (254, Standing::Register));
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!((2_000..=4_000).contains(&stored), "{stored} bytes");
    let token = shop.registers[0].state().token.0;
    let id = shop.registers[0].identity().id.0;
    let asked = shop.service.handle(&ping(id, token), from(HOME)).await;
    assert_eq!(code(&asked), 0, "what is not stored goes on");
    shop.expect_sale(1).await;
}

#[tokio::test]
async fn a_token_that_was_reset_elsewhere_is_wrong_here_at_the_cost_of_its_address() {
    let few = |options: &mut ServiceOptions| options.strangers.wrong_tokens = Allowance::per_second(0, 1);
    let mut shop = Shop::open(1, few).await;
    shop.expect_sale(0).await;
    shop.expect_sale(0).await;
    let (id, token) = (shop.registers[0].identity().id.0, shop.registers[0].state().token.0);
    let stale = ping(id, token);
    assert!(shop.service.known(&frame::whole(&stale).unwrap().header).is_some());
    // Another gateway serves the register twice: the token is neither the current nor the kept one any more.
    let other = Service::new(Arc::clone(&shop.store), SystemWorld, TicketNumberKey([7; 32]), options());
    for _ in 0..2 {
        let frame = shop.sale(0);
        let reply = other.handle(&frame, from(HOME)).await;
        let answer = answer_bytes(&reply);
        assert!(matches!(shop.registers[0].take(&answer), Outcome::Accepted(_)));
    }
    for expected in [2, 254] {
        let reply = shop.service.handle(&stale, from(HOME)).await;
        assert_eq!((code(&reply), reply.standing), (expected, Standing::Stranger));
    }
    shop.expect_sale(0).await;
}

#[tokio::test]
async fn a_long_frame_is_welcome_under_a_good_token_alone() {
    let mut shop = Shop::open(1, |_| {}).await;
    shop.expect_sale(0).await;
    let header = |frame: &Bytes| frame::whole(frame).unwrap().header;
    let wrong = header(&shop.guess(0, 3));
    let asked = async {
        match shop.service.welcome(&wrong, from(ELSEWHERE)).await {
            Welcome::TurnedAway(reply) => {
                assert_eq!((code(&reply), reply.closes, reply.standing), (2, true, Standing::Stranger));
                assert_eq!(reply.answer.payload[..2], [8, 0], "command 0");
            }
            Welcome::Register(_) => panic!("its token is wrong"),
        }
    };
    assert_eq!(shop.heads(asked).await, 1);
    let nobody = header(&ping(4_000_000, 7));
    let absent = shop.service.welcome(&nobody, from(ELSEWHERE)).await;
    assert!(matches!(absent, Welcome::TurnedAway(reply) if code(&reply) == 1 && reply.closes));
    shop.service.forget(wrong.register);
    let right = header(&ping(wrong.register.0, shop.registers[0].state().token.0));
    assert!(shop.service.known(&right).is_none(), "it was forgotten");
    assert!(matches!(shop.service.welcome(&right, from(HOME)).await, Welcome::Register(_)));
    assert!(shop.service.known(&right).is_some());
}

#[tokio::test]
async fn strangers_push_no_register_out_of_memory() {
    // One lane of each shard stays: ids of the fleet follow each other, so 65 of them meet in one shard once.
    let mut shop = Shop::open(130, |options| options.lanes.lanes_max = 128).await;
    for index in 0..64 {
        shop.expect_sale(index).await;
    }
    for index in 64..130 {
        shop.service.handle(&shop.guess(index, 1), from(ELSEWHERE)).await;
    }
    for index in 0..64 {
        let register = &shop.registers[index];
        let frame = ping(register.identity().id.0, register.state().token.0);
        let header = frame::whole(&frame).unwrap().header;
        assert!(shop.service.known(&header).is_some(), "register {index}");
    }
}

#[tokio::test]
async fn where_the_store_does_not_answer_nobody_is_called_a_stranger() {
    let key = LateKey::default();
    let store = Arc::new(crate::opening::OpeningStore::<MemoryStore>::default());
    let service = Service::over_opening(store, SystemWorld, key, options());
    let reply = service.handle(&ping(1, 7), from(HOME)).await;
    assert_eq!((code(&reply), reply.standing), (254, Standing::Unjudged));
}
