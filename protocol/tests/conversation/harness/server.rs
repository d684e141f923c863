//! The server around `decide`: what a gateway and a store do, in a few lines and in memory.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use ofd_protocol::frame::{self, FrameError, Header};
use ofd_protocol::message::Request;
use ofd_protocol::message::answer::{RegistrationData, TicketAd};
use ofd_protocol::refusal::{MalformedReceipt, Refusal};
use ofd_protocol::register::{
    self, Accepted, Amendment, Change, Confirmed, Context, Decision, DocumentKind, Drawn, Facts, Final,
    Incoming, Known, OfflineKey, Phase, Policy, Register, Unconfirmed,
};
use ofd_protocol::ticket_number::{DocumentRef, TicketNumberKey};
use ofd_protocol::types::{LocalDateTime, RegisterId, Token, UnixMillis};
use ofd_protocol::version::Version;
use ofd_protocol::warning::Warning;

use super::answer::Answer;
use super::draft::{Draft, framed};
use super::time::{moment, unix_millis};

pub(crate) const REGISTER: u32 = 203_539;
/// Token `t0` of scenarios; `t1` is one greater, and so on.
pub(crate) const FIRST_TOKEN: u32 = 1000;
pub(crate) const BIN: &str = "880101300123";
pub(crate) const FNS_KKM_ID: &str = "640300014538";
pub(crate) const SITE: &str = "https://check.ofd.example/t";

/// What is kept of a document.
pub(crate) struct Stored {
    pub(crate) raw: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    pub(crate) kind: DocumentKind,
    pub(crate) ticket_number: Option<u64>,
    pub(crate) amendments: Vec<(Amendment, Vec<u8>)>,
    /// None of a closing or a cancellation.
    pub(crate) known: Option<Known>,
    pub(crate) is_cancelled: bool,
}

/// What the server made of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    Accepted(DocumentRef),
    Replayed(DocumentRef),
    /// It was never confirmed, and came again: its answer, under a new token.
    Confirmed(DocumentRef),
    Answered,
    Refused(Refusal),
}

/// An answer with its header.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) answer: Answer,
    pub(crate) payload: Vec<u8>,
    pub(crate) token: u32,
    pub(crate) outcome: Outcome,
}

impl Reply {
    /// The fiscal sign of a receipt that was taken.
    pub(crate) fn ticket_number(&self) -> String {
        self.answer.ticket.clone().unwrap_or_else(|| panic!("{:?}", self.answer)).0
    }

    pub(crate) fn text(&self) -> &str {
        self.answer.text.as_deref().unwrap_or_default()
    }
}

pub(crate) struct Server {
    pub(crate) register: Register,
    pub(crate) policy: Policy,
    pub(crate) is_tls_allowed: bool,
    /// Whether the service was paid for since the register was stopped.
    pub(crate) is_paid_since: bool,
    pub(crate) serial_number: String,
    pub(crate) registration: RegistrationData,
    /// The texts that hold for the register.
    pub(crate) ads: Vec<TicketAd>,
    pub(crate) documents: BTreeMap<DocumentRef, Stored>,
    pub(crate) closed: BTreeMap<u32, Register>,
    pub(crate) draws: Option<u32>,
    offline: HashMap<OfflineKey, DocumentRef>,
    /// The rows of unconfirmed documents, by their sequence.
    unconfirmed: BTreeMap<u32, Unconfirmed>,
    time: LocalDateTime,
    tokens_drawn: u32,
    request: u16,
}

impl Server {
    /// A register that was just made, on a server whose clock shows 10:00.
    pub(crate) fn new() -> Self {
        Self {
            register: Register::new(Token(FIRST_TOKEN)),
            policy: Policy {
                rotate_tokens: true,
                strict_versions: Vec::new(),
                malformed_receipt: MalformedReceipt::IncorrectData,
                zone_offset_seconds: 5 * 3600,
                receipt_site: SITE.into(),
            },
            is_tls_allowed: false,
            is_paid_since: false,
            serial_number: "SN-1".into(),
            registration: registration(),
            ads: Vec::new(),
            documents: BTreeMap::new(),
            closed: BTreeMap::new(),
            draws: None,
            offline: HashMap::new(),
            unconfirmed: BTreeMap::new(),
            time: moment("10:00"),
            tokens_drawn: 0,
            request: 0,
        }
    }

    /// Sets the server's clock.
    pub(crate) fn at(&mut self, time: &str) -> &mut Self {
        self.time = moment(time);
        self
    }

    pub(crate) fn now(&self) -> UnixMillis {
        unix_millis(self.time)
    }

    fn drawn(&mut self) -> Token {
        Token(self.draws.take().unwrap_or(FIRST_TOKEN + self.tokens_drawn + 1))
    }

