//! What happens around every request: its id, its log line, its figures, and the end of a handler
//! that panics or takes too long.

mod metered;
mod request_id;
mod tally;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use futures::FutureExt;
use tracing::Instrument;

use self::metered::Metered;
use self::tally::Tally;
use crate::metrics::{Asked, Metrics};

pub use self::request_id::RequestId;

/// One HTTP door, as the layers know it: its name in logs and figures, and how it words a failure
/// that no handler of its own could word.
#[derive(Debug, Clone, Copy)]
pub struct Door {
    pub name: &'static str,
    pub failed: fn(Failure) -> Response,
}

/// Why there is no answer from a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// A bug. It is logged already.
    Panicked,
    /// The time limit passed; the handler was dropped.
    TimedOut,
    /// The caller asks more often than it may; it may ask again after this.
    TooMany { retry_after: Duration },
}

/// Puts a door under watch. Every answer carries `x-request-id`, made here (one from outside is
/// not believed), and one line is logged per request: method, matched route, status, times, bytes;
/// never a path, query, token or number. A panic is answered in the door's words.
pub fn watch<S>(router: Router<S>, door: Door, metrics: &Metrics) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router.layer(from_fn_with_state((door, metrics.clone()), watched))
}

/// Ends handlers that have no answer after `limit`, in the door's words. The body of an answer may
/// take as long as it likes. Not for routes that take uploads: those answer only after the body.
pub fn time_limit<S>(router: Router<S>, door: Door, limit: Duration) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router.layer(from_fn_with_state((door, limit), limited))
}

async fn watched(
    State((door, metrics)): State<(Door, Metrics)>,
    request: Request,
    next: Next,
) -> Response {
    let id = RequestId::random();
    let asked = Asked { door: door.name, route: route(&request), method: method(&request) };
    let span = tracing::info_span!(
        "request",
        request.id = %id,
        http.door = asked.door,
        http.method = asked.method,
        http.route = &*asked.route,
    );
    let mut tally = Tally::begin(asked, &metrics, span.clone());
    let request = request.map(|body| Metered::request(body, tally.received()));
    let answer = async {
        let panicked = match AssertUnwindSafe(next.run(request)).catch_unwind().await {
            Ok(answer) => return answer,
            Err(panicked) => panicked,
        };
        tracing::error!(panic = said(&*panicked), "a handler panicked");
        (door.failed)(Failure::Panicked)
    };
    let mut answer = id.during(answer).instrument(span).await;
    answer.headers_mut().insert(HeaderName::from_static("x-request-id"), id.header());
    tally.answered(&answer);
    Metered::answer(answer, tally)
}

async fn limited(
    State((door, limit)): State<(Door, Duration)>,
    request: Request,
    next: Next,
) -> Response {
    let answer = tokio::time::timeout(limit, next.run(request)).await;
    answer.unwrap_or_else(|_| (door.failed)(Failure::TimedOut))
}

/// The pattern that matched; paths have ids and numbers in them.
fn route(request: &Request) -> Arc<str> {
    match request.extensions().get::<MatchedPath>() {
        Some(path) => Arc::from(path.as_str()),
        None => Arc::from("none"),
    }
}

/// A method's name. A made-up method is not one more label.
fn method(request: &Request) -> &'static str {
    match *request.method() {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn said(panicked: &(dyn std::any::Any + Send)) -> &str {
    if let Some(text) = panicked.downcast_ref::<&'static str>() {
        text
    } else if let Some(text) = panicked.downcast_ref::<String>() {
        text
    } else {
        "something that is not text"
    }
}

#[cfg(test)]
mod tests;
