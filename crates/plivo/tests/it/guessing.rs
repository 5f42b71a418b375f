//! Who guesses waits.

use std::time::Duration;

use testkit::{Answer, Client};

use crate::kit::{Expect, Kit};

const SOURCE: &str = "198.51.100.7";
const ELSEWHERE: &str = "198.51.100.8";
/// How many failed logins one source has as one account.
const TRIES: usize = 10;

/// Refused with 429 until so many seconds have passed.
#[track_caller]
fn wait(answer: &Answer, seconds: &str) {
    assert_eq!(answer.status, 429, "{}", answer.text());
    assert_eq!(answer.header("retry-after"), seconds);
    let expected = serde_json::json!({ "api_id": "(api_id)", "error": "too many failed logins" });
    assert_eq!(answer.redacted(), expected);
}

struct Door {
    kit: Kit,
    path: String,
}

impl Door {
    async fn new() -> Self {
        let kit = Kit::new().await;
        let path = format!("/v1/Account/{}/Recording/", kit.account.auth_id);
        Self { kit, path }
    }

    fn owner(&self, source: &str) -> Client {
        self.kit.test.client(&self.kit.account).from(source)
    }

    fn guesser(&self, source: &str) -> Client {
        self.owner(source).signed_in_as(self.kit.account.auth_id.as_str(), "guess")
    }

    async fn use_up(&self, client: &Client) {
        for _ in 0..TRIES {
            client.get(&self.path).send().await.is_unauthorized();
        }
    }
}

#[tokio::test]
async fn a_guesser_waits_and_the_owner_does_not() {
    let door = Door::new().await;
    let guesser = door.guesser(SOURCE);
    door.use_up(&guesser).await;
    wait(&guesser.get(&door.path).send().await, "30");
    // Not even the right token is looked at: else it would show that it is right.
    wait(&door.owner(SOURCE).get(&door.path).send().await, "30");
    assert_eq!(door.owner(ELSEWHERE).get(&door.path).send().await.status, 200);
    assert_eq!(door.kit.test.client(&door.kit.account).get(&door.path).send().await.status, 200);
}

#[tokio::test]
async fn after_the_wait_a_right_login_clears_it() {
    let door = Door::new().await;
    door.use_up(&door.guesser(SOURCE)).await;
    let clock = &door.kit.test.clock;
    clock.advance(Duration::from_secs(30) - Duration::from_micros(1));
    wait(&door.owner(SOURCE).get(&door.path).send().await, "1");
    clock.advance(Duration::from_micros(1));
    assert_eq!(door.owner(SOURCE).get(&door.path).send().await.status, 200);
    door.use_up(&door.guesser(SOURCE)).await;
    wait(&door.owner(SOURCE).get(&door.path).send().await, "30");
}

#[tokio::test]
async fn a_wrong_login_after_the_wait_starts_another() {
    let door = Door::new().await;
    door.use_up(&door.guesser(SOURCE)).await;
    door.kit.test.clock.advance(Duration::from_secs(30));
    door.guesser(SOURCE).get(&door.path).send().await.is_unauthorized();
    wait(&door.guesser(SOURCE).get(&door.path).send().await, "30");
}

#[tokio::test]
async fn a_source_has_so_many_failures_in_all() {
    let door = Door::new().await;
    let stranger = door.kit.test.stranger().from(SOURCE);
    for number in 0..30 {
        let id = format!("MA{number:018}");
        let path = format!("/v1/Account/{id}/Recording/");
        stranger.signed_in_as(&id, "guess").get(path).send().await.is_unauthorized();
    }
    wait(&door.owner(SOURCE).get(&door.path).send().await, "10");
    assert_eq!(door.owner(ELSEWHERE).get(&door.path).send().await.status, 200);
    door.kit.test.clock.advance(Duration::from_secs(10));
    assert_eq!(door.owner(SOURCE).get(&door.path).send().await.status, 200);
}

#[tokio::test]
async fn no_credentials_are_no_guess() {
    let door = Door::new().await;
    for _ in 0..100 {
        door.kit.test.stranger().from(SOURCE).get(&door.path).send().await.is_unauthorized();
    }
    assert_eq!(door.owner(SOURCE).get(&door.path).send().await.status, 200);
}

#[tokio::test]
async fn a_network_of_ipv6_is_one_source() {
    let door = Door::new().await;
    for last in 0..TRIES {
        let guesser = door.guesser(&format!("2001:db8::{last:x}"));
        guesser.get(&door.path).send().await.is_unauthorized();
    }
    wait(&door.guesser("2001:db8::ffff:1").get(&door.path).send().await, "30");
    assert_eq!(door.owner("2001:db8:0:1::1").get(&door.path).send().await.status, 200);
}

#[tokio::test]
async fn behind_a_trusted_proxy_clients_are_told_apart() {
    let door = Door::new().await;
    let guesser = door.guesser("192.0.2.1");
    for forged in 0..TRIES {
        let hops = format!("203.0.113.{forged}, {SOURCE}");
        let request = guesser.get(&door.path).header("x-forwarded-for", &hops);
        request.send().await.is_unauthorized();
    }
    let owner = door.owner("192.0.2.1");
    let of = |hop: &str| owner.get(&door.path).header("x-forwarded-for", hop).send();
    wait(&of(SOURCE).await, "30");
    assert_eq!(of(ELSEWHERE).await.status, 200);

    // Others are not believed.
    let guesser = door.guesser("203.0.113.200");
    for forged in 0..TRIES {
        let hop = format!("203.0.113.{forged}");
        let request = guesser.get(&door.path).header("x-forwarded-for", &hop);
        request.send().await.is_unauthorized();
    }
    let answer = guesser.get(&door.path).header("x-forwarded-for", "203.0.113.99").send().await;
    wait(&answer, "30");
}

#[tokio::test]
async fn media_that_want_a_login_are_guarded_too() {
    let door = Door::new().await;
    let kit = &door.kit;
    let recording = kit.keep(&kit.account, vault::RecordingDetails::default()).await;
    let (id, recording_id) = (&kit.account.auth_id, recording.recording_id);
    let path = format!("/v1/Account/{id}/Recording/{recording_id}.wav");
    // Where none is wanted, none is compared.
    for _ in 0..50 {
        assert_eq!(door.guesser(SOURCE).get(&path).send().await.status, 200);
    }
    kit.want_login(&kit.account).await;
    for _ in 0..TRIES {
        door.guesser(SOURCE).get(&path).send().await.is_unauthorized();
    }
    wait(&door.owner(SOURCE).get(&path).send().await, "30");
    wait(&door.owner(SOURCE).get(&door.path).send().await, "30");
    assert_eq!(door.owner(ELSEWHERE).get(&path).send().await.status, 200);
}
