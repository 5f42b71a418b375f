//! The audit log: what it tells, to whom, and that it cannot be changed unseen.

use serde_json::{Value, json};
use testkit::{Client, TestVault};

use crate::{path, problem, wrong};

const AUDIT: &str = "/api/v1/audit";

async fn entries(client: &Client, query: &str) -> Vec<Value> {
    let answer = client.get(format!("{AUDIT}{query}")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["entries"].as_array().unwrap().clone()
}

/// What is told, without what differs from run to run, the oldest first.
fn told(entries: &[Value]) -> Vec<Value> {
    let told =
        |entry: &Value| json!([entry["who"], entry["action"], entry["subject"], entry["detail"]]);
    entries.iter().rev().map(told).collect()
}

#[tokio::test]
async fn every_deed_is_told_with_who_when_from_where_and_what() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account).from("198.51.100.7");
    let id = account.auth_id.as_str();
    let kept = client.post("/api/v1/recordings").form(call()).send().await.json();
    let recording = kept["recording_id"].as_str().unwrap();
    let hold = format!("{}/hold", path(&kept));
    client.get(format!("{}/media", path(&kept))).header("range", "bytes=7-9").send().await;
    client.get(format!("{}/media", path(&kept))).send().await;
    client.put(&hold).json(&json!({ "reason": "case 17" })).send().await;
    client.delete(path(&kept)).send().await;
    client.delete(format!("{hold}?reason=settled")).send().await;
    client.delete(path(&kept)).send().await;
    let change = json!({ "retention_pending": "9d" });
    client.patch("/api/v1/account").json(&change).send().await;

    let all = entries(&client, "").await;
    let why = "the recording is under legal hold: case 17";
    assert_eq!(
        told(&all).into_iter().collect::<std::collections::HashSet<_>>(),
        [
            json!([id, "login", null, { "with": "auth_token" }]),
            json!([id, "listen", recording, { "container": "stored" }]),
            json!([id, "hold_on", recording, { "reason": "case 17" }]),
            json!([id, "refused", recording, { "what": "delete", "why": why }]),
            json!([id, "hold_off", recording, { "reason": "settled", "held_for": "case 17" }]),
            json!([id, "delete", recording, { "number": kept["number"] }]),
            json!([id, "settings", id, { "retention_pending": ["7d", "9d"] }]),
        ]
        .into_iter()
        .collect()
    );
    for (entry, number) in all.iter().rev().zip(1..) {
        assert_eq!(entry["entry"], number);
        assert_eq!(entry["at"], testkit::START);
        assert_eq!(entry["source"], "198.51.100.7");
        assert_eq!(entry["hash"].as_str().unwrap().len(), 64);
    }
    assert_eq!(all.len(), 7, "a login and a listening are told of once in a while");
}

#[tokio::test]
async fn refused_attempts_and_logins_are_told() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let sales = test.subaccount(&account, "sales").await;
    let (alice, as_alice) = test.user(&account, "alice").await;
    let id = account.auth_id.as_str();
    client.signed_in_as(id, "wrong").get(AUDIT).send().await;
    let only = "only an administrator of the account may do this";
    problem(&as_alice.get(AUDIT).send().await, 403, "Forbidden", only);
    problem(&test.client(&sales).get(AUDIT).send().await, 403, "Forbidden", only);

    let refused = entries(&client, "?action=refused").await;
    let alice = format!("user {}", alice.user_id);
    let detail = json!({ "what": "audit", "why": only });
    assert_eq!(
        told(&refused),
        [
            json!(["anybody", "refused", id, { "what": "login", "why": "wrong auth token" }]),
            json!([alice, "refused", null, detail]),
            json!([sales.auth_id.as_str(), "refused", null, detail]),
        ]
    );
    let logins = entries(&client, "?action=login").await;
    let of_alice = json!([alice, "login", null, { "with": "password" }]);
    assert!(told(&logins).contains(&of_alice), "{logins:?}");
}

#[tokio::test]
async fn the_log_is_filtered_and_paged() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let kept = test.recording(&account).await;
    for reason in ["1", "2", "3"] {
        let hold = client.put(format!("{}/hold", path(&kept)));
        assert_eq!(hold.json(&json!({ "reason": reason })).send().await.status, 204);
        test.clock.advance(std::time::Duration::from_mins(1));
    }
    let subject = format!("?subject={}&limit=2", kept["recording_id"].as_str().unwrap());
    let page = client.get(format!("{AUDIT}{subject}")).send().await.json();
    let reasons = |page: &Value| {
        let entries = page["entries"].as_array().unwrap().clone();
        entries.iter().map(|entry| entry["detail"]["reason"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(reasons(&page), ["3", "2"]);
    let rest = format!("{AUDIT}{subject}&before={}", page["next"]);
    let rest = client.get(rest).send().await.json();
    assert_eq!((reasons(&rest), &rest["next"]), (vec![json!("1")], &Value::Null));
    let one = "?action=hold_on&from=2026-01-15T12:01:00Z&until=2026-01-15T12:02:00Z";
    let one = client.get(format!("{AUDIT}{one}")).send().await.json();
    assert_eq!(reasons(&one), ["2"]);
    assert_eq!(entries(&client, "?who=operator").await, [] as [Value; 0]);
    for (query, field, why) in [
        ("action=dance", "action", "action: no such action"),
        ("from=yesterday", "from", "from: must be a time in RFC 3339"),
        ("before=-1", "before", "before: must be the number of an entry"),
        ("limit=101", "limit", "limit: must be a whole number from 1 to 100"),
        ("who=%00", "who", "who: must be printable"),
        ("nonsense=1", "nonsense", "nonsense: no such parameter"),
    ] {
        wrong(&client.get(format!("{AUDIT}?{query}")).send().await, field, why);
    }
    let others = test.client(&test.account("other").await);
    assert!(entries(&others, "").await.iter().all(|entry| entry["action"] == "login"));
}

fn call() -> testkit::Form {
    testkit::Form::new().file(&testkit::sound::wav(std::time::Duration::from_secs(1)))
}
