//! Records: they read, their keys say what is in them, and what they name is there.

use ofd_billing::tariffs::Plan;
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{AddedBank, BankApplication, Company};
use ofd_storage::charging::{CHARGING_KEY, ChargeOwed, HandRun, ServiceRecord};
use ofd_storage::claims::{
    ALIAS_FAMILY, ClaimedName, EMAIL_FAMILY, IIN_FAMILY, INVITATION_FAMILY, PERSONAL_ACCOUNT_FAMILY,
    PROGRAM_TOKEN_FAMILY, REGISTER_FAMILY, RNM_FAMILY, SERIAL_FAMILY,
};
use ofd_storage::feed;
use ofd_storage::invoices::{self, INVOICING_KEY};
use ofd_storage::leases;
use ofd_storage::ledger::{self, BOOKS_KEY, CHECKED_KEY, CLOSED_KEY};
use ofd_storage::model::{
    self, CLOCK_KEY, COPY_MARK_KEY, CopyMark, Holding, Model, Organisation, PROFILE_NEWS_KEY, RegisterModel,
    RegisterRecord, SCRUB_KEY, SECRET_FACTS, TradePoint, fns_kkm_id_history_key, register_key,
};
use ofd_storage::payment_keys::{CallAnswer, PaymentClient};
use ofd_storage::payments;
use ofd_storage::perhaps::PerhapsKnown;
use ofd_storage::registers::{self, ShiftSummary};
use ofd_storage::serials::register_of_serial_key;
use ofd_storage::standing::{STANDING_KEY, StandingRecord};
use ofd_storage::store::{Record, RecordKind, Store, StoreError};
use ofd_storage::tariffs::{self, VAT_RATES_KEY};
use ofd_storage::titles::TitleWord;
use ofd_storage::walks::Walk;

use super::people::account_of;
use super::unfound::{unfound, unlisted, unnumbered};
use super::walked::{Break, PAGE, Read, Walked, is_there, read, tell_of};

/// Walks all records of a kind.
pub(super) async fn walk(
    store: &impl Store,
    kind: RecordKind,
    walked: &mut Walked,
    on_break: &mut impl FnMut(Break),
) -> Result<(), StoreError> {
    if kind == RecordKind::Store && walked.documents > 0 {
        match model::stored_ticket_number_key(store).await {
            Ok(Some(_)) | Err(StoreError::Corrupt { .. }) => {}
            Ok(None) => on_break(Break::elsewhere(
                "the key of ticket numbers",
                "it is missing: no receipt is found by its ticket number, and no gateway starts",
            )),
            Err(error) => return Err(error),
        }
    }
    let mut after = None;
    loop {
        let page = match read(store.records(kind, b"", after.as_deref(), PAGE).await)? {
            Read::Whole(page) => page,
            Read::Damaged(damage) => {
                on_break(damage);
                return Ok(());
            }
        };
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.key.clone());
        for record in &page {
            walked.records = walked.records.saturating_add(1);
            let name = || format!("record {kind:?} {}", record.key.escape_ascii());
            tell_of(store, on_break, async || {
                let judged = judge(store, kind, record).await?;
                Ok(judged.into_iter().map(|reason| Break::elsewhere(name(), reason)).collect())
            })
            .await?;
        }
    }
}

/// What is wrong with a record.
type Wrong = Vec<String>;

