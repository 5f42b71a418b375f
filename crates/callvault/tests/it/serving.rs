//! A server's life: take in, show, play, delete, and remember.

use std::io::Write as _;
use std::net::Shutdown;

use crate::http::{Request, connect, receive, wav};
use crate::program::{Account, Program, eventually, text};

#[test]
fn a_recording_is_kept_over_a_restart_and_deleted() {
    let program = Program::new();
    let account = Account::add(&program, "acme");
    let server = program.serve();
    let audio = wav(1500);
    let parts = [("call_uuid", "c-1"), ("direction", "inbound")];
    let answer = Request::upload(&audio, &parts).signed(&account).send(&server);
    assert_eq!(answer.status, 201, "{}", text(&answer.body));
    let recording = answer.json();
    let id = recording["recording_id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/recordings/{id}");
    assert_eq!(
        answer.header("location"),
        Some(format!("http://{}{path}", server.address).as_str())
    );
    assert_eq!(recording["call_uuid"], "c-1");
    assert_eq!(recording["status"], "ready");
    assert_eq!(recording["duration_ms"], 1500);
    assert_eq!(recording["size_bytes"], audio.len());
    server.stop();

    let server = program.serve();
    assert_eq!(account.get(&server, &path).json(), recording);
    let media = account.get(&server, &format!("{path}/media"));
    assert_eq!((media.status, media.body), (200, audio));
    // Made by a worker process, under limits of its own.
    let mp3 = account.get(&server, &format!("{path}/media?format=mp3"));
    assert_eq!((mp3.status, mp3.header("content-type")), (200, Some("audio/mpeg")));
    let part = account.get(&server, &format!("{path}/media?start_ms=500&end_ms=600"));
    assert_eq!((part.status, part.body.len()), (200, 44 + 800 * 2));
    let peaks = account.get(&server, &format!("{path}/peaks")).json();
    assert_eq!(peaks["length"], 1_500 * 8 / 256 + 1);
    let queued = Request::new("POST", &format!("{path}/denoise")).signed(&account).send(&server);
    assert_eq!(queued.status, 202);
    eventually("the denoised variant is there", || {
        account.get(&server, &format!("{path}/media?variant=denoised")).status == 200
    });
    let deleted = Request::new("DELETE", &path).signed(&account).send(&server);
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    assert_eq!(account.get(&server, &path).status, 404);
    server.stop();

    let server = program.serve();
    assert_eq!(account.get(&server, &path).status, 404);
    server.stop();
    let verified = program.run(&["verify"]);
    assert!(verified.status.success(), "{}", text(&verified.stdout));
    assert!(text(&verified.stdout).starts_with("0 recordings, 0 bytes: 0 wrong\n"));
}

#[test]
fn commands_work_beside_a_running_server() {
    let program = Program::new();
    let server = program.serve();
    let account = Account::add(&program, "acme");
    assert_eq!(account.get(&server, "/api/v1/account").status, 200);
    let answer = Request::upload(&wav(200), &[]).signed(&account).send(&server);
    assert_eq!(answer.status, 201, "{}", text(&answer.body));
    let verified = program.run(&["verify"]);
    assert!(verified.status.success(), "{}", text(&verified.stdout));
    assert!(text(&verified.stdout).starts_with("1 recordings, "));
    server.stop();
}

#[test]
fn damaged_bytes_are_found() {
    let program = Program::new();
    let account = Account::add(&program, "acme");
    let server = program.serve();
    let answer = Request::upload(&wav(200), &[]).signed(&account).send(&server);
    assert_eq!(answer.status, 201, "{}", text(&answer.body));
    server.stop();
    let id = answer.json()["recording_id"].as_str().unwrap().to_owned();
    let path = find(&program.data().join("audio"), &id).expect("the bytes are in a file");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let verified = program.run(&["verify"]);
    assert_eq!(verified.status.code(), Some(1));
    let said = text(&verified.stdout);
    assert!(said.contains("the bytes are not those that were sent"), "{said}");
    assert!(said.contains("1 wrong"), "{said}");
}

/// The file whose path has this id.
fn find(directory: &std::path::Path, id: &str) -> Option<std::path::PathBuf> {
    directory.read_dir().ok()?.flatten().map(|entry| entry.path()).find_map(|path| {
        if path.is_dir() { find(&path, id) } else { path.to_str()?.contains(id).then_some(path) }
    })
}

#[test]
fn what_no_door_knows_is_a_problem() {
    let program = Program::new();
    let server = program.serve();
    for path in ["/", "/api/v1/nothing", "/api/v2/recordings", "/..%2f..%2fetc/passwd"] {
        let answer = Request::get(path).send(&server);
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(answer.json()["detail"], "there is nothing at this path");
    }
    assert_eq!(Request::get("/healthz").send(&server).json()["status"], "ok");
    assert_eq!(Request::get("/metrics").send(&server).status, 200);
    server.stop();
}

#[test]
fn a_head_without_bounds_is_refused() {
    let program = Program::new();
    let server = program.serve();
    let answer = Request::get("/healthz").header("X-Long", &"x".repeat(64 * 1024)).send(&server);
    assert_eq!(answer.status, 431);
    server.stop();
}

#[test]
fn a_client_that_shuts_its_half_is_answered() {
    let program = Program::new();
    let account = Account::add(&program, "acme");
    let server = program.serve();
    let mut stream = connect(&server);
    let request = Request::upload(&wav(1000), &[]).signed(&account).bytes();
    stream.write_all(&request).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let answer = receive(stream).expect("an answer");
    assert_eq!(answer.status, 201, "{}", text(&answer.body));
    server.stop();
}
