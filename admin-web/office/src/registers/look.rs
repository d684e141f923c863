//! Looks of the operator's people at registers, told in the audit of their organisation, whether or not its people have come.

use ofd_edge::World;
use ofd_storage::accounts::{AuditAction, AuditPage, AuditSubject};
use ofd_storage::erased::DynStore;
use ofd_storage::store::Stamp;

use super::audit::{Audit, Found};
use crate::by::By;
use crate::change::{ChangeError, change};

/// Writes into an organisation's audit that a person of the operator looks at what its registers did; only then is it shown.
///
/// # Errors
/// [`ChangeError`].
pub async fn look_at_register(
    (store, world): (&DynStore, &dyn World),
    by: &By,
    bin: &str,
    page: AuditPage,
) -> Result<(), ChangeError> {
    let (what, stamp) = (Audit::that_begins(bin, world), || Stamp(world.token_and_stamp().1));
    let looked = change((store, stamp), &what, |found: &Found| {
        let (company, mut rows) = found.settled();
        let subject = AuditSubject::Page(page).called(page.name());
        // An append is known by its first row: what is carried over another process may write just so.
        rows.insert(0, by.entry(AuditAction::Looked, subject, Vec::new()));
        Ok::<_, ChangeError>((Some((company, rows)), ()))
    });
    looked.await.map(|_| ())
}
