//! Made-up fleets with numbers that hold: check digits, unique ids.

use ofd_protocol::types::{RegisterId, TOKEN_MAX, Token};

use super::{Fleet, FleetRegister, Organisation, TradePoint};
use crate::random::Random;

/// The first register id that is given.
const FIRST_ID: u32 = 200_001;

/// The first number at the tax authority, less one.
const FIRST_FNS_ID: u64 = 640_300_000_000;

const NAMES: [&str; 10] = [
    "Жайлау",
    "Алтын Дән",
    "Сарыарқа",
    "Дастархан",
    "Береке",
    "Апорт",
    "Көктем",
    "Самал",
    "Тұлпар",
    "Ақ Бидай",
];

const STREETS: [(&str, &str); 6] = [
    ("г. Алматы, пр. Абая", "Алматы қ., Абай даңғ."),
    ("г. Астана, ул. Кенесары", "Астана қ., Кенесары көш."),
    ("г. Шымкент, пр. Тауке хана", "Шымкент қ., Тәуке хан даңғ."),
    ("г. Караганда, бул. Мира", "Қарағанды қ., Бейбітшілік гүлзары"),
    ("г. Актобе, пр. Молдагуловой", "Ақтөбе қ., Молдағұлова даңғ."),
    ("г. Павлодар, ул. Торайгырова", "Павлодар қ., Торайғыров көш."),
];

const MODELS: [&str; 4] = ["SWK-2", "Миника 1102", "ПОРТ DPG-25", "Касса онлайн"];

const OKVED: [&str; 3] = ["47111", "47190", "56100"];

impl Fleet {
    /// Makes a fleet of `organisations`, each with `trade_points`, each with `registers`; the same for the same seed.
    pub fn generate(organisations: u32, trade_points: u32, registers: u32, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut next = 0_u32;
        let organisations = (0..organisations)
            .map(|number| {
                let name = random.pick(&NAMES).copied().unwrap_or("Жайлау");
                let (street, street_kz) = random.pick(&STREETS).copied().unwrap_or_default();
                let house = 1 + random.below(200);
                Organisation {
                    bin: bin(&mut random, number),
                    title: format!("ТОО «{name} {}»", number.saturating_add(1)),
                    address: format!("{street}, {house}"),
                    address_kz: Some(format!("{street_kz}, {house}")),
                    okved: random.pick(&OKVED).copied().unwrap_or("47111").to_owned(),
                    trade_points: (0..trade_points)
                        .map(|point| trade_point(&mut random, name, point, registers, &mut next))
                        .collect(),
                }
            })
            .collect();
        Self { organisations }
    }

    /// Makes a fleet of exactly `registers`, a few to each trade point as in life.
    pub fn of_size(registers: u32, seed: u64) -> Self {
        const PER_ORGANISATION: u32 = 4;
        let mut fleet = Self::generate(registers.div_ceil(PER_ORGANISATION), 2, 2, seed);
        let mut left = usize::try_from(registers).unwrap_or(usize::MAX);
        for organisation in &mut fleet.organisations {
            for point in &mut organisation.trade_points {
                point.registers.truncate(left);
                left = left.saturating_sub(point.registers.len());
            }
            organisation.trade_points.retain(|point| !point.registers.is_empty());
        }
        fleet
    }
}

fn trade_point(random: &mut Random, name: &str, number: u32, registers: u32, next: &mut u32) -> TradePoint {
    let (street, street_kz) = random.pick(&STREETS).copied().unwrap_or_default();
    let house = 1 + random.below(200);
    TradePoint {
        title: format!("«{name}» дүкені № {}", number.saturating_add(1)),
        address: format!("{street}, {house}"),
        address_kz: Some(format!("{street_kz}, {house}")),
        registers: (0..registers)
            .map(|_| {
                let index = *next;
                *next = next.saturating_add(1);
                register(random, index)
            })
            .collect(),
    }
}

fn register(random: &mut Random, index: u32) -> FleetRegister {
    let token = u32::try_from(random.below(u64::from(TOKEN_MAX))).unwrap_or(0);
    FleetRegister {
        id: RegisterId(FIRST_ID.saturating_add(index)),
        token: Token::from_drawn(token),
        fns_kkm_id: format!("{:012}", FIRST_FNS_ID.saturating_add(u64::from(index)).saturating_add(1)),
        serial_number: format!("SWK{:08}", index.saturating_add(1)),
        model: random.pick(&MODELS).copied().unwrap_or("SWK-2").to_owned(),
        year: u16::try_from(random.between(2019, 2025)).unwrap_or(2025),
        connection: "wired".to_owned(),
    }
}

/// A BIN: year and month, kind, sign, serial number, check digit. `number` makes it unique.
fn bin(random: &mut Random, number: u32) -> String {
    // A serial number whose second check gives 10 is never given out; the next one is tried.
    let year = random.between(10, 25);
    let month = random.between(1, 12);
    let base = u64::from(number).saturating_mul(7);
    (0..7_u64)
        .filter_map(|attempt| {
            let serial = base.saturating_add(attempt) % 100_000;
            let sign = base.saturating_add(attempt) / 100_000 % 4;
            let stem = format!("{year:02}{month:02}4{sign}{serial:05}");
            check_digit(&stem).map(|digit| format!("{stem}{digit}"))
        })
        .next()
        .unwrap_or_else(|| "990140000000".to_owned())
}

/// The check digit of the first 11 digits of a BIN or IIN; `None` when no number begins so.
pub fn check_digit(stem: &str) -> Option<u32> {
    let digits: Vec<u32> = stem.chars().map(|digit| digit.to_digit(10)).collect::<Option<_>>()?;
    if digits.len() != 11 {
        return None;
    }
    let weigh = |first: u32| {
        let weights = (0..11_u32).map(|at| (at + first - 1) % 11 + 1);
        digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % 11
    };
    let digit = match weigh(1) {
        10 => weigh(3),
        digit => digit,
    };
    (digit < 10).then_some(digit)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn check_digits_follow_both_rows_of_weights() {
        // 1..11 over 1 and zeros gives 1; a first remainder of 10 asks for the second row.
        assert_eq!(check_digit("10000000000"), Some(1));
        assert_eq!(check_digit("00000000010"), Some(1)); // weight 10, then 1
        assert_eq!(check_digit("1234"), None);
        assert_eq!(check_digit("1234567890x"), None);
    }

    #[test]
    fn a_generated_fleet_has_valid_and_unique_numbers() {
        let fleet = Fleet::of_size(2_001, 5);
        let registers: Vec<_> = fleet.registers().collect();
        assert_eq!(registers.len(), 2_001);
        let ids: HashSet<_> = registers.iter().map(|register| register.id).collect();
        let numbers: HashSet<_> = registers.iter().map(|register| register.fns_kkm_id.clone()).collect();
        assert_eq!((ids.len(), numbers.len()), (2_001, 2_001));
        assert!(numbers.iter().all(|number| number.len() == 12));
        let bins: HashSet<_> = fleet.organisations.iter().map(|organisation| &organisation.bin).collect();
        assert_eq!(bins.len(), fleet.organisations.len());
        for bin in bins {
            assert_eq!(check_digit(&bin[..11]), bin[11..].parse().ok(), "{bin}");
        }
        assert_eq!(fleet, Fleet::of_size(2_001, 5));
    }
}
