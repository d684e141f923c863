//! What the mathematics says of a signature.

/// A fact that the mathematics says. What was not checked is neither good nor bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// It was checked and holds.
    Ok,
    /// It was checked and does not hold.
    Bad,
    /// It was not checked: for lack of a certificate, by an algorithm that is not known or not allowed here, or over a
    /// limit.
    Unchecked,
}

impl Fact {
    pub(crate) const fn of(is_good: bool) -> Self {
        if is_good { Self::Ok } else { Self::Bad }
    }

    /// The word that the JSON of a verdict has.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Bad => "bad",
            Self::Unchecked => "unchecked",
        }
    }
}
