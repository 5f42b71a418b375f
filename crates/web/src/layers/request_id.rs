//! The name of one request.

use std::fmt;
use std::future::Future;

use axum::http::HeaderValue;
use uuid::Uuid;

tokio::task_local! {
    static CURRENT: RequestId;
}

/// A request's id: a random UUID, in the log, in `x-request-id`, and in the bodies of dialects
/// that show one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(Uuid);

impl RequestId {
    pub(super) fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// The id of the request that is being answered; a new one outside of [`super::watch`].
    ///
    /// Errors turn into answers without a request at hand, which is why this comes with the task
    /// and not as an argument.
    pub fn current() -> Self {
        CURRENT.try_with(|id| *id).unwrap_or_else(|_| Self::random())
    }

    pub(super) fn during<F: Future>(self, work: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, work)
    }

    pub(super) fn header(self) -> HeaderValue {
        HeaderValue::from_str(&self.to_string()).expect("a UUID is plain text")
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}
