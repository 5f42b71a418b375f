//! An S3 server that is slow, silent, refuses or cuts off: a small proxy stands before it.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::http::{Answer, Request, wav};
use crate::program::{Account, Program, Server, eventually, text};

/// How the proxy treats what goes through it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mood {
    Pass,
    /// Each piece waits a while.
    Slow,
    /// Connections are taken and closed at once.
    Refuse,
    /// Nothing is passed on.
    Silent,
    /// A connection ends after so many bytes to the server.
    CutUpload(usize),
    /// A connection ends after so many bytes from the server.
    CutDownload(usize),
}

/// Passes bytes on, or does not. It lives as long as the test's process.
#[derive(Clone)]
struct Proxy(Arc<Shared>);

struct Shared {
    server: String,
    port: u16,
    mood: Mutex<Mood>,
    open: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    fn start(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (mood, open) = (Mutex::new(Mood::Pass), Mutex::default());
        let this = Self(Arc::new(Shared { server: server.to_owned(), port, mood, open }));
        let proxy = this.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if proxy.mood() != Mood::Refuse {
                    proxy.connect(&client);
                }
            }
        });
        this
    }

    fn mood(&self) -> Mood {
        *self.0.mood.lock().unwrap()
    }

    /// Changes its mood, and ends what is open.
    fn set(&self, mood: Mood) {
        *self.0.mood.lock().unwrap() = mood;
        for stream in self.0.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn connect(&self, client: &TcpStream) {
        let Ok(server) = TcpStream::connect(&self.0.server) else { return };
        let mut open = self.0.open.lock().unwrap();
        for (from, to, up) in [(client, &server, true), (&server, client, false)] {
            let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
            open.push(from.try_clone().unwrap());
            let proxy = self.clone();
            thread::spawn(move || proxy.pass_on(from, to, up));
        }
    }

    fn pass_on(&self, mut from: TcpStream, mut to: TcpStream, up: bool) {
        let mut piece = vec![0; 16 * 1024];
        let mut passed = 0;
        while let Ok(length) = from.read(&mut piece) {
            if length == 0 {
                break;
            }
            passed += length;
            match self.mood() {
                Mood::Slow => thread::sleep(Duration::from_millis(50)),
                Mood::Silent => continue,
                Mood::CutUpload(most) if up && passed > most => break,
                Mood::CutDownload(most) if !up && passed > most => break,
                _ => {}
            }
            if to.write_all(&piece[..length]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
        let _ = from.shutdown(Shutdown::Both);
    }
}

/// A program on S3 behind a proxy; `None` where there is no S3.
fn behind_a_proxy() -> Option<(Program, Proxy)> {
    let Some(url) = std::env::var_os("TEST_S3_URL").and_then(|url| url.into_string().ok()) else {
        assert!(std::env::var_os("TEST_NO_SKIP").is_none(), "TEST_S3_URL is not set");
        eprintln!("skipped: TEST_S3_URL is not set");
        return None;
    };
    let (keys, place) = url.strip_prefix("http://").unwrap().split_once('@').unwrap();
    let ((access, secret), (host, bucket)) =
        (keys.split_once(':').unwrap(), place.split_once('/').unwrap());
    let proxy = Proxy::start(host);
    let program = Program::new();
    let name = program.data().file_name().unwrap().to_str().unwrap().replace('.', "");
    let program = program
        .with("CALLVAULT_STORE__AUDIO", format!("s3://{bucket}/{name}"))
        .with("CALLVAULT_STORE__S3_ENDPOINT", format!("http://127.0.0.1:{}", proxy.0.port))
        .with("CALLVAULT_STORE__S3_ACCESS_KEY", access)
        .with("CALLVAULT_STORE__S3_SECRET_KEY", secret);
    Some((program, proxy))
}

fn upload(server: &Server, account: &Account, milliseconds: u32) -> Answer {
    Request::upload(&wav(milliseconds), &[]).signed(account).send(server)
}

#[track_caller]
fn kept(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{}", text(&answer.body));
    format!("/api/v1/recordings/{}", answer.json()["recording_id"].as_str().unwrap())
}

#[track_caller]
fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", text(&answer.body));
    assert_eq!(answer.header("retry-after"), Some("5"));
}

fn ready(server: &Server) -> u16 {
    Request::get("/readyz").send(server).status
}

/// So many recordings, all of them whole, and nothing else but what the sweep will take.
#[track_caller]
fn assert_whole(program: &Program, recordings: usize) {
    let verified = program.run(&["verify"]);
    let said = text(&verified.stdout);
    assert!(verified.status.success(), "{said}");
    assert!(said.starts_with(&format!("{recordings} recordings, ")), "{said}");
}

#[test]
fn an_s3_that_refuses_is_told_and_comes_back() {
    let Some((program, proxy)) = behind_a_proxy() else { return };
    let account = Account::add(&program, "acme");
    let server = program.serve();
    let path = kept(&upload(&server, &account, 200));
    proxy.set(Mood::Refuse);
    assert_unavailable(&upload(&server, &account, 200));
    assert_eq!(ready(&server), 503);
    assert_unavailable(&account.get(&server, &format!("{path}/media")));
    assert_eq!(account.get(&server, &path).status, 200, "the rows are there");

    proxy.set(Mood::Pass);
    assert_eq!(ready(&server), 200);
    assert_eq!(account.get(&server, &format!("{path}/media")).body, wav(200));
    kept(&upload(&server, &account, 200));
    assert_whole(&program, 2);
    server.stop();
}

#[test]
fn a_slow_s3_is_waited_for_and_a_silent_one_is_not_ready() {
    let Some((program, proxy)) = behind_a_proxy() else { return };
    let account = Account::add(&program, "acme");
    let server = program.serve();
    proxy.set(Mood::Slow);
    let path = kept(&upload(&server, &account, 200));
    assert_eq!(account.get(&server, &format!("{path}/media")).body, wav(200));

    proxy.set(Mood::Silent);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| upload(&server, &account, 300));
        assert_eq!(ready(&server), 503);
        proxy.set(Mood::Pass);
        kept(&waiting.join().unwrap()); // which was tried again
    });
    assert_eq!(ready(&server), 200);
    assert_whole(&program, 2);
    server.stop();
}

