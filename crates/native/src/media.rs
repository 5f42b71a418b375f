//! A recording's audio, whole or in part: `GET /api/v1/recordings/{recording_id}/media`.

use std::str::FromStr;
use std::time::Duration;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use vault::{Channel, Container, Listener, Variant, Vault};

use crate::auth::Auth;
use crate::query::Parameters;
use crate::recordings::RecordingPath;
use crate::{Error, Result, wire};

/// Sends a recording's audio, or the part of it that `Range` asks for.
///
/// `variant=default` is the denoised audio where there is one, else the original; `original` the
/// audio from before any processing. Without `format`, or with `asis`, it comes in the container that it was sent in; a
/// WAV whose header lies has it set right, but for `variant=original&format=asis`, which is the
/// very bytes that were sent.
///
/// `channel`, `start_ms` and `end_ms` choose a part, cut to the sample; without `format` it comes as
/// MP3 where that was sent, else as WAV.
#[utoipa::path(
    get,
    path = "/api/v1/recordings/{recording_id}/media",
    tag = "recordings",
    params(
        ("recording_id" = String, Path),
        ("variant" = Option<String>, Query, description = "`default`, `original` or `denoised`"),
        ("format" = Option<String>, Query, description = "`asis`, `wav` or `mp3`"),
        ("channel" = Option<String>, Query,
            description = "`0`, `1` …, or `mix` for all in one; each for itself without"),
        ("start_ms" = Option<u64>, Query, description = "from where on"),
        ("end_ms" = Option<u64>, Query, description = "up to where"),
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
        (status = 410, description = "its audio was deleted", body = wire::Problem,
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
    Wanted(wanted): Wanted,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let listener = Listener::Caller(&caller);
    let audio = vault.open_media(listener, id, wanted).await?;
    Ok(web::ranged::answer(&method, &headers, audio).await?)
}

/// Which audio is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted(vault::Wanted);

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
            Some("denoised") => Variant::Denoised,
            Some(_) => {
                let why = "must be one of default, original, denoised";
                return Err(Error::invalid("variant", why));
            }
        };
        let format = parameters.take("format")?;
        let container = match format.as_deref() {
            Some("asis") if variant == Variant::Original => Container::AsSent,
            None | Some("asis") => Container::Stored,
            Some("wav") => Container::Wav,
            Some("mp3") => Container::Mp3,
            Some(_) => return Err(Error::invalid("format", "must be one of asis, wav, mp3")),
        };
        let channel = match parameters.take("channel")?.as_deref() {
            None => None,
            Some("mix") => Some(Channel::Mix),
            Some(number) => Some(Channel::One(whole(number).ok_or_else(|| {
                Error::invalid("channel", "must be a channel's number, from 0, or mix")
            })?)),
        };
        let start = milliseconds(&mut parameters, "start_ms")?;
        let end = milliseconds(&mut parameters, "end_ms")?;
        parameters.finish()?;
        if format.as_deref() == Some("asis")
            && (channel.is_some() || start.is_some() || end.is_some())
        {
            return Err(Error::invalid("format", "asis is all that was sent, and no part"));
        }
        Ok(Self(vault::Wanted { variant, container, channel, start, end }))
    }
}

fn milliseconds(parameters: &mut Parameters, name: &'static str) -> Result<Option<Duration>> {
    let read = |text: String| {
        let number = whole(&text).map(Duration::from_millis);
        number.ok_or_else(|| Error::invalid(name, "must be a whole number of milliseconds"))
    };
    parameters.take(name)?.map(read).transpose()
}

/// Digits and nothing else.
pub(crate) fn whole<T: FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests;
