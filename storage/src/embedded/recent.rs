//! A bounded memory of what was used lately.

use std::collections::HashMap;
use std::hash::Hash;

/// Remembers at least the last `generation` keys that were put or found, and at most twice as many.
///
/// Two maps instead of a linked list: when the young one is full it becomes the old one, whose leftovers go.
pub(super) struct Recent<K, V> {
    generation: usize,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Copy + Eq + Hash, V: Copy> Recent<K, V> {
    pub(super) fn new(generation: usize) -> Self {
        Self { generation, young: HashMap::new(), old: HashMap::new() }
    }

    pub(super) fn put(&mut self, key: K, value: V) {
        if self.young.len() >= self.generation && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    pub(super) fn find(&mut self, key: K) -> Option<V> {
        if let Some(value) = self.young.get(&key) {
            return Some(*value);
        }
        let value = *self.old.get(&key)?;
        self.put(key, value);
        Some(value)
    }

    pub(super) fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_within_a_generation_is_remembered() {
        let mut recent = Recent::new(2);
        recent.put(1, "a");
        for key in 2..100 {
            recent.put(key, "b");
            assert_eq!(recent.find(1), Some("a"), "after key {key}");
        }
    }

    #[test]
    fn no_more_than_two_generations_are_kept() {
        let mut recent = Recent::new(4);
        for key in 0..100 {
            recent.put(key, key);
        }
        assert!(recent.young.len() + recent.old.len() <= 8);
        assert_eq!(recent.find(0), None);
        assert_eq!(recent.find(99), Some(99));
    }

    #[test]
    fn the_newest_value_counts() {
        let mut recent = Recent::new(1);
        recent.put(1, 1);
        recent.put(2, 1);
        recent.put(1, 2);
        assert_eq!(recent.find(1), Some(2));
    }
}
