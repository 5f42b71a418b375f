//! `POST /api/v1/recordings/{recording_id}/denoise`.

use axum::extract::State;
use axum::http::StatusCode;
use vault::Vault;

use crate::auth::Auth;
use crate::recordings::RecordingPath;
use crate::{Result, wire};

/// Has the denoised variant of a recording made, as `noise_cancellation` does for new ones; it shows
/// under `variants` when it is there. Nothing changes where it is.
#[utoipa::path(
    post,
    path = "/api/v1/recordings/{recording_id}/denoise",
    tag = "recordings",
    params(("recording_id" = String, Path)),
    responses(
        (status = 202, description = "queued"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such recording, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 410, description = "its audio was deleted", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "there cannot be one", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 500, description = "its bytes are known to be damaged", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn post(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    RecordingPath(id): RecordingPath,
) -> Result<StatusCode> {
    vault.denoise(&caller, id).await?;
    Ok(StatusCode::ACCEPTED)
}
