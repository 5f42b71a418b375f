//! Transcriptions: what the SDKs ask for, and where their end is told.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::speech::{dialogue, scripted};
use testkit::{Answer, Receiver, TestVault, sound};
use vault::RecordingDetails;

use crate::kit::{Expect, Kit};

const TEXT: &str = "\nSpeaker 0: Hello, how can I help you?\n\
                    \nSpeaker 1: I want my money back!\n\
                    \nSpeaker 0: Of course. One moment.\n";

impl Kit {
    /// A stereo call.
    async fn keep_call(&self) -> String {
        let details = RecordingDetails::default();
        self.keep_sound(&self.account, details, sound::CALL).await.recording_id.to_string()
    }

    async fn create(&self, id: &str, body: &Value) -> Answer {
        let path = format!("/v1/Account/{}/Transcription/{id}/", self.account.auth_id);
        self.test.client(&self.account).post(path).json(body).send().await
    }

    async fn transcription(&self, id: &str) -> Answer {
        self.ask("GET", &format!("/Transcription/{id}/")).await
    }
}

#[tokio::test]
async fn it_is_made_by_a_job_and_read_in_three_forms() {
    let kit = Kit::new().await;
    let id = kit.keep_call().await;
    kit.transcription(&id).await.is_error(404, "not found");
    // As the official Python SDK asks.
    let begun = kit.create(&id, &json!({ "recording_id": id })).await;
    let body = begun.redacted();
    assert_eq!((begun.status, &body["message"]), (201, &json!("transcription in progress")));
    assert_eq!(kit.create(&id, &json!({})).await.redacted(), body, "nothing begins anew");
    assert_eq!(kit.transcription(&id).await.json()["status"], "in-progress");
    assert_eq!(kit.transcription(&id).await.json()["transcription"], "");

    kit.test.work().await;
    let text = kit.transcription(&id).await;
    let mut text = text.redacted();
    let own = text["transcription_id"].take();
    assert_eq!(own, body["transcription_id"]);
    let auth_id = &kit.account.auth_id;
    let call_uuid = text["call_uuid"].take();
    assert_eq!(call_uuid.as_str().unwrap().len(), 36);
    let start = text["recording_start_ms"].as_u64().unwrap();
    let duration = text["recording_duration_ms"].as_u64().unwrap();
    assert!(start > 1_700_000_000_000 && (500..60_000).contains(&duration));
    assert_eq!(
        text,
        json!({
            "add_time": "2024-06-15 12:00:00.000000+00:00", "api_id": "(api_id)",
            "call_uuid": null, "cost": 0.05, "error": null, "language": "en", "rate": 0.05,
            "recording_duration_ms": duration, "recording_id": id, "recording_start_ms": start,
            "resource_uri": format!("/v1/Account/{auth_id}/Transcription/{id}/"),
            "speakers": "channel", "status": "success", "transcription": TEXT,
            "transcription_id": null,
        })
    );
    let done = kit.create(&id, &json!({})).await;
    assert_eq!((done.status, &done.json()["message"]), (200, &json!("transcription completed")));

    let form = async |query: &str| {
        let answer = kit.ask("GET", &format!("/Transcription/{id}/?{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["transcription"].take()
    };
    let raw = form(&format!("transcription_id={id}&type=raw")).await;
    assert_eq!(
        raw[6],
        json!({ "word": "I", "start_ms": 2000, "end_ms": 2150, "confidence": 0.5, "channel": 1 })
    );
    let turns = form("type=diarized").await;
    assert_eq!(
        turns[1],
        json!({ "speaker": 1, "start_ms": 2000, "end_ms": 3500, "channel": 1, "confidence": 1.0,
                "text": "I want my money back!" })
    );
    // The Go SDK sends an empty one.
    for query in ["type=", "type=transcription", "type=transcription&type="] {
        assert_eq!(form(query).await, TEXT);
    }
    let wrong = kit.ask("GET", &format!("/Transcription/{id}/?type=Raw")).await;
    wrong.is_error(400, "type must be transcription, raw or diarized");
    let by_own_id = kit.transcription(own.as_str().unwrap()).await;
    assert_eq!(by_own_id.json()["transcription"], TEXT);
}

#[tokio::test]
async fn of_one_channel_nobody_is_named() {
    let kit = Kit::new().await;
    let id = kit.keep(&kit.account, RecordingDetails::default()).await.recording_id.to_string();
    kit.create(&id, &json!({})).await;
    kit.test.work().await;
    let text = kit.transcription(&id).await.json();
    assert_eq!(text["speakers"], "unknown");
    assert!(text["transcription"].as_str().unwrap().starts_with("\nHello, how"), "{text}");
}

#[tokio::test]
async fn deleting_it_leaves_the_recording() {
    let kit = Kit::new().await;
    let id = kit.keep_call().await;
    let delete = async || kit.ask("DELETE", &format!("/Transcription/{id}/")).await;
    delete().await.is_error(404, "not found");
    for _ in 0..2 {
        assert_eq!(kit.create(&id, &json!({})).await.status, 201);
        kit.test.work().await;
        let gone = delete().await;
        assert_eq!((gone.status, gone.text().as_str()), (204, ""));
        kit.transcription(&id).await.is_error(404, "not found");
        delete().await.is_error(404, "not found");
    }
    // What is being made is made no more.
    kit.create(&id, &json!({})).await;
    assert_eq!(delete().await.status, 204);
    kit.test.work().await;
    kit.transcription(&id).await.is_error(404, "not found");
    assert_eq!(kit.ask("GET", &format!("/Recording/{id}/")).await.status, 200);
    // With the recording goes what was said.
    kit.create(&id, &json!({})).await;
    kit.test.work().await;
    assert_eq!(kit.ask("DELETE", &format!("/Recording/{id}/")).await.status, 204);
    kit.transcription(&id).await.is_error(404, "not found");
}

#[tokio::test]
async fn what_is_held_keeps_its_transcription() {
    let kit = Kit::new().await;
    let id = kit.keep_call().await;
    kit.create(&id, &json!({})).await;
    kit.test.work().await;
    let native = kit.test.client(&kit.account);
    let hold = format!("/api/v1/recordings/{id}/hold");
    assert_eq!(native.put(&hold).json(&json!({ "reason": "case 7" })).send().await.status, 204);
    let refused = kit.ask("DELETE", &format!("/Transcription/{id}/")).await;
    refused.is_error(403, "the recording is under legal hold: case 7");
    assert_eq!(kit.transcription(&id).await.json()["transcription"], TEXT);
}

#[tokio::test]
async fn the_list_is_that_of_their_recordings_without_the_text() {
    let kit = Kit::new().await;
    let sub = kit.subaccount().await;
    let mut ids = Vec::new();
    for owner in [&kit.account, &sub, &kit.account] {
        kit.test.clock.advance(Duration::from_secs(1));
        let details = RecordingDetails::default();
        ids.push(kit.keep_sound(owner, details, sound::CALL).await.recording_id.to_string());
    }
    kit.keep_call().await; // of which there is none
    for id in &ids {
        assert_eq!(kit.create(id, &json!({})).await.status, 201);
    }
    kit.test.work().await;
    ids.reverse();
    let list = async |account, query: &str| {
        let answer = kit.ask_as(account, "GET", &format!("/Transcription/{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let body = answer.json();
        let of = |one: &Value| one["recording_id"].as_str().unwrap().to_owned();
        let found: Vec<_> = body["objects"].as_array().unwrap().iter().map(of).collect();
        (found, body)
    };
    let (found, body) = list(&kit.account, "").await;
    assert_eq!(found, ids);
    assert_eq!((&body["meta"]["limit"], &body["meta"]["total_count"]), (&json!(20), &json!(3)));
    assert!(body["objects"][0].get("transcription").is_none());
    let (found, body) = list(&kit.account, "?limit=2").await;
    assert_eq!(found, ids[..2]);
    let next = format!("/v1/Account/{}/Transcription/?limit=2&offset=2", kit.account.auth_id);
    assert_eq!(body["meta"]["next"], next);
    assert_eq!(list(&kit.account, "?limit=2&offset=2").await.0, ids[2..]);
    assert_eq!(list(&sub, "").await.0, [ids[1].clone()]);
    assert_eq!(
        list(&kit.account, &format!("?subaccount={}", sub.auth_id)).await.0,
        [ids[1].clone()]
    );
    kit.ask("GET", "/Transcription/?limit=21")
        .await
        .is_error(400, "limit must be a whole number from 1 to 20");
    let other = kit.other_account().await;
    assert!(list(&other, "").await.0.is_empty());
    for method in ["GET", "POST", "DELETE"] {
        let path = format!("/Transcription/{}/", ids[0]);
        kit.ask_as(&other, method, &path).await.is_error(404, "not found");
        kit.ask_as(&sub, method, &path).await.is_error(404, "not found");
        let path = format!("/v1/Account/{}{path}", kit.account.auth_id);
        kit.ask_as_stranger(method, &path).await.is_unauthorized();
    }
}

#[tokio::test]
async fn its_end_is_told_once_to_each_url() {
    let (kit, receiver) = (Kit::new().await, Receiver::new().await);
    let id = kit.keep_call().await;
    let there =
        json!({ "recording_id": id, "transcription_callback_url": format!("{}/a", receiver.url) });
    for _ in 0..3 {
        assert_eq!(kit.create(&id, &there).await.status, 201);
    }
    kit.test.work().await;
    let call = receiver.call();
    assert_eq!((call.method.as_str(), call.uri.path()), ("POST", "/a"));
    let mut names: Vec<_> = call.fields().into_iter().map(|(name, _)| name).collect();
    names.sort();
    assert_eq!(
        names,
        [
            "call_uuid",
            "duration",
            "error",
            "recording_id",
            "transcription",
            "transcription_charge",
            "transcription_rate"
        ]
    );
    assert_eq!(call.field("transcription"), TEXT);
    assert_eq!(
        (call.field("transcription_charge"), call.field("error")),
        ("0.05".to_owned(), String::new())
    );
    assert_eq!(
        (call.field("transcription_rate"), call.field("recording_id")),
        ("0.05".into(), id.clone())
    );
    assert!(call.field("duration").parse::<u32>().is_ok());
    assert_eq!(call.header("x-plivo-signature-v3-nonce").len(), 20);

    // Whoever asks later is told too, and nobody twice.
    let later = json!({ "transcription_callback_url": format!("{}/b", receiver.url) });
    for body in [&there, &later, &later] {
        assert_eq!(kit.create(&id, body).await.status, 200);
        kit.test.work().await;
    }
    let paths: Vec<_> = receiver.calls().iter().map(|call| call.uri.path().to_owned()).collect();
    assert_eq!(paths, ["/a", "/b"]);

    // Replayed as any delivery; gone with what was said.
    let native = kit.test.client(&kit.account);
    let deliveries = native.get("/api/v1/deliveries").send().await.json();
    assert_eq!(deliveries["deliveries"].as_array().unwrap().len(), 2);
    let first = &deliveries["deliveries"][1]["delivery_id"];
    let replay = format!("/api/v1/deliveries/{first}/replay");
    assert_eq!(native.post(replay).send().await.status, 202);
    kit.test.work().await;
    assert_eq!(receiver.calls().len(), 3);
    assert_eq!(kit.ask("DELETE", &format!("/Transcription/{id}/")).await.status, 204);
    let deliveries = native.get("/api/v1/deliveries").send().await.json();
    assert_eq!(deliveries["deliveries"], json!([]));
}

#[tokio::test]
async fn what_fails_says_why_and_can_be_asked_for_again() {
    let test = TestVault::with(|config| {
        let fails = std::sync::atomic::AtomicBool::new(true);
        config.speech = scripted(move |channels, _| {
            if fails.swap(false, std::sync::atomic::Ordering::Relaxed) {
                return Ok(dialogue(channels));
            }
            Err("it stutters".to_owned())
        });
    });
    let (kit, receiver) = (Kit::of(test.await).await, Receiver::new().await);
    let short = kit
        .keep_sound(
            &kit.account,
            RecordingDetails::default(),
            &sound::wav(Duration::from_millis(500)),
        )
        .await
        .recording_id
        .to_string();
    let there = json!({ "transcription_callback_url": receiver.url });
    assert_eq!(kit.create(&short, &there).await.status, 201);
    kit.test.work().await;
    let failed = kit.transcription(&short).await.json();
    assert_eq!((&failed["status"], &failed["cost"]), (&json!("failed"), &json!(0.0)));
    assert_eq!(failed["error"], "recording duration too short");
    assert_eq!(receiver.call().field("error"), "recording duration too short");
    assert_eq!(receiver.call().field("transcription"), "");

    // The engine's own trouble is waited for.
    let id = kit.keep_call().await;
    kit.create(&id, &json!({})).await;
    kit.test.work().await;
    assert_eq!(kit.transcription(&id).await.json()["status"], "success");
    assert_eq!(kit.ask("DELETE", &format!("/Transcription/{id}/")).await.status, 204);
    kit.create(&id, &json!({})).await;
    for _ in 0..8 {
        assert_eq!(kit.transcription(&id).await.json()["status"], "in-progress");
        kit.test.work().await;
        kit.test.clock.advance(Duration::from_hours(1));
    }
    let failed = kit.transcription(&id).await.json();
    assert_eq!((&failed["status"], &failed["error"]), (&json!("failed"), &json!("it stutters")));
    assert_eq!(kit.create(&id, &json!({})).await.status, 201, "it is tried again");
    assert_eq!(kit.transcription(&id).await.json()["status"], "in-progress");
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_before_anything_begins() {
    let kit = Kit::new().await;
    let id = kit.keep_call().await;
    let refused = async |body: Value, why: &str| {
        kit.create(&id, &body).await.is_error(400, why);
        kit.transcription(&id).await.is_error(404, "not found");
    };
    let url = "transcription_callback_url";
    refused(json!({ url: "nowhere" }), &format!("{url} is no URL: relative URL without a base"))
        .await;
    refused(json!({ url: 7 }), &format!("{url} is no URL: relative URL without a base")).await;
    let private = kit.create(&id, &json!({ url: "http://10.0.0.1/" })).await;
    assert_eq!(private.status, 400, "{}", private.text());
    let language = "transcription_language must be a language by its ISO 639-1 code, as en or de";
    refused(json!({ "transcription_language": "English" }), language).await;
    refused(json!([1]), "the body must be a JSON object").await;
    kit.create("nothing", &json!({})).await.is_error(404, "not found");
}

#[tokio::test]
async fn a_callback_url_makes_each_call_asynchronous() {
    let (kit, receiver) = (Kit::new().await, Receiver::new().await);
    let id = kit.keep_call().await;
    let there = json!({ "callback_url": receiver.url });
    let spawned = kit.create(&id, &there).await;
    assert_eq!((spawned.status, &spawned.json()["message"]), (202, &json!("async api spawned")));
    kit.test.work().await;
    assert_eq!(receiver.call().field("message"), "transcription in progress");
    let path = format!("/Transcription/{id}/?callback_url={}", receiver.url);
    assert_eq!(kit.ask("GET", &path).await.status, 202);
    kit.test.work().await;
    let call = receiver.calls().pop().unwrap();
    assert_eq!(
        (call.field("transcription"), call.field("status_code")),
        (TEXT.into(), "200".into())
    );
    assert_eq!(kit.ask("DELETE", &path).await.status, 200);
    kit.test.work().await;
    assert_eq!(receiver.calls().len(), 3);
    kit.transcription(&id).await.is_error(404, "not found");
}
