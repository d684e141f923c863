//! Reading a table past what cannot be read: from both ends towards the damage, then between two damaged places.

use std::cmp::Ordering;

use super::engine::{Engine, Reach, Table, Way};
use crate::store::StoreError;

/// So often it is tried to read something between two places that cannot be read. Each try costs a block or two.
const TRIES_MAX: u32 = 400;

/// An interval is halved so often at most: blocks hold some dozen neighbours, and keys differ in their last bytes.
const HALVINGS_MAX: u32 = 20;

/// Keys between which nothing can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    /// From this key on.
    pub(super) from: Vec<u8>,
    /// Up to this one, which can be read; `None`: to the end.
    pub(super) to: Option<Vec<u8>>,
    /// What the engine says.
    pub(super) reason: String,
}

/// What sees each entry that can be read, by key and value, in no promised order.
pub(super) type See<'a> = dyn FnMut(&[u8], &[u8]) + 'a;

/// Reads all of a table that can be read, and says where nothing can, in order.
pub(super) fn read_all(engine: &dyn Engine, table: Table, see: &mut See<'_>) -> Vec<Gap> {
    let mut reading = Reading { engine, table, see, gaps: Vec::new(), tries: 0 };
    reading.read(Vec::new(), None, 0);
    reading.gaps
}

struct Reading<'a, 'b> {
    engine: &'a dyn Engine,
    table: Table,
    see: &'a mut See<'b>,
    gaps: Vec<Gap>,
    tries: u32,
}

impl Reading<'_, '_> {
    fn read(&mut self, mut from: Vec<u8>, mut to: Option<Vec<u8>>, halved: u32) {
        let Err(reason) = self.onwards(&mut from, to.as_deref()) else { return };
        if self.backwards(&from, &mut to).is_ok() {
            // Backwards all of it was read: only the way forwards is damaged.
            return self.gap(from, to, reason);
        }
        self.tries = self.tries.saturating_add(1);
        let between = midpoint(&from, to.as_deref());
        match between.filter(|_| halved < HALVINGS_MAX && self.tries < TRIES_MAX) {
            Some(between) => {
                self.read(from, Some(between.clone()), halved.saturating_add(1));
                self.read(between, to, halved.saturating_add(1));
            }
            None => self.gap(from, to, reason),
        }
    }

    /// Reads towards greater keys; moves `from` behind what was read.
    fn onwards(&mut self, from: &mut Vec<u8>, to: Option<&[u8]>) -> Result<(), String> {
        let (begin, see) = (from.clone(), &mut self.see);
        let mut read = |key: &[u8], value: &[u8]| {
            *from = successor(key);
            see(key, value);
            true
        };
        let reach = Reach { from: &begin, to, way: Way::Onwards };
        self.engine.read(self.table, reach, &mut read).map_err(reason_of)
    }

    /// Reads towards lesser keys; moves `to` to what was read last.
    fn backwards(&mut self, from: &[u8], to: &mut Option<Vec<u8>>) -> Result<(), String> {
        let (end, see) = (to.clone(), &mut self.see);
        let mut read = |key: &[u8], value: &[u8]| {
            *to = Some(key.to_vec());
            see(key, value);
            true
        };
        let reach = Reach { from, to: end.as_deref(), way: Way::Backwards };
        self.engine.read(self.table, reach, &mut read).map_err(reason_of)
    }

    /// Notes a gap, or lets the last one go on when nothing was read between the two.
    fn gap(&mut self, from: Vec<u8>, to: Option<Vec<u8>>, reason: String) {
        match self.gaps.last_mut() {
            Some(last) if last.to.as_ref() == Some(&from) => last.to = to,
            Some(_) | None => self.gaps.push(Gap { from, to, reason }),
        }
    }
}

fn reason_of(error: StoreError) -> String {
    match error {
        StoreError::Corrupt { reason, .. } => reason,
        StoreError::Io { action, source } => format!("{action}: {source}"),
        other => other.to_string(),
    }
}

/// The least key greater than `key`.
pub(super) fn successor(key: &[u8]) -> Vec<u8> {
    [key, &[0]].concat()
}

