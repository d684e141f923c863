//! A register, a till and a little server around `decide`, all in memory.

mod answer;
mod draft;
mod model;
mod receipt;
mod scenario;
mod server;
mod time;
mod tree;

pub(crate) use answer::{Answer, Tickets, Zx};
pub(crate) use draft::{
    Draft, auth, cancel, close, deposit, framed, info, nomenclature, qr_generate, qr_status, system,
    withdraw, x, z,
};
pub(crate) use model::recomputed;
pub(crate) use receipt::{
    BUY, BUY_RETURN, SELL, SELL_RETURN, buy, buy_return, card_sale, receipt, sale, sale_return,
};
pub(crate) use scenario::{play, scenario};
pub(crate) use server::{BIN, FIRST_TOKEN, FNS_KKM_ID, Outcome, REGISTER, Reply, SITE, Server};
pub(crate) use time::moment;
pub(crate) use tree::{Fields, Seen, Value, tiyn};
