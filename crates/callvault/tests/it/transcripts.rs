//! Transcripts of the program itself, whose engine runs in processes of its own.

use std::path::Path;

use serde_json::Value;

use crate::http::{Request, wav};
use crate::program::{Account, Program, Server, eventually, text};

/// Has a recording transcribed; how that ends.
fn transcript(server: &Server, account: &Account) -> Value {
    let parts = [("transcription_type", "auto")];
    let kept = Request::upload(&wav(1_000), &parts).signed(account).send(server);
    assert_eq!(kept.status, 201, "{}", text(&kept.body));
    let id = kept.json()["recording_id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/recordings/{id}/transcript");
    eventually("the transcript ends", || {
        account.get(server, &path).json()["status"] != "in_progress"
    });
    account.get(server, &path).json()
}

#[test]
fn a_model_that_is_none_is_named() {
    let Some(installed) = std::env::var_os("TEST_MODELS_DIR") else {
        assert!(std::env::var_os("TEST_NO_SKIP").is_none(), "TEST_MODELS_DIR is not set");
        return;
    };
    let models = tempfile::tempdir().unwrap();
    let vad = "silero-vad.onnx";
    std::fs::copy(Path::new(&installed).join(vad), models.path().join(vad)).unwrap();
    std::fs::write(models.path().join("whisper-base.bin"), "not a model").unwrap();
    let program = Program::new().with("CALLVAULT_MODELS__DIR", models.path().to_str().unwrap());
    let account = Account::add(&program, "acme");
    let server = program.serve_with(&[]);
    let ended = transcript(&server, &account);
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
    let ended = transcript(&server, &account);
    let why = "the model whisper-base is not installed; \
               `callvault model add whisper-base --from DIR` installs it";
    assert_eq!((ended["status"].as_str(), ended["error"].as_str()), (Some("failed"), Some(why)));
    server.stop();
}
