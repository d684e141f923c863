//! What of a company waits for somebody, and the note that leads whoever goes on to it.
//!
//! Notes run out: while nothing serves, in a store that was restored, when they are written late. So the company's own state
//! is what counts, and a walk notes anew what waits and has no note.

use bytes::Bytes;
use ofd_protocol::types::{RegisterId, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::accounts::{
    self, Company, Paper, PaperState, REGISTRATION_PAGE_MAX, Registration, RegistrationState, registrations,
};
use crate::model::{self, RegisterRecord, register_key};
use crate::note::{Note, NoteKind, REGISTRATION_GROUPS, paper_waiting_key, registration_waiting_key};
use crate::registers;
use crate::store::{Store, StoreError, StreamId, StreamKind};
use crate::walk::{self, Looked};

/// So many companies are looked at in one step, with a page of the registrations of each.
const STEP: usize = 8;

/// Which note leads to something that waits, and since when that waits where its queue goes by age.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    kind: NoteKind,
    key: Bytes,
    since: Option<UnixMillis>,
}

/// The paper's note, while its signature is being checked.
#[must_use]
pub fn of_paper(bin: &str, paper: &Paper) -> Option<Waiting> {
    let is_checked = matches!(paper.state, PaperState::Checking { .. });
    let (kind, key) = (NoteKind::PaperWaiting, paper_waiting_key(bin, paper.number));
    is_checked.then_some(Waiting { kind, key, since: None })
}

/// The notes of a registration, for all that it waits for. Of one whose register is what it says nothing is left to be made.
#[must_use]
pub fn of_registration(registration: &Registration, is_made: bool, now: UnixMillis) -> Vec<Waiting> {
    let [check, making, authority, visit, plan] = REGISTRATION_GROUPS;
    let waits = [
        (check, matches!(registration.state, RegistrationState::Checking { .. })),
        (making, is_to_be_made(registration) && !is_made),
        (authority, matches!(registration.state, RegistrationState::InProcess { .. })),
        (visit, registration.has_open_visit()),
        (plan, registration.is_registered() && registration.has_plan_ahead(now)),
    ];
    let asked_at = registration.visit.as_ref().map_or(registration.since, |visit| visit.asked_at);
    let waiting = |group| Waiting {
        kind: NoteKind::RegistrationWaiting,
        key: registration_waiting_key(group, &registration.bin, registration.id.0),
        since: Some(if group == visit { asked_at } else { registration.since }),
    };
    waits.into_iter().filter(|(_, waits)| *waits).map(|(group, _)| waiting(group)).collect()
}

/// Whether a registration says what a register is: on the books with its data, or off them.
fn is_to_be_made(registration: &Registration) -> bool {
    registration.is_registered() || registration.state == RegistrationState::Deregistered
}

/// Notes what waits as far as no note says so, as waiting since it does, and returns how many notes that took. What is settled
/// meanwhile is passed over by who follows its note.
///
/// # Errors
/// Those of the store; repeating it is harmless.
pub async fn note_again(
    store: &impl Store,
    waits: impl IntoIterator<Item = Waiting> + Send,
    now: UnixMillis,
) -> Result<usize, StoreError> {
    let mut added = 0_usize;
    for Waiting { kind, key, since } in waits.into_iter().collect::<Vec<_>>() {
        if store.noted(kind, &key, now.0).await?.is_none() {
            let bytes = since.map_or_else(Bytes::new, |since| Bytes::copy_from_slice(&since.0.to_be_bytes()));
            store.note(Note { bytes, ..Note::of_waiting(kind, key, now.0) }).await?;
            added = added.saturating_add(1);
        }
    }
    Ok(added)
}

/// The walk over companies, which notes anew what waits.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Stage {
    /// Companies up to this number were looked at.
    after: Option<u64>,
    /// Of the one behind it, registrations up to this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    register: Option<RegisterId>,
}

impl walk::Stage for Stage {
    const NAME: &'static str = "waits-walk";

