//! The walks that there are.

use ofd_protocol::types::UnixMillis;

use crate::store::{Store, StoreError};
pub use crate::walk::Step;
use crate::walk::{Stage, is_complete, step};
use crate::{holdings, serials, title_walk, waits};

#[cfg(test)]
mod tests;

/// A walk. Its name is the key under which its place lies among the facts of the store. It belongs to the store and is
/// never copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walk {
    /// Of organisations and companies, for the words of their titles.
    Titles,
    /// Of registers and trade points, for the lists of their organisations.
    Holdings,
    /// Of registers, for their factory numbers.
    Serials,
    /// Of companies, for the notes of what waits.
    Waits,
}

impl Walk {
    /// Every walk, in the order in which they came to be.
    pub const ALL: [Self; 4] = [Self::Titles, Self::Holdings, Self::Serials, Self::Waits];

    /// Its name, which is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Titles => title_walk::Stage::NAME,
            Self::Holdings => holdings::Stage::NAME,
            Self::Serials => serials::Stage::NAME,
            Self::Waits => waits::Stage::NAME,
        }
    }

    /// Whether a fact of the store tells how far a walk is.
    pub fn is_place(key: &[u8]) -> bool {
        Self::ALL.iter().any(|walk| walk.name().as_bytes() == key)
    }

    /// Makes one step of the walk.
    ///
    /// # Errors
    /// Those of the store. The step may be repeated, at once or by another process.
    pub async fn step(self, store: &impl Store, now: UnixMillis) -> Result<Step, StoreError> {
        match self {
            Self::Titles => step::<title_walk::Stage>(store, now).await,
            Self::Holdings => step::<holdings::Stage>(store, now).await,
            Self::Serials => step::<serials::Stage>(store, now).await,
            Self::Waits => step::<waits::Stage>(store, now).await,
        }
    }

    /// Whether all was walked once, so that what the index lacks is not there.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn is_complete(self, store: &impl Store) -> Result<bool, StoreError> {
        match self {
            Self::Titles => is_complete::<title_walk::Stage>(store).await,
            Self::Holdings => is_complete::<holdings::Stage>(store).await,
            Self::Serials => is_complete::<serials::Stage>(store).await,
            Self::Waits => is_complete::<waits::Stage>(store).await,
        }
    }
}
