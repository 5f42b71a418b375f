//! Legal holds and minimum retention: nobody gets past them.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, Client, Form, Receiver, TestVault, sound};

use crate::{path, problem, wrong};

const HOLDS: &str = "/api/v1/holds";

fn hold_path(recording: &Value) -> String {
    format!("{}/hold", path(recording))
}

async fn hold(client: &Client, recording: &Value, reason: &str) -> Answer {
    client.put(hold_path(recording)).json(&json!({ "reason": reason })).send().await
}

fn call() -> Form {
    Form::new().file(&sound::wav(Duration::from_secs(1)))
}

#[tokio::test]
async fn a_held_recording_stays_until_the_hold_is_lifted() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let kept = test.recording(&account).await;
    assert_eq!(hold(&client, &kept, "case 18").await.status, 204);
    assert_eq!(hold(&client, &kept, "case 18").await.status, 204, "again changes nothing");

    let why = "the recording is under legal hold: case 18";
    problem(&client.delete(path(&kept)).send().await, 403, "Forbidden", why);
    let id = kept["recording_id"].as_str().unwrap();
    let plivo = format!("/v1/Account/{}/Recording/{id}/", account.auth_id);
    let answer = client.delete(&plivo).send().await;
    assert_eq!((answer.status, &answer.json()["error"]), (403, &json!(why)));
    test.work().await;
    assert_eq!(client.get(format!("{}/media", path(&kept))).send().await.status, 200);

    let listed = client.get(HOLDS).send().await.json();
    assert_eq!(
        listed,
        json!({ "holds": [ { "hold_id": listed["holds"][0]["hold_id"], "recording_id": id,
            "where": null, "reason": "case 18", "created": testkit::START,
            "created_by": account.auth_id.as_str() } ], "next": null })
    );
    wrong(&client.delete(hold_path(&kept)).send().await, "reason", "reason: is missing");
    let off = client.delete(format!("{}?reason=settled", hold_path(&kept))).send().await;
    assert_eq!(off.status, 204);
    let again = client.delete(format!("{}?reason=settled", hold_path(&kept))).send().await;
    problem(&again, 404, "Not Found", "not found");
    assert_eq!(client.delete(&plivo).send().await.status, 204);
}

#[tokio::test]
async fn a_refusal_is_what_a_callback_is_told() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let kept = test.recording(&account).await;
    assert_eq!(hold(&client, &kept, "case 17").await.status, 204);
    let receiver = Receiver::new().await;
    let id = kept["recording_id"].as_str().unwrap();
    let url = format!("/v1/Account/{}/Recording/{id}/", account.auth_id);
    let asked = client.delete(&url).json(&json!({ "callback_url": receiver.url }));
    assert_eq!(asked.send().await.status, 200);
    test.work().await;
    let call = receiver.call();
    assert_eq!(call.field("status_code"), "403");
    assert_eq!(call.field("error"), "the recording is under legal hold: case 17");
    assert_eq!(client.get(path(&kept)).send().await.status, 200);
}

#[tokio::test]
async fn a_hold_by_query_catches_what_is_there_and_what_comes() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let sales = test.subaccount(&account, "sales").await;
    let client = test.client(&account);
    let from = |number: &str| call().text("from_number", number);
    let before = test.recording_with(&account, from("+14155550100")).await;
    let body = json!({ "reason": "case 17", "where": { "number": "14155550100" } });
    let made = client.post(HOLDS).json(&body).send().await;
    let id = made.json()["hold_id"].as_i64().unwrap();
    assert_eq!(
        (made.status, made.json()),
        (
            201,
            json!({ "hold_id": id, "recording_id": null,
                "where": { "by": "start", "number": "14155550100" }, "reason": "case 17",
                "created": testkit::START, "created_by": account.auth_id.as_str() })
        )
    );
    let by_sub =
        json!({ "reason": "all of sales", "where": { "subaccount": sales.auth_id.as_str() } });
    assert_eq!(client.post(HOLDS).json(&by_sub).send().await.status, 201);

    let after = test.recording_with(&account, from("14155550100")).await;
    let other = test.recording_with(&account, from("+14155550101")).await;
    let of_sales = test.recording(&sales).await;
    let as_sales = test.client(&sales);
    for (client, recording, reason) in [
        (&client, &before, "case 17"),
        (&client, &after, "case 17"),
        (&client, &of_sales, "all of sales"),
        (&as_sales, &of_sales, "all of sales"),
    ] {
        let detail = format!("the recording is under legal hold: {reason}");
        problem(&client.delete(path(recording)).send().await, 403, "Forbidden", &detail);
    }
    assert_eq!(client.delete(path(&other)).send().await.status, 204);
    let off = client.delete(format!("{HOLDS}/{id}?reason=settled")).send().await;
    assert_eq!(off.status, 204);
    assert_eq!(client.delete(path(&before)).send().await.status, 204);
}

