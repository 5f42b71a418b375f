//! Background work: what waits and what has failed, and trying it again.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Client, Form, TestVault, sound};

use crate::{problem, wrong};

async fn list(client: &Client, query: &str) -> Value {
    let answer = client.get(format!("/api/v1/jobs{query}")).send().await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    answer.json()
}

fn kinds(page: &Value) -> Vec<&str> {
    page["jobs"].as_array().unwrap().iter().map(|job| job["kind"].as_str().unwrap()).collect()
}

async fn retry(client: &Client, id: &Value) -> u16 {
    client.post(format!("/api/v1/jobs/{id}/retry")).send().await.status
}

#[tokio::test]
async fn what_waits_is_listed_with_its_recording() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    assert_eq!(list(&client, "").await, json!({ "jobs": [], "next": null }));
    let form = Form::new().text("transcription_type", "auto").file(sound::CALL);
    let kept = test.recording_with(&account, form).await;
    client.post(format!("{}/denoise", crate::path(&kept))).send().await;
    let export = client.post("/api/v1/exports").json(&json!({ "where": {} })).send().await;
    assert_eq!(export.status, 202);
    let page = list(&client, "").await;
    assert_eq!(kinds(&page), ["export", "denoise", "transcribe"]);
    let first = &page["jobs"][2];
    assert_eq!(
        first,
        &json!({ "job_id": first["job_id"], "kind": "transcribe", "state": "queued",
            "attempts": 0, "next_try": "2026-01-15T12:00:00Z", "reason": null,
            "recording_id": kept["recording_id"] })
    );
    assert_eq!(page["jobs"][0]["recording_id"], Value::Null);

    let page = list(&client, "?limit=2&state=queued").await;
    assert_eq!(kinds(&page), ["export", "denoise"]);
    let rest = list(&client, &format!("?limit=2&before={}", page["next"])).await;
    assert_eq!((kinds(&rest), &rest["next"]), (vec!["transcribe"], &Value::Null));
    assert_eq!(list(&client, "?state=failed").await["jobs"], json!([]));
    let early = client.post(format!("/api/v1/jobs/{}/retry", first["job_id"])).send().await;
    problem(&early, 409, "Conflict", "the job has not failed");

    test.work().await;
    assert_eq!(list(&client, "").await["jobs"], json!([]), "what is done is there no more");
    client.delete(crate::path(&kept)).send().await;
    assert_eq!(kinds(&list(&client, "").await), ["erase"]);
}

/// Does what there is to do, again and again, while there is no folder of audio.
async fn work_without_audio(test: &TestVault, times: u32) {
    let (audio, away) = (test.directory().join("audio/audio"), test.directory().join("away"));
    fs::rename(&audio, &away).unwrap();
    fs::write(&audio, "no folder").unwrap();
    test.vault.run_due_jobs().await.unwrap();
    for _ in 1..times {
        test.clock.advance(Duration::from_hours(5));
        test.vault.run_due_jobs().await.unwrap();
    }
    fs::remove_file(&audio).unwrap();
    fs::rename(&away, &audio).unwrap();
}

