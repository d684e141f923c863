//! What leads to an organisation is there before it, and the walk adds what stores of before lack.

use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use futures::executor::block_on;
use ofd_protocol::types::UnixMillis;

use super::*;
use crate::accounts::{self, Company, CompanyKind};
use crate::memory::MemoryStore;
use crate::model::{self, Organisation};
use crate::store::{Append, RecordKind, Stamp, Store, StoreError, Version};
use crate::titles::{Titled, missing_words};

const NOW: UnixMillis = UnixMillis(1_790_000_000_000);
const BIN: &str = "151140001234";

fn organisation(bin: &str, title: &str) -> Organisation {
    Organisation {
        bin: bin.into(),
        title: title.into(),
        address: String::new(),
        address_kz: None,
        okved: String::new(),
    }
}

fn company(bin: &str, title: &str) -> Company {
    Company::new(bin.into(), title.into(), CompanyKind::LegalEntity, NOW)
}

async fn entries(store: &impl Store) -> Vec<String> {
    let records = store.records(RecordKind::TitleWord, b"", None, 10_000).await.unwrap();
    records.into_iter().map(|record| String::from_utf8(record.key.to_vec()).unwrap()).collect()
}

/// A process that dies when it is about to write a record or a stream of an organisation, and a store that loses
/// answers.
#[derive(Default)]
struct Dying {
    inner: MemoryStore,
    dies: bool,
    /// So many answers to writes of entries are lost.
    lost: Mutex<usize>,
}

fn died() -> StoreError {
    StoreError::Unavailable { reason: "the process died".into() }
}

impl crate::through::Through for Dying {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    async fn append(&self, append: Append) -> Result<Version, StoreError> {
        if self.dies { Err(died()) } else { Store::append(&self.inner, append).await }
    }

    async fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> Result<Version, StoreError> {
        if self.dies && kind == RecordKind::Organisation {
            return Err(died());
        }
        let written = Store::put_record(&self.inner, kind, key, expected, bytes).await;
        let mut lost = self.lost.lock().unwrap();
        if kind == RecordKind::TitleWord && *lost > 0 {
            *lost -= 1;
            return Err(StoreError::Unknown { waited: Duration::from_secs(1) });
        }
        written
    }
}

#[test]
fn what_leads_to_an_organisation_is_there_before_it() {
    block_on(async {
        let store = Dying { dies: true, ..Dying::default() };
        assert!(model::create(&store, &organisation(BIN, "ТОО «Көктем»")).await.is_err());
        let led = [format!("{BIN}/{BIN}"), format!("коктем/{BIN}"), format!("тоо/{BIN}")];
        assert_eq!(entries(&store).await, led);
        assert_eq!(model::load::<Organisation>(&store, BIN.as_bytes()).await.unwrap(), None);
        let site = Dying { dies: true, ..Dying::default() };
        let created = accounts::create(&site, company(BIN, "ТОО «Көктем»"), Vec::new(), Stamp([1; 16])).await;
        assert!(created.is_err());
        assert_eq!(entries(&site).await, led);
        assert_eq!(site.head(Company::stream_of(BIN).unwrap()).await.unwrap(), None);
    });
}

#[test]
fn a_new_title_leads_to_its_organisation_before_it_is_written_and_the_old_one_still_does() {
    block_on(async {
        let mut store = Dying::default();
        model::create(&store, &organisation(BIN, "Старое")).await.unwrap();
        let before =
            accounts::create(&store, company(BIN, "Старое"), Vec::new(), Stamp([1; 16])).await.unwrap();
        let old = [format!("{BIN}/{BIN}"), format!("старое/{BIN}")];
        assert_eq!(entries(&store).await, old);
        store.dies = true;
        let renamed = model::replace(&store, Version::FIRST, &organisation(BIN, "Новое")).await;
        assert!(renamed.is_err());
        let renamed = company(BIN, "Новейшее");
        assert!(accounts::save(&store, &before, renamed, Vec::new(), Stamp([2; 16])).await.is_err());
        let [number, old] = old;
        assert_eq!(entries(&store).await, [number, format!("новейшее/{BIN}"), format!("новое/{BIN}"), old]);
    });
}

#[test]
fn an_entry_whose_answer_is_lost_is_written_all_the_same() {
    block_on(async {
        let store = Dying { lost: Mutex::new(2), ..Dying::default() };
        assert!(model::create(&store, &organisation(BIN, "ТОО")).await.unwrap());
        assert_eq!(entries(&store).await.len(), 2);
        let silent = Dying { lost: Mutex::new(usize::MAX), ..Dying::default() };
        let told = model::create(&silent, &organisation(BIN, "ТОО")).await;
        // What is lost is there: the second look finds it.
        assert!(told.unwrap());
    });
}

