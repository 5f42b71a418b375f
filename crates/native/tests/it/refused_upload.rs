//! Uploads that are refused: with the reason, and without leaving anything behind.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use testkit::{Answer, Client, Form, MAX_UPLOAD_BYTES, TestVault, sound};

use crate::{problem, wrong};

const PATH: &str = "/api/v1/recordings";

fn file() -> Form {
    Form::new().file(&sound::wav(Duration::from_millis(200)))
}

async fn sender() -> (TestVault, Client) {
    let vault = TestVault::new().await;
    let client = vault.client(&vault.account("acme").await);
    (vault, client)
}

async fn send(client: &Client, form: Form) -> Answer {
    client.post(PATH).form(form).send().await
}

/// Sends a body of no announced length.
async fn stream_form(client: &Client, kind: &str, body: Body) -> Answer {
    client.post(PATH).header("content-type", kind).body(body).send().await
}

#[tokio::test]
async fn wrong_parts_are_named() {
    let (vault, client) = sender().await;
    let number = "must be an E.164 number, as in \"+14155550100\", or a SIP address";
    let time = "must be an RFC 3339 time from 1970 to 9999, as in \"2026-01-31T12:00:00Z\"";
    let whole = "must be a whole number from 1 to 9223372036854775807";
    let long = "x".repeat(129);
    let cases = [
        ("call_uuid", "", "must not be empty"),
        ("call_uuid", "a\0b", "must not contain control characters"),
        ("call_uuid", "a\r\nSet-Cookie: b", "must not contain control characters"),
        ("call_uuid", &long, "must be at most 128 characters"),
        ("from_number", "+1 415 555 0100", number),
        ("from_number", "+12345678901234567890", number),
        ("to_number", "javascript:alert(1)", number),
        ("direction", "Inbound", "must be one of inbound, outbound, internal"),
        ("direction", "inbound ", "must be one of inbound, outbound, internal"),
        ("start", "yesterday", time),
        ("start", "1768478400", time),
        ("start", "2026-02-30T00:00:00Z", time),
        ("add_time", "2026-01-15T12:00:00", time),
        ("add_time", "99999999999999-01-01T00:00:00Z", time),
        ("kind", "voicemail", "must be one of company, on_demand"),
        ("user_id", "alice", whole),
        ("user_id", "9223372036854775808", whole),
        ("user_id", "1e3", whole),
        ("user_id", "-1", whole),
        ("extensions", "101,,102", "every entry must not be empty"),
        ("rule_ids", &long, "every entry must be at most 128 characters"),
        ("cnam", "\u{1b}[31m", "must not contain control characters"),
        ("mpc_name", &long, "must be at most 128 characters"),
    ];
    for (name, text, why) in cases {
        let detail = format!("{name}: {why}");
        wrong(&send(&client, file().text(name, text)).await, name, &detail);
        wrong(&send(&client, Form::new().text(name, text)).await, name, &detail);
    }
    let bytes = file().part("Content-Disposition: form-data; name=\"cnam\"", b"\xff\xfe");
    wrong(&send(&client, bytes).await, "cnam", "cnam: must be UTF-8 text");
    let endless = file().text("cnam", &"x".repeat(100_000));
    wrong(&send(&client, endless).await, "cnam", "cnam: must be at most 65536 bytes");
    let many = file().text("extensions", &vec!["1"; 101].join(","));
    wrong(&send(&client, many).await, "extensions", "extensions: must have at most 100 entries");
    assert_eq!(vault.audio_files(), [""; 0]);
}

#[tokio::test]
async fn parts_that_do_not_go_together_are_named() {
    let (vault, client) = sender().await;
    let nobody = file().text("kind", "on_demand");
    let detail = "user_id: must be given where kind is on_demand";
    wrong(&send(&client, nobody).await, "user_id", detail);
    let strangers = vault.account("other").await.vonage.unwrap().user.user_id;
    let detail = "user_id: is no user of this account";
    let theirs = file().text("user_id", &strangers.to_string());
    wrong(&send(&client, theirs).await, "user_id", detail);
    wrong(&send(&client, file().text("user_id", "999999999")).await, "user_id", detail);
    let future = file().text("add_time", "2026-01-15T12:00:02Z");
    wrong(&send(&client, future).await, "add_time", "add_time: is in the future");
    assert_eq!(vault.audio_files(), [""; 0]);
}

#[tokio::test]
async fn the_form_itself_is_checked() {
    let (vault, client) = sender().await;
    let cases = [
        (Form::new().text("cnam", "x"), "file", "file: missing"),
        (file().file(b"x"), "file", "file: given twice"),
        (file().text("cnam", "a").text("cnam", "a"), "cnam", "cnam: given twice"),
        (file().text("comment", "x"), "comment", "comment: no such part"),
        (file().text("File", "x"), "File", "File: no such part"),
        (file().text("account_id", "7"), "account_id", "account_id: no such part"),
        (file().text("", "x"), "", ": no such part"),
    ];
    for (form, field, detail) in cases {
        wrong(&send(&client, form).await, field, detail);
    }
    let long = "n".repeat(1_000);
    let detail = format!("{}: no such part", &long[..64]);
    wrong(&send(&client, file().text(&long, "x")).await, &long[..64], &detail);
    let nameless = file().part("Content-Disposition: form-data", b"x");
    problem(&send(&client, nameless).await, 400, "Bad Request", "a part has no name");
    let headless = file().part("X-Other: y", b"x");
    problem(&send(&client, headless).await, 400, "Bad Request", "a part has no name");
    let detail = "the head of a part cannot be read";
    for odd in [file().part("no header at all", b"x"), file().file_named("a\0b", b"x")] {
        problem(&send(&client, odd).await, 400, "Bad Request", detail);
    }
    assert_eq!(vault.audio_files(), [""; 0]);
}

