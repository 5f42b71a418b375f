//! A recording's transcript: ask for it, read it in several formats, remove it.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use vault::{Spoken, TranscriptStatus, TranscriptWish, Vault};

use crate::auth::Auth;
use crate::body::json_object_or_nothing;
use crate::query::Parameters;
use crate::recordings::RecordingPath;
use crate::{Config, Error, Result, captions, wire};

/// How a transcript is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Text,
    Srt,
    Vtt,
}

impl Format {
    const ALL: [Self; 4] = [Self::Json, Self::Text, Self::Srt, Self::Vtt];

    fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Text => "text",
            Self::Srt => "srt",
            Self::Vtt => "vtt",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Text => "text/plain",
            Self::Srt => "application/x-subrip",
            Self::Vtt => "text/vtt",
        }
    }

    /// The one of `Accept` that is wanted most; JSON where it has none of them.
    fn accepted(headers: &HeaderMap) -> Self {
        let mut best = (Self::Json, 0.0);
        let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        for range in values.flat_map(|value| value.split(',')) {
            let mut parts = range.split(';').map(str::trim);
            let media_type = parts.next().unwrap_or_default();
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
            let weight = weight.unwrap_or(1.0);
            let is = |format: &Self| media_type.eq_ignore_ascii_case(format.media_type());
            if let Some(format) = Self::ALL.into_iter().find(is)
                && weight > best.1
            {
                best = (format, weight);
            }
        }
        best.0
    }
}

/// Sends what was said on a recording. As JSON also while it is being made, and where it failed.
#[utoipa::path(
    get,
    path = "/api/v1/recordings/{recording_id}/transcript",
    tag = "transcripts",
    params(
        ("recording_id" = String, Path, description = "or the transcript's own id"),
        ("format" = Option<String>, Query,
            description = "`json`, `text`, `srt` or `vtt`; default: what `Accept` wants most, or `json`"),
    ),
    responses(
        (status = 200, description = "the transcript", content(
            (wire::Transcript = "application/json"),
            (String = "text/plain"),
            (String = "application/x-subrip"),
            (String = "text/vtt"),
        )),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such recording, or not yours, or it has no transcript",
            body = wire::Problem, content_type = "application/problem+json"),
        (status = 409, description = "there is no text yet, or there will be none",
            body = wire::Problem, content_type = "application/problem+json"),
        (status = 422, description = "no such format", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    RecordingPath(id): RecordingPath,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response> {
    let format = match parameters.take("format")? {
        None => Format::accepted(&headers),
        Some(name) => Format::ALL
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| Error::invalid("format", "must be one of json, text, srt, vtt"))?,
    };
    parameters.finish()?;
    let spoken = vault.transcript(&caller, id).await?;
    let write = match format {
        Format::Json => return Ok(Json(wire::Transcript::from(spoken)).into_response()),
        Format::Text => Spoken::text,
        Format::Srt => captions::srt,
        Format::Vtt => captions::vtt,
    };
    let kind = format!("{}; charset=utf-8", format.media_type());
    Ok((
        [(header::CONTENT_TYPE, kind), (header::VARY, "Accept".to_owned())],
        write(there(&spoken)?),
    )
        .into_response())
}

/// The transcript, where it has a text.
fn there(spoken: &Spoken) -> Result<&Spoken> {
    let why = match spoken.transcript.status {
        TranscriptStatus::Success => return Ok(spoken),
        TranscriptStatus::InProgress => "the transcript is in progress".to_owned(),
        TranscriptStatus::Failed => {
            let why = spoken.transcript.error.as_deref().unwrap_or_default();
            format!("the transcript has failed: {why}")
        }
    };
    Err(vault::Error::Conflict(why).into())
}

/// Has a recording transcribed. Nothing begins anew while that is under way, or when it is done;
/// one that has failed is tried again.
#[utoipa::path(
    post,
    path = "/api/v1/recordings/{recording_id}/transcript",
    tag = "transcripts",
    params(("recording_id" = String, Path)),
    request_body(content = Option<wire::TranscriptWish>),
    responses(
        (status = 202, description = "under way", body = wire::TranscriptState),
        (status = 200, description = "done already", body = wire::TranscriptState),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such recording, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 410, description = "its audio was deleted", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "no such language", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 500, description = "its bytes are known to be damaged", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn post(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    RecordingPath(id): RecordingPath,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let mut object = json_object_or_nothing(&headers, body, &config).await?;
    let language = object.take("language", |value| match value {
        Value::String(text) => Ok(text.clone()),
        _ => Err("must be text".to_owned()),
    })?;
    object.finish()?;
    let wish = TranscriptWish { language, callback: None };
    let (transcript, _) = vault.request_transcript(&caller, id, wish).await?;
    let status = match transcript.status {
        TranscriptStatus::InProgress => StatusCode::ACCEPTED,
        TranscriptStatus::Success | TranscriptStatus::Failed => StatusCode::OK,
    };
    Ok((status, Json(wire::TranscriptState::from(transcript))).into_response())
}

/// Removes a recording's transcript, and nothing else. One that is being made is made no more.
#[utoipa::path(
    delete,
    path = "/api/v1/recordings/{recording_id}/transcript",
    tag = "transcripts",
    params(("recording_id" = String, Path, description = "or the transcript's own id")),
    responses(
        (status = 204, description = "gone"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "the recording may not be deleted, so that neither may this",
            body = wire::Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such recording, or not yours, or it has no transcript",
            body = wire::Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn delete(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    RecordingPath(id): RecordingPath,
) -> Result<StatusCode> {
    vault.delete_transcript(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_format_is_the_one_that_is_wanted_most() {
        let check = |accept: &'static str, expected| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(Format::accepted(&headers), expected, "{accept}");
        };
        check("text/vtt", Format::Vtt);
        check("TEXT/Plain; charset=utf-8", Format::Text);
        check("application/x-subrip;q=0.5, text/vtt;q=0.9, */*", Format::Vtt);
        check("text/html, application/xhtml+xml, */*;q=0.8", Format::Json);
        check("text/vtt;q=0", Format::Json);
        check("text/vtt;q=x;;,", Format::Vtt);
        check("", Format::Json);
        assert_eq!(Format::accepted(&HeaderMap::new()), Format::Json);
    }
}
