use std::future::IntoFuture;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{delete, get, post};
use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::ServiceExt;

use super::*;

const DOOR: Door = Door {
    name: "test",
    failed: |failure| match failure {
        Failure::Panicked => (StatusCode::INTERNAL_SERVER_ERROR, "oops").into_response(),
        Failure::TimedOut => (StatusCode::SERVICE_UNAVAILABLE, "slow").into_response(),
        Failure::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS.into_response(),
    },
};

fn door(metrics: &Metrics) -> Router {
    let routes = Router::new()
        .route("/id", get(async || RequestId::current().to_string()))
        .route("/gone/{id}", delete(async || StatusCode::NO_CONTENT))
        .route("/panic", get(panics))
        .route("/slow", get(std::future::pending::<()>))
        .route("/known", get(async || StatusCode::NOT_MODIFIED))
        .route("/stream", get(streams))
        .route("/echo", post(async |body: Bytes| body));
    watch(time_limit(routes, DOOR, Duration::from_millis(20)), DOOR, metrics)
}

async fn panics() -> StatusCode {
    panic!("at the disco")
}

/// As audio is: of known length, in a body that does not know it.
async fn streams() -> impl IntoResponse {
    let pieces = ["one", "two"].map(|piece| Ok::<_, std::io::Error>(Bytes::from(piece)));
    ([("content-length", "6")], Body::from_stream(futures::stream::iter(pieces)))
}

async fn ask(metrics: &Metrics, method: &str, path: &str, body: &'static str) -> (Response, Bytes) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("x-request-id", "from-outside")
        .body(Body::from(body));
    let answer = door(metrics).oneshot(request.unwrap()).await.unwrap();
    let (head, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (Response::from_parts(head, Body::empty()), body)
}

#[tokio::test]
async fn a_request_gets_an_id_of_ours() {
    let (answer, body) = ask(&Metrics::new(), "GET", "/id", "").await;
    let id = answer.headers()["x-request-id"].to_str().unwrap();
    assert_eq!(id.len(), 36);
    assert_eq!(body, id);
    let (other, _) = ask(&Metrics::new(), "GET", "/id", "").await;
    assert_ne!(other.headers()["x-request-id"], id);
}

#[tokio::test]
async fn a_panic_and_a_slow_handler_are_answered_in_the_doors_words() {
    let (answer, body) = ask(&Metrics::new(), "GET", "/panic", "").await;
    assert_eq!((answer.status().as_u16(), &body[..]), (500, &b"oops"[..]));
    assert!(answer.headers().contains_key("x-request-id"));
    let (answer, body) = ask(&Metrics::new(), "GET", "/slow", "").await;
    assert_eq!((answer.status().as_u16(), &body[..]), (503, &b"slow"[..]));
}

#[tokio::test]
async fn an_answer_without_content_has_no_length() {
    let (answer, _) = ask(&Metrics::new(), "DELETE", "/gone/1", "").await;
    assert_eq!(answer.status(), 204);
    assert!(!answer.headers().contains_key("content-length"));
    let (answer, _) = ask(&Metrics::new(), "GET", "/id", "").await;
    assert_eq!(answer.headers()["content-length"], "36");
    let (answer, body) = ask(&Metrics::new(), "HEAD", "/id", "").await;
    assert_eq!(answer.headers()["content-length"], "36");
    assert!(body.is_empty());
}

#[tokio::test]
async fn requests_and_bytes_are_counted_by_pattern() {
    let metrics = Metrics::new();
    ask(&metrics, "DELETE", "/gone/+14155550100", "").await;
    ask(&metrics, "POST", "/echo", "twelve bytes").await;
    ask(&metrics, "GET", "/echo", "").await;
    ask(&metrics, "BREW", "/nowhere/+14155550100", "").await;
    let text = metrics.text();
    let has = |line: &str| assert!(text.lines().any(|l| l == line), "no {line} in:\n{text}");
    has(
        r#"callvault_http_requests_total{door="test",route="/gone/{id}",method="DELETE",status="2xx"} 1"#,
    );
    has(r#"callvault_http_requests_total{door="test",route="/echo",method="POST",status="2xx"} 1"#);
    has(r#"callvault_http_requests_total{door="test",route="/echo",method="GET",status="4xx"} 1"#);
    has(r#"callvault_http_requests_total{door="test",route="none",method="other",status="4xx"} 1"#);
    has(r#"callvault_http_received_bytes_total{door="test"} 12"#);
    has(r#"callvault_http_sent_bytes_total{door="test"} 12"#);
    has(
        r#"callvault_http_request_duration_seconds_count{door="test",route="/echo",method="POST"} 1"#,
    );
    assert!(!text.contains("4155"), "a number in the figures:\n{text}");
}

#[tokio::test]
async fn a_client_that_leaves_early_is_counted() {
    let metrics = Metrics::new();
    let request = Request::get("/slow").body(Body::empty()).unwrap();
    let asked = door(&metrics).oneshot(request);
    let left = tokio::time::timeout(Duration::from_millis(1), asked).await;
    assert!(left.is_err());
    assert!(metrics.text().contains(r#"route="/slow",method="GET",status="none"} 1"#));
}

/// Sends requests over a socket and reads until the server closes it.
async fn over_a_socket(requests: &str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(axum::serve(listener, door(&Metrics::new())).into_future());
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    socket.write_all(requests.as_bytes()).await.unwrap();
    let mut answers = String::new();
    socket.read_to_string(&mut answers).await.unwrap();
    server.abort();
    answers
}

#[tokio::test]
async fn lengths_are_right_over_a_socket() {
    let requests = [
        "DELETE /gone/1 HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n{oops",
        "GET /known HTTP/1.1\r\nhost: x\r\n\r\n",
        "HEAD /stream HTTP/1.1\r\nhost: x\r\n\r\n",
        "GET /stream HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    ];
    let answers = over_a_socket(&requests.concat()).await.to_ascii_lowercase();
    let answers: Vec<_> = answers.split("http/1.1 ").skip(1).collect();
    let [gone, known, head, whole] = answers[..] else { panic!("{answers:?}") };
    for (answer, status) in [(gone, "204"), (known, "304")] {
        assert!(answer.starts_with(status) && answer.ends_with("\r\n\r\n"), "{answer}");
        assert!(!answer.contains("content-length") && !answer.contains("chunked"), "{answer}");
    }
    assert!(head.contains("content-length: 6") && head.ends_with("\r\n\r\n"), "{head}");
    assert!(whole.contains("content-length: 6") && whole.ends_with("\r\n\r\nonetwo"), "{whole}");
}
