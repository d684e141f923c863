//! Groups of shops, by which an organisation looks at them together: a region, a brand, a manager's shops.

use serde::{Deserialize, Serialize};

/// A group of shops. Which shops are in it, the shops say: there may be thousands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopGroup {
    /// Its number in the company, which no other group gets after it.
    pub id: u32,
    /// Grows with every change.
    pub revision: u32,
    /// What it is called.
    pub name: String,
}
