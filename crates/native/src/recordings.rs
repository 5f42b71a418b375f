//! One recording: look, delete.

use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use vault::{RecordingId, Vault};

use crate::auth::Auth;
use crate::{Error, Result, wire};

/// Shows a recording, with the variants that there are of it.
#[utoipa::path(
    get,
    path = "/api/v1/recordings/{recording_id}",
    tag = "recordings",
    params(("recording_id" = String, Path)),
    responses(
        (status = 200, description = "the recording", body = wire::Recording),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such recording, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    RecordingPath(id): RecordingPath,
) -> Result<Json<wire::Recording>> {
    let shown = vault.shown(&caller, id).await?;
    Ok(Json(shown.into()))
}

/// Deletes a recording and its audio.
#[utoipa::path(
    delete,
    path = "/api/v1/recordings/{recording_id}",
    tag = "recordings",
    params(("recording_id" = String, Path)),
    responses(
        (status = 204, description = "gone"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "it may not be deleted", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such recording, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn delete(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    RecordingPath(id): RecordingPath,
) -> Result<StatusCode> {
    vault.delete_recording(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The recording that a path names. What is no id is answered as an id that never was.
pub(crate) struct RecordingPath(pub(crate) RecordingId);

impl<S: Send + Sync> FromRequestParts<S> for RecordingPath {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        let id = text.ok().and_then(|Path(text)| text.parse().ok());
        Ok(Self(id.ok_or(vault::Error::NotFound)?))
    }
}
