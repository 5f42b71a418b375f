//! Where tokens are to be had.

use serde_json::json;
use testkit::{Answer, Client};
use vault::ACCESS_LIFE;

use crate::kit::{Kit, company};

const PATHS: [&str; 2] = ["/token", "/t/vbc.prod/oauth2/token"];

async fn ask(client: &Client, body: impl Into<String>) -> Answer {
    let request = client.post("/token").header("content-type", "application/x-www-form-urlencoded");
    request.body(body.into()).send().await
}

/// An error of RFC 6749, never to be kept.
#[track_caller]
fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    assert_eq!((answer.status, body["error"].as_str().unwrap()), (status, error));
    assert!(!body["error_description"].as_str().unwrap().is_empty());
    assert_eq!(body.as_object().unwrap().len(), 2);
}

struct Forms {
    password: String,
    client: String,
}

fn forms(kit: &Kit) -> Forms {
    let half = kit.half();
    let user = &half.user;
    Forms {
        password: format!(
            "grant_type=password&username={}&password={}",
            user.username, user.password
        ),
        client: format!("client_id={}&client_secret={}", half.client_id, half.client_secret),
    }
}

#[tokio::test]
async fn a_password_is_traded_for_a_pair_that_works() {
    let kit = Kit::new().await;
    let Forms { password, client } = forms(&kit);
    for path in PATHS {
        let request = kit.test.stranger().post(path).body(format!("{password}&{client}"));
        let answer = request.send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("pragma"), "no-cache");
        assert_eq!(answer.header("content-type"), "application/json");
        let body = answer.json();
        let (access, refresh) = (body["access_token"].as_str().unwrap(), &body["refresh_token"]);
        let expected = json!({
            "access_token": access, "refresh_token": refresh, "scope": "default",
            "token_type": "Bearer", "expires_in": 86_400,
        });
        assert_eq!(body, expected);
        let client = kit.test.stranger().with_token(access);
        assert_eq!(client.get(company("")).send().await.status, 200);
    }
}

#[tokio::test]
async fn the_client_may_sign_in_by_basic() {
    let kit = Kit::new().await;
    let half = kit.half();
    let by_basic = kit.test.stranger().signed_in_as(&half.client_id, &half.client_secret);
    let Forms { password, client } = forms(&kit);
    let answer = ask(&by_basic, format!("{password}&scope=openid")).await;
    assert_eq!((answer.status, &answer.json()["scope"]), (200, &json!("openid")));
    assert!(answer.json().get("id_token").is_none());
    assert_eq!(ask(&by_basic, format!("{password}&{client}")).await.status, 200);
    refused(&ask(&by_basic, format!("{password}&client_id=other")).await, 400, "invalid_request");
    let wrong = kit.test.stranger().signed_in_as(&half.client_id, "wrong");
    let answer = ask(&wrong, password).await;
    refused(&answer, 401, "invalid_client");
    assert_eq!(answer.header("www-authenticate"), "Basic realm=\"callvault\"");
}

#[tokio::test]
async fn a_login_needs_no_realm_and_may_have_another() {
    let kit = Kit::new().await;
    let (half, Forms { client, .. }) = (kit.half(), forms(&kit));
    for name in ["acme", "acme@vbc.prod", "acme@example.com", "ACME%40vbc.prod"] {
        let body =
            format!("grant_type=password&username={name}&password={}&{client}", half.user.password);
        assert_eq!(ask(&kit.test.stranger(), body).await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn what_is_wrong_has_its_own_error() {
    let kit = Kit::new().await;
    let Forms { password, client } = forms(&kit);
    let other = kit.test.account("other").await.vonage.unwrap();
    let others = format!("client_id={}&client_secret={}", other.client_id, other.client_secret);
    for (body, status, error) in [
        (String::new(), 400, "invalid_request"),
        ("grant_type".to_owned(), 400, "invalid_request"),
        (json!({ "grant_type": "password" }).to_string(), 400, "invalid_request"),
        (format!("grant_type=client_credentials&{client}"), 400, "unsupported_grant_type"),
        (format!("grant_type=authorization_code&code=x&{client}"), 400, "unsupported_grant_type"),
        (format!("grant_type=password&{client}"), 400, "invalid_request"),
        (format!("grant_type=password&username=acme&{client}"), 400, "invalid_request"),
        (format!("{password}&{password}&{client}"), 400, "invalid_request"),
        (password.clone(), 401, "invalid_client"),
        (format!("{password}&client_id=x&client_secret=y"), 401, "invalid_client"),
        (format!("{password}&client_id=%00&client_secret=y"), 401, "invalid_client"),
        (format!("{password}x&{client}"), 400, "invalid_grant"),
        (format!("{password}&{others}"), 400, "invalid_grant"),
        (format!("grant_type=password&username=no&password=x&{client}"), 400, "invalid_grant"),
        (format!("grant_type=password&username=%00&password=%00&{client}"), 400, "invalid_grant"),
        (format!("grant_type=refresh_token&{client}"), 400, "invalid_request"),
        (format!("grant_type=refresh_token&refresh_token=x&{client}"), 400, "invalid_grant"),
        (format!("{password}&x={}&{client}", "y".repeat(20_000)), 400, "invalid_request"),
    ] {
        refused(&ask(&kit.test.stranger(), body).await, status, error);
    }
    let right = format!("{password}&{client}");
    assert_eq!(ask(&kit.test.stranger(), right).await.status, 200, "an account is not locked");
}

#[tokio::test]
async fn a_form_that_the_client_did_not_encode_is_a_wrong_login() {
    let kit = Kit::new().await;
    let Forms { client, .. } = forms(&kit);
    for password in ["p@ss&w+rd%", "%", "%zz", "a+b", "%ff", "ü"] {
        let body =
            format!("grant_type=password&username=acme@vbc.prod&password={password}&{client}");
        refused(&ask(&kit.test.stranger(), body).await, 400, "invalid_grant");
    }
    let body = format!("grant_type=password&username=acme@vbc.prod&password=&a&b%&{client}");
    refused(&ask(&kit.test.stranger(), body).await, 400, "invalid_request");
}

#[tokio::test]
async fn a_refresh_token_works_once_and_then_ends_its_line() {
    let kit = Kit::new().await;
    let Forms { password, client } = forms(&kit);
    let stranger = kit.test.stranger();
    let first = ask(&stranger, format!("{password}&{client}")).await.json();
    let refresh = |pair: &serde_json::Value| {
        let token = pair["refresh_token"].as_str().unwrap();
        ask(&stranger, format!("grant_type=refresh_token&refresh_token={token}&{client}"))
    };
    kit.test.clock.advance(ACCESS_LIFE);
    let second = refresh(&first).await;
    assert_eq!(second.status, 200, "{}", second.text());
    let second = second.json();
    assert_ne!(second["access_token"], first["access_token"]);
    refused(&refresh(&first).await, 400, "invalid_grant");
    refused(&refresh(&second).await, 400, "invalid_grant");
    let access = |pair: &serde_json::Value| {
        let token = pair["access_token"].as_str().unwrap();
        kit.test.stranger().with_token(token).get(company("")).send()
    };
    assert_eq!(access(&second).await.status, 200, "access tokens live to their end");
    assert_eq!(access(&first).await.status, 401);
}

#[tokio::test]
async fn only_post_gives_tokens() {
    let kit = Kit::new().await;
    for path in PATHS {
        for answer in [
            kit.test.stranger().get(path).send().await,
            kit.test.stranger().delete(path).send().await,
        ] {
            refused(&answer, 405, "invalid_request");
            assert_eq!(answer.header("allow"), "POST");
        }
    }
}
