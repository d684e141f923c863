//! What is true of each register, followed write by write, against what its device sent and was told.
//!
//! Rules 1 and 3 of the house are checked here the moment a write is applied: every stored document is one that was
//! sent, byte for byte, stored once and in order, and the counters are those of the documents.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use ofd_protocol::message::answer::CRC;
use ofd_protocol::register::{Phase, Recount, Register, Status, StatusName, Tokens, chain};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{LocalDateTime, RegisterId, Token, UnixMillis};
use ofd_storage::registers::{self, Document, Loaded};
use ofd_storage::store::{RecordKind, Store, StoreError};

use super::gateways::ZONE_SECONDS;

/// What a check says: nothing, or the rule that was broken.
pub type Checked<T = ()> = Result<T, String>;

/// What a device knows of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was sent, or waits to be.
    Pending,
    /// The device was told that it is stored.
    Accepted,
    /// The device was told that it is not, and by which code; it will not send it again.
    Refused(u32),
}

/// A fiscal document that a device made.
#[derive(Clone, Debug)]
pub struct Made {
    /// For the journal.
    pub name: String,
    /// Where it lies, once it is stored.
    pub place: Option<DocumentRef>,
    /// What the device knows.
    pub fate: Fate,
    /// The frame with an offline number that was answered 0.
    pub offline_frame: Option<Bytes>,
}

/// A frame of a fiscal document as it was sent.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// The device's number of the document.
    pub document: u64,
    /// Made without a link.
    pub is_offline: bool,
    /// The document's time.
    pub date_time: LocalDateTime,
}

/// All that is known of one register.
pub struct Book {
    id: RegisterId,
    /// The newest state in the store.
    pub truth: Loaded,
    /// Its documents by the device's numbers.
    pub made: BTreeMap<u64, Made>,
    frames: HashMap<Bytes, Sent>,
    recount: Recount,
    counted: u32,
    chain: [u8; 32],
    accepted_at: UnixMillis,
    tokens: Vec<(u64, Tokens)>,
    /// The last write before or after which the register was not to be served.
    stopped_at: Option<u64>,
    stored_at: u64,
}

fn broken(error: StoreError) -> String {
    format!("the store without faults says: {error}")
}

impl Book {
    /// The book of a register that was just created.
    pub async fn open(store: &impl Store, id: RegisterId) -> Checked<Self> {
        let truth = registers::newest(store, id).await.map_err(broken)?.ok_or("it was not created")?;
        let tokens = vec![(0, truth.register.tokens)];
        Ok(Self {
            id,
            made: BTreeMap::new(),
            frames: HashMap::new(),
            recount: Recount::begin_shift(truth.register.lifetime.clone()),
            counted: 0,
            chain: truth.register.chain,
            accepted_at: UnixMillis(0),
            tokens,
            stopped_at: None,
            stored_at: 0,
            truth,
        })
    }

    /// Notes that a device sends a frame of a document.
    pub fn sent(&mut self, raw: &Bytes, sent: Sent, name: &str) {
        let made = self.made.entry(sent.document).or_insert_with(|| Made {
            name: name.to_owned(),
            place: None,
            fate: Fate::Pending,
            offline_frame: None,
        });
        made.fate = Fate::Pending;
        self.frames.insert(raw.clone(), sent);
    }

    /// Notes that a frame is sent again under another token or number.
    pub fn resent(&mut self, raw: &Bytes, original: &Bytes) {
        if let Some(sent) = self.frames.get(original).copied() {
            self.frames.insert(raw.clone(), sent);
        }
    }

    /// Where a document lies, if it is stored.
    pub fn place(&self, document: u64) -> Option<DocumentRef> {
        self.made.get(&document)?.place
    }

    /// How many documents are stored.
    pub fn stored(&self) -> usize {
        self.made.values().filter(|made| made.place.is_some()).count()
    }

    /// The receipts with an offline number that the device knows are stored.
    pub fn offline_receipts(&self) -> Vec<u64> {
        self.made.iter().filter(|(_, made)| made.offline_frame.is_some()).map(|(number, _)| *number).collect()
    }

    /// The register's state now.
    pub fn register(&self) -> &Register {
        &self.truth.register
    }

    /// Whether a device may hold this token now.
    pub fn is_good(&self, token: Token) -> bool {
        is_among(self.truth.register.tokens, token)
    }

