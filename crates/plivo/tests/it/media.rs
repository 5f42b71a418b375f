//! Audio.

use std::time::Duration;

use axum::http::Method;
use testkit::{Answer, TestVault, sound};
use vault::{Call, NewAccount, RecordingDetails, RecordingId};

use crate::kit::{Expect, Kit};

async fn kept(kit: &Kit) -> RecordingId {
    let call = Call {
        from_number: Some("+14155550100".to_owned()),
        to_number: Some("+14155550111".to_owned()),
        ..Call::default()
    };
    let details = RecordingDetails { call, ..RecordingDetails::default() };
    kit.keep(&kit.account, details).await.recording_id
}

fn file(account: &NewAccount, id: RecordingId) -> String {
    format!("/v1/Account/{}/Recording/{id}.wav", account.auth_id)
}

/// Fetches the account's audio without a login.
async fn fetch(kit: &Kit, method: &str, id: RecordingId, headers: &[(&str, &str)]) -> Answer {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = kit.test.stranger().request(method, file(&kit.account, id));
    let request = headers.iter().fold(request, |asked, (name, value)| asked.header(name, value));
    request.send().await
}

/// A second of sound, as it was sent.
fn sent() -> Vec<u8> {
    sound::wav(Duration::from_secs(1))
}

#[tokio::test]
async fn whoever_has_the_url_may_listen() {
    let kit = Kit::new().await;
    let id = kept(&kit).await;
    let answer = fetch(&kit, "GET", id, &[]).await;
    assert_eq!((answer.status, &answer.body[..]), (200, &sent()[..]));
    let headers = [
        ("content-type", "audio/wav"),
        ("content-length", "16044"),
        ("accept-ranges", "bytes"),
        ("cache-control", "no-cache"),
        ("x-content-type-options", "nosniff"),
        (
            "content-disposition",
            "inline; filename=\"2024-06-15 11-59-59 +14155550100 to +14155550111.wav\"; \
             filename*=UTF-8''2024-06-15%2011-59-59%20+14155550100%20to%20+14155550111.wav",
        ),
    ];
    for (name, value) in headers {
        assert_eq!(answer.headers[name], value, "{name}");
    }
    let wrong = fetch(&kit, "GET", id, &[("authorization", "Basic nonsense")]).await;
    assert_eq!(wrong.status, 200);
}

#[tokio::test]
async fn head_has_the_headers_of_get() {
    let kit = Kit::new().await;
    let id = kept(&kit).await;
    let (get, head) = (fetch(&kit, "GET", id, &[]).await, fetch(&kit, "HEAD", id, &[]).await);
    assert_eq!((head.status, head.body.len()), (200, 0));
    let but_id = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        headers.remove("x-request-id");
        headers
    };
    assert_eq!(but_id(&head), but_id(&get));
    let part = fetch(&kit, "HEAD", id, &[("range", "bytes=0-9")]).await;
    assert_eq!((part.status, part.header("content-length")), (200, "16044"));
}

#[tokio::test]
async fn a_part_is_what_was_asked_for() {
    let kit = Kit::new().await;
    let id = kept(&kit).await;
    let all = sent();
    let cases = [
        ("bytes=0-3", 0..4, "bytes 0-3/16044"),
        ("bytes=4-99999", 4..16044, "bytes 4-16043/16044"),
        ("bytes=16000-", 16000..16044, "bytes 16000-16043/16044"),
        ("bytes=-44", 16000..16044, "bytes 16000-16043/16044"),
    ];
    for (range, bytes, content_range) in cases {
        let answer = fetch(&kit, "GET", id, &[("range", range)]).await;
        assert_eq!((answer.status, &answer.body[..]), (206, &all[bytes.clone()]));
        assert_eq!(answer.header("content-range"), content_range);
        assert_eq!(answer.header("content-length"), bytes.len().to_string());
    }
    for whole in ["bytes=0-0,2-2", "bytes=x", "items=0-1"] {
        assert_eq!(fetch(&kit, "GET", id, &[("range", whole)]).await.status, 200, "{whole}");
    }
    let beyond = fetch(&kit, "GET", id, &[("range", "bytes=16044-")]).await;
    beyond.is_error(416, "range not satisfiable");
    assert_eq!(beyond.header("content-range"), "bytes */16044");
}

