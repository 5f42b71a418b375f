//! Deleting means gone: a phrase and a sound are planted wherever they may go, the recording is
//! deleted, and every file is searched for them.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use store::{
    AccountId, DeliveryMethod, DeliveryPolicy, Destination, Dialect, Money, SpeakersKnown, Store,
    Time, Transcript, TranscriptCallback, TranscriptEnd, TranscriptId, TranscriptStatus, Turn,
};

use crate::callbacks::take;
use crate::http::{Answer, Request, wav};
use crate::postgres::Postgres;
use crate::program::{Account, Program, Server, eventually, text};

/// In no other text here. What is compared in lower case is found too.
const PHRASE: &str = "planted0phrase7q";
const PIECE: usize = PHRASE.len();

/// What must not be found any more: the phrase, and pieces of audio, all of the same length.
struct Planted(Vec<Vec<u8>>);

impl Planted {
    fn new() -> Self {
        Self(vec![PHRASE.as_bytes().to_vec()])
    }

    /// Pieces of a file, from behind its header on.
    fn sound(&mut self, file: &[u8]) {
        let pieces = file[512..].chunks_exact(PIECE).step_by(40);
        // Silence and the like is everywhere.
        let plain = |piece: &&[u8]| piece[0] == 0 || piece.windows(2).all(|two| two[0] == two[1]);
        self.0.extend(pieces.filter(|piece| !plain(piece)).take(20).map(<[u8]>::to_vec));
    }

    /// Only the pieces of audio.
    fn sounds(&self) -> Self {
        Self(self.0[1..].to_vec())
    }

    fn count_in(&self, bytes: &[u8]) -> usize {
        let mut begins = [false; 256];
        for piece in &self.0 {
            begins[usize::from(piece[0])] = true;
        }
        let windows = bytes.windows(PIECE).filter(|window| begins[usize::from(window[0])]);
        windows.filter(|window| self.0.iter().any(|piece| piece == window)).count()
    }

    /// The files in which something is found.
    fn found_in(&self, directory: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut open = vec![directory.to_owned()];
        while let Some(directory) = open.pop() {
            let Ok(entries) = fs::read_dir(directory) else { continue };
            for path in entries.map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    open.push(path);
                } else if fs::read(&path).is_ok_and(|bytes| self.count_in(&bytes) > 0) {
                    found.push(path); // (What has gone meanwhile is not read.)
                }
            }
        }
        found
    }
}

/// A WAV of noise that is the same each time, and nowhere else.
fn noise() -> Vec<u8> {
    let mut file = wav(2_000);
    let mut state = 0x2545_f491_u32;
    for byte in &mut file[44..] {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = state.to_be_bytes()[0];
    }
    file
}

/// Has the phrase be said on a recording, between other words; and told to somewhere.
#[tokio::main(flavor = "current_thread")]
pub(crate) async fn say(database: &store::Config, recording: &str) {
    let turn = |at: u64, text: String| Turn {
        speaker: 0,
        channel: 0,
        start_ms: at,
        end_ms: at + 1,
        confidence_ppm: 0,
        text,
    };
    let mut turns: Vec<_> = (0..300).map(|at| turn(at, format!("other{at} words{at}"))).collect();
    turns.insert(150, turn(150, format!("so {PHRASE} it is")));
    let end = TranscriptEnd::Success {
        language: None,
        speakers: SpeakersKnown::Unknown,
        words: format!(
            r#"[{{"word":"{PHRASE}","start_ms":0,"end_ms":1,"confidence":1,"channel":0,"speaker":0}}]"#
        ),
        turns,
        cost: Money::ZERO,
    };
    let now = Time::from_micros(0);
    let transcript = Transcript {
        transcript_id: TranscriptId::random(),
        recording_id: recording.parse().unwrap(),
        status: TranscriptStatus::InProgress,
        error: None,
        hint: None,
        language: None,
        speakers: None,
        rate: Money::ZERO,
        cost: Money::ZERO,
        created: now,
        finished: None,
    };
    let callback = TranscriptCallback {
        account_id: AccountId(1),
        to: Destination {
            dialect: Dialect::Plivo,
            url: format!("http://{PHRASE}/"),
            method: DeliveryMethod::Post,
            policy: DeliveryPolicy::default(),
        },
    };
    let store = Store::open(database).await.unwrap();
    let write = store.write(move |tx| {
        Box::pin(async move {
            tx.add_transcript(&transcript).await?;
            tx.add_transcript_callback(transcript.recording_id, &callback).await?;
            tx.finish_transcript(&transcript, &end, now).await
        })
    });
    assert!(write.await.unwrap());
}

