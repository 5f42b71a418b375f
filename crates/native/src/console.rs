//! The web console: the files of `console/`, built by npm and part of the program, and the headers
//! that keep them to themselves.
//!
//! The pages are made in the browser, of what our own API answers; the server hands out files only.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use uuid::Uuid;

use crate::{Error, Result, State};

/// A file of the console, and the same compressed beforehand.
struct File {
    /// Below `/console/`.
    path: &'static str,
    bytes: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/console.rs"));

/// Files whose names have a hash in them.
const ASSETS: &str = "assets/";
const PAGE: &str = "index.html";
/// Where the page has its nonce.
const NONCE: &str = "CSP-NONCE";

const NOT_BUILT: &str = "<!doctype html><html lang=en><title>callvault</title>\
    <h1>The console is not built</h1>\
    <p>This callvault was built without its console. <code>make run</code> builds both; see \
    CONTRIBUTING.md.";

pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/", get(root))
        .route("/console", get(page))
        .route("/console/", get(page))
        .route("/console/{*path}", get(file))
}

/// Leads a browser to the console. For others there is nothing here.
async fn root(headers: HeaderMap) -> Result<Redirect> {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        Ok(Redirect::to("/console/"))
    } else {
        Err(Error::NoRoute)
    }
}

/// A file; what is none is a view of the page, which finds out itself whether it has such a view.
async fn file(Path(path): Path<String>, headers: HeaderMap) -> Result<Response> {
    match FILES.iter().find(|file| file.path == path && path != PAGE) {
        Some(file) => Ok(file.answer(&headers)),
        None if path.starts_with(ASSETS) => Err(Error::NoRoute),
        None => Ok(page().await),
    }
}

/// The page. Its nonce is for the one style that the waveform's library puts into its shadow root;
/// no script is ever inline.
async fn page() -> Response {
    let nonce = Uuid::new_v4().simple().to_string();
    let built = FILES.iter().find(|file| file.path == PAGE);
    let html = built.map_or(NOT_BUILT.into(), |file| String::from_utf8_lossy(file.bytes));
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' data:; connect-src 'self'; media-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    let policy = [(header::CONTENT_SECURITY_POLICY, policy)];
    (headers, policy, html.replace(NONCE, &nonce)).into_response()
}

impl File {
    /// The file in the best coding that the client takes. RFC 9110, section 12.5.3.
    fn answer(&self, headers: &HeaderMap) -> Response {
        let (coding, bytes) = match (self.brotli, self.gzip) {
            (Some(bytes), _) if takes(headers, "br") => (Some("br"), bytes),
            (_, Some(bytes)) if takes(headers, "gzip") => (Some("gzip"), bytes),
            _ => (None, self.bytes),
        };
        let forever = self.path.starts_with(ASSETS);
        let cache = if forever { "public, max-age=31536000, immutable" } else { "no-cache" };
        let headers = [
            (header::CONTENT_TYPE, self.content_type()),
            (header::CACHE_CONTROL, cache),
            (header::VARY, "accept-encoding"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        let coding = coding.map(|coding| [(header::CONTENT_ENCODING, coding)]);
        (headers, coding, bytes).into_response()
    }

    fn content_type(&self) -> &'static str {
        match self.path.rsplit_once('.').map(|(_, extension)| extension) {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            Some("png") => "image/png",
            Some("woff2") => "font/woff2",
            _ => "application/octet-stream",
        }
    }
}

fn takes(headers: &HeaderMap, coding: &str) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
    let entries = lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    entries.map(|entry| entry.split_once(';').unwrap_or((entry, ""))).any(|(name, quality)| {
        let refused = matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
        name.trim().eq_ignore_ascii_case(coding) && !refused
    })
}
