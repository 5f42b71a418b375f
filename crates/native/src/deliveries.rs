//! Answers that were asked to be sent to a customer's own server: look, and send again.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use vault::{DeliveryId, Vault};

use crate::auth::Auth;
use crate::query::{NumberPath, Parameters, digits, limit};
use crate::{Error, Result, wire};

/// Lists deliveries, the newest first. They are kept for 30 days.
#[utoipa::path(
    get,
    path = "/api/v1/deliveries",
    tag = "deliveries",
    params(
        ("limit" = Option<u32>, Query, description = "1 to 100, default 20"),
        ("before" = Option<i64>, Query, description = "the `next` of the page before"),
    ),
    responses(
        (status = 200, description = "a page of deliveries", body = wire::Deliveries),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a parameter cannot be used", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    mut parameters: Parameters,
) -> Result<Json<wire::Deliveries>> {
    let limit = limit(&mut parameters)?;
    let before = parameters.take("before")?.map(|text| before(&text)).transpose()?;
    parameters.finish()?;
    let found = vault.deliveries(&caller, before, limit).await?;
    let full = u32::try_from(found.len()).is_ok_and(|found| found == limit);
    let next = found.last().filter(|_| full).map(|last| last.delivery_id.0);
    Ok(Json(wire::Deliveries {
        deliveries: found.into_iter().map(wire::Delivery::from).collect(),
        next,
    }))
}

fn before(text: &str) -> Result<DeliveryId> {
    let id = digits(text).ok_or_else(|| Error::invalid("before", "must be a delivery_id"))?;
    Ok(DeliveryId(id))
}

/// Shows a delivery, with its attempts.
#[utoipa::path(
    get,
    path = "/api/v1/deliveries/{delivery_id}",
    tag = "deliveries",
    params(("delivery_id" = i64, Path)),
    responses(
        (status = 200, description = "the delivery", body = wire::DeliveryWithAttempts),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such delivery, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    NumberPath(id): NumberPath,
) -> Result<Json<wire::DeliveryWithAttempts>> {
    let (delivery, attempts) = vault.delivery(&caller, DeliveryId(id)).await?;
    Ok(Json(wire::DeliveryWithAttempts::new(delivery, attempts)))
}

/// Sends a delivery once more, with all its retries, whether it had arrived or not.
#[utoipa::path(
    post,
    path = "/api/v1/deliveries/{delivery_id}/replay",
    tag = "deliveries",
    params(("delivery_id" = i64, Path)),
    responses(
        (status = 202, description = "it will be sent"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such delivery, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "it is still being delivered", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn replay(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    NumberPath(id): NumberPath,
) -> Result<StatusCode> {
    vault.replay_delivery(&caller, DeliveryId(id)).await?;
    Ok(StatusCode::ACCEPTED)
}
