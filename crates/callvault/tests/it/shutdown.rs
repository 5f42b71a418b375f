//! SIGTERM: what runs is finished, nothing is half kept, exit code 0.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::http::{Request, connect, receive, wav};
use crate::program::{Account, Program, text};

#[test]
fn an_idle_server_ends_at_once() {
    let program = Program::new();
    let mut server = program.serve();
    let idle = connect(&server);
    let start = Instant::now();
    server.terminate();
    assert_eq!(server.wait(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(10), "an idle connection holds nothing up");
    drop(idle);
}

#[test]
fn a_running_upload_is_finished() {
    let program = Program::new();
    let account = Account::add(&program, "acme");
    let mut server = program.serve();
    let request = Request::upload(&wav(1000), &[]).signed(&account).bytes();
    let (first, rest) = request.split_at(request.len() / 2);
    let mut stream = connect(&server);
    stream.write_all(first).unwrap();
    wait_for_staging(&program);

    server.terminate();
    wait_for_refusal(&server.address);
    stream.write_all(rest).unwrap();
    let answer = receive(stream).expect("an answer");
    assert_eq!(answer.status, 201, "{}", text(&answer.body));
    assert_eq!(server.wait(), Some(0));

    let server = program.serve();
    let id = answer.json()["recording_id"].as_str().unwrap().to_owned();
    assert_eq!(account.get(&server, &format!("/api/v1/recordings/{id}")).status, 200);
    server.stop();
    assert!(program.run(&["verify"]).status.success());
}

#[test]
fn an_upload_that_goes_on_too_long_leaves_nothing() {
    let program = Program::new();
    let account = Account::add(&program, "acme");
    let mut server = program.serve();
    let request = Request::upload(&wav(1000), &[]).signed(&account).bytes();
    let mut stream = connect(&server);
    stream.write_all(&request[..request.len() / 2]).unwrap();
    wait_for_staging(&program);
    server.terminate();
    assert_eq!(server.wait(), Some(0));
    assert!(receive(stream).is_none_or(|answer| answer.status >= 400));
    let verified = program.run(&["verify"]);
    assert!(verified.status.success());
    assert!(text(&verified.stdout).starts_with("0 recordings, 0 bytes: 0 wrong\n"));
}

/// Waits until the upload's bytes arrive somewhere under the data directory.
fn wait_for_staging(program: &Program) {
    let start = Instant::now();
    let staged = || {
        let audio = program.data().join("audio");
        files(&audio) > 0
    };
    while !staged() {
        assert!(start.elapsed() < crate::program::PATIENCE, "the upload is under way");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn files(directory: &std::path::Path) -> usize {
    let entries = directory.read_dir().into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}

/// Waits until no new connection is taken.
fn wait_for_refusal(address: &str) {
    let start = Instant::now();
    while TcpStream::connect(address).is_ok() {
        assert!(start.elapsed() < crate::program::PATIENCE, "the listener is closed");
        std::thread::sleep(Duration::from_millis(5));
    }
}
