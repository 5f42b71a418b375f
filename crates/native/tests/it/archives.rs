//! Policies that copy recordings to an archive before they delete them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Client, Form, TestVault, sound};
use vault::ArchiveConfig;

use crate::{path, wrong};

const POLICIES: &str = "/api/v1/retention/policies";
const RUNS: &str = "/api/v1/retention/runs";
const OLD: &str = "2025-03-01T23:59:59Z";

/// A vault with the archives `cold`, for all, and `private`, for no account; and the folder of
/// `cold`.
async fn vault() -> (TestVault, PathBuf) {
    let mut folder = PathBuf::new();
    let test = TestVault::with(|config| {
        folder = config.audio.staging.with_file_name("cold");
        fs::create_dir_all(&folder).unwrap();
        let mut place = config.audio.clone();
        place.url = place.url.join("../cold/").unwrap();
        let archive = ArchiveConfig { place, accounts: None };
        let private = ArchiveConfig { accounts: Some(Vec::new()), ..archive.clone() };
        config.archives =
            [("cold".to_owned(), archive), ("private".to_owned(), private)].into_iter().collect();
    })
    .await;
    (test, folder)
}

fn old(length: Duration) -> Form {
    Form::new().text("start", OLD).file(&sound::wav(length))
}

/// Starts a run of a new policy that copies to `cold`; its number.
async fn start(client: &Client) -> Value {
    let settings = json!({ "retention_pending": "0d", "retention_max_share": 1 });
    assert_eq!(client.patch("/api/v1/account").json(&settings).send().await.status, 200);
    let policy = json!({ "name": "x", "where": { "older_than": "30d" }, "archive_to": "cold" });
    let made = client.post(POLICIES).json(&policy).send().await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.json()["archive_to"], "cold");
    run_again(client, &made.json()["policy_id"]).await
}

async fn run_again(client: &Client, policy: &Value) -> Value {
    let started = client.post(format!("{POLICIES}/{policy}/run")).send().await;
    assert_eq!(started.status, 202, "{}", started.text());
    started.json()["run_id"].clone()
}

async fn receipt(client: &Client, run: &Value) -> (Value, Vec<Value>) {
    let receipt = client.get(format!("{RUNS}/{run}/receipt")).send().await.json();
    assert_eq!(receipt["run"]["status"], "done", "{receipt}");
    (receipt["run"].clone(), receipt["recordings"].as_array().unwrap().clone())
}

/// The only audio file of a vault.
fn audio_file(test: &TestVault) -> PathBuf {
    let [file] = &test.audio_files()[..] else { panic!("{:?}", test.audio_files()) };
    test.directory().join("audio").join(file)
}

/// The file that a line of a receipt names.
fn copy(folder: &Path, line: &Value) -> PathBuf {
    let place = line["archived_to"].as_str().unwrap();
    folder.join(place.strip_prefix("cold/").unwrap())
}

