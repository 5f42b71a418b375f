//! Recordings whose audio a policy has deleted, with their transcripts kept.

use std::time::Duration;

use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use testkit::{Form, Zip, sound};

use crate::export::{ask, made, retrieve, status};
use crate::kit::{API, Kit, company, listed, refused};

const POLICIES: &str = "/api/v1/retention/policies";
const GONE: &str = "the recording's audio was deleted";

/// Keeps a call that is old, and transcribed; its number.
async fn spoken(kit: &Kit) -> i64 {
    let old = Form::new().text("start", "2025-03-01T23:59:59Z");
    kit.keep(old.text("transcription_type", "auto")).await
}

/// Starts a run that deletes the audio of all old calls.
async fn start(kit: &Kit) {
    let client = kit.test.client(&kit.account);
    let settings = json!({ "retention_pending": "0d", "retention_max_share": 1 });
    assert_eq!(client.patch("/api/v1/account").json(&settings).send().await.status, 200);
    let policy = json!({ "name": "x", "where": { "older_than": "30d" }, "action": "delete_audio" });
    let policy = client.post(POLICIES).json(&policy).send().await.json()["policy_id"].clone();
    let run = client.post(format!("{POLICIES}/{policy}/run")).send().await;
    assert_eq!(run.status, 202, "{}", run.text());
}

/// What the last run has done.
async fn run(kit: &Kit) -> Value {
    let runs = kit.test.client(&kit.account).get("/api/v1/retention/runs").send().await.json();
    runs["runs"][0].clone()
}

#[tokio::test]
async fn it_is_not_found_and_the_rest_of_the_recording_is() {
    let kit = Kit::new().await;
    let number = spoken(&kit).await;
    kit.test.work().await;
    let audio = format!("{API}/audio/recording/{number}");
    assert_eq!(kit.administrator.get(&audio).send().await.status, 200);
    start(&kit).await;
    kit.test.work().await;

    for range in ["bytes=0-", "bytes=999999-"] {
        let answer = kit.administrator.get(&audio).header("range", range).send().await;
        refused(&answer, 404, "Not Found", GONE);
    }
    refused(&kit.administrator.get(&audio).send().await, 404, "Not Found", GONE);
    assert_eq!(kit.administrator.head(&audio).send().await.status, 404);
    assert_eq!(listed(&kit.administrator, company("")).await, [number]);
    let shown = kit.administrator.get(company(&format!("/{number}"))).send().await;
    assert_eq!((shown.status, &shown.json()["file_size_in_bytes"]), (200, &json!(0)));
    let said = kit.administrator.get(format!("{API}/transcription/{number}")).send().await;
    assert_eq!((said.status, &said.json()["status"]), (200, &json!("complete")));
    // Whoever may not see it learns nothing of it.
    refused(&kit.as_alice.get(&audio).send().await, 404, "Not Found", "not found");
}

#[tokio::test]
async fn an_export_that_had_it_ends_and_the_next_one_says_why_it_has_not() {
    let kit = Kit::new().await;
    let (gone, kept) = (spoken(&kit).await, kit.company().await);
    let id = ask(&kit.administrator, company("/export"), &json!({})).await;
    kit.test.work().await;
    assert_eq!(kit.administrator.get(retrieve(&id)).send().await.status, 200);
    start(&kit).await;
    kit.test.work().await;
    refused(&kit.administrator.get(retrieve(&id)).send().await, 404, "Not Found", "not found");
    assert_eq!(status(&kit.administrator, &id).await, "expired");

    let zip = made(&kit, &kit.administrator, company("/export"), &json!({})).await;
    assert_eq!(zip.numbers(), [kept]);
    let line = &zip.manifest()["recordings"][0];
    assert_eq!(
        json!([line["number"], line["state"], line["reason"]]),
        json!([gone, "failed", "audio_deleted"])
    );
}

#[tokio::test]
async fn a_zip_that_is_being_read_breaks_off() {
    let kit = Kit::new().await;
    for _ in 0..2 {
        spoken(&kit).await;
    }
    let id = ask(&kit.administrator, company("/export"), &json!({})).await;
    kit.test.work().await;
    let answer = kit.administrator.get(retrieve(&id)).begin().await;
    assert_eq!(answer.status(), 200);
    let length: usize = answer.headers()["content-length"].to_str().unwrap().parse().unwrap();
    let mut body = answer.into_body();
    let mut read = body.frame().await.unwrap().unwrap().into_data().unwrap().to_vec();
    start(&kit).await;
    kit.test.work().await;
    assert_eq!(kit.test.audio_files(), [""; 0]);
    let broken = loop {
        match body.frame().await {
            Some(Ok(frame)) => read.extend_from_slice(frame.data_ref().unwrap()),
            Some(Err(_)) => break true,
            None => break false,
        }
    };
    assert!(broken && read.len() < length, "{} of {length}", read.len());
    let sound = sound::wav(Duration::from_secs(1));
    assert!(!read.windows(sound.len()).any(|part| part == sound), "deleted before it was read");
}

#[tokio::test]
async fn an_export_that_is_being_made_meanwhile_has_none_of_it() {
    let kit = Kit::new().await;
    for _ in 0..20 {
        spoken(&kit).await;
    }
    let kept = kit.company().await;
    kit.test.work().await; // Now they have transcripts.
    let id = ask(&kit.administrator, company("/export"), &json!({})).await;
    start(&kit).await;
    let work = async || {
        for _ in 0..30 {
            kit.test.vault.run_due_jobs().await.unwrap();
            kit.test.clock.advance(Duration::from_secs(2));
        }
    };
    tokio::join!(work(), work());
    kit.test.work().await;
    assert_eq!(run(&kit).await["deleted"], 20);
    let answer = kit.administrator.get(retrieve(&id)).send().await;
    match status(&kit.administrator, &id).await.as_str() {
        "complete" => assert_eq!(Zip::read(&answer.body).numbers(), [kept]),
        "expired" => refused(&answer, 404, "Not Found", "not found"),
        other => panic!("{other}"),
    }
}
