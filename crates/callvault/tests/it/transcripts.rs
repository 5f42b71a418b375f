//! Transcripts of the program itself, whose engine runs in processes of its own.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::{Request, wav};
use crate::program::{Account, Program, Server, text};

/// Has a recording transcribed; how that ends.
fn transcript(server: &Server, account: &Account, sound: &[u8]) -> Value {
    let parts = [("transcription_type", "auto")];
    let kept = Request::upload(sound, &parts).signed(account).send(server);
    assert_eq!(kept.status, 201, "{}", text(&kept.body));
    let id = kept.json()["recording_id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/recordings/{id}/transcript");
    // A minute's call takes a good part of a minute where others use the machine too.
    let is_over = || account.get(server, &path).json()["status"] != "in_progress";
    let start = Instant::now();
    while !is_over() {
        assert!(start.elapsed() < Duration::from_mins(10), "the transcript does not end");
        std::thread::sleep(Duration::from_millis(100));
    }
    account.get(server, &path).json()
}

/// A folder with some of what is installed.
fn models(installed: &OsStr, names: &[&str]) -> TempDir {
    let models = tempfile::tempdir().unwrap();
    for name in names {
        std::fs::copy(Path::new(installed).join(name), models.path().join(name)).unwrap();
    }
    models
}

fn installed() -> Option<OsString> {
    let installed = std::env::var_os("TEST_MODELS_DIR");
    let is_skipped = installed.is_none() && std::env::var_os("TEST_NO_SKIP").is_none();
    assert!(installed.is_some() || is_skipped, "TEST_MODELS_DIR is not set");
    installed
}

/// Where the two models are that tell voices apart, which are too large to be kept here.
#[test]
fn voices_on_one_channel_are_told_apart() {
    let Some(speakers) = std::env::var_os("TEST_SPEAKER_MODELS") else { return };
    let Some(installed) = installed() else { return };
    let models = models(&installed, &["whisper-base.bin", "silero-vad.onnx"]);
    for (name, other) in [("segmentation.onnx", "seg3.onnx"), ("campplus.onnx", "campplus.onnx")] {
        let from = [name, other].map(|name| Path::new(&speakers).join(name));
        let from = from.iter().find(|path| path.exists()).unwrap();
        std::fs::copy(from, models.path().join(name)).unwrap();
    }
    let program = Program::new().with("CALLVAULT_MODELS__DIR", models.path().to_str().unwrap());
    let account = Account::add(&program, "acme");
    let server = program.serve_with(&[]);
    let dialogue = include_bytes!("../../../../samples/dialogue.wav");
    let ended = transcript(&server, &account, dialogue);
    assert_eq!((&ended["status"], &ended["speakers"]), (&json!("success"), &json!("estimated")));
    let turns = ended["turns"].as_array().unwrap();
    let who: Vec<_> = turns.iter().map(|turn| turn["speaker"].as_u64().unwrap()).collect();
    assert!(who.contains(&0) && who.contains(&1) && who.iter().all(|who| *who < 2), "{who:?}");
    // They take turns, eight of them.
    let changes = who.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!(changes >= 4, "{who:?}");
    let is_estimate = |turn: &Value| (0.0..=1.0).contains(&turn["confidence"].as_f64().unwrap());
    assert!(turns.iter().all(is_estimate), "{turns:?}");
    server.stop();
}

#[test]
fn a_model_that_is_none_is_named() {
    let Some(installed) = installed() else { return };
    let models = models(&installed, &["silero-vad.onnx"]);
    std::fs::write(models.path().join("whisper-base.bin"), "not a model").unwrap();
    let program = Program::new().with("CALLVAULT_MODELS__DIR", models.path().to_str().unwrap());
    let account = Account::add(&program, "acme");
    let server = program.serve_with(&[]);
    let ended = transcript(&server, &account, &wav(1_000));
    assert_eq!(ended["status"], "failed");
    let why = ended["error"].as_str().unwrap();
    assert!(why.contains("whisper-base.bin cannot be used"), "{why}");
    server.stop();
}

#[test]
fn without_models_it_says_what_to_install() {
    let program = Program::new();
    let account = Account::add(&program, "acme");
    let server = program.serve_with(&[]);
    let ended = transcript(&server, &account, &wav(1_000));
    let why = "the model whisper-base is not installed; \
               `callvault model add whisper-base --from DIR` installs it";
    assert_eq!((ended["status"].as_str(), ended["error"].as_str()), (Some("failed"), Some(why)));
    server.stop();
}
