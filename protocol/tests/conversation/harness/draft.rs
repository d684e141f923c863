//! Requests as a till makes them: complete and right for every version, until a test spoils them.

use bytes::BytesMut;
use ofd_protocol::frame::{Header, put_header};
use ofd_protocol::types::{RegisterId, RequestNumber, Token};

use super::server::REGISTER;
use super::tree::{Fields, Value, date_time, money};

/// A request before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) body: Fields,
    pub(crate) version: u16,
    pub(crate) register: u32,
    pub(crate) token: Option<u32>,
    pub(crate) request: Option<u16>,
    pub(crate) is_tls: bool,
    /// The part the command names.
    pub(crate) part: &'static str,
    /// The date and time that is the sending's unless a test says otherwise.
    time: Option<(&'static str, u32)>,
    is_time_set: bool,
}

impl Draft {
    pub(crate) fn new(command: u32, part: &'static str, number: u32, content: Fields) -> Self {
        let mut body = Fields::new().int("command", 1, command);
        if !part.is_empty() {
            body = body.message(part, number, content);
        }
        let time = match part {
            "ticket" => Some(("date_time", 2)),
            "report" => Some(("date_time", 2)),
            "money_placement" => Some(("date_time", 1)),
            "close_shift" => Some(("close_time", 1)),
            _ => None,
        };
        Self {
            body: body.message("service", 6, service()),
            version: 203,
            register: REGISTER,
            token: None,
            request: None,
            is_tls: false,
            part,
            time,
            is_time_set: false,
        }
    }

    /// The part the command names.
    pub(crate) fn content(&mut self) -> &mut Fields {
        self.body.at(self.part)
    }

    fn put(mut self, name: &'static str, number: u32, value: Value) -> Self {
        self.content().put(name, number, value);
        self
    }

    pub(crate) fn version(mut self, version: u16) -> Self {
        self.version = version;
        self
    }

    pub(crate) fn register(mut self, register: u32) -> Self {
        self.register = register;
        self
    }

    pub(crate) fn token(mut self, token: u32) -> Self {
        self.token = Some(token);
        self
    }

    pub(crate) fn req(mut self, request: u16) -> Self {
        self.request = Some(request);
        self
    }

    pub(crate) fn tls(mut self) -> Self {
        self.is_tls = true;
        self
    }

    /// Made at this moment of the device's clock.
    pub(crate) fn at(mut self, at: &str) -> Self {
        let (name, number) = self.time.expect("a part with a time");
        self.is_time_set = true;
        self.put(name, number, Value::Message(date_time(at)))
    }

    /// Made a minute later than the one before, where the part has a time: another document.
    pub(crate) fn at_later(self) -> Self {
        if self.time.is_some() { self.at("10:01") } else { self }
    }

    /// With an offline number, or for what has none, with the offline mark.
    pub(crate) fn offline(self, number: u32) -> Self {
        match self.part {
            "ticket" => self.put("offline_ticket_number", 10, Value::Int(number.into())),
            "close_shift" => self.put("is_offline", 2, Value::Int(1)),
            "report" => self.put("is_offline", 3, Value::Int(1)),
            "money_placement" => self.put("is_offline", 4, Value::Int(1)),
            part => panic!("{part} is never offline"),
        }
    }

    pub(crate) fn printed(self, number: u64) -> Self {
        let tag = match self.part {
            "ticket" => 16,
            "close_shift" => 7,
            "money_placement" => 6,
            part => panic!("{part} is never printed"),
        };
        self.put("printed_document_number", tag, Value::Int(number))
    }

    /// fr_shift_number: the till's own number of the shift.
    pub(crate) fn label(self, number: u32) -> Self {
        let tag = match self.part {
            "ticket" => 14,
            "close_shift" => 3,
            "money_placement" => 5,
            part => panic!("{part} has no shift"),
        };
        self.put("fr_shift_number", tag, Value::Int(number.into()))
    }

    /// printed_ticket: what the receipt looked like.
    pub(crate) fn text(self, text: &str) -> Self {
        self.put("printed_ticket", 12, Value::Bytes(text.as_bytes().to_vec()))
    }

    /// All cash is taken out before the shift is closed.
    pub(crate) fn take_all(self) -> Self {
        self.put("withdraw_money", 4, Value::Int(1))
    }

    pub(crate) fn buyer(self, iin_or_bin: &str) -> Self {
        let options = Fields::new().text("customer_iin_or_bin", 4, iin_or_bin);
        self.put("extension_options", 9, Value::Message(options))
    }

    /// Asks for the registration data.
    pub(crate) fn reg_info(mut self) -> Self {
        self.body.at("service").put("get_reg_info", 7, Value::Int(1));
        self
    }

    /// The service part says that there was no link from `begin` to `end`.
    pub(crate) fn offline_period(mut self, begin: &str, end: &str) -> Self {
        *self.body.value("service.offline_period") = Value::Message(period(begin, end));
        self
    }

    /// Without the field at `path` of the envelope, or of the part the command names.
    pub(crate) fn without(mut self, path: &str) -> Self {
        let first = path.split(['.', '[']).next().unwrap();
        if self.body.has(first) {
            self.body.remove(path)
        } else {
            self.content().remove(path)
        }
        self
    }

