//! Exports: many recordings and what was said on them, as one zip.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use vault::{ExportId, Vault};

use crate::account::boolean;
use crate::auth::Auth;
use crate::body::json_object;
use crate::{Config, Error, Result, selection, wire};

/// Asks for a zip of many recordings, by `ids` or `where`; with `dry_run` it says what would be in
/// it. A job makes it.
#[utoipa::path(
    post,
    path = "/api/v1/exports",
    tag = "exports",
    request_body = wire::NewExport,
    responses(
        (status = 200, description = "what would be in it", body = wire::ExportPreview),
        (status = 202, description = "it is being made", body = wire::ExportStarted,
            headers(("Location" = String, description = "the export's URL"))),
        (status = 400, description = "the body is not JSON", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "20 exports of the account are being made already",
            body = wire::Problem, content_type = "application/problem+json"),
        (status = 413, description = "the body is too large", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "the body is not JSON", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "neither ids nor where, or both, or one that cannot be used",
            body = wire::Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn create(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let mut object = json_object(&headers, body, &config).await?;
    let dry_run = object.take("dry_run", boolean)?.unwrap_or(false);
    let what = selection::bulk(object)?;
    if dry_run {
        let amount = vault.preview_export(&caller, what).await?;
        return Ok(Json(wire::ExportPreview::from(amount)).into_response());
    }
    let started = wire::ExportStarted::from(vault.export_chosen(&caller, what).await?);
    let location = format!("{}/api/v1/exports/{}", config.public_url, started.export_id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(started)).into_response())
}

/// Shows how far an export is: an administrator all of the account, others their own.
#[utoipa::path(
    get,
    path = "/api/v1/exports/{export_id}",
    tag = "exports",
    params(("export_id" = String, Path)),
    responses(
        (status = 200, description = "how far it is", body = wire::Export),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such export, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    ExportPath(id): ExportPath,
) -> Result<Json<wire::Export>> {
    Ok(Json(vault.find_export(&caller, id).await?.into()))
}

/// Sends a complete export's zip, or the part of it that `Range` asks for.
#[utoipa::path(
    get,
    path = "/api/v1/exports/{export_id}/zip",
    tag = "exports",
    params(
        ("export_id" = String, Path),
        ("Range" = Option<String>, Header, description = "as RFC 9110 has it"),
    ),
    responses(
        (status = 200, description = "the zip", body = Vec<u8>, content_type = "application/zip"),
        (status = 206, description = "a part of it", body = Vec<u8>,
            content_type = "application/zip"),
        (status = 304, description = "unchanged"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such export, or not yours, or it is not complete, or not \
            any more", body = wire::Problem, content_type = "application/problem+json"),
        (status = 412, description = "not the zip of If-Match", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 416, description = "no such part", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 500, description = "the bytes of a recording in it are known to be damaged",
            body = wire::Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn zip(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    ExportPath(id): ExportPath,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let zip = vault.open_export(&caller, id).await?;
    Ok(web::ranged::answer(&method, &headers, zip).await?)
}

/// The export that a path names. What is no id is answered as an id that never was.
pub(crate) struct ExportPath(ExportId);

impl<S: Send + Sync> FromRequestParts<S> for ExportPath {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        let id = text.ok().and_then(|Path(text)| text.parse().ok());
        Ok(Self(id.ok_or(vault::Error::NotFound)?))
    }
}
