//! Changes of what a company says of itself, by whatever rule.

use ofd_storage::accounts::Company;

use super::differences::differences;
use crate::by::By;
use crate::change::ChangeError;
use crate::office::{Decided, Office};
use crate::part::{Changed, PartRefusal};

/// Changes a company by a rule that says what it becomes, with the audit of whatever differs. A refusal comes back with the
/// company that it was made on.
///
/// # Errors
/// [`ChangeError`].
pub async fn change_particulars(
    office: &Office,
    by: &By,
    bin: &str,
    rule: impl Fn(&Company) -> Changed<Company> + Send + Sync,
) -> Result<(Company, Result<(), PartRefusal>), ChangeError> {
    let decide = |company: &Company| -> Decided<Company, Result<(), PartRefusal>> {
        let changed = match rule(company) {
            Ok(Some(changed)) => changed,
            Ok(None) => return Ok((None, Ok(()))),
            Err(refusal) => return Ok((None, Err(refusal))),
        };
        let rows = differences(company, &changed).into_iter();
        let rows = rows.map(|found| by.entry(found.action, found.subject, found.changes)).collect();
        Ok((Some((changed, rows)), Ok(())))
    };
    let (kept, outcome) = office.change_company(bin, decide).await?;
    Ok((kept.state, outcome))
}