/// Organisations as a program of before wrote them: nothing leads to them.
async fn of_before(count: u64) -> MemoryStore {
    let (store, led) = (MemoryStore::new(), MemoryStore::new());
    for number in 1..=count {
        let bin = format!("{number:012}");
        model::create(&led, &organisation(&bin, &format!("ТОО «Магазин {number}»"))).await.unwrap();
        let company = company(&format!("{:012}", 1000 + number), &format!("ИП «Сайт {number}»"));
        accounts::create(&led, company, Vec::new(), Stamp([1; 16])).await.unwrap();
    }
    for record in led.records(RecordKind::Organisation, b"", None, 10_000).await.unwrap() {
        store.put_record(RecordKind::Organisation, &record.key, None, record.bytes).await.unwrap();
    }
    for stream in led.streams(crate::store::StreamKind::Company, None, 10_000).await.unwrap() {
        let head = led.head(stream).await.unwrap().unwrap().bytes;
        let append = Append {
            stream,
            expected: None,
            stamp: Stamp([1; 16]),
            head,
            rows: Vec::new(),
            notes: Vec::new(),
        };
        store.append(append).await.unwrap();
    }
    assert_eq!(entries(&store).await, [""; 0]);
    store
}

async fn walk(store: &impl Store, now: UnixMillis) -> usize {
    let mut added = 0;
    loop {
        match Walk::Titles.step(store, now).await.unwrap() {
            Step::More { added: of_step } => added += of_step,
            Step::Completed { added: of_step } => return added + of_step,
            Step::Wait(rest) => panic!("nothing is due for {rest:?}"),
        }
    }
}

#[test]
fn the_walk_leads_to_every_organisation_of_a_store_of_before() {
    block_on(async {
        let store = of_before(40).await;
        assert!(!Walk::Titles.is_complete(&store).await.unwrap());
        // The number and two words and a number: four for each.
        assert_eq!(walk(&store, NOW).await, 2 * 40 * 4);
        assert!(Walk::Titles.is_complete(&store).await.unwrap());
        for (bin, title) in [("000000000040", "ТОО «Магазин 40»"), ("000000001040", "ИП «Сайт 40»")]
        {
            assert_eq!(missing_words(&store, Titled { bin, title }).await.unwrap(), [""; 0]);
        }
    });
}

#[test]
fn a_walk_that_was_cut_off_anywhere_is_gone_on_with_from_there() {
    block_on(async {
        let whole = of_before(40).await;
        walk(&whole, NOW).await;
        let whole = entries(&whole).await;
        for cut in 0..10 {
            let store = of_before(40).await;
            let mut added = 0;
            for _ in 0..cut {
                match Walk::Titles.step(&store, NOW).await.unwrap() {
                    Step::More { added: of_step } => added += of_step,
                    Step::Completed { .. } | Step::Wait(_) => {}
                }
            }
            // Another process on the same store.
            let other = store.another_handle();
            if !Walk::Titles.is_complete(&other).await.unwrap() {
                added += walk(&other, NOW).await;
            }
            assert_eq!(entries(&other).await, whole, "cut after {cut} steps");
            assert_eq!(added, whole.len(), "nothing is added twice");
        }
    });
}

#[test]
fn after_a_day_what_a_program_of_before_wrote_meanwhile_is_added() {
    block_on(async {
        let store = of_before(1).await;
        walk(&store, NOW).await;
        assert!(
            matches!(Walk::Titles.step(&store, NOW).await.unwrap(), Step::Wait(rest) if rest == Duration::from_secs(86_400))
        );
        let json = serde_json::to_vec(&organisation(BIN, "Позже")).unwrap();
        store.put_record(RecordKind::Organisation, BIN.as_bytes(), None, json.into()).await.unwrap();
        let hour_later = UnixMillis(NOW.0 + 3_600_000);
        assert!(matches!(Walk::Titles.step(&store, hour_later).await.unwrap(), Step::Wait(_)));
        let titled = Titled { bin: BIN, title: "Позже" };
        assert_eq!(missing_words(&store, titled).await.unwrap(), [BIN, "позже"]);
        assert_eq!(walk(&store, UnixMillis(NOW.0 + 86_400_000)).await, 2);
        assert_eq!(missing_words(&store, titled).await.unwrap(), [""; 0]);
    });
}

#[test]
fn what_cannot_be_read_does_not_stop_the_walk() {
    block_on(async {
        let store = of_before(2).await;
        store
            .put_record(RecordKind::Organisation, b"000000000000", None, Bytes::from_static(b"{"))
            .await
            .unwrap();
        store.put_record(RecordKind::Store, b"title-walk", None, Bytes::from_static(b"?")).await.unwrap();
        assert_eq!(walk(&store, NOW).await, 2 * 2 * 4);
    });
}