#[tokio::test]
async fn what_a_run_deletes_is_in_the_archive_and_can_be_sent_in_again() {
    let (test, folder) = vault().await;
    let account = test.account("acme").await;
    let (client, sales) = (test.client(&account), test.subaccount(&account, "sales").await);
    let (user, _) = test.user(&account, "alice").await;
    let form = old(Duration::from_millis(1500))
        .text("from_number", "+14155550100")
        .text("direction", "inbound")
        .text("kind", "on_demand")
        .text("user_id", &user.user_id.to_string())
        .text("extensions", "101,102")
        .text("rule_ids", "7,8")
        .text("cnam", "Émile \"E.\" Dupont");
    let id = test.recording_with(&account, form).await;
    let shown = client.get(path(&id)).send().await.json();
    test.recording_with(&sales, old(Duration::from_millis(20))).await;
    let held = test.recording_with(&account, old(Duration::from_millis(20))).await;
    let put = client.put(format!("{}/hold", path(&held)));
    assert_eq!(put.json(&json!({ "reason": "case 17" })).send().await.status, 204);

    let run = start(&client).await;
    test.work().await;
    let (done, lines) = receipt(&client, &run).await;
    assert_eq!((&done["deleted"], &done["held"]), (&json!(2), &json!(1)));
    assert_eq!(done["policy"]["archive_to"], "cold");
    let day = |account: &str, line: &Value| {
        format!("cold/{account}/2025/03/01/{}.wav", line["recording_id"].as_str().unwrap())
    };
    assert_eq!(lines[0]["archived_to"], day(account.auth_id.as_str(), &lines[0]));
    assert_eq!(lines[1]["archived_to"], day(sales.auth_id.as_str(), &lines[1]));
    assert_eq!((&lines[2]["outcome"], &lines[2]["archived_to"]), (&json!("held"), &Value::Null));
    let csv = client.get(format!("{RUNS}/{run}/receipt?format=csv")).send().await.text();
    assert!(csv.contains(&format!(",{}\r\n", lines[0]["archived_to"].as_str().unwrap())), "{csv}");
    assert_eq!(test.audio_files().len(), 1);
    assert_eq!(client.get(path(&id)).send().await.status, 404);

    let audio = fs::read(copy(&folder, &lines[0])).unwrap();
    assert_eq!(audio, sound::wav(Duration::from_millis(1500)));
    let metadata = fs::read(copy(&folder, &lines[0]).with_extension("json")).unwrap();
    let metadata: Value = serde_json::from_slice(&metadata).unwrap();
    assert_eq!(metadata, shown, "all that the API showed");

    let mut form = Form::new().file(&audio);
    for key in ["call_uuid", "start", "add_time", "from_number", "direction", "kind", "cnam"] {
        form = form.text(key, metadata[key].as_str().unwrap());
    }
    form = form.text("user_id", &metadata["user_id"].to_string());
    for key in ["extensions", "rule_ids"] {
        let list: Vec<&str> =
            metadata[key].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        form = form.text(key, &list.join(","));
    }
    let back = test.recording_with(&account, form).await;
    let mut back = client.get(path(&back)).send().await.json();
    for key in ["recording_id", "number"] {
        back[key] = shown[key].clone(); // these are new
    }
    assert_eq!(back, shown);
}

/// What the archive has beside that copy of the audio.
fn said(folder: &Path, line: &Value) -> Value {
    let said = fs::read(copy(folder, line).with_extension("transcript.json")).unwrap();
    serde_json::from_slice(&said).unwrap()
}

#[tokio::test]
async fn what_was_said_is_copied_too() {
    let (test, folder) = vault().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let call = || Form::new().text("start", OLD).file(sound::CALL);
    let id = test.recording_with(&account, call().text("transcription_type", "auto")).await;
    test.recording_with(&account, call()).await;
    test.work().await;
    let shown = client.get(format!("{}/transcript", path(&id))).send().await.json();
    assert_eq!(shown["status"], "success");
    let run = start(&client).await;
    test.work().await;
    let (done, lines) = receipt(&client, &run).await;
    assert_eq!(done["deleted"], 2);
    assert_eq!(said(&folder, &lines[0]), shown, "all that the API showed");
    assert!(!copy(&folder, &lines[1]).with_extension("transcript.json").exists());
}

#[tokio::test]
async fn what_has_lost_its_audio_is_copied_by_what_is_known_of_it() {
    let (test, folder) = vault().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let form = Form::new().text("start", OLD).file(sound::CALL);
    let id = test.recording_with(&account, form.text("transcription_type", "auto")).await;
    test.work().await;
    let settings = json!({ "retention_pending": "0d", "retention_max_share": 1 });
    assert_eq!(client.patch("/api/v1/account").json(&settings).send().await.status, 200);
    let policy = json!({ "name": "x", "where": { "older_than": "30d" }, "action": "delete_audio" });
    let policy = client.post(POLICIES).json(&policy).send().await.json()["policy_id"].clone();
    run_again(&client, &policy).await;
    test.work().await;
    assert_eq!(test.audio_files(), [""; 0]);
    let shown = client.get(path(&id)).send().await.json();
    let transcript = client.get(format!("{}/transcript", path(&id))).send().await.json();

    let run = start(&client).await;
    test.work().await;
    let (done, lines) = receipt(&client, &run).await;
    assert_eq!((&done["deleted"], &done["bytes"]), (&json!(1), &json!(0)));
    let metadata = copy(&folder, &lines[0]);
    assert_eq!(metadata.extension().unwrap(), "json", "there is no audio to name");
    let copied: Value = serde_json::from_slice(&fs::read(&metadata).unwrap()).unwrap();
    assert_eq!(copied, shown);
    assert_eq!(copied["audio_deleted"], testkit::START);
    assert_eq!(said(&folder, &lines[0]), transcript);
    let files = fs::read_dir(metadata.parent().unwrap()).unwrap().count();
    assert_eq!(files, 2, "what is known, what was said, no audio");
    assert_eq!(client.get(path(&id)).send().await.status, 404);
}

