//! Exports: many recordings as one zip.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Client, Form, TestVault, Zip, sound};
use vault::NewAccount;

use crate::{problem, wrong};

const EXPORTS: &str = "/api/v1/exports";

async fn ask(client: &Client, body: &Value) -> String {
    let answer = client.post(EXPORTS).json(body).send().await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let id = answer.json()["export_id"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), format!("http://vault.test{EXPORTS}/{id}"));
    id
}

async fn shown(client: &Client, id: &str) -> Value {
    let answer = client.get(format!("{EXPORTS}/{id}")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn zip_of(id: &str) -> String {
    format!("{EXPORTS}/{id}/zip")
}

/// Asks for a zip, has it made, and fetches it.
async fn made(test: &TestVault, client: &Client, body: &Value) -> Zip {
    let id = ask(client, body).await;
    test.work().await;
    let answer = client.get(zip_of(&id)).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    Zip::read(&answer.body)
}

/// The ids of the recordings that a zip tells of, in its order.
fn ids(zip: &Zip) -> Vec<Value> {
    let lines = zip.manifest()["recordings"].as_array().unwrap().clone();
    lines.into_iter().map(|line| line["recording_id"].clone()).collect()
}

async fn call(test: &TestVault, account: &NewAccount, form: Form) -> Value {
    test.recording_with(account, form.file(&sound::wav(Duration::from_secs(1)))).await
}

#[tokio::test]
async fn what_is_chosen_is_counted_first_and_then_in_the_zip() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let inbound = || Form::new().text("direction", "inbound");
    let first = call(&test, &account, inbound().text("transcription_type", "auto")).await;
    let second = call(&test, &account, inbound()).await;
    let third = call(&test, &account, Form::new().text("direction", "outbound")).await;
    test.work().await;
    let hold = client.put(format!("{}/hold", crate::path(&second)));
    assert_eq!(hold.json(&json!({ "reason": "case 17" })).send().await.status, 204);
    let id = |recording: &Value| recording["recording_id"].clone();
    let size = first["size_bytes"].as_u64().unwrap();
    let never = json!("3fa85f64-5717-4562-b3fc-2c963f66afa6");
    for (chosen, expected) in [
        (json!({ "where": { "direction": "inbound" } }), vec![&first, &second]),
        (json!({ "where": {} }), vec![&first, &second, &third]),
        (json!({ "where": { "number": "+1" } }), vec![]),
        (json!({ "where": { "text": "money" } }), vec![&first]),
        (json!({ "where": { "held": true } }), vec![&second]),
        (json!({ "where": { "held": false, "direction": "inbound" } }), vec![&first]),
        (json!({ "where": { "held": true, "text": "money" } }), vec![]),
        (json!({ "ids": [id(&third), id(&first), never, id(&first)] }), vec![&first, &third]),
    ] {
        let mut dry = chosen.clone();
        dry["dry_run"] = true.into();
        let preview = client.post(EXPORTS).json(&dry).send().await;
        let recordings = expected.len() as u64;
        let amount = json!({ "recordings": recordings, "duration_ms": 1000 * recordings,
            "bytes": size * recordings });
        assert_eq!((preview.status, preview.json()), (200, amount), "{chosen}");
        let zip = made(&test, &client, &chosen).await;
        assert_eq!(ids(&zip), expected.into_iter().map(id).collect::<Vec<_>>(), "{chosen}");
    }

    let zip = made(&test, &client, &json!({ "where": { "direction": "inbound" } })).await;
    let (number, other) = (&first["number"], &second["number"]);
    let mut names: Vec<String> = zip.files.keys().cloned().collect();
    names.retain(|name| !name.starts_with("manifest"));
    let mut expected = vec![
        format!("recordings/2026-01-15/{number}.wav"),
        format!("recordings/2026-01-15/{other}.wav"),
        format!("transcripts/2026-01-15/{number}.json"),
        format!("transcripts/2026-01-15/{number}.txt"),
    ];
    expected.sort();
    assert_eq!(names, expected);
    assert_eq!(zip.files[&expected[0]], sound::wav(Duration::from_secs(1)));
    let path = format!("/api/v1/recordings/{}/transcript", first["recording_id"].as_str().unwrap());
    let document: Value = serde_json::from_slice(&zip.files[&expected[2]]).unwrap();
    assert_eq!(document, client.get(&path).send().await.json());
    let plain = client.get(format!("{path}?format=text")).send().await.text();
    assert_eq!(String::from_utf8_lossy(&zip.files[&expected[3]]), plain);
    let manifest = zip.manifest();
    assert_eq!(manifest["recordings"][0]["sha256"], first["sha256"]);
    assert_eq!(manifest["recordings"][0]["transcript"], expected[2]);
    assert_eq!(manifest["recordings"][1]["transcript"], Value::Null);
}

#[tokio::test]
async fn an_export_tells_how_far_it_is_and_of_who_asked() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    test.recording(&account).await;
    let id = ask(&client, &json!({ "where": {} })).await;
    let mut expected = json!({
        "export_id": id, "status": "pending", "recordings": null, "completed": 0,
        "size_bytes": null, "valid_until": null, "created": "2026-01-15T12:00:00Z",
    });
    assert_eq!(shown(&client, &id).await, expected);
    problem(&client.get(zip_of(&id)).send().await, 404, "Not Found", "not found");
    test.work().await;
    let zip = client.get(zip_of(&id)).send().await;
    assert_eq!(zip.status, 200, "{}", zip.text());
    assert_eq!(zip.header("content-type"), "application/zip");
    let name = format!("attachment; filename=\"export-{id}.zip\"");
    assert_eq!(zip.header("content-disposition"), name);
    expected["status"] = "complete".into();
    expected["recordings"] = 1.into();
    expected["completed"] = 1.into();
    expected["size_bytes"] = zip.body.len().into();
    expected["valid_until"] = "2026-01-22T12:00:00Z".into();
    assert_eq!(shown(&client, &id).await, expected);
    let part = client.get(zip_of(&id)).header("range", "bytes=100-199").send().await;
    assert_eq!((part.status, &part.body[..]), (206, &zip.body[100..200]));

    let told = async |action: &str| {
        let log = client.get(format!("/api/v1/audit?action={action}")).send().await.json();
        let entry = &log["entries"][0];
        (entry["subject"].clone(), entry["detail"].clone())
    };
    let subject = json!(format!("export {id}"));
    assert_eq!(told("export").await, (subject.clone(), json!({ "kind": "selection" })));
    let detail = json!({ "recordings": 1, "transcripts": true });
    assert_eq!(told("listen").await, (subject, detail));
}

