//! Users and subaccounts: who may do what with them, and what becomes of what.

use axum::http::Method;
use serde_json::{Value, json};
use testkit::{Answer, Client, Form, TestVault, sound};
use vault::{Rotate, TOKEN_OVERLAP};

use crate::{path, problem, wrong};

pub(crate) const USERS: &str = "/api/v1/users";
pub(crate) const SUBACCOUNTS: &str = "/api/v1/subaccounts";
pub(crate) const CREDENTIALS: &str = "/api/v1/credentials";
pub(crate) const BULK: &str = "/api/v1/recordings/delete";
const ONLY: &str = "only an administrator of the account may do this";
pub(crate) const REPLACED: &str = "the auth token has been replaced: this needs the new one";

pub(crate) fn one(user: i64) -> String {
    format!("{USERS}/{user}")
}

pub(crate) async fn post(client: &Client, path: &str, body: Value) -> Answer {
    client.post(path).json(&body).send().await
}

/// A user who is made at the front door; the answer.
pub(crate) async fn add(client: &Client, name: &str, extensions: &[&str]) -> Value {
    let answer = post(client, USERS, json!({ "name": name, "extensions": extensions })).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

pub(crate) fn id(of: &Value) -> i64 {
    of["user_id"].as_i64().unwrap()
}

pub(crate) fn words<'a>(of: &'a Value, key: &str) -> &'a str {
    of[key].as_str().unwrap()
}

/// A browser's session, as the cookie that it sends.
pub(crate) async fn cookie(test: &TestVault, login: &str, password: &str) -> Result<String, u16> {
    let body = json!({ "login": login, "password": password });
    let request = test.stranger().post("/api/v1/session").header("callvault-console", "1");
    let answer = request.json(&body).send().await;
    let is_in = answer.status == 200;
    let cookie = || answer.header("set-cookie").split(';').next().unwrap().to_owned();
    if is_in { Ok(cookie()) } else { Err(answer.status) }
}

pub(crate) async fn with_cookie(
    test: &TestVault,
    method: Method,
    path: &str,
    cookie: &str,
) -> Answer {
    let request = test.stranger().request(method, path).header("cookie", cookie);
    request.header("callvault-console", "1").send().await
}

pub(crate) async fn is_in(test: &TestVault, cookie: &str) -> bool {
    with_cookie(test, Method::GET, "/api/v1/session", cookie).await.status == 200
}

/// Every secret that the vault hands out must be told to no cache.
#[track_caller]
pub(crate) fn secret<'a>(answer: &Answer, shown: &'a Value, key: &str, length: usize) -> &'a str {
    assert_eq!(answer.header("cache-control"), "no-store");
    let secret = words(shown, key);
    assert!(secret.len() == length && secret.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    secret
}

/// The log's entries that change people or secrets: who, action, subject, detail, oldest first.
pub(crate) async fn told(client: &Client) -> Vec<Value> {
    let log = client.get("/api/v1/audit?limit=100").send().await.json();
    let of_people = ["user_add", "user_change", "user_remove", "subaccount_add", "credentials"];
    let entries = log["entries"].as_array().unwrap().iter().rev();
    let of_people = entries.filter(|entry| of_people.contains(&words(entry, "action")));
    of_people
        .map(|entry| json!([entry["who"], entry["action"], entry["subject"], entry["detail"]]))
        .collect()
}

