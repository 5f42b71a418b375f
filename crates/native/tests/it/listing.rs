//! The list of recordings, and what it says will become of each.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Client, Form, TestVault, sound};

use crate::{path, wrong};

fn form(start: &str, from: &str, seconds: u64) -> Form {
    let form = Form::new().text("start", start).text("from_number", from);
    form.text("direction", "inbound").file(&sound::wav(Duration::from_secs(seconds)))
}

async fn list(client: &Client, query: &str) -> Value {
    let answer = client.get(format!("/api/v1/recordings{query}")).send().await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    answer.json()
}

fn starts(page: &Value) -> Vec<&str> {
    let rows = page["recordings"].as_array().unwrap().iter();
    rows.map(|row| &row["start"].as_str().unwrap()[..10]).collect()
}

#[tokio::test]
async fn the_list_is_filtered_sorted_and_paged_through_a_cursor() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    for (start, from, seconds) in [
        ("2020-01-01T00:00:00Z", "+14155550101", 3),
        ("2020-01-02T00:00:00Z", "+14155550102", 1),
        ("2020-01-03T00:00:00Z", "+14155550101", 2),
    ] {
        test.recording_with(&account, form(start, from, seconds)).await;
    }
    let (first, second, third) = ("2020-01-01", "2020-01-02", "2020-01-03");
    for (query, expected) in [
        ("", &[third, second, first][..]),
        ("?sort=start", &[first, second, third]),
        ("?sort=duration", &[second, third, first]),
        ("?sort=-size_bytes", &[first, third, second]),
        ("?number=14155550101", &[third, first]),
        ("?direction=outbound", &[]),
        ("?longer_than=1s&shorter_than=3s", &[third]),
        ("?from=2020-01-02T00:00:00Z&until=2020-01-03T00:00:00Z", &[second]),
        ("?conference=weekly", &[]),
        ("?held=true", &[]),
        ("?held=false&number=%2B14155550102", &[second]),
    ] {
        let page = list(&client, query).await;
        assert_eq!(starts(&page), expected, "{query}");
        assert_eq!((&page["total"], &page["next"]), (&json!(expected.len()), &Value::Null));
    }
    let page = list(&client, "?limit=2").await;
    assert_eq!(starts(&page), [third, second]);
    let next = page["next"].as_str().unwrap();
    let page = list(&client, &format!("?limit=2&after={next}")).await;
    assert_eq!(starts(&page), [first]);
    assert_eq!((&page["total"], &page["next"]), (&Value::Null, &Value::Null));

    for (query, field, detail) in [
        ("?sort=from_number", "sort", "must be start, add_time, duration, size_bytes or number"),
        ("?after=1", "after", "must be the next of a page"),
        ("?after=1.-1", "after", "must be the next of a page"),
        ("?held=1", "held", "must be true or false"),
        ("?longer_than=30", "longer_than", "a bare number has no unit: write 30s, 30m, 30h or 30d"),
        ("?color=red", "color", "no such parameter"),
    ] {
        let answer = client.get(format!("/api/v1/recordings{query}")).send().await;
        if field == "longer_than" {
            assert_eq!((answer.status, &answer.json()["field"]), (422, &json!(field)));
        } else {
            wrong(&answer, field, &format!("{field}: {detail}"));
        }
    }
}

#[tokio::test]
async fn a_list_has_what_the_caller_may_see() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let sub = test.subaccount(&account, "part").await;
    let stranger = test.account("other").await;
    test.recording(&account).await;
    test.recording(&sub).await;
    let (alice, as_alice) = test.user(&account, "alice").await;
    let user = alice.user_id.to_string();
    let own = Form::new().text("kind", "on_demand").text("user_id", &user);
    test.recording_with(&account, own.file(&sound::wav(Duration::from_secs(1)))).await;
    for (client, total) in [
        (&test.client(&account), 3),
        (&test.client(&sub), 1),
        (&test.client(&stranger), 0),
        (&as_alice, 1),
    ] {
        assert_eq!(list(client, "").await["total"], total);
    }
    let of_sub = list(&test.client(&account), &format!("?subaccount={}", sub.auth_id)).await;
    assert_eq!(of_sub["total"], 1);
}

#[tokio::test]
async fn each_row_says_what_will_become_of_it() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let young = test.recording_with(&account, form("2020-01-01T00:00:00Z", "+1", 1)).await;
    let held = test.recording_with(&account, form("2020-01-02T00:00:00Z", "+2", 1)).await;
    let page = list(&client, "").await;
    assert_eq!(page["recordings"][0]["deletion"], Value::Null);

    let policy = json!({ "name": "old calls", "where": { "number": "+1", "older_than": "20000d" },
        "schedule": "0 3 * * *", "time_zone": "UTC" });
    let policy = client.post("/api/v1/retention/policies").json(&policy).send().await;
    assert_eq!(policy.status, 201, "{}", policy.text());
    let put = client.put(format!("{}/hold", path(&held)));
    assert_eq!(put.json(&json!({ "reason": "case 17" })).send().await.status, 204);

    let page = list(&client, "?sort=start").await;
    let deletion = json!({ "at": "2074-10-04T03:00:00Z", "policy_id": policy.json()["policy_id"],
        "policy": "old calls", "action": "delete" });
    assert_eq!(page["recordings"][0]["deletion"], deletion);
    assert_eq!(page["recordings"][0]["held"], false);
    assert_eq!(page["recordings"][1]["deletion"], Value::Null);
    assert_eq!(page["recordings"][1]["held"], true);
    assert_eq!(list(&client, "?held=true").await["total"], 1);

    let keeping = client.get(format!("{}/keeping", path(&held))).send().await.json();
    assert_eq!(keeping["holds"][0]["reason"], "case 17");
    assert_eq!(keeping["rounded_duration_ms"], 60_000);
    let keeping = client.get(format!("{}/keeping", path(&young))).send().await.json();
    assert_eq!(keeping["deletion"], deletion);
    assert_eq!(keeping["storage_days"], 1);
    assert_eq!(keeping["transcript"], Value::Null);
    client.post(format!("{}/transcript", path(&young))).send().await;
    let keeping = client.get(format!("{}/keeping", path(&young))).send().await.json();
    assert!(keeping["transcript"].is_string(), "{keeping}");

    let minimum = json!({ "minimum_retention": "30d" });
    assert_eq!(client.patch("/api/v1/account").json(&minimum).send().await.status, 200);
    let page = list(&client, "").await;
    assert!(page["recordings"][0]["kept_until"].is_string(), "{page}");
}
