//! Signing in and out with a cookie, as the console does.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use vault::Vault;

use crate::auth::Auth;
use crate::body::json_object;
use crate::cookie::{Cookie, must_be_own_page, signed_out};
use crate::{Config, Error, Result, wire};

type SetCookie = [(HeaderName, HeaderValue); 1];

/// Begins a session: its cookie is taken here wherever credentials are, but not by the vendors'
/// dialects. It lasts for 7 days, and for 12 hours without being used.
#[utoipa::path(
    post,
    path = "/api/v1/session",
    tag = "session",
    security(()),
    params(("callvault-console" = String, Header, description = "whatever: no other site can send it")),
    request_body = wire::Login,
    responses(
        (status = 200, description = "who signed in; the cookie", body = wire::Session),
        (status = 400, description = "not JSON", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "without the header, or from another site", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "the body is not JSON", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a key that is missing or cannot be used", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 429, description = "too many failed logins", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn begin(
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    web::Source(source): web::Source,
    headers: HeaderMap,
    body: Body,
) -> Result<(SetCookie, Json<wire::Session>)> {
    must_be_own_page(&headers)?;
    let mut object = json_object(&headers, body, &config).await?;
    let mut text = |key| match object.take(key, text)? {
        Some(text) => Ok(text),
        None => Err(Error::invalid(key, "must be given")),
    };
    let (login, password) = (text("login")?, text("password")?);
    object.finish()?;
    let begun = vault.begin_session(source, login.trim(), &password).await.map_err(signed_out)?;
    let cookie = Cookie(begun.token).set(&config);
    Ok(([(SET_COOKIE, cookie)], Json((&begun.caller).into())))
}

/// Shows who is signed in, and what they may do.
#[utoipa::path(
    get,
    path = "/api/v1/session",
    tag = "session",
    responses(
        (status = 200, description = "who is asking", body = wire::Session),
        (status = 204, description = "nobody, told to a page of our own"),
        (status = 401, description = "nobody", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(auth: Result<Auth>) -> Result<Response> {
    match auth {
        Ok(Auth(caller)) => Ok(Json(wire::Session::from(&caller)).into_response()),
        // That nobody has signed in yet is no error to a page that asks whether somebody has.
        Err(Error::SignedOut) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(error) => Err(error),
    }
}

/// Ends the session of the request's cookie.
#[utoipa::path(
    delete,
    path = "/api/v1/session",
    tag = "session",
    responses(
        (status = 204, description = "it has ended"),
        (status = 401, description = "there is none", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "from another site", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn end(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    headers: HeaderMap,
) -> Result<(StatusCode, SetCookie)> {
    if let Some(Cookie(token)) = Cookie::from_headers(&headers, &config) {
        vault.end_session(&caller, &token).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, Cookie::clear(&config))]))
}

/// Ends every session of the user, or of the account, on every machine.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions",
    tag = "session",
    responses(
        (status = 204, description = "they have ended"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "from another site", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn end_all(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
) -> Result<(StatusCode, SetCookie)> {
    vault.end_sessions(&caller).await?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, Cookie::clear(&config))]))
}

fn text(value: &Value) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| "must be text".to_owned())
}
