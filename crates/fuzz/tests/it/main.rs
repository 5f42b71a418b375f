//! A target for each parser of outside bytes: `FUZZ_ROUNDS` says how often each is tried. What is
//! private to a door is reached through it: whatever comes in, it answers, and never with a 500.

#![expect(clippy::unwrap_used, reason = "a test that fails by it says so")]

use std::io::Cursor;

use fuzz::{Random, mutated};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use testkit::{Client, Form, TestVault, sound};
use vault::{AuthId, NewAccount, RecordingId, Time};

/// The inputs of a target, the same in every run; a slow one takes a share of the rounds.
fn inputs(name: &str, share: usize, seeds: &[&[u8]]) -> impl Iterator<Item = Vec<u8>> {
    let rounds = std::env::var_os("FUZZ_ROUNDS").map_or(2_000, |rounds| {
        rounds.to_str().and_then(|rounds| rounds.parse::<usize>().ok()).expect("a number")
    });
    let start = name.bytes().fold(1, |start: u64, byte| start.wrapping_mul(31) + u64::from(byte));
    let seeds: Vec<Vec<u8>> = seeds.iter().map(|seed| seed.to_vec()).collect();
    let mut random = Random::new(start);
    (0..rounds.div_ceil(share)).map(move |_| mutated(&mut random, &seeds))
}

/// As a header may have it: visible ASCII and spaces.
fn header(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(32 + byte % 95)).collect()
}

/// A query with its bytes escaped, but for what divides it.
fn query(bytes: &[u8]) -> String {
    let escape = |part: &[u8]| percent_encode(part, NON_ALPHANUMERIC).to_string();
    let pairs = bytes.split(|byte| *byte == b'&');
    let pairs = pairs.map(|pair| {
        let parts = pair.splitn(2, |byte| *byte == b'=').map(escape);
        parts.collect::<Vec<_>>().join("=")
    });
    pairs.collect::<Vec<_>>().join("&")
}

struct Doors {
    vault: TestVault,
    account: NewAccount,
    client: Client,
    recording: String,
}

impl Doors {
    async fn new() -> Self {
        let vault = TestVault::new().await;
        let account = vault.account("acme").await;
        let recording = vault.recording(&account).await["recording_id"].as_str().unwrap().into();
        let client = vault.client(&account);
        Self { vault, account, client, recording }
    }
}

#[test]
fn audio() {
    let flac = include_bytes!("../../../../samples/other-dialogue.flac");
    let mp3 = include_bytes!("../../../../samples/repair-call-later.mp3");
    let wav = sound::wav(std::time::Duration::from_millis(100));
    let limits = audio::Limits::default();
    let cut = |bytes: &'static [u8]| &bytes[..bytes.len().min(20_000)];
    let seeds: &[&[u8]] = &[
        &wav,
        cut(sound::CALL),
        cut(mp3),
        cut(flac),
        sound::GSM,
        sound::GSM_WAV,
        sound::IMA_WAV,
        sound::OPUS,
        sound::VORBIS,
        sound::M4A,
    ];
    for bytes in inputs("audio", 10, seeds) {
        let _ = audio::probe(Cursor::new(&bytes), &limits);
        let _ = audio::probe_plain_wav(Cursor::new(&bytes), &limits);
        let format = audio::PeaksFormat::Binary;
        let peaks = audio::Peaks { format, samples_per_pixel: 256, mix: false };
        let _ = audio::peaks(Cursor::new(&bytes), Vec::new(), peaks, &limits);
    }
}

#[test]
fn models() {
    // A model of one node with an empty input at its end.
    let onnx = b"\x08\x07\x3a\x0c\x0a\x0a\x0a\x01x\x0a\0\x22\x03Add";
    for bytes in inputs("models", 1, &[onnx]) {
        if let Ok(fit) = audio::fit_dtln(&bytes) {
            assert_eq!(audio::fit_dtln(&fit).unwrap(), fit, "{bytes:?}");
        }
    }
}

