//! A trade point as people type it: what its form says, and what becomes of a trade point by it. Pure.

use ofd_storage::accounts::{AuditField, ShopGroup};
use ofd_storage::model::{TradePoint, TradePointId, TradePointKind, TradePointPlace};

use crate::company::addresses::{HOME, LINE_LEN_MAX, PLACE, read_address};
use crate::company::shop_groups::group_names;
use crate::directories::{at_place, settlement};
use crate::fields::Fields;
use crate::language::Language;
use crate::typed::{Errors, Reader, Wrong, full_line, line};

/// Characters of a trade point's name: tills print it at the head of each receipt.
pub const TITLE_LEN_MAX: usize = 120;

/// Characters of coordinates as maps copy them, with room for blanks.
pub const COORDINATES_LEN_MAX: usize = 60;

/// The boxes of the groups.
pub const GROUPS: &str = "groups";

/// The field of the coordinates.
const COORDINATES: &str = "coordinates";

/// Millionths of a degree, as records keep them.
const MICRO: i32 = 1_000_000;

/// Whole degrees of latitude in which the country lies, with some kilometres around it.
const LATITUDES: std::ops::RangeInclusive<i32> = 40 * MICRO..=56 * MICRO;

/// Whole degrees of longitude in which it lies.
const LONGITUDES: std::ops::RangeInclusive<i32> = 46 * MICRO..=88 * MICRO;

/// Latitude and longitude in millionths of a degree of WGS84.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coordinates {
    /// North of the equator.
    pub latitude: i32,
    /// East of Greenwich.
    pub longitude: i32,
}

/// What a form says of a trade point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TradePointDraft {
    /// What it is.
    pub kind: Option<TradePointKind>,
    /// What people and receipts call it.
    pub title: String,
    /// Its name in Kazakh; empty where it has none.
    pub title_kz: String,
    /// Where it is; `None` leaves an address as it is that came as a text.
    pub place: Option<TradePointPlace>,
    /// Where it is on a map, where that is known.
    pub coordinates: Option<Coordinates>,
    /// The groups of its organisation that it is in.
    pub groups: Vec<u32>,
}

/// What was read of a form.
#[derive(Clone, Debug)]
pub struct DraftRead {
    /// What it says, as far as it is right.
    pub draft: TradePointDraft,
    /// What is wrong with it.
    pub errors: Errors,
    /// A settlement is searched for: nothing is wrong yet.
    pub is_search: bool,
}

