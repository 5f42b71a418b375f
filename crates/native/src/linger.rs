//! Refusing an upload so that its sender gets to read why.
//!
//! A sender that has not finished sees a broken connection, not the answer, if the server closes
//! while bytes are still on their way. So a refusal goes out at once, and its end only after
//! what is left of the body was thrown away, for a short while.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use tokio::time::timeout;

/// How long the rest of a refused body is waited for in all.
const LONGEST: Duration = Duration::from_secs(10);
/// How long it may stay silent.
const SILENCE: Duration = Duration::from_secs(1);

/// Wraps the handler of an upload.
pub(crate) async fn linger(request: Request, next: Next) -> Response {
    // Who waits for "100 Continue" has sent nothing, and will not after a refusal.
    let waits = request.headers().contains_key(header::EXPECT);
    let (parts, body) = request.into_parts();
    let rest = Rest::of(body);
    let body = Body::from_stream(rest.clone());
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let refused = response.status().is_client_error() || response.status().is_server_error();
    if !refused || rest.ended() {
        return response;
    }
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    if waits {
        return response;
    }
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.map(|said| {
        let swallowed = stream::once(rest.swallow()).filter_map(async |()| None);
        Body::from_stream(said.into_data_stream().chain(swallowed))
    })
}

/// What is left of a request's body, shared by its handler and whoever swallows the rest.
#[derive(Clone)]
struct Rest(Arc<Mutex<Left>>);

struct Left {
    body: BodyDataStream,
    ended: bool,
}

impl Rest {
    fn of(body: Body) -> Self {
        let ended = body.is_end_stream();
        Self(Arc::new(Mutex::new(Left { body: body.into_data_stream(), ended })))
    }

    fn left(&self) -> MutexGuard<'_, Left> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ended(&self) -> bool {
        let left = self.left();
        left.ended || left.body.is_end_stream()
    }

    async fn swallow(mut self) {
        let all = async { while let Ok(Some(Ok(_))) = timeout(SILENCE, self.next()).await {} };
        let _ = timeout(LONGEST, all).await;
    }
}

impl Stream for Rest {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut left = self.left();
        let piece = left.body.poll_next_unpin(cx);
        left.ended |= matches!(piece, Poll::Ready(None | Some(Err(_))));
        piece
    }
}