#[test]
fn ids_and_times() {
    let seeds: &[&[u8]] = &[
        b"0b7c7f4e-5d0e-4a11-8a11-0123456789ab",
        b"MAAAAAAAAAAAAAAAAAAA",
        b"SAZZZZZZZZZZZZZZZZZZ",
        b"2024-06-15T12:00:00.123456Z",
        b"2024-06-15T12:00:00+05:30",
    ];
    for bytes in inputs("ids", 1, seeds) {
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(id) = text.parse::<RecordingId>() {
            assert_eq!(id.to_string().parse::<RecordingId>().unwrap(), id, "{text:?}");
        }
        if let Ok(id) = text.parse::<AuthId>() {
            assert_eq!(id.to_string().parse::<AuthId>().unwrap(), id, "{text:?}");
        }
        if let Ok(time) = text.parse::<Time>() {
            assert_eq!(time.to_string().parse::<Time>().unwrap(), time, "{text:?}");
        }
    }
}

#[test]
fn configuration() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("callvault.toml");
    let seeds: &[&[u8]] = &[
        b"[server]\nlisten = \"[::1]:8080\"\nmax_upload_bytes = \"500 MiB\"\n",
        b"[server]\npublic_url = \"https://calls.example.com\"\ndefault_media_auth = true\n",
        b"[store]\ndatabase = \"postgres://u:p@h/d\"\naudio = \"s3://b/p\"\n[price]\nfree_days = 9\n",
        b"[outbound]\nallow = [\"10.0.0.0/8\", \"[fd00::]/8\", \"host\"]\n",
        b"[price]\nstorage_per_minute_month = 0.0004\n[models]\ndir = \"m\"\n",
    ];
    for bytes in inputs("configuration", 2, seeds) {
        std::fs::write(&path, &bytes).unwrap();
        let flags = callvault::config::Flags { config: Some(path.clone()), ..Default::default() };
        let value = String::from_utf8_lossy(&bytes).into_owned();
        let variables = ["CALLVAULT_SERVER__LISTEN", "CALLVAULT_STORE__AUDIO"];
        let variables = variables.map(|name| (name.into(), value.clone().into()));
        let _ = callvault::config::Config::load(&flags, []);
        let _ = callvault::config::Config::load(&callvault::config::Flags::default(), variables);
    }
}

#[tokio::test]
async fn credentials() {
    let doors = Doors::new().await;
    let seeds: &[&[u8]] =
        &[b"Basic TUE6dG9rZW4=", b"basic  Og==", b"Bearer abc", b"Basic dTrDvA=="];
    let path = format!("/v1/Account/{}/Recording/", doors.account.auth_id);
    for bytes in inputs("credentials", 5, seeds) {
        let value = header(&bytes);
        for path in ["/api/v1/account", path.as_str(), VONAGE] {
            let asked = doors.vault.stranger().get(path).header("authorization", &value);
            assert_eq!(asked.send().await.status, 401, "{value:?}");
        }
    }
}

#[tokio::test]
async fn ranges_and_etags() {
    let doors = Doors::new().await;
    let path = format!("/api/v1/recordings/{}/media", doors.recording);
    let seeds: &[&[u8]] = &[
        b"bytes=0-99",
        b"bytes=-5",
        b"bytes=100-, 7-9",
        b"\"abc\", W/\"def\"",
        b"*",
        b"\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"",
    ];
    for bytes in inputs("ranges", 5, seeds) {
        let value = header(&bytes);
        for name in ["range", "if-none-match", "if-match", "if-range"] {
            let asked = doors.client.get(&path).header("range", "bytes=1-2").header(name, &value);
            let status = asked.send().await.status;
            assert!([200, 206, 304, 400, 412, 416].contains(&status), "{status} {name} {value:?}");
        }
    }
}