#[tokio::test]
async fn audio_is_copied_before_only_it_is_deleted() {
    let (test, folder) = vault().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let form = Form::new().text("start", OLD).file(sound::CALL);
    let id = test.recording_with(&account, form.text("transcription_type", "auto")).await;
    test.work().await;
    let shown = client.get(path(&id)).send().await.json();
    let settings = json!({ "retention_pending": "0d", "retention_max_share": 1 });
    assert_eq!(client.patch("/api/v1/account").json(&settings).send().await.status, 200);
    let policy = json!({ "name": "x", "where": { "older_than": "30d" }, "action": "delete_audio",
        "archive_to": "cold" });
    let policy = client.post(POLICIES).json(&policy).send().await.json()["policy_id"].clone();
    let run = run_again(&client, &policy).await;
    test.work().await;
    let (_, lines) = receipt(&client, &run).await;
    assert_eq!(lines[0]["outcome"], "audio_deleted");
    assert_eq!(fs::read(copy(&folder, &lines[0])).unwrap(), sound::CALL);
    let metadata = fs::read(copy(&folder, &lines[0]).with_extension("json")).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&metadata).unwrap(), shown);
    assert_eq!(client.get(path(&id)).send().await.json()["size_bytes"], 0);

    // When the rest goes too, the copy of the audio stays.
    let audio = copy(&folder, &lines[0]);
    let run = start(&client).await;
    test.work().await;
    assert_eq!(receipt(&client, &run).await.1[0]["outcome"], "deleted");
    assert_eq!(fs::read(audio).unwrap(), sound::CALL);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_transcribed_while_it_is_copied_is_copied_again() {
    let (test, folder) = vault().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let form = Form::new().text("start", OLD).file(sound::CALL);
    let id = test.recording_with(&account, form).await;
    // Whoever looks whether there is a copy already waits until somebody writes.
    let day = folder.join(account.auth_id.as_str()).join("2025/03/01");
    fs::create_dir_all(&day).unwrap();
    let pipe = day.join(format!("{}.json", id["recording_id"].as_str().unwrap()));
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let run = start(&client).await;
    let vault = test.vault.clone();
    let work = tokio::spawn(async move { vault.run_due_jobs().await });
    let waiting = pipe.clone();
    let open = move || fs::OpenOptions::new().write(true).open(waiting).unwrap();
    let writer = tokio::task::spawn_blocking(open).await.unwrap();
    let transcript = format!("{}/transcript", path(&id));
    assert_eq!(client.post(&transcript).json(&json!({})).send().await.status, 202);
    test.work().await;
    let shown = client.get(&transcript).send().await.json();
    assert_eq!(shown["status"], "success");
    fs::remove_file(&pipe).unwrap();
    drop(writer);
    work.await.unwrap().unwrap();
    let (done, lines) = receipt(&client, &run).await;
    assert_eq!(done["deleted"], 1, "{lines:?}");
    assert_eq!(said(&folder, &lines[0]), shown);
}

#[tokio::test]
async fn what_cannot_be_copied_stays() {
    let (test, folder) = vault().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let id = test.recording_with(&account, old(Duration::from_millis(20))).await;
    for _ in 0..4 {
        test.recording_with(&account, old(Duration::from_millis(20))).await;
    }
    let away = folder.with_file_name("elsewhere");
    fs::rename(&folder, &away).unwrap();
    let run = start(&client).await;
    test.work().await;
    let (done, lines) = receipt(&client, &run).await;
    let numbers = (&done["would_delete"], &done["deleted"], &done["failed"]);
    assert_eq!(numbers, (&json!(5), &json!(0), &json!(5)));
    for line in &lines {
        assert_eq!(line["reason"], "the archive cold cannot be reached or written to", "{line}");
        assert_eq!((&line["outcome"], &line["archived_to"]), (&json!("failed"), &Value::Null));
    }
    assert_eq!(client.get(path(&id)).send().await.status, 200);

    fs::rename(&away, &folder).unwrap();
    let again = run_again(&client, &done["policy_id"]).await;
    test.work().await;
    assert_eq!(receipt(&client, &again).await.0["deleted"], 5);
}

