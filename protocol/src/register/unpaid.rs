//! The stop for an unpaid service (WIRE 13.7), which lets an open shift end in order.

use super::asked::SHIFT_LENGTH_MAX_SECONDS;
use super::state::{OpenShift, Register, Stop};
use crate::types::UnixMillis;

impl Register {
    /// Since when an unpaid register is not served; `None` when it is paid, or its open shift still goes on.
    pub fn unpaid_stop(&self, now: UnixMillis) -> Option<UnixMillis> {
        let stop = self.status.unpaid.as_ref()?;
        match self.open_shift().and_then(|open| last_moment(open, stop)) {
            Some(last) => (now >= last).then_some(last),
            None => Some(stop.at),
        }
    }

    /// An unpaid register's shift was closed: the stop holds from then on. What was sold in it without a link and
    /// comes later happened before.
    pub(super) fn end_unpaid_shift(&mut self, open: Option<&OpenShift>, closed_at: UnixMillis) {
        if let (Some(open), Some(stop)) = (open, &mut self.status.unpaid)
            && let Some(last) = last_moment(open, stop)
        {
            stop.at = closed_at.min(last);
        }
    }
}

/// When an open shift that was there before the stop ends at the latest; `None` when it was not. Documents made
/// before the stop may open one after it, which is no shift to sell in.
fn last_moment(open: &OpenShift, stop: &Stop) -> Option<UnixMillis> {
    let last = open.accepted_at.plus_seconds(SHIFT_LENGTH_MAX_SECONDS.unsigned_abs());
    (open.accepted_at <= stop.at).then_some(last.max(stop.at))
}
