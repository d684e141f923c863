//! The operator's queues: who waits longest comes first, whatever the number of the organisation.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{Delivery, Visit, load, save_beside};
use ofd_storage::samples;
use ofd_storage::store::{Note, NoteKind, Store as _};

use super::super::support::people::House;
use super::*;

const EARLY: &str = "990940003176";
const LATE: &str = "151140001234";

/// The groups of notes about registrations that wait for the tax authority, and for a visit.
const AUTHORITY: u8 = 3;
const VISIT: u8 = 4;

/// Keeps a registration that waits since a moment.
async fn waits(house: &House, registration: Registration, groups: &[u8], since: UnixMillis) {
    let (store, stream) = (&*house.store, Company::stream_of(&registration.bin).unwrap());
    let before = load::<Company>(store, stream).await.unwrap().unwrap();
    let stamp = house.site.office.stamp();
    let rows = vec![registration.row().unwrap()];
    save_beside(store, &before, before.state.clone(), (Vec::new(), rows), stamp).await.unwrap();
    for group in groups {
        let key = [&[*group][..], registration.bin.as_bytes(), &registration.id.0.to_be_bytes()].concat();
        let (kind, bytes) = (NoteKind::RegistrationWaiting, bytes::Bytes::new());
        let (at_ms, expires_ms) = (since.0, since.0 + 1_000_000_000_000);
        store.note(Note { kind, key: key.into(), bytes, at_ms, expires_ms }).await.unwrap();
    }
}

fn registration(
    bin: &str,
    id: u32,
    order: RegistrationOrder,
    (date, since): (&str, UnixMillis),
) -> Registration {
    let text = String::new;
    let (person, phone, comment) = (text(), text(), text());
    let visit = Visit {
        date: date.into(),
        time: "09:30".into(),
        person,
        phone,
        comment,
        asked_at: since,
        done: None,
    };
    Registration {
        state: RegistrationState::InProcess { order, delivery: Delivery::Waiting },
        since,
        visit: Some(visit),
        ..samples::registration(RegisterId(id), bin)
    }
}

async fn house() -> (House, Browser) {
    let house = House::open();
    let person = house.person("ӘКІМШІ").await;
    house.company(LATE, "ТОО «Көктем»", &[(person, &[Role::Administrator])]).await;
    house.company(EARLY, "ТОО «Басқа»", &[(person, &[Role::Administrator])]).await;
    let support = house.person("ҚОЛДАУШЫ").await;
    house.company(OPERATOR, "ОФД", &[(support, &[Role::Support])]).await;
    let browser = house.sign_in(support).await;
    (house, browser)
}

/// The ids on a page of a queue, in their order.
fn ids(page: &str, queue: &str) -> Vec<u32> {
    let to = format!("href=\"{queue}/");
    let links = page.split(to.as_str()).skip(1);
    links.filter_map(|rest| rest.split('"').next()?.split('/').nth(1)?.parse().ok()).collect()
}

#[tokio::test]
async fn who_waits_longest_comes_first_and_both_queues_are_narrowed() {
    let (house, mut browser) = house().await;
    let now = house.now();
    let ago = |minutes: u64| UnixMillis(now.0 - minutes * 60_000);
    for (bin, id, order, date, since) in [
        (LATE, 1, RegistrationOrder::Register, "2026-01-23", ago(5)),
        (EARLY, 2, RegistrationOrder::Change, "2026-01-24", ago(90)),
        (LATE, 3, RegistrationOrder::Deregister, "2026-01-25", ago(30)),
    ] {
        waits(&house, registration(bin, id, order, (date, since)), &[AUTHORITY, VISIT], since).await;
    }
    let (authority, visits) = ("/operator/registrations", "/operator/visits");
    for (queue, narrowed, expected) in [
        (authority, "", &[2, 3, 1][..]),
        (visits, "", &[2, 3, 1]),
        (authority, "?q=1511", &[3, 1]),
        (authority, "?q=%D0%B1%D0%B0%D1%81%D2%9B%D0%B0", &[2]),
        (authority, "?q=000", &[]),
        (authority, "?order=deregister", &[3]),
        (authority, "?order=register&q=9909", &[]),
        (visits, "?from=24.01.2026", &[2, 3]),
        (visits, "?from=24.01.2026&to=24.01.2026", &[2]),
        (visits, "?to=23.01.2026&q=1511", &[1]),
    ] {
        let page = browser.go(&format!("{queue}{narrowed}")).await.text;
        assert_eq!(ids(&page, queue), expected, "{queue}{narrowed}: {page}");
        let file = browser.go(&format!("{queue}.csv{narrowed}")).await.text;
        assert_eq!(file.lines().count(), expected.len() + 1, "{queue}{narrowed}: {file}");
    }
    let answer = browser.open(&format!("{visits}?from=x")).await;
    assert!(answer.status == 422 && answer.text.contains("value=\"x\""), "{}", answer.text);
    assert_eq!(browser.open(&format!("{visits}?after=x-y")).await.status, 200);
}

#[tokio::test]
async fn a_long_queue_goes_on_from_page_to_page_and_what_is_noted_anew_keeps_its_place() {
    let (house, _) = house().await;
    let now = house.now();
    for id in 1..=60_u32 {
        let since = UnixMillis(now.0 - u64::from(id) * 60_000);
        let bin = if id % 2 == 0 { LATE } else { EARLY };
        let order = RegistrationOrder::Register;
        waits(&house, registration(bin, id, order, ("2026-01-23", since)), &[AUTHORITY], since).await;
    }
    let queue = "/operator/registrations";
    // After more than a month they were noted anew.
    house.wait(31 * 24 * 60 * 60);
    go_on(&house.site.office).await.unwrap();
    let support = house.company_of(OPERATOR).await.members[0].account;
    let mut browser = house.sign_in(support).await;
    let page = browser.go(&format!("{queue}?q=too")).await.text;
    assert!(ids(&page, queue).is_empty(), "no title has it: {page}");
    let first = browser.go(queue).await.text;
    assert_eq!(ids(&first, queue), (11..=60).rev().collect::<Vec<u32>>());
    let next =
        first.split("href=\"").find(|part| part.contains("after=")).unwrap().split('"').next().unwrap();
    let second = browser.go(next).await.text;
    assert_eq!(ids(&second, queue), (1..=10).rev().collect::<Vec<u32>>());
    assert_eq!(browser.go(&format!("{queue}.csv")).await.text.lines().count(), 61);
}