#[test]
fn a_download_that_s3_cuts_off_is_never_made_up() {
    let Some((program, proxy)) = behind_a_proxy() else { return };
    let account = Account::add(&program, "acme");
    let server = program.serve();
    let media = format!("{}/media", kept(&upload(&server, &account, 60_000)));
    let whole = wav(60_000);
    proxy.set(Mood::CutDownload(200_000));
    let cut = account.get(&server, &media);
    assert_eq!(cut.status, 200, "the head was sent before the cut");
    assert_eq!(cut.header("content-length"), Some(whole.len().to_string().as_str()));
    assert!(whole.starts_with(&cut.body), "what has come is right");

    proxy.set(Mood::Pass);
    assert_eq!(account.get(&server, &media).body, whole);
    server.stop();
}

#[test]
fn an_upload_that_s3_cuts_off_is_not_kept() {
    let Some((program, proxy)) = behind_a_proxy() else { return };
    let account = Account::add(&program, "acme");
    let server = program.serve();
    for (milliseconds, cut) in [(20_000, 100_000), (1_200_000, 1_000_000)] {
        proxy.set(Mood::CutUpload(cut)); // in one request, and in parts
        assert_unavailable(&upload(&server, &account, milliseconds));
        proxy.set(Mood::Pass);
        assert_whole(&program, 0);
    }
    let staging = program.data().join("staging");
    eventually("readiness leaves nothing in the way", || ready(&server) == 200);
    assert_eq!(staging.read_dir().unwrap().count(), 2, "which the sweep looks after");

    let path = kept(&upload(&server, &account, 1_200_000));
    assert_eq!(account.get(&server, &format!("{path}/media")).body, wav(1_200_000));
    assert_whole(&program, 1);
    server.stop();
}
