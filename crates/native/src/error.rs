//! What the API answers when it does not do what it was asked: the one place of problem bodies.
//!
//! <https://www.rfc-editor.org/rfc/rfc9457>

use axum::Json;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use web::Failure;

use crate::wire;

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
    #[error("{0} is not a method of this path")]
    WrongMethod(Method),
    /// The request cannot be read at all, and why.
    #[error("{0}")]
    Malformed(String),
    /// The body stayed silent for too long.
    #[error("the body stayed silent for too long")]
    Idle,
    /// A body of more bytes than this route takes.
    #[error("the body is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    /// A body of another type than this route takes.
    #[error("the body must be {0}")]
    WrongType(&'static str),
    /// A range beyond the audio.
    #[error("the range is not within the {length} bytes of the audio")]
    NotSatisfiable { length: u64 },
    /// An `If-Match` that does not match.
    #[error("the audio is not the one of If-Match")]
    ConditionFailed,
    /// Nobody is signed in, told to a page of our own.
    #[error("bad credentials")]
    SignedOut,
    /// A cookie alone is not enough to change something: another site may have had it sent.
    #[error("needs the header callvault-console, and to come from this origin")]
    Forged,
    /// No handler had an answer.
    #[error("{0:?}")]
    Failed(Failure),
    /// A parameter, part or key that cannot be used, and why.
    #[error("{field}: {why}")]
    Invalid { field: String, why: String },
}

impl Error {
    pub(crate) fn invalid(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), why: why.into() }
    }

    fn status(&self) -> StatusCode {
        use vault::Error as V;
        match self {
            Self::NoRoute | Self::Vault(V::NotFound) => StatusCode::NOT_FOUND,
            Self::WrongMethod(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Idle => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge { .. } | Self::Vault(V::TooLarge { .. }) => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            Self::WrongType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotSatisfiable { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::ConditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::Invalid { .. }
            | Self::Vault(V::Invalid { .. } | V::NotAudio(_) | V::NoSuchForm(_)) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::SignedOut | Self::Vault(V::BadCredentials) => StatusCode::UNAUTHORIZED,
            Self::Forged | Self::Vault(V::Forbidden(_) | V::Kept(_)) => StatusCode::FORBIDDEN,
            Self::Vault(V::Conflict(_)) => StatusCode::CONFLICT,
            Self::Vault(V::NoAudio) => StatusCode::GONE,
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

    fn field(&self) -> Option<&str> {
        match self {
            Self::Invalid { field, .. } => Some(field),
            Self::Vault(vault::Error::Invalid { what, .. }) => Some(what),
            Self::Vault(vault::Error::NotAudio(_)) => Some("file"),
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
        let problem = wire::Problem {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: self.detail(),
            field: self.field().map(str::to_owned),
        };
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match self {
            Self::Vault(vault::Error::BadCredentials) => {
                headers.insert(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static("Basic realm=\"callvault\", charset=\"UTF-8\""),
                );
            }
            Self::NotSatisfiable { length } => {
                headers.insert(header::CONTENT_RANGE, web::ranged::unsatisfied(length));
            }
            Self::Vault(
                vault::Error::Unavailable { retry_after, .. }
                | vault::Error::TooMany { retry_after, .. },
            )
            | Self::Failed(Failure::TooMany { retry_after }) => {
                // In whole seconds, and never too early.
                let seconds = retry_after.as_millis().div_ceil(1000).max(1);
                let seconds = u64::try_from(seconds).unwrap_or(60);
                headers.insert(header::RETRY_AFTER, seconds.into());
            }
            Self::Failed(Failure::TimedOut) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
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

/// Answers what no route has.
pub(crate) async fn not_found() -> Error {
    Error::NoRoute
}

/// Answers a method that a path does not have; `Allow` is set by the router.
pub(crate) async fn wrong_method(method: Method) -> Error {
    Error::WrongMethod(method)
}

#[cfg(test)]
mod tests;
