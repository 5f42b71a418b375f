use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;

use tempfile::TempDir;

use super::*;

/// A script that is open for writing cannot be started, and it is for a moment in whatever another
/// test starts just then.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

const ANSWER: &str = r#"{"refused":"no"}"#;

/// A pool whose worker is this script; `$0.begun` is there from its second start on.
fn pool(script: &str) -> (TempDir, Pool) {
    let directory = TempDir::new().unwrap();
    let program = directory.path().join("worker");
    let begun = "[ -e \"$0.begun\" ] && again=yes; : > \"$0.begun\"; read -r task";
    std::fs::write(&program, format!("#!/bin/sh\n{begun}\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    (directory, Pool::new(program, 1))
}

async fn probe(script: &str, path: &[u8]) -> Error {
    let _turn = TURN.lock().await;
    let (_directory, pool) = pool(script);
    pool.probe(Path::new(OsStr::from_bytes(path))).await.unwrap_err()
}

#[tokio::test]
async fn a_worker_that_is_killed_has_a_successor() {
    let script = format!("[ \"$again\" ] || kill -9 $$\necho '{ANSWER}'");
    let refused = probe(&script, b"/audio").await;
    assert!(matches!(&refused, Error::NotAudio(why) if why == "no"), "{refused}");
}

#[tokio::test]
async fn a_file_that_breaks_two_workers_is_refused() {
    let refused = probe("exit 101", b"/audio").await;
    let words = "the audio cannot be decoded within the limits";
    assert!(matches!(&refused, Error::NotAudio(why) if why == words), "{refused}");
}

#[tokio::test]
async fn what_kills_every_worker_is_not_the_files_doing() {
    let refused = probe("kill -9 $$", b"/audio").await;
    assert!(matches!(refused, Error::Unavailable { what: "workers", .. }), "{refused}");
}

#[tokio::test]
async fn a_worker_that_cannot_be_started_is_not_the_files_doing() {
    let pool = Pool::new(PathBuf::from("/nowhere/callvault"), 1);
    let refused = pool.probe(Path::new("/audio")).await.unwrap_err();
    assert!(matches!(refused, Error::Unavailable { what: "workers", .. }), "{refused}");
}

#[tokio::test]
async fn a_path_need_not_be_text() {
    let refused = probe(&format!("echo '{ANSWER}'"), b"/audio/\xff").await;
    assert!(matches!(&refused, Error::NotAudio(why) if why == "no"), "{refused}");
}

/// What comes of having a worker hear something, and how often it was begun.
async fn hear(script: &str) -> Heard {
    let _turn = TURN.lock().await;
    let (directory, pool) = pool(script);
    let models =
        Models { whisper: directory.path().join("none"), vad: "vad".into(), speakers: None };
    let hearing = Hearing {
        from: Path::new("/audio"),
        to: &directory.path().join("heard"),
        engine: &speech::Engine::Whisper(models.clone()),
        hints: &speech::Hints { language: Some("de".to_owned()) },
        duration: Duration::from_secs(1),
        channels: 1,
    };
    pool.hear(&hearing, &models).await.unwrap()
}

#[tokio::test]
async fn what_a_worker_heard_is_read_from_its_file() {
    let said = r#"{"language":"de","speakers":"unknown","words":[],"turns":[]}"#;
    let script = format!("echo '{said}' > ${{0%worker}}heard\necho '\"made\"'");
    let heard = hear(&script).await;
    let Heard::Said(transcript) = heard else { panic!("{heard:?}") };
    assert_eq!(transcript.language.as_deref(), Some("de"));
}

#[tokio::test]
async fn a_worker_that_breaks_while_it_hears_is_told_from_one_that_refuses() {
    for script in ["kill -9 $$", "kill -11 $$", "exit 1", r#"echo '{"failed":"no"}'"#] {
        let heard = hear(script).await;
        assert!(matches!(heard, Heard::Broke(_)), "{script}: {heard:?}");
    }
    let heard = hear(r#"echo '{"refused":"no speech"}'"#).await;
    assert!(matches!(&heard, Heard::Refused(why) if why == "no speech"), "{heard:?}");
}
