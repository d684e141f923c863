//! Whether a process can serve now, and if not, why.

/// What must be well for a process to serve, beside its store: the store says for itself how it is.
pub trait Readiness: Send + Sync + 'static {
    /// Why it is not ready, each reason with what helps; nothing when it is.
    fn reasons_not_ready(&self) -> Vec<String>;

    /// What the operator should know though the process is ready.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}
