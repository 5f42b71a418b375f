//! Policies, previews, runs and receipts.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, Client, Form, TestVault, sound};

use crate::{path, problem, wrong};

const POLICIES: &str = "/api/v1/retention/policies";
pub(crate) const RUNS: &str = "/api/v1/retention/runs";
const PREVIEW: &str = "/api/v1/retention/preview";
pub(crate) const BULK: &str = "/api/v1/recordings/delete";
const DAY: Duration = Duration::from_hours(24);

/// A call of so many seconds that was added so many days ago.
pub(crate) fn call(test: &TestVault, days: u32, seconds: u64) -> Form {
    let added = test.clock.now().minus(DAY * days);
    Form::new().text("add_time", &added.to_string()).file(&sound::wav(Duration::from_secs(seconds)))
}

pub(crate) async fn set(client: &Client, settings: Value) {
    let answer = client.patch("/api/v1/account").json(&settings).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

pub(crate) async fn post(client: &Client, path: &str, body: Value) -> Answer {
    client.post(path).json(&body).send().await
}

async fn made(client: &Client, policy: Value) -> Value {
    let answer = post(client, POLICIES, policy).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

pub(crate) async fn run(client: &Client, id: &Value) -> Value {
    client.get(format!("{RUNS}/{id}")).send().await.json()
}

pub(crate) async fn lines(client: &Client, id: &Value) -> Vec<Value> {
    let receipt = client.get(format!("{RUNS}/{id}/receipt")).send().await;
    assert_eq!(receipt.status, 200, "{}", receipt.text());
    receipt.json()["recordings"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_policy_waits_and_then_deletes_what_is_old_and_says_so() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let old = test.recording_with(&account, call(&test, 40, 61)).await;
    let held = test.recording_with(&account, call(&test, 40, 1)).await;
    for _ in 0..6 {
        test.recording_with(&account, call(&test, 1, 1)).await;
    }
    let put = client.put(format!("{}/hold", path(&held)));
    assert_eq!(put.json(&json!({ "reason": "case 17" })).send().await.status, 204);

    let policy = json!({ "name": "older than a month", "where": { "older_than": "30d" },
        "schedule": "0 3 * * 0", "time_zone": "Europe/Berlin" });
    let shown = made(&client, policy.clone()).await;
    let id = shown["policy_id"].clone();
    assert_eq!(
        shown,
        json!({ "policy_id": id, "name": "older than a month",
            "where": { "by": "start", "older_than": "30d" }, "schedule": "0 3 * * 0",
            "time_zone": "Europe/Berlin", "action": "delete", "archive_to": null, "pending": "7d",
            "status": "pending", "next_run": "2026-01-25T02:00:00Z", "created": testkit::START })
    );
    let too_early = client.post(format!("{POLICIES}/{id}/run")).send().await;
    let why = "the policy is pending until 2026-01-22T12:00:00Z";
    problem(&too_early, 409, "Conflict", why);

    test.work().await;
    test.clock.set("2026-01-25T01:59:59Z".parse().unwrap());
    test.work().await;
    assert_eq!(client.get(RUNS).send().await.json()["runs"], json!([]), "not yet");
    test.clock.set("2026-01-25T02:00:00Z".parse().unwrap());
    let preview = post(&client, PREVIEW, policy).await.json();
    assert_eq!(
        (&preview["recordings"], &preview["held"], &preview["would_delete"]),
        (&json!(2), &json!(1), &json!(1))
    );
    test.work().await;

    let runs = client.get(RUNS).send().await.json()["runs"].clone();
    assert_eq!(runs.as_array().unwrap().len(), 1);
    let done = &runs[0];
    assert_eq!((&done["status"], &done["policy_id"]), (&json!("done"), &id));
    assert_eq!(done["slot"], "2026-01-25T02:00:00Z");
    assert_eq!(done["started_by"], format!("policy {id}"));
    assert_eq!(done["policy"]["where"], json!({ "older_than": "30d" }));
    assert_eq!(
        (&done["would_delete"], &done["deleted"], &done["held"], &done["failed"]),
        (&json!(1), &json!(1), &json!(1), &json!(0))
    );
    assert_eq!((&done["bytes"], &done["duration_ms"]), (&old["size_bytes"], &old["duration_ms"]));
    let receipt = lines(&client, &done["run_id"]).await;
    let line = |was: &Value, outcome: &str, reason: Value| {
        json!({ "recording_id": was["recording_id"], "number": was["number"],
            "sha256": was["sha256"], "start": was["start"], "add_time": was["add_time"],
            "received": testkit::START, "duration_ms": was["duration_ms"],
            "size_bytes": was["size_bytes"], "outcome": outcome, "reason": reason,
            "at": "2026-01-25T02:00:00Z", "archived_to": null })
    };
    let why = json!("the recording is under legal hold: case 17");
    assert_eq!(receipt, [line(&old, "deleted", Value::Null), line(&held, "held", why)]);
    let csv = client.get(format!("{RUNS}/{}/receipt?format=csv", done["run_id"])).send().await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let rows: Vec<String> = csv.text().split("\r\n").map(str::to_owned).collect();
    assert_eq!(rows.len(), 4, "{rows:?}");
    assert!(rows[0].starts_with("recording_id,number,sha256,start,"), "{}", rows[0]);
    assert!(rows[2].contains(",held,\"the recording is under legal hold: case 17\","));

    assert_eq!(client.get(path(&old)).send().await.status, 404);
    assert_eq!(client.get(path(&held)).send().await.status, 200);
    assert_eq!(test.audio_files().len(), 7);
    let next = client.get(format!("{POLICIES}/{id}")).send().await.json();
    assert_eq!(next["next_run"], "2026-02-01T02:00:00Z");
    assert_eq!(next["status"], "active");
    let told = client.get("/api/v1/audit?action=delete").send().await.json();
    assert_eq!(told["entries"][0]["who"], format!("policy {id}"));
    assert_eq!(told["entries"][0]["subject"], old["recording_id"]);
}

#[tokio::test]
async fn a_preview_counts_and_prices_what_a_run_then_deletes() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    set(&client, json!({ "retention_max_share": 1, "retention_pending": "0d" })).await;
    // What was added by 3 November is charged at the end of January; that of 73 days ago is not.
    for (days, seconds) in [(73, 1), (74, 61), (76, 90), (100, 30)] {
        test.recording_with(&account, call(&test, days, seconds)).await;
    }
    let young = test.recording_with(&account, call(&test, 200, 1)).await;
    let body = json!({ "reason": "case 17", "where": { "older_than": "150d" } });
    let hold = post(&client, "/api/v1/holds", body).await.json();
    let policy = json!({ "name": "x", "where": { "older_than": "60d" } });
    let preview = post(&client, PREVIEW, policy.clone()).await.json();
    assert_eq!((&preview["recordings"], &preview["held"]), (&json!(5), &json!(1)));
    let by = format!("hold {}", hold["hold_id"]);
    let held_by = json!([{ "by": by, "reason": "case 17", "recordings": 1 }]);
    assert_eq!(preview["held_by"], held_by);
    assert_eq!(preview["duration_ms"], 183_000);
    // 61 s are one minute, 90 are two, 30 are one.
    assert_eq!(preview["monthly_amount"], 0.0016, "{preview}");
    assert_eq!(preview["oldest"], young["start"]);
    assert_eq!(preview["sample"].as_array().unwrap().len(), 5);

    let id = made(&client, policy).await["policy_id"].clone();
    let started = client.post(format!("{POLICIES}/{id}/run")).send().await;
    assert_eq!(started.status, 202, "{}", started.text());
    test.work().await;
    let done = run(&client, &started.json()["run_id"]).await;
    assert_eq!((&done["deleted"], &done["would_delete"]), (&json!(4), &preview["would_delete"]));
    assert_eq!((&done["held"], &done["started_by"]), (&json!(1), &json!(account.auth_id.as_str())));
}

#[tokio::test]
async fn a_condition_that_is_null_or_there_twice_is_refused() {
    let test = TestVault::new().await;
    let client = test.client(&test.account("acme").await);
    let answer =
        post(&client, BULK, json!({ "where": { "kind": "company", "older_than": null } })).await;
    wrong(&answer, "where", "where: older_than: must be text");
    let twice = r#"{ "where": { "older_than": "365d", "older_than": "1s" } }"#;
    let answer =
        client.post(BULK).header("content-type", "application/json").body(twice).send().await;
    wrong(&answer, "body", "body: has an object with a key that is given twice");
}

#[tokio::test]
async fn a_run_of_a_policy_that_was_removed_does_not_go_on() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    for _ in 0..8 {
        test.recording_with(&account, call(&test, 40, 1)).await;
    }
    let policy = json!({ "name": "old", "where": { "older_than": "30d" } });
    let policy = made(&client, policy).await["policy_id"].clone();
    test.clock.advance(Duration::from_hours(8 * 24));
    let started = post(&client, &format!("{POLICIES}/{policy}/run"), json!({})).await;
    assert_eq!(started.status, 202, "{}", started.text());
    let id = started.json()["run_id"].clone();
    test.work().await;
    assert_eq!(run(&client, &id).await["status"], "stopped");
    let removed = client.delete(format!("{POLICIES}/{policy}")).send().await;
    assert_eq!(removed.status, 204);
    let confirm = format!("{RUNS}/{id}/confirm");
    let refused = post(&client, &confirm, json!({ "would_delete": 8 })).await;
    problem(&refused, 409, "Conflict", "its policy was removed");
    assert_eq!(test.audio_files().len(), 8);
}

#[tokio::test]
async fn too_large_a_share_stops_until_that_number_is_confirmed() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    for _ in 0..8 {
        test.recording_with(&account, call(&test, 10, 1)).await;
    }
    let started = post(&client, BULK, json!({ "where": { "older_than": "7d" } })).await;
    assert_eq!(started.status, 202, "{}", started.text());
    let id = started.json()["run_id"].clone();
    test.work().await;
    let stopped = run(&client, &id).await;
    assert_eq!((&stopped["status"], &stopped["would_delete"]), (&json!("stopped"), &json!(8)));
    assert_eq!((&stopped["deleted"], test.audio_files().len()), (&json!(0), 8));

    let confirm = format!("{RUNS}/{id}/confirm");
    let other = post(&client, &confirm, json!({ "would_delete": 7 })).await;
    problem(&other, 409, "Conflict", "it would delete 8 recordings now");
    let late = test.recording_with(&account, call(&test, 10, 1)).await;
    let still = post(&client, &confirm, json!({ "would_delete": 8 })).await;
    assert_eq!(still.status, 202, "what came later is not concerned: {}", still.text());
    test.work().await;
    let done = run(&client, &id).await;
    assert_eq!((&done["status"], &done["deleted"]), (&json!("done"), &json!(8)));
    assert_eq!(client.get(path(&late)).send().await.status, 200);
    let again = post(&client, &confirm, json!({ "would_delete": 8 })).await;
    problem(&again, 409, "Conflict", "the run is not stopped");
    wrong(&post(&client, &confirm, json!({})).await, "would_delete", "would_delete: is missing");
}

