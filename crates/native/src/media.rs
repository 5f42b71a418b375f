//! A recording's audio: `GET /api/v1/recordings/{recording_id}/media`.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use vault::{Container, Listener, Variant, Vault};

use crate::auth::Auth;
use crate::query::Parameters;
use crate::recordings::RecordingPath;
use crate::{Error, Result, wire};

/// Sends a recording's audio, or the part of it that `Range` asks for.
///
/// `variant=default` is the best there is to listen to, `original` the audio from before any
/// processing. Without `format`, or with `asis`, it comes in the container that it was sent in; a
/// WAV whose header lies has it set right, but for `variant=original&format=asis`, which is the
/// very bytes that were sent.
#[utoipa::path(
    get,
    path = "/api/v1/recordings/{recording_id}/media",
    tag = "recordings",
    params(
        ("recording_id" = String, Path),
        ("variant" = Option<String>, Query, description = "`default` or `original`"),
        ("format" = Option<String>, Query, description = "`asis`, `wav` or `mp3`"),
        ("Range" = Option<String>, Header, description = "as RFC 9110 has it"),
    ),
    responses(
        (status = 200, description = "the audio", body = Vec<u8>, content_type = "audio/*"),
        (status = 206, description = "a part of it", body = Vec<u8>, content_type = "audio/*"),
        (status = 304, description = "unchanged"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such recording, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 412, description = "not the audio of If-Match", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 416, description = "no such part", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "not to be had in this form", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 500, description = "its bytes are known to be damaged", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    RecordingPath(id): RecordingPath,
    wanted: Wanted,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let listener = Listener::Caller(&caller);
    let audio = vault.open_audio(listener, id, wanted.variant, wanted.container).await?;
    Ok(web::ranged::answer(&method, &headers, audio).await?)
}

/// In what form the audio is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    variant: Variant,
    container: Container,
}

impl<S: Send + Sync> FromRequestParts<S> for Wanted {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        Self::read(Parameters::from_request_parts(parts, state).await?)
    }
}

impl Wanted {
    fn read(mut parameters: Parameters) -> Result<Self> {
        let variant = match parameters.take("variant")?.as_deref() {
            None | Some("default") => Variant::Default,
            Some("original") => Variant::Original,
            Some(_) => {
                return Err(Error::invalid("variant", "must be one of default, original"));
            }
        };
        let container = match parameters.take("format")?.as_deref() {
            Some("asis") if variant == Variant::Original => Container::AsSent,
            None | Some("asis") => Container::Stored,
            Some("wav") => Container::Wav,
            Some("mp3") => Container::Mp3,
            Some(_) => return Err(Error::invalid("format", "must be one of asis, wav, mp3")),
        };
        parameters.finish()?;
        Ok(Self { variant, container })
    }
}

#[cfg(test)]
mod tests;
