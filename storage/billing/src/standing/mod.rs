//! Standing: when the money of an organisation ends, what it is told before that, and when its registers stop.

mod age;
mod forecast;
mod judge;

pub use age::{Aged, aged};
pub use forecast::{Costs, FORECAST_MONTHS, forecast};
pub use judge::{
    GRACE_DAYS, Judged, Known, NOTICE_DAYS, Notice, NoticeKind, NoticeWay, PROMISE_DAYS_MAX, Promise,
    PromiseRefused, RESERVE_DAYS, Standing, State, judge, promised, stop_day,
};
