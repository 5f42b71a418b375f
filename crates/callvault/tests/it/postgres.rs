//! A PostgreSQL of a test's own, to be stopped, and to look into its files.

use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::program::{Program, eventually, text};

/// The server; gone with this.
pub(crate) struct Postgres {
    directory: TempDir,
    programs: PathBuf,
    port: u16,
    server: Child,
}

impl Postgres {
    /// `None` where this run is not one with PostgreSQL.
    pub(crate) fn start() -> Option<Self> {
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

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// A callvault whose rows are in it.
    pub(crate) fn program(&self) -> Program {
        Program::new()
            .with("CALLVAULT_STORE__DATABASE", self.url())
            .with("CALLVAULT_SERVER__SECRET_KEY", "0".repeat(64))
    }

    /// Where its data is.
    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("db")
    }

    /// Runs a statement as the server's administrator.
    pub(crate) fn execute(&self, sql: &str) {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-q", "-U", "postgres", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        let done = psql.args(["-c", sql]).output().unwrap();
        assert!(done.status.success(), "{}", text(&done.stderr));
    }

    pub(crate) fn stop(&mut self) {
        signal("INT", &[self.server.id()]);
        self.server.wait().unwrap();
    }

    pub(crate) fn start_again(&mut self) {
        self.server = Self::spawn(&self.programs, self.directory.path(), self.port);
        self.wait();
    }

    /// Its process and those that it has started.
    pub(crate) fn processes(&self) -> Vec<u32> {
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

pub(crate) fn signal(name: &str, processes: &[u32]) {
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
