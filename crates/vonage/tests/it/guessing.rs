//! Who guesses waits, and nobody else.

use std::time::Duration;

use testkit::{Answer, Client};

use crate::kit::{Kit, company};

const GUESSER: &str = "198.51.100.7";
const ELSEWHERE: &str = "198.51.100.8";
/// How many failed logins one source has as one user.
const TRIES: usize = 10;

async fn sign_in(kit: &Kit, client: &Client, username: &str, password: &str) -> Answer {
    let half = kit.half();
    let body = format!(
        "grant_type=password&username={username}&password={password}&client_id={}&client_secret={}",
        half.client_id, half.client_secret
    );
    client.post("/token").body(body).send().await
}

#[tokio::test]
async fn who_guesses_a_password_waits_and_the_user_does_not() {
    let kit = Kit::new().await;
    let (name, password) = (&kit.alice.username, &kit.alice.password);
    let guesser = kit.test.stranger().from(GUESSER);
    for _ in 0..TRIES {
        assert_eq!(sign_in(&kit, &guesser, name, "guess").await.status, 400);
    }
    let answer = sign_in(&kit, &guesser, name, password).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "30"));
    let expected = serde_json::json!({
        "error": "temporarily_unavailable", "error_description": "too many failed logins",
    });
    assert_eq!(answer.json(), expected);
    // Whatever realm it is written with.
    assert_eq!(sign_in(&kit, &guesser, "ALICE", password).await.status, 429);
    let user = kit.test.stranger().from(ELSEWHERE);
    assert_eq!(sign_in(&kit, &user, name, password).await.status, 200);
    let half = kit.half();
    let colleague = (&half.user.username, &half.user.password);
    assert_eq!(sign_in(&kit, &guesser, colleague.0, colleague.1).await.status, 200);
    kit.test.clock.advance(Duration::from_secs(30));
    assert_eq!(sign_in(&kit, &guesser, name, password).await.status, 200);
}

#[tokio::test]
async fn who_guesses_a_client_secret_waits_and_the_client_does_not() {
    let kit = Kit::new().await;
    let half = kit.half();
    let right = format!(
        "grant_type=password&username={}&password={}&client_id={}&client_secret=",
        half.user.username, half.user.password, half.client_id
    );
    let ask = |from: &str, secret: &str| {
        let body = format!("{right}{secret}");
        kit.test.stranger().from(from).post("/token").body(body).send()
    };
    for _ in 0..TRIES {
        assert_eq!(ask(GUESSER, "guess").await.status, 401);
    }
    assert_eq!(ask(GUESSER, &half.client_secret).await.status, 429);
    assert_eq!(ask(ELSEWHERE, &half.client_secret).await.status, 200);
}

#[tokio::test]
async fn an_unknown_access_token_is_no_guess() {
    let kit = Kit::new().await;
    let wrong = kit.administrator.with_token("wrong").from(GUESSER);
    for _ in 0..100 {
        assert_eq!(wrong.get(company("")).send().await.status, 401);
    }
    assert_eq!(kit.administrator.from(GUESSER).get(company("")).send().await.status, 200);
}
