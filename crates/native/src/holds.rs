//! Legal holds.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use vault::{HoldId, Vault};

use crate::auth::Auth;
use crate::body::json_object;
use crate::query::{NumberPath, Parameters, digits, limit};
use crate::recordings::RecordingPath;
use crate::{Config, Error, Result, selection, wire};

/// Puts a recording under legal hold. Another reason is another hold; the same one again changes
/// nothing.
#[utoipa::path(
    put,
    path = "/api/v1/recordings/{recording_id}/hold",
    tag = "holds",
    params(("recording_id" = String, Path)),
    request_body = wire::HoldReason,
    responses(
        (status = 204, description = "nobody can delete it"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not an administrator", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such recording, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "there are a hundred already", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "no reason", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn put(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    RecordingPath(id): RecordingPath,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode> {
    let mut object = json_object(&headers, body, &config).await?;
    let reason = object.take("reason", text)?.ok_or_else(no_reason)?;
    object.finish()?;
    vault.hold_recording(&caller, id, &reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lifts the hold on this one recording. Holds by query go on.
#[utoipa::path(
    delete,
    path = "/api/v1/recordings/{recording_id}/hold",
    tag = "holds",
    params(("recording_id" = String, Path), ("reason" = String, Query, description = "why")),
    responses(
        (status = 204, description = "lifted"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not an administrator", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "there is no hold on it", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "there are several: lift each by its hold_id",
            body = wire::Problem, content_type = "application/problem+json"),
        (status = 422, description = "no reason", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn lift_from_recording(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    RecordingPath(id): RecordingPath,
    mut parameters: Parameters,
) -> Result<StatusCode> {
    let reason = parameters.take("reason")?.ok_or_else(no_reason)?;
    parameters.finish()?;
    vault.lift_hold_of_recording(&caller, id, &reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists all holds, those on single recordings too, the oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/holds",
    tag = "holds",
    params(
        ("limit" = Option<u32>, Query, description = "1 to 100, default 20"),
        ("after" = Option<i64>, Query, description = "the `next` of the page before"),
    ),
    responses(
        (status = 200, description = "a page of holds", body = wire::Holds),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not an administrator", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a parameter cannot be used", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    mut parameters: Parameters,
) -> Result<Json<wire::Holds>> {
    let limit = limit(&mut parameters)?;
    let after = parameters.take("after")?.map_or(Some(0), |text| digits(&text));
    let after = after.ok_or_else(|| Error::invalid("after", "must be a hold_id"))?;
    parameters.finish()?;
    let holds = vault.holds(&caller, HoldId(after), limit).await?;
    let full = u32::try_from(holds.len()).is_ok_and(|found| found == limit);
    let next = holds.last().filter(|_| full).map(|last| last.hold_id.0);
    Ok(Json(wire::Holds { holds: holds.into_iter().map(wire::Hold::from).collect(), next }))
}

/// Holds all recordings that a query finds, and all that it will find.
#[utoipa::path(
    post,
    path = "/api/v1/holds",
    tag = "holds",
    request_body = wire::NewHold,
    responses(
        (status = 201, description = "the hold", body = wire::Hold),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not an administrator", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "there are a hundred already", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "no reason, or no condition", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn create(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<wire::Hold>)> {
    let mut object = json_object(&headers, body, &config).await?;
    let reason = object.take("reason", text)?.ok_or_else(no_reason)?;
    let what = object.take("where", selection::read)?;
    let what = what.ok_or_else(|| Error::invalid("where", "is missing"))?;
    object.finish()?;
    let hold = vault.hold_query(&caller, what, &reason).await?;
    Ok((StatusCode::CREATED, Json(hold.into())))
}

/// Lifts a hold, be it by query or on one recording.
#[utoipa::path(
    delete,
    path = "/api/v1/holds/{hold_id}",
    tag = "holds",
    params(("hold_id" = i64, Path), ("reason" = String, Query, description = "why")),
    responses(
        (status = 204, description = "lifted"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not an administrator", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such hold", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "no reason", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn lift(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    NumberPath(id): NumberPath,
    mut parameters: Parameters,
) -> Result<StatusCode> {
    let reason = parameters.take("reason")?.ok_or_else(no_reason)?;
    parameters.finish()?;
    vault.lift_hold(&caller, HoldId(id), &reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn no_reason() -> Error {
    Error::invalid("reason", "is missing")
}

pub(crate) fn text(value: &Value) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| "must be text".to_owned())
}
