//! What a player draws: `GET /api/v1/recordings/{recording_id}/peaks`.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use vault::{Peaks, PeaksFormat, Vault};

use crate::auth::Auth;
use crate::media::whole;
use crate::query::Parameters;
use crate::recordings::RecordingPath;
use crate::{Error, Result, wire};

const SAMPLES_PER_PIXEL: u32 = 256;

/// Sends a recording's peaks: the least and the greatest sample of each stretch, in 8 bits, of each
/// channel or of their mix, in audiowaveform's own formats.
///
/// JSON is its version 2; binary (`dat`) its version 1 for one channel, 2 for several. They are of
/// the original, made at the first request and kept for a while.
#[utoipa::path(
    get,
    path = "/api/v1/recordings/{recording_id}/peaks",
    tag = "recordings",
    params(
        ("recording_id" = String, Path),
        ("format" = Option<String>, Query, description = "`json` (default) or `dat`"),
        ("samples_per_pixel" = Option<u32>, Query, minimum = 16, maximum = 1_000_000,
            description = "256 where it is not given"),
        ("channel" = Option<String>, Query, description = "`mix` for all channels in one"),
    ),
    responses(
        (status = 200, description = "the peaks", content(
            (Vec<u8> = "application/octet-stream"),
            (serde_json::Value = "application/json"),
        )),
        (status = 206, description = "a part of them", body = Vec<u8>,
            content_type = "application/octet-stream"),
        (status = 304, description = "unchanged"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such recording, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 410, description = "its audio was deleted", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a parameter that cannot be used", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 500, description = "its bytes are known to be damaged", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    RecordingPath(id): RecordingPath,
    Wanted(peaks): Wanted,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let audio = vault.open_peaks(&caller, id, peaks).await?;
    Ok(web::ranged::answer(&method, &headers, audio).await?)
}

/// Which peaks are wanted.
pub(crate) struct Wanted(Peaks);

impl<S: Send + Sync> FromRequestParts<S> for Wanted {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        Self::read(Parameters::from_request_parts(parts, state).await?)
    }
}

impl Wanted {
    fn read(mut parameters: Parameters) -> Result<Self> {
        let format = match parameters.take("format")?.as_deref() {
            None | Some("json") => PeaksFormat::Json,
            Some("dat") => PeaksFormat::Binary,
            Some(_) => return Err(Error::invalid("format", "must be one of json, dat")),
        };
        let samples_per_pixel = match parameters.take("samples_per_pixel")? {
            None => SAMPLES_PER_PIXEL,
            Some(text) => whole(&text)
                .ok_or_else(|| Error::invalid("samples_per_pixel", "must be from 16 to 1000000"))?,
        };
        let mix = match parameters.take("channel")?.as_deref() {
            None => false,
            Some("mix") => true,
            Some(_) => return Err(Error::invalid("channel", "must be mix, or left out")),
        };
        parameters.finish()?;
        Ok(Self(Peaks { format, samples_per_pixel, mix }))
    }
}
