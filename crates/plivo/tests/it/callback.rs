//! Asynchronous requests: the answer goes to the `callback_url`.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::{Value, json};
use testkit::{Answer, Call, Receiver, Reply};
use vault::{RecordingDetails, Rotate};

use crate::kit::{Expect, Kit};

impl Kit {
    async fn keep_one(&self) -> String {
        self.keep(&self.account, RecordingDetails::default()).await.recording_id.to_string()
    }

    /// Asks for a page of recordings, to be sent there.
    async fn ask_for_list(&self, url: &str) -> Answer {
        let url = url.replace('#', "%23").replace('&', "%26");
        self.ask("GET", &format!("/Recording/?callback_url={url}")).await
    }

    async fn native(&self, method: &str, path: &str) -> Answer {
        let client = self.test.client(&self.account);
        client.request(method.parse().unwrap(), path.to_owned()).send().await
    }

    /// The newest delivery, with its attempts.
    async fn delivery(&self) -> Value {
        let list = self.native("GET", "/api/v1/deliveries").await.json();
        let id = &list["deliveries"][0]["delivery_id"];
        self.native("GET", &format!("/api/v1/deliveries/{id}")).await.json()
    }
}

#[track_caller]
fn is_spawned(answer: &Answer, status: u16) {
    assert_eq!((answer.status, answer.text()), (status, spawned(answer)));
}

fn spawned(answer: &Answer) -> String {
    let api_id = answer.header("x-request-id");
    format!("{{\"api_id\":\"{api_id}\",\"message\":\"async api spawned\"}}")
}

fn hmac_sha256(token: &str, text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, token.as_bytes());
    STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}

fn hmac_sha1(token: &str, text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}

/// Checks all headers, against a receiver's own reading of what it was sent.
#[track_caller]
fn is_signed(call: &Call, receiver: &Receiver, tokens: &[&str], main_tokens: &[&str]) {
    let path = format!("{}{}", receiver.url, call.uri.path());
    let mut fields = call.fields();
    fields.sort();
    let (text, v1) = if call.method == "GET" {
        let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let query = call.uri.query().map_or(String::new(), |query| format!("?{query}"));
        (format!("{path}?{}", pairs.join("&")), format!("{path}{query}"))
    } else {
        let joined: String = fields.into_iter().flat_map(|(name, value)| [name, value]).collect();
        (format!("{path}?{joined}"), format!("{path}{joined}"))
    };
    let nonce = call.header("x-plivo-signature-v3-nonce");
    assert_eq!((nonce.len(), call.header("x-plivo-signature-v2-nonce")), (20, nonce));
    let all = |tokens: &[&str], sign: &dyn Fn(&str) -> String| {
        tokens.iter().map(|token| sign(token)).collect::<Vec<_>>().join(",")
    };
    let v2 = |token: &str| hmac_sha256(token, &format!("{path}{nonce}"));
    let v3 = |token: &str| hmac_sha256(token, &format!("{text}.{nonce}"));
    assert_eq!(call.header("x-plivo-signature"), all(tokens, &|token| hmac_sha1(token, &v1)));
    assert_eq!(call.header("x-plivo-signature-v2"), all(tokens, &v2));
    assert_eq!(call.header("x-plivo-signature-ma-v2"), all(main_tokens, &v2));
    assert_eq!(call.header("x-plivo-signature-v3"), all(tokens, &v3));
    assert_eq!(call.header("x-plivo-signature-ma-v3"), all(main_tokens, &v3));
}

#[tokio::test]
async fn a_list_is_posted_as_fields_and_as_a_whole() {
    let (kit, receiver) = (Kit::new().await, Receiver::new().await);
    kit.keep_one().await;
    let direct = kit.ask("GET", "/Recording/?limit=1").await.json();
    let url = format!("/Recording/?limit=1&callback_url={}/cb", receiver.url);
    let answer = kit.ask("GET", &url).await;
    is_spawned(&answer, 202);
    assert!(receiver.calls().is_empty(), "not before the answer");
    kit.test.work().await;
    let call = receiver.call();
    assert_eq!((call.method.as_str(), call.uri.to_string().as_str()), ("POST", "/cb"));
    assert_eq!(call.header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!(call.header("host"), receiver.url.strip_prefix("http://").unwrap());
    assert_eq!(call.field("api_id"), answer.json()["api_id"].as_str().unwrap());
    assert_eq!(call.field("status_code"), "200");
    let objects: Value = serde_json::from_str(&call.field("objects")).unwrap();
    assert_eq!(objects, direct["objects"]);
    let meta: Value = serde_json::from_str(&call.field("meta")).unwrap();
    assert_eq!(meta, direct["meta"]);
    let whole: Value = serde_json::from_str(&call.field("response")).unwrap();
    assert_eq!(whole["objects"], direct["objects"]);
    assert_eq!(whole["api_id"], answer.json()["api_id"]);
    let token = kit.account.auth_token.as_str();
    is_signed(&call, &receiver, &[token], &[token]);
    let delivery = kit.delivery().await;
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("delivered"), &json!(1)));
    assert_eq!(delivery["tried"][0]["status"], 200);
}

