//! Registrations that paths name: of the register that is there, and one that was saved.

use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::accounts::{self, ChosenShop, RegisterData, Registration, RegistrationState, Tariff};
use ofd_storage::model::{Connection, TradePointId};

use super::super::support::FNS_KKM_ID;
use super::*;

/// The one that was saved.
pub(super) const DRAFT: RegisterId = RegisterId(203_540);

/// A registration that says of the register what its record says.
fn registration(id: RegisterId, state: RegistrationState, at: UnixMillis) -> Registration {
    let shop = ChosenShop {
        id: TradePointId::derive(OURS, "Магазин", "Астана"),
        title: "Магазин".into(),
        title_kz: None,
        address: "Астана".into(),
        address_kz: None,
        is_new: false,
        settlement: String::new(),
        street: String::new(),
    };
    let data = RegisterData {
        model: "104".into(),
        model_name: "Web".into(),
        serial_number: "SWK00032685".into(),
        year: 2025,
        rnm: FNS_KKM_ID.into(),
        connection: Connection::Wired,
        alias: String::new(),
        tariff: Tariff::Free,
        shop,
    };
    Registration {
        id,
        bin: OURS.into(),
        created_at: at,
        revision: 1,
        data,
        registered_at: (state == RegistrationState::Registered).then_some(at),
        state,
        since: at,
        wanted: None,
        paper: None,
        is_token_shown: false,
        visit: None,
    }
}

impl Town {
    /// Puts the registrations in their places.
    pub(super) async fn begin_registrations(&self) {
        let (store, stream) = (&*self.house.store, Company::stream_of(OURS).unwrap());
        let now = self.house.now();
        let drafts = registration(DRAFT, RegistrationState::Draft, now);
        for wanted in [drafts, registration(ID, RegistrationState::Registered, now)] {
            if accounts::registration(store, stream, wanted.id).await.unwrap() != Some(wanted.clone()) {
                let before = accounts::load::<Company>(store, stream).await.unwrap().unwrap();
                let stamp = self.house.site.office.stamp();
                let beside = (Vec::new(), vec![wanted.row().unwrap()]);
                accounts::save_beside(store, &before, before.state.clone(), beside, stamp).await.unwrap();
            }
        }
    }
}
