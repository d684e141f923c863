//! A shop with one register whose frames went through the protocol's rules into a store, and a site over it.

mod client;
pub(super) mod people;
mod ticket;

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use bytes::{Bytes, BytesMut};
use ofd_billing::invoices::Party;
use ofd_edge::{DRAWN_LEN, Imprint, Readiness, TrustedProxies, World};
use ofd_office::billing::payments::OwnAccounts;
use ofd_office::billing::{Issuer, QrTemplate};
use ofd_protocol::frame::{self, Header};
use ofd_protocol::message::Request;
use ofd_protocol::register::{
    Accepted, Amendment, Change, Context, Decision, Drawn, Facts, Incoming, Policy, amendment, decide, needs,
    replayed,
};
use ofd_protocol::ticket_number::{DocumentRef, TicketNumberKey};
use ofd_protocol::types::{LocalDateTime, RegisterId, RequestNumber, Token, UnixMillis};
use ofd_protocol::version::Version;
use ofd_storage::accounts::{AuditAction, AuditActor, AuditEntry, AuditSubject, ChangeId, RegisterChange};
use ofd_storage::memory::MemoryStore;
use ofd_storage::model::{
    Organisation, RegisterRecord, TradePoint, TradePointId, create, fns_kkm_id_history_key,
};
use ofd_storage::registers::{self, Amending, Bearing, Loaded, append_accepted, create_register};
use ofd_storage::samples;
use ofd_storage::store::{RecordKind, Stamp, Store};

pub(super) use self::client::{Answer, get, get_from, header_of, post, send, visible};
pub(super) use self::ticket::{Goods, Ticket, cancel, cash, close_shift, placement};
use crate::{
    ApiToken, AppLinks, Contracts, Limits, Mailer, PeopleConfig, Signatures, SiteConfig, TillPort, Work,
    WorkConfig, router,
};

pub(super) const ID: RegisterId = RegisterId(203_539);
pub(super) const FNS_KKM_ID: &str = "640300014538";
pub(super) const TOKEN: &str = "test-token";
pub(super) const KEY: TicketNumberKey = TicketNumberKey([7; 32]);
/// The operator's account, of the samples of statements.
pub(super) const OPERATORS_IBAN: &str = "KZ86125KZT5004100100";
/// 2026-01-22 12:09:18 UTC.
pub(super) const NOW: UnixMillis = UnixMillis(1_769_083_758_000);
pub(super) const ZONE: i32 = 5 * 3600;
/// Where requests come from that came through no socket.
pub(super) const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);

pub(super) fn at(hour: u32, minute: u32, second: u32) -> LocalDateTime {
    LocalDateTime::new(2026, 1, 22, hour, minute, second).unwrap()
}

/// A store with one register.
pub(super) struct Shop<S> {
    pub(super) store: Arc<S>,
    pub(super) version: Version,
    drawn: AtomicU64,
}

/// An accepted document, as its paper shows it.
#[derive(Clone, Debug)]
pub(super) struct Paper {
    pub(super) i: String,
    pub(super) s: String,
    pub(super) t: String,
    pub(super) raw: Bytes,
    pub(super) chain: [u8; 32],
    pub(super) answer: Bytes,
}

impl Paper {
    pub(super) fn query(&self) -> String {
        format!("i={}&f={FNS_KKM_ID}&s={}&t={}", self.i, self.s, self.t)
    }

    pub(super) fn page(&self) -> String {
        format!("/?{}", self.query())
    }

    pub(super) fn check(&self) -> String {
        format!("/api/tickets/get-by-url?{}", self.query())
    }
}

impl Shop<MemoryStore> {
    pub(super) async fn open() -> Self {
        Self::on(MemoryStore::new(), "ТОО «Көктем»").await
    }
}

