//! Secrets that are replaced: what the old ones open then, and what is told of the new ones.

use axum::body::Body;
use axum::http::Method;
use futures::stream;
use serde_json::{Value, json};
use testkit::{Answer, Request, TestVault};
use vault::{NewAccount, Rotate, TOKEN_OVERLAP};

use crate::people::{
    BULK, CREDENTIALS, REPLACED, SUBACCOUNTS, USERS, add, cookie, id, is_in, one, post, secret,
    told, with_cookie, words,
};
use crate::{path, problem};

#[tokio::test]
async fn a_new_password_ends_what_the_old_one_began() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let (alice, as_alice) = test.user(&account, "alice").await;
    let session = cookie(&test, "alice", &alice.password).await.unwrap();
    let answer = client.post(format!("{}/password", one(alice.user_id.0))).send().await;
    let new = answer.json();
    let password = secret(&answer, &new, "password", 20);
    assert_eq!((id(&new), words(&new, "username")), (alice.user_id.0, "alice@vbc.prod"));
    assert_eq!(as_alice.get("/api/v1/recordings").send().await.status, 401);
    assert!(!is_in(&test, &session).await);
    assert_eq!(cookie(&test, "alice", &alice.password).await, Err(401));
    assert!(cookie(&test, "alice", password).await.is_ok());

    // The administrator's own, in a session that the old one began: that goes on, others end.
    let administrator = &account.vonage.as_ref().unwrap().user;
    let login = || cookie(&test, &administrator.username, &administrator.password);
    let (mine, others) = (login().await.unwrap(), login().await.unwrap());
    let answer = with_cookie(&test, Method::POST, &format!("{CREDENTIALS}/password"), &mine).await;
    secret(&answer, &answer.json(), "password", 20);
    assert!(is_in(&test, &mine).await && !is_in(&test, &others).await);
    assert_eq!(login().await, Err(401));
    let subject = |id: i64| format!("user {id}");
    let detail = json!({ "replaced": "password" });
    let (account, administrator) = (account.auth_id.as_str(), administrator.user_id.0);
    assert_eq!(
        told(&client).await[1..],
        [
            json!([account, "credentials", subject(alice.user_id.0), detail]),
            json!([subject(administrator), "credentials", subject(administrator), detail]),
        ]
    );
}

#[tokio::test]
async fn a_new_auth_token_leaves_the_old_one_a_day_but_no_way_back_in() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let auth_id = account.auth_id.as_str();
    let old = test.client(&account);
    let login = async |token: &str| cookie(&test, auth_id, token).await;
    let mine = cookie(&test, auth_id, &account.auth_token).await.unwrap();
    let others = cookie(&test, auth_id, &account.auth_token).await.unwrap();
    let before = old.get(CREDENTIALS).send().await.json();
    let half = account.vonage.as_ref().unwrap();
    assert_eq!(
        before,
        json!({ "auth_id": auth_id, "old_auth_token_until": null, "client_id": half.client_id,
            "user_id": half.user.user_id.0, "username": "acme@vbc.prod" })
    );

    let answer =
        with_cookie(&test, Method::POST, &format!("{CREDENTIALS}/auth_token"), &mine).await;
    let new = answer.json();
    let token = secret(&answer, &new, "auth_token", 40).to_owned();
    let until = test.vault.now().plus(TOKEN_OVERLAP).to_string();
    assert_eq!((words(&new, "auth_id"), words(&new, "old_auth_token_until")), (auth_id, &*until));
    assert!(is_in(&test, &mine).await && !is_in(&test, &others).await);
    let shown = with_cookie(&test, Method::GET, CREDENTIALS, &mine).await.json();
    assert_eq!(shown["old_auth_token_until"], *until);

    assert_eq!(old.get("/api/v1/recordings").send().await.status, 200);
    assert_eq!(old.get(USERS).send().await.status, 200);
    let entries = async |action: &str| {
        let path = format!("/api/v1/audit?action={action}");
        old.get(path).send().await.json()["entries"].as_array().unwrap().clone()
    };
    let logins = entries("login").await;
    assert_eq!(login(&account.auth_token).await, Err(401));
    assert_eq!(entries("login").await, logins);
    let refused = &entries("refused").await[0];
    assert_eq!(refused["detail"], json!({ "what": "login", "why": REPLACED }));
    let user = one(half.user.user_id.0);
    for request in [
        old.post(format!("{CREDENTIALS}/auth_token")),
        old.post(format!("{CREDENTIALS}/client_secret")),
        old.post(format!("{CREDENTIALS}/password")),
        old.post(USERS).json(&json!({ "name": "mallory" })),
        old.patch(&user).json(&json!({ "extensions": ["1"] })),
        old.delete(&user),
        old.post(format!("{user}/password")),
        old.post(SUBACCOUNTS).json(&json!({ "name": "mallory" })),
        old.post(format!("{SUBACCOUNTS}/SA00000000000000000A/token")),
    ] {
        problem(&request.send().await, 403, "Forbidden", REPLACED);
    }
    let current = test.stranger().signed_in_as(auth_id, &token);
    assert!(login(&token).await.is_ok());
    let detail = json!({ "replaced": "auth_token" });
    assert_eq!(told(&current).await, [json!([auth_id, "credentials", auth_id, detail])]);
    test.clock.advance(TOKEN_OVERLAP);
    assert_eq!(old.get("/api/v1/recordings").send().await.status, 401);
    let after = current.get(CREDENTIALS).send().await.json();
    assert_eq!(after["old_auth_token_until"], Value::Null);
}