#[tokio::test]
async fn a_run_that_is_confirmed_before_its_job_has_ended_goes_on() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    for _ in 0..4 {
        test.recording_with(&account, call(&test, 10, 1)).await;
    }
    let started = post(&client, BULK, json!({ "where": { "older_than": "7d" } })).await.json();
    let id = &started["run_id"];
    {
        let mut work = std::pin::pin!(test.vault.run_due_jobs());
        while run(&client, id).await["status"] != "stopped" {
            assert!(futures::poll!(work.as_mut()).is_pending(), "it ends when it is looked at");
        }
        let confirm = format!("{RUNS}/{id}/confirm");
        let answer = post(&client, &confirm, json!({ "would_delete": 4 })).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
    }
    test.work().await;
    let done = run(&client, id).await;
    assert_eq!((&done["status"], &done["deleted"]), (&json!("done"), &json!(4)));
}

#[tokio::test]
async fn a_stopped_run_is_cancelled_and_says_by_whom() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    for _ in 0..4 {
        test.recording_with(&account, call(&test, 10, 1)).await;
    }
    let held = test.recording_with(&account, call(&test, 10, 1)).await;
    let put = client.put(format!("{}/hold", path(&held)));
    assert_eq!(put.json(&json!({ "reason": "case 17" })).send().await.status, 204);
    let started = post(&client, BULK, json!({ "where": { "older_than": "7d" } })).await.json();
    let id = &started["run_id"];
    let (cancel, confirm) = (format!("{RUNS}/{id}/cancel"), format!("{RUNS}/{id}/confirm"));
    let early = client.post(&cancel).send().await;
    problem(&early, 409, "Conflict", "the run is not stopped");
    test.work().await;
    let stopped = run(&client, id).await;
    let counts = |run: &Value| json!([run["status"], run["would_delete"], run["held"]]);
    assert_eq!(counts(&stopped), json!(["stopped", 4, 1]));
    assert_eq!(stopped["cancelled_by"], Value::Null);

    let stranger = test.client(&test.account("stranger").await);
    assert_eq!(stranger.post(&cancel).send().await.status, 404);
    let sales = test.client(&test.subaccount(&account, "sales").await);
    assert_eq!(sales.post(&cancel).send().await.status, 404);
    assert_eq!(client.post(format!("{RUNS}/99/cancel")).send().await.status, 404);

    let answer = client.post(&cancel).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let cancelled = run(&client, id).await;
    assert_eq!(answer.json(), cancelled);
    assert_eq!(counts(&cancelled), json!(["cancelled", 4, 1]));
    assert_eq!(
        (&cancelled["cancelled_by"], &cancelled["ended"]),
        (&json!(account.auth_id.as_str()), &json!(testkit::START))
    );
    let again = client.post(&cancel).send().await;
    problem(&again, 409, "Conflict", "the run is not stopped");
    let late = post(&client, &confirm, json!({ "would_delete": 4 })).await;
    problem(&late, 409, "Conflict", "the run is not stopped");
    test.work().await;
    assert_eq!((lines(&client, id).await, test.audio_files().len()), (vec![], 5));
    let receipt = client.get(format!("{RUNS}/{id}/receipt")).send().await.json();
    assert_eq!(receipt["run"], cancelled);
    let told = client.get("/api/v1/audit?action=run_cancel").send().await.json();
    assert_eq!(told["entries"].as_array().unwrap().len(), 1);
    let told = &told["entries"][0];
    assert_eq!(
        json!([told["who"], told["subject"], told["detail"]]),
        json!([account.auth_id.as_str(), format!("run {id}"), { "would_delete": 4 }])
    );
}