/// A key halfway between two, if there is one; `None` for `to` is the end of all keys.
fn midpoint(from: &[u8], to: Option<&[u8]>) -> Option<Vec<u8>> {
    let len = from.len().max(to.map_or(0, <[u8]>::len)).saturating_add(1);
    let digit = |key: &[u8], at: usize| u32::from(key.get(at).copied().unwrap_or(0));
    // Keys are fractions in base 256: their sum, from the last digit on, and then half of it from the first on.
    let mut sum = vec![0_u32; len];
    let mut carry = 0;
    for (at, place) in sum.iter_mut().enumerate().rev() {
        let total = digit(from, at).saturating_add(to.map_or(0, |to| digit(to, at))).saturating_add(carry);
        (*place, carry) = (total % 256, total / 256);
    }
    // The end of all keys is one.
    let mut rest = carry.saturating_add(u32::from(to.is_none()));
    let mut middle = Vec::with_capacity(len);
    for digit in sum {
        let value = rest.saturating_mul(256).saturating_add(digit);
        middle.push(u8::try_from(value / 2).unwrap_or(u8::MAX));
        rest = value % 2;
    }
    while middle.last() == Some(&0) {
        middle.pop();
    }
    let is_between =
        middle.as_slice().cmp(from) == Ordering::Greater && to.is_none_or(|to| middle.as_slice() < to);
    is_between.then_some(middle)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::embedded::engine::{Page, Put, View, WriteError};

    /// A table of numbers of which some cannot be read: whoever comes to one of them is refused.
    struct Broken {
        keys: u16,
        damaged: Vec<u16>,
    }

    impl Engine for Broken {
        fn apply(&self, _: Vec<Put>) -> Result<(), WriteError> {
            Ok(())
        }

        fn sync(&self) -> Result<(), WriteError> {
            Ok(())
        }

        fn check(&self) -> Result<(), WriteError> {
            Ok(())
        }

        fn get(&self, _: Table, _: &[u8]) -> Result<Option<Bytes>, StoreError> {
            Ok(None)
        }

        fn scan(&self, _: Table, _: Page<'_>) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
            Ok(Vec::new())
        }

        fn view(&self) -> View {
            View(Box::new(()))
        }

        fn scan_view(&self, _: &View, _: Table, _: Page<'_>) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
            Ok(Vec::new())
        }

        fn read(
            &self,
            _: Table,
            reach: Reach<'_>,
            see: &mut dyn FnMut(&[u8], &[u8]) -> bool,
        ) -> Result<(), StoreError> {
            let is_within = |key: &u16| {
                let key = key.to_be_bytes();
                key.as_slice() >= reach.from && reach.to.is_none_or(|to| key.as_slice() < to)
            };
            let mut keys: Vec<u16> = (0..self.keys).filter(is_within).collect();
            if reach.way == Way::Backwards {
                keys.reverse();
            }
            for key in keys {
                if self.damaged.contains(&key) {
                    return Err(StoreError::Corrupt { place: "x".into(), reason: "a bad block".into() });
                }
                if !see(&key.to_be_bytes(), b"") {
                    break;
                }
            }
            Ok(())
        }
    }

    fn read(keys: u16, damaged: Vec<u16>) -> (Vec<u16>, Vec<Gap>) {
        let mut seen = Vec::new();
        let mut see = |key: &[u8], _: &[u8]| seen.push(u16::from_be_bytes(key.try_into().unwrap()));
        let gaps = read_all(&Broken { keys, damaged }, Table::Rows, &mut see);
        seen.sort_unstable();
        (seen, gaps)
    }

    #[test]
    fn everything_around_and_between_damaged_places_is_read_once() {
        let blocks =
            [vec![], vec![0], vec![999], vec![500], vec![10, 11, 12, 700, 701], vec![0, 250, 500, 750, 999]];
        for damaged in blocks {
            let (seen, gaps) = read(1000, damaged.clone());
            let expected: Vec<u16> = (0..1000).filter(|key| !damaged.contains(key)).collect();
            assert_eq!(seen, expected, "{damaged:?}");
            assert_eq!(gaps.is_empty(), damaged.is_empty(), "{damaged:?}: {gaps:?}");
            for key in damaged {
                let key = key.to_be_bytes();
                let is_told = |gap: &Gap| {
                    gap.from.as_slice() <= &key[..]
                        && gap.to.as_ref().is_none_or(|to| to.as_slice() > &key[..])
                };
                assert!(gaps.iter().any(is_told), "{key:?} is in none of {gaps:?}");
            }
        }
    }

    #[test]
    fn a_table_that_cannot_be_read_at_all_is_told_within_a_bounded_number_of_tries() {
        let (seen, gaps) = read(300, (0..300).collect());
        assert!(seen.is_empty());
        for key in (0..300_u16).map(u16::to_be_bytes) {
            let is_told = |gap: &Gap| {
                gap.from.as_slice() <= &key[..] && gap.to.as_ref().is_none_or(|to| to.as_slice() > &key[..])
            };
            assert!(gaps.iter().any(is_told), "{key:?} is in none of {gaps:?}");
        }
    }

    #[test]
    fn a_midpoint_lies_between() {
        assert_eq!(midpoint(&[], None), Some(vec![0x80]));
        assert_eq!(midpoint(&[1], Some(&[2])), Some(vec![1, 0x80]));
        assert_eq!(midpoint(&[0xFF; 3], None), Some(vec![0xFF, 0xFF, 0xFF, 0x80]));
        assert_eq!(midpoint(&[5, 0], Some(&[5, 0])), None);
        assert_eq!(midpoint(&[5], Some(&[5, 0])), None, "nothing lies between a key and its successor");
    }
}
