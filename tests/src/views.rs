//! Requests as `ofd_protocol::message` reads them, in the form that the oracles' readings have: JSON with the names
//! of the schema.

use ofd_protocol::message::{
    Amounts, AuthRequest, Card, CashierRead, CloseShiftRequest, Commodity, DateTimeRead, Domain,
    ExtensionOptions, Gasoil, GeoPosition, Item, Mobile, Modifier, Money, MoneyPlacementRequest,
    NomenclatureRequest, ParentTicket, Payment, QrRequest, ReportRequest, Request, ServiceRequest, Tax, Taxi,
    TicketAdInfo, TicketRequest,
};
use ofd_protocol::wire::{Message, Repeated, Text, Texts};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::oracle::{lenient, to_json};

/// Fields of requests that our reader leaves in the stored bytes and has no view of.
const NOT_VIEWED: [&str; 13] = [
    "auxiliary",
    "physical_label",
    "ad_infos",
    "comm_quality",
    "marker",
    "old",
    "software_information",
    "services",
    "parking",
    "correction_number",
    "card_number",
    "car_number",
    "is_order",
];

/// Fields that hold a DateTime in parts that have a view.
const MOMENTS: [&str; 4] = ["date_time", "close_time", "begin_time", "end_time"];

/// A request as our reader has it.
pub fn request(request: &Request<'_>) -> Value {
    normal(request.shown())
}

/// A request as prost has it, less what our views leave out.
pub fn request_by_prost(request: &lenient::Request) -> Value {
    normal(to_json(request))
}

/// The parts that keep their own bytes for the fingerprint, read again from these bytes by prost.
pub fn raw_parts(request: &Request<'_>) -> Value {
    let mut object = Object::default();
    object.put("ticket", request.ticket.map(|ticket| raw::<lenient::TicketRequest>(ticket.raw)));
    let placement = request.money_placement.map(|part| raw::<lenient::MoneyPlacementRequest>(part.raw));
    object.put("money_placement", placement);
    normal(object.done())
}

/// Leaves out what has no view and writes moments as texts and negative numbers as the unsigned ones that have the
/// same bits: enums and positions are unsigned in our views.
fn normal(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(name, _)| !NOT_VIEWED.contains(&name.as_str()));
            let shown = kept.map(|(name, value)| {
                let value = if value.is_object() && MOMENTS.contains(&name.as_str()) {
                    Value::String(moment(&value))
                } else {
                    normal(value)
                };
                (name, value)
            });
            Value::Object(shown.collect())
        }
        Value::Array(values) => values.into_iter().map(normal).collect(),
        Value::Number(number) => match number.as_i64() {
            Some(negative) if negative < 0 => json!(negative as i32 as u32),
            _ => Value::Number(number),
        },
        Value::Null | Value::Bool(_) | Value::String(_) => value,
    }
}

/// As `DateTimeRead::shown` has it.
fn moment(value: &Value) -> String {
    let part = |group: &str, name: &str| match &value[group][name] {
        Value::Null => "?".to_owned(),
        number => format!("{:02}", number.as_u64().expect("parts of a date are unsigned")),
    };
    let [date, time] = [("date", ["year", "month", "day"]), ("time", ["hour", "minute", "second"])]
        .map(|(group, names)| names.map(|name| part(group, name)));
    format!("{} {}", date.join("-"), time.join(":"))
}

fn raw<M: prost::Message + Default + Serialize>(bytes: &[u8]) -> Value {
    M::decode(bytes).map_or_else(|error| json!(format!("unreadable: {error}")), |read| to_json(&read))
}

#[derive(Default)]
struct Object(Map<String, Value>);

impl Object {
    fn put(&mut self, name: &str, value: Option<impl Shown>) {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.shown());
        }
    }

    fn list<'a, M: Message<'a> + Shown>(&mut self, name: &str, list: Repeated<'a, M>) {
        let shown: Vec<Value> = list.iter().map(Shown::shown).collect();
        assert_eq!(shown.len(), list.len(), "the walk over {name} meets every element that was counted");
        assert_eq!(list.is_empty(), shown.is_empty());
        if !shown.is_empty() {
            self.0.insert(name.to_owned(), Value::Array(shown));
        }
    }

    fn texts(&mut self, name: &str, list: Texts<'_>) {
        let shown: Vec<Value> = list.iter().map(Shown::shown).collect();
        if !shown.is_empty() {
            self.0.insert(name.to_owned(), Value::Array(shown));
        }
    }

    fn done(self) -> Value {
        Value::Object(self.0)
    }
}

trait Shown {
    fn shown(self) -> Value;
}

/// Writes [`Shown`] for views: names are those of the schema; `list` and `texts` mark repeated fields.
macro_rules! shown {
    ($($view:ty { $($name:literal: $field:ident $($how:ident)?),* $(,)? })*) => {$(
        impl Shown for $view {
            fn shown(self) -> Value {
                let mut object = Object::default();
                $(shown!(@put object $name, self.$field $(, $how)?);)*
                object.done()
            }
        }
    )*};
    (@put $object:ident $name:literal, $value:expr) => { $object.put($name, $value) };
    (@put $object:ident $name:literal, $value:expr, list) => { $object.list($name, $value) };
    (@put $object:ident $name:literal, $value:expr, texts) => { $object.texts($name, $value) };
    (@put $object:ident $name:literal, $value:expr, report) => {
        $object.put($name, $value.map(raw::<lenient::ZxReport>))
    };
    (@put $object:ident $name:literal, $value:expr, registration) => {
        $object.put($name, $value.map(raw::<lenient::RequestRegInfo>))
    };
    (@put $object:ident $name:literal, $value:expr, shifted) => {
        $object.put($name, $value.map(|shifted| shifted.0))
    };
    // The types of these two parts have no public name.
    (@put $object:ident $name:literal, $value:expr, period) => {
        $object.put($name, $value.map(|period| {
            let mut inner = Object::default();
            inner.put("begin_time", period.begin_time);
            inner.put("end_time", period.end_time);
            inner.done()
        }))
    };
    (@put $object:ident $name:literal, $value:expr, stats) => {
        $object.put($name, $value.map(|stats| {
            let mut inner = Object::default();
            inner.put("geo_position", stats.geo_position);
            inner.put("os_version", stats.os_version);
            inner.done()
        }))
    };
}