#[tokio::test]
async fn everybody_exports_what_they_may_see_and_fetches_their_own() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let sub = test.subaccount(&account, "branch").await;
    let other = test.account("other").await;
    let (alice, as_alice) = test.user(&account, "alice").await;
    let (_, as_bob) = test.user(&account, "bob").await;
    let company = call(&test, &account, Form::new()).await;
    let branch = call(&test, &sub, Form::new()).await;
    let form = Form::new().text("kind", "on_demand").text("user_id", &alice.user_id.to_string());
    let alices = call(&test, &account, form).await;
    let all = [&company, &branch, &alices].map(|recording| recording["recording_id"].clone());
    let administrator = test.administrator(&account).await;
    let clients = [&test.client(&account), &administrator, &test.client(&sub), &as_alice, &as_bob];
    let others = test.client(&other);
    for (at, own, may) in [
        (0, &all[..], [true, true, false, false, false]),
        (1, &all[..], [true, true, false, false, false]),
        (2, &all[1..2], [true, true, true, false, false]),
        (3, &all[2..], [true, true, false, true, false]),
        (4, &[], [true, true, false, false, true]),
    ] {
        for body in [json!({ "where": {} }), json!({ "ids": all })] {
            let id = ask(clients[at], &body).await;
            test.work().await;
            let zip = clients[at].get(zip_of(&id)).send().await;
            assert_eq!(ids(&Zip::read(&zip.body)), own, "{at} {body}");
            for (client, may) in clients.into_iter().zip(may).chain([(&others, false)]) {
                for path in [format!("{EXPORTS}/{id}"), zip_of(&id)] {
                    let status = if may { 200 } else { 404 };
                    assert_eq!(client.get(path).send().await.status, status);
                }
            }
            assert_eq!(test.stranger().get(zip_of(&id)).send().await.status, 401);
        }
    }
    assert_eq!(test.stranger().post(EXPORTS).json(&json!({})).send().await.status, 401);
    for id in ["x", "3fa85f64-5717-4562-b3fc-2c963f66afa6", "%00"] {
        for path in [format!("{EXPORTS}/{id}"), zip_of(id)] {
            problem(&clients[0].get(path).send().await, 404, "Not Found", "not found");
        }
    }
}

