//! Uploads that are kept.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use testkit::{Form, PUBLIC_URL, TestVault, sound};

use crate::{path, problem, wrong};

const PATH: &str = "/api/v1/recordings";

fn second() -> Vec<u8> {
    sound::wav(Duration::from_secs(1))
}

#[tokio::test]
async fn a_recording_is_shown_with_all_that_was_said_of_it() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    let user = account.vonage.as_ref().unwrap().user.user_id.0;
    let form = Form::new()
        .text("call_uuid", "call 1")
        .text("from_number", "+14155550100")
        .text("to_number", "sip:bob@example.com")
        .text("direction", "inbound")
        .text("start", "2026-01-14T09:30:00.25+01:00")
        .file(&second())
        .text("add_time", "2026-01-14T08:35:00Z")
        .text("conference_name", "Montag")
        .text("conference_uuid", "u-1")
        .text("mpc_name", "Brett")
        .text("mpc_uuid", "u-2")
        .text("kind", "on_demand")
        .text("user_id", &user.to_string())
        .text("extensions", "101, 102")
        .text("cnam", "ÄLICE")
        .text("rule_ids", "r1,r2");
    let answer = vault.client(&account).post(PATH).form(form).send().await;
    let mut kept = answer.json();
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("location"), format!("{PUBLIC_URL}{}", path(&kept)));
    assert!(kept["number"].as_i64().unwrap() > 0);
    assert_eq!(kept["sha256"].as_str().unwrap().len(), 64);
    let variants = kept.as_object_mut().unwrap().remove("variants").unwrap();
    let original = json!({ "variant": "original", "format": "wav", "size_bytes": 16044,
        "sha256": kept["sha256"] });
    assert_eq!(variants, json!([original]));
    for drawn in ["recording_id", "number", "sha256"] {
        kept.as_object_mut().unwrap().remove(drawn);
    }
    let expected = json!({
        "call_uuid": "call 1", "kind": "on_demand", "status": "ready",
        "duration_ms": 1000, "start": "2026-01-14T08:30:00.25Z", "add_time": "2026-01-14T08:35:00Z",
        "format": "wav", "channels": 1, "sample_rate": 8000, "size_bytes": 16044,
        "truncated": false, "repaired": false, "audio_deleted": null,
        "from_number": "+14155550100", "to_number": "sip:bob@example.com", "direction": "inbound",
        "conference_name": "Montag", "conference_uuid": "u-1",
        "mpc_name": "Brett", "mpc_uuid": "u-2",
        "user_id": user, "extensions": ["101", "102"], "cnam": "ÄLICE", "rule_ids": ["r1", "r2"],
    });
    assert_eq!(kept, expected);
}

#[tokio::test]
async fn nothing_but_a_file_is_needed() {
    let vault = TestVault::new().await;
    let kept = vault.recording(&vault.account("acme").await).await;
    assert_eq!(kept["call_uuid"].as_str().unwrap().len(), 36, "made up");
    assert_eq!(kept["kind"], "company");
    assert_eq!(kept["add_time"], "2026-01-15T12:00:00Z");
    assert_eq!(kept["start"], "2026-01-15T11:59:59Z");
    for absent in ["from_number", "to_number", "direction", "conference_name", "user_id", "cnam"] {
        assert_eq!(kept[absent], Value::Null, "{absent}");
    }
    assert_eq!((&kept["extensions"], &kept["rule_ids"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn every_format_is_taken() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    for (file, format) in [(sound::CALL, "wav"), (sound::MP3, "mp3"), (sound::FLAC, "flac")] {
        let kept = vault.recording_with(&account, Form::new().file(file)).await;
        assert_eq!((&kept["format"], &kept["channels"]), (&json!(format), &json!(2)));
        assert_eq!(kept["size_bytes"], file.len());
        assert!(kept["duration_ms"].as_u64().unwrap() > 0);
    }
}

#[tokio::test]
async fn a_file_name_is_only_a_name() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    for name in ["../../../../etc/cron.d/x", "/etc/passwd", "C:\\x", "", "x.exe", "%2e%2e/"] {
        let kept = vault.recording_with(&account, Form::new().file_named(name, &second())).await;
        let id = kept["recording_id"].as_str().unwrap();
        assert!(vault.audio_files().iter().any(|file| file.contains(id)), "{name:?}");
    }
    assert_eq!(vault.audio_files().len(), 6);
}

#[tokio::test]
async fn a_slow_sender_may_take_its_time() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    let form = Form::new().text("call_uuid", "slow").file(&second());
    let kind = form.content_type();
    let pieces: Vec<Bytes> = form.finish().chunks(1_500).map(Bytes::copy_from_slice).collect();
    // In all much longer than the silence that ends a body.
    let slow = stream::iter(pieces).then(async |piece| {
        tokio::time::sleep(Duration::from_millis(60)).await;
        Ok::<_, std::io::Error>(piece)
    });
    let request = vault.client(&account).post(PATH).header("content-type", &kind);
    let answer = request.body(Body::from_stream(slow)).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.json()["call_uuid"], "slow");
}

#[tokio::test]
async fn a_key_makes_a_repeat_harmless() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    let client = vault.client(&account);
    let send = async |key: &str, file: &[u8]| {
        let request = client.post(PATH).header("idempotency-key", key);
        request.form(Form::new().file(file)).send().await
    };
    let first = send("k-1", &second()).await;
    let again = send("k-1", &second()).await;
    assert_eq!((first.status, again.status), (201, 200));
    assert_eq!(first.json(), again.json());
    assert_eq!(again.header("location"), "");
    let other = send("k-1", &sound::wav(Duration::from_millis(900))).await;
    wrong(&other, "Idempotency-Key", "Idempotency-Key: was used for an upload of other bytes");
    assert_eq!(send("k-2", &second()).await.status, 201, "another key, another recording");
    assert_eq!(vault.audio_files().len(), 2);
    let stranger = vault.client(&vault.account("other").await);
    let theirs = stranger.post(PATH).header("idempotency-key", "k-1");
    let theirs = theirs.form(Form::new().file(&second())).send().await;
    assert_eq!(theirs.status, 201, "keys are each account's own");
    vault.clock.advance(Duration::from_hours(25));
    assert_eq!(send("k-1", &second()).await.status, 201, "forgotten after a day");
}

#[tokio::test]
async fn two_uploads_with_one_key_at_once_are_one_recording() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    let client = vault.client(&account);
    let send = async || {
        let request = client.post(PATH).header("idempotency-key", "k-1");
        request.form(Form::new().file(&second())).send().await
    };
    let answers = tokio::join!(send(), send(), send());
    let answers = [answers.0, answers.1, answers.2];
    let mut statuses = answers.each_ref().map(|answer| answer.status);
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 201]);
    let [first, second, third] = answers.map(|answer| answer.json());
    assert!(first == second && second == third);
    assert_eq!(vault.audio_files().len(), 1);
}

#[tokio::test]
async fn a_key_is_visible_ascii() {
    let vault = TestVault::new().await;
    let client = vault.client(&vault.account("acme").await);
    for key in ["", "a b", "ä", &"k".repeat(256)] {
        let request = client.post(PATH).header("idempotency-key", key);
        let answer = request.form(Form::new().file(&second())).send().await;
        let detail = "Idempotency-Key: must be 1 to 255 visible ASCII characters";
        problem(&answer, 400, "Bad Request", detail);
    }
    let longest = client.post(PATH).header("idempotency-key", &"k".repeat(255));
    assert_eq!(longest.form(Form::new().file(&second())).send().await.status, 201);
}