#[track_caller]
fn expect(answer: Answer, status: u16) -> Answer {
    assert_eq!(answer.status, status, "{}", String::from_utf8_lossy(&answer.body));
    answer
}

/// A bearer token of the account's administrator.
fn token(server: &Server, account: &Account) -> String {
    let field = |name: &str| account.0[name].as_str().unwrap();
    let form = format!(
        "grant_type=password&username={}&password={}&client_id={}&client_secret={}",
        field("username"),
        field("password"),
        field("client_id"),
        field("client_secret"),
    );
    let request = Request::new("POST", "/token")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form.into_bytes());
    let answer = expect(request.send(server), 200).json();
    format!("Bearer {}", answer["access_token"].as_str().unwrap())
}

struct Scene<'a> {
    server: &'a Server,
    account: Account,
    bearer: String,
    planted: Planted,
    recording: String,
    export: String,
}

const USERS_JOBS: &str =
    "/t/vbc.prod/call_recording/v1/api/accounts/self/users/self/call_recordings/jobs";

impl<'a> Scene<'a> {
    /// Plants, and has what was planted converted, exported and delivered.
    fn set(server: &'a Server, account: Account, database: &store::Config) -> Self {
        let others = |from: u32| {
            for other in from..from + 8 {
                let name = format!("somebody else {other}");
                let parts = [("cnam", name.as_str()), ("conference_name", &name)];
                expect(Request::upload(&wav(100), &parts).signed(&account).send(server), 201);
            }
        };
        others(0);
        let parts = [("cnam", PHRASE), ("conference_name", PHRASE), ("extensions", PHRASE)];
        let kept = expect(upload(&parts).signed(&account).send(server), 201).json();
        others(8);
        let recording = kept["recording_id"].as_str().unwrap().to_owned();
        say(database, &recording);
        let path = format!("/api/v1/search?q={PHRASE}");
        let found = expect(account.get(server, &path), 200).json();
        assert_eq!(found["hits"][0]["recording_id"], recording.as_str());

        let mut planted = Planted::new();
        planted.sound(&noise());
        let media = format!("/api/v1/recordings/{recording}/media?format=mp3");
        planted.sound(&expect(account.get(server, &media), 200).body);
        assert!(planted.0.len() > 30, "{}", planted.0.len());

        let bearer = token(server, &account);
        let scene = Self { server, account, bearer, planted, recording, export: String::new() };
        scene.deliver();
        let export = scene.export();
        Self { export, ..scene }
    }

    fn with_token(&self, request: Request) -> Answer {
        request.header("Authorization", &self.bearer).send(self.server)
    }

