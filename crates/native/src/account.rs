//! The caller's account: its settings.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::Value;
use vault::{SettingsChange, Vault, span};

use crate::auth::Auth;
use crate::body::json_object;
use crate::object::Object;
use crate::{Config, Result, wire};

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
    let change = change(json_object(&headers, body, &config).await?)?;
    let settings = vault.change_settings(&caller, change).await?;
    Ok(Json(settings.into()))
}

/// Reads a change: each key known and given once, each value of its type, else 422 naming the key.
fn change(mut object: Object) -> Result<SettingsChange> {
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

pub(crate) fn boolean(value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "must be true or false".to_owned())
}

pub(crate) fn duration(value: &Value) -> Result<Duration, String> {
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