#[tokio::test]
async fn an_account_waits_for_its_exports_before_it_asks_for_many_more() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let (_, as_alice) = test.user(&account, "alice").await;
    let all = json!({ "where": {} });
    for _ in 0..20 {
        ask(&client, &all).await;
    }
    for client in [&client, &as_alice] {
        let refused = client.post(EXPORTS).json(&all).send().await;
        problem(&refused, 409, "Conflict", "20 exports are being made already");
    }
    ask(&test.client(&test.account("other").await), &all).await;
    test.work().await;
    ask(&as_alice, &all).await;
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let many: Vec<String> = (0..1001).map(|n| format!("3fa85f64-5717-4562-b3fc-{n:012}")).collect();
    for (body, field, why) in [
        (json!({}), "body", "must have either ids or where"),
        (json!({ "ids": [], "where": {} }), "body", "must have either ids or where"),
        (json!([]), "body", "must be a JSON object"),
        (json!({ "ids": [] }), "ids", "must be 1 to 1000"),
        (json!({ "ids": many }), "ids", "must be 1 to 1000"),
        (json!({ "ids": "all" }), "ids", "must be a list"),
        (json!({ "ids": [7] }), "ids", "must be recording_ids"),
        (json!({ "ids": ["../../etc/passwd"] }), "ids", "must be recording_ids"),
        (json!({ "where": "all" }), "where", "must be an object"),
        (json!({ "where": { "colour": "red" } }), "where", "colour: no such key"),
        (json!({ "where": { "user_id": "1" } }), "where", "user_id: must be a whole number"),
        (json!({ "where": { "user_id": 1e300 } }), "where", "user_id: must be a whole number"),
        (json!({ "where": {}, "dry_run": 1 }), "dry_run", "must be true or false"),
        (json!({ "where": {}, "name": "x" }), "name", "no such key"),
    ] {
        let answer = client.post(EXPORTS).json(&body).send().await;
        wrong(&answer, field, &format!("{field}: {why}"));
    }
    let long = json!({ "ids": ["x".repeat(70_000)] });
    assert_eq!(client.post(EXPORTS).json(&long).send().await.status, 413);
    assert_eq!(client.post(EXPORTS).body("{}").send().await.status, 415);
}