#[tokio::test]
async fn conditions_are_weighed() {
    let kit = Kit::new().await;
    let id = kept(&kit).await;
    let etag = fetch(&kit, "GET", id, &[]).await.header("etag").to_owned();
    assert!(etag.starts_with('"') && etag.ends_with('"'));
    let known = fetch(&kit, "GET", id, &[("if-none-match", &etag)]).await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    assert_eq!(known.header("etag"), etag);
    assert_eq!((known.header("content-length"), known.header("content-type")), ("", ""));
    let other = fetch(&kit, "GET", id, &[("if-match", "\"other\"")]).await;
    other.is_error(412, "precondition failed");
    let stale = [("if-range", "\"other\""), ("range", "bytes=0-3")];
    assert_eq!(fetch(&kit, "GET", id, &stale).await.status, 200);
    let fresh = [("if-range", etag.as_str()), ("range", "bytes=0-3")];
    assert_eq!(fetch(&kit, "GET", id, &fresh).await.status, 206);
}

#[tokio::test]
async fn an_account_may_want_its_own_login() {
    let kit = Kit::new().await;
    let (own, other) = (kit.account.clone(), kit.other_account().await);
    let id = kept(&kit).await;
    let path = file(&own, id);
    kit.want_login(&own).await;
    let stranger = kit.test.stranger();
    fetch(&kit, "GET", id, &[]).await.is_unauthorized();
    let nonsense = [("authorization", "Basic nonsense")];
    fetch(&kit, "GET", id, &nonsense).await.is_unauthorized();
    assert_eq!(fetch(&kit, "HEAD", id, &nonsense).await.status, 401);
    let wrong = stranger.signed_in_as(own.auth_id.as_str(), "wrong");
    wrong.get(&path).send().await.is_unauthorized();
    kit.test.client(&other).get(&path).send().await.is_unauthorized();
    let answer = kit.test.client(&own).get(&path).send().await;
    assert_eq!((answer.status, answer.body.len()), (200, 16044));
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert_eq!(kit.test.client(&own).head(&path).send().await.status, 200);
}

#[tokio::test]
async fn a_subaccounts_audio_is_under_its_own_id_and_login_only() {
    let kit = Kit::new().await;
    let sub = kit.subaccount().await;
    let id = kit.keep(&sub, RecordingDetails::default()).await.recording_id;
    let path = file(&sub, id);
    assert_eq!(kit.ask_as_stranger("GET", &path).await.status, 200);
    kit.ask_as_stranger("GET", &file(&kit.account, id)).await.is_error(404, "not found");
    kit.want_login(&sub).await;
    kit.test.client(&kit.account).get(&path).send().await.is_unauthorized();
    assert_eq!(kit.test.client(&sub).get(&path).send().await.status, 200);
}

#[tokio::test]
async fn a_subaccount_inherits_the_wish_for_a_login() {
    let kit = Kit::new().await;
    let sub = kit.subaccount().await;
    let id = kit.keep(&sub, RecordingDetails::default()).await.recording_id;
    kit.want_login(&kit.account).await;
    kit.ask_as_stranger("GET", &file(&sub, id)).await.is_unauthorized();
}

#[tokio::test]
async fn the_original_may_be_asked_for() {
    let kit = Kit::new().await;
    let path = file(&kit.account, kept(&kit).await);
    for query in ["?type=original", "?type=", "?x=y"] {
        assert_eq!(kit.ask_as_stranger("GET", &format!("{path}{query}")).await.status, 200);
    }
    let answer = kit.ask_as_stranger("GET", &format!("{path}?type=denoised")).await;
    answer.is_error(400, "type must be original, or left out");
}