impl<S: Store> Shop<S> {
    /// Creates the records and the first stream.
    pub(super) async fn on(store: S, title: &str) -> Self {
        let bin = "151140001234";
        let trade_point = TradePointId::derive(bin, "Магазин", "Астана");
        let organisation = Organisation {
            bin: bin.into(),
            title: title.into(),
            address: "г. Астана, ул. Сарайшық, 44".into(),
            address_kz: None,
            okved: "47111".into(),
        };
        let address = "г. Астана, ул. Сарайшық, 44";
        let point = TradePoint {
            address_kz: Some("Астана қ., Сарайшық көшесі, 44".into()),
            ..TradePoint::at(trade_point.clone(), bin, "Магазин", address)
        };
        create(&store, &organisation).await.unwrap();
        create(&store, &point).await.unwrap();
        let shop = Self { store: Arc::new(store), version: Version::V203, drawn: AtomicU64::new(1) };
        shop.register(ID, trade_point).await;
        shop
    }

    /// Adds a register under the shop's number at the tax authority.
    pub(super) async fn register(&self, id: RegisterId, trade_point: TradePointId) {
        self.record(id, trade_point).await;
        create_register(&*self.store, id, Token(671_795_700), UnixMillis(0), self.stamp()).await.unwrap();
    }

    /// Adds a register's record without its first stream.
    pub(super) async fn record(&self, id: RegisterId, trade_point: TradePointId) {
        let record = RegisterRecord {
            trade_point,
            fns_kkm_id: FNS_KKM_ID.into(),
            ..samples::register(id, "151140001234")
        };
        create(&*self.store, &record).await.unwrap();
        let key = fns_kkm_id_history_key(FNS_KKM_ID, id);
        let _ = self.store.put_record(RecordKind::FnsKkmIdHistory, &key, None, Bytes::new()).await;
    }

