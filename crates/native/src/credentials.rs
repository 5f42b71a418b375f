//! What the account signs in with. A secret is shown once, when it is made, and never in a URL or
//! a log; no cache may keep the answer.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use vault::Vault;

use crate::auth::Auth;
use crate::{Result, wire};

/// An answer with a secret in it, which nobody on its way may keep.
pub(crate) type Secret<T> = ([(HeaderName, &'static str); 1], Json<T>);

pub(crate) fn secret<T>(shown: T) -> Secret<T> {
    ([(header::CACHE_CONTROL, "no-store")], Json(shown))
}

/// Shows what the account signs in with, without the secrets.
#[utoipa::path(
    get,
    path = "/api/v1/credentials",
    tag = "credentials",
    responses(
        (status = 200, description = "what is no secret of them", body = wire::Credentials),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    Auth(caller): Auth,
    State(vault): State<Vault>,
) -> Result<Json<wire::Credentials>> {
    Ok(Json(vault.credentials(&caller).await?.into()))
}

/// Replaces the auth token. The one before works on for 24 hours, except for beginning a session
/// and for what hands out secrets; one from before that ends at once. The account's sessions end,
/// but for the one that asks.
#[utoipa::path(
    post,
    path = "/api/v1/credentials/auth_token",
    tag = "credentials",
    responses(
        (status = 200, description = "the new one", body = wire::NewToken,
            headers(("Cache-Control" = String))),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller, or asked with the token of before",
            body = wire::Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn auth_token(
    Auth(caller): Auth,
    State(vault): State<Vault>,
) -> Result<Secret<wire::NewToken>> {
    Ok(secret(vault.replace_auth_token(&caller).await?.into()))
}

/// Replaces the client secret. The one before no longer works; tokens that it helped to get do.
#[utoipa::path(
    post,
    path = "/api/v1/credentials/client_secret",
    tag = "credentials",
    responses(
        (status = 200, description = "the new one", body = wire::NewClientSecret,
            headers(("Cache-Control" = String))),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller, or asked with the token of before",
            body = wire::Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn client_secret(
    Auth(caller): Auth,
    State(vault): State<Vault>,
) -> Result<Secret<wire::NewClientSecret>> {
    Ok(secret(vault.replace_client_secret(&caller).await?.into()))
}

/// Replaces the password of the account's administrator, as that of any user: the one before no
/// longer works, bearer tokens neither, and sessions end, but for the one that asks.
#[utoipa::path(
    post,
    path = "/api/v1/credentials/password",
    tag = "credentials",
    responses(
        (status = 200, description = "the new one", body = wire::NewPassword,
            headers(("Cache-Control" = String))),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller, or asked with the token of before",
            body = wire::Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn password(
    Auth(caller): Auth,
    State(vault): State<Vault>,
) -> Result<Secret<wire::NewPassword>> {
    Ok(secret(vault.replace_administrator_password(&caller).await?.into()))
}
