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

/// The samples of a WAV with the plain header.
fn samples(wav: &[u8]) -> Vec<i16> {
    assert_eq!(&wav[..4], b"RIFF");
    wav[44..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

#[tokio::test]
async fn a_channel_and_a_while_are_cut_to_the_sample() {
    let vault = TestVault::new().await;
    let (client, _, path) = kept(&vault, sound::FLAC).await;
    let ask = async |query: &str| {
        let answer = client.get(format!("{path}?{query}")).send().await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        answer
    };
    let all = samples(&ask("format=wav").await.body);
    let (left, right): (Vec<i16>, Vec<i16>) = all.chunks(2).map(|two| (two[0], two[1])).unzip();
    assert_eq!(samples(&ask("channel=0").await.body), left);
    assert_eq!(samples(&ask("channel=1&format=wav").await.body), right);
    let both = left.iter().zip(&right);
    let mix: Vec<i16> = both.map(|(l, r)| i16::midpoint(*l, *r)).collect();
    assert_eq!(samples(&ask("channel=mix").await.body), mix);
    let part = ask("start_ms=500&end_ms=1000").await;
    assert_eq!(samples(&part.body), all[8_000..16_000]);
    assert_eq!(part.header("content-type"), "audio/wav");
    assert!(part.header("content-disposition").contains(".wav"));
    let etag = part.header("etag");
    assert_ne!(etag, ask("format=wav").await.header("etag"));
    assert_eq!(samples(&ask("channel=1&start_ms=1500").await.body), right[12_000..]);
    assert_eq!(samples(&ask("end_ms=1&channel=0").await.body), left[..8]);
    // Beyond the end is the end.
    assert_eq!(samples(&ask("start_ms=1500&end_ms=99999999999").await.body), all[24_000..]);
    let mp3 = ask("channel=0&end_ms=1000&format=mp3").await;
    assert_eq!(mp3.header("content-type"), "audio/mpeg");
    let account = vault.account("other").await;
    let again = vault.recording_with(&account, Form::new().file(&mp3.body)).await;
    assert_eq!((&again["duration_ms"], &again["channels"]), (&1_000.into(), &1.into()));
    let range = client.get(format!("{path}?channel=0")).header("range", "bytes=44-47").send().await;
    assert!(range.status == 206 && range.body[..2] == left[0].to_le_bytes());
}

#[tokio::test]
async fn what_is_the_same_is_kept_once_and_there_is_an_end_to_it() {
    let vault = TestVault::new().await;
    let (client, _, path) = kept(&vault, sound::FLAC).await;
    for query in ["end_ms=900", "end_ms=900&format=wav", "start_ms=0&end_ms=900"] {
        client.get(format!("{path}?{query}")).send().await;
    }
    assert_eq!(converted(&vault).len(), 1, "{:?}", converted(&vault));
    let mono = vault.account("mono").await;
    let mono_path = format!("{}/media", crate::path(&vault.recording(&mono).await));
    let whole = vault.client(&mono).get(&mono_path).send().await;
    for query in ["channel=0", "channel=mix", "start_ms=0", "end_ms=1000", "end_ms=77777"] {
        let same = vault.client(&mono).get(format!("{mono_path}?{query}")).send().await;
        assert!(same.body == whole.body, "{query}");
    }
    for end in 1..=40 {
        let answer = client.get(format!("{path}?end_ms={end}")).send().await;
        assert_eq!((answer.status, answer.body.len()), (200, 44 + end * 32));
        vault.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(converted(&vault).len(), 32);
    assert!(converted(&vault).iter().all(|file| !file.ends_with(".0-1.wav")));
}

#[tokio::test]
async fn peaks_are_audiowaveforms_to_the_byte() {
    let vault = TestVault::new().await;
    let (client, recording, _) = kept(&vault, sound::PEAKS.0).await;
    let whole = path(&recording);
    let path = format!("{whole}/peaks");
    let ask = async |query: &str| client.get(format!("{path}?{query}")).send().await;
    let json = ask("samples_per_pixel=1024").await;
    assert_eq!((json.status, json.header("content-type")), (200, "application/json"));
    assert!(json.body == sound::PEAKS.1, "{}", json.text());
    assert_eq!(json.json()["channels"], 2);
    let dat = ask("format=dat").await;
    assert_eq!((dat.status, dat.header("content-type")), (200, "application/octet-stream"));
    assert!(dat.body == sound::PEAKS.2);
    assert!(dat.header("content-disposition").contains(".dat"));
    assert!(ask("format=dat&channel=mix").await.body == sound::PEAKS.3);
    assert!(ask("format=dat&samples_per_pixel=256").await.body == dat.body);
    assert_eq!(converted(&vault).len(), 3);
    let part = client.get(format!("{path}?format=dat")).header("range", "bytes=0-3").send().await;
    assert!(part.status == 206 && *part.body == [2, 0, 0, 0]);

    let cases = [
        ("format=png", "format", "format: must be one of json, dat"),
        ("channel=0", "channel", "channel: must be mix, or left out"),
        (
            "samples_per_pixel=15",
            "samples_per_pixel",
            "samples_per_pixel: must be from 16 to 1000000",
        ),
        (
            "samples_per_pixel=x",
            "samples_per_pixel",
            "samples_per_pixel: must be from 16 to 1000000",
        ),
        ("zoom=auto", "zoom", "zoom: no such parameter"),
    ];
    for (query, field, detail) in cases {
        wrong(&ask(query).await, field, detail);
    }
    let stranger = vault.account("other").await;
    assert_eq!(vault.client(&stranger).get(&path).send().await.status, 404);
    assert_eq!(vault.stranger().get(&path).send().await.status, 401);

    assert_eq!(client.delete(whole).send().await.status, 204);
    assert_eq!(ask("format=dat").await.status, 404);
    vault.work().await;
    assert!(vault.audio_files().is_empty());
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
        ("variant=x", "variant", "variant: must be one of default, original, denoised"),
        ("variant=default&variant=default", "variant", "variant: given twice"),
        ("channels=0", "channels", "channels: no such parameter"),
        ("channel=left", "channel", "channel: must be a channel's number, from 0, or mix"),
        ("channel=-1", "channel", "channel: must be a channel's number, from 0, or mix"),
        ("channel=1", "channel", "channel: there is no channel 1: the last is 0"),
        ("start_ms=1.5", "start_ms", "start_ms: must be a whole number of milliseconds"),
        ("end_ms=", "end_ms", "end_ms: must be a whole number of milliseconds"),
        (
            "start_ms=100",
            "start_ms",
            "start_ms: is not before the end of the recording, which is at 100",
        ),
        ("start_ms=5&end_ms=5", "end_ms", "end_ms: must be after start_ms"),
        (
            "variant=original&format=asis&end_ms=5",
            "format",
            "format: asis is all that was sent, and no part",
        ),
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