#[tokio::test]
async fn what_a_hold_has_caught_while_a_run_was_stopped_stays() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let kept = test.recording_with(&account, call(&test, 28, 1)).await;
    let body = json!({ "reason": "case 17", "where": { "older_than": "30d" } });
    assert_eq!(post(&client, "/api/v1/holds", body).await.status, 201);
    let started = post(&client, BULK, json!({ "where": { "older_than": "7d" } })).await.json();
    test.work().await;
    let id = &started["run_id"];
    assert_eq!(run(&client, id).await["would_delete"], 1);

    test.clock.advance(DAY * 5);
    let confirm = format!("{RUNS}/{id}/confirm");
    let other = post(&client, &confirm, json!({ "would_delete": 1 })).await;
    problem(&other, 409, "Conflict", "it would delete 0 recordings now");
    assert_eq!(run(&client, id).await["held"], 1);
    assert_eq!(post(&client, &confirm, json!({ "would_delete": 0 })).await.status, 202);
    test.work().await;
    let done = run(&client, id).await;
    assert_eq!((&done["deleted"], &done["held"]), (&json!(0), &json!(1)));
    assert_eq!(client.get(path(&kept)).send().await.status, 200);
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let empty = "where: must have a condition: an empty one would mean everything";
    wrong(&post(&client, BULK, json!({ "where": {} })).await, "where", empty);
    wrong(&post(&client, PREVIEW, json!({ "where": { "by": "start" } })).await, "where", empty);
    wrong(&post(&client, BULK, json!({ "where": { "held": false } })).await, "where", empty);
    for (what, why) in [
        (json!({ "held": "true" }), "held: must be true or false"),
        (json!({ "text": true }), "text: must be text"),
        (json!({ "text": " " }), "text: must be 1 to 500 characters"),
        (json!({ "text": "x".repeat(501) }), "text: must be 1 to 500 characters"),
    ] {
        let answer = post(&client, BULK, json!({ "where": what })).await;
        wrong(&answer, "where", &format!("where: {why}"));
    }
    for key in ["held", "text"] {
        let body = json!({ "where": { "kind": "company", key: "true" } });
        wrong(&post(&client, PREVIEW, body).await, "where", &format!("where: {key}: no such key"));
    }
    let either = "body: must have either ids or where";
    for body in [json!({}), json!({ "ids": [], "where": { "kind": "company" } })] {
        wrong(&post(&client, BULK, body).await, "body", either);
    }
    wrong(&post(&client, BULK, json!({ "ids": [] })).await, "ids", "ids: must be 1 to 1000");
    let uuids = "ids: must be recording_ids";
    wrong(&post(&client, BULK, json!({ "ids": [193_228] })).await, "ids", uuids);

    let five = "schedule: must be five fields of cron, as in \"0 3 * * 0\"";
    let zone = "time_zone: is no time zone, as in \"Europe/Berlin\"";
    let archive =
        "archive_to: the operator has configured no archive of this name for this account";
    for (key, value, detail) in [
        ("name", json!(""), "name: must be 1 to 100 printable characters"),
        ("where", json!({}), empty),
        ("schedule", json!("@daily"), five),
        ("schedule", json!("0 0 30 2 *"), "schedule: never comes"),
        ("time_zone", json!("Mars"), zone),
        ("action", json!("burn"), "action: must be one of delete, delete_audio"),
        ("archive_to", json!("/tmp"), archive),
        ("pending", json!("6d"), "pending: must be at least 7d, the account's own"),
        ("pending", json!(7), "pending: must be text with a unit (d, h, m or s), as in \"7d\""),
        ("colour", json!("red"), "colour: no such key"),
    ] {
        let mut policy = json!({ "name": "x", "where": { "older_than": "30d" } });
        policy[key] = value;
        wrong(&post(&client, POLICIES, policy).await, key, detail);
    }
    assert_eq!(client.get(POLICIES).send().await.json()["policies"], json!([]));

    let only = "only an administrator of the account may do this";
    let sales = test.client(&test.subaccount(&account, "sales").await);
    let (_, user) = test.user(&account, "alice").await;
    for client in [&sales, &user] {
        problem(&client.get(POLICIES).send().await, 403, "Forbidden", only);
        let policy = json!({ "name": "x", "where": { "older_than": "30d" } });
        problem(&post(client, POLICIES, policy.clone()).await, 403, "Forbidden", only);
        problem(&post(client, PREVIEW, policy).await, 403, "Forbidden", only);
    }
}