#[tokio::test]
async fn what_failed_is_there_with_the_reason_and_can_be_tried_again() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    test.recording(&account).await;
    client.post("/api/v1/exports").json(&json!({ "where": {} })).send().await;
    work_without_audio(&test, 1).await;
    let job = list(&client, "").await["jobs"][0].clone();
    assert_eq!((&job["state"], &job["kind"]), (&json!("queued"), &json!("export")));
    assert!(job["next_try"].as_str().unwrap() > "2026-01-15T12:00:00Z", "{job}");
    let reason = job["reason"].as_str().unwrap().to_owned();
    assert!(!reason.is_empty() && !reason.contains('/'), "{reason}");

    // It need not wait for that; and it can fail again.
    assert_eq!(retry(&client, &job["job_id"]).await, 202);
    assert_eq!(list(&client, "").await["jobs"][0]["next_try"], "2026-01-15T12:00:00Z");
    work_without_audio(&test, 25).await;
    let page = list(&client, "?state=failed").await;
    let dead = &page["jobs"][0];
    assert_eq!(
        (&dead["job_id"], &dead["attempts"], &dead["next_try"], &dead["reason"]),
        (&job["job_id"], &json!(20), &Value::Null, &json!(reason))
    );
    assert_eq!(retry(&client, &dead["job_id"]).await, 202);
    let page = list(&client, "").await;
    assert_eq!(
        (&page["jobs"][0]["state"], &page["jobs"][0]["attempts"]),
        (&json!("queued"), &json!(0))
    );
    test.work().await;
    assert_eq!(list(&client, "").await["jobs"], json!([]));
    assert_eq!(retry(&client, &dead["job_id"]).await, 404);
    let log = client.get("/api/v1/audit?action=retry").send().await.json();
    assert_eq!(log["entries"][0]["subject"], format!("job {}", dead["job_id"]));
    assert_eq!(log["entries"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_job_of_an_export_that_was_given_up_is_not_tried_again() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    test.recording(&account).await;
    let export = client.post("/api/v1/exports").json(&json!({ "where": {} })).send().await;
    work_without_audio(&test, 25).await;
    test.vault.queue_sweep().await.unwrap();
    test.vault.run_due_jobs().await.unwrap();
    let path = format!("/api/v1/exports/{}", export.json()["export_id"].as_str().unwrap());
    assert_eq!(client.get(path).send().await.json()["status"], "failed");

    let id = list(&client, "?state=failed").await["jobs"][0]["job_id"].clone();
    let answer = client.post(format!("/api/v1/jobs/{id}/retry")).send().await;
    problem(&answer, 409, "Conflict", "its export has ended: ask for another one");
}

#[tokio::test]
async fn an_account_sees_its_own_work_and_only_its_administrator() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let sub = test.subaccount(&account, "branch").await;
    let other = test.account("other").await;
    let (_, as_alice) = test.user(&account, "alice").await;
    let kept = test.recording(&sub).await;
    test.client(&sub).delete(crate::path(&kept)).send().await;
    let page = list(&test.client(&account), "").await;
    assert_eq!(kinds(&page), ["erase"]);
    assert_eq!(list(&test.administrator(&account).await, "").await, page);
    assert_eq!(list(&test.client(&other), "").await["jobs"], json!([]));
    let id = &page["jobs"][0]["job_id"];
    assert_eq!(retry(&test.client(&other), id).await, 404);
    for client in [&test.client(&sub), &as_alice] {
        assert_eq!(client.get("/api/v1/jobs").send().await.status, 403);
        assert_eq!(retry(client, id).await, 403);
    }
    assert_eq!(test.stranger().get("/api/v1/jobs").send().await.status, 401);
    assert_eq!(retry(&test.stranger(), id).await, 401);
}

#[tokio::test]
async fn a_parameter_that_cannot_be_used_is_refused() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    for (query, field, why) in [
        ("?state=dead", "state", "must be one of queued, running, failed"),
        ("?before=-1", "before", "must be a job_id"),
        ("?before=99999999999999999999", "before", "must be a job_id"),
        ("?limit=0", "limit", "must be a whole number from 1 to 100"),
        ("?limit=1&limit=1", "limit", "given twice"),
        ("?kind=export", "kind", "no such parameter"),
    ] {
        let answer = client.get(format!("/api/v1/jobs{query}")).send().await;
        wrong(&answer, field, &format!("{field}: {why}"));
    }
    for id in ["0", "x", "-1", "99999999999999999999", "9223372036854775807"] {
        let answer = client.post(format!("/api/v1/jobs/{id}/retry")).send().await;
        problem(&answer, 404, "Not Found", "not found");
    }
}
