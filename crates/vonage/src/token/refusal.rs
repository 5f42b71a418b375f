//! Why there is no token: `{"error", "error_description"}` of RFC 6749, section 5.2.

use axum::Json;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A refusal, and its answer.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Something is missing, repeated or contradicts itself.
    Invalid(&'static str),
    /// Another grant than ours.
    UnsupportedGrant,
    /// The client did not sign in, or wrongly.
    Client,
    /// The login, password or refresh token is wrong, too old, used, or another client's.
    Grant,
    WrongMethod,
    Vault(vault::Error),
}

#[derive(Debug, Serialize)]
struct Body {
    error: &'static str,
    error_description: &'static str,
}

impl Refusal {
    pub(crate) fn of_client(error: vault::Error) -> Self {
        match error {
            vault::Error::BadCredentials => Self::Client,
            other => Self::Vault(other),
        }
    }

    pub(crate) fn of_grant(error: vault::Error) -> Self {
        match error {
            vault::Error::BadCredentials => Self::Grant,
            other => Self::Vault(other),
        }
    }

    fn answer(&self) -> (StatusCode, Body) {
        use vault::Error as Vault;
        let (status, error, error_description) = match self {
            Self::Invalid(why) => (StatusCode::BAD_REQUEST, "invalid_request", *why),
            Self::UnsupportedGrant => (
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "grant_type must be password or refresh_token",
            ),
            Self::Client => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "the client_id or the client_secret is missing or wrong",
            ),
            Self::Grant => (
                StatusCode::BAD_REQUEST,
                "invalid_grant",
                "the login and password, or the refresh token, are wrong or do not work any more",
            ),
            Self::WrongMethod => {
                (StatusCode::METHOD_NOT_ALLOWED, "invalid_request", "the method must be POST")
            }
            Self::Vault(Vault::TooMany { what, .. }) => {
                (StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", *what)
            }
            Self::Vault(Vault::Unavailable { .. } | Vault::NoSpace) => {
                (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", "try again later")
            }
            Self::Vault(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "server_error", "something went wrong inside")
            }
        };
        (status, Body { error, error_description })
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, body) = self.answer();
        if status.is_server_error() {
            tracing::error!(status = status.as_u16(), error = ?self, "no token");
        }
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Self::Client => {
                let basic = HeaderValue::from_static("Basic realm=\"callvault\"");
                headers.insert(WWW_AUTHENTICATE, basic);
            }
            Self::Vault(
                vault::Error::TooMany { retry_after, .. }
                | vault::Error::Unavailable { retry_after, .. },
            ) => {
                // In whole seconds, and never too early.
                let seconds = retry_after.as_millis().div_ceil(1000).max(1);
                let seconds = u64::try_from(seconds).unwrap_or(60);
                headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            _ => {}
        }
        response
    }
}
