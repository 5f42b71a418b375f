//! Policies that delete the audio and keep what was said.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Client, Form, TestVault, sound};
use vault::NewAccount;

use crate::{path, problem};

const POLICIES: &str = "/api/v1/retention/policies";
const OLD: &str = "2025-03-01T23:59:59Z";
const GONE: &str = "the recording's audio was deleted";

struct Ground {
    test: TestVault,
    account: NewAccount,
    client: Client,
    /// With a transcript, and a denoised variant.
    spoken: Value,
    /// Without a transcript.
    silent: Value,
}

impl Ground {
    async fn new() -> Self {
        let test = TestVault::new().await;
        let account = test.account("acme").await;
        let client = test.client(&account);
        let settings = json!({ "retention_pending": "0d", "retention_max_share": 1 });
        assert_eq!(client.patch("/api/v1/account").json(&settings).send().await.status, 200);
        let old = || Form::new().text("start", OLD).text("add_time", OLD);
        let form = old().text("transcription_type", "auto").file(sound::CALL);
        let spoken = test.recording_with(&account, form).await;
        let form = old().file(&sound::wav(Duration::from_millis(20)));
        let silent = test.recording_with(&account, form).await;
        let denoise = client.post(format!("{}/denoise", path(&spoken))).send().await;
        assert_eq!(denoise.status, 202, "{}", denoise.text());
        test.work().await;
        Self { test, account, client, spoken, silent }
    }

    async fn shown(&self, recording: &Value) -> Value {
        self.client.get(path(recording)).send().await.json()
    }

    /// A policy of that action.
    async fn policy(&self, action: &str) -> Value {
        let made = self.client.post(POLICIES).json(&policy(action)).send().await;
        assert_eq!((made.status, &made.json()["action"]), (201, &json!(action)), "{}", made.text());
        made.json()["policy_id"].clone()
    }

    /// Runs it; the run, and what became of each recording.
    async fn run(&self, policy: &Value) -> (Value, Vec<Value>) {
        let started = self.client.post(format!("{POLICIES}/{policy}/run")).send().await;
        assert_eq!(started.status, 202, "{}", started.text());
        let run = &started.json()["run_id"];
        self.test.work().await;
        let receipt = format!("/api/v1/retention/runs/{run}/receipt");
        let receipt = self.client.get(receipt).send().await.json();
        (receipt["run"].clone(), receipt["recordings"].as_array().unwrap().clone())
    }

    /// Of those selected: how many, without a transcript, to go.
    async fn preview(&self, action: &str) -> (Value, Value, Value) {
        let preview = self.client.post("/api/v1/retention/preview").json(&policy(action));
        let preview = preview.send().await.json();
        let number = |name: &str| preview[name].clone();
        (number("recordings"), number("without_transcript"), number("would_delete"))
    }

    /// Recordings, bytes, billed minutes and deletions of this month; and what policies leave.
    async fn usage(&self) -> (Vec<Value>, Value) {
        let usage = self.client.get("/api/v1/usage?from=2026-01&to=2026-01").send().await.json();
        let month = &usage["accounts"][0]["months"][0];
        let names = ["recordings", "bytes", "duration_ms", "billed_minutes", "deleted"];
        (names.map(|name| month[name].clone()).to_vec(), month["with_policies"].clone())
    }

    /// What list and `keeping` say that policies will do to both.
    async fn announced(&self) -> [Value; 2] {
        let listed = self.client.get("/api/v1/recordings?sort=number").send().await.json();
        let mut all = [Value::Null, Value::Null];
        for (at, recording) in [&self.spoken, &self.silent].into_iter().enumerate() {
            let keeping = format!("{}/keeping", path(recording));
            let keeping = self.client.get(keeping).send().await.json();
            let listed = &listed["recordings"][at];
            assert_eq!(listed["recording_id"], recording["recording_id"]);
            assert_eq!(listed["deletion"], keeping["deletion"]);
            all[at] = keeping["deletion"]["action"].clone();
        }
        all
    }

    async fn hits(&self) -> usize {
        let found = self.client.get("/api/v1/search?q=money").send().await.json();
        found["hits"].as_array().unwrap().len()
    }
}

fn policy(action: &str) -> Value {
    json!({ "name": "x", "where": { "older_than": "30d" }, "action": action })
}