#[tokio::test]
async fn a_policy_is_changed_paused_and_removed() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    set(&client, json!({ "retention_pending": "0d", "retention_max_share": 1 })).await;
    let kept = test.recording_with(&account, call(&test, 40, 1)).await;
    let policy = json!({ "name": "x", "where": { "older_than": "30d" }, "schedule": "0 0 * * *" });
    let policy = made(&client, policy).await;
    assert_eq!(policy["status"], "active");
    let one = format!("{POLICIES}/{}", policy["policy_id"]);
    let patch = async |body: Value| client.patch(&one).json(&body).send().await.json();

    let paused = patch(json!({ "paused": true })).await;
    assert_eq!((&paused["status"], &paused["next_run"]), (&json!("paused"), &Value::Null));
    test.clock.advance(DAY);
    test.work().await;
    assert_eq!(client.get(path(&kept)).send().await.status, 200);
    let resumed = patch(json!({ "paused": false, "name": "y" })).await;
    assert_eq!((&resumed["status"], &resumed["name"]), (&json!("active"), &json!("y")));
    set(&client, json!({ "retention_pending": "3d" })).await;
    let waits = patch(json!({ "where": { "older_than": "31d" } })).await;
    assert_eq!((&waits["status"], &waits["pending"]), (&json!("pending"), &json!("3d")));
    test.clock.advance(DAY);
    test.work().await;
    assert_eq!(client.get(path(&kept)).send().await.status, 200, "it waits again");
    test.clock.advance(DAY * 3);
    test.work().await;
    assert_eq!(client.get(path(&kept)).send().await.status, 404);

    assert_eq!(client.delete(&one).send().await.status, 204);
    problem(&client.get(&one).send().await, 404, "Not Found", "not found");
    let run = client.get(RUNS).send().await.json()["runs"][0]["run_id"].clone();
    assert_eq!(lines(&client, &run).await.len(), 1, "the receipt stays");
}