    fn note_drawn(&mut self, before: Token) {
        if self.register.tokens.current != before {
            self.tokens_drawn += 1;
        }
    }

    /// Sends under the current token and the next REQNUM, unless the draft names others.
    pub(crate) fn send(&mut self, draft: Draft) -> Reply {
        let token = draft.token.unwrap_or(self.register.tokens.current.0);
        let request = draft.request.unwrap_or(self.request.wrapping_add(1));
        self.request = request;
        let payload = draft.payload(&self.time.to_string().replace('T', " "));
        self.receive(&framed(draft.version, draft.register, token, request, &payload), draft.is_tls)
    }

    /// Takes the bytes of one frame, as a gateway does.
    pub(crate) fn receive(&mut self, raw: &[u8], is_tls: bool) -> Reply {
        let frame = match frame::whole(raw) {
            Ok(frame) => frame,
            Err(FrameError::Size { header }) => return self.stranger(header, None, Refusal::Unreadable),
            Err(FrameError::Foreign(first)) => panic!("{first:?}: no header, no answer"),
        };
        let header = frame.header;
        let Some(version) = Version::from_code(header.version) else {
            return self.stranger(header, None, Refusal::VersionUnsupported { version: header.version });
        };
        let Ok(request) = Request::read(frame.payload) else {
            return self.stranger(header, None, Refusal::Unreadable);
        };
        if header.register != RegisterId(REGISTER) {
            return self.stranger(
                header,
                Some(&request),
                Refusal::RegisterAbsent { register: header.register },
            );
        }
        let needs = register::needs(&self.register, header, &request);
        let cancelled = needs.cancelled.map(|place| self.documents[&place].raw.clone());
        let previous = needs.previous.map(|shift| self.closed[&shift].clone());
        let known = needs.known.and_then(|place| self.documents[&place].known.clone());
        let unconfirmed = needs.unconfirmed.map_or_else(Vec::new, |sought| {
            let of_content = |row: &&Unconfirmed| row.fingerprint == sought.fingerprint;
            let of_time =
                |row: &&Unconfirmed| sought.is_of_any_time || row.date_times.contains(&sought.date_time);
            self.unconfirmed.values().filter(of_content).filter(of_time).cloned().collect()
        });
        let facts = Facts {
            offline: needs.offline.and_then(|key| self.found_offline(&key)),
            known: known.as_ref(),
            unconfirmed: &unconfirmed,
            previous: previous.as_ref(),
            cancelled: cancelled.as_deref(),
        };
        let drawn = Drawn { now: self.now(), token: self.drawn() };
        let (key, reg_info) = (TicketNumberKey([7; 32]), self.registration.encode(version));
        let context = self.context(&key, &reg_info);
        let incoming = Incoming { header, version, raw, request: &request, is_tls };
        let decision = register::decide(&context, &self.register, &incoming, &facts, drawn);
        if let Decision::Refuse(refusal) = decision {
            let known = Some((&context, &self.register));
            let answer = register::refusal_answer(known, Some(&request), version, &refusal);
            return reply(header, header.token, &answer.payload(version), Outcome::Refused(refusal));
        }
        match decision {
            Decision::Refuse(_) => unreachable!(),
            Decision::Answer(answer) => {
                reply(header, header.token, &answer.payload(version), Outcome::Answered)
            }
            Decision::Replay { document, token, is_far } => {
                let amendment = self.amend(document, &request, raw);
                let next =
                    register::replayed(&self.register, document, amendment.as_ref(), is_far, self.now());
                self.register = next.unwrap_or_else(|| self.register.clone());
                self.check_unconfirmed();
                self.again(header, token, document, Outcome::Replayed(document))
            }
            Decision::Confirm(confirmed) => {
                let (document, token) = (confirmed.document, confirmed.token);
                self.confirm(*confirmed, &request, raw);
                self.again(header, token, document, Outcome::Confirmed(document))
            }
            Decision::Accept(accepted) => {
                let (place, token) = (accepted.place, accepted.token);
                self.store(*accepted, raw, version);
                reply(header, token, &self.documents[&place].payload, Outcome::Accepted(place))
            }
        }
    }

    /// The stored answer; it is of the version it was first asked in, whatever the retry's is.
    fn again(&self, asked: Header, token: Token, document: DocumentRef, outcome: Outcome) -> Reply {
        let stored = &self.documents[&document];
        let first = Header { version: version_of(&stored.raw), ..asked };
        reply(first, token, &stored.payload, outcome)
    }

    fn found_offline(&self, key: &OfflineKey) -> Option<DocumentRef> {
        self.offline.get(key).copied().filter(|place| !self.documents[place].is_cancelled)
    }