#[tokio::test]
async fn what_is_deleted_is_in_no_zip_any_more() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let spoken = || Form::new().text("transcription_type", "auto");
    let first = call(&test, &account, spoken()).await;
    let second = call(&test, &account, spoken()).await;
    let third = call(&test, &account, Form::new()).await;
    test.work().await;
    let path = |recording: &Value| crate::path(recording);
    let delete = async |path: String| {
        assert_eq!(client.delete(path).send().await.status, 204);
    };
    let status = async |id: &str| shown(&client, id).await["status"].clone();

    // Of a complete one: with its recording, and with its transcript.
    let only = |recording: &Value| json!({ "ids": [recording["recording_id"]] });
    let (with_first, with_second, with_third) = (
        ask(&client, &only(&first)).await,
        ask(&client, &only(&second)).await,
        ask(&client, &only(&third)).await,
    );
    test.work().await;
    delete(path(&first)).await;
    delete(format!("{}/transcript", path(&second))).await;
    assert_eq!(status(&with_first).await, "expired");
    assert_eq!(status(&with_second).await, "expired");
    assert_eq!(status(&with_third).await, "complete");
    for id in [&with_first, &with_second] {
        problem(&client.get(zip_of(id)).send().await, 404, "Not Found", "not found");
    }

    // Of one that is being made: asked for before, gone when the job comes.
    client.post(format!("{}/transcript", path(&third))).send().await;
    test.work().await;
    let id = ask(&client, &json!({ "ids": [second["recording_id"], third["recording_id"]] })).await;
    delete(path(&second)).await;
    delete(format!("{}/transcript", path(&third))).await;
    test.work().await;
    let zip = Zip::read(&client.get(zip_of(&id)).send().await.body);
    assert_eq!(ids(&zip), [third["recording_id"].clone()]);
    assert_eq!(zip.manifest()["recordings"][0]["transcript"], Value::Null);
    assert!(zip.files.keys().all(|name| !name.starts_with("transcripts/")));
}

#[tokio::test]
async fn what_a_stranger_wrote_names_no_file() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let nasty = "<script>\"../../x\",=1+1";
    let form = Form::new()
        .text("call_uuid", nasty)
        .text("cnam", nasty)
        .text("conference_name", nasty)
        .text("extensions", "../../y");
    let kept = call(&test, &account, form).await;
    let what = json!({ "where": { "conference": nasty } });
    let zip = made(&test, &client, &what).await;
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "/-.".contains(sign);
    for name in zip.files.keys() {
        assert!(name.chars().all(plain) && !name.contains(".."), "{name}");
    }
    let manifest = zip.manifest();
    let line = &manifest["recordings"][0];
    assert_eq!((&line["cnam"], &line["call_uuid"]), (&json!(nasty), &kept["call_uuid"]));
    let csv = String::from_utf8_lossy(&zip.files["manifest.csv"]).into_owned();
    assert!(csv.contains("\"<script>\"\"../../x\"\",=1+1\""), "{csv}");
    assert_eq!(csv.matches("\r\n").count(), 2);
}

#[tokio::test]
async fn a_zip_keeps_the_words_of_audio_that_was_deleted() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let settings = json!({ "retention_pending": "0d", "retention_max_share": 1 });
    assert_eq!(client.patch("/api/v1/account").json(&settings).send().await.status, 200);
    let old = "2025-03-01T00:00:00Z";
    let form = Form::new().text("start", old).text("add_time", old);
    let kept = call(&test, &account, form.text("transcription_type", "auto")).await;
    test.work().await;
    let policy = json!({ "name": "words only", "where": { "older_than": "30d" },
        "action": "delete_audio" });
    let policy = client.post("/api/v1/retention/policies").json(&policy).send().await;
    assert_eq!(policy.status, 201, "{}", policy.text());
    let path = format!("/api/v1/retention/policies/{}/run", policy.json()["policy_id"]);
    assert_eq!(client.post(path).send().await.status, 202);
    test.work().await;
    let zip = made(&test, &client, &json!({ "ids": [kept["recording_id"]] })).await;
    let manifest = zip.manifest();
    let line = &manifest["recordings"][0];
    assert_eq!((&line["state"], &line["reason"]), (&json!("failed"), &json!("audio_deleted")));
    let name = format!("transcripts/2025-03-01/{}.txt", kept["number"]);
    assert!(zip.files.contains_key(&name), "{:?}", zip.files.keys());
}