/// Sends a request whose body comes after `meanwhile`, which begins when the door asks for the
/// body: by then the caller is signed in.
async fn late(
    request: Request,
    body: &Value,
    meanwhile: impl Future<Output = ()> + Send + 'static,
) -> Answer {
    let bytes = body.to_string();
    let body = stream::once(async move {
        meanwhile.await;
        Ok::<_, std::io::Error>(bytes)
    });
    let request = request.header("content-type", "application/json");
    request.body(Body::from_stream(body)).send().await
}

#[tokio::test]
async fn who_is_put_out_while_a_request_is_under_way_changes_nothing_with_it() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let state =
        native::State::new(test.vault.clone(), native::Config::default(), web::Metrics::new());
    let patient = native::router().with_state(state); // It waits for a body.
    let kept = test.recording(&account).await;
    let own = test.client(&account).to(patient.clone());
    let administrator = test.administrator(&account).await.to(patient.clone());
    let (alice, as_alice) = test.user(&account, "alice").await;
    let as_alice = as_alice.to(patient.clone());
    let alices = one(alice.user_id.0);
    let session = cookie(&test, account.auth_id.as_str(), &account.auth_token).await.unwrap();
    let in_session = test.stranger().to(patient).post(USERS).header("cookie", &session);
    let in_session = in_session.header("callvault-console", "1");
    let rotate = |which| {
        let (vault, auth_id) = (test.vault.clone(), account.auth_id.clone());
        async move { drop(vault.rotate(&auth_id, which).await.unwrap()) }
    };
    let bulk = json!({ "ids": ["00000000-0000-4000-8000-000000000000"] });

    // The old token works on for a day, but not for this; one from before it not at all.
    let name = json!({ "name": "mallory" });
    let refused = late(in_session, &name, rotate(Rotate::Token)).await;
    problem(&refused, 401, "Unauthorized", "bad credentials");
    let current = async || {
        let token = test.vault.rotate(&account.auth_id, Rotate::Token).await.unwrap();
        own.signed_in_as(account.auth_id.as_str(), &token)
    };
    let extensions = json!({ "extensions": ["1"] });
    for (method, path, body) in [
        (Method::POST, USERS, &name),
        (Method::POST, SUBACCOUNTS, &name),
        (Method::PATCH, alices.as_str(), &extensions),
    ] {
        let request = current().await.request(method, path);
        let refused = late(request, body, rotate(Rotate::Token)).await;
        problem(&refused, 401, "Unauthorized", "bad credentials");
    }
    let request = current().await.post(BULK);
    assert_eq!(late(request, &bulk, rotate(Rotate::Token)).await.status, 202);
    let all = json!({ "where": { "kind": "company" } });
    let stopped = current().await.post(BULK).json(&all).send().await.json();
    let run = format!("/api/v1/retention/runs/{}", stopped["run_id"]);
    test.work().await;
    let hold = json!({ "reason": "case 17" });
    let by_query = json!({ "reason": "case 17", "where": { "kind": "company" } });
    for (method, path, body) in [
        (Method::POST, BULK, &bulk),
        (Method::POST, &format!("{run}/confirm"), &json!({ "would_delete": 1 })),
        (Method::POST, "/api/v1/exports", &all),
        (Method::PUT, &format!("{}/hold", path(&kept)), &hold),
        (Method::POST, "/api/v1/holds", &by_query),
    ] {
        let (first, second) = (rotate(Rotate::Token), rotate(Rotate::Token));
        let twice = async { (first.await, second.await).1 };
        let refused = late(current().await.request(method, path), body, twice).await;
        problem(&refused, 401, "Unauthorized", "bad credentials");
    }
    let own = current().await;
    assert_eq!(own.get(&run).send().await.json()["status"], "stopped");
    assert_eq!(own.get("/api/v1/holds").send().await.json()["holds"], json!([]));
    assert_eq!(own.get("/api/v1/jobs").send().await.json()["jobs"], json!([]));

    let request = administrator.post(SUBACCOUNTS);
    let refused = late(request, &name, rotate(Rotate::Password)).await;
    problem(&refused, 401, "Unauthorized", "bad credentials");
    let own = current().await;
    let removed = own.delete(&alices);
    let removal = async move { assert_eq!(removed.send().await.status, 204) };
    let refused = late(as_alice.post(BULK), &bulk, removal).await;
    problem(&refused, 401, "Unauthorized", "bad credentials");

    let names = |listed: &Value| listed.as_array().unwrap().len();
    assert_eq!(names(&own.get(USERS).send().await.json()["users"]), 1);
    assert_eq!(own.get(SUBACCOUNTS).send().await.json()["subaccounts"], json!([]));
    let runs = own.get("/api/v1/retention/runs").send().await.json();
    assert_eq!(names(&runs["runs"]), 2);
}

