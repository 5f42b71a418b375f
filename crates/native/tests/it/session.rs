//! Sessions: how the console signs in, and what other sites cannot do with its cookie.

use std::time::Duration;

use serde_json::json;
use testkit::{Answer, Client, Form, Request, TestVault, sound};
use vault::{NewAccount, SESSION_IDLE, SESSION_LIFE};

use crate::{path, problem};

const SESSION: &str = "/api/v1/session";

fn sign_in(client: &Client, login: &str, password: &str) -> Request {
    let body = json!({ "login": login, "password": password });
    client.post(SESSION).header("callvault-console", "1").json(&body)
}

/// Signs in; the cookie, as a browser sends it back.
async fn cookie(client: &Client, login: &str, password: &str) -> String {
    let answer = sign_in(client, login, password).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

async fn cookie_of(test: &TestVault, account: &NewAccount) -> String {
    cookie(&test.stranger(), account.auth_id.as_str(), &account.auth_token).await
}

async fn who(test: &TestVault, cookie: &str) -> Answer {
    let request = test.stranger().get(SESSION).header("cookie", cookie);
    request.header("callvault-console", "1").send().await
}

#[tokio::test]
async fn an_account_and_a_user_sign_in_and_are_told_who_they_are() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let sub = test.subaccount(&account, "part").await;
    let (alice, _) = test.user(&account, "alice").await;

    let id = account.auth_id.as_str();
    let answer = sign_in(&test.stranger(), id, &account.auth_token).send().await;
    let (name, flags) = answer.header("set-cookie").split_once('=').unwrap();
    assert_eq!(name, "callvault");
    let flags = flags.split_once(';').unwrap().1;
    assert_eq!(flags, " Path=/; Max-Age=604800; HttpOnly; SameSite=Strict");
    let of_account = json!({ "auth_id": id, "name": "acme", "subaccount": false,
        "administrator": true, "user_id": null, "username": null });
    assert_eq!(answer.json(), of_account);

    let cookie_of_account = cookie_of(&test, &account).await;
    assert_eq!(who(&test, &cookie_of_account).await.json(), of_account);
    assert_eq!(test.client(&account).get(SESSION).send().await.json(), of_account, "by Basic too");

    let as_sub = who(&test, &cookie_of(&test, &sub).await).await.json();
    assert_eq!(as_sub["subaccount"], true);
    assert_eq!(as_sub["administrator"], false);

    for login in ["alice", "Alice@vbc.prod"] {
        let cookie = cookie(&test.stranger(), login, &alice.password).await;
        let as_alice = who(&test, &cookie).await.json();
        assert_eq!(as_alice["user_id"], alice.user_id.0);
        assert_eq!(as_alice["username"], "alice@vbc.prod");
        assert_eq!(as_alice["administrator"], false);
    }
}

#[tokio::test]
async fn a_user_in_a_session_reaches_what_it_may() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let (alice, _) = test.user(&account, "alice").await;
    let of_company = test.recording(&account).await;
    let user = alice.user_id.to_string();
    let own = Form::new().text("kind", "on_demand").text("user_id", &user);
    let own = own.file(&sound::wav(Duration::from_secs(1)));
    let own = test.recording_with(&account, own).await;
    let cookie = cookie(&test.stranger(), "alice", &alice.password).await;
    for (recording, status) in [(&of_company, 404), (&own, 200)] {
        let request = test.stranger().get(path(recording)).header("cookie", &cookie);
        assert_eq!(request.send().await.status, status);
    }
}

#[tokio::test]
async fn wrong_secrets_are_refused_without_a_challenge_and_slowed_down() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let guesser = test.stranger().from("198.51.100.7");
    for login in [account.auth_id.as_str(), "acme", "nobody"] {
        let answer = sign_in(&guesser, login, "guess").send().await;
        problem(&answer, 401, "Unauthorized", "bad credentials");
        assert!(!answer.headers.contains_key("www-authenticate"));
    }
    for _ in 0..9 {
        assert_eq!(sign_in(&guesser, "acme", "guess").send().await.status, 401);
    }
    let answer = sign_in(&guesser, "acme", "guess").send().await;
    problem(&answer, 429, "Too Many Requests", "too many failed logins");
    let stale = test.stranger().get("/api/v1/account").header("cookie", "callvault=abc");
    let stale = stale.send().await;
    problem(&stale, 401, "Unauthorized", "bad credentials");
    assert!(!stale.headers.contains_key("www-authenticate"));
    let log = test.client(&account).get("/api/v1/audit?action=refused").send().await.json();
    assert_eq!(log["entries"][0]["detail"]["why"], "wrong login or password", "{log}");

    for (body, field) in [
        (json!({ "login": "acme" }), "password"),
        (json!({ "login": 1, "password": "x" }), "login"),
        (json!({ "login": "acme", "password": "x", "more": 1 }), "more"),
    ] {
        let request = test.stranger().post(SESSION).header("callvault-console", "1");
        let answer = request.json(&body).send().await;
        assert_eq!((answer.status, &answer.json()["field"]), (422, &json!(field)));
    }
}