#[tokio::test]
async fn a_recording_is_put_into_the_query_of_a_get() {
    let (kit, receiver) = (Kit::new().await, Receiver::new().await);
    let id = kit.keep_one().await;
    let path =
        format!("/Recording/{id}/?callback_method=GET&callback_url={}/a%20b?x=1", receiver.url);
    is_spawned(&kit.ask("GET", &path).await, 202);
    kit.test.work().await;
    let call = receiver.call();
    assert_eq!((call.method.as_str(), call.uri.path()), ("GET", "/a%20b"));
    assert!(call.uri.query().unwrap().starts_with("x=1&"));
    assert_eq!((call.field("recording_id"), call.field("mpc_name")), (id, String::new()));
    let token = kit.account.auth_token.as_str();
    is_signed(&call, &receiver, &[token], &[token]);
}

#[tokio::test]
async fn what_would_have_been_an_error_is_delivered_as_one() {
    let (kit, receiver) = (Kit::new().await, Receiver::new().await);
    for (method, id) in
        [("GET", "c2186400-1c8c-4124-a664-0026b945b522"), ("GET", "rid"), ("DELETE", "rid")]
    {
        let path = format!("/Recording/{id}/?callback_url={}", receiver.url);
        is_spawned(&kit.ask(method, &path).await, if method == "GET" { 202 } else { 200 });
    }
    let path = format!("/Recording/?limit=900&callback_url={}", receiver.url);
    is_spawned(&kit.ask("GET", &path).await, 202);
    kit.test.work().await;
    let mut got: Vec<_> = receiver
        .calls()
        .iter()
        .map(|call| (call.field("status_code"), call.field("error")))
        .collect();
    got.sort();
    let not_found = || ("404".to_owned(), "not found".to_owned());
    let limit = ("400".to_owned(), "limit must be a whole number from 1 to 20".to_owned());
    assert_eq!(got, [limit, not_found(), not_found(), not_found()]);
}

#[tokio::test]
async fn a_delete_is_done_at_once_and_its_answer_delivered() {
    let (kit, receiver) = (Kit::new().await, Receiver::new().await);
    let in_query = format!("?callback_url={}/query", receiver.url);
    let in_body = json!({ "callback_url": format!("{}/body", receiver.url), "recording_id": 7 });
    for (query, body) in [(in_query.as_str(), "{}".to_owned()), ("", in_body.to_string())] {
        let id = kit.keep_one().await;
        let path = format!("/v1/Account/{}/Recording/{id}/{query}", kit.account.auth_id);
        let delete = || kit.test.client(&kit.account).delete(&path).body(body.clone());
        is_spawned(&delete().send().await, 200);
        kit.ask("GET", &format!("/Recording/{id}/")).await.is_error(404, "not found");
        is_spawned(&delete().send().await, 200);
    }
    kit.test.work().await;
    let got =
        receiver.calls().into_iter().map(|call| (call.uri.to_string(), call.field("status_code")));
    let mut got: Vec<_> = got.collect();
    got.sort();
    let expected = [("/body", "204"), ("/body", "404"), ("/query", "204"), ("/query", "404")];
    assert_eq!(got, expected.map(|(path, status)| (path.to_owned(), status.to_owned())));
    assert!(kit.test.audio_files().is_empty());
}

#[tokio::test]
async fn a_callback_that_cannot_be_used_is_refused_at_once_and_nothing_is_done() {
    let kit = Kit::new().await;
    let id = kit.keep_one().await;
    let private = "callback_url leads to an address that is not public";
    let cases = [
        ("callback_url=http%3A%2F%2F10.0.0.1%2F", private),
        ("callback_url=http://0x0a000001/", private),
        ("callback_url=http://[::ffff:10.0.0.1]/", private),
        ("callback_url=https://localhost/", private),
        ("callback_url=ftp://a.example/", "callback_url must start with http:// or https://"),
        ("callback_url=https://a:b@c/", "callback_url must not have a user or password in it"),
        ("callback_url=here", "callback_url is no URL: relative URL without a base"),
        (
            "callback_url=http://a/%23rc%3D6",
            "callback_url has an option rc that is no whole number from 0 to 5",
        ),
        ("callback_url=http://a/&callback_method=PUT", "callback_method must be GET or POST"),
    ];
    for (query, why) in cases {
        for (method, path) in [
            ("GET", "/Recording/"),
            ("GET", &format!("/Recording/{id}/")),
            ("DELETE", &format!("/Recording/{id}/")),
        ] {
            kit.ask(method, &format!("{path}?{query}")).await.is_error(400, why);
        }
    }
    let path = format!("/v1/Account/{}/Recording/{id}/", kit.account.auth_id);
    let body = json!({ "callback_url": 7 }).to_string();
    let answer = kit.test.client(&kit.account).delete(path).body(body).send().await;
    answer.is_error(400, "callback_url must be a text");
    assert_eq!(kit.ask("GET", &format!("/Recording/{id}/?callback_url=")).await.status, 200);
    assert_eq!(kit.native("GET", "/api/v1/deliveries").await.json()["deliveries"], json!([]));
}