#[tokio::test]
async fn holds_are_the_administrators() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let sales = test.subaccount(&account, "sales").await;
    let kept = test.recording(&sales).await;
    let (_, user) = test.user(&account, "alice").await;
    let others = test.client(&test.account("other").await);
    let only = "only an administrator of the account may do this";
    for client in [&test.client(&sales), &user] {
        problem(&hold(client, &kept, "mine").await, 403, "Forbidden", only);
        problem(&client.get(HOLDS).send().await, 403, "Forbidden", only);
        let body = json!({ "reason": "x", "where": { "kind": "company" } });
        problem(&client.post(HOLDS).json(&body).send().await, 403, "Forbidden", only);
        let lift = format!("{HOLDS}/1?reason=x");
        problem(&client.delete(lift).send().await, 403, "Forbidden", only);
        let lift = format!("{}?reason=x", hold_path(&kept));
        problem(&client.delete(lift).send().await, 403, "Forbidden", only);
    }
    problem(&hold(&others, &kept, "theirs").await, 404, "Not Found", "not found");
    let administrator = test.administrator(&account).await;
    assert_eq!(hold(&administrator, &kept, "case 17").await.status, 204);
    let lift = format!("{}?reason=x", hold_path(&kept));
    problem(&others.delete(lift).send().await, 404, "Not Found", "not found");
    let listed = administrator.get(HOLDS).send().await.json();
    assert!(listed["holds"][0]["created_by"].as_str().unwrap().starts_with("user "), "{listed}");
}

#[tokio::test]
async fn a_hold_that_cannot_be_meant_is_refused() {
    let test = TestVault::new().await;
    let client = test.client(&test.account("acme").await);
    let post = async |body: Value| client.post(HOLDS).json(&body).send().await;
    let empty = "where: must have a condition: an empty one would mean everything";
    for what in [json!({}), json!({ "by": "add_time" })] {
        wrong(&post(json!({ "reason": "x", "where": what })).await, "where", empty);
    }
    wrong(&post(json!({ "reason": "x" })).await, "where", "where: is missing");
    let number = json!({ "reason": "x", "where": { "older_than": 90 } });
    let why = "where: older_than: must be text with a unit (d, h, m or s), as in \"90d\"";
    wrong(&post(number).await, "where", why);
    let unknown = json!({ "reason": "x", "where": { "olderthan": "90d" } });
    wrong(&post(unknown).await, "where", "where: olderthan: no such key");
    let reason = "reason: must be 1 to 1000 printable characters";
    let what = json!({ "kind": "company" });
    wrong(&post(json!({ "reason": " ", "where": what })).await, "reason", reason);
    wrong(&post(json!({ "where": what })).await, "reason", "reason: is missing");
}

#[tokio::test]
async fn minimum_retention_counts_from_receipt_and_a_hold_beats_it() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let old = call().text("add_time", "2020-01-01T00:00:00Z");
    let kept = test.recording_with(&account, old).await;
    let set = client.patch("/api/v1/account").json(&json!({ "minimum_retention": "30d" }));
    assert_eq!(set.send().await.status, 200);
    let detail = "the account keeps recordings for 30d: this one until 2026-02-14T12:00:00Z";
    problem(&client.delete(path(&kept)).send().await, 403, "Forbidden", detail);
    assert_eq!(hold(&client, &kept, "case 17").await.status, 204);
    let held = "the recording is under legal hold: case 17";
    problem(&client.delete(path(&kept)).send().await, 403, "Forbidden", held);
    test.clock.advance(Duration::from_hours(30 * 24));
    problem(&client.delete(path(&kept)).send().await, 403, "Forbidden", held);
    let lift = client.delete(format!("{}?reason=settled", hold_path(&kept)));
    assert_eq!(lift.send().await.status, 204);
    assert_eq!(client.delete(path(&kept)).send().await.status, 204);
}

#[tokio::test]
async fn each_reason_is_a_hold_of_its_own_and_all_must_be_lifted() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let kept = test.recording(&account).await;
    for reason in ["case 17", "case 18"] {
        assert_eq!(hold(&client, &kept, reason).await.status, 204);
    }
    let listed = client.get(HOLDS).send().await.json();
    let ids: Vec<i64> = listed["holds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hold| hold["hold_id"].as_i64().unwrap())
        .collect();
    assert_eq!(ids.len(), 2);
    let both = client.delete(format!("{}?reason=settled", hold_path(&kept))).send().await;
    let why = format!("there are several holds on it: lift {}, {}", ids[0], ids[1]);
    problem(&both, 409, "Conflict", &why);

    let one = client.delete(format!("{HOLDS}/{}?reason=settled", ids[0])).send().await;
    assert_eq!(one.status, 204);
    let why = "the recording is under legal hold: case 18";
    problem(&client.delete(path(&kept)).send().await, 403, "Forbidden", why);
    let other = client.delete(format!("{}?reason=settled", hold_path(&kept))).send().await;
    assert_eq!(other.status, 204, "one is left, so it is clear which is meant");
    assert_eq!(client.delete(path(&kept)).send().await.status, 204);
}

#[tokio::test]
async fn a_hold_that_can_hold_nothing_is_refused() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let other = test.account("other").await;
    let (stranger, _) = test.user(&other, "eve").await;
    let client = test.client(&account);
    let times = json!({ "from": "2030-01-01T00:00:00Z", "until": "2020-01-01T00:00:00Z" });
    for (what, why) in [
        (json!({ "user_id": stranger.user_id.0 }), "user_id: is no user of this account"),
        (json!({ "subaccount": "SA00000000000000000A" }), "subaccount: is none of this account's"),
        (times, "until: is not after `from`"),
        (json!({ "number": null, "kind": "company" }), "number: must be text"),
    ] {
        let answer = client.post(HOLDS).json(&json!({ "reason": "x", "where": what })).send().await;
        wrong(&answer, "where", &format!("where: {why}"));
    }
    let twice = r#"{ "reason": "x", "where": { "number": "+14155550100", "number": "1" } }"#;
    let answer =
        client.post(HOLDS).header("content-type", "application/json").body(twice).send().await;
    wrong(&answer, "body", "body: has an object with a key that is given twice");
}
