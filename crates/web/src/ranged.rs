//! Audio, and zips of it, over HTTP: whole, in part, or not again, for every dialect alike.
//!
//! RFC 9110, sections 13 (conditions) and 14 (ranges). Decided here:
//! - One range is served; several are answered with the whole, as section 14.2 allows. No player
//!   or downloader of audio asks for several.
//! - A `Range` that cannot be read is ignored, as is any on HEAD, for which none is defined.
//! - There is no `Last-Modified`: the audio under one URL may be replaced (by its denoised form)
//!   without a date to show for it. Conditions on dates are ignored; the etag tells all.
//! - `Cache-Control: no-cache`, `private` too where a login is needed: a client may keep the audio
//!   but asks each time, so that what is deleted, or behind a login by now, is not played again.

mod etag;
mod file_name;
mod range;

use std::ops::Range;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE,
    ETAG, IF_MATCH, IF_NONE_MATCH, IF_RANGE, RANGE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use futures::TryStreamExt;
use vault::{Audio, AudioStream, ExportZip};

use self::range::Asked;

/// Why there is no audio in the answer. Each dialect has its own words for it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// 416, with `Content-Range: bytes */length`: see [`unsatisfied`].
    #[error("the range is not within the {length} bytes of the audio")]
    NotSatisfiable { length: u64 },
    /// 412: an `If-Match` that does not match.
    #[error("the audio is not the one of If-Match")]
    ConditionFailed,
    #[error(transparent)]
    Vault(#[from] vault::Error),
}

/// What can be sent whole or in part.
pub trait Content: Sync {
    fn length(&self) -> u64;
    /// A strong validator, without quotes.
    fn etag(&self) -> &str;
    fn content_type(&self) -> &'static str;
    /// Whether no cache may keep it for others.
    fn private(&self) -> bool;
    /// Its `Content-Disposition`, in visible ASCII.
    fn disposition(&self) -> String;
    /// Reads a part, in order. The range must lie within the length.
    fn read(&self, range: Range<u64>) -> impl Future<Output = vault::Result<AudioStream>> + Send;
}

impl Content for Audio {
    fn length(&self) -> u64 {
        self.length
    }

    fn etag(&self) -> &str {
        &self.etag
    }

    fn content_type(&self) -> &'static str {
        self.content_type
    }

    fn private(&self) -> bool {
        self.private
    }

    fn disposition(&self) -> String {
        file_name::inline(&file_name::of(&self.recording, self.extension))
    }

    async fn read(&self, range: Range<u64>) -> vault::Result<AudioStream> {
        self.read(range).await
    }
}

impl Content for ExportZip {
    fn length(&self) -> u64 {
        self.length
    }

    fn etag(&self) -> &str {
        &self.etag
    }

    fn content_type(&self) -> &'static str {
        "application/zip"
    }

    fn private(&self) -> bool {
        true
    }

    fn disposition(&self) -> String {
        format!("attachment; filename=\"{}\"", self.file_name)
    }

    async fn read(&self, range: Range<u64>) -> vault::Result<AudioStream> {
        Ok(self.read(range))
    }
}

/// What of the audio to send.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Whole,
    /// 206 with these bytes.
    Some(Range<u64>),
    /// 304.
    Nothing,
}

/// Answers GET or HEAD with audio: 200, 206 or 304.
pub async fn answer(
    method: &Method,
    headers: &HeaderMap,
    audio: impl Content,
) -> Result<Response, Error> {
    let (etag, whole) = (format!("\"{}\"", audio.etag()), audio.length());
    let part = choose(method, headers, &etag, whole)?;
    let mut answer = Response::new(Body::empty());
    describe(answer.headers_mut(), &audio);
    let bytes = match part {
        Part::Nothing => {
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            answer.headers_mut().remove(CONTENT_TYPE);
            answer.headers_mut().remove(CONTENT_DISPOSITION);
            return Ok(answer);
        }
        Part::Whole => 0..whole,
        Part::Some(bytes) => {
            *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
            let last = bytes.end.saturating_sub(1);
            let range = format!("bytes {}-{last}/{whole}", bytes.start);
            answer.headers_mut().insert(CONTENT_RANGE, plain(&range));
            bytes
        }
    };
    let length = bytes.end - bytes.start;
    answer.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    if method != Method::HEAD {
        // Too late for another status: the connection breaks, and the client sees it fall short.
        let stream = audio.read(bytes).await?.inspect_err(|error| {
            tracing::error!(error = error as &dyn std::error::Error, "audio broke off");
        });
        *answer.body_mut() = Body::from_stream(stream);
    }
    Ok(answer)
}

/// The `Content-Range` of a 416.
pub fn unsatisfied(length: u64) -> HeaderValue {
    plain(&format!("bytes */{length}"))
}

/// Weighs conditions and range in the order of RFC 9110, section 13.2.2. `etag` has its quotes.
fn choose(method: &Method, headers: &HeaderMap, etag: &str, length: u64) -> Result<Part, Error> {
    if headers.contains_key(IF_MATCH) && !etag::any_strong(&headers.get_all(IF_MATCH), etag) {
        return Err(Error::ConditionFailed);
    }
    if etag::any_weak(&headers.get_all(IF_NONE_MATCH), etag) {
        return Ok(Part::Nothing);
    }
    // A date in `If-Range` matches nothing, since no date was given out.
    let still = headers.get(IF_RANGE).is_none_or(|value| etag::same_strong(value, etag));
    if method != Method::GET || !still {
        return Ok(Part::Whole);
    }
    let mut ranges = headers.get_all(RANGE).iter();
    let (Some(range), None) = (ranges.next(), ranges.next()) else {
        return Ok(Part::Whole);
    };
    match range::read(range.as_bytes(), length) {
        Asked::Ignored => Ok(Part::Whole),
        Asked::Bytes(bytes) => Ok(Part::Some(bytes)),
        Asked::Beyond => Err(Error::NotSatisfiable { length }),
    }
}

fn describe(headers: &mut HeaderMap, audio: &impl Content) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(audio.content_type()));
    headers.insert(ETAG, plain(&format!("\"{}\"", audio.etag())));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let cache = if audio.private() { "private, no-cache" } else { "no-cache" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(CONTENT_DISPOSITION, plain(&audio.disposition()));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// A value made of our own visible ASCII.
fn plain(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests;
