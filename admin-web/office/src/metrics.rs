//! What is counted of the work that people cause, whoever asks for it. The pages' own metrics are with the pages.

/// Every metric of this crate with its labels.
pub const METRICS: &[(&str, &[&str])] = &[
    ("ofd_admin_web_work_memory_bytes", &["part"]),
    ("ofd_admin_web_work_memory_max_bytes", &["part"]),
    ("ofd_admin_web_work_refused_total", &["work", "reason"]),
    ("ofd_admin_web_signature_checks_total", &["operation", "outcome"]),
    ("ofd_admin_web_revocation_fetches_total", &["kind", "outcome"]),
    ("ofd_admin_web_revocation_fetch_seconds", &["kind"]),
];

/// A number as a gauge shows it.
#[expect(clippy::cast_precision_loss, reason = "a gauge")]
pub fn shown(number: usize) -> f64 {
    number as f64
}
