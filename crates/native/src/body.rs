//! Request bodies, held to a size and to a pace.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::object::Object;
use crate::{Config, Error};

/// Why a body could not be read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Broken {
    #[error("cut off")]
    CutOff,
    #[error("silent")]
    Idle,
    #[error("too large")]
    TooLarge { limit: u64 },
    /// More bytes than [`LOOSE`] between two parts.
    #[error("loose bytes")]
    Loose,
}

impl From<Broken> for Error {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::CutOff => Self::Malformed("the body ends too early".to_owned()),
            Broken::Idle => Self::Idle,
            Broken::TooLarge { limit } => Self::TooLarge { limit },
            Broken::Loose => {
                Self::Malformed("the head of a part is larger than 65536 bytes".to_owned())
            }
        }
    }
}

/// How many bytes may come without being part of anything: the most that whoever takes the
/// stream apart has to hold at once, beside one piece.
const LOOSE: u64 = 64 * 1024;

/// A body as a stream that ends with [`Broken`] where it is too large, or silent for too long:
/// the time that counts is that without any bytes, so that a slow line may take as long as it
/// needs. It yields after every piece, so that a reader which polls until there is no more does
/// not gather the whole body.
pub(crate) struct Paced {
    body: BodyDataStream,
    limit: u64,
    seen: u64,
    idle: Duration,
    patience: Option<Pin<Box<Sleep>>>,
    yielding: bool,
    loose: Loose,
}

/// Counts bytes that are not part of anything yet; whoever takes the stream apart clears it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loose(Arc<AtomicU64>);

impl Loose {
    pub(crate) fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

impl Paced {
    pub(crate) fn new(body: Body, limit: u64, idle: Duration) -> Self {
        Self {
            body: body.into_data_stream(),
            limit,
            seen: 0,
            idle,
            patience: None,
            yielding: false,
            loose: Loose::default(),
        }
    }

    pub(crate) fn loose(&self) -> Loose {
        self.loose.clone()
    }
}

impl Stream for Paced {
    type Item = Result<Bytes, Broken>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.yielding) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.loose.0.load(Ordering::Relaxed) > LOOSE {
            return Poll::Ready(Some(Err(Broken::Loose)));
        }
        let Poll::Ready(piece) = self.body.poll_next_unpin(cx) else {
            let idle = self.idle;
            let patience =
                self.patience.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + idle)));
            return patience.as_mut().poll(cx).map(|()| Some(Err(Broken::Idle)));
        };
        self.patience = None;
        self.yielding = true;
        Poll::Ready(match piece {
            None => None,
            Some(Err(_)) => Some(Err(Broken::CutOff)),
            Some(Ok(bytes)) => {
                let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                self.seen = self.seen.saturating_add(length);
                self.loose.0.fetch_add(length, Ordering::Relaxed);
                if self.seen > self.limit {
                    Some(Err(Broken::TooLarge { limit: self.limit }))
                } else {
                    Some(Ok(bytes))
                }
            }
        })
    }
}

/// Reads a small body whole.
pub(crate) async fn whole(body: Body, limit: u64, idle: Duration) -> Result<Bytes, Error> {
    let mut paced = Paced::new(body, limit, idle);
    let mut bytes = BytesMut::new();
    while let Some(piece) = paced.next().await {
        // Here nothing is loose: the limit on the whole is enough.
        paced.loose.clear();
        bytes.extend_from_slice(&piece?);
    }
    Ok(bytes.freeze())
}

/// The most bytes that a JSON body may have.
const JSON_LIMIT: u64 = 64 * 1024;

/// Reads a JSON object that a request has as its body.
pub(crate) async fn json_object(
    headers: &HeaderMap,
    body: Body,
    config: &Config,
) -> Result<Object, Error> {
    if media_type(headers) != "application/json" {
        return Err(Error::WrongType("application/json"));
    }
    refuse_announced(headers, JSON_LIMIT)?;
    Object::parse(&whole(body, JSON_LIMIT, config.body_idle).await?)
}

/// The same where there need be no body.
pub(crate) async fn json_object_or_nothing(
    headers: &HeaderMap,
    body: Body,
    config: &Config,
) -> Result<Object, Error> {
    if media_type(headers).is_empty() {
        refuse_announced(headers, JSON_LIMIT)?;
        if whole(body, JSON_LIMIT, config.body_idle).await?.is_empty() {
            return Object::parse(b"{}");
        }
        return Err(Error::WrongType("application/json"));
    }
    json_object(headers, body, config).await
}

/// Refuses a body that says beforehand that it is too large.
pub(crate) fn refuse_announced(headers: &HeaderMap, limit: u64) -> Result<(), Error> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    match announced.map(str::parse::<u64>) {
        Some(Ok(length)) if length > limit => Err(Error::TooLarge { limit }),
        _ => Ok(()),
    }
}

/// The media type of a body: lower case, without its parameters; empty where none is given.
pub(crate) fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests;