shown! {
    Domain { "type": kind, "gasoil": gasoil, "taxi": taxi }
    Gasoil { "correction_sum": correction_sum }
    Taxi { "current_fee": current_fee }
    &Request<'_> {
        "command": command, "ticket": ticket, "close_shift": close_shift, "report": report,
        "nomenclature": nomenclature, "service": service, "money_placement": money_placement, "auth": auth, "qr": qr,
    }
    TicketRequest<'_> {
        "operation": operation, "date_time": date_time, "operator": cashier, "domain": domain,
        "items": items list, "payments": payments list, "taxes": taxes list, "amounts": amounts,
        "extension_options": extension_options, "offline_ticket_number": offline_ticket_number,
        "printed_document_number_old": printed_document_number_old, "printed_ticket": printed_ticket,
        "fr_shift_number": fr_shift_number, "shift_document_number": shift_document_number,
        "printed_document_number": printed_document_number, "parent_ticket": parent_ticket,
    }
    Item<'_> {
        "type": kind, "commodity": commodity, "storno_commodity": storno_commodity shifted, "markup": markup,
        "storno_markup": storno_markup, "discount": discount, "storno_discount": storno_discount,
    }
    Commodity<'_> {
        "code": code, "name": name, "section_code": section_code, "quantity": quantity, "price": price, "sum": sum,
        "taxes": taxes list, "excise_stamp": excise_stamp, "product_id": product_id, "barcode": barcode,
        "measure_unit_code": measure_unit_code, "list_excise_stamp": list_excise_stamp texts, "ntin": ntin,
        "commodity_type": commodity_type,
    }
    Modifier<'_> { "name": name, "sum": sum, "taxes": taxes list }
    Tax {
        "tax_type": tax_type, "taxation_type": taxation_type, "percent": percent, "sum": sum,
        "is_in_total_sum": is_in_total_sum,
    }
    Payment<'_> { "type": kind, "sum": sum, "card": card, "mobile": mobile }
    Card<'_> {
        "pos_terminal_id": pos_terminal_id, "pos_card_type": pos_card_type,
        "pos_autorization_code": pos_authorization_code, "pos_rrn": pos_rrn,
        "pos_receipt_number": pos_receipt_number,
    }
    Mobile<'_> { "qr_type": qr_type, "qr_id": qr_id }
    Amounts<'_> { "total": total, "taken": taken, "change": change, "markup": markup, "discount": discount }
    ExtensionOptions<'_> {
        "customer_email": customer_email, "customer_phone": customer_phone,
        "customer_iin_or_bin": customer_iin_or_bin,
    }
    ParentTicket<'_> {
        "parent_ticket_number": parent_ticket_number, "date_time": date_time, "kgd_kkm_id": kgd_kkm_id,
        "total": total, "is_offline": is_offline,
    }
    CloseShiftRequest<'_> {
        "close_time": close_time, "is_offline": is_offline, "fr_shift_number": fr_shift_number,
        "withdraw_money": withdraw_money, "z_report": z_report report, "operator": cashier,
        "printed_document_number": printed_document_number,
    }
    MoneyPlacementRequest<'_> {
        "date_time": date_time, "operation": operation, "sum": sum, "is_offline": is_offline,
        "fr_shift_number": fr_shift_number, "printed_document_number": printed_document_number,
        "operator": cashier,
    }
    ReportRequest<'_> {
        "report": report, "date_time": date_time, "is_offline": is_offline, "zx_report": zx_report report,
    }
    NomenclatureRequest<'_> { "current_version": current_version, "barcode": barcode }
    AuthRequest<'_> { "login": login, "password": password }
    QrRequest { "invoice_id": invoice_id, "amount": amount }
    ServiceRequest<'_> {
        "security_stats": security_stats stats, "offline_period": offline_period period,
        "nomenclature_version": nomenclature_version, "ticket_ad_infos": ticket_ad_infos list,
        "get_reg_info": get_reg_info, "get_binded_taxation": get_binded_taxation,
        "reg_info": reg_info registration,
    }
    TicketAdInfo { "type": kind, "version": version }
    GeoPosition<'_> { "latitude": latitude, "longitude": longitude, "source": source }
    Money { "bills": bills, "coins": coins }
    CashierRead<'_> { "code": code, "name": name }
}

impl Shown for DateTimeRead {
    fn shown(self) -> Value {
        Value::String(DateTimeRead::shown(self))
    }
}

impl Shown for Text<'_> {
    fn shown(self) -> Value {
        Value::String(self.lossy().into_owned())
    }
}

impl Shown for Value {
    fn shown(self) -> Value {
        self
    }
}

impl Shown for u32 {
    fn shown(self) -> Value {
        json!(self)
    }
}

impl Shown for u64 {
    fn shown(self) -> Value {
        json!(self)
    }
}

impl Shown for bool {
    fn shown(self) -> Value {
        json!(self)
    }
}
