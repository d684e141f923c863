//! What a connection and the service give each other: where a request came from, and what goes back.

use std::net::IpAddr;

use bytes::Bytes;
use ofd_protocol::frame::Header;
use ofd_protocol::refusal::{Refusal, Unavailable};
use ofd_protocol::register::{refusal_answer, unavailable_answer};
use ofd_protocol::types::Token;
use ofd_protocol::version::Version;

use crate::codec::Outgoing;

/// Where a request came from.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// The peer's address.
    pub address: IpAddr,
    /// Whether over TLS.
    pub is_tls: bool,
}

/// What goes back, and whether the connection goes on.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What is sent back to the device.
    pub answer: Outgoing,
    /// The connection is closed after it.
    pub closes: bool,
    /// Who asked, as far as it became known.
    pub standing: Standing,
}

/// Who asked, as far as it is known when the answer leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A register: its token was good.
    Register,
    /// Nobody that is known: the token was wrong, or nothing that could be read was said.
    Stranger,
    /// The store could not be asked.
    Unjudged,
}

/// The answer to bytes that are no frame or no message: 3 with command 0, and the connection ends.
pub fn unreadable(header: Header) -> Reply {
    let answer = refusal_answer(None, None, Version::V203, &Refusal::Unreadable);
    let answer = reply(header, header.token, answer.payload(Version::V203).freeze()).answer;
    Reply { answer, closes: true, standing: Standing::Stranger }
}

/// The answer to a request that is not even looked at.
pub fn unavailable(header: Header, reason: Unavailable) -> Reply {
    let answer = unavailable_answer(None, reason);
    Reply { closes: true, ..reply(header, header.token, answer.payload(Version::V203).freeze()) }
}

pub(super) fn reply(header: Header, token: Token, payload: Bytes) -> Reply {
    let answer = Outgoing { header: Header { token, ..header }, payload };
    Reply { answer, closes: false, standing: Standing::Stranger }
}