#[tokio::test]
async fn with_noise_cancellation_the_original_is_had_by_asking_for_it() {
    let kit = Kit::new().await;
    let client = kit.test.client(&kit.account);
    let change = client.patch("/api/v1/account").header("content-type", "application/json");
    assert_eq!(change.body(r#"{"noise_cancellation": true}"#).send().await.status, 200);
    let kept = kit.keep_sound(&kit.account, RecordingDetails::default(), sound::CALL).await;
    let path = file(&kit.account, kept.recording_id);
    let ask = async |query: &str| kit.ask_as_stranger("GET", &format!("{path}{query}")).await;
    assert!(ask("").await.body == sound::CALL, "it is not made yet");
    kit.test.work().await;
    let denoised = ask("").await;
    assert_eq!((denoised.status, denoised.body.len()), (200, 44 + 4_001 * 4));
    let original = ask("?type=original").await;
    assert!(original.body == sound::CALL && original.header("etag") != denoised.header("etag"));
    let mp3 = path.replace(".wav", ".mp3");
    let of = async |query: &str| kit.ask_as_stranger("GET", &format!("{mp3}{query}")).await;
    assert!(of("").await.body != of("?type=original").await.body);
}

#[tokio::test]
async fn a_wav_is_had_as_mp3_whole_and_in_parts() {
    let kit = Kit::new().await;
    let path = file(&kit.account, kept(&kit).await).replace("wav", "mp3");
    let whole = kit.ask_as_stranger("GET", &path).await;
    assert_eq!((whole.status, whole.header("content-type")), (200, "audio/mpeg"));
    assert_eq!(&whole.body[..2], [0xff, 0xe3], "an MPEG-2.5 frame");
    assert_eq!(whole.header("content-length"), whole.body.len().to_string());
    assert!(whole.header("content-disposition").contains("+14155550111.mp3"));
    let etag = whole.header("etag");

    let head = kit.ask_as_stranger("HEAD", &path).await;
    assert_eq!((head.status, head.body.len(), head.header("etag")), (200, 0, etag));
    assert_eq!(head.header("content-length"), whole.body.len().to_string());
    let original = kit.ask_as_stranger("GET", &format!("{path}?type=original")).await;
    assert!(original.body == whole.body);

    let ask = async |name: &str, value: &str| {
        kit.test.stranger().get(&path).header(name, value).send().await
    };
    let part = ask("range", "bytes=100-299").await;
    assert!(part.status == 206 && part.body == whole.body[100..300]);
    assert_eq!(part.header("content-range"), format!("bytes 100-299/{}", whole.body.len()));
    assert_eq!(ask("if-none-match", etag).await.status, 304);
    let wav = kit.ask_as_stranger("GET", &path.replace("mp3", "wav")).await;
    assert!(wav.body == sent() && wav.header("etag") != etag, "the original is untouched");
}

#[tokio::test]
async fn a_flac_and_an_mp3_are_had_as_wav() {
    let kit = Kit::new().await;
    for sound in [sound::FLAC, sound::MP3] {
        let kept = kit.keep_sound(&kit.account, RecordingDetails::default(), sound).await;
        let answer = kit.ask_as_stranger("GET", &file(&kit.account, kept.recording_id)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "audio/wav"));
        // 12,345 samples of two channels.
        assert_eq!((&answer.body[..4], answer.body.len()), (&b"RIFF"[..], 44 + 12_345 * 4));
    }
    let kept = kit.keep_sound(&kit.account, RecordingDetails::default(), sound::FLAC).await;
    let body = kit.ask("GET", &format!("/Recording/{}/", kept.recording_id)).await.json();
    let url = body["recording_url"].as_str().unwrap().replace("http://vault.test", "");
    assert_eq!(url.rsplit_once('.').unwrap().1, "wav");
    assert_eq!(kit.ask_as_stranger("GET", &url).await.status, 200);
    let mp3 = kit.ask_as_stranger("GET", &url.replace(".wav", ".mp3")).await;
    assert_eq!((mp3.status, mp3.header("content-type")), (200, "audio/mpeg"));
}

#[tokio::test]
async fn whatever_a_phone_system_sent_is_had_as_wav_and_as_mp3() {
    let kit = Kit::new().await;
    let sounds = [
        (sound::GSM, 12_480 * 2),
        (sound::GSM_WAV, 12_345 * 2),
        (sound::IMA_WAV, 4_001 * 4),
        (sound::OPUS, 12_345 * 6 * 4),
        (sound::VORBIS, 12_345 * 4),
        (sound::M4A, 12_345 * 4),
    ];
    for (sent, bytes) in sounds {
        let kept = kit.keep_sound(&kit.account, RecordingDetails::default(), sent).await;
        let body = kit.ask("GET", &format!("/Recording/{}/", kept.recording_id)).await.json();
        assert_eq!(body["recording_format"], "wav");
        let url = body["recording_url"].as_str().unwrap().replace("http://vault.test", "");
        let wav = kit.ask_as_stranger("GET", &url).await;
        assert_eq!((wav.status, wav.header("content-type")), (200, "audio/wav"));
        // PCM of 16 bits, to the sample.
        assert_eq!((&wav.body[20..22], wav.body.len()), (&[1, 0][..], 44 + bytes));
        let mp3 = kit.ask_as_stranger("GET", &url.replace(".wav", ".mp3")).await;
        assert_eq!((mp3.status, mp3.header("content-type")), (200, "audio/mpeg"));
    }
}

#[tokio::test]
async fn without_the_library_an_mp3_is_refused_with_the_reason() {
    let lame = std::path::PathBuf::from("/nowhere/libmp3lame.so.0");
    let test = TestVault::with(|config| config.lame = lame).await;
    let kit = Kit::of(test).await;
    let id = kept(&kit).await;
    let answer = kit.ask_as_stranger("GET", &file(&kit.account, id).replace("wav", "mp3")).await;
    let why = "MP3 needs the library LAME, which is not installed; Debian has it as libmp3lame0";
    answer.is_error(404, why);
    let kept = kit.keep_sound(&kit.account, RecordingDetails::default(), sound::MP3).await;
    let answer = kit.ask_as_stranger("GET", &file(&kit.account, kept.recording_id)).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_rate_that_mp3_has_not_is_refused_with_the_reason() {
    let kit = Kit::new().await;
    let mut odd = sent();
    odd[24..28].copy_from_slice(&11_000_u32.to_le_bytes());
    let kept = kit.keep_sound(&kit.account, RecordingDetails::default(), &odd).await;
    let path = file(&kit.account, kept.recording_id).replace("wav", "mp3");
    kit.ask_as_stranger("GET", &path).await.is_error(404, "MP3 of 11000 Hz is not supported");
}

#[tokio::test]
async fn an_mp3_is_called_mp3() {
    let kit = Kit::new().await;
    let kept = kit.keep_sound(&kit.account, RecordingDetails::default(), sound::MP3).await;
    let body = kit.ask("GET", &format!("/Recording/{}/", kept.recording_id)).await.json();
    assert_eq!(body["recording_format"], "mp3");
    let url = body["recording_url"].as_str().unwrap();
    let answer = kit.ask_as_stranger("GET", url.strip_prefix("http://vault.test").unwrap()).await;
    assert_eq!((answer.status, &answer.body[..]), (200, sound::MP3));
    assert_eq!(answer.header("content-type"), "audio/mpeg");
}

#[tokio::test]
async fn what_names_no_file_is_not_found() {
    let kit = Kit::new().await;
    let id = kept(&kit).await;
    let other = kit.other_account().await;
    let own = kit.account.auth_id.as_str();
    let paths = [
        format!("{own}/Recording/{id}.ogg"),
        format!("{own}/Recording/{id}.WAV"),
        format!("{own}/Recording/{id}.wav.wav"),
        format!("{own}/Recording/{id}."),
        format!("{own}/Recording/.wav"),
        format!("{own}/Recording/.."),
        format!("{own}/Recording/%FF.wav"),
        format!("{own}/Recording/{id}%00.wav"),
        format!("{own}/Recording/c2186400-1c8c-4124-a664-0026b945b522.wav"),
        format!("{}/Recording/{id}.wav", other.auth_id),
        format!("MA0000000000000000ZZ/Recording/{id}.wav"),
        format!("x/Recording/{id}.wav"),
        format!("%FF/Recording/{id}.wav"),
    ];
    for path in paths {
        let path = format!("/v1/Account/{path}");
        kit.ask_as_stranger("GET", &path).await.is_error(404, "not found");
    }
}

#[tokio::test]
async fn damaged_audio_is_not_served() {
    let kit = Kit::new().await;
    let id = kept(&kit).await;
    let place = kit.test.directory().join("audio").join(&kit.test.audio_files()[0]);
    std::fs::write(&place, &sent()[..1_000]).unwrap();
    kit.test.vault.verify(|_| ()).await.unwrap();
    fetch(&kit, "GET", id, &[]).await.is_error(500, "the recording is damaged");
    std::fs::write(&place, sent()).unwrap();
    kit.test.vault.verify(|_| ()).await.unwrap();
    assert_eq!(fetch(&kit, "GET", id, &[]).await.status, 200);
}
