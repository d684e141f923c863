//! Records of service: what is known of a register by which its organisation is charged.

use std::collections::BTreeMap;

use ofd_billing::Day;
use ofd_billing::charging::{KindChange, RegisterFacts, Service, ServiceEnd};
use ofd_billing::tariffs::{ConnectionKind, TariffHistory};
use ofd_protocol::register::{DocumentKind, Phase};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::RegisterId;
use serde::{Deserialize, Serialize};

use super::clock::Clock;
use crate::model::{self, Holding, Model, RegisterRecord, list_prefix, register_key};
use crate::registers;
use crate::store::{RecordKind, Store, StoreError, Version};

/// Documents are read so many at a time.
const PAGE: usize = 64;

/// So many documents are read before what they came to is kept.
const DOCUMENTS_PER_LOOK: usize = 4096;

/// Records are walked in pages.
const RECORDS_PAGE: usize = 512;

/// What is known of a register's service to an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRecord {
    /// The organisation that is charged.
    pub bin: String,
    /// The register that it is charged for.
    pub register: RegisterId,
    /// When the register served it.
    #[serde(default)]
    pub services: Vec<Service>,
    /// How it was connected.
    #[serde(default)]
    pub kinds: Vec<KindChange>,
    /// The last document that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<DocumentRef>,
    /// How many receipts were accepted on which day, as far as documents were looked at.
    #[serde(default)]
    pub receipts: BTreeMap<Day, u64>,
    /// The day on which the register came from another organisation, where it did: what it sent before is that one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came: Option<Day>,
}

impl Model for ServiceRecord {
    const KIND: RecordKind = RecordKind::ServiceOfOrganisation;

    fn key(&self) -> Vec<u8> {
        key(&self.bin, self.register)
    }
}

fn key(bin: &str, register: RegisterId) -> Vec<u8> {
    [&list_prefix(bin)[..], &register_key(register)[..]].concat()
}

/// Whether a look came to the last document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looked {
    /// There are no more.
    AtAll,
    /// There are more behind those that were looked at.
    AtSome,
}

/// The services of all registers that an organisation has or had, with the versions of their records.
///
/// # Errors
/// Those of the store.
pub async fn services_of(
    store: &impl Store,
    bin: &str,
) -> Result<BTreeMap<RegisterId, (Version, ServiceRecord)>, StoreError> {
    let services = read_services(store, bin).await?;
    services.into_iter().map(|(id, found)| Ok((id, found?))).collect()
}

/// A record of service with its version, or why it cannot be read.
type ReadService = Result<(Version, ServiceRecord), StoreError>;

/// The same, where one that cannot be read does not hide the others.
pub(super) async fn read_services(
    store: &impl Store,
    bin: &str,
) -> Result<BTreeMap<RegisterId, ReadService>, StoreError> {
    let (prefix, mut services) = (list_prefix(bin), BTreeMap::new());
    let mut after = None;
    loop {
        let page = store.records(ServiceRecord::KIND, &prefix, after.as_deref(), RECORDS_PAGE).await?;
        for record in &page {
            let id = record.key.strip_prefix(&prefix[..]).and_then(RegisterRecord::id_of_key);
            let id = id.ok_or_else(|| StoreError::Corrupt {
                place: format!("record {:?} {}", ServiceRecord::KIND, record.key.escape_ascii()),
                reason: "its key names no register".to_owned(),
            })?;
            services.insert(id, model::decode::<ServiceRecord>(record));
        }
        match page.last() {
            Some(last) if page.len() == RECORDS_PAGE => after = Some(last.key.clone()),
            Some(_) | None => return Ok(services),
        }
    }
}

impl ServiceRecord {
    /// Before anything is known.
    pub(super) fn new(bin: &str, register: RegisterId) -> Self {
        Self {
            bin: bin.to_owned(),
            register,
            services: Vec::new(),
            kinds: Vec::new(),
            read: None,
            receipts: BTreeMap::new(),
            came: None,
        }
    }

    /// What it comes to, with the plans that people chose.
    pub(super) fn facts(self, tariffs: TariffHistory) -> RegisterFacts {
        let Self { register, services, kinds, receipts, .. } = self;
        RegisterFacts { register: u64::from(register.0), services, kinds, tariffs, receipts }
    }

