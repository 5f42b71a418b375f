//! Bodies that are counted as they pass.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use super::tally::{self, Tally};

/// A body, and what is kept of its passing.
pub(super) struct Metered<M> {
    body: Body,
    meter: M,
    /// Whether the length is kept to itself.
    lengthless: bool,
}

pub(super) trait Meter: Unpin {
    fn passed(&mut self, bytes: usize);
    fn ended(&mut self) {}
}

impl Meter for tally::Bytes {
    fn passed(&mut self, bytes: usize) {
        self.add(bytes);
    }
}

impl Meter for Tally {
    fn passed(&mut self, bytes: usize) {
        self.sent().add(bytes);
    }

    fn ended(&mut self) {
        Tally::ended(self);
    }
}

impl Metered<tally::Bytes> {
    pub(super) fn request(body: Body, meter: tally::Bytes) -> Body {
        Body::new(Self { body, meter, lengthless: false })
    }
}

impl Metered<Tally> {
    /// An answer whose body is counted.
    pub(super) fn answer(answer: Response, tally: Tally) -> Response {
        // The router writes `content-length: 0` for a body of known length. That is wrong with
        // 204 (RFC 9110, section 8.6) and with 304, where it would speak of the audio.
        let lengthless =
            matches!(answer.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        answer.map(|body| Body::new(Self { body, meter: tally, lengthless }))
    }
}

impl<M: Meter> hyper::body::Body for Metered<M> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => self.meter.passed(frame.data_ref().map_or(0, Bytes::len)),
            Some(Err(_)) => {}
            None => self.meter.ended(),
        }
        // The server stops asking at the end of the stream, not only at `None`.
        if self.body.is_end_stream() {
            self.meter.ended();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.lengthless { SizeHint::default() } else { self.body.size_hint() }
    }
}
