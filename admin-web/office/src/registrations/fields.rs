//! What the form about a register says, field by field.

use ofd_billing::Day;
use ofd_billing::tariffs::{Plan, PlanId};
use ofd_storage::accounts::{Address, ChosenPlan, ChosenShop, RegisterData};
use ofd_storage::model::{Connection, RegisterModel, TradePoint, TradePointId, TradePointPlace};
use ofd_storage::tariffs::kind_of;

use crate::company::addresses::{AddressNames, HOME, read_address};
use crate::directories::street_line;
use crate::fields::Fields;
use crate::typed::{Errors, Reader, Wrong, full_line, line};

/// Characters of a factory number: the exchange takes 255 at the registration and 20 when it is taken off the books. The
/// longest in use are under thirty.
pub const SERIAL_LEN_MAX: usize = 50;

/// Characters of what an organisation calls a register.
pub const ALIAS_LEN_MAX: usize = 40;

/// Characters of a shop's name, as on receipts.
const SHOP_LEN_MAX: usize = 100;

/// Registers that send what they sell were made later, the oldest printers among them not much earlier.
const FIRST_YEAR: u16 = 1990;

/// Digits of the number that the tax authority gives.
const RNM_LEN: usize = 12;

/// What the form says where the shop comes with the register.
pub const NEW_SHOP: &str = "new";

/// The name of a new shop in the form.
const SHOP_TITLE: &str = "shop_title";

/// The address of a new shop in the form.
pub const SHOP_ADDRESS: AddressNames = AddressNames {
    country: "shop_country",
    settlement: "shop_settlement",
    query: "shop_settlement_query",
    asked: "shop_settlement_asked",
    find: "shop_find",
    place: "shop_place",
    street: "shop_street",
    house: "shop_house",
    flat: "shop_flat",
    email: "",
    phone: "",
};

/// Years in which a register may have been made, the last one being this year.
#[must_use]
pub fn years(this_year: u16) -> std::ops::RangeInclusive<u16> {
    FIRST_YEAR..=this_year
}

/// What a form says of a register.
#[derive(Clone, Debug)]
pub struct RegisterRead {
    /// The data, as far as they are right.
    pub data: RegisterData,
    /// What is wrong with them.
    pub errors: Errors,
    /// A settlement is searched for: nothing is wrong yet.
    pub is_search: bool,
}

/// What the form is read by.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The BIN of the organisation.
    pub bin: &'a str,
    /// The model that the form names, where there is one.
    pub model: Option<&'a RegisterModel>,
    /// Id and name of the model that the register has on the books: it stays right, whatever became of it in the directory.
    pub kept_model: Option<(&'a str, &'a str)>,
    /// The shop that the form names, where the organisation has it.
    pub shop: Option<&'a TradePoint>,
    /// The plans that the organisation may choose.
    pub plans: &'a [Plan],
    /// The plan that the register is on: it stays right, whoever may choose it by now.
    pub kept_plan: Option<(&'a PlanId, Option<&'a ChosenPlan>)>,
    /// The year it is.
    pub this_year: u16,
    /// The day it is.
    pub today: Day,
}

/// Reads what an organisation calls a register, or nothing.
pub fn alias(text: &str) -> Result<String, Wrong> {
    let alias = line(text, ALIAS_LEN_MAX)?;
    let is_alias = |char: char| char.is_alphanumeric() || " -_.№#".contains(char);
    if alias.chars().all(is_alias) { Ok(alias) } else { Err(Wrong::Alias) }
}

/// Reads the number of the tax authority: 12 digits, with blanks as people group them, or nothing.
pub fn rnm(text: &str) -> Result<String, Wrong> {
    let rnm: String = text.chars().filter(|char| !char.is_whitespace()).collect();
    let is_rnm = rnm.len() == RNM_LEN && rnm.bytes().all(|byte| byte.is_ascii_digit());
    if rnm.is_empty() || is_rnm { Ok(rnm) } else { Err(Wrong::Rnm) }
}

fn year(text: &str, this_year: u16) -> Result<u16, Wrong> {
    if text.is_empty() {
        return Err(Wrong::Empty);
    }
    let year = text.parse::<u16>().ok().filter(|year| text.len() == 4 && years(this_year).contains(year));
    year.ok_or(Wrong::Year)
}

