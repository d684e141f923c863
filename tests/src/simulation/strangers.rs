//! Strangers: clones under old tokens, registers that nobody gave an id, bytes that mean nothing.

use bytes::{Bytes, BytesMut};
use ofd_gateway::service::Reply;
use ofd_protocol::frame::{self, HEADER_LEN};
use ofd_protocol::types::{RegisterId, RequestNumber, Token};

use super::backend::SimBackend;
use super::devices::ORIGIN;
use super::ledger::Checked;
use super::replies::{self, Exchange, header};
use super::scheduler::{Finished, Purpose, Simulation};

/// The frame under another token and number.
pub(super) fn readdressed(raw: &[u8], token: Token, request: RequestNumber) -> Bytes {
    let header = frame::Header { token, request, ..header(raw) };
    with_header(&header, &raw[HEADER_LEN..])
}

fn with_header(header: &frame::Header, payload: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    frame::put_header(&mut out, header, payload.len()).expect("it was a frame before");
    out.extend_from_slice(payload);
    out.freeze()
}

impl<B: SimBackend> Simulation<B> {
    /// Somebody sends what a device sent, but is not that device.
    pub(super) fn stranger(&mut self, gateway: usize, index: usize) {
        let (device, book) = (&self.devices[index], &self.books[index]);
        let Some(last) = device.last_frame.clone() else { return };
        let drawn = self.random.draw();
        let token = match book.old_token() {
            Some(token) if drawn.is_multiple_of(2) => token,
            _ => Token::from_drawn((drawn >> 32) as u32),
        };
        if book.is_good(token) || device.token_given == Some(token) {
            return;
        }
        let mut known = header(&last);
        known.token = token;
        let mut payload = last[HEADER_LEN..].to_vec();
        let name = match drawn >> 8 & 7 {
            0 => {
                known.register = RegisterId(9_999_999);
                "an absent register"
            }
            1 | 2 => {
                for _ in 0..=self.random.below(8) {
                    let at = self.random.below(payload.len());
                    payload[at] = self.random.draw() as u8;
                }
                "garbage"
            }
            _ => "a clone",
        };
        let raw = with_header(&known, &payload);
        let at = &self.cluster.gateways[gateway];
        let Some(service) = at.service.clone() else { return };
        self.journal.write(&self.clock, format_args!("{name} of {} asks {}", known.register, at.name));
        let (date_time, name) = (device.time(self.clock.now_ms()), name.to_owned());
        let since = self.writes;
        let document = None;
        let exchange = Exchange {
            device: index,
            raw: raw.clone(),
            name,
            document,
            date_time,
            has_offline_number: false,
            since,
        };
        let future = async move { Finished::Reply(service.handle(&raw, ORIGIN).await) };
        self.tally.strangers += 1;
        self.begin(gateway, Purpose::Stranger(exchange), 0, future);
    }

    /// A device sends a receipt of its offline queue once more, however long ago it was answered.
    pub(super) fn repeat(&mut self, gateway: usize, index: usize, number: u64) {
        let (device, made) = (&self.devices[index], self.books[index].made.get(&number));
        let Some(original) = made.and_then(|made| made.offline_frame.clone()) else { return };
        // Below this the device counts by itself.
        let request = RequestNumber(50_000 + self.random.below(10_000) as u16);
        let raw = readdressed(&original, device.register.state().token, request);
        self.books[index].resent(&raw, &original);
        self.tally.repeats += 1;
        let exchange = Exchange {
            device: index,
            raw,
            name: format!("repeat of #{number}"),
            document: Some(number),
            date_time: device.time(self.clock.now_ms()),
            has_offline_number: true,
            since: self.writes,
        };
        self.ask(gateway, exchange);
    }

    /// A stranger must learn nothing and change nothing; the latter shows when a write is followed.
    pub(super) fn stranger_answered(
        &mut self,
        gateway: usize,
        exchange: &Exchange,
        reply: &Reply,
    ) -> Checked {
        let (answer, asked) = (replies::read(reply)?, header(&exchange.raw));
        let (at, name) = (self.cluster.gateways[gateway].name, &exchange.name);
        self.journal
            .write(&self.clock, format_args!("{name} of {} from {at} -> {}", asked.register, answer.code));
        if answer.header.token != asked.token {
            return Err(format!("{name} learns a token"));
        }
        let is_told = match exchange.name.as_str() {
            "a clone" => [2, 254].contains(&answer.code),
            "an absent register" => [1, 254].contains(&answer.code),
            _ => [2, 3, 254].contains(&answer.code),
        };
        // A token that is drawn may become good while the stranger waits; that is one in two milliards.
        if is_told { Ok(()) } else { Err(format!("{name} is answered {}", answer.code)) }
    }
}
