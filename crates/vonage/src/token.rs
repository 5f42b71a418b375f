//! Where tokens are to be had: OAuth 2.0 (RFC 6749) with the password and refresh-token grants.

mod form;
mod refusal;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ALLOW, CACHE_CONTROL, PRAGMA};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use vault::Vault;

use self::form::{Form, Grant};
use self::refusal::Refusal;

/// Far more than any form has.
const LARGEST: usize = 16 * 1024;

/// The answer, RFC 6749, section 5.1.
#[derive(Debug, Serialize)]
struct Granted {
    access_token: String,
    /// Works once.
    refresh_token: String,
    scope: &'static str,
    token_type: &'static str,
    /// In seconds.
    expires_in: u64,
}

/// Trades a login and password, or a refresh token, for an access token of 24 hours and a refresh
/// token of 7 days. The client signs in by the form, or by HTTP Basic.
///
/// 200; 400 and 401 with the errors of RFC 6749, section 5.2; 429 to a source that guesses.
pub(crate) async fn post(
    State(vault): State<Vault>,
    web::Source(source): web::Source,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let too_large = |_| Refusal::Invalid("the form is too large or broke off");
    let body = to_bytes(body, LARGEST).await.map_err(too_large)?;
    let form = Form::read(&body, web::Basic::from_headers(&headers))?;
    let client = vault.client(source, &form.client_id, &form.client_secret).await;
    let client = client.map_err(Refusal::of_client)?;
    let tokens = match &form.grant {
        Grant::Password { username, password } => {
            vault.tokens_for_password(source, client, username, password).await
        }
        Grant::Refresh { token } => vault.tokens_for_refresh(client, token).await,
    };
    let tokens = tokens.map_err(Refusal::of_grant)?;
    let granted = Granted {
        access_token: tokens.access_token,
        refresh_token: tokens.refresh_token,
        scope: if form.openid { "openid" } else { "default" },
        token_type: "Bearer",
        expires_in: tokens.expires_in.as_secs(),
    };
    let headers = [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")];
    Ok((headers, Json(granted)).into_response())
}

pub(crate) async fn wrong_method() -> Response {
    ([(ALLOW, "POST")], Refusal::WrongMethod).into_response()
}
