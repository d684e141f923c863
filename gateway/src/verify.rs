//! `ofd verify`: walks every document of a store and says where it breaks.
//!
//! In a cluster the store may move under the walk. Of each shift what its head counted when it was read is judged;
//! what came later is left to the next walk, unless a further shift shows that it belongs to this one.

use std::time::Duration;

use ofd_protocol::message::answer::CRC;
use ofd_protocol::register::{Lifetime, Phase, Recount, Register, chain};
use ofd_protocol::types::RegisterId;
use ofd_storage::registers::{self, Document, Loaded};
use ofd_storage::store::{Store, StoreError, StreamId, StreamKind};

#[cfg(test)]
mod tests;
mod unconfirmed;

/// Streams and documents are walked in pages.
const PAGE: usize = 512;

/// What was walked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    /// Registers.
    pub registers: u64,
    /// Shifts.
    pub shifts: u64,
    /// Documents.
    pub documents: u64,
}

/// A place where the store is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The register.
    pub register: RegisterId,
    /// The shift.
    pub shift: u32,
    /// The document; 0: the shift as a whole.
    pub document: u32,
    /// What does not fit.
    pub reason: String,
}

impl std::fmt::Display for Break {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { register, shift, document, reason } = self;
        match document {
            0 => write!(f, "register {register} shift {shift}: {reason}"),
            _ => write!(f, "register {register} shift {shift} document {document}: {reason}"),
        }
    }
}

/// What carries over from one shift of a register to the next.
#[derive(Clone)]
struct Carried {
    register: RegisterId,
    shift: u32,
    chain: [u8; 32],
    lifetime: Lifetime,
    /// A shift that cannot be read ends the walk of its register: nothing after it can be judged.
    is_broken: bool,
    /// The last shift was not closed when it was walked: what there was before it, to walk it again.
    unfinished: Option<Box<(Carried, Walked)>>,
}

impl Carried {
    fn new(register: RegisterId) -> Self {
        Self {
            register,
            shift: 0,
            chain: [0; 32],
            lifetime: Lifetime::default(),
            is_broken: false,
            unfinished: None,
        }
    }
}

/// A break in a store that others write to is looked at again after this long, which is more than a write takes to
/// reach the copies that missed it: then it is one.
const LOOKED_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Walks the whole store, telling each break to `on_break`.
///
/// # Errors
/// Those of the store that are not damage of one place.
pub async fn walk(store: &impl Store, mut on_break: impl FnMut(Break)) -> Result<Walked, StoreError> {
    let mut walked = Walked::default();
    let mut carried = Carried::new(RegisterId(0));
    let mut after: Option<StreamId> = None;
    loop {
        let page = store.streams(StreamKind::Shift, after, PAGE).await?;
        let Some(last) = page.last().copied() else { return Ok(walked) };
        for stream in page {
            let register = RegisterId(u32::try_from(stream.owner).unwrap_or(u32::MAX));
            if register != carried.register {
                carried = Carried::new(register);
                walked.registers = walked.registers.saturating_add(1);
            }
            walked.shifts = walked.shifts.saturating_add(1);
            if carried.is_broken {
                continue;
            }
            let before = (carried.clone(), walked);
            let mut followed = follow(store, &mut carried, stream.ordinal, &mut walked).await;
            if store.is_shared() && followed.as_ref().is_err_and(Trouble::is_break) {
                tokio::time::sleep(LOOKED_AGAIN_AFTER).await;
                (carried, walked) = before;
                followed = follow(store, &mut carried, stream.ordinal, &mut walked).await;
            }
            match followed {
                Ok(()) => {}
                Err(Trouble::Broken(broken)) => {
                    carried.is_broken = true;
                    on_break(broken);
                }
                Err(Trouble::Store(StoreError::Corrupt { place, reason })) => {
                    carried.is_broken = true;
                    let reason = format!("{place}: {reason}");
                    on_break(Break { register, shift: stream.ordinal, document: 0, reason });
                }
                Err(Trouble::Store(error)) => return Err(error),
            }
        }
        after = Some(last);
    }
}