    fn draw(&self) -> u64 {
        self.drawn.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn stamp(&self) -> Stamp {
        Stamp(u128::from(self.draw()).to_be_bytes())
    }

    pub(super) async fn newest(&self) -> Loaded {
        self.newest_of(ID).await
    }

    async fn newest_of(&self, id: RegisterId) -> Loaded {
        registers::newest(&*self.store, id).await.unwrap().unwrap()
    }

    /// Changes the register as somebody else than its API does.
    pub(super) async fn change(&self, change: &Change) {
        self.change_of(ID, change).await;
    }

    /// The same of another register.
    pub(super) async fn change_of(&self, register: RegisterId, change: &Change) {
        let before = self.newest_of(register).await;
        let changed = change.apply(&before.register, NOW, Token(1)).unwrap().expect("it is not so already");
        let (id, shift) = (ChangeId(self.draw()), changed.shift_number);
        let told = RegisterChange { id, register, shift, entry: entry(AuditAction::RegisterUnpaid) };
        registers::append_change(&*self.store, &before, changed, &told, self.stamp()).await.unwrap();
    }

    /// Sends a payload under the current token, as the gateway does, and returns what was accepted.
    pub(super) async fn accept(&self, payload: &[u8]) -> Paper {
        self.accept_as(payload, payload).await
    }

    /// The same, where other bytes are kept than those that were judged: such as an earlier program took.
    pub(super) async fn accept_as(&self, judged: &[u8], kept: &[u8]) -> Paper {
        self.take(ID, NOW, (judged, kept)).await.unwrap_or_else(|refused| panic!("{refused}"))
    }

    /// Sends a payload to one of the registers at a time of its own; says why it was not accepted.
    pub(super) async fn accept_at(
        &self,
        id: RegisterId,
        now: UnixMillis,
        payload: &[u8],
    ) -> Result<Paper, String> {
        self.take(id, now, (payload, payload)).await
    }

    async fn take(
        &self,
        id: RegisterId,
        now: UnixMillis,
        (judged, kept): (&[u8], &[u8]),
    ) -> Result<Paper, String> {
        let before = self.newest_of(id).await;
        let request = RequestNumber(u16::try_from(self.draw() % 60_000).unwrap());
        let accepted = self.decide((id, now), &before, &self.frame(id, &before, request, judged)).await?;
        let raw = self.frame(id, &before, request, kept);
        let answer = accepted.answer.payload(self.version).freeze();
        let paper = Paper {
            i: accepted.ticket_number.unwrap_or_default().to_string(),
            s: accepted.total.unwrap_or_default().to_string(),
            t: accepted.date_time.map(|at| at.compact().to_string()).unwrap_or_default(),
            raw: raw.clone(),
            chain: accepted.chain,
            answer: answer.clone(),
        };
        append_accepted(&*self.store, id, &before, accepted, &raw, &answer, self.bearing()).await.unwrap();
        Ok(paper)
    }

    fn frame(&self, id: RegisterId, before: &Loaded, request: RequestNumber, payload: &[u8]) -> Bytes {
        let (version, token) = (self.version.code(), before.register.tokens.current);
        let header = Header { version, size: 0, register: id, token, request };
        let mut raw = BytesMut::new();
        frame::put_header(&mut raw, &header, payload.len()).unwrap();
        raw.extend_from_slice(payload);
        raw.freeze()
    }

    /// Adds to a receipt of the newest shift what a replay brought, as the gateway does.
    pub(super) async fn amend(&self, number: u32, payload: &[u8]) {
        let newest = self.newest().await;
        let place = DocumentRef { shift: newest.register.shift_number, number };
        let stored = registers::document(&*self.store, ID, place).await.unwrap().unwrap();
        let known = registers::known(&*self.store, ID, place, &stored).await.unwrap();
        let before = Request::read(frame::whole(&stored.raw).unwrap().payload).unwrap();
        let again = Request::read(payload).unwrap();
        // Where nothing new came the frame is kept all the same, as a program of before may have kept it.
        let digest = self.draw().to_be_bytes();
        let as_before = || Amendment { offline: Vec::new(), number: None, known: known.clone(), digest };
        let added = amendment(&before, &known, &again).unwrap_or_else(as_before);
        let raw = self.frame(ID, &newest, RequestNumber(1), payload);
        let changed = replayed(&newest.register, place, Some(&added), false, NOW);
        let amending = Amending { place, stored: &stored, amendment: Some(&added), raw: &raw };
        let bearings = (self.bearing(), self.stamp());
        registers::append_amended(&*self.store, ID, &newest, amending, changed, bearings).await.unwrap();
    }

    fn bearing(&self) -> Bearing {
        Bearing::announcing(self.stamp(), ID, NOW)
    }

    async fn decide(
        &self,
        (id, now): (RegisterId, UnixMillis),
        before: &Loaded,
        raw: &[u8],
    ) -> Result<Accepted, String> {
        let frame = frame::whole(raw).unwrap();
        let request = Request::read(frame.payload).unwrap();
        let needs = needs(&before.register, frame.header, &request);
        let cancelled = match needs.cancelled {
            Some(place) => registers::document(&*self.store, id, place).await.unwrap(),
            None => None,
        };
        let facts =
            Facts { cancelled: cancelled.as_ref().map(|stored| stored.raw.as_slice()), ..Facts::default() };
        let policy = Policy {
            rotate_tokens: true,
            strict_versions: Vec::new(),
            malformed_receipt: Default::default(),
            zone_offset_seconds: ZONE,
            receipt_site: "https://ofd.example/".into(),
        };
        let context = Context {
            register: id,
            organisation_bin: "151140001234",
            fns_kkm_id: FNS_KKM_ID,
            serial_number: "SWK00032685",
            is_tls_allowed: true,
            is_paid_since: false,
            reg_info: &Bytes::new(),
            ads: &[],
            ticket_number_key: &KEY,
            policy: &policy,
        };
        let incoming =
            Incoming { header: frame.header, version: self.version, raw, request: &request, is_tls: false };
        let drawn = Drawn { now, token: Token::from_drawn(u32::try_from(self.draw()).unwrap() + 1000) };
        match decide(&context, &before.register, &incoming, &facts, drawn) {
            Decision::Accept(accepted) => Ok(*accepted),
            other => Err(format!("not accepted: {other:?}")),
        }
    }

    /// The site's routes over this shop's store.
    pub(super) fn site(&self) -> Router {
        self.site_with(|_| {})
    }

    pub(super) fn site_with(&self, set: impl FnOnce(&mut SiteConfig)) -> Router {
        let mut config = config();
        set(&mut config);
        router(crate::site_over(Arc::clone(&self.store), config).unwrap())
    }
}

/// A clock that stands where it is put, and draws that count up. Clones are one.
#[derive(Clone)]
pub(crate) struct TestWorld {
    pub(super) clock: Arc<AtomicU64>,
    drawn: Arc<AtomicU64>,
}

impl Default for TestWorld {
    fn default() -> Self {
        Self { clock: Arc::new(AtomicU64::new(NOW.0)), drawn: Arc::new(AtomicU64::new(1_000_000)) }
    }
}

impl World for TestWorld {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.clock.load(Ordering::SeqCst))
    }

    fn draw(&self) -> [u8; DRAWN_LEN] {
        let mut bytes = [0; DRAWN_LEN];
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        bytes[..4].copy_from_slice(&u32::try_from(number).unwrap().to_be_bytes());
        bytes[12..].copy_from_slice(&number.to_be_bytes());
        bytes
    }
}

