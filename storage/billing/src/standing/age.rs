//! How old a debt is: what is paid pays the oldest first, so that a debt is of the newest charges.

use serde::{Deserialize, Serialize};

use crate::tiyn::{Tiyn, TiynError};

/// A debt by the months in which what it is of was charged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aged {
    /// Charged in the present month.
    pub present: Tiyn,
    /// In the one before.
    pub before: Tiyn,
    /// In the one before that.
    pub second: Tiyn,
    /// Older than all of these.
    pub older: Tiyn,
}

/// Divides a debt by age; `charged` is what was charged in the present month and in the two before it, the newest first. Without a
/// debt all are nothing.
///
/// # Errors
/// [`TiynError`] beyond the greatest sum.
pub fn aged(balance: Tiyn, charged: [Tiyn; 3]) -> Result<Aged, TiynError> {
    let mut left = balance.negated().max(Tiyn::ZERO);
    let mut parts = [Tiyn::ZERO; 3];
    for (part, charged) in parts.iter_mut().zip(charged) {
        *part = left.min(charged.max(Tiyn::ZERO));
        left = left.minus(*part)?;
    }
    let [present, before, second] = parts;
    Ok(Aged { present, before, second, older: left })
}
