//! callvault's own API through its front door: what it answers, to the letter.

#![expect(clippy::unwrap_used, reason = "a test that fails by it says so")]

mod account;
mod archives;
mod audit;
mod bulk;
mod console;
mod credentials;
mod delete_audio;
mod deliveries;
mod denoise;
mod door;
mod exports;
mod guessing;
mod holds;
mod jobs;
mod listing;
mod media;
mod people;
mod recordings;
mod refused_upload;
mod retention;
mod retention_model;
mod rules;
mod session;
mod tokens;
mod transcript;
mod upload;
mod usage;

use serde_json::{Value, json};
use testkit::Answer;

/// Checks a whole problem: status, media type and body.
#[track_caller]
fn problem(answer: &Answer, status: u16, title: &str, detail: &str) {
    check_problem(answer, status, title, detail, None);
}

/// The same for one that names what is wrong; all of these are 422.
#[track_caller]
fn wrong(answer: &Answer, field: &str, detail: &str) {
    check_problem(answer, 422, "Unprocessable Entity", detail, Some(field));
}

#[track_caller]
fn check_problem(answer: &Answer, status: u16, title: &str, detail: &str, field: Option<&str>) {
    let mut expected =
        json!({ "type": "about:blank", "title": title, "status": status, "detail": detail });
    if let Some(field) = field {
        expected["field"] = field.into();
    }
    assert_eq!((answer.status, answer.json()), (status, expected));
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

fn path(recording: &Value) -> String {
    format!("/api/v1/recordings/{}", recording["recording_id"].as_str().unwrap())
}