#[tokio::test]
async fn parts_and_peaks() {
    let doors = Doors::new().await;
    let seeds: &[&[u8]] = &[
        b"channel=0&start_ms=10&end_ms=20&format=wav",
        b"channel=mix&variant=original",
        b"format=json&samples_per_pixel=256&channel=mix",
        b"start_ms=18446744073709551615&end_ms=0",
        b"samples_per_pixel=4294967296&format=dat",
    ];
    for bytes in inputs("parts", 20, seeds) {
        for what in ["media", "peaks"] {
            let path = format!("/api/v1/recordings/{}/{what}?{}", doors.recording, query(&bytes));
            let status = doors.client.get(&path).send().await.status;
            assert!([200, 422].contains(&status), "{status} {path}");
        }
    }
}

#[tokio::test]
async fn filters() {
    let doors = Doors::new().await;
    let seeds: &[&[u8]] = &[
        b"limit=20&offset=0&call_uuid=c&from_number=+14155550100",
        b"add_time__gte=2024-06-15 12:00:00&add_time__lt=2024-06-16 12:00",
        b"recording_storage_duration__gte=1&recording_storage_duration__lte=30",
        b"add_time=2024-06-15&subaccount=SAZZZZZZZZZZZZZZZZZZ",
        b"mpc_name=a&mpc_uuid=b&conference_name=c&conference_uuid=d&to_number=1",
    ];
    let below = format!("/v1/Account/{}/Recording/", doors.account.auth_id);
    for bytes in inputs("filters", 5, seeds) {
        let path = format!("{below}?{}", query(&bytes));
        let status = doors.client.get(&path).send().await.status;
        assert!([200, 400].contains(&status), "{status} {path}");
    }
}

const VONAGE: &str = "/t/vbc.prod/call_recording/v1/api/accounts/self/company_call_recordings";

#[tokio::test]
async fn vonage_filters() {
    let doors = Doors::new().await;
    let client = doors.vault.administrator(&doors.account).await;
    let seeds: &[&[u8]] = &[
        b"order=start:DESC&page=2&page_size=100&after=start:DESC.1718452800000000.193228",
        b"start:gte=2026-11-14T00:00:00+0000&start:lte=2026-11-15T00:00:00.000Z",
        b"start:gte=2026-11-14&order=asc&call_direction=INTRA_PBX&call_id=c",
        b"duration:gte=1000&duration:lte=60000&order=file_size_in_bytes:ASC",
        b"caller_id=+17325550100&dnis=17325550100&cnam=JOHN SMITH&extension=999",
    ];
    for bytes in inputs("vonage filters", 5, seeds) {
        let path = format!("{VONAGE}?{}", query(&bytes));
        let status = client.get(&path).send().await.status;
        assert!([200, 400].contains(&status), "{status} {path}");
    }
}

#[tokio::test]
async fn vonage_paths() {
    let doors = Doors::new().await;
    let client = doors.vault.administrator(&doors.account).await;
    let seeds: &[&[u8]] = &[
        b"accounts/self/company_call_recordings/193228",
        b"accounts/549825/users/self/call_recordings/1",
        b"accounts/self/users/745249/call_recordings",
        b"audio/recording/193228",
        b"transcription/193228",
    ];
    for bytes in inputs("vonage paths", 5, seeds) {
        let parts = bytes.split(|byte| *byte == b'/');
        let parts = parts.map(|part| percent_encode(part, NON_ALPHANUMERIC).to_string());
        let below = parts.collect::<Vec<_>>().join("/").replace("%5F", "_");
        let path = format!("/t/vbc.prod/call_recording/v1/api/{below}");
        let status = client.get(&path).send().await.status;
        assert!([200, 403, 404].contains(&status), "{status} {path}");
    }
}