    /// One answer arrives, one is still being tried.
    fn deliver(&self) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let here = listener.local_addr().unwrap();
        let auth_id = self.account.0["auth_id"].as_str().unwrap();
        let one = format!("/v1/Account/{auth_id}/Recording/{}/", self.recording);
        let all = format!("/v1/Account/{auth_id}/Recording/");
        let ask = |what: &str, url: &str| {
            let path = format!("{what}?callback_url={url}");
            expect(self.account.get(self.server, &path), 202);
        };
        ask(&one, &format!("http://{here}/{PHRASE}"));
        let call = take(listener.accept().unwrap().0).unwrap();
        assert!(call.body.contains(PHRASE));
        ask(&all, &format!("http://127.0.0.1:1/{PHRASE}%23rc=5"));
    }

    /// An export that is complete, and fetched.
    fn export(&self) -> String {
        let company = "/t/vbc.prod/call_recording/v1/api/accounts/self/company_call_recordings";
        let export = Request::new("POST", &format!("{company}/export"))
            .header("Content-Type", "application/json")
            .body(format!("{{\"cnam\": \"{PHRASE}\"}}").into_bytes());
        let jobs = expect(self.with_token(export), 202).json();
        let id = jobs["job_ids"][0].as_str().unwrap().to_owned();
        eventually("the export is complete", || {
            let job = self.with_token(Request::get(&format!("{USERS_JOBS}/{id}")));
            expect(job, 200).json()["status"] == "complete"
        });
        let zip = expect(self.with_token(Request::get(&retrieve(&id))), 200);
        assert!(self.planted.count_in(&zip.body) > 10, "it is in the zip");
        id
    }

    /// Deletes what it finds nothing by, and the recording.
    fn delete(&self) {
        let what = json!({ "number": PHRASE, "extension": PHRASE, "conference": PHRASE,
            "text": PHRASE });
        let body = json!({ "where": what }).to_string().into_bytes();
        let many = Request::new("POST", "/api/v1/recordings/delete")
            .header("Content-Type", "application/json")
            .body(body)
            .signed(&self.account);
        let run = expect(many.send(self.server), 202).json()["run_id"].clone();
        eventually("the deletion by hand is done", || {
            let path = format!("/api/v1/retention/runs/{run}");
            expect(self.account.get(self.server, &path), 200).json()["status"] == "done"
        });
        let path = format!("/api/v1/recordings/{}", self.recording);
        expect(Request::new("DELETE", &path).signed(&self.account).send(self.server), 204);
    }

    /// Has a policy delete the audio of what has a transcript, and nothing else.
    fn delete_audio(&self) {
        let send = |method: &str, path: &str, body: &Value, status: u16| {
            let request = Request::new(method, path).header("Content-Type", "application/json");
            let request = request.body(body.to_string().into_bytes()).signed(&self.account);
            expect(request.send(self.server), status)
        };
        let settings = json!({ "retention_pending": "0d", "retention_max_share": 1 });
        send("PATCH", "/api/v1/account", &settings, 200);
        let policies = "/api/v1/retention/policies";
        let what = json!({ "conference": PHRASE });
        let policy = json!({ "name": "x", "where": what, "action": "delete_audio" });
        let policy = send("POST", policies, &policy, 201).json()["policy_id"].clone();
        send("POST", &format!("{policies}/{policy}/run"), &json!({}), 202);
    }

    /// What is told of it afterwards.
    fn is_gone(&self) {
        let search = format!("/api/v1/search?q={PHRASE}");
        assert_eq!(self.account.get(self.server, &search).json()["hits"], Value::Array(vec![]));
        let deliveries = self.account.get(self.server, "/api/v1/deliveries").json();
        assert_eq!(deliveries["deliveries"], Value::Array(Vec::new()));
        let zip = self.with_token(Request::get(&retrieve(&self.export)));
        assert!((400..500).contains(&zip.status), "{}", zip.status);
        // That it was there is known by its id and its hash, and no upload brings it back unasked.
        expect(upload(&[]).signed(&self.account).send(self.server), 409);
        let log = self.with_token(Request::get("/api/v1/audit"));
        assert!(text(&expect(log, 200).body).contains(&self.recording));
        let auth_id = self.account.0["auth_id"].as_str().unwrap();
        let others = format!("/v1/Account/{auth_id}/Recording/");
        assert_eq!(self.account.get(self.server, &others).json()["meta"]["total_count"], 16);
    }
}

fn upload(parts: &[(&str, &str)]) -> Request {
    Request::upload(&noise(), parts).header("Idempotency-Key", PHRASE)
}

fn retrieve(export: &str) -> String {
    format!("/t/vbc.prod/call_recording/v1/api/bulkDownload/retrieve?jobId={export}")
}