#[tokio::test]
async fn a_failure_is_tried_again_as_the_policy_says_and_then_kept() {
    let kit = Kit::new().await;
    let receiver = Receiver::that_replies([500, 503, 502].map(Reply::Status)).await;
    kit.ask_for_list(&format!("{}/#rc=2&rp=5xx", receiver.url)).await;
    for (tries, wait) in [(1, 2), (2, 4), (3, 60)] {
        kit.test.work().await;
        assert_eq!(receiver.calls().len(), tries);
        kit.test.work().await;
        assert_eq!(receiver.calls().len(), tries, "not before its time");
        kit.test.clock.advance(Duration::from_secs(wait));
    }
    kit.test.work().await;
    assert_eq!(receiver.calls().len(), 3);
    let delivery = kit.delivery().await;
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("failed"), &json!(3)));
    let statuses: Vec<_> = (0..3).map(|n| delivery["tried"][n]["status"].clone()).collect();
    assert_eq!(statuses, [500, 503, 502]);
    assert_eq!(delivery["tried"][1]["started"], "2024-06-15T12:00:02Z");

    let path = format!("/api/v1/deliveries/{}/replay", delivery["delivery_id"]);
    assert_eq!(kit.native("POST", &path).await.status, 202);
    assert_eq!(kit.native("POST", &path).await.status, 409, "it is under way");
    kit.test.work().await;
    let delivery = kit.delivery().await;
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("delivered"), &json!(4)));
    let whole: Vec<_> = receiver.calls().iter().map(|call| call.field("response")).collect();
    assert!(whole.iter().all(|response| *response == whole[0]));
    let nonces: std::collections::HashSet<_> = receiver
        .calls()
        .iter()
        .map(|call| call.header("x-plivo-signature-v3-nonce").to_owned())
        .collect();
    assert_eq!(nonces.len(), 4, "each is signed anew");
    assert_eq!(kit.native("POST", &path).await.status, 202, "one that arrived can be sent again");
    kit.test.work().await;
    assert_eq!(receiver.calls().len(), 5);
}

#[tokio::test]
async fn what_the_policy_does_not_name_is_tried_once() {
    let kit = Kit::new().await;
    let receiver = Receiver::that_replies([500, 404, 410].map(Reply::Status)).await;
    for options in ["", "#rp=ct", "#rp=5xx&rc=5"] {
        kit.ask_for_list(&format!("{}/{options}", receiver.url)).await;
        kit.test.work().await;
        let delivery = kit.delivery().await;
        assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("failed"), &json!(1)));
    }
}

#[tokio::test]
async fn silence_and_closed_ports_are_tried_once_more() {
    let kit = Kit::new().await;
    let receiver = Receiver::that_replies([Reply::Silence]).await;
    kit.ask_for_list(&format!("{}/#rt=100", receiver.url)).await;
    kit.test.work().await;
    kit.test.clock.advance(Duration::from_secs(2));
    kit.test.work().await;
    let delivery = kit.delivery().await;
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("delivered"), &json!(2)));
    assert_eq!(delivery["tried"][0]["error"], "no answer within 100 ms");
    assert!(delivery["tried"][0]["duration_ms"].as_u64().unwrap() >= 100);

    kit.ask_for_list("http://127.0.0.1:1/").await;
    kit.test.work().await;
    kit.test.clock.advance(Duration::from_secs(2));
    kit.test.work().await;
    let delivery = kit.delivery().await;
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("failed"), &json!(2)));
    assert!(delivery["tried"][1]["error"].as_str().unwrap().starts_with("no connection: "));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (kit, other) = (Kit::new().await, Receiver::new().await);
    let receiver = Receiver::that_replies([Reply::RedirectTo(other.url.clone())]).await;
    kit.ask_for_list(&receiver.url).await;
    kit.test.work().await;
    assert!(other.calls().is_empty());
    let delivery = kit.delivery().await;
    assert_eq!(
        (&delivery["state"], &delivery["tried"][0]["status"]),
        (&json!("failed"), &json!(302))
    );
}

#[tokio::test]
async fn a_subaccount_signs_with_its_own_token_and_its_parents() {
    let (kit, receiver) = (Kit::new().await, Receiver::new().await);
    let sub = kit.subaccount().await;
    kit.ask_as(&sub, "GET", &format!("/Recording/?callback_url={}", receiver.url)).await;
    kit.test.work().await;
    is_signed(&receiver.call(), &receiver, &[&sub.auth_token], &[&kit.account.auth_token]);
}

#[tokio::test]
async fn while_a_token_is_replaced_both_sign() {
    let (kit, receiver) = (Kit::new().await, Receiver::new().await);
    let old = kit.account.auth_token.as_str();
    kit.ask_for_list(&receiver.url).await;
    let new = kit.test.vault.rotate(&kit.account.auth_id, Rotate::Token).await.unwrap();
    kit.test.work().await;
    is_signed(&receiver.call(), &receiver, &[&new, old], &[&new, old]);
}