#[tokio::test]
async fn tokens() {
    let doors = Doors::new().await;
    let half = doors.account.vonage.as_ref().unwrap();
    let client = format!("&client_id={}&client_secret={}", half.client_id, half.client_secret);
    let password = format!("grant_type=password&username=acme@vbc.prod&password=p{client}");
    let refresh = format!("grant_type=refresh_token&refresh_token=r&scope=openid{client}");
    let seeds = [password.as_bytes(), refresh.as_bytes(), b"grant_type=password&username=%40&x=%"];
    for bytes in inputs("tokens", 5, &seeds) {
        let said = String::from_utf8_lossy(&bytes).into_owned();
        let status = doors.vault.stranger().post("/token").body(bytes).send().await.status;
        assert!([400, 401, 429].contains(&status), "{status} {said}");
    }
}

#[tokio::test]
async fn settings() {
    let doors = Doors::new().await;
    let seeds: &[&[u8]] = &[
        br#"{"media_auth": true, "noise_cancellation": false}"#,
        br#"{"retention_pending": "7d", "retention_max_share": 0.25, "minimum_retention": "1h30m"}"#,
        br#"{"minimum_retention": null, "media_auth": [], "x": {"y": -1e99}}"#,
    ];
    for bytes in inputs("settings", 5, seeds) {
        let said = String::from_utf8_lossy(&bytes).into_owned();
        let asked =
            doors.client.patch("/api/v1/account").header("content-type", "application/json");
        let status = asked.body(bytes).send().await.status;
        assert!([200, 400, 422].contains(&status), "{status} {said}");
    }
}

#[tokio::test]
async fn recording_rules() {
    let doors = Doors::new().await;
    let seeds: &[&[u8]] = &[
        br#"{"name": "sales", "percentage": 25, "directions": ["inbound"], "enabled": false}"#,
        br#"{"extensions": ["101", "102"], "percentage": 100, "name": "\u00fc"}"#,
        br#"{"directions": [], "extensions": [1], "percentage": -1e9, "rule_id": {}}"#,
    ];
    for bytes in inputs("rules", 5, seeds) {
        let said = String::from_utf8_lossy(&bytes).into_owned();
        let path = "/api/v1/recording-rules";
        let asked = doors.client.post(path).header("content-type", "application/json");
        let status = asked.body(bytes).send().await.status;
        assert!([201, 400, 409, 422].contains(&status), "{status} {said}");
    }
}

#[tokio::test]
async fn exports() {
    let doors = Doors::new().await;
    let administrator = doors.vault.administrator(&doors.account).await;
    let seeds: &[&[u8]] = &[
        br#"{"call_direction": "INBOUND", "duration:gte": 1000, "duration:lte": "2000"}"#,
        br#"{"start:gte": "2024-06-15T12:00:00+0000", "start:lte": "2024-06-16", "cnam": "J"}"#,
        br#"{"extension": 999, "caller_id": 17325550100, "dnis": null, "call_id": [], "x": {}}"#,
    ];
    let path = "/t/vbc.prod/call_recording/api/accounts/self/company_call_recordings/export";
    for bytes in inputs("exports", 5, seeds) {
        let said = String::from_utf8_lossy(&bytes).into_owned();
        let status = administrator.post(path).body(bytes).send().await.status;
        assert!([202, 400].contains(&status), "{status} {said}");
    }
    doors.vault.work().await;
}

#[tokio::test]
async fn forms() {
    let doors = Doors::new().await;
    let file = sound::wav(std::time::Duration::from_millis(5));
    let form = Form::new()
        .text("call_uuid", "c-1")
        .text("start", "2024-06-15T12:00:00Z")
        .text("add_time", "2024-06-15T12:00:00.5+02:00")
        .text("direction", "inbound")
        .text("extensions", "101,102");
    let kind = form.content_type();
    let whole = form.file(&file).finish();
    let small = Form::new().file_named("ü\".wav", &file).finish();
    for bytes in inputs("forms", 10, &[&whole, &small]) {
        let said = String::from_utf8_lossy(&bytes).into_owned();
        let asked = doors.client.post("/api/v1/recordings").header("content-type", &kind);
        let status = asked.body(bytes).send().await.status;
        assert!([201, 400, 422].contains(&status), "{status} {said}");
    }
}