#[tokio::test]
async fn two_nodes_start_one_run_for_each_slot() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    set(&client, json!({ "retention_pending": "0d" })).await;
    let policy = json!({ "name": "x", "where": { "older_than": "30d" }, "schedule": "0 * * * *" });
    made(&client, policy).await;
    let other = test.reopen(|_| ()).await.unwrap();
    // 100 at most: a page of runs.
    let slots = std::env::var_os("SLOTS").map_or(20, |slots| {
        slots.to_str().and_then(|slots| slots.parse::<usize>().ok()).expect("a number")
    });
    for _ in 0..slots {
        test.clock.advance(Duration::from_hours(1));
        let (one, two) = tokio::join!(test.vault.run_due_jobs(), other.run_due_jobs());
        one.unwrap();
        two.unwrap();
    }
    test.work().await;
    let runs = client.get(format!("{RUNS}?limit=100")).send().await.json()["runs"].clone();
    let found: Vec<&str> =
        runs.as_array().unwrap().iter().map(|run| run["slot"].as_str().unwrap()).collect();
    assert_eq!(found.len(), slots, "{found:?}");
    assert!(found.is_sorted_by(|later, earlier| later > earlier), "{found:?}");
    assert!(runs.as_array().unwrap().iter().all(|run| run["status"] == "done"), "{runs}");
}

