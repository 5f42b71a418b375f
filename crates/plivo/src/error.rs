//! What goes wrong, and how Plivo says so. The one place where an error's body is made.

use std::borrow::Cow;
use std::time::Duration;

use axum::Json;
use axum::http::header::{CONTENT_RANGE, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::wire;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request was not served.
///
/// Its answer is a JSON object with `api_id` and `error`, except for a 401. It is never empty: one
/// SDK takes an empty 404 for a success (`quirks.rs`).
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Vault(#[from] vault::Error),
    /// 400, naming the parameter as the client wrote it.
    #[error("{name} {why}")]
    BadParameter { name: String, why: Cow<'static, str> },
    #[error("method not allowed")]
    MethodNotAllowed,
    #[error("range not satisfiable")]
    RangeNotSatisfiable { length: u64 },
    #[error("precondition failed")]
    PreconditionFailed,
    /// What went wrong around the handler.
    #[error("{}", around(*.0))]
    Failed(web::Failure),
}

impl Error {
    pub(crate) fn parameter(name: &str, why: impl Into<Cow<'static, str>>) -> Self {
        Self::BadParameter { name: name.to_owned(), why: why.into() }
    }
}

impl From<web::ranged::Error> for Error {
    fn from(error: web::ranged::Error) -> Self {
        match error {
            web::ranged::Error::NotSatisfiable { length } => Self::RangeNotSatisfiable { length },
            web::ranged::Error::ConditionFailed => Self::PreconditionFailed,
            web::ranged::Error::Vault(error) => Self::Vault(error),
        }
    }
}

/// The body of every 401, on the live service too, where it is not JSON.
const UNAUTHORIZED: &str = "Could not verify your access level for that URL.\n\
                            You have to login with proper credentials";

/// How long to wait where nothing says how long.
const A_WHILE: Duration = Duration::from_secs(5);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = self.status();
        if status == StatusCode::UNAUTHORIZED {
            return unauthorized();
        }
        if status.is_server_error() {
            self.log();
        }
        let (_, body) = self.answer();
        let mut answer = (status, Json(body)).into_response();
        let headers = answer.headers_mut();
        if let Some(wait) = self.retry_after() {
            // In whole seconds, and never too early.
            let seconds = wait.as_millis().div_ceil(1000).max(1);
            headers.insert(RETRY_AFTER, HeaderValue::from(u64::try_from(seconds).unwrap_or(60)));
        }
        if let Self::RangeNotSatisfiable { length } = self {
            headers.insert(CONTENT_RANGE, web::ranged::unsatisfied(length));
        }
        answer
    }
}

impl Error {
    /// Its status, and its body where that is not a 401's.
    pub(crate) fn answer(&self) -> (StatusCode, wire::Failure) {
        let status = self.status();
        (status, wire::Failure { api_id: wire::api_id(), error: self.words(status) })
    }

    fn status(&self) -> StatusCode {
        use vault::Error as Vault;
        match self {
            Self::BadParameter { .. } => StatusCode::BAD_REQUEST,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RangeNotSatisfiable { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::Failed(web::Failure::TimedOut) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed(web::Failure::Panicked) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Failed(web::Failure::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
            Self::Vault(error) => match error {
                Vault::NotFound | Vault::NoSuchForm(_) | Vault::NoAudio => StatusCode::NOT_FOUND,
                Vault::BadCredentials => StatusCode::UNAUTHORIZED,
                Vault::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
                Vault::Forbidden(_) | Vault::Kept(_) => StatusCode::FORBIDDEN,
                Vault::Invalid { .. } | Vault::NotAudio(_) => StatusCode::BAD_REQUEST,
                Vault::Conflict(_) => StatusCode::CONFLICT,
                Vault::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
                Vault::NoSpace | Vault::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
                Vault::Internal(_) | Vault::Damaged(_) => StatusCode::INTERNAL_SERVER_ERROR,
            },
        }
    }

    /// What the client reads. Of our own trouble it learns no more than that there is some.
    fn words(&self, status: StatusCode) -> String {
        if let Self::Vault(vault::Error::Damaged(_)) = self {
            return "the recording is damaged".to_owned();
        }
        match status {
            StatusCode::SERVICE_UNAVAILABLE => "service unavailable, try again later".to_owned(),
            status if status.is_server_error() => "internal server error".to_owned(),
            _ => self.to_string(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Vault(
                vault::Error::Unavailable { retry_after, .. }
                | vault::Error::TooMany { retry_after, .. },
            )
            | Self::Failed(web::Failure::TooMany { retry_after }) => Some(*retry_after),
            error if error.status() == StatusCode::SERVICE_UNAVAILABLE => Some(A_WHILE),
            _ => None,
        }
    }

    fn log(&self) {
        match self {
            Self::Failed(web::Failure::Panicked) => {} // Logged where it was caught.
            Self::Vault(vault::Error::Internal(error)) => {
                tracing::error!(error = format!("{error:#}"), "internal error");
            }
            error => tracing::error!(error = error.to_string(), "cannot serve"),
        }
    }
}

fn around(failure: web::Failure) -> &'static str {
    match failure {
        web::Failure::Panicked => "a handler panicked",
        web::Failure::TimedOut => "no answer in time",
        web::Failure::TooMany { .. } => "too many requests",
    }
}

/// Dresses what went wrong around a handler, for [`web::Door`].
pub(crate) fn failed(failure: web::Failure) -> Response {
    Error::Failed(failure).into_response()
}

fn unauthorized() -> Response {
    let headers = [
        (WWW_AUTHENTICATE, r#"Basic realm="Login Required""#),
        (CONTENT_TYPE, "text/html; charset=utf-8"),
    ];
    (StatusCode::UNAUTHORIZED, headers, UNAUTHORIZED).into_response()
}

#[cfg(test)]
mod tests;
