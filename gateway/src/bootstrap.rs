//! Creation of what the fleet file names and the store lacks. Safe to repeat, to interrupt and to run twice at once.

use ofd_edge::World;
use ofd_protocol::types::{RegisterId, Token, UnixMillis};
use ofd_storage::making::{MadeRegister, make_register};
use ofd_storage::model::{self, Model, Organisation, RegisterRecord, TradePoint, TradePointId};
use ofd_storage::store::{Stamp, Store, StoreError};
use tokio::task::JoinSet;
use tracing::{info, warn};

use crate::fleet::{Fleet, FleetOrganisation, FleetRegister, FleetTradePoint};

/// Registers are created this many at a time: a group commit takes them together.
const TOGETHER: usize = 256;

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Created {
    /// How many organisations were made.
    pub organisations: usize,
    /// How many trade points were made.
    pub trade_points: usize,
    /// How many registers were made.
    pub registers: usize,
}

/// Creates what is absent, logs what differs, overwrites nothing.
///
/// # Errors
/// Those of the store.
pub async fn run<S: Store>(
    store: &std::sync::Arc<S>,
    fleet: &Fleet,
    world: &(impl World + Clone),
) -> Result<Created, StoreError> {
    let mut created = Created::default();
    fleet.warnings().iter().for_each(|warning| warn!("fleet: {warning}"));
    let mut tasks: JoinSet<Result<bool, StoreError>> = JoinSet::new();
    for organisation in &fleet.organisations {
        created.organisations += usize::from(create(&**store, &organisation_of(organisation)).await?);
        for point in &organisation.trade_points {
            let trade_point = trade_point_of(&organisation.bin, point);
            created.trade_points += usize::from(create(&**store, &trade_point).await?);
            for register in &point.registers {
                if tasks.len() >= TOGETHER {
                    created.registers += usize::from(joined(tasks.join_next().await)?);
                }
                let record = record_of(&organisation.bin, &trade_point.id, register, world.now());
                let stamp = Stamp(world.bytes());
                let (store, token, now) = (std::sync::Arc::clone(store), Token(register.token), world.now());
                tasks.spawn(async move { create_register(&*store, record, token, now, stamp).await });
            }
        }
    }
    while !tasks.is_empty() {
        created.registers += usize::from(joined(tasks.join_next().await)?);
    }
    if created != Created::default() {
        info!(
            organisations = created.organisations,
            trade_points = created.trade_points,
            registers = created.registers,
            "created {} organisations, {} trade points and {} registers of the fleet file",
            created.organisations,
            created.trade_points,
            created.registers,
        );
    }
    Ok(created)
}

fn joined(
    task: Option<Result<Result<bool, StoreError>, tokio::task::JoinError>>,
) -> Result<bool, StoreError> {
    match task {
        Some(Ok(result)) => result,
        None => Ok(false),
        Some(Err(error)) => {
            Err(StoreError::Unavailable { reason: format!("a register was not created: {error}") })
        }
    }
}

/// Creates a record, or logs how the one that exists differs.
async fn create<M: Model + PartialEq + std::fmt::Debug>(
    store: &impl Store,
    model: &M,
) -> Result<bool, StoreError> {
    if let Some((_, kept)) = model::load::<M>(store, &model.key()).await? {
        if kept != *model {
            warn!("fleet: kept as it is in the store: {kept:?}; the file has {model:?}");
        }
        return Ok(false);
    }
    model::create(store, model).await
}

/// Creates a register, or logs how the one that exists differs.
async fn create_register(
    store: &impl Store,
    record: RegisterRecord,
    token: Token,
    now: UnixMillis,
    stamp: Stamp,
) -> Result<bool, StoreError> {
    match make_register(store, record.clone(), (token, now), stamp).await? {
        MadeRegister::New => Ok(true),
        MadeRegister::Kept(kept) => {
            let same = RegisterRecord { created_at: kept.created_at, moved_at: kept.moved_at, ..record };
            if *kept != same {
                warn!(
                    register.id = kept.id.0,
                    "fleet: kept as it is in the store: {kept:?}; the file has {same:?}"
                );
            }
            Ok(false)
        }
    }
}

fn organisation_of(organisation: &FleetOrganisation) -> Organisation {
    Organisation {
        bin: organisation.bin.clone(),
        title: organisation.title.clone(),
        address: organisation.address.clone(),
        address_kz: organisation.address_kz.clone(),
        okved: organisation.okved.clone(),
    }
}

fn trade_point_of(bin: &str, point: &FleetTradePoint) -> TradePoint {
    let id = TradePointId::derive(bin, &point.title, &point.address);
    TradePoint {
        address_kz: point.address_kz.clone(),
        latitude: point.latitude,
        longitude: point.longitude,
        ..TradePoint::at(id, bin, &point.title, &point.address)
    }
}

fn record_of(
    bin: &str,
    trade_point: &TradePointId,
    register: &FleetRegister,
    now: UnixMillis,
) -> RegisterRecord {
    RegisterRecord {
        id: RegisterId(register.id),
        bin: bin.to_owned(),
        trade_point: trade_point.clone(),
        fns_kkm_id: register.fns_kkm_id.clone(),
        serial_number: register.serial_number.clone(),
        model: register.model.clone(),
        year: register.year,
        connection: register.connection,
        is_tls_allowed: register.tls,
        alias: String::new(),
        point_of_payment_number: None,
        terminal_number: None,
        created_at: now,
        moved_at: None,
    }
}