    async fn look(self, store: &impl Store, now: UnixMillis) -> Result<Looked<Self>, StoreError> {
        let after = self.after.map(|owner| StreamId { kind: StreamKind::Company, owner, ordinal: 1 });
        let streams = store.streams(StreamKind::Company, after, STEP).await?;
        let (mut at, mut added) = (self, 0_usize);
        for stream in &streams {
            let (of_company, more) = company(store, *stream, at.register, now).await?;
            added = added.saturating_add(of_company);
            if more.is_some() {
                at.register = more;
                return Ok(Looked { next: Some(at), added });
            }
            at = Self { after: Some(stream.owner), register: None };
        }
        Ok(Looked { next: (!streams.is_empty()).then_some(at), added })
    }
}

/// Looks at a company and a page of its registrations behind `after`: how many notes were missing, and from which
/// registration to go on.
async fn company(
    store: &impl Store,
    stream: StreamId,
    after: Option<RegisterId>,
    now: UnixMillis,
) -> Result<(usize, Option<RegisterId>), StoreError> {
    // One that cannot be read is told by who reads it.
    let company = match accounts::load::<Company>(store, stream).await {
        Ok(Some(company)) => company.state,
        Ok(None) | Err(StoreError::Corrupt { .. }) => return Ok((0, None)),
        Err(error) => return Err(error),
    };
    let papers = company.papers.iter().filter_map(|paper| of_paper(&company.bin, paper));
    let mut waits: Vec<Waiting> = papers.collect();
    let page = match registrations(store, stream, after, REGISTRATION_PAGE_MAX).await {
        Err(StoreError::Corrupt { .. }) => Vec::new(),
        page => page?,
    };
    for registration in &page {
        let is_made = !is_to_be_made(registration) || is_made(store, registration).await?;
        waits.extend(of_registration(registration, is_made, now));
    }
    let more = page.last().filter(|_| page.len() >= REGISTRATION_PAGE_MAX).map(|last| last.id);
    Ok((note_again(store, waits, now).await?, more))
}

/// Whether the register of a registration is what that says. Of what cannot be read nothing more can be made.
async fn is_made(store: &impl Store, registration: &Registration) -> Result<bool, StoreError> {
    let made = match registration.is_registered() {
        true => is_as_registered(store, registration).await,
        false => is_off_the_books(store, registration.id).await,
    };
    match made {
        Err(StoreError::Corrupt { .. }) => Ok(true),
        made => made,
    }
}

async fn is_as_registered(store: &impl Store, registration: &Registration) -> Result<bool, StoreError> {
    let (id, data) = (registration.id, &registration.data);
    let Some((_, record)) = model::load::<RegisterRecord>(store, &register_key(id)).await? else {
        return Ok(false);
    };
    if record.bin != registration.bin {
        // Somebody else's: no pass makes it this organisation's.
        return Ok(true);
    }
    // Whether TLS is allowed is its plan's to say, which has a note of its own.
    let made = RegisterRecord {
        trade_point: data.shop.id.clone(),
        fns_kkm_id: data.rnm.clone(),
        serial_number: data.serial_number.clone(),
        model: data.model_name.clone(),
        year: data.year,
        connection: data.connection,
        alias: data.alias.clone(),
        ..record.clone()
    };
    Ok(made == record && registers::newest(store, id).await?.is_some())
}

