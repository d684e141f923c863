//! Costly work that is not done now.

/// Too much of the same is under way, or waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Busy;
