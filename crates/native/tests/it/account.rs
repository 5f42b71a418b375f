//! An account's settings.

use serde_json::{Value, json};
use testkit::{Answer, Client, TestVault};

use crate::{problem, wrong};

const PATH: &str = "/api/v1/account";

async fn patch(client: &Client, change: Value) -> Answer {
    client.patch(PATH).json(&change).send().await
}

async fn patch_text(client: &Client, text: &str) -> Answer {
    let request = client.patch(PATH).header("content-type", "application/json; charset=utf-8");
    request.body(text.to_owned()).send().await
}

#[tokio::test]
async fn settings_start_with_their_defaults() {
    let vault = TestVault::new().await;
    let client = vault.client(&vault.account("acme").await);
    let expected = json!({
        "media_auth": false,
        "noise_cancellation": false,
        "retention_pending": "7d",
        "retention_max_share": 0.25,
        "minimum_retention": "0d",
    });
    assert_eq!(client.get(PATH).send().await.json(), expected);
    let unchanged = patch(&client, json!({})).await;
    assert_eq!((unchanged.status, unchanged.json()), (200, expected));
}

#[tokio::test]
async fn settings_are_changed_one_by_one_and_stay_so() {
    let vault = TestVault::new().await;
    let client = vault.client(&vault.account("acme").await);
    let change = json!({
        "media_auth": true,
        "noise_cancellation": true,
        "retention_pending": "36h",
        "retention_max_share": 0.000_001,
        "minimum_retention": "90m",
    });
    let answer = patch(&client, change.clone()).await;
    assert_eq!((answer.status, answer.json()), (200, change.clone()));
    assert_eq!(client.get(PATH).send().await.json(), change);
    let answer = patch(&client, json!({ "retention_max_share": 1 })).await;
    assert_eq!(answer.json()["retention_max_share"], 1.0);
    assert_eq!(answer.json()["media_auth"], true);
}

#[tokio::test]
async fn wrong_values_are_named_and_change_nothing() {
    let vault = TestVault::new().await;
    let client = vault.client(&vault.account("acme").await);
    let span = "must be a whole number with a unit (d, h, m or s), as in \"7d\"";
    let share = "must be a number from 0 to 1, with at most six decimals";
    let cases = [
        ("media_auth", json!("true"), "must be true or false"),
        ("media_auth", json!(null), "must be true or false"),
        ("noise_cancellation", json!(1), "must be true or false"),
        ("retention_pending", json!("7"), span),
        ("retention_pending", json!("-7d"), span),
        ("retention_pending", json!("7d\n"), span),
        ("retention_pending", json!("99999999999999999999d"), "must be at most 36500d"),
        ("minimum_retention", json!("36501d"), "must be at most 36500d"),
        ("retention_max_share", json!(1.000_001), share),
        ("retention_max_share", json!(-0.1), share),
        ("retention_max_share", json!("0.5"), share),
        ("retention_max_share", json!(u64::MAX), share),
        ("account_id", json!(7), "no such key"),
        ("MEDIA_AUTH", json!(true), "no such key"),
    ];
    let before = client.get(PATH).send().await.json();
    for (key, value, why) in cases {
        let answer = patch(&client, json!({ key: value })).await;
        wrong(&answer, key, &format!("{key}: {why}"));
    }
    let seven = patch(&client, json!({ "retention_pending": 7 })).await;
    let why = "retention_pending: must be text with a unit (d, h, m or s), as in \"7d\"";
    wrong(&seven, "retention_pending", why);
    let mixed = patch(&client, json!({ "media_auth": true, "other": 1 })).await;
    wrong(&mixed, "other", "other: no such key");
    assert_eq!(client.get(PATH).send().await.json(), before);
}

#[tokio::test]
async fn bodies_that_are_no_object_are_refused() {
    let vault = TestVault::new().await;
    let client = vault.client(&vault.account("acme").await);
    for text in ["[]", "7", "null", "\"media_auth\""] {
        wrong(&patch_text(&client, text).await, "body", "body: must be a JSON object");
    }
    for text in ["", "{", "{\"media_auth\":true", "media_auth=true", "{\"a\":1e999}"] {
        problem(&patch_text(&client, text).await, 400, "Bad Request", "the body is not JSON");
    }
    let twice = patch_text(&client, "{\"media_auth\":true,\"media_auth\":false}").await;
    wrong(&twice, "media_auth", "media_auth: given twice");
    let form = client.patch(PATH).header("content-type", "application/x-www-form-urlencoded");
    let detail = "the body must be application/json";
    problem(&form.send().await, 415, "Unsupported Media Type", detail);
    let large = patch_text(&client, &" ".repeat(65_537)).await;
    problem(&large, 413, "Payload Too Large", "the body is larger than 65536 bytes");
}

#[tokio::test]
async fn minimum_retention_can_only_be_lengthened() {
    let vault = TestVault::new().await;
    let client = vault.client(&vault.account("acme").await);
    assert_eq!(patch(&client, json!({ "minimum_retention": "30d" })).await.status, 200);
    assert_eq!(patch(&client, json!({ "minimum_retention": "31d" })).await.status, 200);
    let shorter = patch(&client, json!({ "minimum_retention": "743h" })).await;
    problem(&shorter, 403, "Forbidden", "minimum_retention can only be lengthened");
    assert_eq!(client.get(PATH).send().await.json()["minimum_retention"], "31d");
}

#[tokio::test]
async fn a_subaccount_can_only_tighten_media_auth() {
    let vault = TestVault::new().await;
    let main = vault.account("acme").await;
    let sub = vault.subaccount(&main, "sales").await;
    let (main, sub) = (vault.client(&main), vault.client(&sub));
    let other = patch(&sub, json!({ "minimum_retention": "30d" })).await;
    problem(&other, 403, "Forbidden", "a subaccount can change its media_auth only");
    assert_eq!(patch(&main, json!({ "media_auth": true })).await.status, 200);
    assert_eq!(sub.get(PATH).send().await.json()["media_auth"], true, "inherited");
    let looser = patch(&sub, json!({ "media_auth": false })).await;
    problem(&looser, 403, "Forbidden", "a subaccount can only tighten media_auth");
    assert_eq!(patch(&main, json!({ "media_auth": false })).await.status, 200);
    assert_eq!(patch(&sub, json!({ "media_auth": true })).await.json()["media_auth"], true);
    assert_eq!(main.get(PATH).send().await.json()["media_auth"], false);
}
