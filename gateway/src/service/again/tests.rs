//! Documents whose answers were lost, over a store: what is written, and what the usual receipt pays for it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use ofd_loadtest::{Document, Outcome, Register, clock};
use ofd_protocol::refusal::MalformedReceipt;
use ofd_protocol::register::Policy;
use ofd_protocol::ticket_number::TicketNumberKey;
use ofd_storage::memory::MemoryStore;
use ofd_storage::store::{Append, HeadFormat, Row, StreamId};
use ofd_storage::through;
use tokio_util::codec::Encoder;

use super::*;
use crate::bootstrap;
use crate::budget::StrangerLimits;
use crate::codec::FrameCodec;
use crate::config::Operator;
use crate::fleet::Fleet;
use crate::lane::LaneLimits;
use crate::service::{Origin, ServiceOptions, SystemWorld};
use crate::verify;

/// A store that counts how often rows are asked for, and that programs of before may serve from.
#[derive(Default)]
struct Watched {
    inner: MemoryStore,
    rows: AtomicU64,
    is_of_before: bool,
}

impl through::Through for Watched {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    async fn row(&self, stream: StreamId, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.rows.fetch_add(1, Ordering::Relaxed);
        self.inner.row(stream, key).await
    }

    async fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.rows.fetch_add(1, Ordering::Relaxed);
        self.inner.rows(stream, prefix, after, limit).await
    }

    fn head_format(&self) -> HeadFormat {
        if self.is_of_before { HeadFormat::First } else { self.inner.head_format() }
    }
}

struct Till {
    store: Arc<Watched>,
    service: Service<Watched, SystemWorld>,
    register: Register,
    id: RegisterId,
}

impl Till {
    async fn over(store: Watched) -> Self {
        let (store, folder) = (Arc::new(store), tempfile::tempdir().unwrap());
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
        let service = Service::new(Arc::clone(&store), SystemWorld, TicketNumberKey([7; 32]), options);
        let identity = fleet.registers().next().unwrap();
        let id = identity.id;
        Self { store, service, register: Register::new(identity, 203, 7), id }
    }

    async fn open() -> Self {
        Self::over(Watched::default()).await
    }

    async fn exchange(&mut self) -> BytesMut {
        let frame = Bytes::copy_from_slice(self.register.request(clock::now()).unwrap());
        let origin = Origin { address: IpAddr::V4(Ipv4Addr::LOCALHOST), is_tls: false };
        let reply = self.service.handle(&frame, origin).await;
        let mut answer = BytesMut::new();
        FrameCodec.encode(&reply.answer, &mut answer).unwrap();
        answer
    }

    async fn send(&mut self) {
        let answer = self.exchange().await;
        let outcome = self.register.take(&answer);
        assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
    }

    async fn sell(&mut self) {
        let sale = self.register.draw_sale();
        self.register.begin(sale, clock::now()).unwrap();
        self.send().await;
    }

    /// The server stores a sale, its answer is lost, and the till sets it aside.
    async fn lose(&mut self) {
        let sale = self.register.draw_sale();
        self.register.begin(sale, clock::now()).unwrap();
        self.exchange().await;
        assert!(self.register.set_aside());
    }

    async fn close(&mut self) {
        self.register.begin(Document::Close { withdraw: false }, clock::now()).unwrap();
        self.send().await;
    }

    async fn newest(&self) -> Loaded {
        registers::newest(&*self.store, self.id).await.unwrap().unwrap()
    }

    /// How many documents there are, in shifts without a break.
    async fn documents(&self) -> u64 {
        verify::walk(&*self.store, |broken| panic!("{broken}")).await.unwrap().documents
    }
}