#[tokio::test]
async fn audio_that_has_rotted_is_not_archived_for_good() {
    let (test, folder) = vault().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    test.recording_with(&account, old(Duration::from_millis(20))).await;
    let file = audio_file(&test);
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, &bytes).unwrap();
    let run = start(&client).await;
    test.work().await;
    let (done, lines) = receipt(&client, &run).await;
    assert_eq!(lines[0]["reason"], "its copy in the archive is not what was sent");

    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, &bytes).unwrap();
    let run = run_again(&client, &done["policy_id"]).await;
    test.work().await;
    let (_, lines) = receipt(&client, &run).await;
    assert_eq!(fs::read(copy(&folder, &lines[0])).unwrap(), bytes, "the wrong one was replaced");
}

#[tokio::test]
async fn only_an_archive_that_is_the_operators_and_open_to_the_account_can_be_named() {
    let (test, folder) = vault().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let why = "archive_to: the operator has configured no archive of this name for this account";
    let path = folder.to_str().unwrap();
    for name in ["warm", "private", "", path, "file:///tmp", "s3://bucket/cold", "../cold"] {
        let policy = json!({ "name": "x", "where": { "older_than": "1d" }, "archive_to": name });
        wrong(&client.post(POLICIES).json(&policy).send().await, "archive_to", why);
    }
    let policy = json!({ "name": "x", "where": { "older_than": "1d" }, "archive_to": 7 });
    let number = client.post(POLICIES).json(&policy).send().await;
    wrong(&number, "archive_to", "archive_to: must be text");

    let settings = json!({ "retention_pending": "1d", "retention_max_share": 1 });
    assert_eq!(client.patch("/api/v1/account").json(&settings).send().await.status, 200);
    let policy = json!({ "name": "x", "where": { "older_than": "1d" }, "archive_to": "cold" });
    let made = client.post(POLICIES).json(&policy).send().await.json();
    let one = format!("{POLICIES}/{}", made["policy_id"]);
    test.clock.advance(Duration::from_hours(25));
    let active = client.get(&one).send().await.json();
    assert_eq!((&active["status"], &active["archive_to"]), (&json!("active"), &json!("cold")));
    let refused = client.patch(&one).json(&json!({ "archive_to": "private" })).send().await;
    wrong(&refused, "archive_to", why);
    let none = client.patch(&one).json(&json!({ "archive_to": null })).send().await.json();
    let shown = (&none["status"], &none["archive_to"]);
    assert_eq!(shown, (&json!("pending"), &Value::Null), "it deletes otherwise now");
}

#[tokio::test]
async fn nothing_is_deleted_once_the_archive_is_taken_away() {
    let (test, _) = vault().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    test.recording_with(&account, old(Duration::from_millis(20))).await;
    let run = start(&client).await;
    let without = test.reopen(|config| config.archives.clear()).await.unwrap();
    without.run_due_jobs().await.unwrap();
    let (_, lines) = receipt(&client, &run).await;
    let why = "the operator has no archive cold for this account any more";
    assert_eq!((&lines[0]["outcome"], &lines[0]["reason"]), (&json!("failed"), &json!(why)));
    assert_eq!(test.audio_files().len(), 1);
}

#[tokio::test]
async fn a_run_that_is_cut_off_while_it_copies_loses_nothing() {
    let (test, folder) = vault().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let mut ids = Vec::new();
    for _ in 0..130 {
        let recording = test.recording_with(&account, old(Duration::from_millis(20))).await;
        ids.push(recording["recording_id"].clone());
    }
    let run = start(&client).await;
    for cut in 0..12_u64 {
        let vault = test.vault.clone();
        let work = tokio::spawn(async move { vault.run_due_jobs().await });
        // As far as it comes; what matters is that each time it is somewhere else.
        for _ in 0..cut * 20 {
            tokio::task::yield_now().await;
            tokio::time::sleep(Duration::from_micros(300)).await;
        }
        work.abort();
        let _ = work.await;
        test.clock.advance(Duration::from_mins(2)); // the lease is over
    }
    test.work().await;
    let (_, lines) = receipt(&client, &run).await;
    let gone: Vec<Value> = lines.iter().map(|line| line["recording_id"].clone()).collect();
    assert_eq!(gone, ids, "each once, in the order of their numbers");
    for line in &lines {
        assert_eq!(line["outcome"], "deleted");
        assert_eq!(fs::read(copy(&folder, line)).unwrap(), sound::wav(Duration::from_millis(20)));
    }
    assert_eq!(test.audio_files(), [""; 0]);
}
