//! What gateway and site both stand on and neither owns: time and chance, how addresses are counted and how much each may
//! hold, which proxies are believed, whether the process can serve, who runs it, and the languages people are spoken to in.
//!
//! No IO: clocks, generators and sockets belong to whoever calls.

mod address;
mod imprint;
mod language;
mod proxies;
mod readiness;
mod shares;
mod world;

pub use address::AddressKey;
pub use imprint::Imprint;
pub use language::Language;
pub use proxies::{TrustedProxies, TrustedProxy, TrustedProxyError};
pub use readiness::Readiness;
pub use shares::{AddressShares, Held, Spent};
pub use world::{DRAWN_LEN, World};
