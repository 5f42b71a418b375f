//! Paths and methods.

use crate::kit::{Expect, Kit};

#[tokio::test]
async fn what_we_do_not_have_is_not_found() {
    let kit = Kit::new().await;
    let paths = [
        "",
        "/",
        "/Call/x/Record/",
        "/Conference/My%20Room/Record/",
        "/Transcriptions/",
        "/recording/",
        "/Recordings/",
        "//Recording/",
        "/Recording/x/y",
        "/Recording/x/y/",
        "/%FF/",
    ];
    for path in paths {
        for method in ["GET", "POST", "DELETE", "PATCH"] {
            let answer = kit.ask(method, path).await;
            assert_eq!(answer.status, 404, "{method} {path}");
            answer.is_error(404, "not found");
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let kit = Kit::new().await;
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"] {
        for path in ["/Recording", "/Recording/"] {
            let answer = kit.ask(method, path).await;
            answer.is_error(405, "method not allowed");
            assert_eq!(answer.header("allow"), "GET,HEAD");
        }
    }
    let one = "/Recording/c2186400-1c8c-4124-a664-0026b945b522";
    for path in [one.to_owned(), format!("{one}/")] {
        let answer = kit.ask("POST", &path).await;
        answer.is_error(405, "method not allowed");
        assert_eq!(answer.header("allow"), "GET,HEAD,DELETE");
    }
}

#[tokio::test]
async fn there_is_no_redirect_and_no_difference_with_a_slash_at_the_end() {
    let kit = Kit::new().await;
    let id = kit.keep(&kit.account, vault::RecordingDetails::default()).await.recording_id;
    let without_ids = |answer: &testkit::Answer| {
        let mut body = answer.json();
        body.as_object_mut().unwrap().remove("api_id");
        body
    };
    for path in ["/Recording".to_owned(), format!("/Recording/{id}")] {
        let (with, without) =
            (kit.ask("GET", &format!("{path}/")).await, kit.ask("GET", &path).await);
        assert_eq!((with.status, without.status), (200, 200));
        assert_eq!(without_ids(&with), without_ids(&without));
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let kit = Kit::new().await;
    let answer = kit.ask("HEAD", "/Recording/").await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(answer.header("content-type"), "application/json");
}
