//! Telling an organisation's registers that what their answers name was changed.
//!
//! A company's own append announces it in the company's head. What is changed elsewhere, in a record, is announced there
//! before it is changed. Either way the registers are told right behind the change; what is left of it, because they are
//! many or the process ended, whoever changes the company next does, and a job of the gateways.

use ofd_edge::World;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{Company, ProfileNews};
use ofd_storage::erased::DynStore;
use ofd_storage::{news_list, profile_news};

use super::audit::{Audit, Found, stamp};
use crate::change::{ChangeError, Decided, change};

/// So many registers are told before whoever made the change goes on. The others are told a moment later.
const TOLD_AT_ONCE_MAX: usize = 256;

/// What is announced before it is changed may be under way for so long: nobody else takes the announcement for settled.
const UNDER_WAY_FOR_MS: u64 = 60_000;

/// Tells registers what their organisation's company announces, if it does.
pub(crate) async fn tell(with: (&DynStore, &dyn World), company: &Company) {
    if company.profile_news.is_some() {
        tell_as_of(with, &company.bin, with.1.now()).await;
    }
}

async fn tell_as_of((store, world): (&DynStore, &dyn World), bin: &str, now: UnixMillis) {
    let told = profile_news::tell_registers(store, bin, now, TOLD_AT_ONCE_MAX, &|| stamp(world)).await;
    if let Err(error) = told {
        // The change itself is made; whoever comes next does what is left.
        tracing::warn!(%error, "registers were not told that their organisation changed: {error}");
    }
}

/// Makes a change of records that answers name (of an organisation, a trade point, a register) and tells the
/// organisation's registers. Without it gateways find such a change out when they read profiles anew for their age.
///
/// # Errors
/// Those of the change, and [`ChangeError`] when it cannot be announced; then nothing was changed.
pub async fn change_what_answers_name<T, E: From<ChangeError>>(
    (store, world): (&DynStore, &dyn World),
    bin: &str,
    made: impl Future<Output = Result<T, E>> + Send,
) -> Result<T, E> {
    let under_way_until = UnixMillis(world.now().0.saturating_add(UNDER_WAY_FOR_MS));
    let news = ProfileNews { under_way_until, ..ProfileNews::of(stamp(world)) };
    let decide = |found: &Found| -> Decided<(Company, Vec<_>), (), ChangeError> {
        Ok((Some((Company { profile_news: Some(news), ..found.company().clone() }, Vec::new())), ()))
    };
    news_list::enter(store, bin).await.map_err(ChangeError::Store)?;
    change((store, || stamp(world)), &Audit::that_begins(bin, world), decide).await?;
    let made = made.await;
    // Whether it was made or not, it is not under way any more.
    tell_as_of((store, world), bin, UnixMillis(u64::MAX)).await;
    made
}
