//! Registers: their shifts and documents, in order, with their chain and their counters.
//!
//! In a cluster the store may move under the walk. Of each shift what its head counted when it was read is judged;
//! what came later is left to the next walk, unless a further shift shows that it belongs to this one.

use ofd_protocol::message::answer::CRC;
use ofd_protocol::register::{Lifetime, Phase, Recount, Register, chain};
use ofd_protocol::ticket_number::{DocumentRef, TicketNumberKey};
use ofd_protocol::types::RegisterId;
use ofd_storage::model;
use ofd_storage::registers::{self, Document, Loaded, ShiftSummary};
use ofd_storage::store::{RecordKind, Store, StoreError, StreamId, StreamKind};

use super::rows::{self, Facts};
use super::unconfirmed;
use super::walked::{Break, LOOKED_AGAIN_AFTER, PAGE, Walked, is_there};

/// What carries over from one shift of a register to the next.
#[derive(Clone)]
pub(super) struct Carried {
    register: RegisterId,
    pub(super) shift: u32,
    chain: [u8; 32],
    lifetime: Lifetime,
    /// Nothing is known of what came before: the shift before could not be read. The next one is judged by itself.
    is_unknown: bool,
    /// The last shift was not closed when it was walked: what there was before it, to walk it again.
    unfinished: Option<Box<(Carried, Walked)>>,
}

impl Carried {
    pub(super) fn new(register: RegisterId) -> Self {
        Self {
            register,
            shift: 0,
            chain: [0; 32],
            lifetime: Lifetime::default(),
            is_unknown: false,
            unfinished: None,
        }
    }

    /// Behind a shift that is broken: what its head says is taken for true, so that what follows is judged all the same.
    async fn behind_broken(store: &impl Store, register: RegisterId, shift: u32) -> Self {
        let head = registers::shift(store, register, shift).await.ok().flatten();
        let known = head.map(|head| (head.register.chain, head.register.lifetime));
        let is_unknown = known.is_none();
        let (chain, lifetime) = known.unwrap_or(([0; 32], Lifetime::default()));
        Self { register, shift, chain, lifetime, is_unknown, unfinished: None }
    }
}

/// Which registers are walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Only {
    All,
    Register(RegisterId),
}

/// Walks the shifts of all registers, telling each break to `on_break`.
///
/// # Errors
/// Those of the store that are not damage of one place.
pub async fn walk(store: &impl Store, mut on_break: impl FnMut(Break)) -> Result<Walked, StoreError> {
    let mut walked = Walked::default();
    walk_into(store, Only::All, &mut walked, &mut on_break).await?;
    Ok(walked)
}

pub(super) async fn walk_into(
    store: &impl Store,
    only: Only,
    walked: &mut Walked,
    on_break: &mut impl FnMut(Break),
) -> Result<(), StoreError> {
    // A key that is damaged is told where records are walked.
    let key = match model::stored_ticket_number_key(store).await {
        Err(StoreError::Corrupt { .. }) => None,
        found => found?,
    };
    let mut carried = Carried::new(RegisterId(0));
    let mut after = match only {
        Only::All => None,
        Only::Register(RegisterId(register)) => {
            Some(StreamId { kind: StreamKind::Shift, owner: u64::from(register), ordinal: 0 })
        }
    };
    loop {
        let page = match super::walked::read(store.streams(StreamKind::Shift, after, PAGE).await)? {
            super::walked::Read::Whole(page) => page,
            super::walked::Read::Damaged(damage) => {
                on_break(damage);
                return Ok(());
            }
        };
        let Some(last) = page.last().copied() else { return Ok(()) };
        for stream in page {
            let Ok(register) = u32::try_from(stream.owner).map(RegisterId) else {
                on_break(Break::elsewhere(stream.to_string(), "no register has such an id"));
                continue;
            };
            if matches!(only, Only::Register(only) if only != register) {
                return Ok(());
            }
            if register != carried.register {
                carried = Carried::new(register);
                walked.registers = walked.registers.saturating_add(1);
                if let Some(lost) = without_record(store, register).await? {
                    on_break(lost);
                }
            }
            walked.shifts = walked.shifts.saturating_add(1);
            let before = (carried.clone(), *walked);
            let mut followed = follow(store, key.as_ref(), &mut carried, stream.ordinal, walked).await;
            if store.is_shared() && followed.as_ref().is_err_and(Trouble::is_break) {
                tokio::time::sleep(LOOKED_AGAIN_AFTER).await;
                (carried, *walked) = before;
                followed = follow(store, key.as_ref(), &mut carried, stream.ordinal, walked).await;
            }
            match followed {
                Ok(()) => {}
                Err(Trouble::Broken(broken)) => {
                    broken.into_iter().for_each(&mut *on_break);
                    carried = Carried::behind_broken(store, register, stream.ordinal).await;
                }
                Err(Trouble::Store(StoreError::Corrupt { place, reason })) => {
                    let reason = format!("{place}: {reason}");
                    on_break(Break::in_shift(register, stream.ordinal, 0, reason));
                    carried = Carried::behind_broken(store, register, stream.ordinal).await;
                }
                Err(Trouble::Store(error)) => return Err(error),
            }
        }
        after = Some(last);
    }
}

