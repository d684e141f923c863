//! The jobs of the background that every process does that serves.

use std::sync::Arc;

use ofd_storage::store::Store;
use ofd_storage::walks::Walk;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::job::keep;
use crate::profile_news::ProfileNews;
use crate::walks::Walking;
use crate::world::SystemWorld;

/// Does them all until the process goes down.
pub fn spawn(tasks: &mut JoinSet<()>, store: &Arc<impl Store>, stop: &CancellationToken) {
    for walk in Walk::ALL {
        tasks.spawn(keep(Walking::of(walk), Arc::clone(store), SystemWorld, stop.clone()));
    }
    let news = ProfileNews::new(SystemWorld);
    tasks.spawn(keep(news, Arc::clone(store), SystemWorld, stop.clone()));
}
