use axum::body::Body;
use http_body_util::BodyExt;

use super::*;

async fn read(error: impl Into<Error>) -> (Response<Body>, String) {
    let (head, body) = error.into().into_response().into_parts();
    let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    (Response::from_parts(head, Body::empty()), text)
}

async fn check(error: impl Into<Error>, status: u16, words: &str, retry_after: Option<&str>) {
    let (answer, text) = read(error).await;
    let body: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((answer.status().as_u16(), body["error"].as_str().unwrap()), (status, words));
    assert_eq!(body["api_id"].as_str().unwrap().len(), 36);
    assert_eq!(body.as_object().unwrap().len(), 2);
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/json");
    let retry = answer.headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap());
    assert_eq!(retry, retry_after);
}

#[tokio::test]
async fn every_error_has_a_status_and_a_body() {
    use vault::Error as Vault;
    check(Vault::NotFound, 404, "not found", None).await;
    check(Vault::NoSuchForm("kept as WAV".to_owned()), 404, "kept as WAV", None).await;
    check(Vault::Forbidden("held"), 403, "held", None).await;
    let why = "is odd".to_owned();
    check(Vault::Invalid { what: "x", why }, 400, "x: is odd", None).await;
    check(Vault::NotAudio("silence".to_owned()), 400, "silence", None).await;
    check(Vault::Conflict("taken".to_owned()), 409, "taken", None).await;
    check(Vault::TooLarge { limit: 5 }, 413, "larger than 5 bytes", None).await;
    check(Error::parameter("limit", "is odd"), 400, "limit is odd", None).await;
    check(Error::MethodNotAllowed, 405, "method not allowed", None).await;
    check(Error::PreconditionFailed, 412, "precondition failed", None).await;
    check(Error::RangeNotSatisfiable { length: 9 }, 416, "range not satisfiable", None).await;
    let later = "service unavailable, try again later";
    check(Vault::NoSpace, 503, later, Some("5")).await;
    let retry_after = Duration::from_secs(7);
    check(Vault::Unavailable { what: "database", retry_after }, 503, later, Some("7")).await;
    let retry_after = Duration::from_millis(7);
    check(Vault::Unavailable { what: "database", retry_after }, 503, later, Some("1")).await;
    let retry_after = Duration::from_millis(1500);
    let too_many = Error::Failed(web::Failure::TooMany { retry_after });
    check(too_many, 429, "too many requests", Some("2")).await;
    check(Error::Failed(web::Failure::TimedOut), 503, later, Some("5")).await;
    check(Error::Failed(web::Failure::Panicked), 500, "internal server error", None).await;
}

#[tokio::test]
async fn a_range_beyond_the_end_is_told_the_length() {
    let (answer, _) = read(Error::RangeNotSatisfiable { length: 9 }).await;
    assert_eq!(answer.headers()[CONTENT_RANGE], "bytes */9");
}

#[tokio::test]
async fn a_401_is_two_lines_of_text() {
    let (answer, text) = read(vault::Error::BadCredentials).await;
    assert_eq!(answer.status(), 401);
    assert_eq!(answer.headers()[WWW_AUTHENTICATE], r#"Basic realm="Login Required""#);
    assert_eq!(answer.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(
        text,
        "Could not verify your access level for that URL.\nYou have to login with proper credentials"
    );
}
