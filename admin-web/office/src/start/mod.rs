//! What people should know first: those of a company which registers have trouble and what was sold today, those of the
//! operator what waits for them and what is ill.

pub mod operator;
mod overview;
mod trouble;

pub use overview::{DaySales, Overview, TroubledRegister, overview};
pub use trouble::{Trouble, troubles};
