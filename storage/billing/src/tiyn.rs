//! Sums: integer tiyn, checked.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A sum in tiyn, of which a tenge has a hundred. A sum may be below zero: a debt, a reversal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tiyn(i64);

/// A sum that is beyond what sums may be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sum is beyond {} tenge", Tiyn::MAX.0 / 100)]
pub struct TiynError;

impl Tiyn {
    /// A sum of nothing.
    pub const ZERO: Self = Self(0);

    /// The greatest sum, and with a minus the least: ten thousand milliard tenge, far beyond any account, far from where 64 bits end, so
    /// that a thousand of them can be added.
    pub const MAX: Self = Self(1_000_000_000_000_000);

    /// A sum of so many tiyn.
    ///
    /// # Errors
    /// [`TiynError`] beyond [`Tiyn::MAX`] on either side.
    pub fn new(tiyn: i64) -> Result<Self, TiynError> {
        if (-Self::MAX.0..=Self::MAX.0).contains(&tiyn) { Ok(Self(tiyn)) } else { Err(TiynError) }
    }

    /// How many tiyn it is.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The sum of both.
    ///
    /// # Errors
    /// [`TiynError`] beyond the greatest sum.
    pub fn plus(self, other: Self) -> Result<Self, TiynError> {
        self.0.checked_add(other.0).ok_or(TiynError).and_then(Self::new)
    }

    /// What is left of this when `other` is taken from it.
    ///
    /// # Errors
    /// [`TiynError`] beyond the greatest sum.
    pub fn minus(self, other: Self) -> Result<Self, TiynError> {
        self.plus(other.negated())
    }

    /// The same sum the other way.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self(self.0.saturating_neg()) // never at the end of 64 bits: MAX is far from it
    }

    /// The sum of many.
    ///
    /// # Errors
    /// [`TiynError`] beyond the greatest sum.
    pub fn sum(sums: impl IntoIterator<Item = Self>) -> Result<Self, TiynError> {
        sums.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// `self` × `times` / `of`, to the nearest tiyn, halves away from zero.
    ///
    /// # Errors
    /// [`TiynError`] beyond the greatest sum, and where `of` is zero.
    pub fn share(self, times: u64, of: u64) -> Result<Self, TiynError> {
        let product = i128::from(self.0).checked_mul(i128::from(times)).ok_or(TiynError)?;
        let tiyn = half_away_from_zero(product, i128::from(of)).ok_or(TiynError)?;
        i64::try_from(tiyn).map_err(|_| TiynError).and_then(Self::new)
    }
}

impl fmt::Display for Tiyn {
    /// `-1 234.50` without the spaces: a sum as programs read it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let tiyn = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", tiyn / 100, tiyn % 100)
    }
}

/// The quotient to the nearest whole number, halves away from zero; `None` for a divisor that is not above zero.
#[must_use]
pub fn half_away_from_zero(dividend: i128, divisor: i128) -> Option<i128> {
    if divisor <= 0 {
        return None;
    }
    let whole = dividend.checked_div(divisor)?;
    let rest = dividend.checked_rem(divisor)?.checked_abs()?;
    let away = if rest >= divisor.checked_sub(rest)? { dividend.signum() } else { 0 };
    whole.checked_add(away)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiyn(tiyn: i64) -> Tiyn {
        Tiyn::new(tiyn).expect("a sum")
    }

    #[test]
    fn halves_go_away_from_zero_on_either_side() {
        let cases = [
            (5, 10, 1),
            (-5, 10, -1),
            (4, 10, 0),
            (-4, 10, 0),
            (15, 10, 2),
            (-15, 10, -2),
            (0, 7, 0),
            (1, 3, 0),
            (2, 3, 1),
        ];
        for (dividend, divisor, quotient) in cases {
            assert_eq!(half_away_from_zero(dividend, divisor), Some(quotient), "{dividend} / {divisor}");
        }
        assert_eq!(half_away_from_zero(1, 0), None);
        assert_eq!(half_away_from_zero(1, -1), None);
    }

    #[test]
    fn a_share_of_a_sum_is_to_the_nearest_tiyn() {
        assert_eq!(tiyn(100_000).share(1, 3), Ok(tiyn(33_333)));
        assert_eq!(tiyn(100_000).share(16, 116), Ok(tiyn(13_793)));
        assert_eq!(tiyn(-100_000).share(1, 3), Ok(tiyn(-33_333)));
        assert_eq!(tiyn(1).share(1, 2), Ok(tiyn(1)));
        assert_eq!(tiyn(1).share(1, 0), Err(TiynError));
    }

    #[test]
    fn sums_beyond_the_greatest_are_refused_and_never_wrap() {
        assert_eq!(Tiyn::new(i64::MIN), Err(TiynError));
        assert_eq!(Tiyn::MAX.plus(tiyn(1)), Err(TiynError));
        assert_eq!(Tiyn::MAX.negated().minus(tiyn(1)), Err(TiynError));
        assert_eq!(Tiyn::MAX.share(u64::MAX, 1), Err(TiynError));
    }

    #[test]
    fn a_sum_is_written_digit_by_digit() {
        for (sum, text) in
            [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123_450, "1234.50"), (-123_450, "-1234.50")]
        {
            assert_eq!(tiyn(sum).to_string(), text);
        }
    }
}
