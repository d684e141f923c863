//! The public check of signatures, over a paper and the signature under it as they are kept.

use axum::response::Response;
use ofd_storage::papers;

use super::files::{named, signed};
use crate::cabinet::{Ask, At, Failure};
use crate::signatures::{ToCheck, checked};

/// Checks the signature under a paper as anybody's.
pub(super) async fn check(site: At, ask: Ask) -> Result<Response, Failure> {
    let paper = named(&site, &ask).await?;
    let cms = signed(&site, &ask, &paper).await?;
    let pdf = papers::pdf(&site.office.store, ask.bin(), paper.number).await?.ok_or(Failure::NotFound)?;
    let document = format!("application-{}-{}.pdf", ask.bin(), paper.number);
    let file = format!("{document}.cms");
    let what = ToCheck { cms: cms.into(), file: &file, document: Some((&document, pdf.into())) };
    checked(&site, &ask, what, ask.path()).await
}
