//! What the driver's errors mean for a write: never sent, or of unknown outcome.

use scylla::errors::{DbError, ExecutionError, RequestAttemptError};

/// Why a statement gave no result.
#[derive(Debug)]
pub(super) struct Failure {
    /// Whether the statement may have taken effect, or may yet.
    pub(super) may_land: bool,
    /// Whether the same statement may work later.
    pub(super) is_passing: bool,
    /// Why, for people.
    pub(super) reason: String,
}

impl Failure {
    pub(super) fn not_sent(reason: impl Into<String>) -> Self {
        Self { may_land: false, is_passing: true, reason: reason.into() }
    }
}

impl From<ExecutionError> for Failure {
    fn from(error: ExecutionError) -> Self {
        let (may_land, is_passing) = match &error {
            ExecutionError::LastAttemptError(attempt) => judge(attempt),
            ExecutionError::RequestTimeout(_) => (true, true),
            ExecutionError::EmptyPlan
            | ExecutionError::ConnectionPoolError(_)
            | ExecutionError::PrepareError(_) => (false, true),
            ExecutionError::BadQuery(_) => (false, false),
            // Schema agreement comes after the statement.
            _ => (true, true),
        };
        Self { may_land, is_passing, reason: error.to_string() }
    }
}

/// Whether an attempt may have taken effect, and whether another one may work.
fn judge(attempt: &RequestAttemptError) -> (bool, bool) {
    match attempt {
        RequestAttemptError::SerializationError(_) | RequestAttemptError::CqlRequestSerialization(_) => {
            (false, false)
        }
        RequestAttemptError::UnableToAllocStreamId => (false, true),
        // Refused before anything was done. `Unavailable` is not among these: a coordinator finds nodes missing also
        // in a later round, after an earlier one left its mark on some replica.
        RequestAttemptError::DbError(
            DbError::SyntaxError
            | DbError::Invalid
            | DbError::Unauthorized
            | DbError::ConfigError
            | DbError::AuthenticationError,
            _,
        ) => (false, false),
        RequestAttemptError::DbError(DbError::IsBootstrapping, _) => (false, true),
        _ => (true, true),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use scylla::statement::Consistency;

    use super::*;

    fn told(error: DbError) -> Failure {
        ExecutionError::LastAttemptError(RequestAttemptError::DbError(error, "so it said".into())).into()
    }

    #[test]
    fn a_time_out_leaves_the_outcome_open() {
        let failure = Failure::from(ExecutionError::RequestTimeout(Duration::from_secs(3)));
        assert!(failure.may_land && failure.is_passing);
    }

    #[test]
    fn missing_nodes_leave_the_outcome_open() {
        let consistency = Consistency::Quorum;
        let failure = told(DbError::Unavailable { consistency, required: 2, alive: 1 });
        assert!(failure.may_land && failure.is_passing);
    }

    #[test]
    fn what_the_server_does_not_understand_was_not_done() {
        let failure = told(DbError::Invalid);
        assert!(!failure.may_land && !failure.is_passing);
        assert!(failure.reason.contains("so it said"), "{}", failure.reason);
    }

    #[test]
    fn without_a_connection_nothing_was_sent() {
        let failure = Failure::from(ExecutionError::EmptyPlan);
        assert!(!failure.may_land && failure.is_passing);
    }
}