#[tokio::test]
async fn the_audio_goes_and_what_was_said_stays() {
    let ground = Ground::new().await;
    let Ground { test, account, client, spoken, silent } = &ground;
    let before = ground.shown(spoken).await;
    assert_eq!(
        (&before["audio_deleted"], &before["variants"][1]["variant"]),
        (&Value::Null, &json!("denoised"))
    );
    assert_eq!(test.audio_files().len(), 3, "two originals, one variant");
    assert_eq!(ground.preview("delete_audio").await, (json!(2), json!(1), json!(1)));
    assert_eq!(ground.preview("delete").await, (json!(2), json!(0), json!(2)));
    let policy = ground.policy("delete_audio").await;
    assert_eq!(ground.announced().await, ["delete_audio".into(), Value::Null]);
    let (_, forecast) = ground.usage().await;
    let left = &silent["size_bytes"];
    assert_eq!((&forecast["recordings"], &forecast["bytes"]), (&json!(2), left), "{forecast}");

    let (run, lines) = ground.run(&policy).await;
    assert_eq!(
        (&run["would_delete"], &run["deleted"], &run["failed"]),
        (&json!(1), &json!(1), &json!(1))
    );
    assert_eq!(run["bytes"], before["size_bytes"]);
    assert_eq!(
        (&lines[0]["outcome"], &lines[0]["sha256"]),
        (&json!("audio_deleted"), &before["sha256"])
    );
    let why = json!("there is no transcript to keep");
    assert_eq!((&lines[1]["outcome"], &lines[1]["reason"]), (&json!("failed"), &why));
    let [file] = &test.audio_files()[..] else { panic!("{:?}", test.audio_files()) };
    assert!(file.contains(silent["recording_id"].as_str().unwrap()), "{file}");

    let mut expected = before.clone();
    expected["audio_deleted"] = json!(testkit::START);
    (expected["size_bytes"], expected["variants"]) = (json!(0), json!([]));
    assert_eq!(ground.shown(spoken).await, expected);
    for (method, what) in
        [("GET", "media"), ("GET", "peaks"), ("POST", "denoise"), ("POST", "transcript")]
    {
        let path = format!("{}/{what}", path(spoken));
        let request = if method == "GET" { client.get(path) } else { client.post(path) };
        problem(&request.send().await, 410, "Gone", GONE);
    }
    let id = spoken["recording_id"].as_str().unwrap();
    let plivo = format!("/v1/Account/{}/Recording/{id}", account.auth_id);
    for what in [".wav", ".mp3", ".wav?type=original"] {
        let audio = test.stranger().get(format!("{plivo}{what}")).send().await;
        assert_eq!((audio.status, &audio.json()["error"]), (404, &json!(GONE)));
    }
    let shown = client.get(format!("{plivo}/")).send().await;
    assert_eq!(
        (shown.status, &shown.json()["monthly_recording_storage_amount"]),
        (200, &json!(0.0))
    );
    assert_eq!(ground.hits().await, 1);
    let transcript = client.get(format!("{}/transcript", path(spoken))).send().await.json();
    assert_eq!(transcript["status"], "success");

    let (usage, _) = ground.usage().await;
    assert_eq!(usage, [json!(2), left.clone(), json!(20), json!(1), json!(0)]);
    let verified = test.vault.verify(|_| ()).await.unwrap();
    assert_eq!((verified.recordings, verified.findings), (2, Vec::new()));
    let again = ground.preview("delete_audio").await;
    assert_eq!(again, (json!(1), json!(1), json!(0)), "it is not selected again");
    assert_eq!(ground.announced().await, [Value::Null, Value::Null]);

    let all = ground.policy("delete").await;
    assert_eq!(ground.announced().await, ["delete", "delete"]);
    assert_eq!(ground.run(&all).await.0["deleted"], 2);
    assert_eq!(client.get(path(spoken)).send().await.status, 404);
    assert_eq!(ground.hits().await, 0);
    assert_eq!(test.audio_files(), [""; 0]);
    assert_eq!(ground.usage().await.0, [json!(0), json!(0), json!(0), json!(0), json!(2)]);
}

#[tokio::test]
async fn what_may_not_be_deleted_keeps_its_audio() {
    let ground = Ground::new().await;
    let Ground { client, spoken, .. } = &ground;
    let hold = client.put(format!("{}/hold", path(spoken)));
    assert_eq!(hold.json(&json!({ "reason": "case 17" })).send().await.status, 204);
    let policy = ground.policy("delete_audio").await;
    let (run, lines) = ground.run(&policy).await;
    assert_eq!((&run["deleted"], &lines[0]["outcome"]), (&json!(0), &json!("held")));
    assert_eq!(client.get(format!("{}/media", path(spoken))).send().await.status, 200);

    let lift = client.delete(format!("{}/hold?reason=settled", path(spoken))).send().await;
    assert_eq!(lift.status, 204, "{}", lift.text());
    let young = json!({ "minimum_retention": "1d" });
    assert_eq!(client.patch("/api/v1/account").json(&young).send().await.status, 200);
    let (run, lines) = ground.run(&policy).await;
    assert_eq!((&run["deleted"], &lines[0]["outcome"]), (&json!(0), &json!("held")));
    ground.test.clock.advance(Duration::from_hours(25));
    assert_eq!(ground.run(&policy).await.1[0]["outcome"], "audio_deleted");
}
