//! A database that is locked, stopped or silent: clear answers, and back without a restart.

use crate::http::{Answer, Request, wav};
use crate::postgres::{Postgres, signal};
use crate::program::{Account, Program, Server, eventually, text};

fn upload(server: &Server, account: &Account) -> Answer {
    Request::upload(&wav(200), &[]).signed(account).send(server)
}

#[track_caller]
fn kept(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{}", text(&answer.body));
    answer.json()["recording_id"].as_str().unwrap().to_owned()
}

#[track_caller]
fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", text(&answer.body));
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert_eq!(answer.json()["detail"], "try again later");
}

fn ready(server: &Server) -> u16 {
    Request::get("/readyz").send(server).status
}

#[test]
fn a_locked_sqlite_refuses_writes_and_reads_on() {
    let program = Program::new();
    let account = Account::add(&program, "acme");
    let server = program.serve();
    let media = format!("/api/v1/recordings/{}/media", kept(&upload(&server, &account)));

    let other = rusqlite::Connection::open(program.data().join("callvault.db")).unwrap();
    other.execute_batch("begin immediate").unwrap();
    // Many at once wait no longer than one.
    std::thread::scope(|scope| {
        let waiting: Vec<_> = (0..8).map(|_| scope.spawn(|| upload(&server, &account))).collect();
        assert_eq!(account.get(&server, &media).body, wav(200), "reads go on");
        for answer in waiting {
            assert_unavailable(&answer.join().unwrap());
        }
    });
    assert_eq!(account.get(&server, &media).body, wav(200));
    other.execute_batch("rollback").unwrap();

    kept(&upload(&server, &account));
    let verified = program.run(&["verify"]);
    assert!(verified.status.success(), "{}", text(&verified.stdout));
    assert!(text(&verified.stdout).starts_with("2 recordings, "));
    server.stop();
}

#[test]
fn a_postgresql_that_is_stopped_and_started() {
    let Some(mut postgres) = Postgres::start() else { return };
    let program = postgres.program();
    let account = Account::add(&program, "acme");
    let server = program.serve();
    let path = format!("/api/v1/recordings/{}", kept(&upload(&server, &account)));

    postgres.stop();
    assert_unavailable(&upload(&server, &account));
    assert_unavailable(&account.get(&server, &path));
    assert_eq!(ready(&server), 503);
    assert_eq!(Request::get("/healthz").send(&server).status, 200);

    postgres.start_again();
    eventually("it is ready again", || ready(&server) == 200);
    assert_eq!(account.get(&server, &path).status, 200);
    kept(&upload(&server, &account));
    let verified = program.run(&["verify"]);
    assert!(verified.status.success(), "{}", text(&verified.stdout));
    assert!(text(&verified.stdout).starts_with("2 recordings, "));
    server.stop();
}

#[test]
fn a_postgresql_that_says_nothing() {
    let Some(postgres) = Postgres::start() else { return };
    let program = postgres.program();
    let account = Account::add(&program, "acme");
    let server = program.serve();
    let path = format!("/api/v1/recordings/{}", kept(&upload(&server, &account)));

    let processes = postgres.processes();
    signal("STOP", &processes);
    std::thread::scope(|scope| {
        let uploading = scope.spawn(|| upload(&server, &account));
        let reading = scope.spawn(|| account.get(&server, &path));
        assert_eq!(ready(&server), 503);
        assert_unavailable(&uploading.join().unwrap());
        assert_unavailable(&reading.join().unwrap());
    });

    signal("CONT", &processes);
    eventually("it is ready again", || ready(&server) == 200);
    assert_eq!(account.get(&server, &path).status, 200);
    kept(&upload(&server, &account));
    server.stop();
}
