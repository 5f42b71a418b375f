//! Transcripts: asked for, read, removed; and finding what was said.

use serde_json::{Value, json};
use testkit::speech::{dialogue, scripted};
use testkit::{Answer, Client, Form, Receiver, TestVault, sound};
use vault::NewAccount;

struct Ground {
    test: TestVault,
    account: NewAccount,
    client: Client,
}

impl Ground {
    async fn new() -> Self {
        Self::of(TestVault::new().await).await
    }

    async fn of(test: TestVault) -> Self {
        let account = test.account("acme").await;
        let client = test.client(&account);
        Self { test, account, client }
    }

    /// A stereo call.
    async fn call(&self, account: &NewAccount, form: Form) -> String {
        let kept = self.test.recording_with(account, form.file(sound::CALL)).await;
        kept["recording_id"].as_str().unwrap().to_owned()
    }

    /// One that is transcribed.
    async fn spoken(&self, account: &NewAccount, form: Form) -> String {
        let id = self.call(account, form.text("transcription_type", "auto")).await;
        self.test.work().await;
        id
    }

    async fn get(&self, id: &str, query: &str) -> Answer {
        self.client.get(format!("/api/v1/recordings/{id}/transcript{query}")).send().await
    }

    async fn post(&self, id: &str, body: &Value) -> Answer {
        self.client.post(format!("/api/v1/recordings/{id}/transcript")).json(body).send().await
    }
}

#[track_caller]
fn problem(answer: &Answer, status: u16, detail: &str) {
    assert_eq!((answer.status, answer.json()["detail"].as_str().unwrap()), (status, detail));
}

#[tokio::test]
async fn it_is_asked_for_and_read_in_four_formats() {
    let ground = Ground::new().await;
    let id = ground.call(&ground.account, Form::new()).await;
    problem(&ground.get(&id, "").await, 404, "not found");
    let path = format!("/api/v1/recordings/{id}/transcript");
    let begun = ground.client.post(&path).send().await;
    assert_eq!(begun.status, 202, "{}", begun.text());
    let begun = begun.json();
    assert_eq!(
        (&begun["status"], &begun["rate"], &begun["cost"]),
        (&json!("in_progress"), &json!(0.05), &json!(0.0))
    );
    assert_eq!(ground.post(&id, &json!({ "language": "de" })).await.json(), begun);
    problem(&ground.get(&id, "?format=srt").await, 409, "the transcript is in progress");
    assert_eq!(ground.get(&id, "").await.json()["turns"], json!([]));
    ground.test.work().await;
    let done = ground.post(&id, &json!({})).await;
    assert_eq!((done.status, &done.json()["transcript_id"]), (200, &begun["transcript_id"]));

    let json = ground.get(&id, "").await;
    assert_eq!(json.header("content-type"), "application/json");
    let json = json.json();
    for (key, value) in [
        ("status", json!("success")),
        ("error", Value::Null),
        ("language", json!("en")),
        ("speakers", json!("channel")),
        ("cost", json!(0.05)),
        ("created", json!("2026-01-15T12:00:00Z")),
        ("finished", json!("2026-01-15T12:00:00Z")),
    ] {
        assert_eq!(json[key], value, "{key}");
    }
    assert_eq!(
        json["turns"][1],
        json!({ "speaker": 1, "channel": 1, "start_ms": 2000, "end_ms": 3500,
                "text": "I want my money back!", "confidence": 1.0 })
    );
    assert_eq!(
        json["words"][0],
        json!({ "word": "Hello,", "start_ms": 0, "end_ms": 150, "confidence": 0.5, "channel": 0,
                "speaker": 0 })
    );

    let text = "Speaker 0: Hello, how can I help you?\nSpeaker 1: I want my money back!\n\
                Speaker 0: Of course. One moment.\n";
    let srt = "1\n00:00:00,000 --> 00:00:01,150\nSpeaker 0: Hello, how can I help you?\n\n\
               2\n00:00:02,000 --> 00:00:02,950\nSpeaker 1: I want my money back!\n\n\
               3\n00:00:04,000 --> 00:00:04,750\nSpeaker 0: Of course. One moment.\n\n";
    let vtt = "WEBVTT\n\n00:00:00.000 --> 00:00:01.150\n<v Speaker 0>Hello, how can I help you?\n\n\
               00:00:02.000 --> 00:00:02.950\n<v Speaker 1>I want my money back!\n\n\
               00:00:04.000 --> 00:00:04.750\n<v Speaker 0>Of course. One moment.\n";
    for (name, kind, expected) in [
        ("text", "text/plain", text),
        ("srt", "application/x-subrip", srt),
        ("vtt", "text/vtt", vtt),
    ] {
        let by_name = ground.get(&id, &format!("?format={name}")).await;
        let by_header = ground.client.get(&path).header("accept", kind).send().await;
        for answer in [by_name, by_header] {
            assert_eq!(answer.text(), expected);
            assert_eq!(answer.header("content-type"), format!("{kind}; charset=utf-8"));
        }
    }
    let wrong = ground.get(&id, "?format=pdf").await;
    problem(&wrong, 422, "format: must be one of json, text, srt, vtt");
    assert_eq!(ground.get(&id, "?form=srt").await.status, 422);
}