/// A route, what is sent there, and what an administrator is answered; `{alice}` and `{sales}`
/// stand for a user and a subaccount of the account, which a stranger is told there are not.
const ROUTES: [(&str, &str, &str, u16); 13] = [
    ("GET", "/api/v1/users", "", 200),
    ("POST", "/api/v1/users", r#"{ "name": "NAME" }"#, 201),
    ("GET", "/api/v1/users/{alice}", "", 200),
    ("PATCH", "/api/v1/users/{alice}", r#"{ "extensions": ["7"] }"#, 200),
    ("POST", "/api/v1/users/{alice}/password", "", 200),
    ("DELETE", "/api/v1/users/{alice}", "", 204),
    ("GET", "/api/v1/subaccounts", "", 200),
    ("POST", "/api/v1/subaccounts", r#"{ "name": "part" }"#, 201),
    ("POST", "/api/v1/subaccounts/{sales}/token", "", 200),
    ("GET", "/api/v1/credentials", "", 200),
    ("POST", "/api/v1/credentials/client_secret", "", 200),
    ("POST", "/api/v1/credentials/password", "", 200),
    ("POST", "/api/v1/credentials/auth_token", "", 200),
];

#[tokio::test]
async fn every_route_is_for_administrators_of_that_account_alone() {
    let test = TestVault::new().await;
    let described = test.stranger().get("/api/v1/openapi.json").send().await.json();
    let described = described["paths"].as_object().unwrap().iter();
    let ours = described.filter(|(path, _)| {
        [USERS, SUBACCOUNTS, CREDENTIALS].iter().any(|start| path.starts_with(start))
    });
    let methods: usize = ours.map(|(_, item)| item.as_object().unwrap().len()).sum();
    assert_eq!(methods, ROUTES.len(), "a route that nobody decided on");

    let account = test.account("acme").await;
    let (alice, _) = test.user(&account, "alice").await;
    let (_, plain) = test.user(&account, "bob").await;
    let sales = test.subaccount(&account, "sales").await;
    let id_of_sales = sales.auth_id.to_string();
    let sales = test.client(&sales);
    let other = test.client(&test.account("other").await);
    for (at, (method, path, body, status)) in ROUTES.into_iter().enumerate() {
        let path =
            path.replace("{alice}", &alice.user_id.to_string()).replace("{sales}", &id_of_sales);
        let names_one =
            path.contains(id_of_sales.as_str()) || path.starts_with(&one(alice.user_id.0));
        let method: Method = method.parse().unwrap();
        let ask = async |client: &Client, who: &str| {
            let request = client.request(method.clone(), &path);
            let request = if body.is_empty() {
                request
            } else {
                let body = body.replace("NAME", &format!("{who} {at}"));
                request.json(&serde_json::from_str(&body).unwrap())
            };
            request.send().await
        };
        let what = format!("{method} {path}");
        let refused = ask(&test.stranger(), "stranger").await;
        assert_eq!(refused.status, 401, "{what}");
        for client in [&sales, &plain] {
            problem(&ask(client, "plain").await, 403, "Forbidden", ONLY);
        }
        if names_one {
            problem(&ask(&other, "other").await, 404, "Not Found", "not found");
        }
        // With the token of a user who is the administrator, and with the account's own pair: both
        // anew, since these routes end them.
        let token = test.vault.rotate(&account.auth_id, Rotate::Token).await.unwrap();
        let own = test.stranger().signed_in_as(account.auth_id.as_str(), &token);
        let answer = ask(&own, "own").await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
    }
}

#[tokio::test]
async fn an_administrator_may_by_token_and_in_a_session() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let administrator = test.administrator(&account).await;
    let bob = add(&administrator, "bob", &[]).await;
    let user = &account.vonage.as_ref().unwrap().user;
    let session = cookie(&test, &user.username, &user.password).await.unwrap();
    let listed = with_cookie(&test, Method::GET, USERS, &session).await.json();
    let names: Vec<_> = listed["users"].as_array().unwrap().iter().collect();
    assert_eq!(names.len(), 2);
    let removed = with_cookie(&test, Method::DELETE, &one(id(&bob)), &session).await;
    assert_eq!(removed.status, 204);
    let forged = test.stranger().delete(one(user.user_id.0)).header("cookie", &session);
    assert_eq!(forged.send().await.status, 403, "another site has no way to do it");
}

#[tokio::test]
async fn a_user_is_added_listed_and_changed() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let answer =
        post(&client, USERS, json!({ "name": "Alice <script>", "extensions": ["101", "102"] }));
    let answer = answer.await;
    let alice = answer.json();
    let password = secret(&answer, &alice, "password", 20);
    let at = one(id(&alice));
    assert!(answer.header("location").ends_with(&at));
    assert_eq!(words(&alice, "username"), "alice..script@vbc.prod");
    assert!(cookie(&test, words(&alice, "username"), password).await.is_ok());

    let shown = json!({ "user_id": alice["user_id"], "username": "alice..script@vbc.prod",
        "administrator": false, "extensions": ["101", "102"], "created": "2026-01-15T12:00:00Z" });
    assert_eq!(client.get(&at).send().await.json(), shown);
    let administrator = account.vonage.as_ref().unwrap().user.user_id.0;
    let first = client.get(format!("{USERS}?limit=1")).send().await.json();
    assert_eq!(
        (id(&first["users"][0]), &first["users"][0]["administrator"]),
        (administrator, &json!(true))
    );
    let rest = client.get(format!("{USERS}?after={}", first["next"])).send().await.json();
    assert_eq!(rest, json!({ "users": [shown], "next": null }));

    let change = json!({ "extensions": ["102", "103"] });
    let changed = client.patch(&at).json(&change).send().await.json();
    assert_eq!(changed["extensions"], json!(["102", "103"]));
    let same = client.patch(&at).json(&json!({})).send().await.json();
    assert_eq!(same, changed);
    client.patch(&at).json(&change).send().await;
    assert_eq!(client.get(&at).send().await.json(), changed);

    let (who, subject) = (account.auth_id.as_str(), format!("user {}", id(&alice)));
    assert_eq!(
        told(&client).await,
        [
            json!([who, "user_add", subject, { "username": "alice..script@vbc.prod", "extensions": ["101", "102"] }]),
            json!([who, "user_change", subject, { "extensions": [["101", "102"], ["102", "103"]] }]),
        ],
        "what changed nothing is not told, and no secret is"
    );
}

#[tokio::test]
async fn a_login_and_an_extension_are_one_users() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let alice = add(&client, "alice", &["101"]).await;
    let bob = add(&client, "bob", &["102"]).await;
    for name in ["alice", "ALICE@vbc.prod", "acme"] {
        let taken = post(&client, USERS, json!({ "name": name })).await;
        let login = name.to_lowercase().replace("@vbc.prod", "");
        problem(&taken, 409, "Conflict", &format!("the login {login}@vbc.prod is taken"));
    }
    let log = client.get("/api/v1/audit?action=refused").send().await.json();
    let detail = json!({ "what": "users", "why": "the login acme@vbc.prod is taken" });
    assert_eq!(log["entries"][0]["detail"], detail);
    let why = "extension 101 is that of alice@vbc.prod";
    let taken = post(&client, USERS, json!({ "name": "carl", "extensions": ["7", "101"] })).await;
    problem(&taken, 409, "Conflict", why);
    let taken = client.patch(one(id(&bob))).json(&json!({ "extensions": ["101"] })).send().await;
    problem(&taken, 409, "Conflict", why);
    // Another account's are its own affair; so is a login that was refused for an extension.
    add(&test.client(&test.account("other").await), "dora", &["101"]).await;
    add(&client, "carl", &["7"]).await;

    assert_eq!(client.delete(one(id(&alice))).send().await.status, 204);
    let again = add(&client, "alice", &["101"]).await;
    assert_ne!(id(&again), id(&alice), "a name and an extension come back, a number never does");
}