#[tokio::test]
async fn a_new_client_secret_ends_the_old_one_at_once() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let half = account.vonage.as_ref().unwrap();
    let answer = client.post(format!("{CREDENTIALS}/client_secret")).send().await;
    let new = answer.json();
    let new_secret = secret(&answer, &new, "client_secret", 28);
    assert_eq!(words(&new, "client_id"), half.client_id);
    let here = vault::Source::LOCAL;
    assert!(test.vault.client(here, &half.client_id, &half.client_secret).await.is_err());
    assert!(test.vault.client(here, &half.client_id, new_secret).await.is_ok());
    let auth_id = account.auth_id.as_str();
    let detail = json!({ "replaced": "client_secret" });
    assert_eq!(told(&client).await, [json!([auth_id, "credentials", auth_id, detail])]);
}

#[tokio::test]
async fn no_secret_is_in_the_log_of_the_account() {
    let test = TestVault::new().await;
    let account: NewAccount = test.account("acme").await;
    let client = test.client(&account);
    let alice = add(&client, "alice", &[]).await;
    let sales = post(&client, SUBACCOUNTS, json!({ "name": "sales" })).await.json();
    let secret = client.post(format!("{CREDENTIALS}/client_secret")).send().await.json();
    let password = client.post(format!("{CREDENTIALS}/password")).send().await.json();
    let token = client.post(format!("{CREDENTIALS}/auth_token")).send().await.json();
    let log = client.get("/api/v1/audit?limit=100").send().await.text();
    assert!(log.contains("\"replaced\":\"auth_token\""), "{log}");
    for secret in [
        words(&alice, "password"),
        words(&sales, "auth_token"),
        words(&secret, "client_secret"),
        words(&password, "password"),
        words(&token, "auth_token"),
    ] {
        assert!(!log.contains(secret), "{log}");
    }
}
