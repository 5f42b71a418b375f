//! How often an account may ask.

use std::time::Duration;

use testkit::TestVault;
use vault::RateLimit;

use crate::kit::Expect;

#[tokio::test]
async fn an_account_that_asks_too_often_waits() {
    let limit = RateLimit { requests: 5, span: Duration::from_secs(10) };
    let vault = TestVault::with(|config| config.rate_limit = Some(limit)).await;
    let account = vault.account("acme").await;
    let sub = vault.subaccount(&account, "branch").await;
    let path = format!("/v1/Account/{}/Recording/", account.auth_id);
    let client = vault.client(&account);
    for number in 0..5 {
        // From wherever it asks.
        let client = client.from(&format!("198.51.100.{number}"));
        assert_eq!(client.get(&path).send().await.status, 200);
    }
    let answer = client.get(&path).send().await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "2"));
    let expected = serde_json::json!({ "api_id": "(api_id)", "error": "too many requests" });
    assert_eq!(answer.redacted(), expected);
    // The same budget at every door, and another for everybody else.
    let native = client.get("/api/v1/account").send().await;
    assert_eq!((native.status, native.header("retry-after")), (429, "2"));
    assert_eq!(native.json()["detail"], "too many requests");
    client
        .signed_in_as(account.auth_id.as_str(), "wrong")
        .get(&path)
        .send()
        .await
        .is_unauthorized();
    let of_sub = format!("/v1/Account/{}/Recording/", sub.auth_id);
    assert_eq!(vault.client(&sub).get(of_sub).send().await.status, 200);

    vault.clock.advance(Duration::from_secs(2));
    assert_eq!(client.get(&path).send().await.status, 200);
    assert_eq!(client.get(&path).send().await.status, 429);
    vault.clock.advance(Duration::from_secs(10));
    for _ in 0..5 {
        assert_eq!(client.get(&path).send().await.status, 200);
    }
    assert_eq!(client.get(&path).send().await.status, 429);
}