    fn confirm(&mut self, confirmed: Confirmed, request: &Request<'_>, raw: &[u8]) {
        let before = self.register.tokens.current;
        let Confirmed { register, document, left, unconfirmed, .. } = confirmed;
        self.register = register;
        if let Some(left) = left {
            let row = self.unconfirmed.remove(&left.sequence).expect("what leaves the list was in it");
            assert_eq!(row.document, document);
        }
        self.note_unconfirmed(unconfirmed);
        let amendment = self.amend(document, request, raw);
        let now = self.now();
        if let Some(next) = register::replayed(&self.register, document, amendment.as_ref(), false, now) {
            self.register = next;
        }
        self.note_drawn(before);
        self.check_unconfirmed();
    }

    /// Keeps the rows of unconfirmed documents, as the store does.
    fn note_unconfirmed(&mut self, row: Option<Unconfirmed>) {
        if let Some(row) = row {
            assert!(self.unconfirmed.insert(row.sequence, row).is_none());
        }
        let list = &mut self.register.unconfirmed;
        if list.is_over() {
            let mut counted = self.unconfirmed.keys().filter(|sequence| list.counts(**sequence));
            let oldest = *counted.next().expect("a list with too many has one");
            list.drop_oldest(oldest);
        }
    }

    /// The head counts the rows that were not dropped.
    fn check_unconfirmed(&self) {
        let list = &self.register.unconfirmed;
        let counted = self.unconfirmed.keys().filter(|sequence| list.counts(**sequence)).count();
        assert_eq!(list.count as usize, counted);
    }

    /// Answers what is refused before the register is known.
    fn stranger(&self, header: Header, request: Option<&Request<'_>>, refusal: Refusal) -> Reply {
        let version = Version::from_code(header.version).unwrap_or(Version::V203);
        let answer = register::refusal_answer(None, request, version, &refusal);
        reply(header, header.token, &answer.payload(version), Outcome::Refused(refusal))
    }

    fn context<'a>(&'a self, ticket_number_key: &'a TicketNumberKey, reg_info: &'a Bytes) -> Context<'a> {
        Context {
            register: RegisterId(REGISTER),
            organisation_bin: BIN,
            fns_kkm_id: FNS_KKM_ID,
            serial_number: &self.serial_number,
            is_tls_allowed: self.is_tls_allowed,
            is_paid_since: self.is_paid_since,
            reg_info,
            ads: &self.ads,
            ticket_number_key,
            policy: &self.policy,
        }
    }

    fn store(&mut self, accepted: Accepted, raw: &[u8], version: Version) {
        self.check_order(&accepted, raw);
        let Accepted { place, kind, ticket_number, answer, offline, cancels, unconfirmed, .. } = accepted;
        if let Some(key) = offline {
            assert_eq!(self.found_offline(&key), None, "an offline receipt is stored once");
            self.offline.insert(key, place);
        }
        if let Some(cancelled) = cancels {
            self.documents.get_mut(&cancelled).expect("what is cancelled was stored").is_cancelled = true;
        }
        let payload = answer.payload(version).to_vec();
        let frame = frame::whole(raw).expect("what is stored is a frame");
        let known = Known::of(&Request::read(frame.payload).expect("what is stored reads"));
        let amendments = Vec::new();
        let is_cancelled = false;
        let stored =
            Stored { raw: raw.to_vec(), payload, kind, ticket_number, amendments, known, is_cancelled };
        assert!(self.documents.insert(place, stored).is_none(), "a document keeps its place");
        let before = self.register.tokens.current;
        self.register = accepted.register;
        self.note_unconfirmed(unconfirmed);
        self.check_unconfirmed();
        self.note_drawn(before);
        self.keep_closed();
    }

    /// What holds of every document: shifts and documents are numbered without gaps, and chained.
    fn check_order(&self, accepted: &Accepted, raw: &[u8]) {
        let (before, place) = (&self.register, accepted.place);
        assert_eq!(accepted.begins_stream, matches!(before.phase, Phase::Closed(_)));
        let last = if accepted.begins_stream { 0 } else { before.documents };
        assert_eq!(place.shift, before.shift_number + u32::from(accepted.begins_stream));
        assert_eq!((place.number, accepted.register.documents), (last + 1, last + 1));
        assert_eq!(accepted.chain, register::chain(&before.chain, raw));
        assert_eq!(accepted.crc, crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(raw));
        assert_eq!(accepted.accepted_at, self.now().max(before.clock));
        if let Some(number) = accepted.ticket_number {
            assert!((12..=18).contains(&number.to_string().len()), "{number}");
        }
    }

    fn keep_closed(&mut self) {
        if let Phase::Closed(_) = self.register.phase {
            self.closed.insert(self.register.shift_number, self.register.clone());
        }
    }

    fn amend(&mut self, document: DocumentRef, request: &Request<'_>, raw: &[u8]) -> Option<Amendment> {
        let stored = self.documents.get_mut(&document).expect("what is replayed was stored");
        let first = frame::whole(&stored.raw).expect("stored frames are whole");
        let first = Request::read(first.payload).expect("stored frames read");
        let amendment = register::amendment(&first, stored.known.as_ref()?, request)?;
        self.offline.extend(amendment.offline.iter().map(|key| (*key, document)));
        stored.known = Some(amendment.known.clone());
        if stored.amendments.iter().all(|(known, _)| known.digest != amendment.digest) {
            stored.amendments.push((amendment.clone(), raw.to_vec()));
        }
        Some(amendment)
    }

    /// Applies what a person wants of the register.
    pub(crate) fn change(&mut self, change: &Change) -> Result<(), Final> {
        let drawn = self.drawn();
        let before = self.register.tokens.current;
        if let Some(next) = change.apply(&self.register, self.now(), drawn)? {
            self.register = next;
            self.note_drawn(before);
        }
        Ok(())
    }

    /// The register as a store has it that cannot hold what came later than its heads.
    pub(crate) fn store_as_before(&mut self) {
        self.register = self.register.clone().of_first_heads();
    }

    pub(crate) fn block(&mut self, reason: &str) {
        self.change(&Change::Block { reason: reason.into() }).unwrap();
    }

    pub(crate) fn warnings(&self, warning: Warning) -> u32 {
        self.register.warnings.get(&warning).map_or(0, |counted| counted.count)
    }

    /// The names of all warnings so far.
    pub(crate) fn all_warnings(&self) -> Vec<&'static str> {
        self.register.warnings.keys().map(|warning| warning.name()).collect()
    }

    /// Where section 14 would find a receipt: by its ticket number or by an offline number.
    pub(crate) fn found_by(&self, number: u64) -> Option<DocumentRef> {
        let by_ticket_number = |stored: &Stored| stored.ticket_number == Some(number);
        let found =
            self.documents.iter().find(|(_, stored)| by_ticket_number(stored)).map(|(place, _)| *place);
        let by_key = || self.offline.iter().find(|(key, _)| u64::from(key.number) == number);
        let found = found.or_else(|| by_key().map(|(_, place)| *place))?;
        (!self.documents[&found].is_cancelled).then_some(found)
    }

    pub(crate) fn document(&self, shift: u32, number: u32) -> &Stored {
        &self.documents[&DocumentRef { shift, number }]
    }

    pub(crate) fn cash(&self) -> i64 {
        self.register.lifetime.cash
    }
}