async fn is_off_the_books(store: &impl Store, id: RegisterId) -> Result<bool, StoreError> {
    let newest = registers::newest(store, id).await?;
    Ok(newest.is_none_or(|newest| newest.register.status.deregistered.is_some()))
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use ofd_billing::tariffs::{PlanId, TariffChange, TariffHistory};
    use ofd_protocol::register::Change;
    use ofd_protocol::types::Token;

    use super::*;
    use crate::accounts::{
        AuditAction, AuditActor, AuditEntry, AuditSubject, ChangeId, CompanyKind, Delivery, PaperFault,
        PaperSignature, RegisterChange, RegistrationOrder, Visit, create, save_beside,
    };
    use crate::memory::MemoryStore;
    use crate::note::{NOTE_LIFE_MAX_MS, PAPERS_WAITING};
    use crate::samples;
    use crate::store::Stamp;
    use crate::walks::{Step, Walk};

    const NOW: UnixMillis = UnixMillis(1_790_000_000_000);
    const BIN: &str = "151140001234";

    fn visit() -> Visit {
        Visit {
            date: "2026-09-22".into(),
            time: "09:30".into(),
            person: "ТЕСТОВ ТЕСТ".into(),
            phone: "+77010000000".into(),
            comment: String::new(),
            asked_at: NOW,
            done: None,
        }
    }

    /// A company of which a paper is being checked and these registrations wait, and no note says so.
    async fn without_notes(registrations: &[Registration]) -> MemoryStore {
        let store = MemoryStore::new();
        let company = Company::new(BIN.into(), "ТОО".into(), CompanyKind::LegalEntity, NOW);
        let kept = create(&store, company, Vec::new(), Stamp([1; 16])).await.unwrap();
        let signature = PaperSignature { cms_hash: "a".into(), at: NOW };
        let checked = PaperState::Checking { signature, doubt: PaperFault::RevocationUnknown };
        let papers = vec![samples::paper(NOW, checked)];
        let rows = registrations.iter().map(|one| one.row().unwrap()).collect();
        let company = Company { papers, papers_last: 1, ..kept.state.clone() };
        save_beside(&store, &kept, company, (Vec::new(), rows), Stamp([2; 16])).await.unwrap();
        store
    }

    fn registration(id: u32, state: RegistrationState) -> Registration {
        Registration { state, ..samples::registration(RegisterId(id), BIN) }
    }

    /// Makes a register as its saved registration says it.
    async fn make(store: &MemoryStore, id: RegisterId) {
        model::create(store, &samples::register(id, BIN)).await.unwrap();
        registers::create_register(store, id, Token(1), NOW, Stamp([9; 16])).await.unwrap();
    }

    /// Takes a register off at the port.
    async fn deregister(store: &MemoryStore, id: RegisterId) {
        let before = registers::newest(store, id).await.unwrap().unwrap();
        let change = Change::Deregister { reason: String::new() };
        let changed = change.apply(&before.register, NOW, Token(2)).unwrap().unwrap();
        let entry = AuditEntry {
            at: NOW,
            actor: AuditActor { account: None, name: "ofd".into(), is_operator: false },
            address: String::new(),
            action: AuditAction::RegisterDeregistered,
            subject: AuditSubject::Register(id).called(id.to_string()),
            changes: Vec::new(),
        };
        let told = RegisterChange {
            id: ChangeId::from_drawn([1; 8]),
            register: id,
            shift: changed.shift_number,
            entry,
        };
        registers::append_change(store, &before, changed, &told, Stamp([8; 16])).await.unwrap();
    }

    fn on_a_plan_from(id: u32, from: &str) -> Registration {
        let change = TariffChange { from: from.parse().unwrap(), plan: PlanId::free() };
        let plans = TariffHistory::new(vec![change]).unwrap();
        Registration { plans, ..registration(id, RegistrationState::Registered) }
    }

    async fn walk(store: &MemoryStore, now: UnixMillis) -> usize {
        let mut added = 0;
        loop {
            match Walk::Waits.step(store, now).await.unwrap() {
                Step::More { added: more } => added += more,
                Step::Completed { added: more } => return added + more,
                Step::Wait(_) => return added,
            }
        }
    }

    async fn noted(store: &MemoryStore, group: u8, now: UnixMillis) -> usize {
        store.notes(NoteKind::RegistrationWaiting, &[group], None, 10_000, now.0).await.unwrap().len()
    }

    #[test]
    fn what_waits_without_a_note_is_noted_anew_and_once() {
        block_on(async {
            let order = RegistrationOrder::Register;
            let all = [
                registration(1, RegistrationState::Draft),
                registration(2, RegistrationState::Checking { order }),
                registration(3, RegistrationState::InProcess { order, delivery: Delivery::Waiting }),
                registration(4, RegistrationState::Registered),
                Registration { visit: Some(visit()), ..registration(5, RegistrationState::Registered) },
                registration(6, RegistrationState::Registered),
                registration(7, RegistrationState::Dropped),
                on_a_plan_from(8, "2099-01-01"),
                on_a_plan_from(9, "2009-01-02"),
            ];
            let store = without_notes(&all).await;
            // The registers of some of them are there.
            for id in [5, 6, 8, 9] {
                make(&store, RegisterId(id)).await;
            }
            assert_eq!(walk(&store, NOW).await, 6, "a plan that holds waits for no day");
            for group in REGISTRATION_GROUPS {
                assert_eq!(noted(&store, group, NOW).await, 1, "group {group}");
            }
            let [_, _, authority, ..] = REGISTRATION_GROUPS;
            let waits =
                store.notes(NoteKind::RegistrationWaiting, &[authority], None, 10, NOW.0).await.unwrap();
            assert_eq!(waits[0].bytes[..], all[2].since.0.to_be_bytes(), "it keeps its place by age");
            let papers = store.notes(NoteKind::PaperWaiting, &PAPERS_WAITING, None, 10, NOW.0).await.unwrap();
            assert_eq!(
                papers.iter().map(|note| &note.key[..]).collect::<Vec<_>>(),
                [&paper_waiting_key(BIN, 1)[..]]
            );
            let day = UnixMillis(NOW.0 + 24 * 3_600_000);
            assert_eq!(walk(&store, day).await, 0, "what is noted stays so");
            let later = UnixMillis(NOW.0 + 3 * 24 * 3_600_000);
            assert_eq!(walk(&store, later).await, 1, "the note of the paper has run out");
        });
    }

    #[test]
    fn a_change_or_a_deregistration_that_was_not_made_is_noted_anew_until_the_register_is_so() {
        block_on(async {
            let off = registration(2, RegistrationState::Deregistered);
            let mut moved = registration(1, RegistrationState::Registered);
            moved.data.alias = "Новая касса".into();
            let store = without_notes(&[moved.clone(), off]).await;
            for id in [1, 2] {
                make(&store, RegisterId(id)).await;
            }
            let [_, making, ..] = REGISTRATION_GROUPS;
            assert_eq!((walk(&store, NOW).await, noted(&store, making, NOW).await), (3, 2), "and the paper");

            // What the one says is so by now, and the other is off the books at the port.
            let (version, record) =
                model::load::<RegisterRecord>(&store, &register_key(moved.id)).await.unwrap().unwrap();
            let record = RegisterRecord { alias: moved.data.alias.clone(), ..record };
            model::replace(&store, version, &record).await.unwrap();
            deregister(&store, RegisterId(2)).await;
            let later = UnixMillis(NOW.0 + NOTE_LIFE_MAX_MS + 1);
            walk(&store, later).await;
            assert_eq!(noted(&store, making, later).await, 0, "nothing is left to be made");
        });
    }

    #[test]
    fn a_company_of_many_registers_is_looked_at_page_by_page() {
        block_on(async {
            let order = RegistrationOrder::Register;
            let of =
                |id| registration(id, RegistrationState::InProcess { order, delivery: Delivery::Waiting });
            let count = 2 * REGISTRATION_PAGE_MAX + 1;
            let all: Vec<Registration> = (1..).take(count).map(of).collect();
            let store = without_notes(&all).await;
            assert_eq!(walk(&store, NOW).await, 1 + count);
            let [_, _, authority, ..] = REGISTRATION_GROUPS;
            assert_eq!(noted(&store, authority, NOW).await, count);
        });
    }
}