fn model(fields: &Fields, known: &Known<'_>) -> Result<(String, String), Wrong> {
    if let Some((id, name)) = known.kept_model
        && fields.text("model") == id
    {
        return Ok((id.to_owned(), name.to_owned()));
    }
    match known.model {
        Some(model) if model.is_used => Ok((model.id.clone(), model.name.clone())),
        Some(_) => Err(Wrong::ModelNotUsed),
        None if fields.text("model").is_empty() => Err(Wrong::Empty),
        None => Err(Wrong::Choice),
    }
}

/// The plan that a form names, as it is at present.
fn plan(
    fields: &Fields,
    known: &Known<'_>,
    connection: Connection,
) -> Result<(PlanId, Option<ChosenPlan>), Wrong> {
    let id: PlanId = fields.text("tariff").parse().map_err(|_| Wrong::Choice)?;
    if let Some((kept, chosen)) = known.kept_plan
        && *kept == id
    {
        return Ok((id, chosen.cloned()));
    }
    let plan = known.plans.iter().find(|plan| *plan.id() == id).ok_or(Wrong::Choice)?;
    let kind = kind_of(connection);
    if !plan.is_for(kind) {
        return Err(Wrong::PlanKind);
    }
    let chosen = plan.version_on(known.today).map(|(_, version)| ChosenPlan::of(plan, kind, version));
    Ok((id, chosen))
}

/// Reads the form about a register.
pub fn read_register(fields: &Fields, known: &Known<'_>) -> RegisterRead {
    let mut reader = Reader::default();
    let (model, model_name) = reader.take("model", model(fields, known));
    let serial_number = reader.take("serial_number", full_line(fields.text("serial_number"), SERIAL_LEN_MAX));
    let year = reader.take("year", year(fields.text("year"), known.this_year));
    let rnm = reader.take("rnm", rnm(fields.text("rnm")));
    let connection = Connection::from_name(fields.text("connection")).ok_or(Wrong::Choice).map(Some);
    let connection = reader.take("connection", connection).unwrap_or(Connection::Wired);
    let alias = reader.take("alias", alias(fields.text("alias")));
    let tariff = reader.take("tariff", plan(fields, known, connection).map(Some));
    let (tariff, plan) = tariff.unwrap_or_else(|| (PlanId::free(), None));
    let (shop, is_search) = shop(fields, known, &mut reader);
    let data =
        RegisterData { model, model_name, serial_number, year, rnm, connection, alias, tariff, plan, shop };
    RegisterRead { data, errors: reader.errors, is_search }
}

fn shop(fields: &Fields, known: &Known<'_>, reader: &mut Reader) -> (ChosenShop, bool) {
    let nowhere = || ChosenShop {
        id: TradePointId(String::new()),
        title: String::new(),
        title_kz: None,
        address: String::new(),
        address_kz: None,
        is_new: false,
        settlement: String::new(),
        street: String::new(),
        house: String::new(),
        flat: String::new(),
    };
    let is_typed =
        [SHOP_TITLE, SHOP_ADDRESS.street, SHOP_ADDRESS.house, SHOP_ADDRESS.query, SHOP_ADDRESS.find]
            .into_iter()
            .any(|name| !fields.text(name).is_empty());
    match (fields.text("shop"), known.shop) {
        (NEW_SHOP, _) => new_shop(fields, known.bin, reader),
        // Whoever describes a new shop means it, whatever the list says.
        ("", None) if is_typed => new_shop(fields, known.bin, reader),
        (_, Some(point)) => (chosen(point), false),
        (chosen, None) => {
            let wrong = if chosen.is_empty() { Wrong::Empty } else { Wrong::ShopGone };
            reader.errors.push(("shop", wrong));
            (nowhere(), false)
        }
    }
}

/// A shop that is there, as a register's data have it.
pub(super) fn chosen(point: &TradePoint) -> ChosenShop {
    let nothing = || TradePointPlace {
        settlement: String::new(),
        street: String::new(),
        house: String::new(),
        flat: String::new(),
        street_kz: String::new(),
    };
    let TradePointPlace { settlement, street, house, flat, .. } = point.place.clone().unwrap_or_else(nothing);
    ChosenShop {
        id: point.id.clone(),
        title: point.title.clone(),
        title_kz: point.title_kz.clone(),
        address: point.address.clone(),
        address_kz: point.address_kz.clone(),
        is_new: false,
        settlement,
        street,
        house,
        flat,
    }
}

