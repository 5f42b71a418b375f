//! Paths and methods.

use serde_json::json;

use crate::kit::{API, INDIA, Kit, OLDER, company, own, refused};

#[tokio::test]
async fn what_we_do_not_have_is_not_found() {
    let kit = Kit::new().await;
    for path in
        ["/accounts", "/accounts/self", "/accounts/self/users", "/audio/recording", "/x/y/z"]
    {
        for prefix in [API, OLDER, INDIA] {
            let path = format!("{prefix}{path}");
            let answer = kit.administrator.get(&path).send().await;
            refused(&answer, 404, "Not Found", "there is nothing at this path");
            assert_eq!(kit.test.stranger().get(&path).send().await.status, 401);
        }
    }
    // There are company recordings only.
    for path in ["/accounts/self/users/self/call_recordings", "/transcription/1"] {
        let answer = kit.administrator.get(format!("{INDIA}{path}")).send().await;
        refused(&answer, 404, "Not Found", "there is nothing at this path");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let kit = Kit::new().await;
    for (path, allowed) in [
        (company(""), "GET,HEAD"),
        (own(""), "GET,HEAD"),
        (company("/1"), "GET,HEAD,DELETE"),
        (format!("{API}/audio/recording/1"), "GET,HEAD"),
    ] {
        let answer = kit.administrator.patch(&path).send().await;
        refused(&answer, 405, "Method Not Allowed", "this path does not have this method");
        assert_eq!(answer.header("allow"), allowed, "{path}");
        assert_eq!(kit.test.stranger().patch(&path).send().await.status, 401);
    }
}

#[tokio::test]
async fn without_transcriptions_the_list_is_empty() {
    let kit = Kit::new().await;
    let id = kit.company().await;
    let answer = kit.administrator.get(company("/transcriptions?page_size=5")).send().await;
    let account = kit.half().account_id;
    let list = format!("http://vault.test{API}/accounts/{account}/company_call_recordings");
    let page = json!({
        "href": format!("{list}/transcriptions?page=1&page_size=5&order=start:DESC"),
    });
    let expected = json!({
        "_embedded": { "transcriptions": [] },
        "_links": { "first": page, "self": page, "last": page },
        "page": 1, "page_size": 5, "total_items": 0, "total_pages": 0,
    });
    assert_eq!((answer.status, answer.json()), (200, expected));
    let answer = kit.administrator.get(format!("{API}/transcription/{id}")).send().await;
    refused(&answer, 404, "Not Found", "not found");
}
