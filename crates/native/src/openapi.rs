//! The API's description of itself, made of the handlers and of `wire.rs`.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::{account, deliveries, denoise, health, media, metrics, peaks, recordings, upload};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "callvault",
        version = "1",
        description = "A self-hosted vault for telephone call recordings",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    paths(
        account::get,
        account::patch,
        deliveries::get,
        deliveries::list,
        deliveries::replay,
        denoise::post,
        get,
        health::alive,
        health::ready,
        media::get,
        metrics::get,
        peaks::get,
        recordings::delete,
        recordings::get,
        upload::create,
    ),
    security(("basic" = [])),
    modifiers(&Basic),
)]
struct Description;

/// Says how to sign in.
struct Basic;

impl Modify for Basic {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Basic)
            .description(Some("auth_id and auth_token"))
            .build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("basic", SecurityScheme::Http(scheme));
    }
}

static JSON: LazyLock<String> = LazyLock::new(|| {
    Description::openapi().to_json().expect("the description has nothing that JSON cannot say")
});

/// Shows this description.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    tag = "operation",
    security(()),
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value)),
)]
pub(crate) async fn get() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], JSON.as_str()).into_response()
}

#[cfg(test)]
mod tests;
