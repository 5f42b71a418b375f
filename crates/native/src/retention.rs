//! Retention policies, and what they would delete.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use vault::{Action, PolicyChange, PolicyId, Vault};

use crate::account::{boolean, duration};
use crate::auth::Auth;
use crate::body::json_object;
use crate::holds::text;
use crate::object::Object;
use crate::query::{NumberPath, Parameters, digits, limit};
use crate::{Config, Error, Result, selection, wire};

/// Lists the account's policies, the oldest first. For administrators.
#[utoipa::path(
    get,
    path = "/api/v1/retention/policies",
    tag = "retention",
    params(
        ("limit" = Option<u32>, Query, description = "1 to 100, default 20"),
        ("after" = Option<i64>, Query, description = "the `next` of the page before"),
    ),
    responses(
        (status = 200, description = "a page of policies", body = wire::Policies),
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
) -> Result<Json<wire::Policies>> {
    let limit = limit(&mut parameters)?;
    let after = parameters.take("after")?.map_or(Some(0), |text| digits(&text));
    let after = after.ok_or_else(|| Error::invalid("after", "must be a policy_id"))?;
    parameters.finish()?;
    let found = vault.policies(&caller, PolicyId(after), limit).await?;
    let full = u32::try_from(found.len()).is_ok_and(|found| found == limit);
    let next = found.last().filter(|_| full).map(|last| last.policy_id.0);
    let policies = found.into_iter().map(wire::Policy::from).collect();
    Ok(Json(wire::Policies { policies, next }))
}

/// Makes a policy. It is `pending` for as long as the account wants, and then `active`.
#[utoipa::path(
    post,
    path = "/api/v1/retention/policies",
    tag = "retention",
    request_body = wire::NewPolicy,
    responses(
        (status = 201, description = "the policy", body = wire::Policy),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not an administrator", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "there are a hundred already", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a key that cannot be used", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn create(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<wire::Policy>)> {
    let new = change(json_object(&headers, body, &config).await?)?;
    let policy = vault.add_policy(&caller, new).await?;
    Ok((StatusCode::CREATED, Json(policy.into())))
}

/// Shows a policy.
#[utoipa::path(
    get,
    path = "/api/v1/retention/policies/{policy_id}",
    tag = "retention",
    params(("policy_id" = i64, Path)),
    responses(
        (status = 200, description = "the policy", body = wire::Policy),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not an administrator", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such policy", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    NumberPath(id): NumberPath,
) -> Result<Json<wire::Policy>> {
    Ok(Json(vault.policy(&caller, PolicyId(id)).await?.into()))
}

/// Changes what is given of a policy, pauses it (`"paused": true`) or has it go on. One that
/// deletes otherwise or at other times than before is `pending` again.
#[utoipa::path(
    patch,
    path = "/api/v1/retention/policies/{policy_id}",
    tag = "retention",
    params(("policy_id" = i64, Path)),
    request_body = wire::NewPolicy,
    responses(
        (status = 200, description = "the policy", body = wire::Policy),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not an administrator", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such policy", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a key that cannot be used", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn patch(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    NumberPath(id): NumberPath,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<wire::Policy>> {
    let change = change(json_object(&headers, body, &config).await?)?;
    Ok(Json(vault.change_policy(&caller, PolicyId(id), change).await?.into()))
}

/// Removes a policy. Its runs and their receipts stay.
#[utoipa::path(
    delete,
    path = "/api/v1/retention/policies/{policy_id}",
    tag = "retention",
    params(("policy_id" = i64, Path)),
    responses(
        (status = 204, description = "gone"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not an administrator", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such policy", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn delete(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    NumberPath(id): NumberPath,
) -> Result<StatusCode> {
    vault.remove_policy(&caller, PolicyId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says what a policy would delete now, and changes nothing: a policy's body, of which only `where`
/// and `action` matter.
#[utoipa::path(
    post,
    path = "/api/v1/retention/preview",
    tag = "retention",
    request_body = wire::NewPolicy,
    responses(
        (status = 200, description = "what it would delete", body = wire::Preview),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not an administrator", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a key that cannot be used", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn preview(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<wire::Preview>> {
    let policy = change(json_object(&headers, body, &config).await?)?;
    let what = policy.what.ok_or_else(|| Error::invalid("where", "is missing"))?;
    let action = policy.action.unwrap_or_default();
    Ok(Json(vault.preview(&caller, what, action).await?.into()))
}

/// Starts a run of a policy now.
#[utoipa::path(
    post,
    path = "/api/v1/retention/policies/{policy_id}/run",
    tag = "retention",
    params(("policy_id" = i64, Path)),
    responses(
        (status = 202, description = "it has started", body = wire::Started),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not an administrator", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such policy", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "the policy is pending", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn run(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    NumberPath(id): NumberPath,
) -> Result<(StatusCode, Json<wire::Started>)> {
    let run = vault.run_now(&caller, PolicyId(id)).await?;
    Ok((StatusCode::ACCEPTED, Json(wire::Started { run_id: run.0 })))
}

/// Reads what is to be set of a policy.
fn change(mut object: Object) -> Result<PolicyChange> {
    let archive = |value: &Value| match value {
        Value::Null => Ok(None),
        name => text(name).map(Some),
    };
    let action = |value: &Value| text(value).and_then(|text| Action::parse(&text));
    let change = PolicyChange {
        name: object.take("name", text)?,
        what: object.take("where", selection::read)?,
        schedule: object.take("schedule", text)?,
        time_zone: object.take("time_zone", text)?,
        action: object.take("action", action)?,
        archive_to: object.take("archive_to", archive)?,
        pending: object.take("pending", duration)?,
        paused: object.take("paused", boolean)?,
    };
    object.finish()?;
    Ok(change)
}