#[tokio::test]
async fn it_is_removed_unless_the_recording_is_held() {
    let ground = Ground::new().await;
    let id = ground.spoken(&ground.account, Form::new()).await;
    let path = format!("/api/v1/recordings/{id}/transcript");
    let hold = format!("/api/v1/recordings/{id}/hold");
    let put = ground.client.put(&hold).json(&json!({ "reason": "case 7" })).send().await;
    assert_eq!(put.status, 204);
    let refused = ground.client.delete(&path).send().await;
    problem(&refused, 403, "the recording is under legal hold: case 7");
    assert_eq!(ground.client.delete(format!("{hold}?reason=over")).send().await.status, 204);
    assert_eq!(ground.client.delete(&path).send().await.status, 204);
    problem(&ground.get(&id, "").await, 404, "not found");
    problem(&ground.client.delete(&path).send().await, 404, "not found");
    let log = ground.client.get("/api/v1/audit?limit=100").send().await.json();
    let told = |action: &str| {
        let entries = log["entries"].as_array().unwrap().iter();
        entries.filter(|entry| entry["action"] == action && entry["subject"] == id.as_str()).count()
    };
    assert_eq!(["transcribe", "refused", "delete_transcript"].map(told), [1, 1, 1]);
}

#[tokio::test]
async fn reading_and_searching_are_told() {
    let ground = Ground::new().await;
    let id = ground.spoken(&ground.account, Form::new()).await;
    for _ in 0..3 {
        ground.get(&id, "").await;
        ground.client.get("/api/v1/search?q=secretword").send().await;
    }
    let log = ground.client.get("/api/v1/audit?limit=100").send().await.text();
    assert_eq!(log.matches("\"read\"").count(), 1, "{log}");
    assert_eq!(log.matches("\"search\"").count(), 1);
    assert!(!log.contains("secretword"));
}

#[tokio::test]
async fn an_upload_may_ask_for_it_at_once() {
    let (ground, receiver) = (Ground::new().await, Receiver::new().await);
    let form = Form::new()
        .text("transcription_url", &format!("{}/told", receiver.url))
        .text("transcription_language", "de");
    let id = ground.spoken(&ground.account, form).await;
    assert_eq!(receiver.call().uri.path(), "/told");
    assert_eq!(receiver.call().field("recording_id"), id);
    assert_eq!(ground.get(&id, "").await.json()["status"], "success");
    for (name, value, why) in [
        ("transcription_type", "hybrid", "must be auto"),
        ("transcription_url", "http://10.0.0.1/", ""),
        ("transcription_url", "nowhere", ""),
        ("transcription_language", "DE", "must be a language by its ISO 639-1 code, as en or de"),
    ] {
        let mut form = Form::new().text(name, value);
        if name != "transcription_type" {
            form = form.text("transcription_type", "auto");
        }
        let form = form.file(sound::CALL);
        let refused = ground.client.post("/api/v1/recordings").form(form).send().await;
        assert_eq!((refused.status, &refused.json()["field"]), (422, &json!(name)));
        assert!(refused.json()["detail"].as_str().unwrap().contains(why), "{}", refused.text());
    }
    let form = Form::new().text("transcription_language", "de").file(sound::CALL);
    let refused = ground.client.post("/api/v1/recordings").form(form).send().await;
    problem(&refused, 422, "transcription_language: is only for transcription_type=auto");
}

