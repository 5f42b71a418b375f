//! Whether the process lives, and whether it can serve.

use axum::Json;
use axum::extract::State;
use vault::Vault;

use crate::{Result, wire};

/// Tells that the process lives.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "operation",
    security(()),
    responses((status = 200, description = "the process lives", body = wire::Health)),
)]
pub(crate) async fn alive() -> Json<wire::Health> {
    Json(wire::Health { status: "ok" })
}

/// Tells whether database and audio store answer.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operation",
    security(()),
    responses(
        (status = 200, description = "database and audio store answer", body = wire::Health),
        (status = 503, description = "one of them does not", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn ready(State(vault): State<Vault>) -> Result<Json<wire::Health>> {
    vault.ready().await?;
    Ok(Json(wire::Health { status: "ready" }))
}
