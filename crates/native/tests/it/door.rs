//! Who may come in, and what is at the door for everybody.

use http::Method;
use std::time::Duration;

use testkit::TestVault;

use crate::problem;

#[tokio::test]
async fn nobody_comes_in_without_credentials() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    let auth_id = account.auth_id.as_str();
    let impostors = [
        vault.stranger(),
        vault.stranger().signed_in_as(auth_id, ""),
        vault.stranger().signed_in_as(auth_id, "wrong"),
        vault.stranger().signed_in_as("MA00000000000000000A", &account.auth_token),
        vault.stranger().signed_in_as("../../etc/passwd", "x"),
        vault.stranger().signed_in_as(&auth_id.to_lowercase(), &account.auth_token),
        vault.stranger().signed_in_as("acme", &account.auth_token),
    ];
    for impostor in impostors {
        let requests = [
            impostor.get("/api/v1/account"),
            impostor.patch("/api/v1/account"),
            impostor.post("/api/v1/recordings"),
            impostor.get("/api/v1/recordings/not-even-an-id"),
            impostor.delete("/api/v1/recordings/not-even-an-id"),
            impostor.get("/api/v1/recordings/not-even-an-id/media?format=nonsense"),
        ];
        vault.clock.advance(Duration::from_mins(1)); // so that none has to wait for guessing
        for request in requests {
            let answer = request.send().await;
            problem(&answer, 401, "Unauthorized", "bad credentials");
            let asked = answer.header("www-authenticate");
            assert_eq!(asked, "Basic realm=\"callvault\", charset=\"UTF-8\"");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let vault = TestVault::new().await;
    let client = vault.client(&vault.account("acme").await);
    let paths = [
        "/",
        "/api/v1",
        "/api/v1/",
        "/api/v1/recording",
        "/api/v1/recordings/",
        "/api/v1/recordings/a/b",
        "/api/v1/account/../account",
        "/API/v1/account",
        "//api/v1/account",
        "/api/v1/%61ccount/",
    ];
    for path in paths {
        let answer = client.get(path).send().await;
        problem(&answer, 404, "Not Found", "there is nothing at this path");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let vault = TestVault::new().await;
    let client = vault.stranger();
    let cases = [
        (Method::PUT, "/api/v1/recordings", "GET,HEAD,POST"),
        (Method::PUT, "/api/v1/recordings/x", "GET,HEAD,DELETE"),
        (Method::DELETE, "/api/v1/account", "GET,HEAD,PATCH"),
        (Method::POST, "/healthz", "GET,HEAD"),
    ];
    for (method, path, allow) in cases {
        let answer = client.request(method.clone(), path).send().await;
        let detail = format!("{method} is not a method of this path");
        problem(&answer, 405, "Method Not Allowed", &detail);
        assert_eq!(answer.header("allow"), allow, "{path}");
    }
}

#[tokio::test]
async fn health_is_for_everybody() {
    let vault = TestVault::new().await;
    let client = vault.stranger();
    assert_eq!(client.get("/healthz").send().await.text(), "{\"status\":\"ok\"}");
    assert_eq!(client.get("/readyz").send().await.text(), "{\"status\":\"ready\"}");
    let metrics = client.get("/metrics").send().await;
    assert_eq!(metrics.status, 200);
    assert!(metrics.text().ends_with("# EOF\n"), "{}", metrics.text());
    let none_queued = "callvault_jobs{state=\"ready\"} 0\n";
    assert!(metrics.text().contains(none_queued), "{}", metrics.text());
    let described = client.get("/api/v1/openapi.json").send().await.json();
    assert_eq!(described["openapi"], "3.1.0");
}