enum Trouble {
    Broken(Break),
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
async fn follow(
    store: &impl Store,
    carried: &mut Carried,
    number: u32,
    walked: &mut Walked,
) -> Result<(), Trouble> {
    if let Some(before) = carried.unfinished.take() {
        let (again, shifts) = (carried.shift, walked.shifts);
        (*carried, *walked) = *before;
        shift(store, carried, again, walked).await?;
        walked.shifts = shifts;
    }
    shift(store, carried, number, walked).await
}

async fn shift(
    store: &impl Store,
    carried: &mut Carried,
    number: u32,
    walked: &mut Walked,
) -> Result<(), Trouble> {
    let register = carried.register;
    let broken = |document: u32, reason: String| {
        Err(Trouble::Broken(Break { register, shift: number, document, reason }))
    };
    if number != carried.shift.saturating_add(1) {
        return broken(0, format!("it follows shift {}; the shifts between are missing", carried.shift));
    }
    match registers::shift(store, register, number).await? {
        Some(loaded) => documents(store, carried, loaded, walked).await,
        None => broken(0, "its head is missing".into()),
    }
}

/// Walks what the head of a shift counts, and carries over what comes of it.
async fn documents(
    store: &impl Store,
    carried: &mut Carried,
    loaded: Loaded,
    walked: &mut Walked,
) -> Result<(), Trouble> {
    let (register, number) = (carried.register, loaded.register.shift_number);
    let broken = |document: u32, reason: String| {
        Err(Trouble::Broken(Break { register, shift: number, document, reason }))
    };
    let before = (carried.clone(), *walked);
    let counted = loaded.register.documents;
    let mut recount = Recount::begin_shift(carried.lifetime.clone());
    let (mut last, mut has_more) = (0_u32, false);
    while !has_more {
        let page = registers::documents(store, register, number, last, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for document in page {
            let expected = last.saturating_add(1);
            if document.number != expected {
                return broken(expected, format!("it is missing; document {} follows", document.number));
            }
            if expected > counted {
                has_more = true;
                break;
            }
            if let Err(reason) = judge(carried, &mut recount, &document) {
                return broken(document.number, reason);
            }
            last = document.number;
            walked.documents = walked.documents.saturating_add(1);
        }
    }
    if let Err(reason) = judge_head(&loaded.register, carried, &recount, last) {
        return broken(0, reason);
    }
    let is_same = |now: &Loaded| now.version == loaded.version;
    if has_more && registers::shift(store, register, number).await?.as_ref().is_none_or(is_same) {
        return broken(0, format!("its head counts {counted} documents, more are stored"));
    }
    if let Some(reason) = unconfirmed::judge(store, register, &loaded).await? {
        // An append that came meanwhile changed rows and head.
        if registers::shift(store, register, number).await?.as_ref().is_none_or(is_same) {
            return broken(0, reason);
        }
    }
    carried.shift = number;
    carried.lifetime = recount.lifetime;
    let is_closed = matches!(loaded.register.phase, Phase::Closed(_));
    carried.unfinished = (!is_closed).then(|| Box::new(before));
    Ok(())
}

fn judge(carried: &mut Carried, recount: &mut Recount, document: &Document) -> Result<(), String> {
    let crc = CRC.checksum(&document.raw);
    if crc != document.crc {
        return Err(format!("its CRC is {crc:08X}, it was stored with {:08X}", document.crc));
    }
    carried.chain = chain(&carried.chain, &document.raw);
    if carried.chain != document.chain {
        return Err("its chain value does not follow from the documents before it".into());
    }
    recount.add(&document.raw).map_err(|error| error.to_string())
}

fn judge_head(
    register: &Register,
    carried: &Carried,
    recount: &Recount,
    documents: u32,
) -> Result<(), String> {
    if register.documents != documents {
        return Err(format!("its head counts {} documents, {documents} are stored", register.documents));
    }
    if register.chain != carried.chain {
        return Err("the chain value of its head is not that of its last document".into());
    }
    if register.totals != recount.totals || register.lifetime != recount.lifetime {
        return Err("its counters are not those of its documents".into());
    }
    match (&register.phase, documents) {
        (Phase::NotOpened, 1..) => Err("it has documents but was not opened".into()),
        (Phase::Open(_) | Phase::Closed(_), 0) => Err("it was opened but has no documents".into()),
        (Phase::NotOpened | Phase::Open(_) | Phase::Closed(_), _) => Ok(()),
    }
}