#[tokio::test]
async fn a_forged_request_does_nothing() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let recording = test.recording(&account).await;
    let cookie = cookie_of(&test, &account).await;
    let delete = || test.stranger().delete(path(&recording)).header("cookie", &cookie);
    let why = "needs the header callvault-console, and to come from this origin";
    problem(&delete().send().await, 403, "Forbidden", why);
    for site in ["cross-site", "same-site", "none"] {
        let request = delete().header("callvault-console", "1").header("sec-fetch-site", site);
        problem(&request.send().await, 403, "Forbidden", why);
    }
    let login = json!({ "login": account.auth_id.as_str(), "password": account.auth_token });
    problem(&test.stranger().post(SESSION).json(&login).send().await, 403, "Forbidden", why);

    let get = test.stranger().get(path(&recording)).header("cookie", &cookie).send().await;
    assert_eq!(get.status, 200, "it is still there, and looking needs no header");
    let own = delete().header("callvault-console", "1").header("sec-fetch-site", "same-origin");
    assert_eq!(own.send().await.status, 204);
}

#[tokio::test]
async fn the_vendors_dialects_take_no_cookie() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let cookie = cookie_of(&test, &account).await;
    let half = account.vonage.as_ref().unwrap();
    for path in [
        format!("/v1/Account/{}/Recording/", account.auth_id),
        format!("/t/vbc.prod/call_recording/api/accounts/{}/company_recordings", half.account_id),
    ] {
        let request = test.stranger().get(path).header("cookie", &cookie);
        let answer = request.header("callvault-console", "1").send().await;
        assert_eq!(answer.status, 401, "{}", answer.text());
    }
}

#[tokio::test]
async fn a_session_ends_when_it_is_signed_out_of() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let (first, second) = (cookie_of(&test, &account).await, cookie_of(&test, &account).await);
    let as_user = account.vonage.as_ref().unwrap();
    let of_user = cookie(&test.stranger(), "acme", &as_user.user.password).await;
    let delete = async |path: &str, cookie: &str| {
        let request = test.stranger().delete(path).header("cookie", cookie);
        let answer = request.header("callvault-console", "1").send().await;
        assert_eq!(answer.status, 204);
        assert!(answer.header("set-cookie").starts_with("callvault=; Path=/; Max-Age=0;"));
    };
    delete(SESSION, &first).await;
    assert_eq!(who(&test, &first).await.status, 204);
    assert_eq!(who(&test, &second).await.status, 200);
    let third = cookie_of(&test, &account).await;
    delete("/api/v1/sessions", &third).await;
    assert_eq!(who(&test, &second).await.status, 204);
    assert_eq!(who(&test, &third).await.status, 204);
    assert_eq!(who(&test, &of_user).await.status, 200, "it is somebody else's");
    let log = test.client(&account).get("/api/v1/audit?action=logout").send().await.json();
    let details: Vec<_> = log["entries"].as_array().unwrap().iter().map(|e| &e["detail"]).collect();
    assert_eq!(details, [&json!({ "sessions": 2 }), &json!({})]);
}

#[tokio::test]
async fn a_session_ends_with_its_secret() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let user = &account.vonage.as_ref().unwrap().user;
    let of_account = cookie_of(&test, &account).await;
    let of_user = cookie(&test.stranger(), "acme", &user.password).await;
    test.vault.rotate(&account.auth_id, vault::Rotate::Token).await.unwrap();
    assert_eq!(who(&test, &of_account).await.status, 204);
    assert_eq!(who(&test, &of_user).await.status, 200);
    test.vault.rotate(&account.auth_id, vault::Rotate::Password).await.unwrap();
    assert_eq!(who(&test, &of_user).await.status, 204);
}

#[tokio::test]
async fn a_session_lasts_while_it_is_used_and_no_longer_than_a_week() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let (used, unused) = (cookie_of(&test, &account).await, cookie_of(&test, &account).await);
    let step = SESSION_IDLE.mul_f64(0.75);
    let steps = SESSION_LIFE.as_secs() / step.as_secs();
    for _ in 0..steps {
        test.clock.advance(step);
        assert_eq!(who(&test, &used).await.status, 200);
    }
    assert_eq!(who(&test, &unused).await.status, 204);
    test.clock.advance(step);
    assert_eq!(who(&test, &used).await.status, 204);
}

#[tokio::test]
async fn over_https_the_cookie_is_the_hosts_alone() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let config = native::Config {
        public_url: "https://calls.example.com".to_owned(),
        ..native::Config::default()
    };
    let state = native::State::new(test.vault.clone(), config, web::Metrics::new());
    let client = test.stranger().to(native::router().with_state(state));
    let id = account.auth_id.as_str();
    let answer = sign_in(&client, id, &account.auth_token).send().await;
    let line = answer.header("set-cookie");
    assert!(line.starts_with("__Host-callvault=") && line.ends_with("; Secure"), "{line}");
    let cookie = line.split(';').next().unwrap();
    assert_eq!(client.get(SESSION).header("cookie", cookie).send().await.status, 200);
    let plain = cookie.strip_prefix("__Host-").unwrap();
    assert_eq!(client.get(SESSION).header("cookie", plain).send().await.status, 401);
}
