//! The body of a request that is no form, as it comes in.

use axum::body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use ofd_office::work::{Content, Intake, IntakeError};

/// Why a body is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentError {
    /// It is longer than is read here.
    TooLarge,
    /// It was cut off, or came too slowly.
    Damaged,
    /// There is no memory, or no place in the file system, for it now.
    Busy,
}

impl From<IntakeError> for ContentError {
    fn from(error: IntakeError) -> Self {
        if let IntakeError::File(error) = error {
            tracing::error!(%error, "a body finds no place in site.upload_directory: {error}");
        }
        Self::Busy
    }
}

/// Reads a body of at most so many bytes.
///
/// # Errors
/// [`ContentError`].
pub async fn read_content(body: Body, len_max: usize, intake: &Intake) -> Result<Content, ContentError> {
    let (mut body, mut incoming) = (Limited::new(body, len_max), intake.begin(None)?);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            if error.is::<LengthLimitError>() { ContentError::TooLarge } else { ContentError::Damaged }
        })?;
        if let Ok(piece) = frame.into_data() {
            incoming.push(&piece).await?;
        }
    }
    Ok(incoming.finish().await?)
}
