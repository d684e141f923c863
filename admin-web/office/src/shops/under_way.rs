//! Registrations that are under way among an organisation's shops and registers, narrowed as these are.

use std::cmp::Reverse;
use std::collections::HashMap;

use ofd_storage::accounts::{Company, REGISTRATIONS_UNDER_WAY_MAX, Registration};
use ofd_storage::erased::DynStore;
use ofd_storage::model::{TradePoint, TradePointId, load};
use ofd_storage::registers::last_heard;
use ofd_storage::store::StoreError;

use super::line::is_on_line;
use super::query::ShopQuery;
use crate::office::Office;
use crate::registrations::under_way;

/// Between the parts of a place.
const BETWEEN: char = '-';

/// Where a registration stands: by when it came so far, the latest first.
type Place = (Reverse<u64>, u32);

fn place_of(registration: &Registration) -> Place {
    (Reverse(registration.since.0), registration.id.0)
}

/// Where the list goes on behind a registration.
#[must_use]
pub fn place_behind(registration: &Registration) -> String {
    text(place_of(registration))
}

fn text((Reverse(since), id): Place) -> String {
    format!("{since}{BETWEEN}{id}")
}

/// A place of an address; `None` for what is none.
fn read(text: &str) -> Option<Place> {
    let (since, id) = text.split_once(BETWEEN)?;
    Some((Reverse(since.parse().ok()?), id.parse().ok()?))
}

/// Which of the shops that registrations name, by id, are in the group that is asked for.
async fn in_group(
    store: &DynStore,
    query: &ShopQuery,
    found: &[Registration],
) -> Result<HashMap<TradePointId, bool>, StoreError> {
    let mut known = HashMap::new();
    if query.is_of_group() {
        for id in found.iter().map(|one| &one.asked_data().shop.id) {
            if !known.contains_key(id) {
                let point = load::<TradePoint>(store, id.0.as_bytes()).await?.map(|(_, point)| point);
                known.insert(id.clone(), query.has_group_of(point.as_ref()));
            }
        }
    }
    Ok(known)
}

/// Those whose registers are on line, or are not, as it is asked for: what is no register yet is not.
async fn of_line(
    office: &Office,
    query: &ShopQuery,
    found: Vec<Registration>,
) -> Result<Vec<Registration>, StoreError> {
    let now = office.now();
    let mut fit = Vec::with_capacity(found.len());
    for one in found {
        let heard = if one.is_registered() { last_heard(&office.store, one.id, now).await? } else { None };
        if query.has_line(is_on_line(heard, now)) {
            fit.push(one);
        }
    }
    Ok(fit)
}

/// Up to `limit` registrations of a company that are under way and asked for, behind a place, with the place to go on from.
/// There are so few of them that all are read.
///
/// # Errors
/// Those of the store.
pub async fn registrations_under_way(
    office: &Office,
    company: &Company,
    query: &ShopQuery,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<Registration>, Option<String>), StoreError> {
    let store = &office.store;
    let mut found = under_way(store, company, REGISTRATIONS_UNDER_WAY_MAX).await?;
    found.retain(|one| query.is_registration(one));
    let in_group = in_group(store, query, &found).await?;
    found.retain(|one| in_group.get(&one.asked_data().shop.id).copied().unwrap_or(!query.is_of_group()));
    if query.is_of_line() {
        found = of_line(office, query, found).await?;
    }
    if let Some(after) = after.and_then(read) {
        found.retain(|one| place_of(one) > after);
    }
    found.sort_by_key(place_of);
    let has_more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| has_more).map(place_of);
    Ok((found, last.map(text)))
}
