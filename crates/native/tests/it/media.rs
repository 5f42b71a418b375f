//! A recording's audio.

use std::time::Duration;

use serde_json::Value;
use testkit::{Client, Form, TestVault, sound};

use crate::{path, problem, wrong};

async fn kept(vault: &TestVault, file: &[u8]) -> (Client, Value, String) {
    let account = vault.account("acme").await;
    let recording = vault.recording_with(&account, Form::new().file(file)).await;
    let path = format!("{}/media", path(&recording));
    (vault.client(&account), recording, path)
}

#[tokio::test]
async fn the_audio_comes_as_it_was_sent() {
    let vault = TestVault::new().await;
    let file = sound::wav(Duration::from_secs(1));
    let (client, _, path) = kept(&vault, &file).await;
    let queries = ["", "?format=asis", "?format=wav", "?variant=default", "?variant=original"];
    for query in queries {
        let answer = client.get(format!("{path}{query}")).send().await;
        assert!(answer.status == 200 && answer.body == file, "{query}");
        assert_eq!(answer.header("content-type"), "audio/wav", "{query}");
        assert_eq!(answer.header("accept-ranges"), "bytes", "{query}");
        assert_eq!(answer.header("content-length"), file.len().to_string(), "{query}");
    }
    let head = client.head(&path).send().await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), file.len().to_string());
}

#[tokio::test]
async fn a_part_of_the_audio_comes_alone() {
    let vault = TestVault::new().await;
    let file = sound::wav(Duration::from_secs(1));
    let (client, _, path) = kept(&vault, &file).await;
    let part = client.get(&path).header("range", "bytes=44-143").send().await;
    assert!(part.status == 206 && part.body == file[44..144]);
    assert_eq!(part.header("content-range"), format!("bytes 44-143/{}", file.len()));
    let beyond = client.get(&path).header("range", "bytes=99999999-").send().await;
    let detail = format!("the range is not within the {} bytes of the audio", file.len());
    problem(&beyond, 416, "Range Not Satisfiable", &detail);
    assert_eq!(beyond.header("content-range"), format!("bytes */{}", file.len()));
    let again = client.get(&path).header("if-none-match", part.header("etag")).send().await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let other = client.get(&path).header("if-match", "\"other\"").send().await;
    problem(&other, 412, "Precondition Failed", "the audio is not the one of If-Match");
}

#[tokio::test]
async fn an_mp3_is_had_as_wav_and_a_wav_as_mp3() {
    let vault = TestVault::new().await;
    let (client, _, path) = kept(&vault, sound::MP3).await;
    let as_kept = client.get(&path).send().await;
    assert!(as_kept.status == 200 && as_kept.body == sound::MP3);
    assert_eq!(as_kept.header("content-type"), "audio/mpeg");
    assert!(client.get(format!("{path}?format=mp3")).send().await.body == sound::MP3);
    let wav = client.get(format!("{path}?format=wav")).send().await;
    assert_eq!((wav.status, wav.header("content-type")), (200, "audio/wav"));
    assert_eq!(wav.body.len(), 44 + 12_345 * 4);
    assert_eq!(wav.header("cache-control"), "private, no-cache");

    let account = vault.account("other").await;
    let recording = vault.recording(&account).await;
    let path = format!("{}/media?format=mp3", crate::path(&recording));
    let mp3 = vault.client(&account).get(&path).send().await;
    assert_eq!((mp3.status, mp3.header("content-type")), (200, "audio/mpeg"));
    // The very second that was sent, taken in again.
    let again = vault.recording_with(&account, Form::new().file(&mp3.body)).await;
    assert_eq!((&again["format"], &again["duration_ms"]), (&"mp3".into(), &1_000.into()));
}

#[tokio::test]
async fn every_format_is_known_and_comes_as_it_was_sent() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    let client = vault.client(&account);
    let sounds = [
        (sound::GSM, "gsm", "audio/gsm", 1, 8_000, 1_560),
        (sound::GSM_WAV, "wav", "audio/wav", 1, 8_000, 1_543),
        (sound::IMA_WAV, "wav", "audio/wav", 2, 8_000, 500),
        (sound::OPUS, "ogg", "audio/ogg", 2, 48_000, 1_543),
        (sound::VORBIS, "ogg", "audio/ogg", 2, 8_000, 1_543),
        (sound::M4A, "m4a", "audio/mp4", 2, 8_000, 1_543),
    ];
    for (sent, format, content_type, channels, rate, milliseconds) in sounds {
        let kept = vault.recording_with(&account, Form::new().file(sent)).await;
        assert_eq!((&kept["format"], &kept["truncated"]), (&format.into(), &false.into()));
        assert_eq!(kept["channels"], channels, "{format}");
        assert_eq!(kept["sample_rate"], rate, "{format}");
        assert_eq!(kept["duration_ms"], milliseconds, "{format}");
        let answer = client.get(format!("{}/media", path(&kept))).send().await;
        assert!(answer.status == 200 && answer.body == sent, "{format}");
        assert_eq!(answer.header("content-type"), content_type);
        let name = answer.header("content-disposition");
        assert!(name.contains(&format!(".{format}\"")), "{name}");
    }
}