#[tokio::test]
async fn what_is_unconfirmed_goes_on_over_a_close_and_is_found_there() {
    let mut till = Till::open().await;
    till.sell().await;
    till.lose().await;
    till.lose().await;
    till.sell().await;
    assert_eq!(till.newest().await.register.unconfirmed.count, 2);
    till.close().await;
    till.sell().await;
    let newest = till.newest().await;
    assert_eq!((newest.register.shift_number, newest.register.unconfirmed.count), (2, 2));
    assert_eq!(till.documents().await, 6);
    for left in [1, 0] {
        assert!(till.register.drain().unwrap());
        let number = till.register.flight().unwrap().offline_number.unwrap();
        let date_time = till.register.flight().unwrap().date_time;
        till.send().await;
        let newest = till.newest().await;
        assert_eq!(newest.register.unconfirmed.count, left);
        // It lies in the shift before, and is found by its new number.
        let found = registers::find_by_offline_number(&*till.store, till.id, &newest, number, date_time);
        let [place] = found.await.unwrap()[..] else { panic!("one receipt has the number {number}") };
        assert_eq!(place.shift, 1);
        let stored = registers::document(&*till.store, till.id, place).await.unwrap().unwrap();
        let known = registers::known(&*till.store, till.id, place, &stored).await.unwrap();
        assert_eq!((known.born, known.numbers), (0, vec![number]));
        assert_eq!(registers::amendments(&*till.store, till.id, place).await.unwrap().len(), 1);
    }
    assert_eq!(till.documents().await, 6);
}

#[tokio::test]
async fn what_came_again_right_after_a_close_begins_the_next_stream_without_opening_a_shift() {
    let mut till = Till::open().await;
    till.lose().await;
    till.sell().await;
    till.close().await;
    assert!(till.register.drain().unwrap());
    till.send().await;
    let newest = till.newest().await.register;
    assert_eq!((newest.shift_number, newest.documents, newest.unconfirmed.count), (2, 0, 0));
    assert!(newest.open_shift().is_none());
    till.sell().await;
    assert_eq!(till.documents().await, 4);
}

#[tokio::test]
async fn a_receipt_of_a_register_without_unconfirmed_documents_reads_no_row() {
    let mut till = Till::open().await;
    till.sell().await;
    let read = |till: &Till| till.store.rows.load(Ordering::Relaxed);
    let before = read(&till);
    till.sell().await;
    till.sell().await;
    assert_eq!(read(&till), before);
    till.lose().await;
    till.sell().await;
    let before = read(&till);
    till.sell().await;
    assert!((1..=2).contains(&(read(&till) - before)), "one place is looked at, of this time and of any");
}

#[tokio::test]
async fn where_older_programs_may_serve_nothing_is_remembered() {
    let mut till = Till::over(Watched { is_of_before: true, ..Watched::default() }).await;
    till.lose().await;
    till.sell().await;
    let newest = till.newest().await;
    assert_eq!((newest.format, newest.register.unconfirmed.count), (HeadFormat::First, 0));
    assert_eq!(registers::unconfirmed(&*till.store, till.id, 1).await.unwrap(), Vec::new());
    assert!(till.register.drain().unwrap());
    till.send().await;
    assert_eq!(till.documents().await, 3, "as before there was a list");
}

#[tokio::test]
async fn a_list_that_is_not_what_the_head_counts_is_a_break() {
    let mut till = Till::open().await;
    till.lose().await;
    till.sell().await;
    let stream = registers::stream(till.id, 1);
    let [row] = &till.store.inner.rows(stream, &[6], None, 9).await.unwrap()[..] else { panic!("one row") };
    let with = async |rows: Vec<Row>| {
        let head = till.store.inner.head(stream).await.unwrap().unwrap();
        let (expected, stamp) = (Some(head.version), Stamp([9; 16]));
        till.store.inner.append(Append { stream, expected, stamp, head: head.bytes, rows }).await.unwrap();
        let mut breaks = Vec::new();
        verify::walk(&*till.store, |broken| breaks.push(broken.to_string())).await.unwrap();
        breaks
    };
    assert_eq!(with(Vec::new()).await, Vec::<String>::new());
    let gone = with(vec![Row { value: Bytes::new(), ..row.clone() }]).await;
    assert!(gone[0].contains("counts 1 unconfirmed documents, 0 are stored"), "{gone:?}");
    let list = registers::shift(&*till.store, till.id, 1).await.unwrap().unwrap();
    assert_eq!(list.register.unconfirmed.count, 1);
    // A row that leads to the other sale: after the form and the sequence come shift and number.
    let mut other = row.value.to_vec();
    assert_eq!(other[..4], [1, 0, 1, 1]);
    other[3] = 2;
    let wrong = with(vec![Row { value: other.into(), ..row.clone() }]).await;
    assert!(wrong[0].contains("unconfirmed document"), "{wrong:?}");
}
