//! The days before a demo's first start: its registers sell through them on the real ports, on clocks that run ahead from
//! moment to moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use ofd_loadtest::clock::KAZAKHSTAN_OFFSET_SECONDS;
use ofd_loadtest::random::Random;
use ofd_protocol::types::UnixMillis;
use tokio::task::{JoinError, JoinSet};

use super::clock::DemoClocks;
use super::shop::{Act, Board, Role, Shop};

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;

/// What lies within so long of each other happens at one moment, in all shops at once.
const STEP_MS: u64 = 5 * MINUTE_MS;

/// Shops are open from nine to nine by local time.
const OPENS_MS: u64 = 9 * HOUR_MS;
const CLOSES_MS: u64 = 21 * HOUR_MS;

/// Customers of one register on a working day, and how many more at the weekend.
const CUSTOMERS: std::ops::Range<i64> = 8..16;
const MORE_AT_WEEKENDS: i64 = 6;

/// The register that stays silent did so for this long when the history ends.
const SILENT_MS: u64 = 3 * DAY_MS;

/// The shift of the register that is near its end is open for this long when the history ends.
const OPEN_MS: u64 = 23 * HOUR_MS + 20 * MINUTE_MS;

/// What happens, by moment: which register does what.
type Plan = BTreeMap<UnixMillis, Vec<(usize, Act)>>;

/// Lives through the last `days` days before `until`; `told` hears of each day that is over.
///
/// # Errors
/// A shop panicked.
pub(super) async fn live(
    mut shops: Vec<Shop>,
    (clocks, board): (&DemoClocks, &Arc<Board>),
    (days, until): (u16, UnixMillis),
    mut told: impl FnMut(u64),
) -> Result<Vec<Shop>, JoinError> {
    let roles: Vec<Role> = shops.iter().map(Shop::role).collect();
    let begin = until.0.saturating_sub(u64::from(days).saturating_mul(DAY_MS));
    let mut days_over = 0;
    for (moment, acts) in plan(&roles, (days, until), &mut Random::new(until.0)) {
        clocks.go_to(moment);
        let day = moment.0.saturating_sub(begin) / DAY_MS;
        if day > days_over {
            days_over = day;
            told(day);
        }
        shops = at_once(shops, &acts, (clocks, board)).await?;
    }
    shops.iter_mut().for_each(Shop::wake);
    Ok(shops)
}

/// Lets every shop do what it has to do at this moment, all at once.
async fn at_once(
    shops: Vec<Shop>,
    acts: &[(usize, Act)],
    (clocks, board): (&DemoClocks, &Arc<Board>),
) -> Result<Vec<Shop>, JoinError> {
    let mut at_work = JoinSet::new();
    for (index, mut shop) in shops.into_iter().enumerate() {
        let acts: Vec<Act> = acts.iter().filter(|(who, _)| *who == index).map(|(_, act)| *act).collect();
        let (clocks, board) = (clocks.clone(), Arc::clone(board));
        at_work.spawn(async move {
            for act in acts {
                shop.live(act, &clocks, &board).await;
            }
            (index, shop)
        });
    }
    let mut shops = Vec::new();
    while let Some(done) = at_work.join_next().await {
        shops.push(done?);
    }
    shops.sort_by_key(|(index, _)| *index);
    Ok(shops.into_iter().map(|(_, shop)| shop).collect())
}

