//! Checks of every reply, also of those that never reach a device.
//!
//! Rules 2 and 8 of the house: what is answered 0 is stored and has the stored answer; a refusal has its reason.

use bytes::{Bytes, BytesMut};
use ofd_gateway::service::Reply;
use ofd_loadtest::{Answer, ServiceMemory};
use ofd_protocol::frame::{self, Header};
use ofd_protocol::register::SHIFT_LENGTH_MAX_SECONDS;
use ofd_protocol::types::{LocalDateTime, UnixMillis};
use ofd_storage::registers;
use ofd_storage::store::Store;

use super::ledger::{Book, Checked};

/// A request under way, and when it was sent.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The index of the device.
    pub device: usize,
    /// The bytes of the frame.
    pub raw: Bytes,
    /// For the journal.
    pub name: String,
    /// The device's number of the document, of a fiscal command.
    pub document: Option<u64>,
    /// The document's time.
    pub date_time: LocalDateTime,
    /// Whether the frame has an offline number.
    pub has_offline_number: bool,
    /// The number of the last write when it was sent.
    pub since: u64,
}

/// The header of a frame of ours.
pub fn header(raw: &[u8]) -> Header {
    frame::whole(raw).expect("a simulated device sends whole frames").header
}

/// A reply as the device sees it.
pub fn frame_of(reply: &Reply) -> Bytes {
    let mut out = BytesMut::new();
    let put = frame::put_header(&mut out, &reply.answer.header, reply.answer.payload.len());
    put.expect("an answer fits a frame");
    out.extend_from_slice(&reply.answer.payload);
    out.freeze()
}

/// Reads a reply as strictly as tills do.
pub fn read(reply: &Reply) -> Checked<Answer> {
    Answer::read(&frame_of(reply), &mut ServiceMemory::default()).map_err(|error| error.to_string())
}

/// Judges the reply to a request of a device; `latest` is the latest time that any gateway's clock showed.
pub async fn judge(
    book: &Book,
    store: &impl Store,
    exchange: &Exchange,
    reply: &Reply,
    latest: UnixMillis,
) -> Checked<u32> {
    let (answer, asked) = (read(reply)?, header(&exchange.raw));
    let given = answer.header;
    if (given.version, given.register, given.request) != (asked.version, asked.register, asked.request) {
        return Err("the answer does not repeat VERSION, ID and REQNUM".to_owned());
    }
    let is_reasoned = match answer.code {
        0 => return judge_success(book, store, exchange, reply).await.map(|()| 0),
        254 => true,
        2 => !book.was_good_since(asked.token, exchange.since),
        11 => exchange.document.is_some() && is_aged(book, exchange, latest),
        15 | 18 | 19 => book.was_stopped_since(exchange.since),
        // What registers of the simulation send is never malformed, and none of them is a clone.
        _ => false,
    };
    if given.token != asked.token {
        return Err(format!("the answer {} changes the token", answer.code));
    }
    if !is_reasoned {
        let text = answer.text.unwrap_or_default();
        return Err(format!("{} is answered {} without reason: {text}", exchange.name, answer.code));
    }
    Ok(answer.code)
}

async fn judge_success(book: &Book, store: &impl Store, exchange: &Exchange, reply: &Reply) -> Checked {
    let Some(number) = exchange.document else { return Ok(()) };
    let (name, id) = (&exchange.name, header(&exchange.raw).register);
    let place = book.made.get(&number).and_then(|made| made.place);
    let place = place.ok_or_else(|| format!("{name} is answered 0 and not stored"))?;
    let stored = registers::document(store, id, place).await.map_err(|error| error.to_string())?;
    let stored = stored.ok_or_else(|| format!("{name} is answered 0 and its document is gone"))?;
    if stored.answer != reply.answer.payload {
        return Err(format!("{name} is answered 0 with another answer than the one stored at {place:?}"));
    }
    Ok(())
}

/// Whether the shift may have been too old for the document, by the device's clock or by a gateway's.
fn is_aged(book: &Book, exchange: &Exchange, latest: UnixMillis) -> bool {
    let Some(open) = book.register().open_shift() else {
        return book.has_stored_since(exchange.since);
    };
    let date_time = exchange.date_time.wall_seconds();
    let by_device = book.register().first_online_at().map_or(0, |first| date_time - first.wall_seconds());
    let by_server = latest.since(open.accepted_at) / 1000;
    by_device > SHIFT_LENGTH_MAX_SECONDS
        || by_server >= SHIFT_LENGTH_MAX_SECONDS.unsigned_abs()
        || book.has_stored_since(exchange.since)
}