    /// How the register is connected on a day that is being charged; before the first time that somebody looked it was so as well.
    pub(super) fn is_connected(&mut self, kind: ConnectionKind, ever: Day, day: Day) {
        match self.kinds.last_mut() {
            None => self.kinds.push(KindChange { from: ever, kind }),
            Some(last) if last.kind == kind || day < last.from => {}
            Some(last) if last.from == day => last.kind = kind,
            Some(_) => self.kinds.push(KindChange { from: day, kind }),
        }
    }

    /// On which day it came from another organisation, where it did. One that went and comes back serves anew from that day.
    pub(super) fn comes(&mut self, moved: Option<Day>) {
        self.came = moved;
    }

    /// That its service ended, unless that is known.
    pub(super) fn ends(&mut self, end: ServiceEnd) {
        if let Some(service) = self.services.last_mut().filter(|service| service.end.is_none()) {
            service.end = Some(end);
        }
    }

    fn serves(&self) -> bool {
        self.services.last().is_some_and(|service| service.end.is_none())
    }

    /// Looks at what the register stored since: for its first receipt, and where receipts are limited for how many there are. Of one that
    /// comes back nothing before `day` is of this organisation.
    pub(super) async fn look(
        &mut self,
        store: &impl Store,
        (clock, day): (Clock, Day),
        counts: bool,
    ) -> Result<Looked, StoreError> {
        let mut at = self.read.unwrap_or(DocumentRef { shift: 1, number: 0 });
        let mut left = DOCUMENTS_PER_LOOK;
        while counts || !self.serves() {
            let Some(shift) = registers::shift(store, self.register, at.shift).await? else { break };
            while at.number < shift.register.documents && (counts || !self.serves()) {
                if left == 0 {
                    self.read = Some(at);
                    return Ok(Looked::AtSome);
                }
                let page =
                    registers::documents(store, self.register, at.shift, at.number, PAGE.min(left)).await?;
                let next = at.number.saturating_add(1);
                if page.first().is_none_or(|first| first.number != next) {
                    return Err(StoreError::Unavailable {
                        reason: format!(
                            "document {next} of shift {} of register {} cannot be read yet",
                            at.shift, self.register
                        ),
                    });
                }
                for document in page {
                    self.take(document.kind, clock.day_of(document.accepted_at)?, day);
                    at.number = document.number;
                    left = left.saturating_sub(1);
                }
            }
            let is_over =
                at.number >= shift.register.documents && matches!(shift.register.phase, Phase::Closed(_));
            let next = DocumentRef { shift: at.shift.saturating_add(1), number: 0 };
            if !is_over || registers::shift(store, self.register, next.shift).await?.is_none() {
                break;
            }
            at = next;
        }
        self.read = Some(at);
        Ok(Looked::AtAll)
    }

    fn take(&mut self, kind: DocumentKind, accepted: Day, day: Day) {
        if kind != DocumentKind::Ticket {
            return;
        }
        let first = match self.services.last().and_then(|service| service.end) {
            None => self.came,
            Some(ServiceEnd::Moved(_)) => self.came.or(Some(day)),
            Some(ServiceEnd::Deregistered(_) | ServiceEnd::Disconnected(_)) => Some(day),
        };
        if !self.serves() && first.is_none_or(|first| first <= accepted) {
            self.services.push(Service { from: accepted, end: None });
        }
        if self.serves() {
            let receipts = self.receipts.entry(accepted).or_default();
            *receipts = receipts.saturating_add(1);
        }
    }

    /// Forgets receipts of days that no run charges any more.
    pub(super) fn forget_before(&mut self, day: Day) {
        self.receipts = self.receipts.split_off(&day);
    }
}

/// Keeps what is known of a register, where nobody learned more of it since.
pub(super) async fn keep(
    store: &impl Store,
    version: Option<Version>,
    record: &ServiceRecord,
) -> Result<Version, StoreError> {
    if let Some(version) = version {
        return model::replace(store, version, record).await;
    }
    if model::create(store, record).await? {
        return Ok(Version::FIRST);
    }
    let reason = format!("the service of register {} is just being noted", record.register);
    Err(StoreError::Unavailable { reason })
}