#[tokio::test]
async fn what_cannot_be_a_user_is_refused_with_its_key() {
    let test = TestVault::new().await;
    let client = test.client(&test.account("acme").await);
    let bob = one(id(&add(&client, "bob", &[]).await));
    let printable = "extensions: each must be 1 to 32 printable characters";
    let many: Vec<_> = (0..101).map(|extension| extension.to_string()).collect();
    for (extensions, why) in [
        (json!("101"), "extensions: must be a list of texts"),
        (json!([101]), "extensions: must be a list of texts"),
        (json!(null), "extensions: must be a list of texts"),
        (json!([""]), printable),
        (json!([" "]), printable),
        (json!(["1\u{0}"]), printable),
        (json!(["1".repeat(33)]), printable),
        (json!(["1", "1"]), "extensions: has one twice"),
        (json!(many), "extensions: at most 100"),
    ] {
        let body = json!({ "name": "carl", "extensions": extensions });
        wrong(&post(&client, USERS, body).await, "extensions", why);
        let change = json!({ "extensions": extensions });
        wrong(&client.patch(&bob).json(&change).send().await, "extensions", why);
    }
    let long = "name: 1 to 64 printable characters";
    for path in [USERS, SUBACCOUNTS] {
        for (body, field, why) in [
            (json!({}), "name", "name: must be given"),
            (json!({ "name": 7 }), "name", "name: must be text"),
            (json!({ "name": " " }), "name", long),
            (json!({ "name": "x".repeat(65) }), "name", long),
            (json!({ "name": "a\u{0}b" }), "name", long),
            (
                json!({ "name": "carl", "administrator": true }),
                "administrator",
                "administrator: no such key",
            ),
            (json!([]), "body", "body: must be a JSON object"),
        ] {
            wrong(&post(&client, path, body).await, field, why);
        }
        let answer = client.post(path).json(&json!({ "name": "x".repeat(70_000) })).send().await;
        problem(&answer, 413, "Payload Too Large", "the body is larger than 65536 bytes");
        let answer = client.post(path).header("content-type", "application/json").body("{");
        problem(&answer.send().await, 400, "Bad Request", "the body is not JSON");
        let answer = client.post(path).body("name=carl").send().await;
        problem(&answer, 415, "Unsupported Media Type", "the body must be application/json");
        for (query, field, why) in [
            ("limit=0", "limit", "limit: must be a whole number from 1 to 100"),
            (
                "after=x",
                "after",
                if path == USERS {
                    "after: must be a user_id"
                } else {
                    "after: must be the next of a page"
                },
            ),
            ("page=1", "page", "page: no such parameter"),
        ] {
            wrong(&client.get(format!("{path}?{query}")).send().await, field, why);
        }
    }
    let no_login = "name: needs a letter or digit of ASCII for the login";
    wrong(&post(&client, USERS, json!({ "name": "…" })).await, "name", no_login);
    for id in ["0", "-1", "x", "99999999999999999999"] {
        for method in [Method::GET, Method::DELETE] {
            let answer = client.request(method, format!("{USERS}/{id}")).send().await;
            problem(&answer, 404, "Not Found", "not found");
        }
        let answer = client.post(format!("{USERS}/{id}/password")).send().await;
        problem(&answer, 404, "Not Found", "not found");
    }
    for id in ["SA00000000000000000A", "x", "%00", "%FF"] {
        let answer = client.post(format!("{SUBACCOUNTS}/{id}/token")).send().await;
        problem(&answer, 404, "Not Found", "not found");
    }
    assert_eq!(client.get(USERS).send().await.json()["users"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn who_is_removed_is_out_at_once_and_the_recordings_stay() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let (alice, as_alice) = test.user(&account, "alice").await;
    let session = cookie(&test, "alice", &alice.password).await.unwrap();
    let user = alice.user_id.to_string();
    let on_demand = || {
        let form = Form::new().text("kind", "on_demand").text("user_id", &user);
        form.file(&sound::wav(std::time::Duration::from_secs(1)))
    };
    let kept = test.recording_with(&account, on_demand()).await;
    assert_eq!(as_alice.get(path(&kept)).send().await.status, 200);

    assert_eq!(client.delete(one(alice.user_id.0)).send().await.status, 204);
    problem(&as_alice.get(path(&kept)).send().await, 401, "Unauthorized", "bad credentials");
    assert!(!is_in(&test, &session).await);
    assert_eq!(cookie(&test, "alice", &alice.password).await, Err(401));
    assert_eq!(cookie(&test, &format!("removed {user}"), "").await, Err(401));
    for request in [
        client.get(one(alice.user_id.0)),
        client.delete(one(alice.user_id.0)),
        client.patch(one(alice.user_id.0)).json(&json!({ "extensions": ["1"] })),
        client.post(format!("{}/password", one(alice.user_id.0))),
    ] {
        problem(&request.send().await, 404, "Not Found", "not found");
    }

    assert_eq!(client.get(path(&kept)).send().await.json()["user_id"], alice.user_id.0);
    let found = client.get(format!("/api/v1/recordings?user_id={user}")).send().await.json();
    assert_eq!(found["total"], 1);
    test.recording_with(&account, on_demand()).await; // What is under way is not lost.
    let again = add(&client, "alice", &[]).await;
    let session = cookie(&test, "alice", words(&again, "password")).await.unwrap();
    let answer = with_cookie(&test, Method::GET, &path(&kept), &session).await;
    assert_eq!(answer.status, 404, "the new one is somebody else");

    let administrator = account.vonage.as_ref().unwrap().user.user_id.0;
    for client in [client.clone(), test.administrator(&account).await] {
        let answer = client.delete(one(administrator)).send().await;
        problem(&answer, 403, "Forbidden", "the account's administrator cannot be removed");
    }
}

#[tokio::test]
async fn a_subaccount_is_added_listed_and_given_a_new_token() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let answer = post(&client, SUBACCOUNTS, json!({ "name": "Sales <script>" })).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let sales = answer.json();
    let token = secret(&answer, &sales, "auth_token", 40);
    let auth_id = words(&sales, "auth_id");
    let of_sales = test.stranger().signed_in_as(auth_id, token);
    assert_eq!(of_sales.get("/api/v1/session").send().await.json()["subaccount"], true);
    let parts = test.subaccount(&account, "parts").await;
    let shown = |auth_id: &str, name: &str| {
        json!({ "auth_id": auth_id, "name": name, "old_auth_token_until": null,
            "created": "2026-01-15T12:00:00Z" })
    };
    let first = client.get(format!("{SUBACCOUNTS}?limit=1")).send().await.json();
    assert_eq!(first["subaccounts"], json!([shown(auth_id, "Sales <script>")]));
    let rest = client.get(format!("{SUBACCOUNTS}?after={}", first["next"])).send().await.json();
    assert_eq!(
        rest,
        json!({ "subaccounts": [shown(parts.auth_id.as_str(), "parts")], "next": null })
    );

    let session = cookie(&test, auth_id, token).await.unwrap();
    let mine = cookie(&test, account.auth_id.as_str(), &account.auth_token).await.unwrap();
    let at = format!("{SUBACCOUNTS}/{auth_id}/token");
    let answer = with_cookie(&test, Method::POST, &at, &mine).await;
    let new = answer.json();
    let new_token = secret(&answer, &new, "auth_token", 40);
    assert!(!is_in(&test, &session).await && is_in(&test, &mine).await);
    let until = test.vault.now().plus(TOKEN_OVERLAP).to_string();
    assert_eq!((words(&new, "auth_id"), words(&new, "old_auth_token_until")), (auth_id, &*until));
    let listed = client.get(SUBACCOUNTS).send().await.json();
    assert_eq!(listed["subaccounts"][0]["old_auth_token_until"], *until);
    for token in [token, new_token] {
        let of_sales = test.stranger().signed_in_as(auth_id, token);
        assert_eq!(of_sales.get("/api/v1/recordings").send().await.status, 200);
    }
    // The account itself is none of its subaccounts.
    let own = format!("{SUBACCOUNTS}/{}/token", account.auth_id);
    problem(&client.post(own).send().await, 404, "Not Found", "not found");
    let (who, part) = (account.auth_id.as_str(), parts.auth_id.as_str());
    assert_eq!(
        told(&client).await,
        [
            json!([who, "subaccount_add", auth_id, { "name": "Sales <script>" }]),
            json!(["operator", "subaccount_add", part, { "name": "parts" }]),
            json!([who, "credentials", auth_id, { "replaced": "auth_token" }]),
        ]
    );
}
