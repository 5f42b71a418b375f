//! A client that speaks to the doors in this process, as over a socket but without one.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;
use web::TrustedProxies;

/// Looks at every answer: the method and path that were asked, and what came back.
pub type Observer = Arc<dyn Fn(&Method, &str, &Answer) + Send + Sync>;

/// Speaks with one set of credentials, or none.
#[derive(Clone)]
pub struct Client {
    router: Router,
    observer: Option<Observer>,
    /// The value of `Authorization`.
    authorization: Option<String>,
    /// What the connection would come from; `None` is this machine.
    peer: Option<IpAddr>,
}

/// A request that is being put together.
pub struct Request {
    client: Client,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Body,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Client {
    pub(crate) fn new(router: Router, observer: Option<Observer>) -> Self {
        Self { router, observer, authorization: None, peer: None }
    }

    /// The same client with other credentials.
    #[must_use]
    pub fn signed_in_as(&self, user: &str, password: &str) -> Self {
        let pair = STANDARD.encode(format!("{user}:{password}"));
        Self { authorization: Some(format!("Basic {pair}")), ..self.clone() }
    }

    /// The same client with a bearer token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { authorization: Some(format!("Bearer {token}")), ..self.clone() }
    }

    /// The same client, speaking to other doors.
    #[must_use]
    pub fn to(&self, router: Router) -> Self {
        Self { router, ..self.clone() }
    }

    /// The same client on a machine with this address.
    #[must_use]
    pub fn from(&self, peer: &str) -> Self {
        Self { peer: Some(peer.parse().unwrap()), ..self.clone() }
    }

    pub fn get(&self, path: impl Into<String>) -> Request {
        self.request(Method::GET, path)
    }

    pub fn head(&self, path: impl Into<String>) -> Request {
        self.request(Method::HEAD, path)
    }

    pub fn post(&self, path: impl Into<String>) -> Request {
        self.request(Method::POST, path)
    }

    pub fn put(&self, path: impl Into<String>) -> Request {
        self.request(Method::PUT, path)
    }

    pub fn patch(&self, path: impl Into<String>) -> Request {
        self.request(Method::PATCH, path)
    }

    pub fn delete(&self, path: impl Into<String>) -> Request {
        self.request(Method::DELETE, path)
    }

    pub fn request(&self, method: Method, path: impl Into<String>) -> Request {
        Request {
            client: self.clone(),
            method,
            path: path.into(),
            headers: Vec::new(),
            body: Body::empty(),
        }
    }
}

impl Request {
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    #[must_use]
    pub fn form(self, form: Form) -> Self {
        let kind = form.content_type();
        let body = form.finish();
        self.header("content-type", &kind)
            .header("content-length", &body.len().to_string())
            .body(body)
    }

    pub async fn send(self) -> Answer {
        let (observer, method, path) =
            (self.client.observer.clone(), self.method.clone(), self.path.clone());
        let (head, body) = self.begin().await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let answer = Answer { status: head.status.as_u16(), headers: head.headers, body };
        if let Some(observe) = &observer {
            observe(&method, &path, &answer);
        }
        answer
    }

    /// Sends it; what came back, with a body that is still to be read. Nobody looks at it.
    pub async fn begin(self) -> http::Response<Body> {
        let mut request = http::Request::builder().method(&self.method).uri(&self.path);
        if let Some(authorization) = &self.client.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let mut request = request.body(self.body).unwrap();
        if let Some(peer) = self.client.peer {
            let source = trusted_proxies().source(peer, request.headers());
            request.extensions_mut().insert(source);
        }
        self.client.router.oneshot(request).await.unwrap()
    }
}

/// The proxies that every test vault believes: 192.0.2.0/24.
fn trusted_proxies() -> TrustedProxies {
    TrustedProxies::parse(&["192.0.2.0/24".to_owned()]).unwrap()
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// A header's value, or nothing at all as an empty text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as JSON, with what differs between runs replaced: `api_id`.
    pub fn redacted(&self) -> Value {
        let mut json = self.json();
        if let Some(api_id) = json.get_mut("api_id") {
            assert_eq!(api_id.as_str().unwrap().len(), 36);
            *api_id = "(api_id)".into();
        }
        json
    }
}

/// A `multipart/form-data` body.
#[derive(Default)]
pub struct Form(Vec<u8>);

const BOUNDARY: &str = "testkit-7MA4YWxkTrZu0gW";

impl Form {
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn text(self, name: &str, value: &str) -> Self {
        let head = format!("Content-Disposition: form-data; name=\"{name}\"");
        self.part(&head, value.as_bytes())
    }

    /// The part `file`.
    #[must_use]
    pub fn file(self, bytes: &[u8]) -> Self {
        self.file_named("call.wav", bytes)
    }

    #[must_use]
    pub fn file_named(self, name: &str, bytes: &[u8]) -> Self {
        let head = format!(
            "Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream"
        );
        self.part(&head, bytes)
    }

    /// A part whose headers are given as they are.
    #[must_use]
    pub fn part(mut self, head: &str, body: &[u8]) -> Self {
        self.0.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n").as_bytes());
        self.0.extend(body);
        self.0.extend(b"\r\n");
        self
    }

    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={BOUNDARY}")
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.0.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
        self.0
    }

    /// What was put in so far, without the end.
    pub fn unfinished(self) -> Vec<u8> {
        self.0
    }
}
