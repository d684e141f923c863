//! Registers: what people change of them, and how the audit of their organisation tells it.

mod audit;
mod change;
mod error;
mod find;
mod look;
mod telling;

pub use audit::carry_over;
pub use change::{Turns, change_register};
pub use error::RegisterError;
pub use find::{newest, record};
pub use look::look_at_register;
pub use telling::change_what_answers_name;
pub(crate) use telling::tell;