fn version_of(raw: &[u8]) -> u16 {
    frame::whole(raw).expect("stored frames are whole").header.version
}

/// Reads the answer as a till does and checks what holds of every answer.
fn reply(asked: Header, token: Token, payload: &[u8], outcome: Outcome) -> Reply {
    let version = Version::from_code(asked.version).unwrap_or(Version::V203);
    let answer = Answer::read(payload, version);
    match &outcome {
        Outcome::Refused(refusal) => {
            assert_eq!(token, asked.token, "refusals carry the token the request came with");
            assert!((1..=19).contains(&answer.result), "{answer:?}");
            assert_eq!(answer.result, u64::from(refusal.code(version)));
            check_text(answer.text.as_deref().expect("every refusal has a text"));
        }
        Outcome::Answered => assert_eq!(token, asked.token, "only fiscal commands change the token"),
        Outcome::Accepted(_) | Outcome::Replayed(_) | Outcome::Confirmed(_) => assert_eq!(answer.result, 0),
    }
    Reply { answer, payload: payload.to_vec(), token: token.0, outcome }
}

fn check_text(text: &str) {
    assert!(!text.trim().is_empty());
    let text = text.to_lowercase();
    for word in ["connection", "timeout", "network", "empty response", "unknown"] {
        assert!(!text.contains(word), "«{word}» in {text}");
    }
}

fn registration() -> RegistrationData {
    RegistrationData {
        fns_kkm_id: FNS_KKM_ID.into(),
        serial_number: "SN-1".into(),
        kkm_id: REGISTER.to_string(),
        point_of_payment_number: None,
        terminal_number: None,
        pos_title: "Магазин".into(),
        pos_address: "Алматы, Абая 1".into(),
        pos_address_kz: "Алматы, Абай 1".into(),
        latitude: 43_238_949,
        longitude: 76_889_709,
        org_title: "ТОО «Бережок»".into(),
        org_address: "Алматы, Абая 1".into(),
        org_address_kz: "Алматы, Абай 1".into(),
        org_inn: BIN.into(),
        org_okved: "47111".into(),
        ofd_title: "ОФД".into(),
        ofd_title_kz: "ФДО".into(),
        ofd_url: SITE.into(),
    }
}
