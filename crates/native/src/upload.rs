//! Taking a recording in: `POST /api/v1/recordings`.

mod details;
mod form;
mod text;

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use multer::Multipart;
use vault::Vault;

use crate::auth::Auth;
use crate::body::{Paced, refuse_announced};
use crate::{Config, Error, Result, wire};

/// Keeps a recording: `multipart/form-data` with a part `file`, streamed, and text parts in any
/// order. When it answers 201, bytes and row are durable.
#[utoipa::path(
    post,
    path = "/api/v1/recordings",
    tag = "recordings",
    request_body(content = wire::Upload, content_type = "multipart/form-data"),
    params(
        ("Idempotency-Key" = Option<String>, Header, description =
            "1 to 255 visible ASCII characters. For 24 hours the same key and bytes again are \
             answered with the same recording"),
    ),
    responses(
        (status = 201, description = "kept", body = wire::Recording,
            headers(("Location" = String, description = "the recording's URL"))),
        (status = 200, description = "kept before under this key", body = wire::Recording),
        (status = 400, description = "the form is malformed or cut off", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 408, description = "the body stayed silent for too long", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "the body is too large", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "not a form", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a part is wrong, or the file cannot be played back",
            body = wire::Problem, content_type = "application/problem+json"),
        (status = 503, description = "try again later", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 507, description = "no space left", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn create(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let key = idempotency_key(&headers)?;
    let boundary = boundary(&headers)?;
    refuse_announced(&headers, config.max_upload_bytes)?;
    let body = Paced::new(body, config.max_upload_bytes, config.body_idle);
    let loose = body.loose();
    let form = Multipart::new(body, boundary);
    let (upload, details) = form::read(&vault, &caller, form, &loose).await?;
    let kept = vault.finish_recording(&caller, upload, details, key).await;
    let kept = kept.map_err(about_transcript)?;
    let recording = wire::Recording::from(kept.recording);
    if !kept.fresh {
        return Ok(Json(recording).into_response());
    }
    let location = format!("{}/api/v1/recordings/{}", config.public_url, recording.recording_id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(recording)).into_response())
}

/// The vault's word for where and in what language is not the part's name.
fn about_transcript(error: vault::Error) -> Error {
    match error {
        vault::Error::Invalid { what: "url", why } => Error::invalid("transcription_url", why),
        vault::Error::Invalid { what: "language", why } => {
            Error::invalid("transcription_language", why)
        }
        other => Error::Vault(other),
    }
}

/// Reads `Idempotency-Key`: at most once, 1 to 255 visible ASCII characters, else 400.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>> {
    const NAME: &str = "Idempotency-Key";
    let mut values = headers.get_all(NAME).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Error::Malformed(format!("{NAME}: given twice")));
    }
    let key = std::str::from_utf8(value.as_bytes()).unwrap_or_default();
    if (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(Some(key))
    } else {
        Err(Error::Malformed(format!("{NAME}: must be 1 to 255 visible ASCII characters")))
    }
}

/// The boundary of a form: 1 to 70 characters (RFC 2046). 415 for what is no form.
fn boundary(headers: &HeaderMap) -> Result<String> {
    if crate::body::media_type(headers) != "multipart/form-data" {
        return Err(Error::WrongType("multipart/form-data"));
    }
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    multer::parse_boundary(value.unwrap_or_default())
        .ok()
        .filter(|boundary| (1..=70).contains(&boundary.len()))
        .ok_or_else(|| Error::Malformed("the Content-Type has no usable boundary".to_owned()))
}

#[cfg(test)]
mod tests;
