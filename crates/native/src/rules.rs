//! Rules by which the company's calls are recorded.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use vault::{Direction, RuleChange, RuleId, Vault};

use crate::auth::Auth;
use crate::body::{media_type, refuse_announced, whole};
use crate::object::Object;
use crate::{Config, Error, Result, wire};

/// The most bytes that a rule may have.
const BODY_LIMIT: u64 = 64 * 1024;

/// Lists the account's rules, the oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/recording-rules",
    tag = "rules",
    responses(
        (status = 200, description = "all rules", body = wire::RecordingRules),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    Auth(caller): Auth,
    State(vault): State<Vault>,
) -> Result<Json<wire::RecordingRules>> {
    let rules = vault.recording_rules(&caller).await?;
    Ok(Json(wire::RecordingRules { rules: rules.into_iter().map(Into::into).collect() }))
}

/// Adds a rule. A company recording that comes in from now on and names no `rule_ids` gets those
/// of the enabled rules that it falls under.
#[utoipa::path(
    post,
    path = "/api/v1/recording-rules",
    tag = "rules",
    request_body = wire::RecordingRuleChange,
    responses(
        (status = 201, description = "the rule", body = wire::RecordingRule,
            headers(("Location" = String))),
        (status = 400, description = "not JSON", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 408, description = "the body stayed silent for too long", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "there are too many rules", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "the body is too large", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "the body is not JSON", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a key or value that cannot be used", body = wire::Problem,
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
    let change = read(&config, &headers, body).await?;
    let rule = wire::RecordingRule::from(vault.add_recording_rule(&caller, change).await?);
    let location = format!("{}/api/v1/recording-rules/{}", config.public_url, rule.rule_id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(rule)).into_response())
}

/// Shows a rule.
#[utoipa::path(
    get,
    path = "/api/v1/recording-rules/{rule_id}",
    tag = "rules",
    params(("rule_id" = i64, Path)),
    responses(
        (status = 200, description = "the rule", body = wire::RecordingRule),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such rule, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    RulePath(id): RulePath,
) -> Result<Json<wire::RecordingRule>> {
    Ok(Json(vault.recording_rule(&caller, id).await?.into()))
}

/// Changes what is given of a rule. Recordings that were kept before stay as they are.
#[utoipa::path(
    patch,
    path = "/api/v1/recording-rules/{rule_id}",
    tag = "rules",
    params(("rule_id" = i64, Path)),
    request_body = wire::RecordingRuleChange,
    responses(
        (status = 200, description = "the rule after the change", body = wire::RecordingRule),
        (status = 400, description = "not JSON", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such rule, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 408, description = "the body stayed silent for too long", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "the body is too large", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "the body is not JSON", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a key or value that cannot be used", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn patch(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    RulePath(id): RulePath,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<wire::RecordingRule>> {
    let change = read(&config, &headers, body).await?;
    Ok(Json(vault.change_recording_rule(&caller, id, change).await?.into()))
}

/// Removes a rule. Its id is not used again, and recordings that have it keep it.
#[utoipa::path(
    delete,
    path = "/api/v1/recording-rules/{rule_id}",
    tag = "rules",
    params(("rule_id" = i64, Path)),
    responses(
        (status = 204, description = "gone"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such rule, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn delete(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    RulePath(id): RulePath,
) -> Result<StatusCode> {
    vault.remove_recording_rule(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn read(config: &Config, headers: &HeaderMap, body: Body) -> Result<RuleChange> {
    if media_type(headers) != "application/json" {
        return Err(Error::WrongType("application/json"));
    }
    refuse_announced(headers, BODY_LIMIT)?;
    change(&whole(body, BODY_LIMIT, config.body_idle).await?)
}

/// Reads a rule or a change of one: a JSON object, each key known and given once, each value of
/// its type. 400 for what is not JSON, 422 naming the key for the rest.
fn change(body: &[u8]) -> Result<RuleChange> {
    let mut object = Object::parse(body)?;
    let change = RuleChange {
        name: object.take("name", text)?,
        percentage: object.take("percentage", percentage)?,
        directions: object.take("directions", directions)?,
        extensions: object.take("extensions", texts)?,
        enabled: object.take("enabled", boolean)?,
    };
    object.finish()?;
    Ok(change)
}

fn text(value: &Value) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| "must be text".to_owned())
}

fn percentage(value: &Value) -> Result<u32, String> {
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| "must be a whole number from 1 to 100".to_owned())
}

fn boolean(value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "must be true or false".to_owned())
}

fn texts(value: &Value) -> Result<Vec<String>, String> {
    let list = value.as_array().map(|list| list.iter().map(text).collect::<Result<_, _>>());
    list.and_then(Result::ok).ok_or_else(|| "must be a list of texts".to_owned())
}

fn directions(value: &Value) -> Result<Vec<Direction>, String> {
    let words = texts(value)?;
    let words: Result<_, _> = words.iter().map(|word| word.parse()).collect();
    words.map_err(|_| "each must be one of inbound, outbound, internal".to_owned())
}

/// The rule that a path names. What is no id is answered as an id that never was.
pub(crate) struct RulePath(RuleId);

impl<S: Send + Sync> FromRequestParts<S> for RulePath {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        let digits = |text: &String| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let id = text.ok().map(|Path(text)| text).filter(digits).and_then(|text| text.parse().ok());
        Ok(Self(RuleId(id.ok_or(vault::Error::NotFound)?)))
    }
}

#[cfg(test)]
mod tests;
