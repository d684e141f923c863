//! All that an organisation has of a kind, in bounds.

use std::collections::BTreeMap;
use std::future::Future;

use ofd_storage::holdings::{Holdings, Listing, registers_of, trade_points_of};
use ofd_storage::model::{Holding, RegisterRecord};
use ofd_storage::store::{Store, StoreError};

/// Registers of one organisation that are listed. The largest chain of the country has some thousand; a page says when
/// there are more.
pub(super) const REGISTERS_MAX: usize = 10_000;

/// Trade points of one organisation, and as many are listed.
pub const SHOPS_MAX: usize = 10_000;

/// What an organisation has is read in pages of so many.
pub(super) const HOLDINGS_PAGE: usize = 500;

/// All that an organisation has of a kind, as far as it is known.
pub(super) struct All<M> {
    pub(super) found: Vec<M>,
    /// Whether that is all there is: the list is whole, every record could be read, and there are not too many.
    pub(super) is_complete: bool,
}

/// Reads the pages of a list until its end, or until there are `max`.
pub(super) async fn all<M, F>(max: usize, page: impl Fn(Option<M::Id>) -> F) -> Result<All<M>, StoreError>
where
    M: Holding,
    F: Future<Output = Result<Holdings<M>, StoreError>>,
{
    let (mut found, mut after, mut is_complete) = (Vec::new(), None, true);
    loop {
        let Holdings { found: some, unreadable, next, listing } = page(after).await?;
        found.extend(some);
        is_complete &= unreadable.is_empty() && listing == Listing::Whole;
        match next {
            Some(_) if found.len() >= max => return Ok(All { found, is_complete: false }),
            Some(next) => after = Some(next),
            None => return Ok(All { found, is_complete }),
        }
    }
}

/// The registers of an organisation, `max` at most, and whether these are all that there are.
///
/// # Errors
/// Those of the store.
pub async fn registers_up_to(
    store: &impl Store,
    bin: &str,
    max: usize,
) -> Result<(Vec<RegisterRecord>, bool), StoreError> {
    let All { mut found, is_complete } =
        all(max, |after| registers_of(store, bin, after, HOLDINGS_PAGE)).await?;
    let is_complete = is_complete && found.len() <= max;
    found.truncate(max);
    Ok((found, is_complete))
}

/// How many shops of an organisation are in each of its groups, and whether these are all.
///
/// # Errors
/// Those of the store.
pub async fn shops_by_group(
    store: &impl Store,
    bin: &str,
) -> Result<(BTreeMap<u32, usize>, bool), StoreError> {
    let points = all(SHOPS_MAX, |after| trade_points_of(store, bin, after, HOLDINGS_PAGE)).await?;
    let mut counts = BTreeMap::<u32, usize>::new();
    for id in points.found.iter().filter(|point| point.deleted_at.is_none()).flat_map(|point| &point.groups) {
        let count = counts.entry(*id).or_default();
        *count = count.saturating_add(1);
    }
    Ok((counts, points.is_complete))
}
