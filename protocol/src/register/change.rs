//! Changes of a register that people make: block, disconnection, deregistration, a new token (WIRE 13.3, 13.7).

use super::state::{Register, Status, Stop, Tokens};
use crate::types::{Token, UnixMillis};

/// What a person wants of a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The operator stops it, and says why.
    Block {
        /// What the till is to show as the reason.
        reason: String,
    },
    /// The block is over.
    Unblock {
        /// Why, for the audit; tills are not told.
        reason: String,
    },
    /// The service is not paid for: its open shift goes on, then it is stopped.
    Unpaid {
        /// The debt that the till is to show, as [`debt_reason`](crate::refusal::debt_reason) writes it; empty where none is told.
        reason: String,
    },
    /// It is paid for.
    Paid,
    /// The organisation switches it off.
    Disconnect,
    /// And on again.
    Connect,
    /// It is taken off the books, for good.
    Deregister {
        /// What the till is to show as the reason.
        reason: String,
    },
    /// Both tokens end; only the drawn one is good from now on.
    ResetToken,
}

/// Nothing changes any more in a register that was deregistered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the register was deregistered; that is final. Register it anew under another id")]
pub struct Final;

impl Change {
    /// The register after this change; `None` when it is so already.
    ///
    /// Nothing that was accepted is dropped: documents, counters and the retry memory stay. After a close the
    /// change goes to the next shift's stream, whose shift is then not yet opened.
    ///
    /// # Errors
    /// [`Final`] when the register was deregistered and this is not the same deregistration again.
    pub fn apply(
        &self,
        register: &Register,
        now: UnixMillis,
        drawn: Token,
    ) -> Result<Option<Register>, Final> {
        let mut next = register.writable();
        next.clock = next.clock.max(now);
        let at = next.clock;
        let Status { blocked, unpaid, disconnected, deregistered, .. } = &mut next.status;
        if deregistered.is_some() {
            return if matches!(self, Self::Deregister { .. }) { Ok(None) } else { Err(Final) };
        }
        match self {
            Self::Block { reason } => {
                let since = blocked.as_ref().map_or(at, |stop| stop.at);
                *blocked = Some(Stop { at: since, reason: reason.clone() });
            }
            Self::Unblock { .. } => *blocked = None,
            Self::Unpaid { reason } => {
                let since = unpaid.as_ref().map_or(at, |stop| stop.at);
                *unpaid = Some(Stop { at: since, reason: reason.clone() });
            }
            Self::Paid => *unpaid = None,
            Self::Disconnect => {
                disconnected.get_or_insert(Stop { at, reason: String::new() });
            }
            Self::Connect => *disconnected = None,
            Self::Deregister { reason } => *deregistered = Some(Stop { at, reason: reason.clone() }),
            Self::ResetToken => {
                let Tokens { current, kept } = next.tokens;
                // Neither of the tokens that were good may stay good by chance.
                let drawn = drawn.other_than(current);
                let drawn = kept.map_or(drawn, |kept| drawn.other_than(kept).other_than(current));
                next.tokens = Tokens { current: drawn, kept: None };
                next.unconfirmed.reset_at = Some(at);
            }
        }
        let has_new_status = next.status != register.status;
        if has_new_status {
            let after_the_last = UnixMillis(register.status.changed_at.0.saturating_add(1));
            next.status.changed_at = at.max(after_the_last);
        }
        Ok((has_new_status || next.tokens != register.tokens).then_some(next))
    }
}

#[cfg(test)]
mod tests {
    use super::super::state::StatusName;
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_769_040_000_000);

    fn apply(register: &Register, change: Change) -> Result<Option<Register>, Final> {
        change.apply(register, NOW, Token(77))
    }

    #[test]
    fn a_change_that_is_already_so_writes_nothing() {
        let register = Register::new(Token(5));
        let reason = || "долг".to_owned();
        assert_eq!(apply(&register, Change::Unblock { reason: String::new() }), Ok(None));
        let blocked = apply(&register, Change::Block { reason: reason() }).unwrap().unwrap();
        assert_eq!(apply(&blocked, Change::Block { reason: reason() }), Ok(None));
        let unblocked = apply(&blocked, Change::Unblock { reason: String::new() }).unwrap().unwrap();
        assert_eq!(unblocked.status.name(), StatusName::Active);
        assert!(unblocked.status.changed_at > blocked.status.changed_at, "even within one millisecond");
    }

    #[test]
    fn a_new_reason_keeps_the_time_of_the_block() {
        let blocked = apply(&Register::new(Token(5)), Change::Block { reason: "a".into() }).unwrap().unwrap();
        let later = UnixMillis(NOW.0 + 1000);
        let again = Change::Block { reason: "b".into() }.apply(&blocked, later, Token(7)).unwrap().unwrap();
        assert_eq!(again.status.blocked, Some(Stop { at: NOW, reason: "b".into() }));
    }

    #[test]
    fn deregistration_is_final() {
        let gone = Change::Deregister { reason: "продана".into() };
        let register = apply(&Register::new(Token(5)), gone.clone()).unwrap().unwrap();
        assert_eq!(apply(&register, gone), Ok(None));
        for change in [
            Change::Unblock { reason: String::new() },
            Change::Connect,
            Change::Disconnect,
            Change::ResetToken,
        ]
        .into_iter()
        .chain([Change::Unpaid { reason: String::new() }, Change::Paid])
        {
            assert_eq!(apply(&register, change), Err(Final));
        }
    }

    #[test]
    fn a_block_and_a_stop_for_an_unpaid_service_end_each_by_itself() {
        let unpaid =
            apply(&Register::new(Token(5)), Change::Unpaid { reason: String::new() }).unwrap().unwrap();
        assert_eq!(unpaid.status.name(), StatusName::Unpaid);
        assert_eq!(
            apply(&unpaid, Change::Unpaid { reason: String::new() }),
            Ok(None),
            "since when it is unpaid does not move"
        );
        let both = apply(&unpaid, Change::Block { reason: "a".into() }).unwrap().unwrap();
        assert_eq!(both.status.name(), StatusName::Blocked);
        let paid = apply(&both, Change::Paid).unwrap().unwrap();
        assert_eq!((paid.status.name(), paid.status.unpaid.is_none()), (StatusName::Blocked, true));
        let unblocked = apply(&both, Change::Unblock { reason: String::new() }).unwrap().unwrap();
        assert_eq!(unblocked.status.name(), StatusName::Unpaid);
    }

    #[test]
    fn after_a_token_reset_no_old_token_is_good() {
        let mut register = Register::new(Token(77));
        register.tokens.kept = Some(Token(78));
        let reset = apply(&register, Change::ResetToken).unwrap().unwrap();
        assert_eq!(reset.tokens.kept, None);
        assert!(![Token(77), Token(78)].contains(&reset.tokens.current));
    }
}
