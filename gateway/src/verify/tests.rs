mod everything;
mod flips;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use ofd_loadtest::{Document, Outcome, clock};
use ofd_protocol::refusal::MalformedReceipt;
use ofd_protocol::register::Policy;
use ofd_storage::memory::MemoryStore;
use ofd_storage::model;
use ofd_storage::registers::{self, Loaded, stream};
use ofd_storage::store::{Append, Stamp};
use tokio_util::codec::Encoder;

use super::shifts::{Carried, Trouble, documents, follow};
use super::*;
use crate::bootstrap;
use crate::budget::StrangerLimits;
use crate::codec::FrameCodec;
use crate::config::Operator;
use crate::fleet::Fleet;
use crate::lane::LaneLimits;
use crate::service::{Origin, Service, ServiceOptions, SystemWorld};

/// A register that sells over a store.
struct Till {
    store: Arc<MemoryStore>,
    service: Service<MemoryStore, SystemWorld>,
    register: ofd_loadtest::Register,
    id: RegisterId,
}

impl Till {
    async fn open() -> Self {
        let (store, folder) = (Arc::new(MemoryStore::new()), tempfile::tempdir().unwrap());
        let (file, fleet) = (folder.path().join("fleet.json"), ofd_loadtest::Fleet::of_size(1, 7));
        fleet.write(&file).unwrap();
        bootstrap::run(&store, &Fleet::load(&file).unwrap(), &SystemWorld).await.unwrap();
        let options = ServiceOptions {
            policy: Policy {
                rotate_tokens: true,
                strict_versions: Vec::new(),
                malformed_receipt: MalformedReceipt::default(),
                zone_offset_seconds: 5 * 3600,
                receipt_site: "https://ofd.example/".into(),
            },
            operator: Operator::default(),
            lanes: LaneLimits::unlimited(4, 4),
            strangers: StrangerLimits::UNLIMITED,
            answer_within: Duration::from_secs(4),
        };
        let key = model::ticket_number_key(&*store, [7; 32]).await.unwrap();
        let service = Service::new(Arc::clone(&store), SystemWorld, key, options);
        let identity = fleet.registers().next().unwrap();
        let id = RegisterId(identity.id.0);
        Self { store, service, register: ofd_loadtest::Register::new(identity, 203, 7), id }
    }

    async fn send(&mut self, document: Document) {
        self.register.begin(document, clock::now()).unwrap();
        let frame = Bytes::copy_from_slice(self.register.request(clock::now()).unwrap());
        let origin = Origin { address: IpAddr::V4(Ipv4Addr::LOCALHOST), is_tls: false };
        let reply = self.service.handle(&frame, origin).await;
        let mut answer = BytesMut::new();
        FrameCodec.encode(&reply.answer, &mut answer).unwrap();
        let outcome = self.register.take(&answer);
        assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
    }

    async fn sell(&mut self, sales: usize) {
        for _ in 0..sales {
            let sale = self.register.draw_sale();
            self.send(sale).await;
        }
    }

    async fn close(&mut self) {
        self.send(Document::Close { withdraw: false }).await;
    }

    async fn head(&self, shift: u32) -> Loaded {
        registers::shift(&*self.store, self.id, shift).await.unwrap().unwrap()
    }
}

fn expect_whole(result: Result<(), Trouble>) {
    match result {
        Ok(()) => {}
        Err(Trouble::Broken(broken)) => panic!("{broken:?}"),
        Err(Trouble::Store(error)) => panic!("{error}"),
    }
}

#[tokio::test]
async fn what_comes_behind_the_head_that_was_read_is_left_to_the_next_walk() {
    let mut till = Till::open().await;
    till.sell(3).await;
    let read = till.head(1).await;
    till.sell(2).await;
    let (mut carried, mut walked) = (Carried::new(till.id), Walked::default());
    expect_whole(documents(&*till.store, None, &mut carried, read, &mut walked).await);
    assert_eq!(walked.documents, 3);
    // The shift went on and ended, and the next one shows it.
    till.close().await;
    till.sell(1).await;
    expect_whole(follow(&*till.store, None, &mut carried, 2, &mut walked).await);
    assert_eq!((walked.documents, carried.shift), (7, 2));
    // Whoever walks it all at once finds the same.
    let walked = walk(&*till.store, |broken| panic!("{broken}")).await.unwrap();
    assert_eq!((walked.documents, walked.shifts), (7, 2));
}

/// Stores other counters of the first shift, under a stamp of their own.
async fn rewrite(till: &Till, stamp: u8, change: impl FnOnce(&mut ofd_protocol::register::ShiftTotals)) {
    let before = till.head(1).await;
    let mut register = before.register.clone();
    change(&mut register.totals);
    registers::append_change(&*till.store, till.id, &before, register, Stamp([stamp; 16])).await.unwrap();
}

#[tokio::test]
async fn a_shift_that_counted_section_codes_with_blanks_apart_is_no_break_and_other_counters_are() {
    let mut till = Till::open().await;
    till.sell(5).await;
    let code = till.head(1).await.register.totals.sections.keys().next().cloned().unwrap();
    rewrite(&till, 7, |totals| {
        let counters = totals.sections.remove(&code).unwrap();
        totals.sections.insert(format!(" {code}"), counters);
    })
    .await;
    assert_eq!(walk(&*till.store, |broken| panic!("{broken}")).await.unwrap().documents, 5);
    rewrite(&till, 8, |totals| totals.operations[2].sum += 1).await;
    let mut breaks = Vec::new();
    walk(&*till.store, |broken| breaks.push(broken.to_string())).await.unwrap();
    let [broken] = &breaks[..] else { panic!("{breaks:?}") };
    assert!(broken.contains("its counters are not those of its documents"), "{broken}");
}

#[tokio::test]
async fn documents_that_no_head_counts_are_a_break() {
    let mut till = Till::open().await;
    till.sell(3).await;
    let old = till.store.head(stream(till.id, 1)).await.unwrap().unwrap();
    till.sell(1).await;
    let new = till.store.head(stream(till.id, 1)).await.unwrap().unwrap();
    let back = Append {
        stream: stream(till.id, 1),
        expected: Some(new.version),
        stamp: Stamp([9; 16]),
        head: old.bytes,
        rows: Vec::new(),
    };
    till.store.append(back).await.unwrap();
    let mut breaks = Vec::new();
    let walked = walk(&*till.store, |broken| breaks.push(broken.to_string())).await.unwrap();
    assert_eq!(walked.documents, 3);
    let [broken] = &breaks[..] else { panic!("{breaks:?}") };
    assert!(broken.contains("its head counts 3 documents, more are stored"), "{broken}");
}