async fn judge(store: &impl Store, kind: RecordKind, record: &Record) -> Result<Wrong, StoreError> {
    match kind {
        RecordKind::Store => Ok(fact(record)),
        RecordKind::Organisation => organisation(store, record).await,
        RecordKind::TradePoint => trade_point(store, record).await,
        RecordKind::Register => register(store, record).await,
        RecordKind::FnsKkmIdHistory => history(store, record).await,
        RecordKind::ShiftSummary => summary(store, record).await,
        RecordKind::Name => Ok(name(record)),
        RecordKind::BankApplication => bank_application(store, record).await,
        RecordKind::Bank => Ok(modelled::<AddedBank>(record).err().into_iter().collect()),
        RecordKind::RegisterModel => Ok(modelled::<RegisterModel>(record).err().into_iter().collect()),
        RecordKind::TitleWord => Ok(title_word(record)),
        RecordKind::Lease => Ok(leases::check(&record.bytes).err().into_iter().collect()),
        RecordKind::RegisterOfOrganisation => Ok(list_entry::<RegisterRecord>(record)),
        RecordKind::TradePointOfOrganisation => Ok(list_entry::<TradePoint>(record)),
        RecordKind::RegisterOfSerial => Ok(serial(record)),
        RecordKind::PersonalAccount => personal_account(store, record).await,
        RecordKind::Payment => payments::misfit(store, record).await,
        RecordKind::PaymentOfMonth => Ok(payment_of_month(record)),
        RecordKind::ChargingRun => Ok(modelled::<HandRun>(record).err().into_iter().collect()),
        RecordKind::InvoiceOfOrganisation | RecordKind::InvoiceOfMonth => Ok(invoice_entry(kind, record)),
        RecordKind::Plan => Ok(modelled::<Plan>(record).err().into_iter().collect()),
        RecordKind::PerhapsKnown => Ok(modelled::<PerhapsKnown>(record).err().into_iter().collect()),
        RecordKind::ChargeOwed => Ok(modelled::<ChargeOwed>(record).err().into_iter().collect()),
        RecordKind::ServiceOfOrganisation => {
            Ok(modelled::<ServiceRecord>(record).err().into_iter().collect())
        }
        RecordKind::Standing => standing(store, record).await,
        RecordKind::StoppedOrganisation => Ok(stopped_organisation(record)),
        RecordKind::PaymentKey => Ok(modelled::<PaymentClient>(record).err().into_iter().collect()),
        RecordKind::CallAnswer => Ok(modelled::<CallAnswer>(record).err().into_iter().collect()),
    }
}

/// A record as its type reads it, under the key that it says itself.
fn modelled<M: Model>(record: &Record) -> Result<M, String> {
    let (_, model) = model::decode::<M>(record).map_err(|error| match error {
        StoreError::Corrupt { reason, .. } => reason,
        other => other.to_string(),
    })?;
    if model.key() == record.key {
        return Ok(model);
    }
    Err(format!("what is in it belongs to {}", model.key().escape_ascii()))
}

/// A fact of the store that this program knows.
fn fact(record: &Record) -> Wrong {
    match &record.key[..] {
        COPY_MARK_KEY => modelled::<CopyMark>(record).err().into_iter().collect(),
        key if SECRET_FACTS.contains(&key) && record.bytes.len() == 32 => Vec::new(),
        key if SECRET_FACTS.contains(&key) => vec!["it is not 32 bytes long".to_owned()],
        CLOCK_KEY | SCRUB_KEY | PROFILE_NEWS_KEY | BOOKS_KEY | CHARGING_KEY | CHECKED_KEY | CLOSED_KEY
        | INVOICING_KEY | STANDING_KEY => object(record),
        VAT_RATES_KEY => {
            tariffs::read_vat_rates(record).err().map(|error| error.to_string()).into_iter().collect()
        }
        key if Walk::is_place(key) || feed::is_fact(key) => object(record),
        _ => vec!["this program does not know it; a newer one may have written it".to_owned()],
    }
}

/// A personal account that its number leads to.
async fn personal_account(store: &impl Store, record: &Record) -> Result<Wrong, StoreError> {
    let Ok(bin) = std::str::from_utf8(&record.key) else { return Ok(vec!["its key is no text".to_owned()]) };
    let account = match ledger::of_bin(store, bin).await {
        Ok(Some(account)) => account,
        Ok(None) => return Ok(Vec::new()),
        Err(StoreError::Corrupt { reason, .. }) => return Ok(vec![reason]),
        Err(error) => return Err(error),
    };
    let leads_here = ledger::of_number(store, account.number).await?.is_some_and(|found| found.bin == bin);
    let wrong = (!leads_here).then(|| format!("its number, {}, does not lead to it", account.number));
    Ok(wrong.into_iter().collect())
}

/// An entry that leads from a month to a payment. It is written before it, so it is no fault when it leads nowhere.
fn payment_of_month(record: &Record) -> Wrong {
    let is_one = payments::payment_of_key(&record.key).is_some();
    if is_one { Vec::new() } else { vec!["its key names no month and no payment".to_owned()] }
}

/// An entry that leads to an invoice, an act or a bill. It is written before it, so it is no fault when it leads nowhere.
fn invoice_entry(kind: RecordKind, record: &Record) -> Wrong {
    match invoices::document_of_key(kind, &record.key) {
        None => vec!["its key names no document".to_owned()],
        Some(_) if !record.bytes.is_empty() => vec!["it is not empty".to_owned()],
        Some(_) => Vec::new(),
    }
}

