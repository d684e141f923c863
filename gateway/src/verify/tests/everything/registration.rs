//! Registrations of registers, and the models they choose from.

use ofd_billing::tariffs::{PlanId, TariffHistory};
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{ChosenShop, Kept, RegisterData, Registration, RegistrationState};
use ofd_storage::claims::{ALIAS_FAMILY, REGISTER_FAMILY, RNM_FAMILY, SERIAL_FAMILY};
use ofd_storage::model::{Connection, RegisterModel};
use ofd_storage::samples;

use super::*;

/// Adds a registration with its claims, and a model.
pub(super) async fn fill(store: &impl Store, kept: &Kept<Company>) {
    store.claim(REGISTER_FAMILY, "77", format!("{BIN}/key").as_bytes(), 5, None).await.unwrap();
    for family in [SERIAL_FAMILY, RNM_FAMILY, ALIAS_FAMILY] {
        store.claim(family, "name", b"77", 5, None).await.unwrap();
    }
    let beside = (Vec::new(), vec![registration().row().unwrap()]);
    let with = Company { registrations: vec![REGISTRATION], ..kept.state.clone() };
    accounts::save_beside(store, kept, with, beside, Stamp([6; 16])).await.unwrap();
    model::create(store, &register_model()).await.unwrap();
}

const REGISTRATION: RegisterId = RegisterId(77);

fn register_model() -> RegisterModel {
    let (kind, entered_on) = ("Касса".into(), "2026-01-22".into());
    RegisterModel { id: "104".into(), name: "Модель".into(), kind, is_used: true, entered_on }
}

/// A registration that was saved.
fn registration() -> Registration {
    let shop = ChosenShop {
        id: TradePointId::derive(BIN, "Дүкен", "Астана"),
        title: "Дүкен".into(),
        title_kz: None,
        address: "Астана".into(),
        address_kz: None,
        is_new: true,
        settlement: "710000000".into(),
        street: "1".into(),
        house: String::new(),
        flat: String::new(),
    };
    Registration {
        id: REGISTRATION,
        bin: BIN.into(),
        created_at: NOW,
        revision: 1,
        data: RegisterData {
            model: "104".into(),
            model_name: "Модель".into(),
            serial_number: "S".into(),
            year: 2025,
            rnm: String::new(),
            connection: Connection::Wired,
            alias: String::new(),
            tariff: PlanId::free(),
            plan: None,
            shop,
        },
        state: RegistrationState::Draft,
        since: NOW,
        registered_at: None,
        wanted: None,
        paper: None,
        is_token_shown: false,
        reissued: 0,
        visit: None,
        plans: TariffHistory::default(),
    }
}

#[tokio::test]
async fn a_registration_that_does_not_fit_its_company_or_has_no_claim_is_told() {
    let shop = filled(Arc::new(MemoryStore::new())).await;
    let store = &*shop.store;
    let stream = Company::stream_of(BIN).unwrap();
    let put_row = async |found: Registration, number: u8| {
        put(store, stream, vec![found.row().unwrap()], number).await;
    };
    let settled = Registration { state: RegistrationState::Registered, ..registration() };
    put_row(Registration { is_token_shown: true, ..settled }, 40).await;
    expect(&breaks(store).await, &["registration 77", "under way"]);
    put_row(registration(), 80).await;
    assert!(breaks(store).await.is_empty());
    put_row(Registration { id: RegisterId(78), ..registration() }, 120).await;
    // The fleet file's own register was there before its registration.
    let of_fleet = samples::register(RegisterId(79), BIN);
    model::create(store, &of_fleet).await.unwrap();
    let settled = Registration { state: RegistrationState::Registered, ..registration() };
    put_row(Registration { id: of_fleet.id, is_token_shown: true, ..settled }, 160).await;
    let told = breaks(store).await.join("\n");
    assert!(!told.contains("registration 79"), "{told}");
    assert!(told.contains("the id of registration 78 is not claimed"), "{told}");
}
