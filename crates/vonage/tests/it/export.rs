//! Exports: what is asked for, the jobs, and the zips.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Client, Form, Zip, sound};

use crate::kit::{API, INDIA, Kit, OLDER, company, on_demand, own, refused};

/// Asks for an export; the job's id.
pub(crate) async fn ask(client: &Client, path: String, body: &Value) -> String {
    let answer = client.post(path).json(body).send().await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let jobs = answer.json();
    assert_eq!(jobs["job_ids"].as_array().unwrap().len(), 1);
    jobs["job_ids"][0].as_str().unwrap().to_owned()
}

/// Asks for an export, has it made, and fetches it.
pub(crate) async fn made(kit: &Kit, client: &Client, path: String, body: &Value) -> Zip {
    let id = ask(client, path, body).await;
    kit.test.work().await;
    let answer = client.get(retrieve(&id)).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    Zip::read(&answer.body)
}

pub(crate) fn retrieve(id: &str) -> String {
    format!("{API}/bulkDownload/retrieve?jobId={id}")
}

async fn job(client: &Client, id: &str) -> Value {
    let answer = client.get(own(&format!("/jobs/{id}"))).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

pub(crate) async fn status(client: &Client, id: &str) -> String {
    job(client, id).await["status"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_zip_has_the_originals_and_says_what_they_are() {
    let kit = Kit::new().await;
    let mut kept = Vec::new();
    for file in [sound::CALL, sound::MP3, sound::FLAC] {
        let form = Form::new()
            .text("cnam", "=cmd(\"x\"), Ltd.")
            .text("from_number", "+14155550100")
            .text("extensions", "101,102")
            .text("direction", "inbound")
            .file(file);
        kept.push((kit.test.recording_with(&kit.account, form).await, file));
    }
    kit.on_demand(&kit.alice).await;
    let zip = made(&kit, &kit.administrator, company("/export"), &json!({})).await;
    assert_eq!(zip.files.len(), 5, "the company's, and two manifests");
    let manifest = zip.manifest();
    assert_eq!(manifest["recordings"].as_array().unwrap().len(), 3);
    for ((recording, file), line) in kept.iter().zip(manifest["recordings"].as_array().unwrap()) {
        let (number, format) = (&recording["number"], recording["format"].as_str().unwrap());
        let name = format!("recordings/2026-01-15/{number}.{format}");
        assert_eq!(zip.files[&name], *file);
        assert_eq!((&line["file"], &line["state"]), (&json!(name), &json!("ready")));
        for same in [
            "recording_id",
            "number",
            "call_uuid",
            "kind",
            "direction",
            "from_number",
            "to_number",
            "cnam",
            "user_id",
            "extensions",
            "rule_ids",
            "start",
            "add_time",
            "duration_ms",
            "format",
            "channels",
            "sample_rate",
            "size_bytes",
            "sha256",
        ] {
            assert_eq!(line[same], recording[same], "{same}");
        }
    }
    let csv = String::from_utf8(zip.files["manifest.csv"].clone()).unwrap();
    let lines: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("file,state,reason,recording_id,number,call_uuid,kind,"));
    let first = &kept[0].0;
    let cells = format!(
        "recordings/2026-01-15/{}.wav,ready,,{},{},{},company,inbound,+14155550100,,\
         \"'=cmd(\"\"x\"\"), Ltd.\",,101 102,,",
        first["number"],
        first["recording_id"].as_str().unwrap(),
        first["number"],
        first["call_uuid"].as_str().unwrap()
    );
    assert!(lines[1].starts_with(&cells), "{}\n{cells}", lines[1]);
}

#[tokio::test]
async fn a_zip_is_had_under_each_spelling_and_in_any_part() {
    let kit = Kit::new().await;
    for _ in 0..3 {
        kit.company().await;
    }
    let id = ask(&kit.administrator, company("/export"), &json!({})).await;
    let before = kit.administrator.get(retrieve(&id)).send().await;
    refused(&before, 404, "Not Found", "not found");
    kit.test.work().await;
    let get = async |path: String| kit.administrator.get(path).send().await;
    let whole = get(retrieve(&id)).await;
    assert_eq!(whole.header("content-type"), "application/zip");
    kit.test.vault.write_log().await.unwrap();
    let log = get("/api/v1/audit?action=listen".to_owned()).await.json();
    let told = &log["entries"][0];
    assert_eq!(told["subject"], format!("export {id}"));
    assert_eq!(told["detail"], json!({ "recordings": 3 }));
    assert_eq!(whole.header("content-length"), whole.body.len().to_string());
    assert_eq!(whole.header("cache-control"), "private, no-cache");
    let name = format!("attachment; filename=\"export-{id}.zip\"");
    assert_eq!(whole.header("content-disposition"), name);
    for prefix in [API, OLDER, INDIA] {
        for query in [
            format!("job_id={id}"),
            format!("job_id={id}&login_name=jsmith"),
            format!("jobId={id}&userName=jsmith"),
            format!("login_name=&jobId={id}&job_id={id}"),
        ] {
            let answer = get(format!("{prefix}/bulkDownload/retrieve?{query}")).await;
            assert_eq!((answer.status, &answer.body), (200, &whole.body), "{prefix} {query}");
        }
    }
    let path = format!("{API}/bulkDownload/recordings_transcriptions/retrieve?job_id={id}");
    assert_eq!(get(path).await.body, whole.body);

    let length = whole.body.len();
    for from in (0..length).step_by(997) {
        for size in [1, 31, 20_000] {
            let to = (from + size).min(length);
            let range = format!("bytes={from}-{}", to - 1);
            let part = kit.administrator.get(retrieve(&id)).header("range", &range).send().await;
            assert_eq!((part.status, &part.body[..]), (206, &whole.body[from..to]), "{range}");
        }
    }
    let etag = whole.header("etag").to_owned();
    let known = kit.administrator.get(retrieve(&id)).header("if-none-match", &etag).send().await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    let head = kit.administrator.head(retrieve(&id)).send().await;
    assert_eq!((head.status, head.header("content-length")), (200, &*length.to_string()));
    let beyond = format!("bytes={length}-");
    let beyond = kit.administrator.get(retrieve(&id)).header("range", &beyond).send().await;
    assert_eq!(beyond.status, 416);

    for (query, status, title, why) in [
        ("", 400, "Bad Request", "job_id is needed"),
        ("job_id=", 400, "Bad Request", "job_id is needed"),
        ("job_id=1&jobId=2", 400, "Bad Request", "job_id is given twice"),
        ("job_id=x", 404, "Not Found", "not found"),
        ("job_id=3fa85f64-5717-4562-b3fc-2c963f66afa6", 404, "Not Found", "not found"),
    ] {
        let answer = get(format!("{API}/bulkDownload/retrieve?{query}")).await;
        refused(&answer, status, title, why);
    }
}

#[tokio::test]
async fn a_body_says_which_recordings() {
    let kit = Kit::new().await;
    let short = kit.keep(Form::new().text("direction", "inbound")).await;
    let long = Form::new().text("direction", "inbound").text("extensions", "999");
    let long = kit.keep_sound(long, Duration::from_secs(3)).await;
    let out = kit.keep(Form::new().text("direction", "outbound")).await;
    for (body, numbers) in [
        (json!({}), vec![short, long, out]),
        (json!({ "call_direction": "INBOUND" }), vec![short, long]),
        (json!({ "duration:gte": 2000 }), vec![long]),
        (json!({ "duration:lte": "2000", "call_direction": "INBOUND" }), vec![short]),
        (json!({ "extension": 999, "unknown": [7] }), vec![long]),
        (json!({ "start:gte": "2027-01-01T00:00:00+0000" }), vec![]),
        (json!({ "cnam": "a\u{0}b" }), vec![]),
    ] {
        let zip = made(&kit, &kit.administrator, company("/export"), &body).await;
        assert_eq!(zip.numbers(), numbers, "{body}");
    }
    let empty = kit.administrator.post(company("/export")).send().await;
    assert_eq!(empty.status, 202, "no body is no condition");
    let post = async |body: &'static str| {
        kit.administrator.post(company("/export")).body(body).send().await
    };
    let broken = post("{\"call_direction\":INBOUND}").await;
    refused(&broken, 400, "Bad Request", "the body is not JSON");
    let wrong = post("{\"call_direction\":\"UP\"}").await;
    let why = "call_direction must be INBOUND, OUTBOUND or INTRA_PBX";
    refused(&wrong, 400, "Bad Request", why);
}

#[tokio::test]
async fn users_export_their_own_and_administrators_all() {
    let kit = Kit::new().await;
    let (bob, as_bob) = kit.test.user(&kit.account, "bob").await;
    let (of_company, of_alice) = (kit.company().await, kit.on_demand(&kit.alice).await);
    kit.on_demand(&bob).await;
    let zip = made(&kit, &kit.as_alice, own("/export"), &json!({})).await;
    assert_eq!(zip.numbers(), [of_alice]);
    let path = company("/recordings_transcriptions/export");
    let zip = made(&kit, &kit.administrator, path, &json!({})).await;
    assert_eq!(zip.numbers(), [of_company]);

    let alice = kit.alice.user_id;
    let path = format!("{API}/accounts/self/users/{alice}/call_recordings/export");
    let id = ask(&kit.administrator, path, &json!({})).await;
    kit.test.work().await;
    assert_eq!(job(&kit.as_alice, &id).await["status"], "complete", "it is hers");
    for (client, status) in [(&kit.administrator, 200), (&kit.as_alice, 200), (&as_bob, 404)] {
        assert_eq!(client.get(retrieve(&id)).send().await.status, status);
    }
    let elsewhere = kit.administrator.get(own(&format!("/jobs/{id}"))).send().await;
    refused(&elsewhere, 404, "Not Found", "not found");
    let answer = kit.as_alice.post(company("/export")).send().await;
    let why = "User is not authorized to search CCR recordings for this account";
    refused(&answer, 403, "Forbidden", why);
}

#[tokio::test]
async fn a_zip_has_the_transcriptions_where_they_were_asked_for() {
    let kit = Kit::new().await;
    let said = kit.keep(Form::new().text("transcription_type", "auto")).await;
    let silent = kit.company().await;
    kit.test.work().await;
    let zip = made(&kit, &kit.administrator, company("/export"), &json!({})).await;
    assert_eq!(zip.files.len(), 4, "two recordings, two manifests");
    assert_eq!(zip.manifest()["recordings"][0]["transcript"], Value::Null);

    let path = company("/recordings_transcriptions/export");
    let id = ask(&kit.administrator, path, &json!({})).await;
    kit.test.work().await;
    let whole = kit.administrator.get(retrieve(&id)).send().await;
    let zip = Zip::read(&whole.body);
    assert_eq!(zip.numbers(), [said, silent]);
    let name = |ending: &str| format!("transcripts/2026-01-15/{said}.{ending}");
    let (text, document) = (&zip.files[&name("txt")], &zip.files[&name("json")]);
    let lines = "Hello, how can I help you?\nI want my money back!\nOf course. One moment.\n";
    assert_eq!(String::from_utf8_lossy(text), lines);
    let document: Value = serde_json::from_slice(document).unwrap();
    assert_eq!(document["turns"][1]["text"], "I want my money back!");
    let manifest = zip.manifest();
    let line = &manifest["recordings"][0];
    assert_eq!(line["transcript"], name("json"));
    assert_eq!(line["transcript_sha256"].as_str().unwrap().len(), 64);
    assert_eq!(manifest["recordings"][1]["transcript"], Value::Null);

    let length = whole.body.len();
    for from in (0..length).step_by(499) {
        let to = (from + 700).min(length);
        let range = format!("bytes={from}-{}", to - 1);
        let part = kit.administrator.get(retrieve(&id)).header("range", &range).send().await;
        assert_eq!((part.status, &part.body[..]), (206, &whole.body[from..to]), "{range}");
    }
}

#[tokio::test]
async fn jobs_tell_how_far_they_are() {
    let kit = Kit::new().await;
    kit.company().await;
    kit.company().await;
    let id = ask(&kit.administrator, company("/export"), &json!({})).await;
    let (account, user) = (kit.half().account_id, kit.half().user.user_id);
    let jobs =
        format!("http://vault.test{API}/accounts/{account}/users/{user}/call_recordings/jobs");
    let mut expected = json!({
        "id": id, "status": "pending", "files_total": 0, "files_completed": 0,
        "download_url": format!("http://vault.test{API}/bulkDownload/retrieve?jobId={id}"),
        "valid_until": null, "_links": { "self": { "href": format!("{jobs}/{id}") } },
    });
    assert_eq!(job(&kit.administrator, &id).await, expected);
    kit.test.work().await;
    expected["status"] = "complete".into();
    expected["files_total"] = 2.into();
    expected["files_completed"] = 2.into();
    expected["valid_until"] = "2026-01-22T12:00:00+0000".into();
    assert_eq!(job(&kit.administrator, &id).await, expected);

    kit.test.clock.advance(Duration::from_secs(1));
    let later = ask(&kit.administrator, company("/export"), &json!({})).await;
    let page = |number: u64| json!({ "href": format!("{jobs}?page={number}&page_size=1") });
    let list = kit.administrator.get(own("/jobs?page_size=1&page=2")).send().await;
    let whole = json!({
        "_embedded": { "jobs": [expected] },
        "_links": { "first": page(1), "prev": page(1), "self": page(2), "last": page(2) },
        "page": 2, "page_size": 1, "total_items": 2, "total_pages": 2,
    });
    assert_eq!((list.status, list.json()), (200, whole));
    let ids = async |query: &str| {
        let list = kit.administrator.get(own(&format!("/jobs?{query}"))).send().await.json();
        let jobs = list["_embedded"]["jobs"].as_array().unwrap().clone();
        jobs.iter().map(|job| job["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("").await, [later.clone(), id.clone()]);
    assert_eq!(ids("status=pending").await, [later]);
    assert_eq!(ids("status=COMPLETE").await, [id]);
    assert_eq!(ids("status=failed").await, [""; 0]);
    let wrong = kit.administrator.get(own("/jobs?status=done")).send().await;
    let why = "status must be one of pending, in_progress, complete, failed, expired";
    refused(&wrong, 400, "Bad Request", why);
}

#[tokio::test]
async fn what_is_deleted_or_damaged_before_is_named() {
    let kit = Kit::new().await;
    let [good, gone, hash, size, missing, unreadable] = {
        let mut numbers = [0; 6];
        for number in &mut numbers {
            *number = kit.company().await;
        }
        numbers
    };
    let id = ask(&kit.administrator, company("/export"), &json!({})).await;
    kit.test.vault.run_due_jobs().await.unwrap();
    assert_eq!(status(&kit.administrator, &id).await, "complete");

    let again = ask(&kit.administrator, company("/export"), &json!({})).await;
    let mut bytes = fs::read(file_of(&kit, hash).await).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(file_of(&kit, hash).await, bytes).unwrap();
    fs::write(file_of(&kit, size).await, "short").unwrap();
    fs::remove_file(file_of(&kit, missing).await).unwrap();
    make_unreadable(&file_of(&kit, unreadable).await);
    kit.administrator.delete(company(&format!("/{gone}"))).send().await;
    assert_eq!(status(&kit.administrator, &id).await, "expired", "it had what was deleted");
    kit.test.vault.run_due_jobs().await.unwrap();
    let answer = kit.administrator.get(retrieve(&again)).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let zip = Zip::read(&answer.body);
    assert_eq!(zip.numbers(), [good]);
    let lines = zip.manifest()["recordings"].as_array().unwrap().clone();
    let said = lines.iter().map(|line| (line["number"].as_i64(), &line["state"], &line["reason"]));
    let failed = |number: i64, why: &str| (Some(number), json!("failed"), json!(why));
    let expected = [
        (Some(good), json!("ready"), Value::Null),
        failed(hash, "hash"),
        failed(size, "size"),
        failed(missing, "missing"),
        failed(unreadable, "unreadable"),
    ];
    let said: Vec<_> = said.map(|(n, state, why)| (n, state.clone(), why.clone())).collect();
    assert_eq!(said, expected, "what was deleted before it was gathered is none of it");
    assert_eq!(job(&kit.administrator, &again).await["files_completed"], 5);
    let known = kit.test.vault.scrubbed().await.unwrap().damaged;
    assert_eq!(known.iter().map(|(_, recordings)| recordings).sum::<u64>(), 3, "it is remembered");
}

#[tokio::test]
async fn a_zip_with_what_is_known_to_be_damaged_is_not_given_out() {
    let kit = Kit::new().await;
    let number = kit.company().await;
    let id = ask(&kit.administrator, company("/export"), &json!({})).await;
    kit.test.work().await;
    let file = file_of(&kit, number).await;
    let bytes = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    kit.test.vault.verify(|_| ()).await.unwrap();
    let answer = kit.administrator.get(retrieve(&id)).send().await;
    let why = "the recording is damaged: its bytes are missing";
    refused(&answer, 500, "Internal Server Error", why);
    fs::write(&file, bytes).unwrap();
    kit.test.vault.verify(|_| ()).await.unwrap();
    assert_eq!(kit.administrator.get(retrieve(&id)).send().await.status, 200);
}

#[tokio::test]
async fn what_is_deleted_while_an_export_is_made_is_not_in_it() {
    let kit = Kit::new().await;
    let mut numbers = Vec::new();
    for _ in 0..30 {
        numbers.push(kit.keep_sound(Form::new(), Duration::from_millis(10)).await);
    }
    let id = ask(&kit.administrator, company("/export"), &json!({})).await;
    let (gone, left) = numbers.split_at(15);
    let deleting = async {
        for number in gone {
            kit.administrator.delete(company(&format!("/{number}"))).send().await;
        }
    };
    let making = async {
        for _ in 0..60 {
            kit.test.vault.run_due_jobs().await.unwrap();
            kit.test.clock.advance(Duration::from_secs(2));
        }
    };
    tokio::join!(deleting, making);
    kit.test.work().await;
    let answer = kit.administrator.get(retrieve(&id)).send().await;
    match status(&kit.administrator, &id).await.as_str() {
        "complete" => assert_eq!(Zip::read(&answer.body).numbers(), left),
        "expired" => assert_eq!(answer.status, 404, "one was deleted when it was complete"),
        other => panic!("{other}"),
    }
}

/// Whoever opens it goes round in circles.
fn make_unreadable(file: &Path) {
    fs::rename(file, file.with_extension("away")).unwrap();
    std::os::unix::fs::symlink(file, file).unwrap();
}

#[tokio::test]
async fn an_export_goes_on_where_it_was_cut_off_without_what_was_deleted() {
    let kit = Kit::new().await;
    let mut numbers = Vec::new();
    for _ in 0..18 {
        numbers.push(kit.company().await);
    }
    let [first, .., stuck, last] = numbers[..] else { panic!() };
    let id = ask(&kit.administrator, company("/export"), &json!({})).await;
    // The store as such does not work either: it is not this recording's fault.
    let (staging, away) =
        (kit.test.directory().join("audio/staging"), kit.test.directory().join("away"));
    fs::rename(&staging, &away).unwrap();
    let file = file_of(&kit, stuck).await;
    make_unreadable(&file);
    kit.test.vault.run_due_jobs().await.unwrap();
    let half = job(&kit.administrator, &id).await;
    let progress = |job: &Value| {
        let number = |key: &str| job[key].as_u64().unwrap();
        (
            job["status"].as_str().unwrap().to_owned(),
            number("files_completed"),
            number("files_total"),
        )
    };
    assert_eq!(progress(&half), ("in_progress".to_owned(), 16, 18));
    refused(&kit.administrator.get(retrieve(&id)).send().await, 404, "Not Found", "not found");

    fs::rename(&away, &staging).unwrap();
    fs::rename(file.with_extension("away"), &file).unwrap();
    for gone in [first, last] {
        let answer = kit.administrator.delete(company(&format!("/{gone}"))).send().await;
        assert_eq!(answer.status, 204);
    }
    for _ in 0..2 {
        kit.test.clock.advance(Duration::from_mins(1));
        kit.test.work().await;
    }
    let whole = job(&kit.administrator, &id).await;
    assert_eq!(progress(&whole), ("complete".to_owned(), 18, 18));
    let answer = kit.administrator.get(retrieve(&id)).send().await;
    let zip = Zip::read(&answer.body);
    assert_eq!(zip.numbers(), numbers[1..17]);
    let lines = zip.manifest()["recordings"].as_array().unwrap().clone();
    for line in [&lines[0], &lines[17]] {
        assert_eq!(
            (&line["state"], &line["file"], &line["sha256"]),
            (&json!("gone"), &Value::Null, &Value::Null)
        );
    }
    assert_eq!((&lines[0]["number"], &lines[17]["number"]), (&json!(first), &json!(last)));
}

/// The file that a recording's bytes are in.
async fn file_of(kit: &Kit, number: i64) -> PathBuf {
    let caller = &kit.test.tokens(&kit.account, &kit.half().user).await.access_token;
    let caller = kit.test.vault.sign_in_with_token(caller).await.unwrap();
    let number = vault::RecordingNumber(number);
    let id = kit.test.vault.recording_of_number(&caller, number).await.unwrap().recording_id;
    let files = kit.test.audio_files();
    let file = files.iter().find(|file| file.contains(&id.to_string())).unwrap();
    kit.test.directory().join("audio").join(file)
}

#[tokio::test]
async fn deleting_a_recording_takes_it_out_of_every_zip() {
    let kit = Kit::new().await;
    let (first, second) = (kit.company().await, kit.company().await);
    let other = kit.on_demand(&kit.alice).await;
    let with = ask(&kit.administrator, company("/export"), &json!({})).await;
    let without = ask(&kit.as_alice, own("/export"), &json!({})).await;
    kit.test.work().await;
    assert_eq!(kit.administrator.get(retrieve(&with)).send().await.status, 200);
    kit.administrator.delete(company(&format!("/{first}"))).send().await;
    let answer = kit.administrator.get(retrieve(&with)).send().await;
    refused(&answer, 404, "Not Found", "not found");
    assert_eq!(status(&kit.administrator, &with).await, "expired");
    assert_eq!(kit.as_alice.get(retrieve(&without)).send().await.status, 200, "not in that one");
    kit.test.work().await;
    assert_eq!(kit.test.audio_files().len(), 2, "of {second} and {other}, and no zip");
}

#[tokio::test]
async fn an_export_ends_with_its_time_and_is_forgotten() {
    let kit = Kit::new().await;
    kit.on_demand(&kit.alice).await;
    let id = ask(&kit.as_alice, own("/export"), &json!({})).await;
    kit.test.work().await;
    let as_alice = async || {
        let token = kit.test.tokens(&kit.account, &kit.alice).await.access_token;
        kit.test.stranger().with_token(&token)
    };
    kit.test.clock.advance(Duration::from_hours(7 * 24) - Duration::from_secs(1));
    assert_eq!(as_alice().await.get(retrieve(&id)).send().await.status, 200);
    kit.test.clock.advance(Duration::from_secs(1));
    let answer = as_alice().await.get(retrieve(&id)).send().await;
    refused(&answer, 404, "Not Found", "not found");
    let swept = async || {
        kit.test.vault.queue_sweep().await.unwrap();
        kit.test.work().await;
    };
    for _ in 0..2 {
        assert_eq!(status(&as_alice().await, &id).await, "expired");
        swept().await;
    }
    kit.test.clock.advance(Duration::from_hours(23 * 24));
    swept().await;
    let answer = as_alice().await.get(own(&format!("/jobs/{id}"))).send().await;
    refused(&answer, 404, "Not Found", "not found");
}

#[tokio::test]
async fn an_export_that_cannot_be_made_fails_in_the_end() {
    let kit = Kit::new().await;
    kit.on_demand(&kit.alice).await;
    let id = ask(&kit.as_alice, own("/export"), &json!({})).await;
    let audio = kit.test.directory().join("audio/audio");
    fs::rename(&audio, kit.test.directory().join("away")).unwrap();
    fs::write(&audio, "no folder").unwrap();
    for _ in 0..25 {
        kit.test.vault.run_due_jobs().await.unwrap();
        kit.test.clock.advance(Duration::from_hours(5));
    }
    assert_eq!(kit.test.vault.job_counts().await.unwrap().dead, 1);
    fs::remove_file(&audio).unwrap();
    fs::rename(kit.test.directory().join("away"), &audio).unwrap();
    kit.test.vault.queue_sweep().await.unwrap();
    kit.test.vault.run_due_jobs().await.unwrap();
    let token = kit.test.tokens(&kit.account, &kit.alice).await.access_token;
    let as_alice = kit.test.stranger().with_token(&token);
    assert_eq!(status(&as_alice, &id).await, "failed");
    let answer = as_alice.get(retrieve(&id)).send().await;
    refused(&answer, 404, "Not Found", "not found");
}

#[tokio::test]
async fn an_empty_export_is_complete() {
    let kit = Kit::new().await;
    let zip = made(&kit, &kit.as_alice, own("/export"), &json!({})).await;
    assert_eq!(zip.files.keys().collect::<Vec<_>>(), ["manifest.csv", "manifest.json"]);
    assert_eq!(zip.manifest()["recordings"], json!([]));
    let one = kit.test.recording_with(&kit.account, on_demand(&kit.alice).file(sound::MP3)).await;
    let zip = made(&kit, &kit.as_alice, own("/export"), &json!({})).await;
    assert_eq!(zip.manifest()["recordings"][0]["sha256"], one["sha256"]);
}

#[tokio::test]
async fn no_more_are_made_at_a_time_than_can_be() {
    let kit = Kit::new().await;
    for _ in 0..20 {
        ask(&kit.administrator, company("/export"), &json!({})).await;
    }
    let ask_again = || kit.administrator.post(company("/export")).json(&json!({})).send();
    refused(&ask_again().await, 409, "Conflict", "20 exports are being made already");
    kit.test.work().await;
    assert_eq!(ask_again().await.status, 202);
}