fn object(record: &Record) -> Wrong {
    match serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&record.bytes) {
        Ok(_) => Vec::new(),
        Err(error) => vec![format!("it cannot be decoded: {error}")],
    }
}

/// Whether a record is there.
async fn has(store: &impl Store, kind: RecordKind, key: &[u8]) -> Result<bool, StoreError> {
    is_there(store.record(kind, key).await)
}

/// Whether a register has a shift.
async fn has_shift(store: &impl Store, register: RegisterId, shift: u32) -> Result<bool, StoreError> {
    is_there(store.head(registers::stream(register, shift)).await)
}

async fn organisation(store: &impl Store, record: &Record) -> Result<Wrong, StoreError> {
    match modelled::<Organisation>(record) {
        Ok(organisation) => unfound(store, organisation.titled()).await,
        Err(wrong) => Ok(vec![wrong]),
    }
}

/// An entry of the index of titles. It is written before the title that has the word, and stays when the title changes,
/// so it is no fault when it leads nowhere.
fn title_word(record: &Record) -> Wrong {
    match TitleWord::of_key(&record.key) {
        None => vec!["its key names no word of an organisation".to_owned()],
        Some(_) if !record.bytes.is_empty() => vec!["it is not empty".to_owned()],
        Some(_) => Vec::new(),
    }
}

/// How an organisation stands is so by its personal account.
async fn standing(store: &impl Store, record: &Record) -> Result<Wrong, StoreError> {
    let standing = match modelled::<StandingRecord>(record) {
        Ok(standing) => standing,
        Err(wrong) => return Ok(vec![wrong]),
    };
    let account = ledger::of_bin(store, &standing.bin).await?;
    let is_its = account.is_some_and(|account| account.number == standing.number);
    let wrong = format!("organisation {} has no personal account {}", standing.bin, standing.number);
    Ok(if is_its { Vec::new() } else { vec![wrong] })
}

/// An entry of the list of organisations whose registers were stopped. It is written before they are, and stays.
fn stopped_organisation(record: &Record) -> Wrong {
    if Company::stream_of(&String::from_utf8_lossy(&record.key)).is_none() {
        return vec!["its key names no organisation".to_owned()];
    }
    if record.bytes.is_empty() { Vec::new() } else { vec!["it is not empty".to_owned()] }
}

/// An entry of an organisation's list. It is written before what it leads to, and stays when that goes to another
/// organisation, so it is no fault when it leads nowhere.
fn list_entry<M: Holding>(record: &Record) -> Wrong {
    match model::listed_by_key::<M>(&record.key) {
        None => vec!["its key names nothing that an organisation has".to_owned()],
        Some(_) if !record.bytes.is_empty() => vec!["it is not empty".to_owned()],
        Some(_) => Vec::new(),
    }
}

/// An entry of the index of factory numbers. It is written before its register, and stays when that has another number, so it
/// is no fault when it leads nowhere.
fn serial(record: &Record) -> Wrong {
    match register_of_serial_key(&record.key) {
        None => vec!["its key names no register".to_owned()],
        Some(_) if !record.bytes.is_empty() => vec!["it is not empty".to_owned()],
        Some(_) => Vec::new(),
    }
}

async fn trade_point(store: &impl Store, record: &Record) -> Result<Wrong, StoreError> {
    let point = match modelled::<TradePoint>(record) {
        Ok(point) => point,
        Err(wrong) => return Ok(vec![wrong]),
    };
    let mut wrong: Wrong = unlisted(store, &point).await?.into_iter().collect();
    if !has(store, RecordKind::Organisation, point.bin.as_bytes()).await? {
        wrong.push(format!("its organisation {} is missing", point.bin));
    }
    Ok(wrong)
}

