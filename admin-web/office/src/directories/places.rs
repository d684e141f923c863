//! Administrative units by KATO: regions, districts, towns, and what else the file has.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::OnceLock;

use super::Names;
use super::fold::bare;
use super::latin;
use super::table::{Table, TableError};
use crate::language::Language;

pub(super) const SOURCE: &str = include_str!("../../data/places.tsv");
pub(super) const REGIONS: &str = include_str!("../../data/regions.tsv");

/// The most places that one search gives: more than anybody reads before typing another letter.
pub(super) const RESULTS_MAX: usize = 50;

/// The longest text that is searched for. The longest name of the classifier is shorter.
const TYPED_CHARS_MAX: usize = 100;

/// The first code of each region is this far from the next.
const REGION_STEP: u32 = 10_000_000;

/// The cities of republican significance: Astana, Almaty, Shymkent.
const REPUBLICAN: [u32; 3] = [710_000_000, 750_000_000, 790_000_000];

/// The nine digits of KATO.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceCode(u32);

impl PlaceCode {
    /// Reads nine digits.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_code = text.len() == 9 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_code { text.parse().ok().map(Self) } else { None }
    }

    /// The region of the place, or the city of republican significance.
    fn region(self) -> Self {
        Self(self.0 / REGION_STEP * REGION_STEP)
    }

    fn is_region(self) -> bool {
        self == self.region()
    }

    fn is_republican_city(self) -> bool {
        REPUBLICAN.contains(&self.0)
    }

    /// Codes above, nearest first: the last digits become zeros one by one.
    fn above(self) -> impl Iterator<Item = Self> {
        let tens = std::iter::successors(Some(10_u32), |ten| ten.checked_mul(10));
        let mut last = self;
        tens.take_while(|ten| *ten <= REGION_STEP).map(move |ten| Self(self.0 / ten * ten)).filter(
            move |above| {
                let is_other = *above != last;
                last = *above;
                is_other
            },
        )
    }
}

impl fmt::Display for PlaceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:09}", self.0)
    }
}

/// An administrative unit.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its code in the classifier of administrative units.
    pub code: PlaceCode,
    /// Its names, with designations as `г.` and `қ.`.
    pub names: Names,
    is_administration: bool,
    is_town: bool,
}

impl Place {
    /// Whether an address may end here. Regions, city administrations and rural districts are only on the way.
    fn is_settlement(&self) -> bool {
        !self.is_administration && (!self.code.is_region() || self.code.is_republican_city())
    }
}

/// A place with those above it, for an address.
#[derive(Clone, Debug)]
pub struct Settlement<'a> {
    /// The place itself.
    pub place: &'a Place,
    /// Those above, the region first.
    pub above: Vec<&'a Place>,
}

impl Settlement<'_> {
    /// The code of the settlement itself, not of a unit above it.
    pub fn code(&self) -> PlaceCode {
        self.place.code
    }

    /// Region, district, rural district, settlement, as far as there are such.
    pub fn chain(&self, language: Language) -> String {
        let names = self.above.iter().copied().chain([self.place]).map(|place| place.names.of(language));
        names.collect::<Vec<_>>().join(", ")
    }
}

/// All places, in the order of their codes.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    places: Vec<Place>,
    by_code: HashMap<PlaceCode, usize>,
    /// Folded names in each language without designations, sorted, each with its place.
    by_key: Vec<(String, usize)>,
}

impl Places {
    /// Reads the places. Columns are either ours, `code`, `ru`, `kk`, or those of the official file, `te`, `rus_name`,
    /// `kaz_name`; `regions` has the English names of regions.
    pub(super) fn parse(text: &str, regions: &str) -> Result<Self, TableError> {
        let table = Table::read(text)?;
        let [code_column, ru, kk] =
            if table.has("te") { ["te", "rus_name", "kaz_name"] } else { ["code", "ru", "kk"] };
        let regions = english(regions)?;
        let mut read = Vec::new();
        for row in table.rows() {
            let code = row.text(code_column)?;
            let form = "a code of KATO is nine digits";
            let code = PlaceCode::parse(code).ok_or_else(|| TableError::Code {
                line: row.line(),
                code: code.to_owned(),
                form,
            })?;
            let kazakh = row.text(kk)?;
            let en = regions.get(&code).cloned().unwrap_or_else(|| latin::english(kazakh));
            let names = Names { ru: row.text(ru)?.to_owned(), kk: kazakh.to_owned(), en: Some(en) };
            let bare = bare(&names.ru);
            let (is_administration, is_town) = (bare.is_administration, bare.is_town);
            read.push((row.line(), Place { code, names, is_administration, is_town }));
        }
        read.sort_by_key(|(_, place)| place.code);
        let mut places = Self::default();
        for (line, place) in read {
            places.add(line, place)?;
        }
        places.by_key.sort();
        Ok(places)
    }

    /// Adds the next place; those above come before it, since their codes are smaller.
    fn add(&mut self, line: usize, place: Place) -> Result<(), TableError> {
        let code = place.code;
        if !code.is_region() && self.parent(code).is_none() {
            return Err(TableError::Orphan { line, code: code.to_string() });
        }
        let index = self.places.len();
        if self.by_code.insert(code, index).is_some() {
            return Err(TableError::Repeated { line, code: code.to_string() });
        }
        for name in [&place.names.ru, &place.names.kk].into_iter().chain(&place.names.en) {
            self.by_key.push((bare(name).key, index));
        }
        self.places.push(place);
        Ok(())
    }

