//! The feed: what registers stored, given to readers behind the service, each document once.
//!
//! A reader makes something of documents, such as the figures of days. Its *position* in a register is the last document
//! that it took. It lies in the head of a stream of its own, whose rows are what it makes: so one conditional append moves
//! both, and each document counts once however many processes read, whatever fails between them.
//!
//! Which registers have something new, announcements tell (see [`crate::registers::announcement`]). They may be missed: an
//! append whose outcome was unknown lands an hour later, a gateway's clock is a day wrong, a store is older than the feed.
//! So the [sweep](crate::feed::Sweep) looks at every register once a day.

mod catch_up;
mod pass;
mod position;
mod reader;
mod seen;
mod sweep;

pub use self::catch_up::{Caught, catch_up};
pub use self::pass::{Pass, READ_AGAIN_FOR, Shard};
pub use self::position::{Position, Reading};
pub use self::reader::{Reader, ReaderName, Stamps, is_fact, position};
pub use self::seen::Seen;
pub use self::sweep::{Step, Sweep, is_swept};