/// What the registers of these roles do in the last `days` days before `until`.
fn plan(roles: &[Role], (days, until): (u16, UnixMillis), random: &mut Random) -> Plan {
    let mut plan = Plan::new();
    let zone = u64::try_from(KAZAKHSTAN_OFFSET_SECONDS).unwrap_or(0).saturating_mul(1000);
    let midnight = |ago: u64| {
        let local = until.0.saturating_add(zone) / DAY_MS * DAY_MS;
        local.saturating_sub(zone).saturating_sub(ago.saturating_mul(DAY_MS))
    };
    for ago in (0..=u64::from(days)).rev() {
        let day = midnight(ago);
        for (index, role) in roles.iter().enumerate() {
            // The day of the epoch was a Thursday.
            let is_weekend = matches!(day.saturating_add(zone) / DAY_MS % 7, 2 | 3);
            let more = if is_weekend { MORE_AT_WEEKENDS } else { 0 };
            let customers = random.between(CUSTOMERS.start, CUSTOMERS.end).saturating_add(more);
            let mut acts: Vec<(u64, Act)> = (0..customers)
                .map(|_| day.saturating_add(OPENS_MS).saturating_add(random.below(CLOSES_MS - OPENS_MS)))
                .map(|at| (at, Act::Serve))
                .collect();
            acts.push((day.saturating_add(CLOSES_MS), Act::Close));
            acts.retain(|(at, _)| *at >= midnight(u64::from(days)) && *at < ends(*role, until));
            for (at, act) in acts {
                plan.entry(step(at)).or_default().push((index, act));
            }
        }
    }
    for (index, role) in roles.iter().enumerate() {
        match role {
            Role::Usual | Role::ClockAhead => {}
            // Whoever goes away closes first.
            Role::Silent => plan.entry(step(ends(*role, until))).or_default().push((index, Act::Close)),
            Role::LongShift => {
                let opened = ends(*role, until);
                plan.entry(step(opened.saturating_sub(STEP_MS))).or_default().push((index, Act::Close));
                for at in (opened..until.0).step_by(usize::try_from(HOUR_MS).unwrap_or(usize::MAX)) {
                    plan.entry(step(at)).or_default().push((index, Act::Serve));
                }
            }
        }
    }
    plan
}

/// Until when a register works as all do.
fn ends(role: Role, until: UnixMillis) -> u64 {
    match role {
        Role::Usual | Role::ClockAhead => until.0,
        Role::Silent => until.0.saturating_sub(SILENT_MS),
        Role::LongShift => until.0.saturating_sub(OPEN_MS),
    }
}

fn step(at: u64) -> UnixMillis {
    UnixMillis(at / STEP_MS * STEP_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNTIL: UnixMillis = UnixMillis(1_795_000_000_000);
    const ROLES: [Role; 4] = [Role::Usual, Role::ClockAhead, Role::LongShift, Role::Silent];

    /// What one register does, in order.
    fn of(plan: &Plan, index: usize) -> Vec<(UnixMillis, Act)> {
        let acts = plan.iter().flat_map(|(at, acts)| acts.iter().map(move |(who, act)| (*at, *who, *act)));
        acts.filter(|(_, who, _)| *who == index).map(|(at, _, act)| (at, act)).collect()
    }

    fn planned() -> Plan {
        plan(&ROLES, (30, UNTIL), &mut Random::new(7))
    }

    #[test]
    fn no_shift_is_open_for_24_hours_and_nothing_lies_ahead() {
        let plan = planned();
        for (index, role) in ROLES.iter().enumerate() {
            let mut opened: Option<UnixMillis> = None;
            for (at, act) in of(&plan, index) {
                assert!(at <= UNTIL, "{role:?}");
                match act {
                    Act::Serve => {
                        let since = *opened.get_or_insert(at);
                        assert!(at.0 - since.0 < DAY_MS, "{role:?} sells at {at:?} in a shift of {since:?}");
                    }
                    Act::Close => opened = None,
                }
            }
        }
    }

    #[test]
    fn at_the_end_one_register_is_silent_and_one_is_near_the_end_of_its_shift() {
        let plan = planned();
        let (last, act) = *of(&plan, 3).last().unwrap();
        assert_eq!((UNTIL.0 - last.0) / DAY_MS, 3);
        assert_eq!(act, Act::Close);
        let acts = of(&plan, 2);
        let closed = acts.iter().rposition(|(_, act)| *act == Act::Close).unwrap();
        let opened = acts[closed + 1].0;
        assert!((23 * HOUR_MS..DAY_MS).contains(&(UNTIL.0 - opened.0)), "{opened:?}");
        assert!(acts.len() > closed + 20, "it sells through the night");
    }
}
