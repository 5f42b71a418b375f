//! The account's subaccounts.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use vault::{AccountId, Vault};

use crate::auth::Auth;
use crate::body::json_object;
use crate::credentials::{Secret, secret};
use crate::query::{Parameters, digits, limit};
use crate::users::name;
use crate::{Config, Error, Result, wire};

/// Lists the subaccounts, the oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/subaccounts",
    tag = "subaccounts",
    params(
        ("limit" = Option<u32>, Query, description = "1 to 100, default 20"),
        ("after" = Option<i64>, Query, description = "the `next` of the page before"),
    ),
    responses(
        (status = 200, description = "a page of subaccounts", body = wire::Subaccounts),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a parameter cannot be used", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    mut parameters: Parameters,
) -> Result<Json<wire::Subaccounts>> {
    let limit = limit(&mut parameters)?;
    let after = parameters.take("after")?.map_or(Some(0), |text| digits(&text));
    let after = after.ok_or_else(|| Error::invalid("after", "must be the next of a page"))?;
    parameters.finish()?;
    let found = vault.subaccounts(&caller, AccountId(after), limit).await?;
    let full = u32::try_from(found.len()).is_ok_and(|found| found == limit);
    let next = found.last().filter(|_| full).map(|last| last.account_id.0);
    let subaccounts = found.into_iter().map(wire::Subaccount::from).collect();
    Ok(Json(wire::Subaccounts { subaccounts, next }))
}

/// Makes a subaccount. Its auth token is shown this once.
#[utoipa::path(
    post,
    path = "/api/v1/subaccounts",
    tag = "subaccounts",
    request_body = wire::NewSubaccount,
    responses(
        (status = 201, description = "the subaccount", body = wire::AddedSubaccount,
            headers(("Cache-Control" = String))),
        (status = 400, description = "not JSON", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller, or asked with the token of before",
            body = wire::Problem, content_type = "application/problem+json"),
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
pub(crate) async fn create(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Secret<wire::AddedSubaccount>)> {
    let mut object = json_object(&headers, body, &config).await?;
    let name = name(&mut object)?;
    object.finish()?;
    let added = vault.add_subaccount(&caller, &name).await?;
    Ok((StatusCode::CREATED, secret(added.into())))
}

/// Replaces a subaccount's auth token. The one before works on for 24 hours, except for beginning a
/// session; one from before that ends at once, and so do the subaccount's sessions.
#[utoipa::path(
    post,
    path = "/api/v1/subaccounts/{auth_id}/token",
    tag = "subaccounts",
    params(("auth_id" = String, Path)),
    responses(
        (status = 200, description = "the new one", body = wire::NewToken,
            headers(("Cache-Control" = String))),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller, or asked with the token of before",
            body = wire::Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such subaccount, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn token(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Secret<wire::NewToken>> {
    // What is no Auth ID is answered as one that never was.
    let auth_id = path.ok().and_then(|Path(text)| text.parse().ok());
    let auth_id = auth_id.ok_or(vault::Error::NotFound)?;
    Ok(secret(vault.replace_subaccount_token(&caller, &auth_id).await?.into()))
}
