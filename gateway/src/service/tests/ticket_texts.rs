//! Texts that registers print on receipts: given while they hold, to whom they are for, by every gateway.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{self, Company, CompanyKind, OPERATOR, TicketText, TicketTextKind, load};
use ofd_storage::model::{self, RegisterRecord, TradePoint, TradePointId, register_key};
use ofd_storage::registers;
use ofd_storage::samples;
use ofd_storage::store::Stamp;

use super::*;
use crate::testing::Passing;
use crate::world::SystemWorld;

const TEXT: &str = "Спасибо за покупку!";

fn stamp() -> Stamp {
    Stamp(SystemWorld.bytes())
}

/// A text for all registers, of these days.
fn text(from: &str, to: &str) -> TicketText {
    TicketText { text: TEXT.to_owned(), from: from.to_owned(), to: to.to_owned(), ..samples::ticket_text() }
}

/// The operator's people save these texts; nobody reads them yet.
async fn save<S: Store>(store: &S, texts: Vec<TicketText>) {
    let stream = Company::stream_of(OPERATOR).unwrap();
    match load::<Company>(store, stream).await.unwrap() {
        Some(before) => {
            let after = Company { ticket_texts: texts, ..before.state.clone() };
            accounts::save(store, &before, after, Vec::new(), stamp()).await.unwrap();
        }
        None => {
            let kind = CompanyKind::Operator;
            let operator = Company::new(OPERATOR.into(), "ОФД".into(), kind, UnixMillis(1));
            let operator = Company { ticket_texts: texts, ..operator };
            accounts::create(store, operator, Vec::new(), stamp()).await.unwrap();
        }
    }
}

async fn read<S: Store, W: World>(shop: &Shop<S, W>) {
    for gateway in &shop.gateways {
        gateway.read_ticket_texts().await.unwrap();
    }
}

async fn gets<S: Store, W: World + Clone>(shop: &mut Shop<S, W>, index: usize) -> bool {
    let answer = shop.sell_and_read(index).await;
    answer.windows(TEXT.len()).any(|part| part == TEXT.as_bytes())
}

/// Midnight in Kazakhstan is five hours before that of UTC: the time of this world is 2026-11-20 12:00 there.
#[tokio::test(start_paused = true)]
async fn a_till_gets_a_text_from_its_first_midnight_to_its_last() {
    let world = Passing(tokio::time::Instant::now());
    let mut shop = Shop::open_in(Arc::new(MemoryStore::new()), 1, world).await;
    save(&*shop.store, vec![text("2026-11-21", "2026-11-22")]).await;
    read(&shop).await;
    assert!(!gets(&mut shop, 0).await, "the day before");
    let forward = async |shop: &mut Shop<MemoryStore, Passing>, hours: u64, minutes: u64| {
        tokio::time::advance(Duration::from_secs((hours * 60 + minutes) * 60)).await;
        gets(shop, 0).await
    };
    assert!(!forward(&mut shop, 11, 59).await, "23:59");
    assert!(forward(&mut shop, 0, 1).await, "00:00 of the first day");
    shop.close(0).await;
    assert!(forward(&mut shop, 24, 0).await, "the last day");
    shop.close(0).await;
    assert!(forward(&mut shop, 23, 59).await, "23:59 of the last day");
    assert!(!forward(&mut shop, 0, 1).await, "it is over, though nothing was read since");
    shop.expect_no_differences();
}

#[tokio::test]
async fn every_gateway_gives_a_text_once_it_has_read_it_and_takes_it_back_so() {
    let mut shop = Shop::open(Arc::new(MemoryStore::new()), 1).await;
    shop.add_gateway().await;
    save(&*shop.store, vec![text("2020-01-01", "2099-12-31")]).await;
    shop.gateways[1].read_ticket_texts().await.unwrap();
    for (gateway, expected) in [(0, false), (1, true)] {
        shop.go_to(gateway);
        assert_eq!(gets(&mut shop, 0).await, expected, "gateway {gateway}");
    }
    read(&shop).await;
    shop.go_to(0);
    assert!(gets(&mut shop, 0).await);
    save(&*shop.store, Vec::new()).await;
    read(&shop).await;
    for gateway in [0, 1] {
        shop.go_to(gateway);
        assert!(!gets(&mut shop, 0).await);
    }
}

#[tokio::test]
async fn a_text_is_for_the_registers_it_names() {
    let mut shop = Shop::open(Arc::new(MemoryStore::new()), 2).await;
    let key = register_key(shop.id(0));
    let (_, record) = model::load::<RegisterRecord>(&*shop.store, &key).await.unwrap().unwrap();
    let (point, id) = (record.trade_point.0.clone(), record.id.to_string());
    for (kind, whose, expected) in [
        (TicketTextKind::Org, record.bin.as_str(), [true, true]),
        (TicketTextKind::Org, "990940003176", [false, false]),
        (TicketTextKind::Pos, &point, [true, true]),
        (TicketTextKind::Kkm, &id, [true, false]),
    ] {
        let one = TicketText { kind, whose: whose.to_owned(), ..text("2020-01-01", "2099-12-31") };
        save(&*shop.store, vec![one]).await;
        read(&shop).await;
        assert_eq!([gets(&mut shop, 0).await, gets(&mut shop, 1).await], expected, "{kind:?} {whose}");
    }
}

#[tokio::test]
async fn a_register_that_moved_gets_the_text_of_the_shop_where_it_stands_and_of_its_organisation() {
    let mut shop = Shop::open(Arc::new(MemoryStore::new()), 2).await;
    let key = register_key(shop.id(0));
    let (version, record) = model::load::<RegisterRecord>(&*shop.store, &key).await.unwrap().unwrap();
    let (title, address) = ("Дүкен 2", "г. Алматы, пр. Абая, 1");
    let there = TradePointId::derive(&record.bin, title, address);
    model::create(&*shop.store, &TradePoint::at(there.clone(), &record.bin, title, address)).await.unwrap();
    let (bin, here) = (record.bin.clone(), record.trade_point.0.clone());
    let all = [
        (TicketTextKind::Org, bin.as_str(), [true, true], [true, true]),
        (TicketTextKind::Pos, here.as_str(), [true, true], [false, true]),
        (TicketTextKind::Pos, there.0.as_str(), [false, false], [true, false]),
    ];
    for is_moved in [false, true] {
        if is_moved {
            let moved = RegisterRecord { trade_point: there.clone(), ..record.clone() };
            model::replace(&*shop.store, version, &moved).await.unwrap();
            registers::raise_profile_version(&*shop.store, shop.id(0), &stamp).await.unwrap();
        }
        for (kind, whose, before, after) in all {
            let one = TicketText { kind, whose: whose.to_owned(), ..text("2020-01-01", "2099-12-31") };
            save(&*shop.store, vec![one]).await;
            read(&shop).await;
            let expected = if is_moved { after } else { before };
            assert_eq!(
                [gets(&mut shop, 0).await, gets(&mut shop, 1).await],
                expected,
                "{kind:?} {whose} {is_moved}"
            );
        }
    }
}