    /// Whether a token was good all the time from write `since` until now.
    pub fn was_good_since(&self, token: Token, since: u64) -> bool {
        let begin = self.tokens.iter().rposition(|(at, _)| *at <= since).unwrap_or(0);
        self.tokens[begin..].iter().all(|(_, tokens)| is_among(*tokens, token))
    }

    /// A token that was good once and is not any more.
    pub fn old_token(&self) -> Option<Token> {
        self.tokens.iter().map(|(_, tokens)| tokens.current).find(|token| !self.is_good(*token))
    }

    /// Whether the register was not to be served at some moment from write `since` until now.
    pub fn was_stopped_since(&self, since: u64) -> bool {
        is_stopped(&self.truth.register.status) || self.stopped_at.is_some_and(|at| at > since)
    }

    /// Whether a document was stored after write `since`.
    pub fn has_stored_since(&self, since: u64) -> bool {
        self.stored_at > since
    }

    /// Follows what was written, `at` being the number of the write, and tells it in lines for the journal.
    pub async fn follow(&mut self, store: &impl Store, at: u64) -> Checked<Vec<String>> {
        let mut told = Vec::new();
        loop {
            let number = self.truth.register.shift_number;
            let now = registers::shift(store, self.id, number).await.map_err(broken)?;
            let now = now.ok_or_else(|| format!("shift {number} of register {} is gone", self.id))?;
            self.follow_shift(store, now, at, &mut told).await?;
            let Some(next) = registers::shift(store, self.id, number + 1).await.map_err(broken)? else {
                return Ok(told);
            };
            self.begin_shift(store, &next).await?;
        }
    }

    async fn follow_shift(
        &mut self,
        store: &impl Store,
        now: Loaded,
        at: u64,
        told: &mut Vec<String>,
    ) -> Checked {
        let shift = now.register.shift_number;
        if now.version < self.truth.version || now.register.documents < self.counted {
            return Err(format!("register {} went back from {:?}", self.id, self.truth.version));
        }
        if now.version == self.truth.version {
            if now != self.truth {
                return Err(format!("the head of register {} changed without its version", self.id));
            }
            return Ok(());
        }
        let is_one_write = now.version == self.truth.version.next();
        let had = self.counted;
        while self.counted < now.register.documents {
            let place = DocumentRef { shift, number: self.counted + 1 };
            let document = registers::document(store, self.id, place).await.map_err(broken)?;
            let document = document.ok_or_else(|| format!("document {place:?} of {} is missing", self.id))?;
            told.push(self.count(place, &document, is_one_write)?);
        }
        let beyond = DocumentRef { shift, number: self.counted + 1 };
        if registers::document(store, self.id, beyond).await.map_err(broken)?.is_some() {
            return Err(format!("document {beyond:?} of register {} lies beyond its head", self.id));
        }
        self.check_counters(&now.register)?;
        self.check_unconfirmed(store, &now.register).await?;
        let place = |register: &Register| register.memory.map(|memory| memory.document);
        if had == self.counted && place(&now.register) != place(&self.truth.register) {
            told.push(format!("again {} shift {shift} {:?}", self.id, place(&now.register)));
        } else if had == self.counted {
            let (status, version) = (now.register.status.name().name(), now.version.0);
            told.push(format!("written {} shift {shift} version {version}: {status}", self.id));
        }
        if had < self.counted {
            self.stored_at = at;
        }
        if is_stopped(&self.truth.register.status) || is_stopped(&now.register.status) {
            self.stopped_at = Some(at);
        }
        if now.register.tokens != self.truth.register.tokens {
            self.tokens.push((at, now.register.tokens));
        }
        self.truth = now;
        Ok(())
    }