async fn register(store: &impl Store, record: &Record) -> Result<Wrong, StoreError> {
    let register = match modelled::<RegisterRecord>(record) {
        Ok(register) => register,
        Err(wrong) => return Ok(vec![wrong]),
    };
    let mut wrong: Wrong = unlisted(store, &register).await?.into_iter().collect();
    wrong.extend(unnumbered(store, &register).await?);
    if !has(store, RecordKind::Organisation, register.bin.as_bytes()).await? {
        wrong.push(format!("its organisation {} is missing", register.bin));
    }
    match read(model::load::<TradePoint>(store, register.trade_point.0.as_bytes()).await)? {
        Read::Whole(None) => wrong.push(format!("its trade point {} is missing", register.trade_point.0)),
        Read::Whole(Some((_, point))) if point.bin != register.bin => {
            wrong.push(format!("its trade point {} is one of {}", register.trade_point.0, point.bin));
        }
        // One that cannot be read is told where it lies.
        Read::Whole(Some(_)) | Read::Damaged(_) => {}
    }
    let history = fns_kkm_id_history_key(&register.fns_kkm_id, register.id);
    if !has(store, RecordKind::FnsKkmIdHistory, &history).await? {
        wrong.push(format!("nothing leads to it from its fns_kkm_id {}", register.fns_kkm_id));
    }
    if !has_shift(store, register.id, 1).await? {
        wrong.push("its first shift is missing".to_owned());
    }
    Ok(wrong)
}

/// An entry that says that a register has or had a number. It is written before the register: after a creation that was
/// cut off it may be all there is.
async fn history(store: &impl Store, record: &Record) -> Result<Wrong, StoreError> {
    let text = std::str::from_utf8(&record.key).ok().and_then(|key| key.rsplit_once('/'));
    let parts = text.and_then(|(number, id)| Some((number, RegisterId(id.parse().ok()?))));
    let Some((number, id)) = parts else { return Ok(vec!["its key names no register".to_owned()]) };
    if fns_kkm_id_history_key(number, id) != record.key {
        return Ok(vec!["its key is not as such keys are written".to_owned()]);
    }
    let is_lost =
        !has(store, RecordKind::Register, &register_key(id)).await? && has_shift(store, id, 1).await?;
    Ok(if is_lost { vec![format!("register {id} has shifts and no record")] } else { Vec::new() })
}

/// Whether it says what its shift says is looked at where the shift is walked.
async fn summary(store: &impl Store, record: &Record) -> Result<Wrong, StoreError> {
    if let Read::Damaged(damage) = read(ShiftSummary::decode(record))? {
        return Ok(vec![damage.reason]);
    }
    let Some((register, shift)) = ShiftSummary::place_of_key(&record.key) else {
        return Ok(vec!["its key names no shift".to_owned()]);
    };
    let is_known = has_shift(store, register, shift).await?;
    Ok(if is_known { Vec::new() } else { vec![format!("register {register} has no shift {shift}")] })
}

/// A name may be claimed for an account that never came to be: claims come first.
fn name(record: &Record) -> Wrong {
    let Some(claimed) = ClaimedName::decode(&record.bytes) else {
        return vec!["it is too short to say who has it".to_owned()];
    };
    let family =
        std::str::from_utf8(&record.key).ok().and_then(|key| key.split_once('/')).map(|(family, _)| family);
    match family {
        Some(IIN_FAMILY | EMAIL_FAMILY) if account_of(&claimed.owner).is_none() => {
            vec!["its owner is no account".to_owned()]
        }
        Some(ALIAS_FAMILY | SERIAL_FAMILY | RNM_FAMILY)
            if std::str::from_utf8(&claimed.owner).ok().and_then(|id| id.parse::<u32>().ok()).is_none() =>
        {
            vec!["its owner is no register".to_owned()]
        }
        Some(
            IIN_FAMILY
            | EMAIL_FAMILY
            | INVITATION_FAMILY
            | REGISTER_FAMILY
            | ALIAS_FAMILY
            | SERIAL_FAMILY
            | RNM_FAMILY
            | PROGRAM_TOKEN_FAMILY
            | PERSONAL_ACCOUNT_FAMILY,
        ) => Vec::new(),
        Some(family) => vec![format!("this program knows no names of the family {family:?}")],
        None => vec!["its key names no family".to_owned()],
    }
}

async fn bank_application(store: &impl Store, record: &Record) -> Result<Wrong, StoreError> {
    let application = match modelled::<BankApplication>(record) {
        Ok(application) => application,
        Err(wrong) => return Ok(vec![wrong]),
    };
    let Some(stream) = Company::stream_of(&application.bin) else {
        return Ok(vec!["its company has no BIN".to_owned()]);
    };
    let is_known = is_there(store.head(stream).await)?;
    Ok(if is_known { Vec::new() } else { vec![format!("its company {} is missing", application.bin)] })
}
