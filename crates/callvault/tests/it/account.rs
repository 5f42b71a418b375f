//! `account add`, `account rotate` and `user add`.

use serde_json::Value;

use crate::program::{Program, text};

#[track_caller]
fn check_secret(value: &Value, length: usize) {
    let secret = value.as_str().unwrap();
    assert_eq!(secret.len(), length);
    assert!(secret.bytes().all(|b| b.is_ascii_alphanumeric()));
}

fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn an_account_comes_with_all_its_secrets() {
    let program = Program::new();
    let account = program.json(&["account", "add", "acme", "--json"]);
    let expected = [
        "account_id",
        "auth_id",
        "auth_token",
        "client_id",
        "client_secret",
        "media_auth",
        "name",
        "parent",
        "password",
        "user_id",
        "username",
    ];
    assert_eq!(keys(&account), expected);
    assert_eq!(account["name"], "acme");
    assert_eq!(account["parent"], Value::Null);
    assert_eq!(account["username"], "acme@vbc.prod");
    assert_eq!(account["media_auth"], false);
    assert!(account["account_id"].is_i64() && account["user_id"].is_i64());
    let auth_id = account["auth_id"].as_str().unwrap();
    assert!(auth_id.starts_with("MA") && auth_id.len() == 20, "{auth_id}");
    check_secret(&account["auth_token"], 40);
}

#[test]
fn a_subaccount_has_no_vonage_half() {
    let program = Program::new();
    let account = program.json(&["account", "add", "acme", "--json"]);
    let parent = account["auth_id"].as_str().unwrap();
    let sub = program.json(&["account", "add", "sales", "--parent", parent, "--json"]);
    assert_eq!(keys(&sub), keys(&account));
    assert_eq!(sub["parent"], parent);
    assert!(sub["auth_id"].as_str().unwrap().starts_with("SA"));
    for key in ["account_id", "client_id", "client_secret", "user_id", "username", "password"] {
        assert_eq!(sub[key], Value::Null, "{key}");
    }
}

#[test]
fn people_are_told_which_default_holds_and_how_to_change_it() {
    let program = Program::new();
    let output = program.run(&["account", "add", "acme"]);
    let said = text(&output.stdout);
    assert!(said.contains("media_auth is off, as it is with Plivo"), "{said}");
    assert!(said.contains("server.default_media_auth"), "{said}");
    let mut command = program.command(&["account", "add", "beta", "--json"]);
    command.env("CALLVAULT_SERVER__DEFAULT_MEDIA_AUTH", "true");
    let output = command.output().unwrap();
    let account: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(account["media_auth"], true);
    assert!(text(&output.stderr).contains("media_auth is on"), "said beside the JSON");
}

#[test]
fn secrets_are_replaced_one_at_a_time() {
    let program = Program::new();
    let account = program.json(&["account", "add", "acme", "--json"]);
    let auth_id = account["auth_id"].as_str().unwrap();
    let token = program.json(&["account", "rotate", auth_id, "--token", "--json"]);
    assert_eq!(keys(&token), ["auth_id", "auth_token", "old_auth_token_until"]);
    check_secret(&token["auth_token"], 40);
    assert_ne!(token["auth_token"], account["auth_token"]);
    let secret = program.json(&["account", "rotate", auth_id, "--client-secret", "--json"]);
    assert_eq!(keys(&secret), ["auth_id", "client_secret"]);
    assert_ne!(secret["client_secret"], account["client_secret"]);
    let password = program.json(&["account", "rotate", auth_id, "--password", "--json"]);
    assert_eq!(keys(&password), ["auth_id", "password"]);
}

#[test]
fn a_user_is_added_to_an_account() {
    let program = Program::new();
    let account = program.json(&["account", "add", "acme", "--json"]);
    let auth_id = account["auth_id"].as_str().unwrap();
    let user = program.json(&[
        "user",
        "add",
        "alice",
        "--account",
        auth_id,
        "--extension",
        "101",
        "--extension",
        "102",
        "--json",
    ]);
    assert_eq!(keys(&user), ["extensions", "password", "user_id", "username"]);
    assert_eq!(user["username"], "alice@vbc.prod");
    assert_eq!(user["extensions"], serde_json::json!(["101", "102"]));
    assert_ne!(user["user_id"], account["user_id"]);
}

#[test]
fn what_is_not_there_is_said() {
    let program = Program::new();
    let stranger = "MA00000000000000000A";
    let missing = program.data().join("callvault.db");
    let no_vault = format!("error: there is no vault: {} is missing\n", missing.display());
    assert_eq!(program.fail(&["account", "rotate", stranger, "--token"]), no_vault);
    assert_eq!(program.fail(&["verify"]), no_vault);
    program.json(&["account", "add", "acme", "--json"]);
    let no_account = format!("error: there is no account {stranger}\n");
    assert_eq!(program.fail(&["account", "rotate", stranger, "--token"]), no_account);
    assert_eq!(program.fail(&["user", "add", "a", "--account", stranger]), no_account);
    assert_eq!(program.fail(&["account", "add", "a", "--parent", stranger]), no_account);
    assert_eq!(
        program.fail(&["account", "rotate", "acme", "--token"]),
        "error: \"acme\" is not an Auth ID: MA or SA and 18 of A-Z and 0-9\n"
    );
}