    /// The nearest place above a code.
    fn parent(&self, code: PlaceCode) -> Option<&Place> {
        code.above().find_map(|above| self.get(above))
    }

    fn get(&self, code: PlaceCode) -> Option<&Place> {
        self.by_code.get(&code).and_then(|index| self.places.get(*index))
    }

    /// A place with those above it.
    fn with_above<'a>(&'a self, place: &'a Place) -> Settlement<'a> {
        let mut above: Vec<&Place> = place.code.above().filter_map(|code| self.get(code)).collect();
        above.reverse();
        Settlement { place, above }
    }

    /// The place of a code, if an address may end there.
    pub(super) fn settlement(&self, code: &str) -> Option<Settlement<'_>> {
        let place = self.get(PlaceCode::parse(code)?).filter(|place| place.is_settlement())?;
        Some(self.with_above(place))
    }

    /// Regions and cities of republican significance.
    #[cfg(test)]
    pub(super) fn regions(&self) -> Vec<&Place> {
        self.places.iter().filter(|place| place.code.is_region()).collect()
    }

    /// Places whose name begins so. Cities of republican significance that begin so come first, each with all its
    /// districts; then districts of such cities; then the others, those of just this name first, towns before other
    /// places, by region.
    pub(super) fn search(&self, typed: &str, limit: usize) -> Vec<Settlement<'_>> {
        let typed: String = typed.chars().take(TYPED_CHARS_MAX).collect();
        let wanted = bare(&typed).key;
        if wanted.is_empty() {
            return Vec::new();
        }
        let mut exact = BTreeSet::new();
        let mut found = BTreeSet::new();
        let first = self.by_key.partition_point(|(key, _)| *key < wanted);
        for (key, index) in self.by_key.iter().skip(first).take_while(|(key, _)| key.starts_with(&wanted)) {
            found.insert(*index);
            if *key == wanted {
                exact.insert(*index);
            }
        }
        let place_of = |index: &usize| self.places.get(*index);
        let cities: Vec<PlaceCode> = found
            .iter()
            .filter_map(place_of)
            .map(|place| place.code)
            .filter(|code| code.is_republican_city())
            .collect();
        for (index, place) in self.places.iter().enumerate() {
            if cities.contains(&place.code.region()) {
                found.insert(index);
            }
        }
        let mut ranked: Vec<_> = found
            .iter()
            .filter_map(|index| Some((index, place_of(index)?)))
            .filter(|(_, place)| place.is_settlement())
            .map(|(index, place)| {
                let region = place.code.region();
                let rank = match (cities.contains(&region), region.is_republican_city()) {
                    (true, _) => 0,
                    (false, true) => 1,
                    (false, false) => 2,
                };
                // Within a city its own order stays; elsewhere whoever types a whole name means that name.
                let closeness =
                    if rank == 0 { (false, false) } else { (!exact.contains(index), !place.is_town) };
                ((rank, closeness, place.code), place)
            })
            .collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().take(limit.min(RESULTS_MAX)).map(|(_, place)| self.with_above(place)).collect()
    }
}

/// English names of regions.
fn english(text: &str) -> Result<HashMap<PlaceCode, String>, TableError> {
    let table = Table::read(text)?;
    let mut names = HashMap::new();
    for row in table.rows() {
        let code = row.text("code")?;
        let form = "the code of a region is two digits and seven zeros";
        let region = PlaceCode::parse(code).filter(|code| code.is_region());
        let region =
            region.ok_or_else(|| TableError::Code { line: row.line(), code: code.to_owned(), form })?;
        names.insert(region, row.text("en")?.to_owned());
    }
    Ok(names)
}

pub(super) fn all() -> &'static Places {
    static READ: OnceLock<Places> = OnceLock::new();
    READ.get_or_init(|| Places::parse(SOURCE, REGIONS).unwrap_or_default())
}

/// Settlements, and districts, whose name begins so in Russian or Kazakh, at most 50.
pub fn settlements(typed: &str, limit: usize) -> Vec<Settlement<'static>> {
    all().search(typed, limit)
}

/// A place with all it lies in as documents keep it, in Russian, told in another language. What follows the place, as a
/// street, stays; so does what is no place of the directory.
pub fn told_place(kept: &str, language: Language) -> String {
    static BY_CHAIN: OnceLock<HashMap<String, usize>> = OnceLock::new();
    let by_chain = BY_CHAIN.get_or_init(|| {
        let places = all();
        let settlements = places.places.iter().enumerate().filter(|(_, place)| place.is_settlement());
        settlements.map(|(index, place)| (places.with_above(place).chain(Language::Russian), index)).collect()
    });
    let ends = kept.match_indices(", ").map(|(at, _)| at).chain([kept.len()]);
    for end in ends.collect::<Vec<_>>().into_iter().rev() {
        let Some((place, rest)) = kept.split_at_checked(end) else { continue };
        let found = by_chain.get(place).and_then(|index| all().places.get(*index));
        if let Some(found) = found {
            return all().with_above(found).chain(language) + rest;
        }
    }
    kept.to_owned()
}

/// The settlement of a code.
pub fn settlement(code: &str) -> Option<Settlement<'static>> {
    all().settlement(code)
}
