//! `retention …`, and what `verify` says of the log that it writes.

use serde_json::{Value, json};

use crate::program::{Program, text};

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
        (&["add", "x", "--older-than", "7d", "--pending", "1d"], "pending: must be at least 7d"),
    ] {
        let args = [&["retention"], args, &["--account", &account]].concat();
        let output = program.command(&args).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains(why), "{}", text(&output.stderr));
    }
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