fn open() -> [(&'static str, &'static str); 1] {
    [("CALLVAULT_OUTBOUND__ALLOW", "127.0.0.1")]
}

#[test]
fn on_sqlite_nothing_of_a_deleted_recording_is_found_in_any_file() {
    let program = Program::new();
    let account = Account::add(&program, "acme");
    let server = program.serve_with(&open());
    let database = store::Config::Sqlite(program.data().join("callvault.db"));
    let scene = Scene::set(&server, account, &database);
    let found = scene.planted.found_in(program.data());
    let kinds = ["audio/audio", "audio/converted", "callvault.db"];
    for kind in kinds {
        let is = |path: &PathBuf| path.to_str().unwrap().contains(kind);
        assert!(found.iter().any(is), "{kind} is searched: {found:?}");
    }

    // While somebody reads on, only the log keeps it.
    let reader = rusqlite::Connection::open(program.data().join("callvault.db")).unwrap();
    reader.execute_batch("begin; select count(*) from recording").unwrap();
    scene.delete();
    eventually("the audio is erased", || {
        let found = scene.planted.found_in(&program.data().join("audio"));
        found.is_empty()
    });
    reader.execute_batch("rollback").unwrap();
    eventually("nothing is found", || scene.planted.found_in(program.data()).is_empty());
    scene.is_gone();
    let planted = scene.planted;
    server.stop();
    assert!(planted.found_in(program.data()).is_empty());
}

#[test]
fn of_deleted_audio_nothing_is_found_in_any_file_and_what_was_said_stays() {
    let program = Program::new();
    let account = Account::add(&program, "acme");
    let server = program.serve_with(&open());
    let database = store::Config::Sqlite(program.data().join("callvault.db"));
    let scene = Scene::set(&server, account, &database);
    let sounds = scene.planted.sounds();
    let found = sounds.found_in(program.data());
    for kind in ["audio/audio", "audio/converted"] {
        let is = |path: &PathBuf| path.to_str().unwrap().contains(kind);
        assert!(found.iter().any(is), "{kind} is searched: {found:?}");
    }

    scene.delete_audio();
    eventually("no sound is found", || sounds.found_in(program.data()).is_empty());
    let search = format!("/api/v1/search?q={PHRASE}");
    let hits = scene.account.get(&server, &search).json();
    assert_eq!(hits["hits"][0]["recording_id"], scene.recording.as_str());
    let transcript = format!("/api/v1/recordings/{}/transcript?format=text", scene.recording);
    let said = expect(scene.account.get(&server, &transcript), 200);
    assert!(text(&said.body).contains(PHRASE));
    let zip = scene.with_token(Request::get(&retrieve(&scene.export)));
    assert!((400..500).contains(&zip.status), "{}", zip.status);
    server.stop();
    assert!(sounds.found_in(program.data()).is_empty());
    let said = Planted::new();
    assert!(!said.found_in(program.data()).is_empty(), "the phrase stays in the database");
}

#[test]
fn on_postgresql_nothing_is_found_in_tables_and_indexes_after_a_purge() {
    let Some(postgres) = Postgres::start() else { return };
    let program = postgres.program();
    let account = Account::add(&program, "acme");
    let server = program.serve_with(&open());
    let database = store::Config::Postgres(postgres.url());
    let scene = Scene::set(&server, account, &database);
    // Statistics have values out of the tables.
    postgres.execute("analyze; checkpoint");
    let base = postgres.data().join("base");
    assert!(scene.planted.found_in(&base).len() > 2);

    scene.delete();
    eventually("the audio is erased", || scene.planted.found_in(program.data()).is_empty());
    eventually("nothing is found", || {
        let purged = program.run(&["purge"]);
        assert!(purged.status.success(), "{}", text(&purged.stderr));
        postgres.execute("checkpoint");
        scene.planted.found_in(&base).is_empty()
    });
    assert!(scene.planted.found_in(&postgres.data().join("global")).is_empty());
    scene.is_gone();
    server.stop();
}
