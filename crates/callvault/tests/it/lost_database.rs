//! A database that is locked, stopped or silent: clear answers, and back without a restart.

use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::http::{Answer, Request, wav};
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

/// A PostgreSQL of a test's own, to be stopped.
struct Postgres {
    directory: TempDir,
    programs: PathBuf,
    port: u16,
    server: Child,
}

impl Postgres {
    /// `None` where this run is not one with PostgreSQL.
    fn start() -> Option<Self> {
        if std::env::var_os("TEST_POSTGRES_URL").is_none() {
            eprintln!("skipped: TEST_POSTGRES_URL is not set");
            return None;
        }
        let versions = Path::new("/usr/lib/postgresql").read_dir().unwrap();
        let programs = versions.map(|entry| entry.unwrap().path().join("bin")).max().unwrap();
        let directory = TempDir::new().unwrap();
        if running_as_root() {
            assert!(
                Command::new("chown")
                    .arg("postgres")
                    .arg(directory.path())
                    .status()
                    .unwrap()
                    .success()
            );
        }
        let data = directory.path().join("db");
        let mut initdb = as_postgres(&programs.join("initdb"));
        initdb.arg("-D").arg(&data).args(["-U", "postgres", "-A", "trust", "--no-sync"]);
        let made = initdb.output().unwrap();
        assert!(made.status.success(), "{}", text(&made.stderr));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self::spawn(&programs, directory.path(), port);
        let this = Self { directory, programs, port, server };
        this.wait();
        Some(this)
    }

    fn spawn(programs: &Path, directory: &Path, port: u16) -> Child {
        let mut command = as_postgres(&programs.join("postgres"));
        command.arg("-D").arg(directory.join("db")).arg("-k").arg(directory);
        command.args(["-h", "127.0.0.1", "-p", &port.to_string()]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).spawn().unwrap()
    }

    fn wait(&self) {
        eventually("PostgreSQL starts", || {
            let mut asked = Command::new(self.programs.join("pg_isready"));
            asked.args(["-q", "-U", "postgres", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
            asked.status().unwrap().success()
        });
    }

    fn stop(&mut self) {
        signal("INT", &[self.server.id()]);
        self.server.wait().unwrap();
    }

    fn start_again(&mut self) {
        self.server = Self::spawn(&self.programs, self.directory.path(), self.port);
        self.wait();
    }

    /// Its process and those that it has started.
    fn processes(&self) -> Vec<u32> {
        let id = self.server.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        let children = children.split_whitespace().map(|child| child.parse().unwrap());
        std::iter::once(id).chain(children).collect()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let processes = self.processes();
        signal("QUIT", &processes[..1]);
        signal("CONT", &processes);
        let _ = self.server.wait();
    }
}

fn signal(name: &str, processes: &[u32]) {
    let mut kill = Command::new("kill");
    kill.args(["-s", name]).args(processes.iter().map(u32::to_string));
    let _ = kill.stderr(Stdio::null()).status();
}

fn running_as_root() -> bool {
    text(&Command::new("id").arg("-u").output().unwrap().stdout).trim() == "0"
}

/// PostgreSQL refuses root.
fn as_postgres(program: &Path) -> Command {
    if !running_as_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "postgres", "--regid", "postgres", "--init-groups"]).arg(program);
    command
}

fn on(postgres: &Postgres) -> Program {
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", postgres.port);
    Program::new()
        .with("CALLVAULT_STORE__DATABASE", url)
        .with("CALLVAULT_SERVER__SECRET_KEY", "0".repeat(64))
}

#[test]
fn a_postgresql_that_is_stopped_and_started() {
    let Some(mut postgres) = Postgres::start() else { return };
    let program = on(&postgres);
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
    let program = on(&postgres);
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
