//! `retention …`, and what `verify` says of the log that it writes.

use serde_json::{Value, json};

use crate::gone::say;
use crate::http::{Request, wav};
use crate::program::{Account, Program, eventually, text};

fn account(program: &Program) -> String {
    program.json(&["account", "add", "acme", "--json"])["auth_id"].as_str().unwrap().to_owned()
}

#[test]
fn a_policy_is_added_shown_paused_and_removed() {
    let program = Program::new();
    let account = account(&program);
    let retention = |args: &[&str]| {
        let args = [&["retention"], args, &["--account", &account, "--json"]].concat();
        program.json(&args)
    };
    let added = retention(&[
        "add",
        "older than a week",
        "--older-than",
        "7d",
        "--schedule",
        "0 3 * * 0",
        "--time-zone",
        "Europe/Berlin",
    ]);
    assert_eq!(added["name"], "older than a week");
    assert_eq!(added["where"], json!({ "older_than": "7d" }));
    assert_eq!((&added["status"], &added["pending"]), (&json!("pending"), &json!("7d")));
    let id = added["policy_id"].to_string();
    assert_eq!(retention(&["show", &id]), added);
    assert_eq!(retention(&["list"])["policies"], json!([added]));
    let preview = retention(&["preview", &id]);
    assert_eq!((&preview["recordings"], &preview["oldest"]), (&json!(0), &Value::Null));
    assert_eq!(retention(&["preview", "--shorter-than", "30s"]), preview);
    let audio = ["--older-than", "7d", "--action", "delete_audio"];
    assert_eq!(retention(&[&["preview"], &audio[..]].concat()), preview);
    let words_stay = retention(&[&["add", "only the audio"], &audio[..]].concat());
    assert_eq!(words_stay["action"], "delete_audio");
    retention(&["remove", &words_stay["policy_id"].to_string()]);
    assert_eq!(retention(&["pause", &id])["status"], "paused");
    assert_eq!(retention(&["resume", &id])["status"], "pending");
    retention(&["remove", &id]);
    assert_eq!(retention(&["list"])["policies"], json!([]));
    assert_eq!(retention(&["minimum", "30d"]), json!({ "minimum_retention": "30d" }));
    assert_eq!(retention(&["minimum", "10d"]), json!({ "minimum_retention": "10d" }));
}

#[test]
fn a_bad_flag_is_named() {
    let program = Program::new();
    let account = account(&program);
    for (args, why) in [
        (
            &["add", "x", "--older-than", "7"][..],
            "--older-than: must be a whole number with a unit",
        ),
        (&["add", "x"], "where: must have a condition"),
        (&["show", "7"], "there is no policy 7 of this account"),
        (&["cancel", "7"], "there is no run 7 of this account"),
        (
            &["preview", "--older-than", "7d", "--action", "burn"],
            "--action: must be one of delete, delete_audio",
        ),
        (&["add", "x", "--older-than", "7d", "--pending", "1d"], "pending: must be at least 7d"),
    ] {
        let args = [&["retention"], args, &["--account", &account]].concat();
        let output = program.command(&args).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains(why), "{}", text(&output.stderr));
    }
}

#[test]
fn only_what_has_a_transcript_would_lose_its_audio_and_a_stopped_run_is_cancelled() {
    let program = Program::new();
    let account = Account::add(&program, "acme");
    let server = program.serve();
    let kept = Request::upload(&wav(100), &[]).signed(&account).send(&server);
    assert_eq!(kept.status, 201, "{}", text(&kept.body));
    let auth_id = account.0["auth_id"].as_str().unwrap();
    let retention = |args: &[&str]| {
        program.json(&[&["retention"], args, &["--account", auth_id, "--json"]].concat())
    };
    for (action, without, gone) in [("delete", 0, 1), ("delete_audio", 1, 0)] {
        let preview = retention(&["preview", "--kind", "company", "--action", action]);
        assert_eq!(
            (&preview["without_transcript"], &preview["would_delete"]),
            (&json!(without), &json!(gone)),
            "{action}"
        );
    }

    let bulk = Request::new("POST", "/api/v1/recordings/delete")
        .header("Content-Type", "application/json")
        .body(br#"{"where": {"kind": "company"}}"#.to_vec())
        .signed(&account)
        .send(&server);
    let id = bulk.json()["run_id"].to_string();
    let run = || account.get(&server, &format!("/api/v1/retention/runs/{id}")).json();
    eventually("it stops and asks", || run()["status"] == "stopped");
    assert_eq!(retention(&["cancel", &id])["run_id"].to_string(), id);
    let cancelled = run();
    assert_eq!(
        (&cancelled["status"], &cancelled["cancelled_by"]),
        (&json!("cancelled"), &json!("operator"))
    );
    let again =
        program.command(&["retention", "cancel", &id, "--account", auth_id]).output().unwrap();
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("the run is not stopped"), "{}", text(&again.stderr));
    server.stop();
}

#[test]
fn a_log_that_was_tampered_with_is_found() {
    let program = Program::new();
    let account = account(&program);
    for minimum in ["3d", "2d", "1d"] {
        program.json(&["retention", "minimum", minimum, "--account", &account, "--json"]);
    }
    let verify = || program.command(&["verify"]).output().unwrap();
    let right = verify();
    assert!(right.status.success(), "{}", text(&right.stdout));
    assert!(text(&right.stdout).contains("3 entries of audit logs"), "{}", text(&right.stdout));

    let database = rusqlite::Connection::open(program.data().join("callvault.db")).unwrap();
    database
        .execute_batch(
            "drop trigger audit_is_not_changed;
             update audit set detail = replace(detail, '2d', '9d') where entry = 2;",
        )
        .unwrap();
    let wrong = verify();
    assert_eq!(wrong.status.code(), Some(1));
    let found = text(&wrong.stdout);
    assert!(found.contains("entry 2: it is not what was written"), "{found}");
}

#[test]
fn a_transcript_that_cannot_be_read_or_found_or_that_nothing_has_is_told() {
    let program = Program::new();
    let account = Account::add(&program, "acme");
    let server = program.serve();
    let upload = |length| Request::upload(&wav(length), &[]).signed(&account).send(&server).json();
    let id = |kept: Value| kept["recording_id"].as_str().unwrap().to_owned();
    let recordings: Vec<String> = (100..104).map(|length| id(upload(length))).collect();
    server.stop();
    let path = program.data().join("callvault.db");
    for recording in &recordings {
        say(&store::Config::Sqlite(path.clone()), recording);
    }
    let verify = || program.command(&["verify"]).output().unwrap();
    let right = verify();
    assert!(right.status.success(), "{}", text(&right.stdout));
    assert!(text(&right.stdout).contains("4 transcripts"), "{}", text(&right.stdout));

    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch(
            "update transcript set words = '[{' where rowid = 1;
             update transcript set recording_id = x'00000000000000000000000000000001' where rowid = 2;
             update turn_index_docsize set id = -1 where id = (select max(turn_id) from transcript_turn);",
        )
        .unwrap();
    let wrong = verify();
    assert_eq!(wrong.status.code(), Some(1));
    let found = text(&wrong.stdout);
    for line in [
        format!("transcript of {}: its words cannot be read", recordings[0]),
        "transcript of 00000000-0000-0000-0000-000000000001: no recording has it".to_owned(),
        format!("transcript of {}: a search does not find all of it", recordings[3]),
        "4 recordings, ".to_owned(),
        "4 transcripts".to_owned(),
    ] {
        assert!(found.contains(&line), "{line}: {found}");
    }
    assert_eq!(found.matches("transcript of").count(), 3, "{found}");
}
