//! A full disk: nothing more is taken in, and all else goes on.

use std::fs::File;
use std::io::Write as _;
use std::process::Command;

use crate::http::{Request, wav};
use crate::program::{Account, Program, Server, text};

/// Mounts a small disk over the data directory, for itself only, adds an account and serves.
const ON_A_SMALL_DISK: &str = r#"
    mount -t tmpfs -o size=8m none "$DATA" &&
    "$CALLVAULT" account add acme --json --data "$DATA" >"$ACCOUNT" &&
    exec "$CALLVAULT" serve --listen 127.0.0.1:0 --data "$DATA""#;

/// Runs with mounts of its own, which some machines grant nobody: `None` there.
fn unshared() -> Option<Command> {
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c"]);
    let mut trial = Command::new("unshare");
    trial.args(["--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]);
    trial.status().is_ok_and(|status| status.success()).then_some(command)
}

#[test]
fn on_a_full_disk_recordings_are_heard_and_deleted_until_there_is_room() {
    let Some(mut command) = unshared() else {
        let may_skip = std::env::var_os("TEST_NO_SKIP").is_none();
        assert!(may_skip, "this test must be able to mount a tmpfs in a namespace of its own");
        eprintln!("skipped: this machine lets nobody mount");
        return;
    };
    let program = Program::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let account = elsewhere.path().join("account");
    command.arg(ON_A_SMALL_DISK).env("CALLVAULT", env!("CARGO_BIN_EXE_callvault"));
    command.env("DATA", program.data()).env("ACCOUNT", &account);
    let server = Server::start(command);
    let account = Account(serde_json::from_slice(&std::fs::read(account).unwrap()).unwrap());
    let upload = |audio: &[u8]| Request::upload(audio, &[]).signed(&account).send(&server);
    let audio = wav(2000);

    let mut kept = Vec::new();
    let refused = loop {
        let answer = upload(&audio);
        if answer.status != 201 {
            break answer;
        }
        let id = answer.json()["recording_id"].as_str().unwrap().to_owned();
        kept.push(format!("/api/v1/recordings/{id}"));
    };
    assert_eq!(refused.status, 507, "{}", text(&refused.body));
    assert_eq!(refused.json()["detail"], "no space left");

    // Somebody else takes the rest.
    let mut filler = File::create(server.path(program.data()).join("filler")).unwrap();
    while filler.write(&[0; 4096]).is_ok() {}
    assert_eq!(upload(&wav(10)).status, 507);
    assert_eq!(Request::get("/readyz").send(&server).status, 200);
    for path in &kept {
        let media = account.get(&server, &format!("{path}/media"));
        assert_eq!((media.status, &media.body), (200, &audio));
    }
    for path in &kept {
        let deleted = Request::new("DELETE", path).signed(&account).send(&server);
        assert_eq!(deleted.status, 204, "{}", text(&deleted.body));
    }
    for path in &kept {
        assert_eq!(account.get(&server, path).status, 404);
    }
    let start = std::time::Instant::now();
    while upload(&audio).status != 201 {
        assert!(start.elapsed() < crate::program::PATIENCE, "the bytes are erased");
    }
    let staging = server.path(program.data()).join("audio/staging");
    assert_eq!(staging.read_dir().unwrap().count(), 0, "nothing is half kept");
    server.stop();
}
