//! Records as tests write them. Test code in a library, so that the tests of any crate have one maker of each.

use ofd_billing::tariffs::{PlanId, TariffHistory};
use ofd_protocol::types::{RegisterId, UnixMillis};

use crate::accounts::{
    Capacity, ChosenShop, Paper, PaperKind, PaperSigner, PaperState, RegisterData, Registration,
    RegistrationState, TicketText, TicketTextKind,
};
use crate::model::{Connection, RegisterRecord, TradePoint, TradePointId};

/// The title of the trade point at which [`register`] stands.
pub const SHOP: &str = "Магазин";

const SHOP_ADDRESS: &str = "Астана";

/// A register of an organisation, at its trade point [`SHOP`].
#[must_use]
pub fn register(id: RegisterId, bin: &str) -> RegisterRecord {
    RegisterRecord {
        id,
        bin: bin.to_owned(),
        trade_point: trade_point(bin, SHOP).id,
        fns_kkm_id: "010100000001".to_owned(),
        serial_number: "SWK00032685".to_owned(),
        model: "Web".to_owned(),
        year: 2025,
        connection: Connection::Wired,
        is_tls_allowed: true,
        alias: String::new(),
        point_of_payment_number: None,
        terminal_number: None,
        created_at: UnixMillis(0),
        moved_at: None,
    }
}

/// A trade point of an organisation.
#[must_use]
pub fn trade_point(bin: &str, title: &str) -> TradePoint {
    TradePoint::at(TradePointId::derive(bin, title, SHOP_ADDRESS), bin, title, SHOP_ADDRESS)
}

/// The saved registration of a register at its trade point [`SHOP`], which says what [`register`] does.
#[must_use]
pub fn registration(id: RegisterId, bin: &str) -> Registration {
    let (record, point) = (register(id, bin), trade_point(bin, SHOP));
    let shop = ChosenShop {
        id: point.id,
        title: point.title,
        title_kz: None,
        address: point.address,
        address_kz: None,
        is_new: false,
        settlement: String::new(),
        street: String::new(),
        house: String::new(),
        flat: String::new(),
    };
    let data = RegisterData {
        model: "104".to_owned(),
        model_name: record.model,
        serial_number: record.serial_number,
        year: record.year,
        rnm: record.fns_kkm_id,
        connection: record.connection,
        alias: String::new(),
        tariff: PlanId::free(),
        plan: None,
        shop,
    };
    Registration {
        id,
        bin: record.bin,
        created_at: record.created_at,
        revision: 1,
        data,
        state: RegistrationState::Draft,
        since: record.created_at,
        registered_at: None,
        wanted: None,
        paper: None,
        is_token_shown: false,
        reissued: 0,
        visit: None,
        plans: TariffHistory::default(),
    }
}

/// The first application of an organisation, of nobody's bytes, signed by the head.
#[must_use]
pub fn paper(drawn_at: UnixMillis, state: PaperState) -> Paper {
    Paper {
        number: 1,
        kind: PaperKind::ApplicationOne,
        drawn_at,
        language: "ru".to_owned(),
        contract: "1".to_owned(),
        pdf_hash: String::new(),
        facts_hash: String::new(),
        signer: PaperSigner {
            iin: "880101300123".to_owned(),
            name: "ТЕСТОВ ТЕСТ".to_owned(),
            capacity: Capacity::Head,
        },
        register: None,
        state,
    }
}

/// A text that registers print, for all of them, which holds for ever.
#[must_use]
pub fn ticket_text() -> TicketText {
    TicketText {
        id: 1,
        revision: 1,
        kind: TicketTextKind::Ofd,
        whose: String::new(),
        text: "Спасибо за покупку!".to_owned(),
        from: "2020-01-01".to_owned(),
        to: "2099-12-31".to_owned(),
        version: 7,
    }
}
