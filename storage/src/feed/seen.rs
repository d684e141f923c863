//! What a process remembers of registers that it looked at. To forget costs a look, nothing else.

use std::collections::HashMap;

use ofd_protocol::types::{RegisterId, UnixMillis};

/// So many registers are remembered, in some 2 MiB; of a larger fleet that sells at once some are looked at more often.
const REGISTERS_MAX: usize = 65_536;

/// When registers were last looked at.
#[derive(Debug, Default)]
pub struct Seen(HashMap<RegisterId, UnixMillis>);

impl Seen {
    /// Whether a register was looked at then or later.
    pub(super) fn is_seen_since(&self, register: RegisterId, at: UnixMillis) -> bool {
        self.0.get(&register).is_some_and(|seen| *seen >= at)
    }

    pub(super) fn saw(&mut self, register: RegisterId, at: UnixMillis) {
        if self.0.len() < REGISTERS_MAX || self.0.contains_key(&register) {
            self.0.insert(register, at);
        }
    }

    /// Forgets what was seen before.
    pub(super) fn forget_before(&mut self, at: UnixMillis) {
        self.0.retain(|_, seen| *seen >= at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_bounded_and_forgotten_in_time() {
        let mut seen = Seen::default();
        for id in 0..200_000 {
            seen.saw(RegisterId(id), UnixMillis(u64::from(id)));
        }
        assert_eq!(seen.0.len(), REGISTERS_MAX);
        seen.saw(RegisterId(3), UnixMillis(300_000));
        assert!(seen.is_seen_since(RegisterId(3), UnixMillis(300_000)));
        assert!(!seen.is_seen_since(RegisterId(4), UnixMillis(5)));
        seen.forget_before(UnixMillis(65_000));
        assert_eq!(seen.0.len(), REGISTERS_MAX - 65_000 + 1);
    }
}