    /// Checks a document that was just stored, and counts it.
    fn count(&mut self, place: DocumentRef, document: &Document, is_one_write: bool) -> Checked<String> {
        let id = self.id;
        let Some(sent) = self.frames.get(document.raw.as_slice()).copied() else {
            return Err(format!("document {place:?} of register {id} was never sent with these bytes"));
        };
        let cash_before = self.recount.lifetime.cash;
        self.recount.add(&document.raw).map_err(|error| format!("document {place:?} of {id}: {error}"))?;
        let cash = self.recount.lifetime.cash;
        if cash < 0 && cash < cash_before && !sent.is_offline {
            return Err(format!("document {place:?} of register {id} takes cash that is not there"));
        }
        if is_one_write && !happened_before(&self.truth.register, sent, document.accepted_at) {
            return Err(format!("document {place:?} was stored while register {id} was stopped"));
        }
        self.chain = chain(&self.chain, &document.raw);
        if document.chain != self.chain || document.crc != CRC.checksum(&document.raw) {
            return Err(format!("chain or CRC of document {place:?} of register {id} is wrong"));
        }
        if document.number != place.number || document.accepted_at < self.accepted_at {
            return Err(format!("document {place:?} of register {id} is out of order"));
        }
        self.accepted_at = document.accepted_at;
        self.counted = place.number;
        let made = self.made.get_mut(&sent.document).ok_or("a frame without a document was noted")?;
        if let Some(first) = made.place {
            return Err(format!(
                "{} of register {id} is stored twice, at {first:?} and {place:?}",
                made.name
            ));
        }
        if let Fate::Refused(code) = made.fate {
            return Err(format!("{} of register {id} is stored after it was refused with {code}", made.name));
        }
        made.place = Some(place);
        let [a, b, c, d, ..] = document.chain;
        let name = &made.name;
        let (shift, number) = (place.shift, place.number);
        Ok(format!("stored {id} {shift}/{number} {name} chain {a:02x}{b:02x}{c:02x}{d:02x}"))
    }

    fn check_counters(&self, register: &Register) -> Checked {
        let id = self.id;
        if register.totals != self.recount.totals || register.lifetime != self.recount.lifetime {
            return Err(format!("the counters of register {id} are not those of its documents"));
        }
        if register.chain != self.chain {
            return Err(format!("the chain of register {id} is not that of its last document"));
        }
        if register.clock < self.accepted_at {
            return Err(format!("the clock of register {id} runs behind its documents"));
        }
        Ok(())
    }

    /// What the head counts as unconfirmed is there, each of it stored, and none of it cancelled or in the memory.
    async fn check_unconfirmed(&self, store: &impl Store, register: &Register) -> Checked {
        let (id, list) = (self.id, &register.unconfirmed);
        let rows = registers::unconfirmed(store, id, register.shift_number).await.map_err(broken)?;
        let counted: Vec<_> = rows.iter().filter(|row| list.counts(row.sequence)).collect();
        if counted.len() != list.count as usize {
            let count = list.count;
            return Err(format!(
                "register {id} counts {count} unconfirmed documents, there are {}",
                counted.len()
            ));
        }
        for row in counted {
            let is_remembered = register.memory.is_some_and(|memory| memory.document == row.document);
            let is_stored = self.made.values().any(|made| made.place == Some(row.document));
            let is_cancelled = registers::is_cancelled(store, id, row.document).await.map_err(broken)?;
            if is_remembered || is_cancelled || !is_stored {
                return Err(format!("{:?} of register {id} cannot be unconfirmed", row.document));
            }
        }
        Ok(())
    }

    async fn begin_shift(&mut self, store: &impl Store, next: &Loaded) -> Checked {
        let (id, number) = (self.id, next.register.shift_number);
        if !matches!(self.truth.register.phase, Phase::Closed(_)) {
            return Err(format!("shift {number} of register {id} begins before the one before it is closed"));
        }
        let key = [id.0.to_be_bytes(), (number - 1).to_be_bytes()].concat();
        if store.record(RecordKind::ShiftSummary, &key).await.map_err(broken)?.is_none() {
            return Err(format!("shift {number} of register {id} begins without the summary before it"));
        }
        self.recount = Recount::begin_shift(self.recount.lifetime.clone());
        self.counted = 0;
        let version = ofd_storage::store::Version(0);
        self.truth =
            Loaded { version, format: self.truth.format, register: self.truth.register.next_shift() };
        Ok(())
    }
}

fn is_among(tokens: Tokens, token: Token) -> bool {
    tokens.current == token || tokens.kept == Some(token)
}

fn is_stopped(status: &Status) -> bool {
    status.name() != StatusName::Active
}

/// Whether a document may be stored in this state: nothing stops the register, or the document was made before.
fn happened_before(register: &Register, sent: Sent, accepted_at: UnixMillis) -> bool {
    let status = &register.status;
    let stops = [&status.blocked, &status.disconnected, &status.deregistered].into_iter().flatten();
    stops
        .map(|stop| stop.at)
        .chain(register.unpaid_stop(accepted_at))
        .all(|at| sent.is_offline && sent.date_time.wall_seconds() <= at.wall_seconds(ZONE_SECONDS))
}
