//! Making the register of a registration: its shop, where it is new, its record and its stream.

use ofd_protocol::register::Change;
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{DeregistrationReason, Registration, RegistrationState, Wanted};
use ofd_storage::making::{MadeRegister, make_register};
use ofd_storage::model::{
    self, RegisterRecord, TradePoint, TradePointPlace, fns_kkm_id_history_key, register_key,
};
use ofd_storage::store::{RecordKind, Stamp, Store as _, StoreError, Version};

use super::change::find;
use super::claims::owner_of_id;
use super::plans::is_tls_included;
use super::waiting::{Wait, forget_of, noted_at};
use crate::by::By;
use crate::change::ChangeError;
use crate::directories::at_place;
use crate::office::Office;
use crate::papers::HERE;
use crate::registers::{RegisterError, change_register, change_what_answers_name};

fn trade_point(registration: &Registration) -> TradePoint {
    let shop = &registration.data.shop;
    let point = TradePoint::at(shop.id.clone(), &registration.bin, &shop.title, &shop.address);
    let point = TradePoint { address_kz: shop.address_kz.clone(), ..point };
    if !shop.is_new {
        return point;
    }
    let place = TradePointPlace {
        settlement: shop.settlement.clone(),
        street: shop.street.clone(),
        house: shop.house.clone(),
        flat: shop.flat.clone(),
        street_kz: String::new(),
    };
    at_place(&point, place)
}

fn record(registration: &Registration, is_tls_allowed: bool, office: &Office) -> RegisterRecord {
    let data = &registration.data;
    RegisterRecord {
        id: registration.id,
        bin: registration.bin.clone(),
        trade_point: data.shop.id.clone(),
        fns_kkm_id: data.rnm.clone(),
        serial_number: data.serial_number.clone(),
        model: data.model_name.clone(),
        year: data.year,
        connection: data.connection,
        is_tls_allowed,
        alias: data.alias.clone(),
        point_of_payment_number: None,
        terminal_number: None,
        created_at: registration.registered_at.unwrap_or_else(|| office.now()),
        moved_at: None,
    }
}

/// Makes the register of a registration, which says already that it is on the books. What fails is made a minute later: a
/// note leads to it.
pub(super) async fn make_now(office: &Office, bin: &str, id: RegisterId) {
    if let Err(error) = make(office, bin, id).await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, register.id = %id, "register {id} is registered and is made later");
    }
}

/// Makes the register of a registration what the registration says: on the books with these data, or off them. From then
/// on the port answers so.
pub(super) async fn make(office: &Office, bin: &str, id: RegisterId) -> Result<(), ChangeError> {
    // Both before the registration: whoever says something newer of it meanwhile notes that anew, and changes the record.
    let noted = noted_at(office, Wait::Making, (bin, id)).await?;
    let known = model::load::<RegisterRecord>(&office.store, &register_key(id)).await?;
    let Some((_, registration)) = find(&office.store, bin, id).await? else {
        return Err(ChangeError::NotFound);
    };
    if registration.is_registered() {
        model::create(&office.store, &trade_point(&registration)).await?;
        let (token, stamp) = office.world.token_and_stamp();
        let is_tls_allowed = is_tls_included(office, &registration).await?;
        let record = record(&registration, is_tls_allowed, office);
        let drawn = (token, office.now());
        match make_register(&office.store, record.clone(), drawn, Stamp(stamp)).await? {
            MadeRegister::New => {}
            MadeRegister::Kept(kept) if kept.bin == bin => {
                let Some((version, known)) = known else { return Err(ChangeError::Busy) };
                // The fleet file, whose ids nobody claims, says by itself whether TLS is allowed, until a plan was chosen.
                let has_plan = !registration.plans.is_empty() || owner_of_id(office, id).await?.is_some();
                let is_tls_allowed = if has_plan { record.is_tls_allowed } else { known.is_tls_allowed };
                keep_up(office, (version, &known), RegisterRecord { is_tls_allowed, ..record }).await?;
            }
            MadeRegister::Kept(_) => {
                return Err(ChangeError::Store(StoreError::Corrupt {
                    place: format!("register {id}"),
                    reason: "another organisation has a register of this id, which the fleet file may have \
                             given; take it out of there"
                        .to_owned(),
                }));
            }
        }
    } else if registration.state == RegistrationState::Deregistered {
        deregister(office, &registration).await?;
    }
    forget_of(office, Wait::Making, (bin, id), noted).await?;
    Ok(())
}

