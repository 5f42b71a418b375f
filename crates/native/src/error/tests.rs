use std::time::Duration;

use super::*;

async fn check(error: Error, status: u16, body: serde_json::Value) -> Response {
    let response = error.into_response();
    assert_eq!(response.status().as_u16(), status);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    let (parts, sent) = response.into_parts();
    let bytes = axum::body::to_bytes(sent, 1 << 16).await.unwrap();
    let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(json, body);
    Response::from_parts(parts, axum::body::Body::empty())
}

#[tokio::test]
async fn a_bad_field_is_named() {
    let error = Error::invalid("direction", "must be one of inbound, outbound, internal");
    let body = serde_json::json!({
        "type": "about:blank", "title": "Unprocessable Entity", "status": 422,
        "detail": "direction: must be one of inbound, outbound, internal", "field": "direction",
    });
    check(error, 422, body).await;
}

#[tokio::test]
async fn our_own_faults_say_nothing_of_what_they_are() {
    let outage = vault::Error::Unavailable {
        what: "database at 10.0.0.7",
        retry_after: Duration::from_millis(300),
    };
    let body = serde_json::json!({
        "type": "about:blank", "title": "Service Unavailable", "status": 503,
        "detail": "try again later",
    });
    let response = check(outage.into(), 503, body).await;
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
}

#[tokio::test]
async fn bad_credentials_ask_for_basic() {
    let body = serde_json::json!({
        "type": "about:blank", "title": "Unauthorized", "status": 401, "detail": "bad credentials",
    });
    let response = check(vault::Error::BadCredentials.into(), 401, body).await;
    let asked = &response.headers()[header::WWW_AUTHENTICATE];
    assert_eq!(asked, "Basic realm=\"callvault\", charset=\"UTF-8\"");
}

#[tokio::test]
async fn every_other_deed_has_its_status() {
    let cases: [(vault::Error, u16); 7] = [
        (vault::Error::NotFound, 404),
        (vault::Error::Forbidden("no"), 403),
        (vault::Error::Conflict("no".to_owned()), 409),
        (vault::Error::TooLarge { limit: 7 }, 413),
        (vault::Error::NoSpace, 507),
        (vault::Error::NoAudio, 410),
        (vault::Error::NoSuchForm("no".to_owned()), 422),
    ];
    for (error, status) in cases {
        assert_eq!(Error::from(error).into_response().status().as_u16(), status);
    }
}
