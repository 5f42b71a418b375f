//! `config check`, and what stops a start.

use crate::program::{Program, text};

#[test]
fn the_effective_configuration_is_shown() {
    let program = Program::new();
    let output = program.run(&["config", "check"]);
    assert!(output.status.success());
    let shown = text(&output.stdout);
    assert!(shown.contains("[server]\nlisten = \"127.0.0.1:8080\"\n"), "{shown}");
    assert_eq!(program.data().read_dir().unwrap().count(), 0, "looking makes nothing");
}

#[test]
fn a_bad_value_is_named_with_file_line_and_reason() {
    let program = Program::new();
    let path = program.data().join("callvault.toml");
    std::fs::write(&path, "[server]\nlisten = \"here\"\n").unwrap();
    let path = path.to_str().unwrap();
    let expected = format!("error: {path}:2: server.listen: must be HOST:PORT, not \"here\"\n");
    assert_eq!(program.fail(&["config", "check", "--config", path]), expected);
    assert_eq!(program.fail(&["serve", "--config", path]), expected);
}

#[test]
fn a_bucket_that_cannot_be_asked_is_a_warning() {
    let program = Program::new();
    let mut command = program.command(&["config", "check"]);
    let output = command
        .env("CALLVAULT_STORE__AUDIO", "s3://calls")
        .env("CALLVAULT_STORE__S3_ENDPOINT", "http://127.0.0.1:1")
        .env("CALLVAULT_STORE__S3_ACCESS_KEY", "key")
        .env("CALLVAULT_STORE__S3_SECRET_KEY", "secret")
        .output()
        .unwrap();
    assert!(output.status.success());
    let expected =
        "warning: store.audio: the bucket could not be asked whether it keeps what is deleted: ";
    assert!(text(&output.stderr).starts_with(expected), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("s3://calls"));
}

#[test]
fn a_missing_file_is_named() {
    let program = Program::new();
    assert_eq!(
        program.fail(&["config", "check", "--config", "/nowhere.toml"]),
        "error: /nowhere.toml: No such file or directory (os error 2)\n"
    );
}

#[test]
fn an_unknown_variable_stops_the_start() {
    let program = Program::new();
    let mut command = program.command(&["serve"]);
    let output = command.env("CALLVAULT_SERVER__LISTN", "x").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), "error: CALLVAULT_SERVER__LISTN: no such setting\n");
}

#[test]
fn a_wildcard_listen_without_a_public_url_is_refused() {
    let program = Program::new();
    assert_eq!(
        program.fail(&["serve", "--listen", "0.0.0.0:0"]),
        "error: --listen: 0.0.0.0:0 listens on every address, so server.public_url must say what \
         callvault is reached at\n"
    );
}

#[test]
fn a_command_line_that_cannot_be_read_is_two() {
    let program = Program::new();
    for arguments in [&["account", "rotate", "MA1"][..], &["serv"], &["serve", "--lisen", "x"]] {
        assert_eq!(program.run(arguments).status.code(), Some(2));
    }
}