#[tokio::test]
async fn many_who_ask_at_once_have_it_made_once() {
    let vault = TestVault::new().await;
    let (client, _, path) = kept(&vault, &sound::wav(Duration::from_secs(20))).await;
    let ask = || client.get(format!("{path}?format=mp3")).send();
    let answers = futures::future::join_all((0..12).map(|_| ask())).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert!(answers.iter().all(|answer| answer.header("etag") == answers[0].header("etag")));
    assert_eq!(converted(&vault).len(), 1);
    let metadata = |path: &str| {
        let file = vault.directory().join("audio").join(path);
        std::fs::metadata(file).unwrap().modified().unwrap()
    };
    let made = metadata(&converted(&vault)[0]);
    assert!(ask().await.body == answers[0].body);
    assert_eq!(metadata(&converted(&vault)[0]), made);
}

#[tokio::test]
async fn without_the_library_an_mp3_is_refused_with_the_reason() {
    let vault = TestVault::with(|config| config.lame = "/nowhere/libmp3lame.so.0".into()).await;
    let (client, _, path) = kept(&vault, sound::FLAC).await;
    let answer = client.get(format!("{path}?format=mp3")).send().await;
    let why = "MP3 needs the library LAME, which is not installed; Debian has it as libmp3lame0";
    problem(&answer, 422, "Unprocessable Entity", why);
    assert!(converted(&vault).is_empty());
    assert_eq!(client.get(format!("{path}?format=wav")).send().await.status, 200);
}

fn converted(vault: &TestVault) -> Vec<String> {
    let mut files = vault.audio_files();
    files.retain(|file| file.starts_with("converted/"));
    files
}

#[tokio::test]
async fn a_wav_whose_header_lies_is_served_with_a_right_one() {
    let vault = TestVault::new().await;
    let right = sound::wav(Duration::from_secs(1));
    let mut lying = right.clone();
    lying[4..8].fill(0);
    lying[40..44].fill(0);
    let (client, recording, path) = kept(&vault, &lying).await;
    assert_eq!(recording["repaired"], true);
    assert_eq!(recording["duration_ms"], 1_000);
    assert_eq!(recording["size_bytes"], lying.len());
    for query in ["", "?format=wav", "?format=asis", "?variant=original"] {
        let answer = client.get(format!("{path}{query}")).send().await;
        assert!(answer.body == right, "{query}");
    }
    let sent = format!("{path}?variant=original&format=asis");
    assert!(client.get(sent).send().await.body == lying);
}

#[tokio::test]
async fn other_forms_are_refused_by_name() {
    let vault = TestVault::new().await;
    let (client, _, path) = kept(&vault, &sound::wav(Duration::from_millis(100))).await;
    let cases = [
        ("format=ogg", "format", "format: must be one of asis, wav, mp3"),
        ("format=WAV", "format", "format: must be one of asis, wav, mp3"),
        ("variant=denoised", "variant", "variant: must be one of default, original"),
        ("variant=default&variant=default", "variant", "variant: given twice"),
        ("channel=0", "channel", "channel: no such parameter"),
        ("%0a=1", "", ": no such parameter"),
    ];
    for (query, field, detail) in cases {
        wrong(&client.get(format!("{path}?{query}")).send().await, field, detail);
    }
}

#[tokio::test]
async fn our_own_api_asks_for_credentials_though_media_are_open() {
    let vault = TestVault::new().await;
    let (_, _, path) = kept(&vault, &sound::wav(Duration::from_millis(100))).await;
    let answer = vault.stranger().get(&path).send().await;
    problem(&answer, 401, "Unauthorized", "bad credentials");
}

#[tokio::test]
async fn damaged_audio_is_not_served() {
    let vault = TestVault::new().await;
    let file = sound::wav(Duration::from_secs(1));
    let (client, _, path) = kept(&vault, &file).await;
    let place = vault.directory().join("audio").join(&vault.audio_files()[0]);
    let mut flipped = file.clone();
    flipped[1_000] ^= 1;
    std::fs::write(&place, flipped).unwrap();
    vault.vault.verify(|_| ()).await.unwrap();
    let refused = client.get(&path).header("range", "bytes=0-9").send().await;
    assert_eq!(refused.status, 500);
    let why = "the recording is damaged: its bytes are not those that were sent";
    assert_eq!(refused.json()["detail"], why);
    let metrics = vault.stranger().get("/metrics").send().await.text();
    assert!(metrics.contains("callvault_damaged_recordings{damage=\"hash\"} 1\n"), "{metrics}");
    assert!(metrics.contains("callvault_scrub_last_end_seconds 0\n"), "{metrics}");

    std::fs::write(&place, &file).unwrap();
    vault.vault.verify(|_| ()).await.unwrap();
    assert_eq!(client.get(&path).send().await.body, file);
    let metrics = vault.stranger().get("/metrics").send().await.text();
    assert!(metrics.contains("callvault_damaged_recordings{damage=\"hash\"} 0\n"), "{metrics}");
}
