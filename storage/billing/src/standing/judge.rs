//! What follows from a balance on a day: a notice, grace, a stop, or its end.

use serde::{Deserialize, Serialize};

use super::forecast::{Costs, forecast};
use crate::day::Day;
use crate::tiyn::{Tiyn, TiynError};

/// Registers stop so many days after the day on which the money ended, at the earliest.
pub const GRACE_DAYS: i64 = 7;

/// And so many days after the first notice, at the earliest.
pub const NOTICE_DAYS: i64 = 3;

/// A debt that is not above what so many days cost stops nothing: so a payment of the sum that was told some days ago is enough.
pub const RESERVE_DAYS: usize = 3;

/// A promise to pay ends this many days ahead at the latest.
pub const PROMISE_DAYS_MAX: i64 = 30;

/// How long before the money ends a notice is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// On the day.
    Day,
    /// On the day before.
    One,
    /// Seven days before.
    Seven,
    /// Fourteen days before.
    Fourteen,
}

impl NoticeKind {
    /// Every kind, the most urgent first.
    pub const ALL: [Self; 4] = [Self::Day, Self::One, Self::Seven, Self::Fourteen];

    /// How many days before the money ends it is due.
    #[must_use]
    pub const fn days(self) -> i64 {
        match self {
            Self::Day => 0,
            Self::One => 1,
            Self::Seven => 7,
            Self::Fourteen => 14,
        }
    }
}

/// How a notice was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeWay {
    /// By e-mail: the mail server took a letter to one person at least.
    Letter,
    /// In the cabinet alone, since nobody of the organisation has an address that a letter could go to.
    Cabinet,
}

/// A notice that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// How far the end of the money was away, as it said.
    pub kind: NoticeKind,
    /// The day on which it was sent.
    pub on: Day,
    /// By which way it reached people.
    pub way: NoticeWay,
}

/// A promise to pay, for which registers go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// The last day that it holds.
    pub until: Day,
    /// Who of the operator's people took it down.
    pub by: String,
    /// Who promised, and what else is to be known.
    pub reason: String,
}

/// What is remembered of an organisation between two looks at it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The day on which the money ended, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Day>,
    /// What the organisation was told of this end, in the order in which it was sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
    /// A promise to pay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<Promise>,
    /// Since which day its registers are stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Day>,
}

/// What is known on a day.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The day for which it is judged.
    pub today: Day,
    /// What the personal account comes to.
    pub balance: Tiyn,
    /// What the days behind the last charged one cost.
    pub costs: &'a Costs,
}

/// How an organisation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// There is money for longer than notices look ahead.
    Good,
    /// The money ends on that day.
    Ends(Day),
    /// It ended; registers stop on that day. `None`: not before a notice was sent, or while the debt is small.
    Grace(Option<Day>),
    /// It ended, and somebody promised to pay until that day.
    Promised(Day),
    /// Registers are stopped since that day.
    Stopped(Day),
}

/// What follows for an organisation from what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What is to be remembered.
    pub standing: Standing,
    /// How it stands.
    pub state: State,
    /// The day on which the money ends or ended, as far as it is foreseen.
    pub ends: Option<Day>,
    /// The notice that is due, where one is. When it was sent it is to be remembered.
    pub notice: Option<NoticeKind>,
}

fn days_between(from: Day, to: Day) -> i64 {
    (to.date() - from.date()).whole_days()
}

/// The day so many days later; the last that there is beyond that.
fn later(day: Day, days: i64) -> Day {
    let mut at = day;
    for _ in 0..days {
        at = at.next().unwrap_or(at);
    }
    at
}

