//! The account of one request, from its head to the last byte of the answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::response::Response;
use hyper::body::Body as _;
use prometheus_client::metrics::counter::Counter;
use tracing::Span;

use crate::metrics::{Answered, Asked, Metrics, Through};

/// Counts while the request goes on and writes its log line when dropped: after the last byte, or
/// when the client has left.
pub(super) struct Tally {
    asked: Asked,
    metrics: Metrics,
    span: Span,
    started: Instant,
    answered: Option<(StatusCode, Duration)>,
    received: Bytes,
    sent: Bytes,
    /// How long the body of the answer is going to be, where that is known.
    expected: Option<u64>,
    /// Whether the body of the answer came to its end.
    ended: bool,
}

/// Bytes of one request, added to those of its door as they pass.
#[derive(Clone)]
pub(super) struct Bytes {
    mine: Arc<AtomicU64>,
    all: Counter,
}

impl Bytes {
    fn none_yet(all: Counter) -> Self {
        Self { mine: Arc::default(), all }
    }

    pub(super) fn add(&self, bytes: usize) {
        let bytes = bytes as u64;
        self.mine.fetch_add(bytes, Ordering::Relaxed);
        self.all.inc_by(bytes);
    }

    fn count(&self) -> u64 {
        self.mine.load(Ordering::Relaxed)
    }
}

impl Tally {
    pub(super) fn begin(asked: Asked, metrics: &Metrics, span: Span) -> Self {
        let through = Through { door: asked.door };
        Self {
            received: Bytes::none_yet(metrics.http.received_bytes.get_or_create_owned(&through)),
            sent: Bytes::none_yet(metrics.http.sent_bytes.get_or_create_owned(&through)),
            asked,
            metrics: metrics.clone(),
            span,
            started: Instant::now(),
            answered: None,
            expected: None,
            ended: false,
        }
    }

    pub(super) fn received(&self) -> Bytes {
        self.received.clone()
    }

    pub(super) fn sent(&self) -> &Bytes {
        &self.sent
    }

    /// The head of the answer is there.
    pub(super) fn answered(&mut self, answer: &Response) {
        let took = self.started.elapsed();
        self.answered = Some((answer.status(), took));
        self.expected = content_length(answer).or(answer.size_hint().exact());
        // The body of an answer to HEAD is dropped unread.
        self.ended = self.asked.method == "HEAD" || answer.body().is_end_stream();
        self.metrics.http.seconds.get_or_create(&self.asked).observe(took.as_secs_f64());
    }
}

impl Tally {
    /// The answer's body is over.
    pub(super) fn ended(&mut self) {
        self.ended = true;
    }

    /// Whether all of the answer was given out. A server need not ask a body of known length for
    /// its end.
    fn complete(&self) -> bool {
        self.ended || self.expected == Some(self.sent.count())
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        let answered = Answered {
            door: self.asked.door,
            route: Arc::clone(&self.asked.route),
            method: self.asked.method,
            status: self.answered.map_or("none", |(status, _)| class(status)),
        };
        self.metrics.http.requests.get_or_create(&answered).inc();
        let bytes_received = self.received.count();
        let bytes_sent = self.sent.count();
        let total_ms = self.started.elapsed().as_millis();
        // Where there was no answer the client has left: no status, no time of an answer.
        let (status, took) = self.answered.unzip();
        tracing::info!(
            parent: &self.span,
            http.status = status.map(|status| status.as_u16()),
            duration_ms = took.map(|took| took.as_millis()),
            total_ms,
            bytes.received = bytes_received,
            bytes.sent = bytes_sent,
            complete = self.complete(),
            "request"
        );
    }
}

fn content_length(answer: &Response) -> Option<u64> {
    answer.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}