fn new_shop(fields: &Fields, bin: &str, reader: &mut Reader) -> (ChosenShop, bool) {
    let title = reader.take(SHOP_TITLE, full_line(fields.text(SHOP_TITLE), SHOP_LEN_MAX));
    let read = read_address(fields, &SHOP_ADDRESS);
    let is_search = read.is_search;
    if read.address.country != HOME {
        // Registers of this country stand in it.
        reader.errors.push((SHOP_ADDRESS.settlement, Wrong::Settlement));
    }
    reader.errors.extend(read.errors);
    let line = street_line(&read.address.street, &read.house, &read.flat);
    let whole = Address { street: line, ..read.address.clone() };
    let address = whole.line_at(&whole.place);
    let address_kz = whole.place_kz.as_ref().map(|place| whole.line_at(place));
    let shop = ChosenShop {
        id: TradePointId::derive(bin, &title, &address),
        title,
        title_kz: None,
        address,
        address_kz,
        is_new: true,
        settlement: read.address.settlement,
        street: read.address.street,
        house: read.house,
        flat: read.flat,
    };
    (shop, is_search)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIN: &str = "151140001234";

    fn fields(values: &[(&str, &str)]) -> Fields {
        Fields::new(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    const RIGHT: [(&str, &str); 10] = [
        ("model", "3"),
        ("serial_number", " SWK 0001 "),
        ("year", "2025"),
        ("rnm", "0101 0000 0001"),
        ("connection", "sim"),
        ("alias", "Касса №1"),
        ("tariff", "free"),
        ("shop", NEW_SHOP),
        ("shop_title", "Дүкен"),
        ("shop_street", "ул. Абая, 1"),
    ];

    fn model(is_used: bool) -> RegisterModel {
        let (kind, entered_on) = (String::new(), "2020-01-01".to_owned());
        RegisterModel { id: "3".into(), name: "Модель 3".into(), kind, is_used, entered_on }
    }

    /// The one that is always there, and one for wired registers.
    fn plans() -> Vec<Plan> {
        let free = ofd_storage::tariffs::free().unwrap();
        let mut wired = free.data().clone();
        wired.id = "wired".parse().unwrap();
        wired.kinds.truncate(1);
        wired.versions[0].prices.truncate(1);
        vec![free, Plan::new(wired).unwrap()]
    }

    fn known(plans: &[Plan]) -> Known<'_> {
        Known {
            bin: BIN,
            model: None,
            kept_model: None,
            shop: None,
            plans,
            kept_plan: None,
            this_year: 2026,
            today: "2026-11-30".parse().unwrap(),
        }
    }

    #[test]
    fn a_register_keeps_the_plan_that_it_is_on_whoever_may_choose_it() {
        let all: Vec<_> = [("tariff", "of-old")]
            .iter()
            .chain(&RIGHT)
            .chain(&[("shop_settlement", "710000000")])
            .copied()
            .collect();
        let (model, plans, old) = (model(true), plans(), "of-old".parse().unwrap());
        let kept = Known { model: Some(&model), kept_plan: Some((&old, None)), ..known(&plans) };
        let read = read_register(&fields(&all), &kept);
        assert_eq!((read.errors, read.data.tariff.as_str()), (vec![], "of-old"));
        let other = Known { kept_plan: None, ..kept };
        assert_eq!(read_register(&fields(&all), &other).errors, [("tariff", Wrong::Choice)]);
    }

    fn read(changed: &[(&str, &str)], is_used: bool) -> RegisterRead {
        let rest = RIGHT.iter().chain(&[("shop_settlement", "710000000")]);
        let all: Vec<_> = changed.iter().chain(rest).copied().collect();
        let model = model(is_used);
        let plans = plans();
        let known = Known { model: Some(&model), ..known(&plans) };
        read_register(&fields(&all), &known)
    }

    #[test]
    fn a_register_on_the_books_keeps_its_model_whatever_became_of_it_in_the_directory() {
        let all: Vec<_> = RIGHT.iter().chain(&[("shop_settlement", "710000000")]).copied().collect();
        let gone = model(false);
        let plans = plans();
        let known = |kept_model| Known { model: Some(&gone), kept_model, ..known(&plans) };
        let read = read_register(&fields(&all), &known(Some(("3", "Модель 3"))));
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        assert_eq!(read.data.model_name, "Модель 3");
        let other = read_register(&fields(&all), &known(Some(("4", "Модель 4"))));
        assert_eq!(other.errors, [("model", Wrong::ModelNotUsed)]);
    }

    #[test]
    fn a_register_is_read_with_its_shop() {
        let read = read(&[], true);
        assert!(read.errors.is_empty() && !read.is_search, "{:?}", read.errors);
        let data = read.data;
        assert_eq!((data.model_name.as_str(), data.serial_number.as_str()), ("Модель 3", "SWK 0001"));
        assert_eq!((data.year, data.rnm.as_str()), (2025, "010100000001"));
        assert_eq!(data.shop.address, "г. Астана, ул. Абая, 1");
        assert_eq!(data.shop.address_kz.as_deref(), Some("Астана қ., ул. Абая, 1"));
        assert_eq!(data.shop.id, TradePointId::derive(BIN, "Дүкен", "г. Астана, ул. Абая, 1"));
    }

    #[test]
    fn what_the_tax_authority_is_told_of_a_place_is_told_apart() {
        let apart = [("shop_street", "ул. Абая"), ("shop_house", "1а"), ("shop_flat", "офис 3")];
        let shop = read(&apart, true).data.shop;
        let told = |shop: &ChosenShop| {
            [&shop.settlement, &shop.street, &shop.house, &shop.flat].map(|part| part.as_str().to_owned())
        };
        assert_eq!(told(&shop), ["710000000", "ул. Абая", "1а", "офис 3"]);
        assert_eq!(shop.address, "г. Астана, ул. Абая, 1а, офис 3");
        // So it is of a shop of the list.
        let listed = TradePoint {
            place: Some(TradePointPlace {
                settlement: "710000000".into(),
                street: "ул. Абая".into(),
                house: "1а".into(),
                flat: "офис 3".into(),
                street_kz: String::new(),
            }),
            ..TradePoint::at(shop.id.clone(), BIN, &shop.title, &shop.address)
        };
        assert_eq!(told(&chosen(&listed)), told(&shop));
        let text = TradePoint::at(shop.id, BIN, "Дүкен", "Астана");
        assert_eq!(
            told(&chosen(&text)),
            ["", "", "", ""],
            "an address that came as a text tells nothing apart"
        );
    }

    #[test]
    fn each_field_that_is_wrong_is_named() {
        for (field, value, wrong) in [
            ("serial_number", "", Wrong::Empty),
            ("year", "", Wrong::Empty),
            ("year", "2027", Wrong::Year),
            ("year", "1989", Wrong::Year),
            ("year", "02025", Wrong::Year),
            ("rnm", "12345678901", Wrong::Rnm),
            ("rnm", "12345678901a", Wrong::Rnm),
            ("connection", "", Wrong::Choice),
            ("alias", "a<b", Wrong::Alias),
            ("tariff", "gold", Wrong::Choice),
            ("tariff", "Gold!", Wrong::Choice),
            ("tariff", "wired", Wrong::PlanKind),
            ("shop", "0123", Wrong::ShopGone),
            ("shop_title", "", Wrong::Empty),
            ("shop_street", "", Wrong::Empty),
            ("shop_settlement", "", Wrong::Settlement),
        ] {
            assert_eq!(read(&[(field, value)], true).errors, [(field, wrong)], "{field}={value}");
        }
        let nowhere = [("shop", ""), ("shop_title", ""), ("shop_street", "")];
        assert_eq!(read(&nowhere, true).errors, [("shop", Wrong::Empty)]);
        assert!(read(&[("shop", "")], true).errors.is_empty(), "a new one is described");
        assert_eq!(read(&[], false).errors, [("model", Wrong::ModelNotUsed)]);
        assert!(read(&[("rnm", "")], true).errors.is_empty(), "it may come later");
        assert!(read(&[("alias", "")], true).errors.is_empty());
        assert!(read(&[("shop_find", "yes")], true).is_search);
    }
}
