//! That a register was heard is noted beside its requests, and costs them nothing.

use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::memory::MemoryStore;
use ofd_storage::registers::last_heard;
use ofd_storage::store::Note;
use ofd_storage::through;

use super::*;
use crate::testing::Shop;
use crate::world::SystemWorld;

/// A store that cannot write notes by themselves, or never comes to an end with them.
#[derive(Default)]
struct Deaf {
    inner: MemoryStore,
    hangs: bool,
}

impl through::Through for Deaf {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    async fn note(&self, _: Note) -> Result<(), StoreError> {
        if self.hangs {
            std::future::pending::<()>().await;
        }
        Err(StoreError::Unavailable { reason: "no quorum".into() })
    }
}

async fn heard(store: &impl Store, id: RegisterId) -> Option<UnixMillis> {
    last_heard(store, id, UnixMillis(0)).await.unwrap()
}

#[tokio::test]
async fn a_register_whose_frame_was_served_is_noted_and_a_stranger_is_not() {
    let store = Arc::new(MemoryStore::new());
    let mut shop = Shop::open(Arc::clone(&store), 2).await;
    let before = SystemWorld.now();
    shop.sell(0).await;
    assert_eq!(heard(&*store, shop.id(0)).await, None, "the answer waits for no note");
    shop.gateways[0].note_heard().await;
    let first = heard(&*store, shop.id(0)).await.unwrap();
    assert!(first >= before && first <= SystemWorld.now());
    assert_eq!(heard(&*store, shop.id(1)).await, None);

    shop.sell(0).await;
    shop.gateways[0].note_heard().await;
    assert_eq!(heard(&*store, shop.id(0)).await, Some(first), "once in five minutes");

    // Another one takes the frame's id with a token of its own.
    let sale = shop.register(1).draw_sale();
    shop.register(1).begin(sale, ofd_loadtest::clock::now()).unwrap();
    let mut frame = shop.register(1).request(ofd_loadtest::clock::now()).unwrap().to_vec();
    frame[12..16].copy_from_slice(&[0xde, 0xad, 0xbe, 0xef]);
    let origin = Origin { address: std::net::Ipv4Addr::LOCALHOST.into(), is_tls: false };
    shop.gateways[0].handle(&frame.into(), origin).await;
    shop.gateways[0].note_heard().await;
    assert_eq!(heard(&*store, shop.id(1)).await, None);
}

#[tokio::test]
async fn notes_that_fail_or_never_end_slow_no_receipt() {
    for hangs in [false, true] {
        let store = Arc::new(Deaf { hangs, ..Deaf::default() });
        let mut shop = Shop::open(Arc::clone(&store), 1).await;
        for _ in 0..3 {
            shop.sell(0).await;
            let noting = shop.gateways[0].note_heard();
            let _ = tokio::time::timeout(Duration::from_millis(5), noting).await;
        }
        assert_eq!(shop.newest(0).await.register.documents, 3);
        assert_eq!(heard(&*store, shop.id(0)).await, None);
    }
}