#[tokio::test]
async fn a_run_that_is_cut_off_again_and_again_deletes_each_once() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    set(&client, json!({ "retention_max_share": 1 })).await;
    let mut ids = Vec::new();
    for _ in 0..230 {
        let form = Form::new()
            .text("start", "2025-01-01T00:00:00Z")
            .file(&sound::wav(Duration::from_millis(20)));
        ids.push(test.recording_with(&account, form).await["recording_id"].clone());
    }
    let started = post(&client, BULK, json!({ "where": { "older_than": "30d" } })).await.json();
    for cut in 0..40_u64 {
        let vault = test.vault.clone();
        let work = tokio::spawn(async move { vault.run_due_jobs().await });
        // As far as it comes; what matters is that each time it is somewhere else.
        for _ in 0..cut {
            tokio::task::yield_now().await;
            tokio::time::sleep(Duration::from_micros(300)).await;
        }
        work.abort();
        let _ = work.await;
        test.clock.advance(Duration::from_mins(2)); // the lease is over
    }
    test.work().await;
    let done = run(&client, &started["run_id"]).await;
    assert_eq!((&done["status"], &done["deleted"]), (&json!("done"), &json!(230)));
    let mut gone: Vec<Value> = lines(&client, &started["run_id"])
        .await
        .iter()
        .map(|line| line["recording_id"].clone())
        .collect();
    assert_eq!(gone, ids, "each once, in the order of their numbers");
    gone.dedup();
    assert_eq!(gone.len(), 230);
    assert_eq!(test.audio_files(), [""; 0]);
}
