//! Bearer tokens on our own routes: what an administrator, a user and nobody may do.

use std::time::Duration;

use testkit::{Form, TestVault, sound};
use vault::ACCESS_LIFE;

use crate::{path, problem};

fn on_demand(user: i64) -> Form {
    Form::new()
        .text("kind", "on_demand")
        .text("user_id", &user.to_string())
        .file(&sound::wav(Duration::from_secs(1)))
}

#[tokio::test]
async fn an_administrator_has_what_the_account_has_and_a_user_its_own() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let (alice, as_alice) = test.user(&account, "alice").await;
    let (bob, as_bob) = test.user(&account, "bob").await;
    let administrator = test.administrator(&account).await;

    let of_company = test.recording(&account).await;
    let answer = as_alice.post("/api/v1/recordings").form(on_demand(alice.user_id.0)).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let of_alice = answer.json();

    for (client, recording, status) in [
        (&administrator, &of_company, 200),
        (&administrator, &of_alice, 200),
        (&as_alice, &of_alice, 200),
        (&as_alice, &of_company, 404),
        (&as_bob, &of_alice, 404),
    ] {
        assert_eq!(client.get(path(recording)).send().await.status, status);
        let media = format!("{}/media", path(recording));
        assert_eq!(client.get(media).send().await.status, status);
    }
    assert_eq!(as_bob.delete(path(&of_alice)).send().await.status, 404);
    assert_eq!(as_alice.delete(path(&of_alice)).send().await.status, 204);
    assert_eq!(administrator.get("/api/v1/account").send().await.status, 200);

    let refused = as_alice.get("/api/v1/account").send().await;
    problem(&refused, 403, "Forbidden", "only an administrator of the account may do this");
    let own_only = "a user may add on-demand recordings of its own only";
    let company = Form::new().file(&sound::wav(Duration::from_secs(1)));
    for form in [company, on_demand(bob.user_id.0)] {
        let refused = as_alice.post("/api/v1/recordings").form(form).send().await;
        problem(&refused, 403, "Forbidden", own_only);
    }
    let listed = as_alice.get("/api/v1/deliveries").send().await;
    assert_eq!(listed.json()["deliveries"], serde_json::json!([]));
}

#[tokio::test]
async fn a_token_ends_with_its_time_and_with_its_password() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let (first, second) = (test.administrator(&account).await, test.administrator(&account).await);
    assert_eq!(first.get("/api/v1/account").send().await.status, 200, "a newer one ends no other");
    test.vault.rotate(&account.auth_id, vault::Rotate::Password).await.unwrap();
    let refused = second.get("/api/v1/account").send().await;
    problem(&refused, 401, "Unauthorized", "bad credentials");

    let (_, user) = test.user(&account, "alice").await;
    assert_eq!(user.get("/api/v1/deliveries").send().await.status, 200);
    test.clock.advance(ACCESS_LIFE);
    assert_eq!(user.get("/api/v1/deliveries").send().await.status, 401);
    let nobody = test.stranger().with_token("abc");
    assert_eq!(nobody.get("/api/v1/account").send().await.status, 401);
}