/// Ready whenever the store is.
struct Ready;

impl Readiness for Ready {
    fn reasons_not_ready(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What an audit tells of something.
pub(super) fn entry(action: AuditAction) -> AuditEntry {
    let actor = AuditActor { account: None, name: "billing".into(), is_operator: true };
    let (address, subject) = (String::new(), AuditSubject::Register(ID).into());
    AuditEntry { at: NOW, actor, address, action, subject, changes: Vec::new() }
}

/// Not ready, and says why.
pub(super) struct NotReady;

impl Readiness for NotReady {
    fn reasons_not_ready(&self) -> Vec<String> {
        vec!["the disk is full; free space".into()]
    }
}

/// A config whose budget no test meets by chance.
/// Memory and a thread for costly work.
pub(super) fn work() -> Work {
    Work::start(&WorkConfig::small()).unwrap()
}

/// Who issues documents in tests.
pub(super) fn issuer() -> Issuer {
    let supplier = Party {
        bin: "100940012345".into(),
        title: "ТОО «Открытый ОФД»".into(),
        address: "г. Астана, пр. Абая, 1".into(),
        bank: None,
        vat_certificate: None,
    };
    let payment_qr = QrTemplate::new("https://pay.example/?account={account}&sum={sum}").ok();
    Issuer { supplier: Some(supplier), payment_qr }
}

pub(super) fn config() -> SiteConfig {
    let many = NonZeroU32::new(100_000).unwrap();
    SiteConfig {
        public_url: "https://ofd.example/".into(),
        imprint: Imprint {
            title: "ТОО «Открытый ОФД»".into(),
            title_kz: "«Ашық ФДО» ЖШС".into(),
            url: "https://about.ofd.example".into(),
            ..Imprint::default()
        },
        api_token: Some(ApiToken::new(TOKEN).unwrap()),
        ticket_number_key: Arc::new(KEY.into()),
        zone_offset_seconds: ZONE,
        till_ports: vec![
            TillPort { host: None, port: 7777, is_tls: false, is_for_sim: false },
            TillPort { host: None, port: 7778, is_tls: true, is_for_sim: true },
        ],
        own: OwnAccounts { ibans: vec![OPERATORS_IBAN.parse().unwrap()], bin: String::new() },
        issuer: issuer(),
        limits: Limits {
            address_burst: many,
            address_per_second: many,
            all_burst: many,
            all_per_second: many,
            ..Limits::default()
        },
        trusted_proxies: TrustedProxies::default(),
        world: Arc::new(TestWorld::default()),
        readiness: Arc::new(Ready),
        people: PeopleConfig {
            contracts: Contracts::sample().unwrap(),
            signatures: Signatures::none(work()),
            mailer: Mailer::Off,
            ncalayer: "wss://127.0.0.1:13579/".into(),
            phone_apps: AppLinks::default(),
            administrators: Vec::new(),
            staff_second_factor: true,
        },
    }
}