/// A register that sells has a record, or nobody can ask for it. It comes before its first shift.
async fn without_record(store: &impl Store, register: RegisterId) -> Result<Option<Break>, StoreError> {
    let is_known = is_there(store.record(RecordKind::Register, &model::register_key(register)).await)?;
    Ok((!is_known)
        .then(|| Break::in_shift(register, 1, 0, "the register has shifts and no record".to_owned())))
}

/// Why a shift could not be followed to its end.
pub(super) enum Trouble {
    /// It is broken, in these places.
    Broken(Vec<Break>),
    Store(StoreError),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Trouble {
    fn is_break(&self) -> bool {
        matches!(self, Self::Broken(_) | Self::Store(StoreError::Corrupt { .. }))
    }
}

/// Walks the next shift; before it the last one again, if that was open: it was closed since, or this one would not
/// be there.
pub(super) async fn follow(
    store: &impl Store,
    key: Option<&TicketNumberKey>,
    carried: &mut Carried,
    number: u32,
    walked: &mut Walked,
) -> Result<(), Trouble> {
    if let Some(before) = carried.unfinished.take() {
        let (again, shifts) = (carried.shift, walked.shifts);
        (*carried, *walked) = *before;
        shift(store, key, carried, again, walked).await?;
        walked.shifts = shifts;
    }
    shift(store, key, carried, number, walked).await
}

async fn shift(
    store: &impl Store,
    key: Option<&TicketNumberKey>,
    carried: &mut Carried,
    number: u32,
    walked: &mut Walked,
) -> Result<(), Trouble> {
    let (register, before) = (carried.register, carried.shift);
    let broken = |shift: u32, reason: String| Break::in_shift(register, shift, 0, reason);
    let is_next = number == before.saturating_add(1);
    let fault = if is_next {
        without_summary(store, register, before).await?.map(|reason| broken(before, reason))
    } else {
        *carried = Carried::behind_broken(store, register, number.saturating_sub(1)).await;
        Some(broken(number, format!("it follows shift {before}; the shifts between are missing")))
    };
    let judged = match registers::shift(store, register, number).await {
        Ok(Some(loaded)) => documents(store, key, carried, loaded, walked).await,
        Ok(None) => Err(Trouble::Broken(vec![broken(number, "its head is missing".into())])),
        Err(StoreError::Corrupt { place, reason }) => {
            Err(Trouble::Broken(vec![broken(number, format!("{place}: {reason}"))]))
        }
        Err(error) => Err(Trouble::Store(error)),
    };
    match (fault, judged) {
        (None, judged) => judged,
        (Some(fault), Ok(())) => Err(Trouble::Broken(vec![fault])),
        (Some(fault), Err(Trouble::Broken(more))) => {
            Err(Trouble::Broken(std::iter::once(fault).chain(more).collect()))
        }
        (Some(_), Err(error @ Trouble::Store(_))) => Err(error),
    }
}

/// A shift that another one follows is closed, and its summary was written before the other began.
async fn without_summary(
    store: &impl Store,
    register: RegisterId,
    number: u32,
) -> Result<Option<String>, StoreError> {
    if number == 0 {
        return Ok(None);
    }
    let Some(closed) = registers::shift(store, register, number).await? else { return Ok(None) };
    let Some(expected) = ShiftSummary::of(&closed.register) else {
        return Ok(Some("it is not closed, and another shift follows".to_owned()));
    };
    let reason = match registers::summary(store, register, number).await? {
        Some(summary) if summary == expected => None,
        Some(_) => Some("its summary is not what its head says".to_owned()),
        None => Some("it has no summary".to_owned()),
    };
    Ok(reason)
}

/// Walks what the head of a shift counts, and carries over what comes of it.
pub(super) async fn documents(
    store: &impl Store,
    key: Option<&TicketNumberKey>,
    carried: &mut Carried,
    loaded: Loaded,
    walked: &mut Walked,
) -> Result<(), Trouble> {
    let (register, number) = (carried.register, loaded.register.shift_number);
    let broken = |document: u32, reason: String| Break::in_shift(register, number, document, reason);
    let before = (carried.clone(), *walked);
    let counted = loaded.register.documents;
    let mut facts = Facts::new(register, number);
    let mut recount = Recount::begin_shift(carried.lifetime.clone());
    let (mut last, mut has_more, mut wrong) = (0_u32, false, Vec::new());
    while !has_more {
        let page = registers::documents(store, register, number, last, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for document in page {
            if document.number > counted {
                has_more = true;
                break;
            }
            let expected = last.saturating_add(1);
            if document.number != expected {
                let missing = format!("it is missing; document {} follows", document.number);
                wrong.push(broken(expected, missing));
            }
            // Behind a break the document's own chain value is gone on from, so that every further one is found.
            let follows = document.number == expected;
            if let Err(reason) = judge(carried, &mut recount, &document, follows) {
                wrong.push(broken(document.number, reason));
                carried.chain = document.chain;
            }
            let place = DocumentRef { shift: number, number: document.number };
            if let Err(reason) = judge_ticket_number(key, register, place, &document) {
                wrong.push(broken(document.number, reason));
            }
            facts.add(&document);
            last = document.number;
            walked.documents = walked.documents.saturating_add(1);
        }
    }
    // Once documents are broken, so is what is counted of them.
    let is_countable = wrong.is_empty() && !carried.is_unknown;
    if let Err(reason) = judge_head(&loaded.register, carried, is_countable.then_some(&recount), last) {
        wrong.push(broken(0, reason));
    }
    wrong.extend(rows::judge(store, &facts, &mut walked.rows).await?);
    let is_same = |now: &Loaded| now.version == loaded.version;
    if has_more && registers::shift(store, register, number).await?.as_ref().is_none_or(is_same) {
        wrong.push(broken(0, format!("its head counts {counted} documents, more are stored")));
    }
    if let Some(reason) = unconfirmed::judge(store, register, &loaded).await? {
        // An append that came meanwhile changed rows and head.
        if registers::shift(store, register, number).await?.as_ref().is_none_or(is_same) {
            wrong.push(broken(0, reason));
        }
    }
    if !wrong.is_empty() {
        return Err(Trouble::Broken(wrong));
    }
    carried.shift = number;
    carried.chain = loaded.register.chain;
    carried.lifetime = loaded.register.lifetime;
    carried.is_unknown = false;
    let is_closed = matches!(loaded.register.phase, Phase::Closed(_));
    carried.unfinished = (!is_closed).then(|| Box::new(before));
    Ok(())
}

fn judge(
    carried: &mut Carried,
    recount: &mut Recount,
    document: &Document,
    follows: bool,
) -> Result<(), String> {
    let crc = CRC.checksum(&document.raw);
    if crc != document.crc {
        return Err(format!("its CRC is {crc:08X}, it was stored with {:08X}", document.crc));
    }
    let is_known = follows && !(carried.is_unknown && document.number == 1);
    carried.chain = if is_known { chain(&carried.chain, &document.raw) } else { document.chain };
    if carried.chain != document.chain {
        return Err("its chain value does not follow from the documents before it".into());
    }
    recount.add(&document.raw).map_err(|error| error.to_string())
}

/// A receipt's fiscal sign follows from its place; no other document has one.
fn judge_ticket_number(
    key: Option<&TicketNumberKey>,
    register: RegisterId,
    place: DocumentRef,
    document: &Document,
) -> Result<(), String> {
    match (key, document.ticket_number) {
        (Some(key), Some(number)) if key.document(register, number) != Some(place) => {
            Err(format!("its ticket number {number} is that of another place"))
        }
        (Some(_) | None, Some(_) | None) => Ok(()),
    }
}

/// Judges a head by what was walked; its counters by the recount, where there is a whole one.
fn judge_head(
    register: &Register,
    carried: &Carried,
    recount: Option<&Recount>,
    documents: u32,
) -> Result<(), String> {
    if register.documents != documents {
        return Err(format!("its head counts {} documents, {documents} are stored", register.documents));
    }
    let is_chain_known = documents > 0 || !carried.is_unknown;
    if is_chain_known && register.chain != carried.chain {
        return Err("the chain value of its head is not that of its last document".into());
    }
    if recount.is_some_and(|recount| {
        !register.totals.agree_with(&recount.totals) || register.lifetime != recount.lifetime
    }) {
        return Err("its counters are not those of its documents".into());
    }
    match (&register.phase, documents) {
        (Phase::NotOpened, 1..) => Err("it has documents but was not opened".into()),
        (Phase::Open(_) | Phase::Closed(_), 0) => Err("it was opened but has no documents".into()),
        (Phase::NotOpened | Phase::Open(_) | Phase::Closed(_), _) => Ok(()),
    }
}
