//! The API's description of itself, made of the handlers and of `wire.rs`.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::{
    account, audit, deliveries, denoise, health, holds, media, metrics, peaks, recordings,
    retention, rules, runs, search, transcript, upload, usage,
};

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
        audit::list,
        deliveries::get,
        deliveries::list,
        deliveries::replay,
        denoise::post,
        get,
        health::alive,
        health::ready,
        holds::create,
        holds::lift,
        holds::lift_from_recording,
        holds::list,
        holds::put,
        media::get,
        metrics::get,
        peaks::get,
        recordings::delete,
        recordings::get,
        rules::create,
        rules::delete,
        rules::get,
        rules::list,
        rules::patch,
        retention::create,
        retention::delete,
        retention::get,
        retention::list,
        retention::patch,
        retention::preview,
        retention::run,
        runs::confirm,
        runs::delete_many,
        runs::get,
        runs::list,
        runs::receipt,
        search::get,
        transcript::delete,
        transcript::get,
        transcript::post,
        upload::create,
        usage::get,
    ),
    security(("basic" = []), ("bearer" = [])),
    modifiers(&SignIn),
)]
struct Description;

/// Says how to sign in.
struct SignIn;

impl Modify for SignIn {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        for (name, scheme, description) in [
            ("basic", HttpAuthScheme::Basic, "auth_id and auth_token"),
            ("bearer", HttpAuthScheme::Bearer, "an access token of a user"),
        ] {
            let scheme = HttpBuilder::new().scheme(scheme).description(Some(description)).build();
            components.add_security_scheme(name, SecurityScheme::Http(scheme));
        }
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
