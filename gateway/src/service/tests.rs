//! What a request asks of a store that several gateways share: each read of a head there is a round of Paxos.

use std::sync::atomic::{AtomicU64, Ordering};

use ofd_storage::memory::MemoryStore;
use ofd_storage::store::{Head, StreamId};
use ofd_storage::through;

use super::*;
use crate::testing::Shop;

mod heard;
mod profiles;
mod strangers;
mod ticket_texts;
mod unpaid;

/// A store that others share, which counts how often it is asked for a head.
#[derive(Default)]
struct Counting {
    inner: MemoryStore,
    heads: AtomicU64,
}

impl through::Through for Counting {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    async fn head(&self, stream: StreamId) -> Result<Option<Head>, StoreError> {
        self.heads.fetch_add(1, Ordering::Relaxed);
        self.inner.head(stream).await
    }

    fn is_shared(&self) -> bool {
        true
    }
}

/// A register with two gateways over one store.
struct Till {
    shop: Shop<Counting>,
}

impl Till {
    /// With so many shifts behind it.
    async fn after(shifts: u32) -> Self {
        let mut shop = Shop::open(Arc::new(Counting::default()), 1).await;
        shop.add_gateway().await;
        let mut till = Self { shop };
        for _ in 0..shifts {
            till.sell(0).await;
            till.close(0).await;
        }
        till
    }

    /// Sells by way of a gateway; how often the store was asked for a head.
    async fn sell(&mut self, gateway: usize) -> u64 {
        let heads = |till: &Self| till.shop.store.heads.load(Ordering::Relaxed);
        let before = heads(self);
        self.shop.go_to(gateway);
        self.shop.sell(0).await;
        heads(self) - before
    }

    async fn close(&mut self, gateway: usize) {
        self.shop.go_to(gateway);
        self.shop.close(0).await;
    }
}

#[tokio::test]
async fn a_register_that_comes_back_from_another_gateway_is_found_in_a_step() {
    let mut till = Till::after(20).await;
    till.sell(0).await;
    till.sell(1).await;
    for gateway in [0, 1, 0, 1] {
        assert_eq!(till.sell(gateway).await, 1);
    }
    // A shift went by at the other gateway: it is looked at, and the one after it.
    till.close(0).await;
    till.sell(0).await;
    assert_eq!(till.sell(1).await, 2);
    // So many that it is shorter to look for the newest from the first one on.
    for _ in 0..10 {
        till.close(0).await;
        till.sell(0).await;
    }
    assert!(till.sell(1).await > 4);
    assert_eq!(till.sell(1).await, 0);
}
