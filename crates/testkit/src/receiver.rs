//! A customer's server, that keeps what it is sent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::response::IntoResponse as _;
use http::{HeaderMap, Method, StatusCode, Uri, header};
use tokio::net::TcpListener;
use url::form_urlencoded;

/// It listens on 127.0.0.1, which test vaults may send to.
pub struct Receiver {
    /// Without a slash at its end.
    pub url: String,
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    calls: Mutex<Vec<Call>>,
    replies: Mutex<VecDeque<Reply>>,
}

/// How to answer.
#[derive(Debug, Clone)]
pub enum Reply {
    Status(u16),
    RedirectTo(String),
    /// Never.
    Silence,
}

/// What it was sent.
#[derive(Debug, Clone)]
pub struct Call {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: String,
}

impl Receiver {
    /// Starts one that answers 200.
    pub async fn new() -> Self {
        Self::that_replies([]).await
    }

    /// Starts one that answers so, in turn, and then 200.
    pub async fn that_replies(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let inner = Arc::new(Inner::default());
        inner.replies.lock().unwrap().extend(replies);
        let state = Arc::clone(&inner);
        let take = async move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let body = String::from_utf8(body.into()).unwrap();
            state.calls.lock().unwrap().push(Call { method, uri, headers, body });
            let reply = state.replies.lock().unwrap().pop_front();
            match reply.unwrap_or(Reply::Status(200)) {
                Reply::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
                Reply::RedirectTo(url) => {
                    (StatusCode::FOUND, [(header::LOCATION, url)]).into_response()
                }
                Reply::Silence => std::future::pending().await,
            }
        };
        let router = Router::new().fallback(take);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, inner }
    }

    /// All that it was sent.
    pub fn calls(&self) -> Vec<Call> {
        self.inner.calls.lock().unwrap().clone()
    }

    /// The one thing that it was sent.
    #[track_caller]
    pub fn call(&self) -> Call {
        let mut calls = self.calls();
        assert_eq!(calls.len(), 1);
        calls.remove(0)
    }
}

impl Call {
    /// A header's value, or nothing at all as an empty text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The fields of the form in its body, or of its query where it has no body.
    pub fn fields(&self) -> Vec<(String, String)> {
        let text = if self.body.is_empty() { self.uri.query().unwrap_or("") } else { &self.body };
        form_urlencoded::parse(text.as_bytes()).into_owned().collect()
    }

    #[track_caller]
    pub fn field(&self, name: &str) -> String {
        let found = self.fields().into_iter().find(|(key, _)| key == name);
        found.unwrap_or_else(|| panic!("no field {name}")).1
    }
}
