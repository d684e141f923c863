//! What a company's people should know first: which registers have trouble, and what was sold today.

mod overview;
mod trouble;

pub use overview::{DaySales, Overview, TroubledRegister, overview};
pub use trouble::{Trouble, troubles};