/// What was found, each as its recording and when in it.
async fn found(client: &Client, query: &str) -> Vec<(String, u64)> {
    let answer = client.get(format!("/api/v1/search?{query}")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let hits = answer.json()["hits"].as_array().unwrap().clone();
    let hit = |hit: Value| {
        (hit["recording_id"].as_str().unwrap().to_owned(), hit["start_ms"].as_u64().unwrap())
    };
    hits.into_iter().map(hit).collect()
}

#[tokio::test]
async fn what_was_said_is_found() {
    let ground = Ground::new().await;
    let id = ground.spoken(&ground.account, Form::new().text("from_number", "+14155550100")).await;
    let answer = ground.client.get("/api/v1/search?q=%22my+money%22+BACK").send().await.json();
    let hit = &answer["hits"][0];
    assert_eq!((answer["hits"].as_array().unwrap().len(), &answer["next"]), (1, &Value::Null));
    assert_eq!(
        (&hit["recording_id"], &hit["channel"], &hit["speaker"], &hit["start_ms"], &hit["end_ms"]),
        (&json!(id), &json!(1), &json!(1), &json!(2000), &json!(3500))
    );
    assert_eq!(hit["text"], "I want my money back!");
    assert_eq!(
        (&hit["from_number"], &hit["to_number"], &hit["direction"]),
        (&json!("+14155550100"), &Value::Null, &Value::Null)
    );
    assert_eq!(hit["matches"], json!([[7, 15], [16, 20]]));
    for (query, hits) in [
        ("q=money&number=14155550100", 1),
        ("q=money&number=14155550199", 0),
        ("q=money&kind=on_demand", 0),
        ("q=money&longer_than=1h", 0),
        ("q=money&conference=weekly", 0),
        ("q=money&direction=inbound", 0),
        ("q=money&from=2026-01-15T00:00:00Z&until=2026-01-16T00:00:00Z", 1),
        ("q=money&until=2026-01-15T00:00:00Z", 0),
        ("q=%22money+my%22", 0),
        ("q=mon", 0),
        ("q=%22", 0),
    ] {
        assert_eq!(found(&ground.client, query).await.len(), hits, "{query}");
    }
    for (query, detail) in [
        ("", "q: missing"),
        ("q=", "q: must be 1 to 500 characters"),
        ("q=a&limit=0", "limit: must be a whole number from 1 to 100"),
        ("q=a&offset=10001", "offset: must be a whole number from 0 to 10000"),
        ("q=a&kind=x", "kind: must be one of company, on_demand"),
        ("q=a&what=x", "what: no such parameter"),
    ] {
        let answer = ground.client.get(format!("/api/v1/search?{query}")).send().await;
        problem(&answer, 422, detail);
    }
}

#[tokio::test]
async fn everybody_finds_in_their_own_only() {
    let ground = Ground::new().await;
    let (test, account) = (&ground.test, &ground.account);
    let sub = test.subaccount(account, "branch").await;
    let other = test.account("other").await;
    let (alice, as_alice) = test.user(account, "alice").await;
    let (_, as_bob) = test.user(account, "bob").await;
    let company = ground.spoken(account, Form::new()).await;
    let branch = ground.spoken(&sub, Form::new()).await;
    let form = Form::new().text("kind", "on_demand").text("user_id", &alice.user_id.to_string());
    let alices = ground.spoken(account, form).await;
    for (client, own) in [
        (ground.client.clone(), vec![&company, &branch, &alices]),
        (test.administrator(account).await, vec![&company, &branch, &alices]),
        (test.client(&sub), vec![&branch]),
        (as_alice.clone(), vec![&alices]),
        (as_bob.clone(), vec![]),
        (test.client(&other), vec![]),
    ] {
        let mut hits: Vec<_> =
            found(&client, "q=money").await.into_iter().map(|(id, _)| id).collect();
        let mut own: Vec<_> = own.into_iter().cloned().collect();
        hits.sort();
        own.sort();
        assert_eq!(hits, own);
        for id in [&company, &branch, &alices] {
            let path = format!("/api/v1/recordings/{id}/transcript");
            let status = if own.contains(id) { 200 } else { 404 };
            assert_eq!(client.get(&path).send().await.status, status);
            assert_eq!(client.post(&path).send().await.status, status);
        }
    }
    let path = format!("/api/v1/recordings/{company}/transcript");
    assert_eq!(as_bob.delete(&path).send().await.status, 404);
    assert_eq!(test.stranger().get("/api/v1/search?q=money").send().await.status, 401);
    assert_eq!(test.stranger().get(&path).send().await.status, 401);
}

#[tokio::test]
async fn pages_go_on_until_the_end() {
    let ground = Ground::new().await;
    for _ in 0..5 {
        ground.spoken(&ground.account, Form::new()).await;
    }
    let (mut all, mut offset) = (Vec::new(), Some(json!(0)));
    while let Some(from) = offset.take() {
        let path = format!("/api/v1/search?q=money&limit=2&offset={from}");
        let page = ground.client.get(path).send().await.json();
        all.extend(page["hits"].as_array().unwrap().iter().map(|hit| hit["recording_id"].clone()));
        offset = Some(page["next"].clone()).filter(|next| !next.is_null());
    }
    all.sort_by_key(Value::to_string);
    all.dedup();
    assert_eq!(all.len(), 5);
}

#[tokio::test]
async fn what_is_gone_is_not_found() {
    let ground = Ground::new().await;
    let [one, two] = [
        ground.spoken(&ground.account, Form::new()).await,
        ground.spoken(&ground.account, Form::new()).await,
    ];
    assert_eq!(found(&ground.client, "q=money").await.len(), 2);
    let path = format!("/api/v1/recordings/{one}/transcript");
    assert_eq!(ground.client.delete(path).send().await.status, 204);
    assert_eq!(found(&ground.client, "q=money").await, [(two.clone(), 2000)]);
    // Before its erasing, too.
    let path = format!("/api/v1/recordings/{two}");
    assert_eq!(ground.client.delete(path).send().await.status, 204);
    assert!(found(&ground.client, "q=money").await.is_empty());
    ground.test.work().await;
    assert!(found(&ground.client, "q=money").await.is_empty());
}

#[tokio::test]
async fn what_failed_says_why() {
    let test = TestVault::with(|config| config.speech = scripted(|_, _| Err("no".to_owned())));
    let ground = Ground::of(test.await).await;
    let form = Form::new().text("transcription_type", "auto");
    let short = form.file(&sound::wav(std::time::Duration::from_millis(400)));
    let kept = ground.test.recording_with(&ground.account, short).await;
    let id = kept["recording_id"].as_str().unwrap();
    ground.test.work().await;
    let failed = ground.get(id, "").await;
    assert_eq!((failed.status, &failed.json()["status"]), (200, &json!("failed")));
    assert_eq!(failed.json()["error"], "recording duration too short");
    let why = "the transcript has failed: recording duration too short";
    problem(&ground.get(id, "?format=text").await, 409, why);
}

#[tokio::test]
async fn where_nobody_spoke_it_is_empty() {
    let test = TestVault::with(|config| {
        config.speech = scripted(|channels, _| {
            let mut all = dialogue(channels);
            all.words.clear();
            all.turns.clear();
            all.language = None;
            Ok(all)
        });
    });
    let ground = Ground::of(test.await).await;
    let id = ground.spoken(&ground.account, Form::new()).await;
    let json = ground.get(&id, "").await.json();
    assert_eq!(
        (&json["turns"], &json["words"], &json["language"]),
        (&json!([]), &json!([]), &Value::Null)
    );
    assert_eq!(ground.get(&id, "?format=text").await.text(), "");
    assert_eq!(ground.get(&id, "?format=srt").await.text(), "");
    assert_eq!(ground.get(&id, "?format=vtt").await.text(), "WEBVTT\n");
}

#[tokio::test]
async fn the_list_has_what_was_said() {
    let ground = Ground::new().await;
    let client = &ground.client;
    let call = || Form::new().text("extensions", "101").text("conference_name", "weekly");
    let ids = [
        ground.spoken(&ground.account, call()).await,
        ground.spoken(&ground.account, Form::new().text("direction", "inbound")).await,
    ];
    ground.test.recording(&ground.account).await; // of which nothing was said
    let other = ground.test.account("other").await;
    ground.spoken(&other, Form::new()).await;
    let list = async |query: &str| {
        let answer = client.get(format!("/api/v1/recordings?{query}")).send().await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        answer.json()
    };
    for (query, total) in [
        ("text=money", 2),
        ("text=%22my+money%22+BACK", 2),
        ("text=money&extension=101&conference=weekly&kind=company", 1),
        ("text=money&direction=inbound&held=false", 1),
        ("text=money&held=true", 0),
        ("text=money+hello", 0), // in two turns
        ("text=%22", 0),
        ("text=%00%27%22%3B--", 0),
    ] {
        let page = list(query).await;
        assert_eq!(page["total"], total, "{query}");
        assert_eq!(page["recordings"].as_array().unwrap().len(), total, "{query}");
    }
    let first = list("text=money&limit=1&sort=number").await;
    assert_eq!(first["recordings"][0]["recording_id"], ids[0]);
    let next = first["next"].as_str().unwrap();
    let second = list(&format!("text=money&limit=1&sort=number&after={next}")).await;
    assert_eq!(second["recordings"][0]["recording_id"], ids[1]);
    let log = client.get("/api/v1/audit?action=search").send().await.json();
    assert_eq!(log["entries"].as_array().unwrap().len(), 1, "{log}");
    for text in [String::new(), "+".to_owned(), "x".repeat(501)] {
        let answer = client.get(format!("/api/v1/recordings?text={text}")).send().await;
        problem(&answer, 422, "text: must be 1 to 500 characters");
    }
}
