//! The caller's account: its settings.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::Value;
use vault::{SettingsChange, Vault};

use crate::auth::Auth;
use crate::body::{media_type, refuse_announced, whole};
use crate::object::Object;
use crate::{Config, Error, Result, span, wire};

/// The most bytes that a change of settings may have.
const BODY_LIMIT: u64 = 64 * 1024;

/// Shows the account's settings; a subaccount sees its own, with what it inherits.
#[utoipa::path(
    get,
    path = "/api/v1/account",
    tag = "account",
    responses(
        (status = 200, description = "the settings", body = wire::Account),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    Auth(caller): Auth,
    State(vault): State<Vault>,
) -> Result<Json<wire::Account>> {
    let settings = vault.settings(&caller).await?;
    Ok(Json(settings.into()))
}

/// Changes what is given of the account's settings, and shows all. A subaccount may only tighten
/// `media_auth`.
#[utoipa::path(
    patch,
    path = "/api/v1/account",
    tag = "account",
    request_body = wire::AccountChange,
    responses(
        (status = 200, description = "the settings after the change", body = wire::Account),
        (status = 400, description = "not JSON", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller", body = wire::Problem,
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
    headers: HeaderMap,
    body: Body,
) -> Result<Json<wire::Account>> {
    if media_type(&headers) != "application/json" {
        return Err(Error::WrongType("application/json"));
    }
    refuse_announced(&headers, BODY_LIMIT)?;
    let change = change(&whole(body, BODY_LIMIT, config.body_idle).await?)?;
    let settings = vault.change_settings(&caller, change).await?;
    Ok(Json(settings.into()))
}

/// Reads a change: a JSON object, each key known and given once, each value of its type. 400 for
/// what is not JSON, 422 naming the key for the rest.
fn change(body: &[u8]) -> Result<SettingsChange> {
    let mut object = Object::parse(body)?;
    let change = SettingsChange {
        media_auth: object.take("media_auth", boolean)?,
        noise_cancellation: object.take("noise_cancellation", boolean)?,
        retention_pending: object.take("retention_pending", duration)?,
        retention_max_share_ppm: object.take("retention_max_share", share)?,
        minimum_retention: object.take("minimum_retention", duration)?,
    };
    object.finish()?;
    Ok(change)
}

fn boolean(value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "must be true or false".to_owned())
}

fn duration(value: &Value) -> Result<Duration, String> {
    match value {
        Value::String(text) => span::parse(text),
        _ => Err("must be text with a unit (d, h, m or s), as in \"7d\"".to_owned()),
    }
}

/// A share from 0 to 1 with at most six decimals, in millionths.
fn share(value: &Value) -> Result<i64, String> {
    const SHAPE: &str = "must be a number from 0 to 1, with at most six decimals";
    let share = value.as_f64().filter(|share| (0.0..=1.0).contains(share)).ok_or(SHAPE)?;
    let millionths = (share * 1e6).round();
    if (share - millionths / 1e6).abs() > 1e-12 {
        return Err(SHAPE.to_owned());
    }
    #[expect(clippy::cast_possible_truncation, reason = "a whole number up to a million")]
    Ok(millionths as i64)
}

#[cfg(test)]
mod tests;