/// Brings a record to what the registration says by now. Somebody else who was at it meanwhile goes first.
async fn keep_up(
    office: &Office,
    (version, kept): (Version, &RegisterRecord),
    now: RegisterRecord,
) -> Result<(), ChangeError> {
    // What no form asks for.
    let RegisterRecord { point_of_payment_number, terminal_number, created_at, moved_at, .. } = kept.clone();
    let with = RegisterRecord { point_of_payment_number, terminal_number, created_at, moved_at, ..now };
    if with == *kept {
        return Ok(());
    }
    let store = &office.store;
    let write = async {
        // No receipt is ever stored to which its number does not lead.
        let history = fns_kkm_id_history_key(&with.fns_kkm_id, with.id);
        match store.put_record(RecordKind::FnsKkmIdHistory, &history, None, bytes::Bytes::new()).await {
            Ok(_) | Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(ChangeError::Store(error)),
        }
        match model::replace(store, version, &with).await {
            Ok(_) => Ok(()),
            // A minute later again.
            Err(StoreError::Conflict { .. }) => Err(ChangeError::Busy),
            Err(error) => Err(error.into()),
        }
    };
    // What it is called by its organisation stands in no answer.
    if (RegisterRecord { alias: kept.alias.clone(), ..with.clone() }) == *kept {
        return write.await;
    }
    change_what_answers_name((store, &*office.world), &kept.bin, write).await
}

/// Why a register was taken off the books, as its till shows it (WIRE 13.13): in Russian, Kazakh and English, shorter than
/// papers say it.
fn at_the_till(reason: DeregistrationReason) -> [&'static str; 3] {
    match reason {
        DeregistrationReason::ActivityStopped => {
            ["деятельность прекращена", "қызмет тоқтатылды", "activity stopped"]
        }
        DeregistrationReason::Defect => ["неисправна", "ақаулы", "it is out of order"],
        DeregistrationReason::ModelExcluded => {
            ["модель исключена из реестра", "модель тізілімнен шығарылды", "its model was excluded"]
        }
        DeregistrationReason::Replaced => ["заменена другой", "басқасымен алмастырылды", "it was replaced"],
        DeregistrationReason::TheftOrLoss => {
            ["похищена или утрачена", "ұрланған немесе жоғалған", "it was stolen or lost"]
        }
        DeregistrationReason::Liquidation => {
            ["ликвидация или реорганизация", "тарату немесе қайта құру", "liquidation or reorganisation"]
        }
        DeregistrationReason::Other => {
            ["иная причина по закону", "заңдағы өзге себеп", "another reason of the law"]
        }
    }
}

/// Takes the register off at the port, for good.
async fn deregister(office: &Office, registration: &Registration) -> Result<(), ChangeError> {
    let reason = match &registration.wanted {
        Some(Wanted::Deregister(reason)) => at_the_till(*reason).join(" / "),
        Some(Wanted::Change(_)) | None => String::new(),
    };
    let by = By::program("ofd", office.now(), HERE);
    let with = (&office.store, &*office.world);
    let change = Change::Deregister { reason };
    match change_register(with, &office.turns, registration.id, &change, &by).await {
        Ok(_) | Err(RegisterError::Final(_) | RegisterError::NoSuchRegister(_)) => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

/// What a failure of a register's change is for whoever changes registrations.
pub(super) fn failed(error: RegisterError) -> ChangeError {
    match error {
        RegisterError::NoSuchRegister(_) | RegisterError::NoSuchShift(_) => ChangeError::NotFound,
        RegisterError::BeingCreated | RegisterError::Busy | RegisterError::Final(_) => ChangeError::Busy,
        RegisterError::Store(error) => ChangeError::Store(error),
    }
}

#[cfg(test)]
mod tests {
    use ofd_protocol::refusal::{Refusal, TEXT_LEN_MAX, has_forbidden_word};

    use super::*;

    #[test]
    fn tills_tell_every_reason_of_the_law_whole_in_each_language() {
        for reason in DeregistrationReason::ALL {
            let parts = at_the_till(reason);
            let text = Refusal::Deregistered { reason: parts.join(" / ") }.text();
            assert!(text.len() <= TEXT_LEN_MAX && !has_forbidden_word(&text), "{text}");
            let told: Vec<&str> = text.split(" / ").collect();
            assert_eq!(told.len(), parts.len(), "{text}");
            for (part, told) in parts.into_iter().zip(told) {
                assert!(told.contains(&format!(": {part}. ")), "{part}: {told}");
            }
        }
    }
}