/// The groups that were ticked, of those that the organisation has. What else is kept, of groups that were deleted, stays:
/// a form that changes nothing else changes nothing.
fn read_groups(fields: &Fields, kept: Option<&TradePoint>, groups: &[ShopGroup]) -> Result<Vec<u32>, Wrong> {
    let is_there = |id: &u32| groups.iter().any(|group| group.id == *id);
    let id = |text: &str| text.parse().ok().filter(is_there);
    let mut ids = fields.all(GROUPS).map(id).collect::<Option<Vec<u32>>>().ok_or(Wrong::GroupGone)?;
    ids.extend(kept.iter().flat_map(|kept| &kept.groups).filter(|id| !is_there(id)));
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Reads the form of a trade point; `kept` is the one that it changes, `groups` are those of its organisation.
pub fn read_draft(fields: &Fields, kept: Option<&TradePoint>, groups: &[ShopGroup]) -> DraftRead {
    let mut reader = Reader::default();
    let kind = TradePointKind::from_name(fields.text("kind")).ok_or(Wrong::Choice);
    let kind = reader.take("kind", kind.map(Some));
    let title = reader.take("title", full_line(fields.text("title"), TITLE_LEN_MAX));
    let title_kz = reader.take("title_kz", line(fields.text("title_kz"), TITLE_LEN_MAX));
    let (place, errors, is_search) = read_place(fields, kept);
    reader.errors.extend(errors);
    let street_kz = reader.take("street_kz", line(fields.text("street_kz"), LINE_LEN_MAX));
    let place = place.map(|place| TradePointPlace { street_kz, ..place });
    let coordinates = reader.take(COORDINATES, coordinates(fields.text(COORDINATES)));
    let groups = reader.take(GROUPS, read_groups(fields, kept, groups));
    let draft = TradePointDraft { kind, title, title_kz, place, coordinates, groups };
    DraftRead { draft, errors: reader.errors, is_search }
}

/// The settlement and street of a form. An address that came as a text stays where nothing else is said.
fn read_place(fields: &Fields, kept: Option<&TradePoint>) -> (Option<TradePointPlace>, Errors, bool) {
    let is_text = kept.is_some_and(|kept| kept.place.is_none() && !kept.address.is_empty());
    let says_nothing =
        [PLACE.settlement, PLACE.query, PLACE.find, PLACE.street, PLACE.house, PLACE.flat, "street_kz"]
            .into_iter()
            .all(|name| fields.text(name).is_empty());
    if is_text && says_nothing {
        return (None, Vec::new(), false);
    }
    let mut read = read_address(fields, &PLACE);
    if read.address.country != HOME && read.errors.is_empty() {
        // Registers stand in the country.
        read.errors.push((PLACE.settlement, Wrong::Settlement));
    }
    let (settlement, street) = (read.address.settlement, read.address.street);
    let (house, flat) = (read.house, read.flat);
    let place = TradePointPlace { settlement, street, house, flat, street_kz: String::new() };
    (Some(place), read.errors, read.is_search)
}

/// Coordinates as maps copy them: `43.238949, 76.889709`; or nothing.
fn coordinates(text: &str) -> Result<Option<Coordinates>, Wrong> {
    let text = line(text, COORDINATES_LEN_MAX)?;
    if text.is_empty() {
        return Ok(None);
    }
    // Where there is a blank, a comma behind a digit may be a decimal one.
    let parts = text.split([' ', ';']).map(|part| part.trim_matches(','));
    let mut parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    if parts.len() == 1 {
        parts = text.split(',').collect();
    }
    let [latitude, longitude] = parts.as_slice() else { return Err(Wrong::Coordinates) };
    let latitude = degrees(latitude).ok_or(Wrong::Coordinates)?;
    let longitude = degrees(longitude).ok_or(Wrong::Coordinates)?;
    if LATITUDES.contains(&latitude) && LONGITUDES.contains(&longitude) {
        Ok(Some(Coordinates { latitude, longitude }))
    } else {
        Err(Wrong::CoordinatesAbroad)
    }
}

/// Degrees with a decimal point or comma, in millionths; further digits are finer than any map.
fn degrees(text: &str) -> Option<i32> {
    let (whole, rest) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || !is_digits(whole) || !is_digits(rest) {
        return None;
    }
    let millionths: String = rest.bytes().chain(std::iter::repeat(b'0')).take(6).map(char::from).collect();
    whole.parse::<i32>().ok()?.checked_mul(MICRO)?.checked_add(millionths.parse().ok()?)
}

impl std::fmt::Display for Coordinates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let degrees = |micro: i32| format!("{}.{:06}", micro / MICRO, micro.rem_euclid(MICRO));
        write!(f, "{}, {}", degrees(self.latitude), degrees(self.longitude))
    }
}

/// The coordinates of a trade point, where both are known.
pub fn coordinates_of(point: &TradePoint) -> Option<Coordinates> {
    Some(Coordinates { latitude: point.latitude?, longitude: point.longitude? })
}

/// The address of a trade point in a language: the Russian one where no Kazakh is known.
pub fn address_in(point: &TradePoint, language: Language) -> &str {
    in_language(&point.address, point.address_kz.as_ref(), language)
}

/// Its name in a language.
pub fn title_in(point: &TradePoint, language: Language) -> &str {
    in_language(&point.title, point.title_kz.as_ref(), language)
}