    /// With another value at `path` of the part the command names.
    pub(crate) fn with(mut self, path: &str, value: impl Into<u64>) -> Self {
        *self.content().value(path) = Value::Int(value.into());
        self
    }

    pub(crate) fn with_text(mut self, path: &str, value: &str) -> Self {
        *self.content().value(path) = Value::Bytes(value.as_bytes().to_vec());
        self
    }

    pub(crate) fn with_money(mut self, path: &str, sum: &str) -> Self {
        *self.content().value(path) = Value::Message(money(sum));
        self
    }

    /// With one more field in the message at `path` of the part the command names; the part itself is `""`.
    pub(crate) fn and(mut self, path: &str, number: u32, value: Value) -> Self {
        let message = if path.is_empty() { self.content() } else { self.content().at(path) };
        message.push("added", number, value);
        self
    }

    /// The same part with its fields in the opposite order.
    pub(crate) fn reversed(mut self) -> Self {
        let content = std::mem::take(self.content());
        *self.content() = content.reversed();
        self
    }

    /// The payload, its time being `now` unless the test said another.
    pub(crate) fn payload(&self, now: &str) -> Vec<u8> {
        let mut draft = self.clone();
        let name =
            draft.time.filter(|_| !draft.is_time_set && draft.body.has(draft.part)).map(|(name, _)| name);
        if let Some(name) = name.filter(|name| draft.content().has(name)) {
            *draft.content().value(name) = Value::Message(date_time(now));
        }
        draft.body.encoded()
    }
}

/// Any payload in a frame.
pub(crate) fn framed(version: u16, register: u32, token: u32, request: u16, payload: &[u8]) -> Vec<u8> {
    let header = Header {
        version,
        size: 0,
        register: RegisterId(register),
        token: Token(token),
        request: RequestNumber(request),
    };
    let mut out = BytesMut::new();
    put_header(&mut out, &header, payload.len()).expect("a frame within the limit");
    out.extend_from_slice(payload);
    out.to_vec()
}

fn period(begin: &str, end: &str) -> Fields {
    Fields::new().date_time("begin_time", 1, begin).date_time("end_time", 2, end)
}

/// What tills say of themselves, the nonsense of one that was never offline included.
fn service() -> Fields {
    let position = Fields::new().int("latitude", 1, 43_238_949_u32).int("longitude", 2, 76_889_709_u32);
    let kkm = Fields::new().text("fns_kkm_id", 3, "640300014538").text("serial_number", 4, "SN-1");
    let org = Fields::new().text("title", 1, "TEMP_REG_1").text("inn", 3, "000000000000");
    Fields::new()
        .message("security_stats", 3, Fields::new().message("geo_position", 1, position))
        .message("offline_period", 4, period("1899-12-30 00:00:00", "1899-12-30 00:00:00"))
        .message("reg_info", 12, Fields::new().message("kkm", 1, kkm).message("org", 2, org))
}

pub(crate) fn cashier() -> Fields {
    Fields::new().int("code", 1, 7_u32).text("name", 2, "Алия")
}

/// The till's own report; never judged.
fn own_report() -> Fields {
    Fields::new().date_time("date_time", 1, "2026-01-22 00:00:00").int("shift_number", 2, 1_u32)
}

fn placement(operation: u32, sum: &str) -> Draft {
    let content = Fields::new()
        .date_time("date_time", 1, "00:00")
        .int("operation", 2, operation)
        .money("sum", 3, sum)
        .message("operator", 7, cashier());
    Draft::new(6, "money_placement", 7, content)
}

pub(crate) fn deposit(sum: &str) -> Draft {
    placement(0, sum)
}

pub(crate) fn withdraw(sum: &str) -> Draft {
    placement(1, sum)
}

pub(crate) fn close() -> Draft {
    let content = Fields::new()
        .date_time("close_time", 1, "00:00")
        .message("z_report", 5, own_report())
        .message("operator", 6, cashier());
    Draft::new(2, "close_shift", 3, content)
}

fn report(kind: u32) -> Draft {
    let content = Fields::new().int("report", 1, kind).date_time("date_time", 2, "00:00").message(
        "zx_report",
        4,
        own_report(),
    );
    Draft::new(3, "report", 4, content)
}

pub(crate) fn z() -> Draft {
    report(0)
}

pub(crate) fn x() -> Draft {
    report(1)
}

pub(crate) fn system() -> Draft {
    Draft::new(0, "", 0, Fields::new())
}

pub(crate) fn info() -> Draft {
    Draft::new(5, "", 0, Fields::new())
}

pub(crate) fn cancel() -> Draft {
    Draft::new(7, "", 0, Fields::new())
}

pub(crate) fn nomenclature() -> Draft {
    Draft::new(4, "nomenclature", 5, Fields::new().int("current_version", 1, 3_u32))
}

pub(crate) fn auth() -> Draft {
    Draft::new(8, "auth", 8, Fields::new().text("login", 1, "aliya").text("password", 2, "1"))
}

pub(crate) fn qr_generate() -> Draft {
    let content = Fields::new().int("invoice_id", 1, 5_u32).money("amount", 2, "500.00");
    Draft::new(100, "qr", 9, content).version(204)
}

pub(crate) fn qr_status() -> Draft {
    Draft::new(101, "qr", 9, Fields::new().int("invoice_id", 1, 5_u32)).version(204)
}