#[tokio::test]
async fn what_cannot_be_played_back_is_refused() {
    let (vault, client) = sender().await;
    let mut header_only = sound::wav(Duration::ZERO);
    for bytes in [&b""[..], b"x", b"<html></html>", &[0; 5_000], b"RIFF\xff\xff\xff\xffWAVE"] {
        let answer = send(&client, Form::new().file(bytes)).await;
        assert_eq!((answer.status, &answer.json()["field"]), (422, &"file".into()));
        assert!(!answer.json()["detail"].as_str().unwrap().is_empty());
    }
    header_only[24..28].fill(0xff);
    assert_eq!(send(&client, Form::new().file(&header_only)).await.status, 422);
    assert_eq!(vault.audio_files(), [""; 0]);
}

#[tokio::test]
async fn only_forms_are_taken() {
    let (_vault, client) = sender().await;
    let detail = "the body must be multipart/form-data";
    for kind in ["", "audio/wav", "application/json", "multipart/mixed; boundary=x"] {
        let answer = stream_form(&client, kind, Body::from("x")).await;
        problem(&answer, 415, "Unsupported Media Type", detail);
    }
    for kind in ["multipart/form-data", "multipart/form-data; boundary="] {
        let answer = stream_form(&client, kind, Body::from("x")).await;
        problem(&answer, 400, "Bad Request", "the Content-Type has no usable boundary");
    }
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_refused() {
    let (vault, client) = sender().await;
    let whole = file().text("cnam", "x");
    let kind = whole.content_type();
    let whole = whole.finish();
    // From inside the boundary at the start to just before the two dashes at the end.
    for length in [0, 1, 10, 60, 150, 400, 2_000, whole.len() - 40, whole.len() - 4] {
        let cut = Body::from(whole[..length].to_vec());
        let answer = stream_form(&client, &kind, cut).await;
        let detail = "the form is cut off, or not divided by its boundary";
        problem(&answer, 400, "Bad Request", detail);
    }
    let broken = stream::iter([
        Ok(Bytes::copy_from_slice(&whole[..1_000])),
        Err(std::io::Error::other("the line went dead")),
    ]);
    let answer = stream_form(&client, &kind, Body::from_stream(broken)).await;
    problem(&answer, 400, "Bad Request", "the body ends too early");
    let answer = stream_form(&client, "multipart/form-data; boundary=other", whole.into()).await;
    assert_eq!(answer.status, 400);
    assert_eq!(vault.audio_files(), [""; 0]);
}

#[tokio::test]
async fn a_body_without_an_end_is_given_up() {
    let (vault, client) = sender().await;
    let form = file();
    let kind = form.content_type();
    let unfinished = Bytes::from(form.unfinished());
    for head in [Bytes::new(), unfinished.slice(..20), unfinished.slice(..1_000), unfinished] {
        let head = stream::iter([Ok::<_, std::io::Error>(head)]);
        let silent = Body::from_stream(head.chain(stream::pending()));
        let answer = stream_form(&client, &kind, silent).await;
        problem(&answer, 408, "Request Timeout", "the body stayed silent for too long");
    }
    assert_eq!(vault.audio_files(), [""; 0]);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let (vault, client) = sender().await;
    let detail = format!("the body is larger than {MAX_UPLOAD_BYTES} bytes");
    let limit = usize::try_from(MAX_UPLOAD_BYTES).unwrap();
    let large = Form::new().file(&vec![0; limit]);
    let kind = large.content_type();
    let large = large.finish();
    // By its announcement, before a byte is read.
    let announced = client.post(PATH).header("content-type", &kind);
    let announced = announced.header("content-length", &large.len().to_string());
    let answer = announced.body(Body::empty()).send().await;
    problem(&answer, 413, "Payload Too Large", &detail);
    assert_eq!(answer.header("connection"), "");
    // While it streams; the rest is swallowed, so that the sender reads the answer.
    let pieces: Vec<_> = large.chunks(64 * 1024).map(Bytes::copy_from_slice).collect();
    let pieces = stream::iter(pieces).map(Ok::<_, std::io::Error>);
    let answer = stream_form(&client, &kind, Body::from_stream(pieces)).await;
    problem(&answer, 413, "Payload Too Large", &detail);
    // Without an end: it ends at the limit.
    let zeros = stream::repeat(Bytes::from(vec![0; 256 * 1024])).map(Ok::<_, std::io::Error>);
    let head = Bytes::from(file().unfinished());
    let endless = stream::iter([Ok(head)]).chain(zeros.take(64));
    let answer = stream_form(&client, &kind, Body::from_stream(endless)).await;
    assert!([400, 413].contains(&answer.status), "{}", answer.text());
    assert_eq!(vault.audio_files(), [""; 0]);
}

#[tokio::test]
async fn a_part_whose_head_has_no_end_is_given_up_early() {
    let (_vault, client) = sender().await;
    let kind = Form::new().content_type();
    let boundary = kind.split_once('=').unwrap().1;
    let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"");
    let head = stream::iter([Ok::<_, std::io::Error>(Bytes::from(head))]);
    let endless = stream::repeat(Bytes::from(vec![b'n'; 10_000])).map(Ok::<_, std::io::Error>);
    let body = Body::from_stream(head.chain(endless.take(300)));
    let answer = stream_form(&client, &kind, body).await;
    let detail = "the head of a part is larger than 65536 bytes";
    problem(&answer, 400, "Bad Request", detail);
}