fn in_language<'a>(plain: &'a str, kazakh: Option<&'a String>, language: Language) -> &'a str {
    match (language, kazakh.filter(|text| !text.trim().is_empty())) {
        (Language::Kazakh, Some(kazakh)) => kazakh,
        (Language::Kazakh | Language::Russian | Language::English, _) => plain,
    }
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

impl TradePointDraft {
    /// A new trade point.
    #[must_use]
    pub fn make(&self, id: TradePointId, bin: &str) -> TradePoint {
        self.apply(&TradePoint::at(id, bin, "", ""))
    }

    /// What a trade point becomes.
    #[must_use]
    pub fn apply(&self, before: &TradePoint) -> TradePoint {
        let revision = before.revision.saturating_add(1);
        let mut point = TradePoint {
            kind: self.kind,
            title: self.title.clone(),
            title_kz: filled(&self.title_kz),
            latitude: self.coordinates.map(|at| at.latitude),
            longitude: self.coordinates.map(|at| at.longitude),
            groups: self.groups.clone(),
            revision,
            ..before.clone()
        };
        if let Some(place) = &self.place {
            point = at_place(&point, place.clone());
        }
        point
    }
}

/// Whether both say the same, whatever their numbers.
pub(super) fn is_same(one: &TradePoint, other: &TradePoint) -> bool {
    let other = other.clone();
    *one == TradePoint { id: one.id.clone(), revision: one.revision, deleted_at: one.deleted_at, ..other }
}

/// What the audit tells of a trade point; `groups` are those of its organisation.
pub(super) fn told(point: Option<&TradePoint>, groups: &[ShopGroup]) -> Vec<(AuditField, String)> {
    let text = |of: fn(&TradePoint) -> Option<String>| point.and_then(of).unwrap_or_default();
    let settlement_of = |point: &TradePoint| {
        let place = point.place.as_ref()?;
        Some(settlement(&place.settlement)?.chain(Language::Russian))
    };
    vec![
        (AuditField::TradePointKind, text(|point| Some(point.kind?.name().to_owned()))),
        (AuditField::TradePointTitle, text(|point| Some(point.title.clone()))),
        (AuditField::TradePointTitleKz, text(|point| point.title_kz.clone())),
        // What was made of settlement and street is told by them.
        (AuditField::Address, text(|point| point.place.is_none().then(|| point.address.clone()))),
        (AuditField::Place, text(settlement_of)),
        (AuditField::Street, text(|point| Some(point.place.as_ref()?.street.clone()))),
        (AuditField::House, text(|point| Some(point.place.as_ref()?.house.clone()))),
        (AuditField::Flat, text(|point| Some(point.place.as_ref()?.flat.clone()))),
        (AuditField::StreetKz, text(|point| Some(point.place.as_ref()?.street_kz.clone()))),
        (AuditField::Coordinates, text(|point| coordinates_of(point).map(|at| at.to_string()))),
        (
            AuditField::ShopGroups,
            point.map(|point| group_names(groups, &point.groups).join(", ")).unwrap_or_default(),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIN: &str = "151140001234";

    fn fields(values: &[(&str, &str)]) -> Fields {
        Fields::new(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn id() -> TradePointId {
        TradePointId::from_drawn([7; 16])
    }

    const RIGHT: [(&str, &str); 7] = [
        ("kind", "kiosk"),
        ("title", " Киоск  у вокзала "),
        ("title_kz", "Вокзал дүңгіршегі"),
        ("settlement", "710000000"),
        ("street", "ул. Гёте, 1"),
        ("street_kz", "Гёте көшесі, 1"),
        ("coordinates", "51.190000, 71.410000"),
    ];

    #[test]
    fn house_and_flat_are_told_apart_and_stand_in_the_address() {
        let apart = RIGHT.map(|(name, value)| match name {
            "street" => (name, "ул. Гёте"),
            "street_kz" => (name, "Гёте көшесі"),
            _ => (name, value),
        });
        let all: Vec<_> = apart.into_iter().chain([("house", "1а"), ("flat", "офис 3")]).collect();
        let point = read_draft(&fields(&all), None, &[]).draft.make(id(), BIN);
        assert_eq!(point.address, "г. Астана, ул. Гёте, 1а, офис 3");
        assert_eq!(point.address_kz.as_deref(), Some("Астана қ., Гёте көшесі, 1а, офис 3"));
        let place = point.place.unwrap();
        assert_eq!(
            (place.street.as_str(), place.house.as_str(), place.flat.as_str()),
            ("ул. Гёте", "1а", "офис 3")
        );
    }

    fn with(name: &str, value: &str) -> DraftRead {
        let all: Vec<(&str, &str)> =
            RIGHT.iter().map(|(known, kept)| (*known, if *known == name { value } else { *kept })).collect();
        read_draft(&fields(&all), None, &[])
    }

    #[test]
    fn a_trade_point_is_made_of_what_was_typed_and_of_the_directory() {
        let read = read_draft(&fields(&RIGHT), None, &[]);
        assert_eq!((read.errors, read.is_search), (Vec::new(), false));
        let point = read.draft.make(id(), BIN);
        assert_eq!(point.kind, Some(TradePointKind::Kiosk));
        assert_eq!(
            (point.title.as_str(), point.address.as_str()),
            ("Киоск у вокзала", "г. Астана, ул. Гёте, 1")
        );
        assert_eq!(point.address_kz.as_deref(), Some("Астана қ., Гёте көшесі, 1"));
        assert_eq!((point.latitude, point.longitude), (Some(51_190_000), Some(71_410_000)));
        assert_eq!((point.bin.as_str(), point.revision), (BIN, 1));
        let plain = with("street_kz", "").draft.make(id(), BIN);
        assert_eq!(plain.address_kz.as_deref(), Some("Астана қ., ул. Гёте, 1"), "the street as it is known");
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let read = read_draft(&fields(&[("coordinates", "here")]), None, &[]);
        let wrong: Vec<&str> = read.errors.iter().map(|(field, _)| *field).collect();
        assert_eq!(wrong, ["kind", "title", "settlement", "street", "coordinates"]);
        assert_eq!(with("kind", "castle").errors, [("kind", Wrong::Choice)]);
        let long = "ы".repeat(TITLE_LEN_MAX + 1);
        assert_eq!(with("title", &long).errors, [("title", Wrong::TooLong)]);
        assert_eq!(with("title_kz", "\u{1}").errors, [("title_kz", Wrong::Characters)]);
        let abroad = [&RIGHT[..], &[("country", "DE"), ("place", "Berlin")]].concat();
        assert_eq!(read_draft(&fields(&abroad), None, &[]).errors, [("settlement", Wrong::Settlement)]);
    }

    #[test]
    fn coordinates_are_taken_as_maps_copy_them() {
        let astana = Coordinates { latitude: 51_128_207, longitude: 71_430_411 };
        for text in [
            "51.128207, 71.430411",
            "51.128207,71.430411",
            "51.1282079 71.4304111",
            "51,128207 71,430411",
            "51,128207; 71,430411",
            " 51.128207 ,  71.430411".trim_start(),
        ] {
            assert_eq!(coordinates(text), Ok(Some(astana)), "{text}");
        }
        assert_eq!(
            coordinates("51 71"),
            Ok(Some(Coordinates { latitude: 51_000_000, longitude: 71_000_000 }))
        );
        assert_eq!(coordinates("  "), Ok(None));
        for wrong in ["51", "51.1, 71.4, 9", "N51 E71", "51.1.2, 71", "-51.1, 71.4", "51., x", "5111.1, 71"] {
            assert_eq!(coordinates(wrong), Err(Wrong::Coordinates), "{wrong}");
        }
        for abroad in ["71.430411, 51.128207", "55.75, 37.61", "0, 0", "99.9, 71.4"] {
            assert_eq!(coordinates(abroad), Err(Wrong::CoordinatesAbroad), "{abroad}");
        }
        assert_eq!(astana.to_string(), "51.128207, 71.430411");
    }

    #[test]
    fn an_address_that_came_as_a_text_stays_until_another_is_typed() {
        let kept = TradePoint {
            address_kz: Some("Астана".into()),
            ..TradePoint::at(id(), BIN, "А", "Астана, 1")
        };
        let read = read_draft(&fields(&[("kind", "shop"), ("title", "Б")]), Some(&kept), &[]);
        assert_eq!(read.errors, []);
        let changed = read.draft.apply(&kept);
        assert_eq!((changed.title.as_str(), changed.address.as_str()), ("Б", "Астана, 1"));
        assert_eq!(changed.address_kz, kept.address_kz);
        let half =
            read_draft(&fields(&[("kind", "shop"), ("title", "Б"), ("street", "2")]), Some(&kept), &[]);
        assert_eq!(half.errors, [("settlement", Wrong::Settlement)]);
        let moved = read_draft(&fields(&RIGHT), Some(&kept), &[]).draft.apply(&kept);
        assert_eq!(moved.address, "г. Астана, ул. Гёте, 1");
        let emptied = read_draft(&fields(&[("kind", "shop"), ("title", "Б")]), Some(&moved), &[]);
        assert_eq!(emptied.errors, [("settlement", Wrong::Settlement), ("street", Wrong::Empty)]);
    }

    #[test]
    fn only_groups_of_the_organisation_are_ticked() {
        let groups = [7, 9].map(|id| ShopGroup { id, revision: 1, name: format!("Group {id}") });
        let read = |ticked: &[&str]| {
            let ticked = ticked.iter().map(|id| (GROUPS, *id));
            read_draft(&fields(&RIGHT.into_iter().chain(ticked).collect::<Vec<_>>()), None, &groups)
        };
        let both = read(&["9", "7", "9"]);
        assert_eq!((both.draft.groups.as_slice(), both.errors.as_slice()), (&[7, 9][..], &[][..]));
        for wrong in ["8", "-7", "x", ""] {
            assert_eq!(read(&["7", wrong]).errors, [(GROUPS, Wrong::GroupGone)], "{wrong}");
        }
    }

    #[test]
    fn a_settlement_is_searched_before_anything_is_wrong() {
        let read = read_draft(&fields(&[("settlement_query", "Алм"), ("title", "Б")]), None, &[]);
        assert!(read.is_search);
    }
}
