//! Noise cancellation.

use serde_json::{Value, json};
use testkit::{Client, Form, TestVault, sound};
use vault::NewAccount;

use crate::{path, problem};

async fn switched_on(vault: &TestVault, account: &NewAccount) {
    let client = vault.client(account);
    let patch = client.patch("/api/v1/account").header("content-type", "application/json");
    let answer = patch.body(r#"{"noise_cancellation": true}"#).send().await;
    assert_eq!(answer.status, 200);
}

async fn kept(vault: &TestVault, account: &NewAccount) -> (Client, String) {
    let recording = vault.recording_with(account, Form::new().file(sound::CALL)).await;
    (vault.client(account), path(&recording))
}

async fn variants(client: &Client, path: &str) -> Vec<Value> {
    let shown = client.get(path).send().await.json();
    shown["variants"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_default_is_the_denoised_audio_once_it_is_there() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    switched_on(&vault, &account).await;
    let (client, path) = kept(&vault, &account).await;
    let ask = async |query: &str| client.get(format!("{path}/media?{query}")).send().await;
    assert!(ask("").await.body == sound::CALL, "until then the original");
    let untouched_mp3 = ask("format=mp3").await;
    assert_eq!(variants(&client, &path).await.len(), 1);

    vault.work().await;
    let variants = variants(&client, &path).await;
    assert_eq!(variants[0]["variant"], "original");
    let denoised = &variants[1];
    let size = 44 + 4_001 * 4;
    let sha256 = &denoised["sha256"];
    let expected =
        json!({"variant": "denoised", "format": "wav", "size_bytes": size, "sha256": sha256});
    assert_eq!(*denoised, expected);
    for query in ["", "variant=default", "variant=denoised", "format=wav", "format=asis"] {
        let answer = ask(query).await;
        assert_eq!((answer.status, answer.body.len()), (200, size), "{query}");
        assert_eq!(answer.header("content-type"), "audio/wav", "{query}");
        assert_eq!(answer.header("etag"), format!("\"{}\"", sha256.as_str().unwrap()));
        let range = client.get(format!("{path}/media?{query}")).header("range", "bytes=0-3");
        assert!(range.send().await.body == answer.body[..4], "{query}");
    }
    for query in ["variant=original", "variant=original&format=asis"] {
        assert!(ask(query).await.body == sound::CALL, "{query}");
    }
    // What is made is made of what was asked for.
    let mp3 = ask("format=mp3").await;
    assert!(mp3.status == 200 && mp3.body != untouched_mp3.body);
    assert!(ask("format=mp3&variant=original").await.body == untouched_mp3.body);
    let left = ask("channel=0&start_ms=100&end_ms=200").await.body;
    let whole = ask("").await.body;
    let samples = whole[44..].chunks_exact(4).skip(800).take(800);
    assert!(left[44..] == samples.flat_map(|frame| [frame[0], frame[1]]).collect::<Vec<_>>());
    assert!(ask("channel=0&start_ms=100&end_ms=200&variant=original").await.body != left);

    assert_eq!(client.delete(&path).send().await.status, 204);
    assert_eq!(ask("variant=denoised").await.status, 404);
    vault.work().await;
    assert!(vault.audio_files().is_empty(), "{:?}", vault.audio_files());
}

#[tokio::test]
async fn an_older_one_is_denoised_when_that_is_asked_for() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    let (client, path) = kept(&vault, &account).await;
    vault.work().await;
    let none = client.get(format!("{path}/media?variant=denoised")).send().await;
    problem(&none, 422, "Unprocessable Entity", "the recording has no denoised variant");
    for _ in 0..2 {
        let answer = client.post(format!("{path}/denoise")).send().await;
        assert_eq!((answer.status, answer.text().as_str()), (202, ""));
    }
    vault.work().await;
    let made = variants(&client, &path).await;
    assert_eq!(made.len(), 2);
    // Again: nothing changes.
    assert_eq!(client.post(format!("{path}/denoise")).send().await.status, 202);
    vault.work().await;
    assert_eq!(variants(&client, &path).await, made);
    assert_eq!(vault.audio_files().len(), 2);
}

#[tokio::test]
async fn a_subaccount_inherits_the_wish_and_a_stranger_has_none() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    switched_on(&vault, &account).await;
    let sub = vault.subaccount(&account, "branch").await;
    let (client, path) = kept(&vault, &sub).await;
    vault.work().await;
    assert_eq!(variants(&client, &path).await.len(), 2);
    let other = vault.client(&vault.account("other").await);
    let answer = other.post(format!("{path}/denoise")).send().await;
    problem(&answer, 404, "Not Found", "not found");
    assert_eq!(vault.stranger().post(format!("{path}/denoise")).send().await.status, 401);
}

#[tokio::test]
async fn where_dtln_is_installed_it_denoises() {
    let Some(models) = std::env::var_os("TEST_MODELS_DIR") else {
        assert!(std::env::var_os("TEST_NO_SKIP").is_none(), "TEST_MODELS_DIR is not set");
        return;
    };
    let mut denoised = Vec::new();
    for dtln in [None, Some("/nowhere".into()), Some(models.into())] {
        let vault = TestVault::with(|config| config.dtln = dtln).await;
        let account = vault.account("acme").await;
        let (client, path) = kept(&vault, &account).await;
        client.post(format!("{path}/denoise")).send().await;
        vault.work().await;
        let answer = client.get(format!("{path}/media?variant=denoised")).send().await;
        assert_eq!(answer.status, 200);
        denoised.push(answer.body);
    }
    assert!(denoised[0] == denoised[1], "what is not installed is not asked for");
    assert_eq!(denoised[0].len(), denoised[2].len());
    assert!(denoised[0] != denoised[2]);
}
