//! What the API answers when it does not do what it was asked: the one place of error bodies.
//!
//! The vendor documents none for this API. Ours is `{"status", "title", "detail"}`, as JSON and
//! never empty: a client that reads an empty body as JSON breaks, or takes it for "nothing there".

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use web::Failure;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Vault(#[from] vault::Error),
    /// No route has this path.
    #[error("there is nothing at this path")]
    NoRoute,
    /// The path is there, for other methods.
    #[error("this path does not have this method")]
    MethodNotAllowed,
    /// The account of the path is another one than the token's.
    #[error("User is not permitted to make a request against this account")]
    OtherAccount,
    /// A user who is no administrator asks for what is the company's.
    #[error("User is not authorized to search CCR recordings for this account")]
    NotTheCompanys,
    /// A parameter, or a member of a body, that cannot be used, and why.
    #[error("{name} {why}")]
    Parameter { name: String, why: String },
    /// A body that cannot be read, and why.
    #[error("{0}")]
    Malformed(String),
    /// A range beyond the audio.
    #[error("the range is not within the {length} bytes of the audio")]
    NotSatisfiable { length: u64 },
    /// An `If-Match` that does not match.
    #[error("the audio is not the one of If-Match")]
    ConditionFailed,
    /// No handler had an answer.
    #[error("{0:?}")]
    Failed(Failure),
}

#[derive(Serialize)]
struct Problem {
    status: u16,
    title: &'static str,
    detail: String,
}

impl Error {
    pub(crate) fn parameter(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Parameter { name: name.into(), why: why.into() }
    }

    fn status(&self) -> StatusCode {
        use vault::Error as V;
        match self {
            Self::NoRoute | Self::Vault(V::NotFound | V::NoAudio) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::OtherAccount
            | Self::NotTheCompanys
            | Self::Vault(V::Forbidden(_) | V::Kept(_)) => StatusCode::FORBIDDEN,
            Self::Parameter { .. } | Self::Malformed(_) | Self::Vault(V::Invalid { .. }) => {
                StatusCode::BAD_REQUEST
            }
            Self::NotSatisfiable { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::ConditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::Vault(V::BadCredentials) => StatusCode::UNAUTHORIZED,
            Self::Vault(V::Conflict(_)) => StatusCode::CONFLICT,
            Self::Vault(V::NotAudio(_) | V::NoSuchForm(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Vault(V::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Vault(V::NoSpace) => StatusCode::INSUFFICIENT_STORAGE,
            Self::Vault(V::Unavailable { .. }) | Self::Failed(Failure::TimedOut) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Vault(V::TooMany { .. }) | Self::Failed(Failure::TooMany { .. }) => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::Vault(V::Internal(_) | V::Damaged(_)) | Self::Failed(Failure::Panicked) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// What the client reads. Of our own faults it learns nothing but that they are ours.
    fn detail(&self) -> String {
        match self {
            Self::Vault(vault::Error::BadCredentials) => {
                "the access token is missing, unknown or too old".to_owned()
            }
            Self::Vault(vault::Error::Internal(_)) | Self::Failed(Failure::Panicked) => {
                "something went wrong inside".to_owned()
            }
            Self::Vault(vault::Error::Unavailable { .. }) | Self::Failed(Failure::TimedOut) => {
                "try again later".to_owned()
            }
            Self::Failed(Failure::TooMany { .. }) => "too many requests".to_owned(),
            other => other.to_string(),
        }
    }

    /// After how many whole seconds to come again; never too early.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Vault(
                vault::Error::Unavailable { retry_after, .. }
                | vault::Error::TooMany { retry_after, .. },
            )
            | Self::Failed(Failure::TooMany { retry_after }) => {
                u64::try_from(retry_after.as_millis().div_ceil(1000).max(1)).ok()
            }
            Self::Failed(Failure::TimedOut) => Some(5),
            _ => None,
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_server_error() && !matches!(self, Self::Failed(Failure::Panicked)) {
            // Once, here; the span of the request carries its id. A panic is logged already.
            tracing::error!(status = status.as_u16(), error = ?self, "request failed");
        }
        let title = match &self {
            Self::Vault(vault::Error::BadCredentials) => "Problem with provided token",
            _ => status.canonical_reason().unwrap_or("Error"),
        };
        let problem = Problem { status: status.as_u16(), title, detail: self.detail() };
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        match self {
            Self::Vault(vault::Error::BadCredentials) => {
                let bearer = HeaderValue::from_static("Bearer realm=\"callvault\"");
                headers.insert(header::WWW_AUTHENTICATE, bearer);
            }
            Self::NotSatisfiable { length } => {
                headers.insert(header::CONTENT_RANGE, web::ranged::unsatisfied(length));
            }
            _ => {}
        }
        response
    }
}

impl From<web::ranged::Error> for Error {
    fn from(error: web::ranged::Error) -> Self {
        match error {
            web::ranged::Error::NotSatisfiable { length } => Self::NotSatisfiable { length },
            web::ranged::Error::ConditionFailed => Self::ConditionFailed,
            web::ranged::Error::Vault(error) => Self::Vault(error),
        }
    }
}

/// How this door words what no handler of its own could.
pub(crate) fn failed(failure: Failure) -> Response {
    Error::Failed(failure).into_response()
}