/// Judges how an organisation stands.
///
/// # Errors
/// [`TiynError`] beyond the greatest sum.
pub fn judge(standing: &Standing, known: Known<'_>) -> Result<Judged, TiynError> {
    let Known { today, balance, costs } = known;
    let reserve = costs.of_next(RESERVE_DAYS)?;
    let is_small = balance >= reserve.negated();
    let mut next = standing.clone();
    if balance >= Tiyn::ZERO {
        (next.ended, next.promise, next.stopped) = (None, None, None);
    } else if next.stopped.is_some() && is_small {
        // What was asked for is paid; what is left of it begins anew.
        next = Standing { ended: Some(today), ..Standing::default() };
    }
    let ends = if balance < Tiyn::ZERO {
        Some(*next.ended.get_or_insert(costs.charged))
    } else {
        forecast(balance, costs)?
    };
    let left = ends.map(|ends| days_between(today, ends));
    if next.ended.is_none() {
        // A notice of a day that went further away by a payment is sent again when its time comes.
        next.notices.retain(|notice| left.is_some_and(|left| left <= notice.kind.days()));
    }
    let due = left.and_then(|left| NoticeKind::ALL.into_iter().find(|kind| left <= kind.days()));
    let notice = due.filter(|due| next.notices.iter().all(|sent| sent.kind > *due));
    let promise = next.promise.as_ref().map(|promise| promise.until);
    if promise.is_some_and(|until| until >= today) {
        next.stopped = None;
    }
    let state = match (ends, next.ended) {
        (_, Some(ended)) => match promise.filter(|until| *until >= today) {
            Some(until) => State::Promised(until),
            None => stop(&mut next, (ended, promise), today, is_small),
        },
        (Some(ends), None) if notice.is_some() || !next.notices.is_empty() => State::Ends(ends),
        _ => State::Good,
    };
    Ok(Judged { standing: next, state, ends, notice })
}

/// Whether the money ended so long ago that registers stop.
fn stop(next: &mut Standing, (ended, promise): (Day, Option<Day>), today: Day, is_small: bool) -> State {
    if let Some(since) = next.stopped {
        return State::Stopped(since);
    }
    let Some(first) = next.notices.iter().map(|notice| notice.on).min().filter(|_| !is_small) else {
        return State::Grace(None);
    };
    let on = day_of_stop(ended, first, promise);
    if today < on {
        return State::Grace(Some(on));
    }
    next.stopped = Some(today);
    State::Stopped(today)
}

fn day_of_stop(ended: Day, first_notice: Day, promise: Option<Day>) -> Day {
    let promise = promise.map(|until| later(until, 1));
    later(ended, GRACE_DAYS).max(later(first_notice, NOTICE_DAYS)).max(promise.unwrap_or(ended))
}

/// The day on which registers stop when the money ends on a day and nobody pays; `None` before a notice was sent.
#[must_use]
pub fn stop_day(standing: &Standing, ends: Day) -> Option<Day> {
    let first = standing.notices.iter().map(|notice| notice.on).min()?;
    Some(day_of_stop(ends, first, standing.promise.as_ref().map(|promise| promise.until)))
}

/// Why a promise is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PromiseRefused {
    /// Nothing is owed.
    #[error("nothing is owed")]
    Nothing,
    /// It ends before today.
    #[error("a promise ends today or later")]
    Past,
    /// It ends too far ahead.
    #[error("a promise ends {PROMISE_DAYS_MAX} days ahead at the latest")]
    TooFar,
}

/// Takes down a promise to pay; a later one replaces it.
///
/// # Errors
/// [`PromiseRefused`].
pub fn promised(
    standing: &Standing,
    (balance, today): (Tiyn, Day),
    promise: Promise,
) -> Result<Standing, PromiseRefused> {
    if balance >= Tiyn::ZERO {
        return Err(PromiseRefused::Nothing);
    }
    if promise.until < today {
        return Err(PromiseRefused::Past);
    }
    if days_between(today, promise.until) > PROMISE_DAYS_MAX {
        return Err(PromiseRefused::TooFar);
    }
    Ok(Standing { promise: Some(promise), ..standing.clone() })
}
