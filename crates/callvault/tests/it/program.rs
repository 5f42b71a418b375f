//! A callvault of a test's own: a data directory, commands on it, and perhaps a server.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::http::{Answer, Request};
use crate::tls::Trust;

/// Longer than anything here takes, so that a test fails instead of hanging.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Program {
    directory: TempDir,
    settings: Vec<(&'static str, String)>,
}

impl Program {
    pub(crate) fn new() -> Self {
        Self { directory: TempDir::new().unwrap(), settings: Vec::new() }
    }

    /// With a setting from the environment.
    pub(crate) fn with(mut self, variable: &'static str, value: impl Into<String>) -> Self {
        self.settings.push((variable, value.into()));
        self
    }

    pub(crate) fn data(&self) -> &Path {
        self.directory.path()
    }

    /// The binary with these arguments and nothing of the outside's configuration.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callvault"));
        command.args(arguments).arg("--data").arg(self.data()).env_clear();
        command.envs(self.settings.iter().map(|(variable, value)| (variable, value)));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that succeeds and prints one JSON object.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs a command that fails, and tells what it said of it.
    #[track_caller]
    pub(crate) fn fail(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "", "nothing on standard output");
        text(&output.stderr)
    }

    /// Starts a server and waits until it is ready.
    #[track_caller]
    pub(crate) fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// The same, with these variables.
    #[track_caller]
    pub(crate) fn serve_with(&self, variables: &[(&str, &str)]) -> Server {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.envs(variables.iter().copied());
        Self::start(command, None)
    }

    /// Starts this server, to be reached by TLS where there is somebody to trust.
    #[track_caller]
    pub(crate) fn start(mut command: Command, trust: Option<Trust>) -> Server {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                eprintln!("{line}");
                let _ = send.send(line);
            }
        });
        let mut server = Server { child, address: String::new(), lines: Mutex::new(lines), trust };
        let line = server.wait_for("listening on http");
        line.rsplit('/').next().unwrap().clone_into(&mut server.address);
        let start = Instant::now();
        while Request::get("/readyz").send(&server).status != 200 {
            assert!(start.elapsed() < PATIENCE, "the server is ready");
        }
        server
    }
}

/// A running server; killed where a test ends before it.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    lines: Mutex<mpsc::Receiver<String>>,
    /// With TLS: whose certificates are good.
    pub(crate) trust: Option<Trust>,
}

impl Server {
    /// Waits for a line of the log that has these words, and tells it.
    #[track_caller]
    pub(crate) fn wait_for(&self, words: &str) -> String {
        loop {
            let line = self.lines.lock().unwrap().recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("the log has no {words:?}"));
            if line.contains(words) {
                return line;
            }
        }
    }

    pub(crate) fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// Waits for the end; its exit code.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(start.elapsed() < PATIENCE, "the server ends");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn stop(mut self) {
        self.terminate();
        assert_eq!(self.wait(), Some(0));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An account that was added with `account add --json`.
pub(crate) struct Account(pub(crate) Value);

impl Account {
    pub(crate) fn add(program: &Program, name: &str) -> Self {
        Self(program.json(&["account", "add", name, "--json"]))
    }

    pub(crate) fn get(&self, server: &Server, path: &str) -> Answer {
        Request::get(path).signed(self).send(server)
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Tries until it is so: for what comes by itself, soon.
#[track_caller]
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
